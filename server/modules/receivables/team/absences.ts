import { type RawBuilder, sql } from 'kysely'
import type { z } from 'zod'
import { expectVersion, type Http } from '../../../core/api.ts'
import { invalidField, notFound, Refusal } from '../../../core/errors.ts'
import type { Scope } from '../../../core/scope.ts'
import { handOverTasks } from '../../collections/tasks.ts'
import { notify } from '../../notifications/notifications.ts'
import { type Move, moveInvoices, requireAssignable } from '../assignments.ts'
import type { Absence, AbsenceInput } from './schemas.ts'

type Row = z.input<typeof Absence>

async function read(scope: Scope, where: RawBuilder<unknown> = sql`true`): Promise<Row[]> {
  const { tenantId } = scope
  const handed = (subject: string) => sql`
    (select count(*)::int from absence_items x where x.tenant_id = ${tenantId} and x.absence_id = a.id and x.subject = ${subject})`
  const { rows } = await sql<Row>`
    select a.id, json_build_object('id', u.id, 'full_name', coalesce(nullif(u.full_name, ''), u.username)) as user,
           json_build_object('id', s.id, 'full_name', coalesce(nullif(s.full_name, ''), s.username)) as stand_in,
           a.from_on, a.until_on, a.note, a.version,
           case when a.cancelled_at is not null then 'cancelled' when a.ended_at is not null then 'ended'
                when a.started_at is not null then 'running' else 'planned' end as state,
           ${handed('invoice')} as invoices, ${handed('customer')} as customers, ${handed('task')} as tasks
      from absences a join users u on u.id = a.user_id join users s on s.id = a.stand_in_id
     where a.tenant_id = ${tenantId} and ${where}
     order by a.ended_at is not null or a.cancelled_at is not null, a.from_on, a.id`.execute(scope.db)
  return rows
}

/** Those that are to come or under way, and the last that are over. */
export const listAbsences = async (scope: Scope) => ({
  items: await read(
    scope,
    sql`(a.ended_at is null and a.cancelled_at is null or a.until_on > ${scope.today}::date - 90)`,
  ),
})

const overlapping = (from: string, until: string) =>
  sql`a.ended_at is null and a.cancelled_at is null and a.from_on <= ${until}::date and a.until_on >= ${from}::date`

/** Somebody will be away. When the first day is today, their work is handed over at once. */
export async function addAbsence(scope: Scope, input: z.output<typeof AbsenceInput>) {
  const { user_id, stand_in_id, from_on, until_on } = input
  await requireAssignable(scope, user_id, 'user_id')
  await requireAssignable(scope, stand_in_id, 'stand_in_id')
  if (user_id === stand_in_id)
    throw invalidField('stand_in_id', 'Nobody stands in for themselves. Choose a colleague.', 'same')
  if (until_on < from_on) throw invalidField('until_on', 'This is before the first day.', 'range')
  if (until_on < scope.today) throw invalidField('until_on', 'This absence is over already.', 'past')
  // One at a time, so that two people who plan at once do not make each other's stand-ins.
  await sql`select pg_advisory_xact_lock(hashtext('absences'), ${scope.tenantId}::int)`.execute(scope.db)
  const clashes = await read(
    scope,
    sql`${overlapping(from_on, until_on)} and (a.user_id in (${user_id}, ${stand_in_id}) or a.stand_in_id = ${user_id})`,
  )
  const clash = clashes[0]
  if (clash) {
    const days = `from ${clash.from_on} to ${clash.until_on}`
    if (clash.user.id === user_id)
      throw new Refusal(
        409,
        'absent_already',
        `${clash.user.full_name} is away ${days} already. Change that absence instead.`,
      )
    if (clash.user.id === stand_in_id)
      throw invalidField(
        'stand_in_id',
        `${clash.user.full_name} is away ${days}. Choose somebody else.`,
        'stand_in_absent',
      )
    throw new Refusal(
      409,
      'stands_in',
      `${clash.stand_in.full_name} stands in for ${clash.user.full_name} ${days}. Give that to somebody else first.`,
    )
  }
  const { id } = await scope.db
    .insertInto('absences')
    .values({ ...input, created_by: scope.userId, created_at: scope.now })
    .returning('id')
    .executeTakeFirstOrThrow()
  await scope.record('absence.planned', id, { user: user_id, stand_in: stand_in_id, from_on, until_on })
  if (from_on <= scope.today) await start(scope, id)
  return (await read(scope, sql`a.id = ${id}`))[0]!
}

