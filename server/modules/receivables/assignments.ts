import { type RawBuilder, sql } from 'kysely'
import type { z } from 'zod'
import { expectVersion, type Http } from '../../core/api.ts'
import { invalidField, notFound } from '../../core/errors.ts'
import { wireNumber } from '../../core/money.ts'
import type { Scope } from '../../core/scope.ts'
import { handOverTasks } from '../collections/tasks.ts'
import { notify } from '../notifications/notifications.ts'
import { requireInvoice } from './invoice.ts'
import { invoiceView } from './invoice-view.ts'
import type { AssignedInvoice, BulkAssignment, InvoiceFilters } from './schemas.ts'

/**
 * Hands the work of somebody who leaves to a colleague, or back to the queue of unassigned ones: invoices, customers and open tasks.
 * Answers how many invoices.
 */
export async function reassignInvoices(scope: Scope, from: number, to: number | null): Promise<number> {
  const result = await scope.db
    .updateTable('invoices')
    .set((expression) => ({ assigned_to: to, version: expression('version', '+', 1), updated_at: scope.now }))
    .where('assigned_key', '=', from)
    .executeTakeFirst()
  await scope.db
    .updateTable('customers')
    .set((expression) => ({ assigned_to: to, version: expression('version', '+', 1), updated_at: scope.now }))
    .where('assigned_to', '=', from)
    .execute()
  const count = Number(result.numUpdatedRows)
  if (count > 0) await scope.record('invoice.reassigned', null, { from, to, count })
  await endAbsencesOf(scope, from)
  if (to !== null) await handOverTasks(scope, { from, to, all: true })
  return count
}

/** Nobody is away, or stands in, who is not there any more. */
async function endAbsencesOf(scope: Scope, user: number) {
  await sql`
    update absences a
       set ended_at = case when a.started_at is not null then ${scope.now}::timestamptz end,
           cancelled_at = case when a.started_at is null then ${scope.now}::timestamptz end, version = a.version + 1
     where a.tenant_id = ${scope.tenantId} and (a.user_id = ${user} or a.stand_in_id = ${user})
       and a.ended_at is null and a.cancelled_at is null`.execute(scope.db)
}

/** Members at work here whose roles let them see receivables. */
export const assignable = (scope: Scope) => sql`
  select m.user_id
    from memberships m
    join users u on u.id = m.user_id and u.deleted_at is null
   where m.tenant_id = ${scope.tenantId} and m.is_active
     and exists (select from membership_roles mr join roles r on r.tenant_id = ${scope.tenantId} and r.id = mr.role_id
                  where mr.tenant_id = ${scope.tenantId} and mr.user_id = m.user_id and 'receivables.read' = any(r.permissions))`

export async function requireAssignable(scope: Scope, user: number | null, field = 'assigned_to') {
  if (user === null) return
  const { rows } = await sql`select from (${assignable(scope)}) a where a.user_id = ${user}`.execute(scope.db)
  if (rows.length === 0)
    throw invalidField(
      field,
      'Nobody of this organisation who may see receivables. Choose one of /api/receivables/assignees, or null for nobody.',
      'not_assignable',
    )
}

export type Sum = { currency: string; count: number; open_amount: string }
export const load = (sums: Sum[]) =>
  sums.map(({ currency, count, open_amount }) => ({
    currency,
    count,
    open_amount: wireNumber(BigInt(open_amount), currency),
  }))

/** Who may be given invoices, and what they have open; of the invoices that the caller sees. */
export async function listAssignees(scope: Scope) {
  type Row = { id: number; full_name: string; username: string; roles: string[]; open: Sum[] }
  const { rows } = await sql<Row>`
    select u.id, coalesce(nullif(u.full_name, ''), u.username) as full_name, u.username,
           array(select r.name from membership_roles mr join roles r on r.tenant_id = ${scope.tenantId} and r.id = mr.role_id
                  where mr.tenant_id = ${scope.tenantId} and mr.user_id = u.id order by r.name) as roles,
           coalesce(l.open, '[]') as open
      from (${assignable(scope)}) a
      join users u on u.id = a.user_id
      left join (select assigned_key, json_agg(json_build_object('currency', currency, 'count', count, 'open_amount', open_amount) order by currency) as open
                   from (select i.assigned_key, i.currency, count(*)::int as count, sum(i.open_amount)::text as open_amount
                           from invoices i
                          where i.tenant_id = ${scope.tenantId} and i.open_amount <> 0 and i.assigned_key <> 0
                          group by 1, 2) s group by 1) l on l.assigned_key = u.id
     order by lower(coalesce(nullif(u.full_name, ''), u.username)), u.id`.execute(scope.db)
  return {
    items: rows.map(({ open, ...row }) => ({
      ...row,
      count: open.reduce((all, each) => all + each.count, 0),
      open: load(open),
    })),
  }
}

