import { sql } from 'kysely'
import { addDays } from '../../core/dates.ts'
import type { Scope } from '../../core/scope.ts'
import { buckets } from '../receivables/rules.ts'
import { balancesOn, isBilled, isCash, known, onAccount, readyToSum } from './balances.ts'
import {
  collectionEffectiveness,
  countBack,
  daysOf,
  difference,
  type Figure,
  monthEndsBefore,
  monthStart,
  percentOf,
  weighted,
} from './rules.ts'
import { ofCurrency, type View, viewFacts } from './view.ts'

/** How far back billing is read to count receivables back: mostly the months of a year tell, at most those of three. */
const NEAR_MONTHS = 6
const COUNT_BACK_MONTHS = 36

export type Balance = { ar: bigint; current: bigint; overdue: bigint; undated: bigint; unapplied: bigint }

/** What was owed at the end of each of the days, in the view's money. */
export async function balancesOf(scope: Scope, view: View, days: readonly string[]): Promise<Balance[]> {
  const parts = days.map((day, at) => {
    const b = sql.ref(`b${at}`)
    return sql`
      coalesce(sum(${b}) filter (where ${b} > 0), 0)::text as ${sql.ref(`ar${at}`)},
      coalesce(sum(${b}) filter (where ${b} > 0 and aged_from >= ${day}), 0)::text as ${sql.ref(`current${at}`)},
      coalesce(sum(${b}) filter (where ${b} > 0 and aged_from is null), 0)::text as ${sql.ref(`undated${at}`)},
      coalesce(sum(${b}) filter (where ${b} < 0), 0)::text as ${sql.ref(`unapplied${at}`)}`
  })
  const { rows } = await sql<Record<string, string>>`
    select currency, ${sql.join(parts)} from (${balancesOn(scope, view, days)}) b group by currency`.execute(
    scope.db,
  )
  return days.map((_, at) => {
    const sum = (name: string) =>
      rows.reduce((all, row) => {
        const minor = BigInt(row[`${name}${at}`]!)
        return minor === 0n ? all : all + view.money(minor, row.currency!)
      }, 0n)
    const [ar, current, undated] = [sum('ar'), sum('current'), sum('undated')]
    return { ar, current, undated, overdue: ar - current - undated, unapplied: sum('unapplied') }
  })
}

export type Flow = { billed: bigint; cash: bigint; inferred: bigint }
type DayFlow = Flow & { day: string }
/** What was billed and paid from one day to another, by day: asked once, summed for any part of it. */
export type Flows = { of(from: string, to: string): Flow; first: string }

async function readFlows(scope: Scope, view: View, from: string, to: string): Promise<DayFlow[]> {
  const { rows } = await sql<{
    currency: string
    day: string
    billed: string
    cash: string
    inferred: string
  }>`
    select i.currency, e.effective_on as day,
           coalesce(sum(e.amount) filter (where ${isBilled}), 0)::text as billed,
           coalesce(-sum(e.amount) filter (where ${isCash}), 0)::text as cash,
           coalesce(-sum(e.amount) filter (where ${isCash} and e.effective_after is not null), 0)::text as inferred
      from invoice_entries e
      join invoices i on i.tenant_id = ${scope.tenantId} and i.id = e.invoice_id ${onAccount(scope)}
     where e.tenant_id = ${scope.tenantId} and e.effective_on between ${from} and ${to} ${ofCurrency(view)} ${known(scope, view)}
     group by 1, 2`.execute(scope.db)
  return rows.map(({ currency, day, ...sums }) => ({
    day,
    billed: sums.billed === '0' ? 0n : view.money(sums.billed, currency),
    cash: sums.cash === '0' ? 0n : view.money(sums.cash, currency),
    inferred: sums.inferred === '0' ? 0n : view.money(sums.inferred, currency),
  }))
}