async function requireAbsence(scope: Scope, http: Http, id: number): Promise<Row> {
  await scope.db.selectFrom('absences').select('id').where('id', '=', id).forUpdate().execute()
  const [absence] = await read(scope, sql`a.id = ${id}`)
  if (!absence) throw notFound('This absence')
  expectVersion(http, absence)
  if (absence.state === 'ended' || absence.state === 'cancelled')
    throw new Refusal(409, 'absence_over', 'This absence is over.')
  return absence
}

/** Longer, or shorter: with a last day that is past, the work goes back now. */
export async function changeAbsence(scope: Scope, http: Http, id: number, until: string) {
  const before = await requireAbsence(scope, http, id)
  if (until < before.from_on) throw invalidField('until_on', 'This is before the first day.', 'range')
  const [clash] = await read(
    scope,
    sql`a.id <> ${id} and ${overlapping(before.from_on, until)} and (a.user_id in (${before.user.id}, ${before.stand_in.id}) or a.stand_in_id = ${before.user.id})`,
  )
  if (clash)
    throw new Refusal(
      409,
      'absent_already',
      `${clash.user.full_name} is away from ${clash.from_on} to ${clash.until_on}. Choose a day before.`,
    )
  await scope.db
    .updateTable('absences')
    .set({ until_on: until, version: before.version + 1 })
    .where('id', '=', id)
    .execute()
  await scope.record('absence.changed', id, { until_on: [before.until_on, until] })
  if (until < scope.today && before.state === 'running') await end(scope, id)
  return (await read(scope, sql`a.id = ${id}`))[0]!
}

/** Back early, or not away at all. */
export async function endAbsence(scope: Scope, http: Http, id: number) {
  const before = await requireAbsence(scope, http, id)
  if (before.state === 'running') await end(scope, id)
  else {
    await scope.db
      .updateTable('absences')
      .set({ cancelled_at: scope.now, version: before.version + 1 })
      .where('id', '=', id)
      .execute()
    await scope.record('absence.cancelled', id)
  }
  return (await read(scope, sql`a.id = ${id}`))[0]!
}

async function start(scope: Scope, id: number) {
  await sql`update absences set started_at = ${scope.now}, version = version + 1 where tenant_id = ${scope.tenantId} and id = ${id}`.execute(
    scope.db,
  )
  const [absence] = await read(scope, sql`a.id = ${id}`)
  const { user, stand_in, until_on } = absence!
  await handOver(scope, id, user.id, stand_in.id)
  await scope.record('absence.started', id, { user: user.full_name, stand_in: stand_in.full_name, until_on })
  await notify(scope, {
    user_ids: [stand_in.id],
    kind: 'absence',
    subject: 'absence',
    subject_id: id,
    data: { name: user.full_name, until_on },
  })
}

/** What the absent person has goes to the stand-in: open invoices, customers, open tasks. Safe to repeat for what came since. */
async function handOver(scope: Scope, id: number, from: number, to: number) {
  const { tenantId } = scope
  const moves = await scope.overAllRows(async () => {
    const { rows: held } = await sql<Move>`
      select i.id, i.assigned_to as from, ${to}::bigint as to from invoices i
       where i.tenant_id = ${tenantId} and i.assigned_to = ${from} and i.open_amount <> 0 and not i.retracted order by i.id for update of i`.execute(
      scope.db,
    )
    const { rows: customers } = await sql<{ id: number }>`
      update customers c set assigned_to = ${to}, version = c.version + 1, updated_at = ${scope.now}
       where c.tenant_id = ${tenantId} and c.assigned_to = ${from} returning c.id`.execute(scope.db)
    // Before the invoices go, which takes the tasks about them along.
    const tasks = await handOverTasks(scope, { from, to, all: true })
    const items = [
      ...held.map((move) => ({ subject: 'invoice', subject_id: move.id })),
      ...customers.map((customer) => ({ subject: 'customer', subject_id: customer.id })),
      ...tasks.map((task) => ({ subject: 'task', subject_id: task })),
    ]
    await sql`
      insert into absence_items (tenant_id, absence_id, subject, subject_id)
      select ${tenantId}, ${id}, x.subject, x.subject_id from jsonb_to_recordset(${JSON.stringify(items)}::jsonb) as x (subject text, subject_id bigint)
      on conflict do nothing`.execute(scope.db)
    await scope.recordEach(
      'customer.assigned',
      customers.map((customer) => ({ subject_id: customer.id, data: { from, to, via: 'absence' } })),
    )
    return held
  })
  await moveInvoices(scope, moves, { via: 'absence' })
}

