import { sql } from 'kysely'
import type { z } from 'zod'
import { expectVersion, type Http } from '../../core/api.ts'
import { invalidField, notFound } from '../../core/errors.ts'
import { likeText, paged } from '../../core/schema.ts'
import type { Scope } from '../../core/scope.ts'
import { notify } from '../notifications/notifications.ts'
import { requireCustomer } from '../receivables/customer.ts'
import { hangsOnVisible, whoSees } from '../receivables/who-sees.ts'
import type { Task, TaskChange, TaskInput, TaskQuery } from './schemas.ts'

type Row = z.input<typeof Task>
type Sql = ReturnType<typeof sql>

const visible = (scope: Scope) => hangsOnVisible(scope, sql`t.customer_id`, sql`t.invoice_id`)
const person = (alias: string) =>
  sql.raw(
    `json_build_object('id', ${alias}.id, 'full_name', coalesce(nullif(${alias}.full_name, ''), ${alias}.username))`,
  )
/** Where a task stands in the calendar of today. */
const dueOf = (scope: Scope) => sql`
  case when t.done_at is not null then 'done' when t.due_on < ${scope.today}::date then 'overdue' when t.due_on = ${scope.today}::date then 'today'
       when t.due_on <= ${scope.today}::date + 7 then 'week' else 'later' end`

async function read(scope: Scope, where: Sql, paging?: { page: number; page_size: number }) {
  const { tenantId } = scope
  const { rows } = await sql<Row>`
    select t.id, t.customer_id, c.name as customer_name, t.invoice_id, i.number as invoice_number, ${person('o')} as owner, t.title, t.note, t.due_on,
           ${dueOf(scope)} as due, t.done_at, case when d.id is not null then ${person('d')} end as done_by, t.attempt_id,
           case when m.id is not null then ${person('m')} end as created_by, t.owner_id = ${scope.userId} as is_own, t.version, t.created_at
      from tasks t
      join customers c on c.tenant_id = ${tenantId} and c.id = t.customer_id
      left join invoices i on i.tenant_id = ${tenantId} and i.id = t.invoice_id
      join users o on o.id = t.owner_id
      left join users d on d.id = t.done_by
      left join users m on m.id = t.created_by
     where t.tenant_id = ${tenantId} and ${where}
     order by case when t.done_at is null then 0 else 1 end, case when t.done_at is null then t.due_on end, t.done_at desc, t.id
     ${paging ? sql`limit ${paging.page_size} offset ${(paging.page - 1) * paging.page_size}` : sql``}`.execute(
    scope.db,
  )
  return rows
}

/** What is to be done, what is late first; what is done, latest first. One's own unless the filters say otherwise. */
export async function listTasks(scope: Scope, query: TaskQuery) {
  const { tenantId } = scope
  const about = query.customer_id ?? query.invoice_id
  const owner = query.owner_id ?? (query.owner === 'all' || (about && !query.owner) ? null : scope.userId)
  const shared: Sql[] = [visible(scope)]
  if (owner) shared.push(sql`t.owner_id = ${owner}`)
  if (query.customer_id) shared.push(sql`t.customer_id = ${query.customer_id}`)
  if (query.invoice_id) shared.push(sql`t.invoice_id = ${query.invoice_id}`)
  if (query.due_from) shared.push(sql`t.due_on >= ${query.due_from}`)
  if (query.due_to) shared.push(sql`t.due_on <= ${query.due_to}`)
  if (query.search) {
    const like = likeText(query.search)
    shared.push(sql`(t.title ilike ${like} or t.note ilike ${like} or t.customer_id in (
      select c.id from customers c where c.tenant_id = ${tenantId} and (c.name ilike ${like} or c.code ilike ${like})))`)
  }
  const chosen = [...shared]
  if (query.state !== 'all')
    chosen.push(query.state === 'done' ? sql`t.done_at is not null` : sql`t.done_at is null`)
  if (query.due) chosen.push(sql`t.done_at is null and ${dueOf(scope)} = ${query.due}`)
  const all = (conditions: Sql[]) => sql.join(conditions, sql` and `)
  const [items, { rows: totals }, { rows: groups }] = await Promise.all([
    read(scope, all(chosen), query),
    sql<{
      n: number
    }>`select count(*)::int as n from tasks t where t.tenant_id = ${tenantId} and ${all(chosen)}`.execute(
      scope.db,
    ),
    sql<{ due: keyof typeof none; n: number }>`
      select ${dueOf(scope)} as due, count(*)::int as n from tasks t where t.tenant_id = ${tenantId} and ${all(shared)} group by 1`.execute(
      scope.db,
    ),
  ])
  const counts = { ...none, ...Object.fromEntries(groups.map(({ due, n }) => [due, n])) }
  return { ...paged(items, totals[0]!.n, query), as_of: scope.today, counts }
}
const none = { overdue: 0, today: 0, week: 0, later: 0, done: 0 }

