import { sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'
import { bandHolding, bands } from '../receivables/bands.ts'
import { addMonths } from './rules.ts'
import { type Asked, ageText, balances, regionCode } from './sheets.ts'

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
  disputed: number
}
type Flow = { month: string; engineer_id: number | null; fresh: string; recovered: string }

/** Each month of a range that has a sheet, oldest first. */
export async function monthFigures(
  scope: Scope,
  asked: Asked,
  from: string,
  to: string,
): Promise<MonthFigures[]> {
  const within = balances(scope, asked, from, to)
  const [levels, customers, flows, sheets] = await scope.overAllRows(async () => [
    await sql<Level>`
      select b.month, ${regionCode} as region, ${ageText} as age, sum(b.open_amount)::text as open,
             (count(*) filter (where b.invoice_id is not null and b.open_amount <> 0))::int as invoices,
             (count(*) filter (where ${disputedAt(scope)} and b.open_amount <> 0))::int as disputed
      ${within} group by 1, 2, 3`.execute(scope.db),
    await sql<{ month: string; count: number }>`
      select month, count(*)::int as count from (select b.month, b.customer_id ${within} group by 1, 2 having sum(b.open_amount) <> 0) x group by 1`.execute(
      scope.db,
    ),
    await flowsOf(scope, asked, from, to),
    await sql<{ month: string }>`
      select distinct s.month from outstanding_sheets s
        join imports m on m.tenant_id = s.tenant_id and m.id = s.import_id and m.status = 'published'
       where s.tenant_id = ${scope.tenantId} and s.month between ${addMonths(from, -1)}::date and ${to}::date
         ${asked.department_id === null ? sql`` : sql`and s.department_id = ${asked.department_id}`}`.execute(
      scope.db,
    ),
  ])
  const there = new Set(sheets.rows.map(({ month }) => month))
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
        disputed: sum(own.map(({ disputed }) => disputed)),
        customers: customers.rows.find((each) => each.month === month)?.count ?? 0,
        fresh: hasBefore ? sum(moved.map(({ fresh }) => Number(fresh))) : null,
        recovered: hasBefore ? sum(moved.map(({ recovered }) => Number(recovered))) : null,
        byRegion,
      }
    })
}

/** In the latest sheet what is in dispute today; in those before, what was at their end. */
const disputedAt = (scope: Scope) => sql`
  case when b.month = (select max(s.month) from outstanding_sheets s join imports m on m.tenant_id = s.tenant_id and m.id = s.import_id and m.status = 'published'
                        where s.tenant_id = ${scope.tenantId})
       then i.is_disputed
       else exists (select from dispute_intervals v where v.tenant_id = b.tenant_id and v.invoice_id = b.invoice_id
                       and v.opened_on <= b.as_of and (v.closed_on is null or v.closed_on > b.as_of)) end`

/**
 * What lies between the sheets of one month and the next, of departments that have both: a balance is one by invoice, or by customer
 * and band. What has become more of a balance that was there is neither new nor recovered.
 */
async function flowsOf(scope: Scope, asked: Asked, from: string, to: string): Promise<Flow[]> {
  const { rows } = await sql<Flow>`
    with lines as (
      select b.month, b.department_id, b.customer_id, coalesce(b.number_key, 'band ' || coalesce(b.age_band, '')) as key,
             c.assigned_to as engineer_id, sum(b.open_amount) as open
      ${balances(scope, asked, addMonths(from, -1), to)} group by 1, 2, 3, 4, 5
    ), sheets as (
      select distinct s.month, s.department_id from outstanding_sheets s
        join imports m on m.tenant_id = s.tenant_id and m.id = s.import_id and m.status = 'published'
       where s.tenant_id = ${scope.tenantId} and s.month between ${addMonths(from, -1)}::date and ${to}::date
    ), both_there as (
      select n.month, n.department_id from sheets n
        join sheets p on p.department_id is not distinct from n.department_id and p.month = n.month - interval '1 month'
       where n.month >= ${from}::date
    ), pairs as (
      select l.month, l.department_id, l.customer_id, l.key, l.engineer_id, l.open as now_open, 0 as was_open
        from lines l join both_there t on t.month = l.month and t.department_id is not distinct from l.department_id
      union all
      select t.month, l.department_id, l.customer_id, l.key, l.engineer_id, null, l.open
        from lines l join both_there t on t.month = (l.month + interval '1 month')::date and t.department_id is not distinct from l.department_id
    ), steps as (
      select month, engineer_id, sum(now_open) as now_open, sum(was_open) as was_open, bool_or(now_open is null) as was_there
        from pairs group by month, department_id, customer_id, key, engineer_id
    )
    select month, engineer_id, coalesce(sum(now_open) filter (where not was_there), 0)::text as fresh,
           coalesce(sum(greatest(was_open - coalesce(now_open, 0), 0)) filter (where was_there), 0)::text as recovered
      from steps group by 1, 2`.execute(scope.db)
  return rows
}

/** What was collected of each engineer's customers in a month, and what came to them. */
export async function engineerFigures(scope: Scope, asked: Asked): Promise<EngineerFigures[]> {
  const flows = await scope.overAllRows(() => flowsOf(scope, asked, asked.month, asked.month))
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
