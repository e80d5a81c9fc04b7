import { sql } from 'kysely'
import type { z } from 'zod'
import { type ApiDeps, expectVersion, type Http } from '../../core/api.ts'
import { addDays } from '../../core/dates.ts'
import { forbidden, invalidField, notFound } from '../../core/errors.ts'
import { paged } from '../../core/schema.ts'
import { asSystem, type Scope } from '../../core/scope.ts'
import { notify } from '../notifications/notifications.ts'
import { drawPack, packContent } from './pack.ts'
import { packFiles } from './pack-files.ts'
import type { PackQuery, ScheduleChanges, ScheduleInput } from './schemas.ts'
import { viewOf } from './view.ts'

// Packs of reports by schedule: made the morning after, kept as files, told in the app. By mail they go once mail can be sent;
// until then the queue says so.

const PACK_MAX = 50 * 1024 * 1024

/** A pack is of the whole organisation: nobody who sees a part of it makes, schedules or opens one. */
export function requireWhole(scope: Scope) {
  if (scope.actor.row_access !== 'all')
    throw forbidden('A pack is about the whole organisation, and your roles show you a part of it.')
}

/** Members who may open a pack. */
const readers = (scope: Scope) => sql`
  select m.user_id from memberships m
    join membership_roles mr on mr.tenant_id = ${scope.tenantId} and mr.user_id = m.user_id
    join roles r on r.tenant_id = ${scope.tenantId} and r.id = mr.role_id
   where m.tenant_id = ${scope.tenantId} and m.is_active
   group by m.user_id having bool_or('reports.director' = any(r.permissions)) and bool_or(r.row_access = 'all')`

export async function listReaders(scope: Scope) {
  const { rows } = await sql<{ id: number; full_name: string }>`
    select u.id, coalesce(nullif(u.full_name, ''), u.username) as full_name
      from (${readers(scope)}) p join users u on u.id = p.user_id and u.deleted_at is null order by 2, 1`.execute(
    scope.db,
  )
  return { items: rows }
}

type Schedule = {
  id: number
  name: string
  every: 'day' | 'week' | 'month'
  currency: string | null
  reporting: string | null
  user_ids: number[]
  next_on: string
  is_active: boolean
  version: number
}
const columns = sql`s.id, s.name, s.every, s.currency, s.reporting, s.user_ids, s.next_on, s.is_active, s.version`

async function schedulesOf(scope: Scope, where = sql`true`) {
  const { rows } = await sql<
    Schedule & { users: { id: number; full_name: string }[]; last_pack_on: string | null; waiting: number }
  >`
    select ${columns},
           (select coalesce(json_agg(json_build_object('id', u.id, 'full_name', coalesce(nullif(u.full_name, ''), u.username)) order by u.id), '[]')
              from users u join memberships m on m.tenant_id = ${scope.tenantId} and m.user_id = u.id where u.id = any(s.user_ids)) as users,
           (select max(p.as_of) from report_packs p where p.tenant_id = ${scope.tenantId} and p.schedule_id = s.id) as last_pack_on,
           (select count(*)::int from report_packs p join report_deliveries d on d.tenant_id = ${scope.tenantId} and d.pack_id = p.id and d.mail = 'waiting'
             where p.tenant_id = ${scope.tenantId} and p.schedule_id = s.id) as waiting
      from report_schedules s where s.tenant_id = ${scope.tenantId} and ${where} order by s.is_active desc, s.name, s.id`.execute(
    scope.db,
  )
  return rows
}

export async function listSchedules(scope: Scope) {
  requireWhole(scope)
  return { items: await schedulesOf(scope) }
}

async function requireSchedule(scope: Scope, id: number) {
  const [schedule] = await schedulesOf(scope, sql`s.id = ${id}`)
  if (!schedule) throw notFound('This schedule')
  return schedule
}

/** The next day on which a pack is made: tomorrow, the next Monday, the first of the next month. It speaks of the day before. */
export function nextOn(every: Schedule['every'], after: string): string {
  if (every === 'day') return addDays(after, 1)
  if (every === 'week') {
    const weekday = new Date(`${after}T00:00:00Z`).getUTCDay()
    return addDays(after, (8 - weekday) % 7 || 7)
  }
  const [year, month] = after.split('-').map(Number) as [number, number]
  return month === 12 ? `${year + 1}-01-01` : `${year}-${String(month + 1).padStart(2, '0')}-01`
}