type NewTask = Omit<z.output<typeof TaskInput>, 'owner_id'> & {
  owner_id?: number | undefined
  attempt_id?: number
}

/** Whoever is to do it is told, unless they wrote it down themselves. */
export async function addTask(scope: Scope, input: NewTask) {
  const { customer_id, invoice_id, title, due_on } = input
  await requireCustomer(scope, customer_id)
  if (invoice_id !== null) {
    const known = await scope.db
      .selectFrom('invoices')
      .select('id')
      .where('id', '=', invoice_id)
      .where('customer_id', '=', customer_id)
      .where('retracted', '=', false)
      .executeTakeFirst()
    if (!known) throw invalidField('invoice_id', 'This customer has no such invoice.', 'unknown')
  }
  const owner = input.owner_id ?? scope.userId
  await requireOwner(scope, input, owner)
  const { id } = await scope.db
    .insertInto('tasks')
    .values({
      ...input,
      owner_id: owner,
      created_by: scope.userId,
      created_at: scope.now,
      updated_at: scope.now,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const task = (await read(scope, sql`t.id = ${id}`))[0]!
  await scope.record('customer.task_added', customer_id, {
    task_id: id,
    title,
    due_on,
    owner: task.owner.full_name,
    invoice_ids: invoice_id === null ? [] : [invoice_id],
  })
  await tell(scope, task)
  return task
}

const tell = (scope: Scope, task: Row) =>
  notify(scope, {
    user_ids: [task.owner.id],
    kind: 'task',
    subject: 'customer',
    subject_id: task.customer_id,
    data: {
      task_id: task.id,
      invoice_id: task.invoice_id,
      title: task.title,
      customer: task.customer_name,
      due_on: task.due_on,
    },
  })

/** A task belongs to somebody who sees what it is about. */
async function requireOwner(
  scope: Scope,
  { customer_id, invoice_id }: { customer_id: number; invoice_id: number | null },
  owner: number,
) {
  if (owner === scope.userId) return
  const people = await whoSees(scope, invoice_id === null ? { customer_id } : { invoice_id })
  if (!people.some(({ id }) => id === owner))
    throw invalidField(
      'owner_id',
      'Nobody of this organisation who sees this customer. Assign the invoices first, or choose somebody else.',
      'not_visible',
    )
}

/** Who may be given a task about a customer, or called by name there. */
export async function listTaskOwners(scope: Scope, customerId: number) {
  await requireCustomer(scope, customerId)
  return { items: await whoSees(scope, { customer_id: customerId }) }
}

async function requireTask(scope: Scope, http: Http, id: number): Promise<Row> {
  await scope.db.selectFrom('tasks').select('id').where('id', '=', id).forUpdate().execute()
  const [task] = await read(scope, sql`t.id = ${id} and ${visible(scope)}`)
  if (!task) throw notFound('This task')
  expectVersion(http, task)
  return task
}
const aboutOf = (task: Row) => ({
  task_id: task.id,
  title: task.title,
  invoice_ids: task.invoice_id === null ? [] : [task.invoice_id],
})

export async function changeTask(scope: Scope, http: Http, id: number, input: z.output<typeof TaskChange>) {
  const before = await requireTask(scope, http, id)
  const { owner_id = before.owner.id, ...rest } = input
  const moves = owner_id !== before.owner.id
  if (moves) await requireOwner(scope, before, owner_id)
  const changed = (['title', 'note', 'due_on'] as const).filter(
    (field) => rest[field] !== undefined && rest[field] !== before[field],
  )
  if (!moves && changed.length === 0) return before
  await scope.db
    .updateTable('tasks')
    .set({ ...rest, owner_id, version: before.version + 1, updated_at: scope.now })
    .where('id', '=', id)
    .execute()
  const task = (await read(scope, sql`t.id = ${id}`))[0]!
  if (changed.length > 0)
    await scope.record('customer.task_changed', task.customer_id, {
      ...aboutOf(task),
      ...Object.fromEntries(changed.map((field) => [field, [before[field], task[field]]])),
    })
  if (moves) {
    await scope.record('customer.task_reassigned', task.customer_id, {
      ...aboutOf(task),
      from: before.owner.full_name,
      to: task.owner.full_name,
    })
    await tell(scope, task)
  }
  return task
}

/** Done, or not done after all. */
export async function finishTask(scope: Scope, http: Http, id: number, done: boolean) {
  const before = await requireTask(scope, http, id)
  if ((before.done_at !== null) === done) return before
  await scope.db
    .updateTable('tasks')
    .set({
      done_at: done ? scope.now : null,
      done_by: done ? scope.userId : null,
      version: before.version + 1,
      updated_at: scope.now,
    })
    .where('id', '=', id)
    .execute()
  await scope.record(
    done ? 'customer.task_done' : 'customer.task_reopened',
    before.customer_id,
    aboutOf(before),
  )
  return (await read(scope, sql`t.id = ${id}`))[0]!
}

export async function removeTask(scope: Scope, http: Http, id: number) {
  const before = await requireTask(scope, http, id)
  await scope.db.deleteFrom('tasks').where('id', '=', id).execute()
  await scope.record('customer.task_removed', before.customer_id, aboutOf(before))
  return before
}

/**
 * Open tasks go from one person to another: those about these customers or these invoices, or all. Answers their ids. Runs over all rows: whoever
 * hands over may not see all of them.
 */
export async function handOverTasks(
  scope: Scope,
  {
    from,
    to,
    ...which
  }: { from: number; to: number } & (
    | { customer_ids: number[] }
    | { invoice_ids: number[] }
    | { ids: number[] }
    | { all: true }
  ),
): Promise<number[]> {
  const among =
    'customer_ids' in which
      ? sql`and t.customer_id = any(${which.customer_ids})`
      : 'invoice_ids' in which
        ? sql`and t.invoice_id = any(${which.invoice_ids})`
        : 'ids' in which
          ? sql`and t.id = any(${which.ids})`
          : sql``
  const { rows } = await sql<{ id: number; customer_id: number; title: string }>`
    update tasks t set owner_id = ${to}, version = t.version + 1, updated_at = ${scope.now}
     where t.tenant_id = ${scope.tenantId} and t.owner_id = ${from} and t.done_at is null ${among}
    returning t.id, t.customer_id, t.title`.execute(scope.db)
  if (rows.length === 0) return []
  const { rows: names } = await sql<{ id: number; name: string }>`
    select id, coalesce(nullif(full_name, ''), username) as name from users where id in (${from}, ${to})`.execute(
    scope.db,
  )
  const nameOf = (id: number) => names.find((each) => each.id === id)?.name ?? null
  await scope.recordEach(
    'customer.task_reassigned',
    rows.map(({ id, customer_id, title }) => ({
      subject_id: customer_id,
      data: { task_id: id, title, from: nameOf(from), to: nameOf(to) },
    })),
  )
  return rows.map(({ id }) => id)
}