/** Gives one invoice to a person, or to nobody. */
export async function assignInvoice(scope: Scope, http: Http, id: number, to: number | null) {
  const invoice = await requireInvoice(scope, id)
  await requireAssignable(scope, to)
  expectVersion(http, invoice)
  if (invoice.assigned_to !== to) await assignWhere(scope, sql`i.id = ${id}`, to)
  const { rows } = await scope.overAllRows(() =>
    sql<z.input<typeof AssignedInvoice>>`
      select i.id, i.assigned_to, coalesce(nullif(u.full_name, ''), u.username) as assigned_to_name, i.assigned_by_hand, i.assigned_on, i.version
        from invoices i left join users u on u.id = i.assigned_to
       where i.tenant_id = ${scope.tenantId} and i.id = ${id}`.execute(scope.db),
  )
  if (!rows[0]) throw notFound('This invoice')
  return rows[0]
}

/**
 * Gives many to a person. `dry_run` tells what would change and changes nothing. An id that is not there, or not the caller's
 * to see, refuses all.
 */
export async function assignInvoices(
  scope: Scope,
  filters: InvoiceFilters,
  input: z.output<typeof BulkAssignment>,
) {
  await requireAssignable(scope, input.assigned_to)
  const ids = input.invoice_ids && [...new Set(input.invoice_ids)]
  if (ids) {
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from invoices i where i.tenant_id = ${scope.tenantId} and i.id = any(${ids}) and not i.retracted`.execute(
      scope.db,
    )
    if (rows[0]!.n < ids.length) throw notFound('One of these invoices')
  }
  const { from, where, open } = await invoiceView(scope, filters)
  const found = sql`
    select i.id, i.currency, ${open} as open_amount, i.assigned_to
    ${from} ${where} ${ids ? sql`and i.id = any(${ids})` : sql``}`
  const { rows: sums } = await sql<Sum & { assigned_to: number | null; full_name: string | null }>`
    select f.currency, f.assigned_to, coalesce(nullif(u.full_name, ''), u.username) as full_name,
           count(*)::int as count, sum(f.open_amount)::text as open_amount
      from (${found}) f left join users u on u.id = f.assigned_to
     group by 1, 2, 3 order by 1, 3 nulls first`.execute(scope.db)
  const changing = sums.filter(({ assigned_to }) => assigned_to !== input.assigned_to)
  const count = (of: Sum[]) => of.reduce((all, each) => all + each.count, 0)
  const answer = {
    dry_run: input.dry_run,
    invoices: count(sums),
    changed: count(changing),
    unchanged: count(sums) - count(changing),
    totals: load(
      [...Map.groupBy(changing, ({ currency }) => currency)].map(([currency, of]) => ({
        currency,
        count: count(of),
        open_amount: String(of.reduce((sum, each) => sum + BigInt(each.open_amount), 0n)),
      })),
    ),
    from: [...Map.groupBy(changing, ({ assigned_to }) => assigned_to)].map(([id, of]) => ({
      id,
      full_name: of[0]!.full_name ?? '',
      count: count(of),
    })),
  }
  if (input.dry_run || answer.changed === 0) return { ...answer, act_id: null }
  const act_id = await beginAct(scope)
  await assignWhere(scope, sql`i.id in (select f.id from (${found}) f)`, input.assigned_to, act_id)
  return { ...answer, act_id }
}

/** Files do not change what a person has assigned. */
export async function assignWhere(scope: Scope, which: RawBuilder<unknown>, to: number | null, act?: number) {
  const { rows: chosen } = await sql<{ id: number; was: number | null }>`
    select i.id, i.assigned_to as was from invoices i
     where i.tenant_id = ${scope.tenantId} and ${which} and i.assigned_to is distinct from ${to}
     order by i.id for update of i`.execute(scope.db)
  await moveInvoices(
    scope,
    chosen.map(({ id, was }) => ({ id, from: was, to })),
    undefined,
    act,
  )
}

/** Something that is given in one go, to be taken back in one (`team/undo.ts`). */
export async function beginAct(scope: Scope): Promise<number> {
  const { id } = await scope.db
    .insertInto('assignment_acts')
    .values({ made_by: scope.userId, made_at: scope.now })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** Before they move: whose they are, and whether a person said so. */
export async function keepForUndo(
  scope: Scope,
  act: number | undefined,
  subject: 'invoice' | 'customer' | 'task',
  moves: Move[],
) {
  if (act === undefined || moves.length === 0) return
  await sql`
    insert into assignment_act_items (tenant_id, act_id, subject, subject_id, was, given_to, was_by_hand)
    select ${scope.tenantId}, ${act}, ${subject}, m.id, m.was, m.given_to,
           ${subject === 'invoice' ? sql`(select i.assigned_by_hand from invoices i where i.tenant_id = ${scope.tenantId} and i.id = m.id)` : sql`false`}
      from unnest(${moves.map(({ id }) => id)}::bigint[], ${moves.map(({ from }) => from)}::bigint[],
                  ${moves.map(({ to }) => to)}::bigint[]) as m (id, was, given_to)
    on conflict do nothing`.execute(scope.db)
}

export type Move = { id: number; from: number | null; to: number | null }
/** By what invoices move, other than a person's hand on them: told in their timelines. */
export type Via = { via: 'customer' | 'rule' | 'absence' | 'return' | 'undo'; rule?: string }

/**
 * Gives invoices to people, with the open tasks about them, and tells those people once each. Who gives away an invoice may not see it
 * afterwards: runs over all rows.
 */
export async function moveInvoices(scope: Scope, moves: Move[], via?: Via, act?: number): Promise<void> {
  if (moves.length === 0) return
  const { tenantId, now } = scope
  await scope.overAllRows(async () => {
    await keepForUndo(scope, act, 'invoice', moves)
    await sql`
      update invoices i
         set assigned_to = m.assigned_to, assigned_by_hand = true, assigned_on = ${now}, version = i.version + 1, updated_at = ${now}
        from unnest(${moves.map(({ id }) => id)}::bigint[], ${moves.map(({ to }) => to)}::bigint[]) as m (id, assigned_to)
       where i.tenant_id = ${tenantId} and i.id = m.id`.execute(scope.db)
    await scope.recordEach(
      'invoice.assigned',
      moves.map(({ id, from, to }) => ({ subject_id: id, data: { from, to, ...via } })),
    )
    // Taken back, tasks go by themselves: only those that came along.
    for (const [from, of] of Map.groupBy(moves, (move) => move.from))
      for (const [to, these] of Map.groupBy(of, (move) => move.to))
        if (from !== null && to !== null && via?.via !== 'undo') {
          const tasks = await handOverTasks(scope, { from, to, invoice_ids: these.map(({ id }) => id) })
          await keepForUndo(
            scope,
            act,
            'task',
            tasks.map((id) => ({ id, from, to })),
          )
        }
    for (const [to, these] of Map.groupBy(moves, (move) => move.to))
      if (to !== null) await tellAssigned(scope, to, these)
  })
}

/** One notice for all of them, not one each. */
async function tellAssigned(scope: Scope, to: number, moves: Move[]) {
  const { rows } = await sql<{ number: string; customer_id: number; name: string }>`
    select i.number, i.customer_id, c.name
      from invoices i join customers c on c.tenant_id = ${scope.tenantId} and c.id = i.customer_id
     where i.tenant_id = ${scope.tenantId} and i.id = any(${moves.map(({ id }) => id)})`.execute(scope.db)
  const customers = new Map(rows.map(({ customer_id, name }) => [customer_id, name]))
  const [customerId, customer] = [...customers][0] ?? []
  const one = rows.length === 1 ? rows[0] : undefined
  await notify(scope, {
    user_ids: [to],
    kind: 'assignment',
    subject: one ? 'invoice' : customers.size === 1 ? 'customer' : 'assignment',
    subject_id: one ? moves[0]!.id : customers.size === 1 ? customerId! : null,
    data: {
      count: rows.length,
      ...(customers.size === 1 ? { customer } : { customers: customers.size }),
      ...(one ? { invoice_number: one.number } : {}),
    },
  })
}
