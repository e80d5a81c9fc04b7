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

/** Whoever sees a part of the invoices finds the customers of that part: looked up once, not for each that is found. */
const ofThose = ({ actor, tenantId }: Scope) =>
  actor.row_access === 'all'
    ? { mine: sql``, seen: sql`true` }
    : {
        mine: sql`with mine as materialized (select distinct i.customer_id from invoices i where i.tenant_id = ${tenantId} and not i.retracted)`,
        seen: sql`c.id in (select customer_id from mine)`,
      }

/** A debtor of a pharmacy is a customer of the books once there is an invoice of theirs. */
const ofTheBooks = (tenantId: number) =>
  sql`(c.outlet_id is null or exists (select from invoices i where i.tenant_id = ${tenantId} and i.customer_id = c.id and not i.retracted))`

/** First after all that begin with it: in the order of bytes nothing of UTF-8 is above 0xF4. */
const after = (beginning: string) => `${beginning}\u{10ffff}`

/** Once, not for every row: of a prepared statement a parameter's lower case is worked out anew each time. */
const lower = (text: string) => sql`(select lower(${text}::text))`

async function findCustomers(scope: Scope, q: string): Promise<FoundCustomer[]> {
  const { mine, seen } = ofThose(scope)
  const begins = await sql<FoundCustomer>`
    ${mine}
    select c.id, c.code, c.name from customers c
     where c.tenant_id = ${scope.tenantId} and c.search_key >= ${lower(q)} and c.search_key < ${lower(after(q))} and not c.retracted and ${seen}
       and ${ofTheBooks(scope.tenantId)}
     order by c.search_key, c.id limit ${FOUND_MAX}`.execute(scope.db)
  const first = begins.rows
  if (first.length === FOUND_MAX) return first
  // The beginning of a word before the middle of one. A retracted customer is rare: it may take a place.
  const inside = likeText(q)
  const rest = await sql<FoundCustomer>`
    ${mine}
    select c.id, c.code, c.name
      from (select c.id, c.search_key from customers c
             where c.tenant_id = ${scope.tenantId} and c.search_key like ${lower(inside)} and ${seen} and c.id <> all(${first.map(({ id }) => id)}::bigint[])
             order by c.search_key like ${lower(`% ${inside.slice(1)}`)} desc, c.search_key, c.id limit ${2 * FOUND_MAX}) k
      join customers c on c.tenant_id = ${scope.tenantId} and c.id = k.id and not c.retracted
       and ${ofTheBooks(scope.tenantId)}
     order by k.search_key like ${lower(`% ${inside.slice(1)}`)} desc, k.search_key, c.id limit ${FOUND_MAX - first.length}`.execute(
    scope.db,
  )
  return [...first, ...rest.rows]
}

async function findInvoices(scope: Scope, q: string): Promise<FoundInvoice[]> {
  const { actor, tenantId } = scope
  const key = codeKey(q)
  // Whoever sees a part of them has an index of that part, without the retracted ones.
  const part = actor.row_access === 'all' ? sql`` : sql`and not i.retracted`
  const number = sql`i.number_key collate "C"`
  const named = (which: ReturnType<typeof sql>, first: ReturnType<typeof sql>) => sql<FoundInvoice>`
    select i.id, i.number, i.customer_id, c.name as customer_name, i.currency, i.open_amount
      from (select i.id from invoices i where i.tenant_id = ${tenantId} and ${which} ${part} order by ${number}, i.id limit ${2 * FOUND_MAX}) k
      join invoices i on i.tenant_id = ${tenantId} and i.id = k.id and not i.retracted
      join customers c on c.tenant_id = ${tenantId} and c.id = i.customer_id
     order by ${first}, i.id limit ${FOUND_MAX}`
  let { rows: found } = await named(sql`${number} >= ${key} and ${number} < ${after(key)}`, number).execute(
    scope.db,
  )
  // The number without the letters and the year before it, as people say it; what is open first.
  if (found.length === 0 && /^[^ ]*\d{2}[^ ]*$/.test(key))
    found = (
      await named(sql`${number} like ${likeText(key)}`, sql`i.open_amount = 0, ${number}`).execute(scope.db)
    ).rows
  return found.map((row) => ({ ...row, open_amount: wireNumber(row.open_amount, row.currency) }))
}