const summed = (days: readonly DayFlow[], first: string): Flows => ({
  first,
  of(begin, end) {
    const sum: Flow = { billed: 0n, cash: 0n, inferred: 0n }
    for (const each of days) {
      if (each.day < begin || each.day > end) continue
      sum.billed += each.billed
      sum.cash += each.cash
      sum.inferred += each.inferred
    }
    return sum
  },
})

const monthsBefore = (day: string, months: number) => addDays(monthEndsBefore(day, months).at(-1)!, 1)

/** What was billed and paid up to the day: the last months, and those before where the receivables of one of the days reach back to them. */
export async function flowsOf(
  scope: Scope,
  view: View,
  from: string,
  owed: readonly { day: string; ar: bigint }[],
): Promise<Flows> {
  const first = owed.map(({ day }) => day).reduce(min)
  const near = monthStart(min(from, monthsBefore(first, NEAR_MONTHS)))
  const days = await readFlows(scope, view, near, view.as_of)
  const flows = summed(days, near)
  const tells = ({ day, ar }: { day: string; ar: bigint }) =>
    ar !== 0n && countBack(ar, day, near, (a, b) => flows.of(a, b).billed).value !== null
  const far = min(from, monthsBefore(first, COUNT_BACK_MONTHS))
  if (far >= near || owed.every(tells)) return flows
  return summed([...(await readFlows(scope, view, far, addDays(near, -1))), ...days], far)
}

/** Invoices whose last payment settled them within the period: how late, and how long after they were written. */
async function settledIn(scope: Scope, view: View) {
  const { rows } = await sql<{
    currency: string
    count: number
    amount: string
    late: string
    early: string
    dated: string
    taken: string
    estimated: number
  }>`
    select currency, count(*)::int as count,
           coalesce(sum(amount) filter (where aged_from is not null), 0)::text as amount,
           coalesce(sum(amount * greatest(0, paid_on - aged_from)), 0)::text as late,
           coalesce(sum(amount * greatest(0, paid_after - aged_from)), 0)::text as early,
           coalesce(sum(amount) filter (where invoice_date is not null), 0)::text as dated,
           coalesce(sum(amount * (paid_on - invoice_date)), 0)::text as taken,
           (count(*) filter (where paid_after < paid_on))::int as estimated
      from (select i.currency, i.amount, i.aged_from, i.invoice_date, p.paid_on, coalesce(p.paid_after + 1, p.paid_on) as paid_after
              from (select distinct e.invoice_id from invoice_entries e
                     where e.tenant_id = ${scope.tenantId} and e.kind in ('payment', 'credit') and e.effective_on between ${view.from} and ${view.as_of}
                           ${known(scope, view)}) s
              join invoices i on i.tenant_id = ${scope.tenantId} and i.id = s.invoice_id and i.amount > 0 ${ofCurrency(view)}
             cross join lateral (
               select sum(e.amount) as open, max(e.effective_on) as paid_on, bool_or(e.kind = 'withdrawal') as withdrawn,
                      (array_agg(e.effective_after order by e.effective_on desc, e.id desc))[1] as paid_after
                 from invoice_entries e
                where e.tenant_id = ${scope.tenantId} and e.invoice_id = i.id and e.effective_on <= ${view.as_of} ${known(scope, view)}) p
             where p.open = 0 and not p.withdrawn and p.paid_on >= ${view.from}) settled
     group by currency`.execute(scope.db)
  const sum = (name: 'amount' | 'late' | 'early' | 'dated' | 'taken') =>
    rows.reduce((all, row) => all + (row[name] === '0' ? 0n : view.money(row[name], row.currency)), 0n)
  const count = (name: 'count' | 'estimated') => rows.reduce((all, row) => all + row[name], 0)
  const none = 'No invoice was settled in the period.'
  return {
    count: count('count'),
    estimated: count('estimated'),
    late: weighted(sum('late'), sum('amount'), none),
    lateAtLeast: weighted(sum('early'), sum('amount'), none),
    taken: weighted(sum('taken'), sum('dated'), none),
  }
}

