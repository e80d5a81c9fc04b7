import { sql } from 'kysely'
import { wireNumber } from '../../core/money.ts'
import { likeText } from '../../core/schema.ts'
import type { Scope } from '../../core/scope.ts'
import { codeKey } from './rules.ts'

const FOUND_MAX = 8

type FoundCustomer = { id: number; code: string | null; name: string }
type FoundInvoice = {
  id: number
  number: string
  customer_id: number
  customer_name: string
  currency: string
  open_amount: number
}

/**
 * Customers by name or code and invoices by number, the likeliest first. Beneath a policy an index is reached by leakproof
 * comparisons alone, which LIKE is not: so a beginning is a range in the order of bytes, and what lies inside a word is looked
 * for with LIKE along the index's range of the organisation, without the table (100,000 customers: see `npm run bench -- search`).
 */
export async function search(scope: Scope, q: string) {
  const [customers, invoices] = await Promise.all([findCustomers(scope, q), findInvoices(scope, q)])
  return { customers, invoices }
}

/** Whoever sees a part of the invoices finds the customers of that part. */
const seen = ({ actor, tenantId }: Scope) =>
  actor.row_access === 'all'
    ? sql`true`
    : sql`exists (select from invoices i where i.tenant_id = ${tenantId} and i.customer_id = c.id and not i.retracted)`

/** First after all that begin with it: in the order of bytes nothing of UTF-8 is above 0xF4. */
const after = (beginning: string) => `${beginning}\u{10ffff}`

async function findCustomers(scope: Scope, q: string): Promise<FoundCustomer[]> {
  const begins = await sql<FoundCustomer>`
    select c.id, c.code, c.name from customers c
     where c.tenant_id = ${scope.tenantId} and c.search_key >= lower(${q}) and c.search_key < lower(${q}) || ${after('')} and not c.retracted and ${seen(scope)}
     order by c.search_key, c.id limit ${FOUND_MAX}`.execute(scope.db)
  const first = begins.rows
  if (first.length === FOUND_MAX) return first
  // The beginning of a word before the middle of one.
  const rest = await sql<FoundCustomer>`
    select c.id, c.code, c.name
      from (select id, search_key from customers
             where tenant_id = ${scope.tenantId} and search_key like lower(${likeText(q)}) and search_key not like lower(${likeText(q).slice(1)})
             order by search_key like lower(${`% ${likeText(q).slice(1)}`}) desc, search_key, id limit ${FOUND_MAX * 8}) k
      join customers c on c.tenant_id = ${scope.tenantId} and c.id = k.id
     where not c.retracted and ${seen(scope)}
     order by k.search_key like lower(${`% ${likeText(q).slice(1)}`}) desc, k.search_key, c.id limit ${FOUND_MAX - first.length}`.execute(
    scope.db,
  )
  return [...first, ...rest.rows]
}

async function findInvoices(scope: Scope, q: string): Promise<FoundInvoice[]> {
  const key = codeKey(q)
  const columns = sql`i.id, i.number, i.customer_id, c.name as customer_name, i.currency, i.open_amount`
  const named = sql`join customers c on c.tenant_id = ${scope.tenantId} and c.id = i.customer_id`
  const begins = await sql<FoundInvoice>`
    select ${columns}
      from (select * from invoices i where i.tenant_id = ${scope.tenantId} and i.number_key collate "C" >= ${key} and i.number_key collate "C" < ${after(key)}
               and not i.retracted order by i.number_key collate "C", i.id limit ${FOUND_MAX}) i ${named}
     order by i.number_key collate "C", i.id`.execute(scope.db)
  let found = begins.rows
  // The number without the letters and the year before it, as people say it.
  if (found.length < FOUND_MAX && /\d{2}/.test(key)) {
    const known = found.map(({ id }) => id)
    const rest = await sql<FoundInvoice>`
      select ${columns}
        from (select * from invoices i
               where i.tenant_id = ${scope.tenantId} and i.number_key collate "C" like ${likeText(key)} and not i.retracted and i.id <> all(${known}::bigint[])
               order by i.number_key collate "C" like ${likeText(key).slice(0, -1)} desc, i.open_amount <> 0 desc, i.number_key collate "C", i.id
               limit ${FOUND_MAX - found.length}) i ${named}`.execute(scope.db)
    found = [...found, ...rest.rows]
  }
  return found.map((row) => ({ ...row, open_amount: wireNumber(row.open_amount, row.currency) }))
}
