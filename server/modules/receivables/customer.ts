import { sql } from 'kysely'
import { notFound } from '../../core/errors.ts'
import { wireNumber } from '../../core/money.ts'
import type { Scope } from '../../core/scope.ts'
import { getAgeing } from './ageing.ts'
import { factsOf } from './customers.ts'

/** Refuses a customer that is not there, or of whose invoices the caller sees none. */
export async function requireCustomer(scope: Scope, id: number) {
  const {
    rows: [customer],
  } = await sql<{
    id: number
    code: string | null
    name: string
    email: string | null
    phone: string | null
    outlet_id: number | null
    assigned_to: number | null
    assigned_to_name: string | null
    version: number
    created_at: string
  }>`
    select c.id, c.code, c.name, c.email, c.phone, c.outlet_id, c.assigned_to,
           coalesce(nullif(u.full_name, ''), u.username) as assigned_to_name, c.version, c.created_at
      from customers c left join users u on u.id = c.assigned_to
     where c.tenant_id = ${scope.tenantId} and c.id = ${id} and not c.retracted
       ${
         scope.actor.row_access === 'all'
           ? scope.may('debtors.read')
             ? sql``
             : // Who sees no debtors of pharmacies sees those of them alone that have an invoice.
               sql`and (c.outlet_id is null or exists (select from invoices i where i.tenant_id = ${scope.tenantId} and i.customer_id = c.id and not i.retracted))`
           : sql`and exists (select from invoices i where i.tenant_id = ${scope.tenantId} and i.customer_id = c.id and not i.retracted)`
       }`.execute(scope.db)
  if (!customer) throw notFound('This customer')
  return customer
}

/** One customer: what is owed by age in each currency, how that came about, and which files spoke of them. */
export async function getCustomer(scope: Scope, id: number) {
  const customer = await requireCustomer(scope, id)
  const late = sql`i.open_amount > 0 and i.aged_from < ${scope.today}`
  const [{ rows: currencies }, history, imports] = await Promise.all([
    sql<{ currency: string; oldest: number | null; overdue: number }>`
      select i.currency, ${scope.today}::date - min(i.aged_from) filter (where ${late}) as oldest,
             coalesce(sum(i.open_amount) filter (where ${late}), 0)::bigint as overdue
        from invoices i
       where i.tenant_id = ${scope.tenantId} and i.customer_id = ${id} and not i.retracted
       group by i.currency order by i.currency`.execute(scope.db),
    historyOf(scope, id),
    importsOf(scope, id),
  ])
  const facts = await factsOf(
    scope,
    scope.today,
    currencies.map(({ currency }) => ({ id, currency })),
  )
  const parts = []
  for (const { currency, oldest, overdue } of currencies) {
    const { totals } = await getAgeing(scope, {
      basis: 'due',
      group_by: 'none',
      currency,
      customer_id: id,
    })
    parts.push({
      currency,
      open_amount: totals.total,
      overdue_amount: wireNumber(overdue, currency),
      unapplied: totals.unapplied,
      disputed: totals.disputed,
      open_count: totals.buckets.reduce((all, { count }) => all + count, 0),
      oldest_days: oldest,
      ...facts({ id, currency }),
      buckets: totals.buckets,
      history: history.get(currency) ?? [],
    })
  }
  return { ...customer, as_of: scope.today, currencies: parts, imports }
}

/** What was open at the end of each of the last twelve months, and is today; by currency. */
async function historyOf(scope: Scope, id: number) {
  const { rows } = await sql<{ day: string; currency: string; open_amount: string }>`
    with days as (
      select (date_trunc('month', ${scope.today}::date) - make_interval(months => n) - interval '1 day')::date as day
        from generate_series(0, 11) n
      union all select ${scope.today}::date
    ), entries as (
      select i.currency, e.effective_on, sum(e.amount) as amount
        from invoices i join invoice_entries e on e.tenant_id = ${scope.tenantId} and e.invoice_id = i.id
       where i.tenant_id = ${scope.tenantId} and i.customer_id = ${id}
       group by 1, 2
    )
    select d.day, c.currency, coalesce(sum(e.amount), 0)::text as open_amount
      from days d cross join (select distinct currency from entries) c
      left join entries e on e.currency = c.currency and e.effective_on <= d.day
     group by 1, 2 order by 1`.execute(scope.db)
  const points = rows.map(({ day, currency, open_amount }) => ({
    currency,
    point: { day, open_amount: wireNumber(BigInt(open_amount), currency) },
  }))
  return new Map(
    [...Map.groupBy(points, ({ currency }) => currency)].map(([currency, of]) => [
      currency,
      of.map(({ point }) => point),
    ]),
  )
}

/** The last files in the books that named one of the customer's invoices. */
async function importsOf(scope: Scope, id: number) {
  const { rows } = await sql<{ id: number; file_name: string; as_of: string; invoices: number }>`
    select m.id, m.file_name, m.as_of, count(distinct r.invoice_id)::int as invoices
      from invoices i
      join import_rows r on r.tenant_id = ${scope.tenantId} and r.invoice_id = i.id and r.outcome in ('new', 'changed', 'unchanged', 'older')
      join imports m on m.tenant_id = ${scope.tenantId} and m.id = r.import_id and m.status = 'published'
     where i.tenant_id = ${scope.tenantId} and i.customer_id = ${id} and not i.retracted
     group by m.id, m.file_name, m.as_of order by m.as_of desc, m.id desc limit 6`.execute(scope.db)
  return rows
}
