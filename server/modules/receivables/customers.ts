import { type RawBuilder, sql } from 'kysely'
import { wireNumber } from '../../core/money.ts'
import { likeText, paged } from '../../core/schema.ts'
import type { Scope } from '../../core/scope.ts'
import { balancesOf, ledgerSpan, readyToSum } from './ageing.ts'
import { endOf, invoicesAsKnown } from './known.ts'
import type { CustomerFilters, CustomerQuery } from './schemas.ts'

type Sort = CustomerFilters['sort']
type Row = {
  id: number
  code: string | null
  name: string
  currency: string
  remark: string | null
  open_amount: string
  overdue_amount: string
  unapplied: string
  open_count: number
  oldest_days: number | null
}
type Sums = Pick<Row, 'currency' | 'open_amount' | 'overdue_amount' | 'unapplied' | 'open_count'>

/**
 * A customer and a currency in which there is something open at the end of a day, with sums over the invoices that the caller
 * sees.
 */
async function balances(
  scope: Scope,
  query: Pick<CustomerFilters, 'as_of' | 'known_on' | 'currency'>,
  customerId?: number,
) {
  const day = query.as_of ?? query.known_on ?? scope.today
  const span = await ledgerSpan(scope)
  if (customerId === undefined && !query.known_on) await readyToSum(scope, day, span)
  const owed = balancesOf(scope, day, span, {
    currency: query.currency,
    customer_id: customerId,
    known_on: query.known_on,
  })
  return {
    day,
    open: sql`
      select b.customer_id, b.currency, sum(b.amount) as open_amount, (count(*) filter (where b.amount > 0))::int as open_count,
             coalesce(sum(b.amount) filter (where b.amount > 0 and b.aged_from < ${day}), 0) as overdue_amount,
             coalesce(sum(b.amount) filter (where b.amount < 0), 0) as unapplied, count(*) as documents
        from (${owed}) b group by b.customer_id, b.currency`,
  }
}

async function customersView(scope: Scope, query: CustomerFilters) {
  const { tenantId } = scope
  const { day, open } = await balances(scope, query)
  const conditions = [
    sql`c.tenant_id = ${tenantId}`,
    query.known_on ? sql`(not c.retracted or o.documents <> 0)` : sql`not c.retracted`,
  ]
  if (query.search) {
    const like = likeText(query.search)
    conditions.push(sql`(c.name ilike ${like} or c.code ilike ${like} or c.email ilike ${like})`)
  }
  if (query.remark)
    conditions.push(query.remark === 'missing' ? sql`c.remark is null` : sql`c.remark = ${query.remark}`)
  if (query.status === 'open') conditions.push(sql`o.documents <> 0`)
  if (query.status === 'overdue') conditions.push(sql`o.overdue_amount > 0`)
  // Who sees a part of the invoices sees the customers of that part.
  // The debtors of a pharmacy are in its list; here they are customers once there is an invoice of theirs.
  if (query.status === 'all' && scope.actor.row_access === 'all')
    conditions.push(
      sql`(c.outlet_id is null or exists (select from invoices i where i.tenant_id = ${tenantId} and i.customer_id = c.id and not i.retracted))`,
    )
  if (query.status === 'all' && scope.actor.row_access !== 'all')
    conditions.push(
      sql`exists (select from invoices i where i.tenant_id = ${tenantId} and i.customer_id = c.id and not i.retracted)`,
    )
  const join = query.status === 'all' ? sql`left join` : sql`join`
  const from = sql`
    from customers c ${join} (${open}) o on o.customer_id = c.id
   where ${sql.join(conditions, sql` and `)}`
  const columns = sql`
    c.id, c.code, c.name, c.remark, coalesce(o.currency, ${query.currency ?? scope.tenant.currency}) as currency,
    coalesce(o.open_amount, 0) as open_amount, coalesce(o.overdue_amount, 0) as overdue_amount, coalesce(o.unapplied, 0) as unapplied,
    coalesce(o.open_count, 0) as open_count`
  return { day, from, columns }
}

/** The customers that filters find, each once whatever its currencies. */
export async function customerIds(scope: Scope, query: CustomerFilters, limit: number): Promise<number[]> {
  const { from } = await customersView(scope, query)
  const { rows } = await sql<{
    id: number
  }>`select distinct c.id ${from} order by c.id limit ${limit}`.execute(scope.db)
  return rows.map(({ id }) => id)
}

const sorts: Record<Sort, RawBuilder<unknown>> = {
  name: sql`lower(l.name)`,
  code: sql`l.code`,
  open_amount: sql`l.open_amount`,
  overdue_amount: sql`l.overdue_amount`,
  unapplied: sql`l.unapplied`,
  oldest_days: sql`d.oldest_days`,
  open_count: sql`l.open_count`,
}
const directionOf = ({ sort, order }: CustomerFilters) =>
  sql.raw(order ?? (['name', 'code', 'unapplied'].includes(sort) ? 'asc' : 'desc'))