/** The figures of a day and of the period that ends with it. */
export async function getMetrics(scope: Scope, view: View) {
  await readyToSum(scope)
  const [opening, closing] = (await balancesOf(scope, view, [view.before, view.as_of])) as [Balance, Balance]
  const flows = await flowsOf(scope, view, view.from, [{ day: view.as_of, ar: closing.ar }])
  const settled = await settledIn(scope, view)
  const firstFile = await firstFileOf(scope)
  const period = flows.of(view.from, view.as_of)
  const dso = daysOf(closing.ar, period.billed, view.days)
  const best = daysOf(closing.current, period.billed, view.days)
  const isEarly = firstFile !== null && view.from < firstFile
  const inferred = period.inferred !== 0n
  const figures = [
    figure('receivables', 'money', { value: view.wire(closing.ar) }),
    figure('overdue', 'money', { value: view.wire(closing.overdue) }),
    figure(
      'overdue_percent',
      'percent',
      percentOf(closing.overdue, closing.ar, 'Nothing is owed on this day.'),
    ),
    figure('unapplied', 'money', { value: view.wire(closing.unapplied) }),
    figure('dso', 'days', dso, isEarly),
    figure('best_possible_dso', 'days', best, isEarly),
    figure(
      'count_back_dso',
      'days',
      countBack(closing.ar, view.as_of, flows.first, (a, b) => flows.of(a, b).billed),
      isEarly,
    ),
    figure('delinquent_days', 'days', difference(dso, best), isEarly),
    figure(
      'collection_effectiveness',
      'percent',
      collectionEffectiveness({
        opening: opening.ar,
        billed: period.billed,
        closing: closing.ar,
        current: closing.current,
      }),
      inferred,
    ),
    {
      ...figure('average_days_late', 'days', settled.late, settled.estimated > 0),
      at_least: settled.estimated > 0 ? settled.lateAtLeast.value : null,
    },
    figure('days_to_pay', 'days', settled.taken, settled.estimated > 0),
    figure('billed', 'money', { value: view.wire(period.billed) }),
    figure('cash', 'money', { value: view.wire(period.cash) }, inferred),
  ]
  return {
    ...viewFacts(view),
    figures,
    /** What the figures were made of. */
    parts: {
      opening_receivables: view.wire(opening.ar),
      receivables: view.wire(closing.ar),
      current: view.wire(closing.current),
      overdue: view.wire(closing.overdue),
      undated: view.wire(closing.undated),
      unapplied: view.wire(closing.unapplied),
      billed: view.wire(period.billed),
      cash: view.wire(period.cash),
      inferred_cash: view.wire(period.inferred),
      settled_invoices: settled.count,
      estimated_invoices: settled.estimated,
      first_file: firstFile,
    },
  }
}

function figure(name: string, unit: 'money' | 'days' | 'percent', said: Figure, is_estimated = false) {
  return {
    figure: name,
    unit,
    value: said.value,
    reason: said.value === null ? said.reason : null,
    is_estimated: is_estimated && said.value !== null,
    at_least: null as number | null,
  }
}

/** Before the first file the books know only what it still held open: earlier billing and payments are missing. */
async function firstFileOf(scope: Scope): Promise<string | null> {
  const { rows } = await sql<{ day: string | null }>`
    select min(as_of) filter (where kind = 'open_items') as day from imports
     where tenant_id = ${scope.tenantId} and target = 'receivables' and status = 'published'`.execute(
    scope.db,
  )
  return rows[0]!.day
}

const min = (a: string, b: string) => (a < b ? a : b)

// ---- month by month -------------------------------------------------------------------------------------------------

/** The ends of so many months up to the day, oldest first; the last is the day itself. */
export const monthsUpTo = (day: string, count: number) => [...monthEndsBefore(day, count - 1).reverse(), day]

