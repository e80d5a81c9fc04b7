import { sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'
import { bandHolding, bands } from '../receivables/bands.ts'
import { addMonths } from './rules.ts'
import { type Asked, ageText, balances, latestMonth, regionCode, type Sheet, sheetsIn } from './sheets.ts'

// The sums behind dashboard and tracker, in minor units: what the sheets state, and what lies between two of them.

export type Ages = Record<(typeof bands)[number] | 'unknown' | 'total', number>
export const noAges = (): Ages => ({
  ...(Object.fromEntries(bands.map((band) => [band, 0])) as Record<(typeof bands)[number], number>),
  unknown: 0,
  total: 0,
})

export type MonthFigures = {
  month: string
  open: number
  invoices: number
  disputed: number
  customers: number
  /** Balances that the sheet of the month before does not have, and what has become less or gone since; null without that sheet. */
  fresh: number | null
  recovered: number | null
  byRegion: Map<string, Ages>
}
export type EngineerFigures = { id: number; name: string; region: string; fresh: number; recovered: number }

type Level = {
  month: string
  region: string
  age: string | null
  open: string
  invoices: number
}
type Flow = { month: string; engineer_id: number | null; fresh: string; recovered: string }

/** Each month of a range that has a sheet, oldest first. */
export async function monthFigures(
  scope: Scope,
  asked: Asked,
  from: string,
  to: string,
): Promise<MonthFigures[]> {
  const sheets = await sheetsIn(scope, asked, addMonths(from, -1), to)
  const within = balances(
    scope,
    asked,
    sheets.filter(({ month }) => month >= from),
  )
  const latest = await latestMonth(scope, null, undefined)
  const [levels, customers, disputed, flows] = await scope.overAllRows(async () => [
    await sql<Level>`
      select b.month, ${regionCode} as region, ${ageText} as age, sum(b.open_amount)::text as open,
             (count(*) filter (where b.invoice_id is not null and b.open_amount <> 0))::int as invoices
      ${within} group by 1, 2, 3`.execute(scope.db),
    await sql<{ month: string; count: number }>`
      select month, count(*)::int as count from (select b.month, b.customer_id ${within} group by 1, 2 having sum(b.open_amount) <> 0) x group by 1`.execute(
      scope.db,
    ),
    await sql<{ month: string; count: number }>`
      select b.month, count(*)::int as count ${within} and b.open_amount <> 0 and (b.invoice_id, b.month) in (${disputedIn(scope, sheets, latest)})
       group by 1`.execute(scope.db),
    await flowsOf(scope, asked, sheets),
  ])
  const there = new Set(sheets.map(({ month }) => month))
  return [...there]
    .filter((month) => month >= from)
    .sort()
    .map((month) => {
      const own = levels.rows.filter((level) => level.month === month)
      const byRegion = new Map<string, Ages>()
      for (const level of own) {
        const ages = byRegion.get(level.region) ?? noAges()
        byRegion.set(level.region, ages)
        const band = level.age === null ? undefined : bandHolding(level.age)
        ages[band ?? 'unknown'] += Number(level.open)
        ages.total += Number(level.open)
      }
      const hasBefore = there.has(addMonths(month, -1))
      const moved = flows.filter((flow) => flow.month === month)
      const sum = (of: number[]) => of.reduce((all, each) => all + each, 0)
      return {
        month,
        open: sum(own.map(({ open }) => Number(open))),
        invoices: sum(own.map(({ invoices }) => invoices)),
        disputed: disputed.rows.find((each) => each.month === month)?.count ?? 0,
        customers: customers.rows.find((each) => each.month === month)?.count ?? 0,
        fresh: hasBefore ? sum(moved.map(({ fresh }) => Number(fresh))) : null,
        recovered: hasBefore ? sum(moved.map(({ recovered }) => Number(recovered))) : null,
        byRegion,
      }
    })
}

/** In the latest sheet what is in dispute today; in those before, what was at their end. */
const disputedIn = (scope: Scope, sheets: readonly Sheet[], latest: string | null) => {
  const before = sheets.filter(({ month }) => month !== latest)
  return sql`
    select i.id, ${latest}::date from invoices i where i.tenant_id = ${scope.tenantId} and i.is_disputed
    union
    select v.invoice_id, s.month
      from unnest(${before.map(({ month }) => month)}::date[], ${before.map(({ as_of }) => as_of)}::date[]) as s (month, as_of)
      join dispute_intervals v on v.tenant_id = ${scope.tenantId} and v.opened_on <= s.as_of and (v.closed_on is null or v.closed_on > s.as_of)`
}

/**
 * What lies between the sheets of one month and the next, of departments that have both: a balance is one by invoice, or by customer
 * and band. What has become more of a balance that was there is neither new nor recovered.
 */
async function flowsOf(scope: Scope, asked: Asked, sheets: readonly Sheet[]): Promise<Flow[]> {
  const isOf = (month: string, department: number | null) =>
    sheets.some((sheet) => sheet.month === month && sheet.department_id === department)
  const pairs = sheets.filter(({ month, department_id }) => isOf(addMonths(month, -1), department_id))
  if (pairs.length === 0) return []
  const { rows } = await sql<Flow>`
    with lines as (
      select b.month, b.department_id, b.customer_id, coalesce(b.number_key, 'band ' || coalesce(b.age_band, '')) as key,
             c.assigned_to as engineer_id, sum(b.open_amount) as open
      ${balances(scope, asked, sheets)} group by 1, 2, 3, 4, 5
    ), pairs as (
      select month, department_id
        from unnest(${pairs.map(({ month }) => month)}::date[], ${pairs.map((pair) => pair.department_id)}::bigint[]) as p (month, department_id)
    ), sides as (
      select l.month, l.department_id, l.customer_id, l.key, l.engineer_id, l.open as now_open, 0 as was_open, false as was_there
        from lines l join pairs p on p.month = l.month and p.department_id is not distinct from l.department_id
      union all
      select p.month, l.department_id, l.customer_id, l.key, l.engineer_id, 0, l.open, true
        from lines l join pairs p on p.month = (l.month + interval '1 month')::date and p.department_id is not distinct from l.department_id
    ), steps as (
      select month, engineer_id, sum(now_open) as now_open, sum(was_open) as was_open, bool_or(was_there) as was_there
        from sides group by month, department_id, customer_id, key, engineer_id
    )
    select month, engineer_id, coalesce(sum(now_open) filter (where not was_there), 0)::text as fresh,
           coalesce(sum(greatest(was_open - now_open, 0)) filter (where was_there), 0)::text as recovered
      from steps group by 1, 2`.execute(scope.db)
  return rows
}

/** What was collected of each engineer's customers in a month, and what came to them. */
export async function engineerFigures(scope: Scope, asked: Asked): Promise<EngineerFigures[]> {
  const sheets = await sheetsIn(scope, asked, addMonths(asked.month, -1), asked.month)
  const flows = await scope.overAllRows(() => flowsOf(scope, asked, sheets))
  const ids = flows.flatMap(({ engineer_id }) => (engineer_id === null ? [] : [engineer_id]))
  if (ids.length === 0) return []
  const { rows } = await sql<{ id: number; name: string; region: string | null }>`
    select u.id, coalesce(nullif(u.full_name, ''), u.username) as name, g.code as region
      from users u
      left join memberships m on m.tenant_id = ${scope.tenantId} and m.user_id = u.id
      left join regions g on g.tenant_id = m.tenant_id and g.id = m.region_id
     where u.id = any(${ids}) order by 2, 1`.execute(scope.db)
  return rows.map(({ id, name, region }) => {
    const flow = flows.find((each) => each.engineer_id === id)!
    return { id, name, region: region ?? '', fresh: Number(flow.fresh), recovered: Number(flow.recovered) }
  })
}
