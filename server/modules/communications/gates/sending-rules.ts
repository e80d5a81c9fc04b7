import { sql } from 'kysely'
import { invalidField } from '../../../core/errors.ts'
import type { Scope } from '../../../core/scope.ts'
import { countriesWithHolidays, holidaysOf } from './holidays.ts'
import { closedAt, defaultWeek, EARLIEST, LATEST, type Times, type Week } from './hours.ts'
import type { Rules } from './rules.ts'
import type { SendingRules, SendingRulesInput } from './schemas.ts'

type Row = {
  outlet_id: number | null
  week: Week | null
  keeps_holidays: boolean
  rest_days: string[]
  work_days: string[]
  repeat_days: number
  language: string
  version: number
}
const standard: Omit<Row, 'outlet_id'> = {
  week: null,
  keeps_holidays: true,
  rest_days: [],
  work_days: [],
  repeat_days: 7,
  language: 'en',
  version: 0,
}

/** The rules in force: an outlet's own, else the organisation's, else what holds in its country. */
export async function rulesOf(scope: Scope, outletId: number | null): Promise<Row> {
  const { rows } = await sql<Row>`
    select outlet_id, week, keeps_holidays, rest_days::text[] as rest_days, work_days::text[] as work_days, repeat_days, language, version
      from sending_rules where tenant_id = ${scope.tenantId} and (outlet_id is null or outlet_id = ${outletId}::bigint)
     order by outlet_id nulls last limit 1`.execute(scope.db)
  return rows[0] ?? { outlet_id: null, ...standard }
}

export const timesOf = ({ tenant }: Scope, rules: Row): Times => ({
  timezone: tenant.timezone,
  country: tenant.country,
  week: rules.week ?? defaultWeek(tenant.country),
  keeps_holidays: rules.keeps_holidays,
  rest_days: rules.rest_days,
  work_days: rules.work_days,
})

/** What the gates go by now. Through an outbox nothing leaves, so no hour is too late for it. */
export const gateRules = (scope: Scope, rules: Row, leaves: boolean, at: Date = scope.now): Rules => ({
  today: scope.today,
  repeat_days: rules.repeat_days,
  closed: leaves ? closedAt(at, timesOf(scope, rules)) : null,
})

/** The rules as they are shown: whose they are, and what the calendar of the country brings within a year. */
export async function showRules(scope: Scope, outletId: number | null) {
  const rules = await rulesOf(scope, outletId)
  const times = timesOf(scope, rules)
  const year = Number(scope.today.slice(0, 4))
  const closed = closedAt(scope.now, times)
  return {
    ...rules,
    outlet_id: outletId,
    /** False: they are those of the organisation, or of its country. */
    is_own: rules.version > 0 && rules.outlet_id === outletId,
    week: times.week as SendingRules['week'],
    default_week: defaultWeek(scope.tenant.country) as SendingRules['week'],
    timezone: scope.tenant.timezone,
    country: scope.tenant.country,
    knows_holidays: countriesWithHolidays.includes(scope.tenant.country),
    holidays: [year, year + 1]
      .flatMap((each) => holidaysOf(scope.tenant.country, each))
      .filter(({ day }) => day >= scope.today)
      .slice(0, 20),
    closed_now: closed && { gate: closed.gate, text: closed.text, next: closed.next?.toISOString() ?? null },
  }
}

export async function writeRules(scope: Scope, outletId: number | null, input: SendingRulesInput) {
  for (const [day, span] of (input.week ?? []).entries()) {
    if (!span) continue
    if (span.from < EARLIEST || span.until > LATEST)
      throw invalidField(`week.${day}`, `Nothing goes out before ${EARLIEST} or after ${LATEST}.`, 'too_wide')
    if (span.from >= span.until)
      throw invalidField(`week.${day}`, 'A day begins before it ends.', 'out_of_order')
  }
  const { rows } = await sql<{ id: number }>`
    insert into sending_rules (tenant_id, outlet_id, week, keeps_holidays, rest_days, work_days, repeat_days, language, updated_by, updated_at)
    values (${scope.tenantId}, ${outletId}::bigint, ${input.week ? JSON.stringify(input.week) : null}::jsonb, ${input.keeps_holidays},
            ${input.rest_days}::date[], ${input.work_days}::date[], ${input.repeat_days}, ${input.language}, ${scope.userId > 0 ? scope.userId : null}::bigint, ${scope.now})
    on conflict (tenant_id, outlet_id) do update
      set week = excluded.week, keeps_holidays = excluded.keeps_holidays, rest_days = excluded.rest_days, work_days = excluded.work_days,
          repeat_days = excluded.repeat_days, language = excluded.language, updated_by = excluded.updated_by, updated_at = excluded.updated_at,
          version = sending_rules.version + 1
    returning id`.execute(scope.db)
  await scope.record('sending_rules.changed', rows[0]!.id, { outlet_id: outletId, ...input })
  return showRules(scope, outletId)
}

/** Goes back to what the organisation, or its country, has. */
export async function dropRules(scope: Scope, outletId: number | null) {
  const { rows } = await sql<{ id: number }>`
    delete from sending_rules where tenant_id = ${scope.tenantId} and outlet_id is not distinct from ${outletId}::bigint returning id`.execute(
    scope.db,
  )
  if (rows[0]) await scope.record('sending_rules.dropped', rows[0].id, { outlet_id: outletId })
  return showRules(scope, outletId)
}