/** Since when the oldest debt of `l` is late, as of the day: of invoices that are open now or were then. */
const oldest = (scope: Scope, day: string, isPast: boolean, known_on: string | undefined) => sql`
  left join lateral (
    select ${day}::date - min(i.aged_from) as oldest_days
      from ${invoicesAsKnown(scope, known_on)} i
     where i.tenant_id = ${scope.tenantId} and i.customer_id = l.id and i.currency = l.currency and i.aged_from < ${day}
       and ${
         isPast
           ? sql`(select sum(e.amount) from invoice_entries e
                  where e.tenant_id = ${scope.tenantId} and e.invoice_id = i.id and e.effective_on <= ${day}
                        ${known_on ? sql`and e.recorded_at < ${endOf(scope, known_on)}` : sql``}) > 0`
           : sql`i.open_amount > 0`
       }) d on true`

export async function listCustomers(scope: Scope, query: CustomerQuery) {
  const { day, from, columns } = await customersView(scope, query)
  const isPast = day < scope.today || query.known_on !== undefined
  const by = sorts[query.sort]
  const direction = directionOf(query)
  const limit = sql`limit ${query.page_size} offset ${(query.page - 1) * query.page_size}`
  // Only where it decides the order is the age of everybody's oldest debt looked up.
  const listed =
    query.sort === 'oldest_days'
      ? sql`select l.*, d.oldest_days from (select ${columns} ${from}) l ${oldest(scope, day, isPast, query.known_on)}
             order by ${by} ${direction} nulls last, l.id, l.currency ${limit}`
      : sql`select l.*, d.oldest_days
              from (select * from (select ${columns} ${from}) l order by ${by} ${direction} nulls last, l.id, l.currency ${limit}) l
              ${oldest(scope, day, isPast, query.known_on)}
             order by ${by} ${direction} nulls last, l.id, l.currency`
  const [{ rows }, { rows: sums }] = await Promise.all([
    sql<Row>`${listed}`.execute(scope.db),
    sql<Sums & { count: number }>`
      select currency, count(*)::int as count, sum(open_amount)::text as open_amount, sum(overdue_amount)::text as overdue_amount,
             sum(unapplied)::text as unapplied, sum(open_count)::int as open_count
        from (select ${columns} ${from}) l group by currency order by currency`.execute(scope.db),
  ])
  const facts = await factsOf(scope, day, rows)
  return {
    ...paged(
      rows.map((row) => ({ ...wireBalance(row), ...facts(row) })),
      sums.reduce((all, each) => all + each.count, 0),
      query,
    ),
    as_of: day,
    known_on: query.known_on ?? null,
    totals: sums.map(wireBalance),
  }
}

const wireBalance = <Of extends Sums>(row: Of) => {
  const money = (text: string) => wireNumber(BigInt(text), row.currency)
  return {
    ...row,
    open_amount: money(row.open_amount),
    overdue_amount: money(row.overdue_amount),
    unapplied: money(row.unapplied),
  }
}

/** When each of a page's customers paid last, and when the next of their invoices is due. */
export async function factsOf(scope: Scope, day: string, of: { id: number; currency: string }[]) {
  const { tenantId } = scope
  type Facts = { next_due: string | null; last_payment_on: string | null }
  const { rows } = await sql<Facts & { id: number; currency: string }>`
    select w.id, w.currency, n.next_due, p.last_payment_on
      from jsonb_to_recordset(${JSON.stringify(of.map(({ id, currency }) => ({ id, currency })))}::jsonb) as w(id bigint, currency text)
      left join lateral (
        select min(i.aged_from) as next_due from invoices i
         where i.tenant_id = ${tenantId} and i.customer_id = w.id and i.currency = w.currency and i.open_amount > 0 and i.aged_from >= ${day}
      ) n on true
      left join lateral (
        -- A payment that was taken back on its day is none. The ledger is looked into where it holds more than the invoice.
        select max(d.effective_on) as last_payment_on
          from (select e.effective_on
                  from invoices i join invoice_entries e on e.tenant_id = ${tenantId} and e.invoice_id = i.id
                 where i.tenant_id = ${tenantId} and i.customer_id = w.id and i.currency = w.currency and i.amount > 0
                   and (i.first_on < i.last_on or i.open_amount <> i.amount) and e.kind = 'payment' and e.effective_on <= ${day}
                 group by i.id, e.effective_on having sum(e.amount) < 0) d
      ) p on true`.execute(scope.db)
  const known = new Map(rows.map(({ id, currency, ...facts }) => [`${id} ${currency}`, facts]))
  return ({ id, currency }: { id: number; currency: string }) => known.get(`${id} ${currency}`)!
}

const BATCH = 500

/** Every customer that the filters find, by a cursor. */
export async function* eachCustomer(scope: Scope, query: CustomerFilters) {
  const { day, from, columns } = await customersView(scope, query)
  const isPast = day < scope.today || query.known_on !== undefined
  await sql`
    declare every_customer no scroll cursor for
    select l.*, d.oldest_days from (select ${columns} ${from}) l ${oldest(scope, day, isPast, query.known_on)}
     order by ${sorts[query.sort]} ${directionOf(query)} nulls last, l.id, l.currency`.execute(scope.db)
  for (;;) {
    const { rows } = await sql<Row>`fetch ${sql.raw(String(BATCH))} from every_customer`.execute(scope.db)
    const facts = await factsOf(scope, day, rows)
    for (const row of rows) yield { ...row, ...facts(row) }
    if (rows.length < BATCH) return
  }
}
