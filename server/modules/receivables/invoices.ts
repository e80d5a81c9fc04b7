import { type RawBuilder, sql } from 'kysely'
import { wireNumber } from '../../core/money.ts'
import { paged } from '../../core/schema.ts'
import type { Scope } from '../../core/scope.ts'
import { promisesOf } from '../collections/promises/of-invoices.ts'
import { type InvoiceView, invoiceView } from './invoice-view.ts'
import { invoicesAsKnown } from './known.ts'
import { buckets, undated } from './rules.ts'
import type { InvoiceQuery } from './schemas.ts'

type Sort = NonNullable<InvoiceQuery['sort']>
export type InvoiceRow = {
  id: number
  invoice_number: string
  document_type: string
  customer_id: number
  customer_code: string | null
  customer_name: string
  invoice_date: string | null
  due_date: string | null
  amount: number
  open_amount: number
  currency: string
  days_overdue: number | null
  place: number | null
  status: string
  is_disputed: boolean
  region_id: number | null
  region: string | null
  department: string | null
  root_cause: string | null
  assigned_to: number | null
  assigned_to_name: string | null
}

/** The columns of a row, over `invoices i` and `p`, the balance of the day. */
export const invoiceColumns = sql`
  i.id, i.number as invoice_number, i.document_type, i.customer_id, c.code as customer_code, c.name as customer_name,
  i.invoice_date, i.due_date, i.amount, p.open_amount, i.currency, p.days_overdue, p.place, p.status, p.is_disputed,
  i.region_id, r.name as region, i.department, i.root_cause, i.assigned_to, coalesce(nullif(u.full_name, ''), u.username) as assigned_to_name`
export const invoiceNames = ({ tenantId }: Scope) => sql`
  join customers c on c.tenant_id = ${tenantId} and c.id = i.customer_id
  left join regions r on r.tenant_id = ${tenantId} and r.id = i.region_id
  left join users u on u.id = i.assigned_to`
export const balanceColumns = ({ open, overdue, place, status, disputed }: InvoiceView) =>
  sql`${open} as open_amount, ${overdue} as days_overdue, ${place} as place, ${status} as status, ${disputed} as is_disputed`

/** What a list is sorted by; names are joined in only where they decide the order. */
function sortOf(scope: Scope, view: InvoiceView, { sort, order }: Pick<InvoiceQuery, 'sort' | 'order'>) {
  const by: Sort = sort ?? 'days_overdue'
  const expressions: Record<Sort, RawBuilder<unknown>> = {
    days_overdue: view.overdue,
    invoice_number: sql`i.number`,
    customer_name: sql`c.name`,
    invoice_date: sql`i.invoice_date`,
    due_date: sql`i.due_date`,
    amount: sql`i.amount`,
    open_amount: view.open,
    currency: sql`i.currency`,
    region: sql`r.name`,
    assigned_to: sql`coalesce(nullif(u.full_name, ''), u.username)`,
  }
  const joins: Partial<Record<Sort, RawBuilder<unknown>>> = {
    customer_name: sql`join customers c on c.tenant_id = ${scope.tenantId} and c.id = i.customer_id`,
    region: sql`left join regions r on r.tenant_id = ${scope.tenantId} and r.id = i.region_id`,
    assigned_to: sql`left join users u on u.id = i.assigned_to`,
  }
  const direction = sql.raw(order ?? (by === 'days_overdue' ? 'desc' : 'asc'))
  return { expression: expressions[by], join: joins[by] ?? sql``, direction }
}

/** Amounts as decimals, the bucket by its name. */
export function wireInvoice<Row extends InvoiceRow>(scope: Scope, { place, ...row }: Row) {
  const shown = buckets(scope.tenant.ageing_buckets)
  return {
    ...row,
    amount: wireNumber(row.amount, row.currency),
    open_amount: wireNumber(row.open_amount, row.currency),
    bucket: row.open_amount <= 0 ? null : place === null ? undated.bucket : shown[place]!.bucket,
  }
}