/** The course of the figures over months: balances by age, billing, cash, and what follows from them. One pass over the books. */
export async function getSeries(scope: Scope, view: View, months: number) {
  await readyToSum(scope)
  const days = monthsUpTo(view.as_of, months)
  const before = addDays(monthStart(days[0]!), -1)
  const edges = scope.tenant.ageing_buckets
  const starts = sql.raw(`array[1, ${edges.map((edge) => edge + 1).join(', ')}]`)
  const all = [before, ...days]
  const ends = sql.raw(`array[${all.map((day) => `'${day}'::date`).join(', ')}]`)
  // Each balance lasts from its entry to the next: in place of a sum per month, one row per entry, and of those that begin and end in the
  // same months and age from the same day a sum. Only these few fall into the buckets of each month's end.
  const values = sql.join(all.map((day, at) => sql`(${at}::int, ${day}::date)`))
  const { rows } = await sql<{
    at: number
    currency: string
    bucket: number | null
    debit: string
    credit: string
  }>`
    with balances as (
      select e.invoice_id, width_bucket(e.effective_on - 1, ${ends}) as begins,
             lead(width_bucket(e.effective_on - 1, ${ends}), 1, ${all.length}::int) over w as ends, (sum(e.amount) over w)::bigint as amount
        from invoice_entries e where e.tenant_id = ${scope.tenantId} and e.effective_on <= ${view.as_of} ${known(scope, view)}
      window w as (partition by e.invoice_id order by e.effective_on, e.id)
    ), spans as (
      select i.currency, i.aged_from, b.begins, b.ends, sum(greatest(b.amount, 0)) as debit, sum(least(b.amount, 0)) as credit
        from balances b join invoices i on i.tenant_id = ${scope.tenantId} and i.id = b.invoice_id ${ofCurrency(view)}
       where b.begins < b.ends and b.amount <> 0
       group by 1, 2, 3, 4
    )
    select m.at, s.currency, width_bucket(m.day - s.aged_from, ${starts}) as bucket, sum(s.debit)::text as debit, sum(s.credit)::text as credit
      from spans s join (values ${values}) m(at, day) on m.at >= s.begins and m.at < s.ends
     group by 1, 2, 3`.execute(scope.db)
  const places = edges.length + 2
  const amounts = all.map(() => Array<bigint>(places + 1).fill(0n))
  const unapplied = all.map(() => 0n)
  for (const { at, currency, bucket, debit, credit } of rows) {
    if (debit !== '0') amounts[at]![bucket ?? places]! += view.money(debit, currency)
    if (credit !== '0') unapplied[at]! += view.money(credit, currency)
  }
  const total = (at: number) => amounts[at]!.reduce((sum, amount) => sum + amount, 0n)
  const owed = days.map((day, n) => ({ day, ar: total(n + 1) }))
  const flows = await flowsOf(scope, view, addDays(days[0]!, -view.days), owed)
  const firstFile = await firstFileOf(scope)
  const points = days.map((day, n) => {
    const at = n + 1
    const ar = total(at)
    const current = amounts[at]![0]!
    const overdue = ar - current - amounts[at]![places]!
    const from = monthStart(day)
    const month = flows.of(from, day)
    const period = flows.of(addDays(day, 1 - view.days), day)
    const dso = daysOf(ar, period.billed, view.days)
    const best = daysOf(current, period.billed, view.days)
    return {
      day,
      month: day.slice(0, 7),
      buckets: amounts[at]!.slice(0, places).map(view.wire),
      undated: view.wire(amounts[at]![places]!),
      unapplied: view.wire(unapplied[at]!),
      receivables: view.wire(ar),
      overdue: view.wire(overdue),
      overdue_percent: percentOf(overdue, ar, '').value,
      billed: view.wire(month.billed),
      cash: view.wire(month.cash),
      inferred_cash: view.wire(month.inferred),
      dso: dso.value,
      best_possible_dso: best.value,
      count_back_dso: countBack(ar, day, flows.first, (a, b) => flows.of(a, b).billed).value,
      collection_effectiveness: collectionEffectiveness({
        opening: total(n),
        billed: month.billed,
        closing: ar,
        current,
      }).value,
      is_estimated: month.inferred !== 0n || (firstFile !== null && from < firstFile),
    }
  })
  return { ...viewFacts(view), buckets: buckets(edges), months: points }
}