async function requireReaders(scope: Scope, ids: number[]) {
  const may = new Set((await listReaders(scope)).items.map(({ id }) => id))
  const strangers = ids.filter((id) => !may.has(id))
  if (strangers.length > 0)
    throw invalidField(
      'user_ids',
      `${strangers.length === 1 ? 'One of these people' : `${strangers.length} of these people`} may not see director reports, or is not in the organisation. Choose members who may.`,
    )
}

export async function addSchedule(scope: Scope, input: z.output<typeof ScheduleInput>) {
  requireWhole(scope)
  const user_ids = [...new Set(input.user_ids)]
  await requireReaders(scope, user_ids)
  const { rows } = await sql<{ id: number }>`
    insert into report_schedules (tenant_id, name, every, currency, reporting, user_ids, next_on, created_by, created_at, updated_at)
    values (${scope.tenantId}, ${input.name}, ${input.every}, ${input.currency ?? null}, ${input.reporting ?? null}, ${user_ids},
            ${nextOn(input.every, scope.today)}, ${scope.userId}, ${scope.now}, ${scope.now}) returning id`.execute(
    scope.db,
  )
  await scope.record('report_schedule.added', rows[0]!.id, { name: input.name, every: input.every, user_ids })
  return requireSchedule(scope, rows[0]!.id)
}

export async function changeSchedule(
  scope: Scope,
  http: Http,
  id: number,
  changes: z.output<typeof ScheduleChanges>,
) {
  requireWhole(scope)
  await sql`select from report_schedules where tenant_id = ${scope.tenantId} and id = ${id} for update`.execute(
    scope.db,
  )
  const before = await requireSchedule(scope, id)
  expectVersion(http, before)
  const after = { ...before, ...changes }
  const user_ids = [...new Set(after.user_ids)]
  if (changes.user_ids) await requireReaders(scope, user_ids)
  const restarts = after.every !== before.every || (after.is_active && !before.is_active)
  await sql`
    update report_schedules
       set name = ${after.name}, every = ${after.every}, currency = ${after.currency}, reporting = ${after.reporting}, user_ids = ${user_ids},
           is_active = ${after.is_active}, next_on = ${restarts ? nextOn(after.every, scope.today) : before.next_on},
           version = version + 1, updated_at = ${scope.now}
     where tenant_id = ${scope.tenantId} and id = ${id}`.execute(scope.db)
  await scope.record('report_schedule.changed', id, changes)
  return requireSchedule(scope, id)
}

// ---- packs ----------------------------------------------------------------------------------------------------------

type Within = <T>(work: (scope: Scope) => Promise<T>) => Promise<T>

/** Choose (what it says), draw (no scope), mark (the file, who gets it, the next day). */
async function makePack(
  deps: ApiDeps,
  within: Within,
  schedule: Schedule,
  as_of: string,
  moves: string | null,
) {
  const content = await within(async (scope) =>
    packContent(
      scope,
      await viewOf(scope, {
        as_of,
        currency: schedule.currency ?? undefined,
        reporting: schedule.reporting ?? undefined,
      }),
    ),
  )
  const bytes = await drawPack(content)
  const files = packFiles(deps)
  const tenantId = await within(async (scope) => scope.tenantId)
  const file = await files.store(tenantId, iterate(bytes), PACK_MAX)
  let isKept = false
  try {
    const id = await within(async (scope) => {
      // Of two servers one makes it: whoever moves the schedule on.
      if (moves) {
        const { rows } = await sql<{ id: number }>`
          update report_schedules set next_on = ${moves} where tenant_id = ${scope.tenantId} and id = ${schedule.id} and next_on = ${schedule.next_on} and is_active
          returning id`.execute(scope.db)
        if (rows.length === 0) return null
      }
      const { rows } = await sql<{ id: number; file_name: string }>`
        insert into report_packs (tenant_id, schedule_id, as_of, currency, file_sha256, file_name, file_size, created_by, created_at)
        values (${scope.tenantId}, ${schedule.id}, ${as_of}, ${content.view.currency}, ${file.sha256}, ${`receivables-${as_of}.pdf`}, ${file.size},
                ${scope.userId > 0 ? scope.userId : null}, ${scope.now}) returning id, file_name`.execute(
        scope.db,
      )
      const pack = rows[0]!
      const { rows: to } = await sql<{ user_id: number }>`
        insert into report_deliveries (tenant_id, pack_id, user_id)
        select ${scope.tenantId}, ${pack.id}, p.user_id from (${readers(scope)}) p where p.user_id = any(${schedule.user_ids}) returning user_id`.execute(
        scope.db,
      )
      const user_ids = to.map(({ user_id }) => user_id)
      await scope.record('report_pack.made', pack.id, { schedule_id: schedule.id, as_of, user_ids })
      await notify(scope, {
        user_ids,
        kind: 'report',
        subject: 'report_pack',
        subject_id: pack.id,
        data: { name: schedule.name, as_of },
      })
      return pack.id
    })
    isKept = id !== null
    return id
  } finally {
    await files.release(
      file,
      async () =>
        isKept ||
        within(async (scope) => {
          const { rows } =
            await sql`select 1 from report_packs where tenant_id = ${scope.tenantId} and file_sha256 = ${file.sha256} limit 1`.execute(
              scope.db,
            )
          return rows.length > 0
        }),
    )
  }
}
async function* iterate(bytes: Buffer) {
  yield bytes
}

