import { type RawBuilder, sql } from 'kysely'
import { Refusal } from '../../core/errors.ts'
import { wireNumber } from '../../core/money.ts'
import { likeText, paged } from '../../core/schema.ts'
import type { Scope } from '../../core/scope.ts'
import { ledgerSpan } from './ageing.ts'
import { buckets, codeKey, undated } from './rules.ts'
import type { InvoiceQuery } from './schemas.ts'

type Sort = NonNullable<InvoiceQuery['sort']>
type Row = {
  id: number
  invoice_number: string
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
}

/** The invoices with their balances: of now, or with `as_of` at the end of that day. Sums are per currency. */
export async function listInvoices(scope: Scope, query: InvoiceQuery) {
  const day = query.as_of ?? scope.today
  const edges = scope.tenant.ageing_buckets
  const shown = buckets(edges)
  const span = query.as_of ? await ledgerSpan(scope) : null
  // Wound back by what took effect since; `e.amount` is null for most invoices.
  const isPast = span?.last != null && span.last > day
  const open = isPast ? sql`(i.open_amount - coalesce(e.amount, 0))` : sql`i.open_amount`
  const overdue = sql`(case when ${open} > 0 then ${day}::date - i.aged_from end)`
  const place = sql`width_bucket(${overdue}, ${sql.raw(`array[1, ${edges.map((edge) => edge + 1).join(', ')}]`)})`
  const status = sql`case when ${open} = 0 then 'paid' when ${open} < 0 then 'credit' when i.is_disputed then 'disputed'
                          when ${open} < i.amount then 'partial' else 'open' end`
  // Customers are looked up for the page's rows alone, unless they decide which rows those are.
  const needsCustomers = query.sort === 'customer_name'
  const from = sql`
    from invoices i
    ${needsCustomers ? sql`join customers c on c.tenant_id = ${scope.tenantId} and c.id = i.customer_id` : sql``}
    ${
      isPast
        ? sql`left join (select invoice_id, sum(amount)::bigint as amount from invoice_entries
                          where tenant_id = ${scope.tenantId} and effective_on > ${day} group by invoice_id) e on e.invoice_id = i.id`
        : sql``
    }`

  const conditions = [sql`i.tenant_id = ${scope.tenantId}`]
  if (query.as_of) conditions.push(sql`(i.invoice_date is null or i.invoice_date <= ${day})`)
  if (query.currency) conditions.push(sql`i.currency = ${query.currency}`)
  if (query.customer_id) conditions.push(sql`i.customer_id = ${query.customer_id}`)
  if (query.region_id !== undefined) conditions.push(sql`i.region_key = ${query.region_id}`)
  if (query.assigned_to !== undefined) conditions.push(sql`i.assigned_key = ${query.assigned_to}`)
  if (query.disputed !== undefined) conditions.push(sql`i.is_disputed = ${query.disputed}`)
  if (query.status === 'unpaid') conditions.push(sql`${open} <> 0`)
  else if (query.status === 'overdue') conditions.push(sql`${overdue} > 0`)
  else if (query.status) conditions.push(sql`${status} = ${query.status}`)
  if (query.bucket === undated.bucket) conditions.push(sql`${open} > 0 and i.aged_from is null`)
  else if (query.bucket) {
    const wanted = shown.findIndex(({ bucket }) => bucket === query.bucket)
    if (wanted < 0) {
      const names = [...shown, undated].map(({ bucket }) => bucket).join(', ')
      throw new Refusal(422, 'unknown_bucket', `There is no bucket ${query.bucket}. Buckets are: ${names}.`, {
        issues: [{ in: 'query', path: 'bucket', message: `One of: ${names}.`, code: 'unknown_bucket' }],
      })
    }
    conditions.push(sql`${place} = ${wanted}`)
  }
  if (query.search) {
    const like = likeText(query.search)
    conditions.push(sql`(i.number_key like ${likeText(codeKey(query.search))} or i.customer_id in (
      select c.id from customers c where c.tenant_id = ${scope.tenantId} and (c.name ilike ${like} or c.code ilike ${like})))`)
  }
  const where = sql`where ${sql.join(conditions, sql` and `)}`

  const sort = query.sort ?? 'days_overdue'
  const direction = sql.raw(query.order ?? (sort === 'days_overdue' ? 'desc' : 'asc'))
  const sorts: Record<Sort, RawBuilder<unknown>> = {
    days_overdue: overdue,
    invoice_number: sql`i.number`,
    customer_name: sql`c.name`,
    invoice_date: sql`i.invoice_date`,
    due_date: sql`i.due_date`,
    amount: sql`i.amount`,
    open_amount: open,
    currency: sql`i.currency`,
  }
  const [{ rows }, { rows: sums }] = await Promise.all([
    sql<Row>`
      select i.id, i.number as invoice_number, i.customer_id, c.code as customer_code, c.name as customer_name, i.invoice_date, i.due_date,
             i.amount, p.open_amount, i.currency, p.days_overdue, p.place, p.status, i.is_disputed
        from (select i.id, ${sorts[sort]} as sorted, ${open} as open_amount, ${overdue} as days_overdue, ${place} as place, ${status} as status
              ${from} ${where}
               order by 2 ${direction} nulls last, 1
               limit ${query.page_size} offset ${(query.page - 1) * query.page_size}) p
        join invoices i on i.tenant_id = ${scope.tenantId} and i.id = p.id
        join customers c on c.tenant_id = ${scope.tenantId} and c.id = i.customer_id
       order by p.sorted ${direction} nulls last, p.id`.execute(scope.db),
    sql<{ currency: string; count: number; amount: string; open_amount: string }>`
      select i.currency, count(*)::int as count, sum(i.amount)::text as amount, sum(${open})::text as open_amount
      ${from} ${where} group by i.currency order by i.currency`.execute(scope.db),
  ])
  const items = rows.map(({ place, ...row }) => ({
    ...row,
    amount: wireNumber(row.amount, row.currency),
    open_amount: wireNumber(row.open_amount, row.currency),
    bucket: row.open_amount <= 0 ? null : place === null ? undated.bucket : shown[place]!.bucket,
  }))
  const total = sums.reduce((all, each) => all + each.count, 0)
  return {
    ...paged(items, total, query),
    totals: sums.map(({ currency, amount, open_amount, count }) => ({
      currency,
      amount: wireNumber(BigInt(amount), currency),
      open_amount: wireNumber(BigInt(open_amount), currency),
      count,
    })),
  }
}
