import { sql } from 'kysely'
import type { z } from 'zod'
import { expectVersion, type Http } from '../../../core/api.ts'
import { notFound, Refusal } from '../../../core/errors.ts'
import type { Scope } from '../../../core/scope.ts'
import { handOverTasks } from '../../collections/tasks.ts'
import { notify } from '../../notifications/notifications.ts'
import {
  beginAct,
  keepForUndo,
  load,
  type Move,
  moveInvoices,
  requireAssignable,
  type Sum,
} from '../assignments.ts'
import { requireCustomer } from '../customer.ts'
import { customerIds } from '../customers.ts'
import type { CustomerFilters } from '../schemas.ts'
import type { AssignedCustomer, CustomersAssignment } from './schemas.ts'

const MOST = 10_000

/** Open invoices of customers that are not with somebody yet; none where it is settled whose they are. */
async function movesOf(scope: Scope, customerIds: number[], to: number | null): Promise<Move[]> {
  const { rows } = await sql<Move>`
    select i.id, i.assigned_to as from, ${to}::bigint as to from invoices i
     where i.tenant_id = ${scope.tenantId} and i.customer_id = any(${customerIds}) and i.open_amount <> 0 and not i.retracted
       and i.assigned_to is distinct from ${to}
     order by i.id for update of i`.execute(scope.db)
  return rows
}

/**
 * Gives customers to a person, or to nobody: what they owe goes with them, with the open tasks about them, and so will what imports
 * bring. Whoever gets them is told. Answers how many customers and invoices changed hands.
 */
export async function giveCustomers(
  scope: Scope,
  customerIds: number[],
  to: number | null,
  { via, act }: { via?: 'rule'; act?: number } = {},
) {
  const moves = via ? [] : await movesOf(scope, customerIds, to)
  const { rows: chosen } = await sql<{ id: number; was: number | null }>`
    with chosen as (
      select c.id, c.assigned_to as was from customers c
       where c.tenant_id = ${scope.tenantId} and c.id = any(${customerIds}) and c.assigned_to is distinct from ${to}
       order by c.id for update
    ), written as (
      update customers c set assigned_to = ${to}, version = c.version + 1, updated_at = ${scope.now}
        from chosen where c.tenant_id = ${scope.tenantId} and c.id = chosen.id
    )
    select id, was from chosen`.execute(scope.db)
  await scope.recordEach(
    'customer.assigned',
    chosen.map(({ id, was }) => ({ subject_id: id, data: { from: was, to, ...(via ? { via } : {}) } })),
  )
  await keepForUndo(
    scope,
    act,
    'customer',
    chosen.map(({ id, was }) => ({ id, from: was, to })),
  )
  await moveInvoices(scope, moves, { via: 'customer' }, act)
  if (to !== null)
    await scope.overAllRows(async () => {
      for (const [from, of] of Map.groupBy(chosen, ({ was }) => was))
        if (from !== null) {
          const tasks = await handOverTasks(scope, { from, to, customer_ids: of.map(({ id }) => id) })
          await keepForUndo(
            scope,
            act,
            'task',
            tasks.map((id) => ({ id, from, to })),
          )
        }
    })
  const [one] = chosen
  // With invoices it is told with them.
  if (to !== null && one && moves.length === 0 && !via) {
    const { name } = await scope.db
      .selectFrom('customers')
      .select('name')
      .where('id', '=', one.id)
      .executeTakeFirstOrThrow()
    await notify(scope, {
      user_ids: [to],
      kind: 'assignment',
      subject: 'customer',
      subject_id: one.id,
      data: chosen.length === 1 ? { customer: name } : { customers: chosen.length },
    })
  }
  return { changed: chosen.length, invoices: moves.length }
}

export async function assignCustomer(scope: Scope, http: Http, id: number, to: number | null) {
  const customer = await requireCustomer(scope, id)
  await requireAssignable(scope, to)
  expectVersion(http, customer)
  const { invoices } = await giveCustomers(scope, [id], to)
  const { rows } = await sql<Omit<z.input<typeof AssignedCustomer>, 'invoices'>>`
    select c.id, c.assigned_to, coalesce(nullif(u.full_name, ''), u.username) as assigned_to_name, c.version
      from customers c left join users u on u.id = c.assigned_to
     where c.tenant_id = ${scope.tenantId} and c.id = ${id}`.execute(scope.db)
  return { ...rows[0]!, invoices }
}

/**
 * Many at once: those named, or all that the filters find. `dry_run` tells what would change; a customer that is not the caller's to
 * see refuses all.
 */
export async function assignCustomers(
  scope: Scope,
  filters: CustomerFilters,
  { assigned_to: to, customer_ids, dry_run }: z.output<typeof CustomersAssignment>,
) {
  await requireAssignable(scope, to)
  const ids = customer_ids ? [...new Set(customer_ids)] : await customerIds(scope, filters, MOST + 1)
  if (ids.length > MOST)
    throw new Refusal(422, 'too_many', 'More than 10,000 customers. Narrow the filters, and do it in parts.')
  const { rows: known } = await sql<{ id: number; assigned_to: number | null; full_name: string | null }>`
    select c.id, c.assigned_to, coalesce(nullif(u.full_name, ''), u.username) as full_name
      from customers c left join users u on u.id = c.assigned_to
     where c.tenant_id = ${scope.tenantId} and c.id = any(${ids}) and not c.retracted
       ${
         scope.actor.row_access === 'all'
           ? sql``
           : sql`and exists (select from invoices i where i.tenant_id = ${scope.tenantId} and i.customer_id = c.id and not i.retracted)`
       }`.execute(scope.db)
  if (known.length < ids.length) throw notFound('One of these customers')
  const { rows: sums } = await sql<Sum>`
    select i.currency, count(*)::int as count, sum(i.open_amount)::text as open_amount
      from invoices i
     where i.tenant_id = ${scope.tenantId} and i.customer_id = any(${ids}) and i.open_amount <> 0 and not i.retracted
       and i.assigned_to is distinct from ${to}
     group by 1 order by 1`.execute(scope.db)
  const changing = known.filter(({ assigned_to }) => assigned_to !== to)
  const answer = {
    dry_run,
    customers: known.length,
    changed: changing.length,
    invoices: sums.reduce((all, { count }) => all + count, 0),
    totals: load(sums),
    from: [...Map.groupBy(changing, ({ assigned_to }) => assigned_to)].map(([id, of]) => ({
      id,
      full_name: of[0]!.full_name ?? '',
      count: of.length,
    })),
  }
  if (dry_run || answer.changed + answer.invoices === 0) return { ...answer, act_id: null }
  const act_id = await beginAct(scope)
  await giveCustomers(scope, ids, to, { act: act_id })
  return { ...answer, act_id }
}