/** What the stand-in still has of it goes back, with what came to those customers meanwhile. */
async function end(scope: Scope, id: number) {
  const { tenantId } = scope
  const [absence] = await read(scope, sql`a.id = ${id}`)
  const { user, stand_in } = absence!
  const [to, from] = [user.id, stand_in.id]
  const items = (subject: string) =>
    sql`select x.subject_id from absence_items x where x.tenant_id = ${tenantId} and x.absence_id = ${id} and x.subject = ${subject}`
  const { rows: moves } = await scope.overAllRows(() =>
    sql<Move>`
      select i.id, i.assigned_to as from, ${to}::bigint as to from invoices i
       where i.tenant_id = ${tenantId} and i.assigned_to = ${from}
         and (i.id in (${items('invoice')}) or i.customer_id in (
           select c.id from customers c where c.tenant_id = ${tenantId} and c.assigned_to = ${from} and c.id in (${items('customer')})))
       order by i.id for update of i`.execute(scope.db),
  )
  const { rows: customers } = await sql<{ id: number }>`
    update customers c set assigned_to = ${to}, version = c.version + 1, updated_at = ${scope.now}
     where c.tenant_id = ${tenantId} and c.assigned_to = ${from} and c.id in (${items('customer')}) returning c.id`.execute(
    scope.db,
  )
  const { rows: tasks } = await sql<{ subject_id: number }>`${items('task')}`.execute(scope.db)
  await scope.overAllRows(async () => {
    await handOverTasks(scope, { from, to, ids: tasks.map(({ subject_id }) => subject_id) })
    await handOverTasks(scope, { from, to, customer_ids: customers.map((each) => each.id) })
  })
  await moveInvoices(scope, moves, { via: 'return' })
  await scope.recordEach(
    'customer.assigned',
    customers.map((customer) => ({ subject_id: customer.id, data: { from, to, via: 'return' } })),
  )
  await sql`update absences set ended_at = ${scope.now}, version = version + 1 where tenant_id = ${tenantId} and id = ${id}`.execute(
    scope.db,
  )
  await scope.record('absence.ended', id, { user: user.full_name, stand_in: stand_in.full_name })
}

/** What was given meanwhile to somebody who is away goes on to who stands in. */
export async function handOverToStandIns(scope: Scope): Promise<void> {
  const running = await scope.db
    .selectFrom('absences')
    .select(['id', 'user_id', 'stand_in_id'])
    .where('started_at', 'is not', null)
    .where('ended_at', 'is', null)
    .execute()
  for (const { id, user_id, stand_in_id } of running) await handOver(scope, id, user_id, stand_in_id)
}

/** Begins and ends what is due by the organisation's day. */
export async function turnAbsences(scope: Scope): Promise<void> {
  const { rows } = await sql<{ id: number; is_over: boolean; is_running: boolean }>`
    select id, until_on < ${scope.today}::date as is_over, started_at is not null as is_running
      from absences
     where tenant_id = ${scope.tenantId} and ended_at is null and cancelled_at is null and from_on <= ${scope.today}::date
     order by id for update`.execute(scope.db)
  for (const { id, is_over, is_running } of rows) {
    if (!is_over && !is_running) await start(scope, id)
    else if (is_over && is_running) await end(scope, id)
    else if (is_over)
      // The server was not running while they were away.
      await sql`update absences set cancelled_at = ${scope.now}, version = version + 1 where tenant_id = ${scope.tenantId} and id = ${id}`.execute(
        scope.db,
      )
  }
  await handOverToStandIns(scope)
}
