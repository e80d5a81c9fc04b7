import { sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'
import { buckets } from '../receivables/rules.ts'
import { balancesOn, readyToSum } from './balances.ts'
import { ofCurrency, type View, viewFacts } from './view.ts'

/**
 * What became of each bucket of the first day by the last, invoice by invoice: how much of it is still open, and in which bucket, and how
 * much is paid. What came later is nobody's; what grew counts as much as there was.
 */
export async function getRollRates(scope: Scope, view: View) {
  await readyToSum(scope)
  const edges = scope.tenant.ageing_buckets
  const starts = sql.raw(`array[1, ${edges.map((edge) => edge + 1).join(', ')}]`)
  const { rows } = await sql<{
    currency: string
    was: number | null
    is: number | null
    amount: string
    gone: string
  }>`
    select currency, width_bucket(${view.from}::date - aged_from, ${starts}) as was, width_bucket(${view.as_of}::date - aged_from, ${starts}) as is,
           sum(greatest(least(b0, b1), 0))::text as amount, sum(b0 - greatest(least(b0, b1), 0))::text as gone
      from (${balancesOn(scope, view, [view.from, view.as_of])}) b where b0 > 0
     group by 1, 2, 3`.execute(scope.db)
  const shown = [
    ...buckets(edges).map(({ bucket, label }) => ({ bucket, label })),
    { bucket: 'undated', label: 'No date' },
  ]
  const last = shown.length - 1
  const cells = shown.map(() => Array<bigint>(shown.length).fill(0n))
  const paid = shown.map(() => 0n)
  for (const row of rows) {
    const was = row.was ?? last
    cells[was]![row.is ?? last]! += view.money(row.amount, row.currency)
    paid[was]! += view.money(row.gone, row.currency)
  }
  const lines = shown.map((bucket, was) => {
    const amount = cells[was]!.reduce((sum, cell) => sum + cell, paid[was]!)
    const share = (part: bigint) => (amount > 0n ? Number(part) / Number(amount) : null)
    return {
      ...bucket,
      amount: view.wire(amount),
      paid: view.wire(paid[was]!),
      paid_share: share(paid[was]!),
      /** Of the bucket, what is open in the next older one. */
      roll_rate: was < last - 1 ? share(cells[was]![was + 1]!) : null,
      to: shown.map(({ bucket }, is) => ({
        bucket,
        amount: view.wire(cells[was]![is]!),
        share: share(cells[was]![is]!),
      })),
    }
  })
  const isUndated = lines[last]!.amount !== 0
  return {
    ...viewFacts(view),
    buckets: isUndated ? shown : shown.slice(0, last),
    lines: (isUndated ? lines : lines.slice(0, last)).map((line) => ({
      ...line,
      to: isUndated ? line.to : line.to.slice(0, last),
    })),
  }
}

/** Days past due after which billing that is still unpaid is at risk. */
export const AT_RISK_DAYS = 90

/** Of each month's billing, what was unpaid 90 days past due; of months whose invoices have all come so far. */
export async function getAtRisk(scope: Scope, view: View, months: number) {
  await readyToSum(scope)
  const { rows } = await sql<{
    month: string
    currency: string
    billed: string
    unpaid: string
    ripe_on: string
  }>`
    select to_char(i.invoice_date, 'YYYY-MM') as month, i.currency, sum(p.billed)::text as billed, sum(greatest(p.open, 0))::text as unpaid,
           (max(i.aged_from) + ${AT_RISK_DAYS}::int) as ripe_on
      from invoices i
     cross join lateral (
       select coalesce(sum(e.amount) filter (where e.kind in ('invoice', 'correction', 'withdrawal')), 0) as billed, coalesce(sum(e.amount), 0) as open
         from invoice_entries e
        where e.tenant_id = ${scope.tenantId} and e.invoice_id = i.id and e.effective_on <= least(i.aged_from + ${AT_RISK_DAYS}::int, ${view.as_of}::date)
              ${view.known_on ? sql`and e.recorded_at < ((${view.known_on}::date + 1)::timestamp at time zone ${scope.tenant.timezone})` : sql``}) p
     where i.tenant_id = ${scope.tenantId} and i.amount > 0 ${ofCurrency(view)} and p.billed > 0
       and i.invoice_date >= (date_trunc('month', ${view.as_of}::date) - make_interval(months => ${months}::int)) and i.invoice_date <= ${view.as_of}
     group by 1, 2 order by 1`.execute(scope.db)
  return {
    ...viewFacts(view),
    days_past_due: AT_RISK_DAYS,
    months: [...Map.groupBy(rows, ({ month }) => month)].map(([month, of]) => {
      const sum = (name: 'billed' | 'unpaid') =>
        of.reduce((all, row) => all + view.money(row[name], row.currency), 0n)
      const ripe_on = of.map((row) => row.ripe_on).reduce((a, b) => (a > b ? a : b))
      const isRipe = ripe_on <= view.as_of
      const [billed, unpaid] = [sum('billed'), sum('unpaid')]
      return {
        month,
        billed: view.wire(billed),
        unpaid: isRipe ? view.wire(unpaid) : null,
        share: isRipe && billed > 0n ? Number(unpaid) / Number(billed) : null,
        reason: isRipe ? null : `Its invoices are all ${AT_RISK_DAYS} days past due on ${ripe_on}.`,
      }
    }),
  }
}