/** Has a pack made now, of today, whatever the schedule says. */
export async function askForPack(scope: Scope, id: number) {
  requireWhole(scope)
  const { name } = await requireSchedule(scope, id)
  await scope.enqueue('report_pack_now', { schedule_id: id }, { key: `report pack ${scope.tenantId} ${id}` })
  await scope.record('report_schedule.asked', id, { name })
  return { message: 'The pack is being made. Those for whom it is are told when it is ready.' }
}

export async function makePackNow(deps: ApiDeps, tenantId: number, id: number) {
  const within = asOrganisation(deps, tenantId)
  const { schedule, today } = await within(async (scope) => ({
    schedule: await requireSchedule(scope, id),
    today: scope.today,
  }))
  return makePack(deps, within, schedule, today, null)
}

const asOrganisation =
  (deps: ApiDeps, tenantId: number): Within =>
  (work) =>
    asSystem(deps.database, 'report packs', async (system) => work(await system.enter(tenantId)), {
      now: deps.now(),
    })

/** Every pack that is due in an organisation. After a time of standing still each schedule makes one, of its latest day. */
export async function makeDuePacks(deps: ApiDeps, tenantId: number): Promise<number> {
  const within = asOrganisation(deps, tenantId)
  const due = await within(async (scope) => ({
    today: scope.today,
    schedules: await schedulesOf(scope, sql`s.is_active and s.next_on <= ${scope.today}`),
  }))
  let made = 0
  for (const schedule of due.schedules) {
    let on = schedule.next_on
    while (nextOn(schedule.every, on) <= due.today) on = nextOn(schedule.every, on)
    if (await makePack(deps, within, schedule, addDays(on, -1), nextOn(schedule.every, on))) made += 1
  }
  return made
}

const packColumns = (scope: Scope) => sql`
  select p.id, p.schedule_id, s.name, p.as_of, p.currency, p.file_name, p.file_size, p.created_at, p.file_sha256,
         coalesce((select json_agg(json_build_object('user_id', d.user_id, 'full_name', coalesce(nullif(u.full_name, ''), u.username), 'mail', d.mail) order by d.user_id)
            from report_deliveries d join users u on u.id = d.user_id where d.tenant_id = ${scope.tenantId} and d.pack_id = p.id), '[]') as deliveries
    from report_packs p left join report_schedules s on s.tenant_id = ${scope.tenantId} and s.id = p.schedule_id
   where p.tenant_id = ${scope.tenantId}`
type PackRow = {
  id: number
  schedule_id: number | null
  name: string | null
  as_of: string
  currency: string
  file_name: string
  file_size: number
  file_sha256: string
  created_at: string
  deliveries: { user_id: number; full_name: string; mail: string }[]
}

export async function listPacks(scope: Scope, query: z.output<typeof PackQuery>) {
  requireWhole(scope)
  const [{ rows }, { rows: counts }] = await Promise.all([
    sql<PackRow>`${packColumns(scope)} order by p.id desc limit ${query.page_size} offset ${(query.page - 1) * query.page_size}`.execute(
      scope.db,
    ),
    sql<{
      count: number
    }>`select count(*)::int as count from report_packs where tenant_id = ${scope.tenantId}`.execute(scope.db),
  ])
  return paged(rows, counts[0]!.count, query)
}

export async function requirePack(scope: Scope, id: number) {
  requireWhole(scope)
  const { rows } = await sql<PackRow>`${packColumns(scope)} and p.id = ${id}`.execute(scope.db)
  if (!rows[0]) throw notFound('This pack')
  return rows[0]
}