/** The invoices with their balances: of now, or with `as_of` at the end of that day. Sums are per currency. */
export async function listInvoices(scope: Scope, query: InvoiceQuery) {
  const view = await invoiceView(scope, query)
  const { expression, join, direction } = sortOf(scope, view, query)
  // Names are looked up for the page's rows alone.
  const [{ rows }, totals, counts] = await Promise.all([
    sql<InvoiceRow>`
      select ${invoiceColumns}
        from (select i.id, ${expression} as sorted, ${balanceColumns(view)}
              ${view.from} ${join} ${view.where}
               order by 2 ${direction} nulls last, 1
               limit ${query.page_size} offset ${(query.page - 1) * query.page_size}) p
        join ${invoicesAsKnown(scope, query.known_on)} i on i.tenant_id = ${scope.tenantId} and i.id = p.id
        ${invoiceNames(scope)}
       order by p.sorted ${direction} nulls last, p.id`.execute(scope.db),
    totalsOf(scope, view),
    query.facets ? bucketCounts(scope, view) : undefined,
  ])
  const total = totals.reduce((all, each) => all + each.count, 0)
  const promises = await promisesOf(
    scope,
    rows.map(({ id }) => id),
    view.day,
  )
  return {
    ...paged(
      rows.map((row) => ({ ...wireInvoice(scope, row), promise: promises.get(row.id) ?? null })),
      total,
      query,
    ),
    as_of: view.day,
    known_on: query.known_on ?? null,
    totals,
    ...(counts ? { buckets: counts } : {}),
  }
}

async function totalsOf(scope: Scope, { from, where, open }: InvoiceView) {
  const { rows } = await sql<{ currency: string; count: number; amount: string; open_amount: string }>`
    select i.currency, count(*)::int as count, sum(i.amount)::text as amount, sum(${open})::text as open_amount
    ${from} ${where} group by i.currency order by i.currency`.execute(scope.db)
  return rows.map(({ currency, amount, open_amount, count }) => ({
    currency,
    amount: wireNumber(BigInt(amount), currency),
    open_amount: wireNumber(BigInt(open_amount), currency),
    count,
  }))
}

/** How many invoices each bucket holds under all the other filters; the undated are named only when there are some. */
async function bucketCounts(scope: Scope, { from, whereAnyBucket, open, place }: InvoiceView) {
  const { rows } = await sql<{ place: number | null; count: number }>`
    select ${place} as place, count(*)::int as count
    ${from} ${whereAnyBucket} and ${open} > 0 group by 1`.execute(scope.db)
  const count = new Map(rows.map((row) => [row.place, row.count]))
  const shown = buckets(scope.tenant.ageing_buckets).map((bucket, at) => ({
    ...bucket,
    count: count.get(at) ?? 0,
  }))
  const without = count.get(null)
  return without ? [...shown, { ...undated, count: without }] : shown
}

const BATCH = 1_000

/** Every invoice that the filters find, in batches of a cursor: what is held in memory does not grow with the book. */
export async function* eachInvoice(scope: Scope, query: Omit<InvoiceQuery, 'page' | 'page_size' | 'facets'>) {
  const view = await invoiceView(scope, query)
  const { expression, join, direction } = sortOf(scope, view, query)
  await sql`
    declare every_invoice no scroll cursor for
    select ${invoiceColumns}
      from (select i.id, ${expression} as sorted, ${balanceColumns(view)} ${view.from} ${join} ${view.where}) p
      join ${invoicesAsKnown(scope, query.known_on)} i on i.tenant_id = ${scope.tenantId} and i.id = p.id
      ${invoiceNames(scope)}
     order by p.sorted ${direction} nulls last, p.id`.execute(scope.db)
  for (;;) {
    const { rows } = await sql<InvoiceRow>`fetch ${sql.raw(String(BATCH))} from every_invoice`.execute(
      scope.db,
    )
    const promises = await promisesOf(
      scope,
      rows.map(({ id }) => id),
      view.day,
    )
    for (const row of rows) yield { ...row, promise: promises.get(row.id) ?? null }
    if (rows.length < BATCH) return
  }
}
