import { sql } from 'kysely'
import { notFound, Refusal } from '../../../core/errors.ts'
import type { Scope } from '../../../core/scope.ts'
import { handOverTasks } from '../../collections/tasks.ts'
import { assignable, type Move, moveInvoices } from '../assignments.ts'

/**
 * Takes back what somebody gave to people in one go: invoices, customers and tasks go to whom they were with, and files may change what
 * they might change before. What somebody else has moved on since stays where it is, and so does what would go to who has left.
 */
export async function undoAssignment(scope: Scope, id: number) {
  const { tenantId, now } = scope
  const { rows } = await sql<{ undone_at: string | null }>`
    select undone_at from assignment_acts
     where tenant_id = ${tenantId} and id = ${id} and made_by = ${scope.userId} for update`.execute(scope.db)
  if (!rows[0]) throw notFound('This assignment')
  if (rows[0].undone_at) throw new Refusal(409, 'already_undone', 'This has been taken back already.')
  // Who gave something away may not see it any more.
  const answer = await scope.overAllRows(async () => {
    const items = (subject: string) => sql`
      select x.subject_id, x.was, x.given_to, x.was_by_hand from assignment_act_items x
       where x.tenant_id = ${tenantId} and x.act_id = ${id} and x.subject = ${subject}
         and (x.was is null or x.was in (${assignable(scope)}))`
    const { rows: invoices } = await sql<Move & { by_hand: boolean }>`
      select i.id, i.assigned_to as from, x.was as to, x.was_by_hand as by_hand
        from (${items('invoice')}) x join invoices i on i.tenant_id = ${tenantId} and i.id = x.subject_id
       where i.assigned_to is not distinct from x.given_to
       order by i.id for update of i`.execute(scope.db)
    const { rows: customers } = await sql<Move>`
      select c.id, c.assigned_to as from, x.was as to
        from (${items('customer')}) x join customers c on c.tenant_id = ${tenantId} and c.id = x.subject_id
       where c.assigned_to is not distinct from x.given_to
       order by c.id for update of c`.execute(scope.db)
    const { rows: tasks } = await sql<Move>`
      select x.subject_id as id, x.given_to as from, x.was as to from (${items('task')}) x
       where x.was is not null and x.given_to is not null`.execute(scope.db)
    await moveInvoices(scope, invoices, { via: 'undo' })
    const free = invoices.filter(({ by_hand }) => !by_hand).map((each) => each.id)
    await sql`
      update invoices set assigned_by_hand = false where tenant_id = ${tenantId} and id = any(${free}::bigint[])`.execute(
      scope.db,
    )
    await sql`
      update customers c set assigned_to = m.assigned_to, version = c.version + 1, updated_at = ${now}
        from unnest(${customers.map((each) => each.id)}::bigint[], ${customers.map(({ to }) => to)}::bigint[]) as m (id, assigned_to)
       where c.tenant_id = ${tenantId} and c.id = m.id`.execute(scope.db)
    await scope.recordEach(
      'customer.assigned',
      customers.map((each) => ({
        subject_id: each.id,
        data: { from: each.from, to: each.to, via: 'undo' },
      })),
    )
    for (const [from, of] of Map.groupBy(tasks, (each) => each.from!))
      for (const [to, these] of Map.groupBy(of, (each) => each.to!))
        await handOverTasks(scope, { from, to, ids: these.map((each) => each.id) })
    const { rows: all } = await sql<{ n: number }>`
      select count(*)::int as n from assignment_act_items
       where tenant_id = ${tenantId} and act_id = ${id} and subject <> 'task'`.execute(scope.db)
    return {
      invoices: invoices.length,
      customers: customers.length,
      kept: all[0]!.n - invoices.length - customers.length,
    }
  })
  await sql`update assignment_acts set undone_at = ${now} where tenant_id = ${tenantId} and id = ${id}`.execute(
    scope.db,
  )
  await scope.record('assignment.undone', id, answer)
  return answer
}
