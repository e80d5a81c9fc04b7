import { sql } from 'kysely'
import type { Scope } from '../../../core/scope.ts'
import type { Snapshot } from '../../imports/target.ts'
import { notify } from '../../notifications/notifications.ts'
import { type Move, moveInvoices } from '../assignments.ts'
import { handOverToStandIns } from './absences.ts'
import { applyRules, isAnyRuleOn } from './apply-rules.ts'

/** What an import brought goes to people: invoices of a customer to who works the customer, others by the rules. */
export async function assignNew(scope: Scope, { id }: Snapshot): Promise<void> {
  const { tenantId } = scope
  const { rows: worked } =
    await sql`select 1 from customers where tenant_id = ${tenantId} and assigned_to is not null limit 1`.execute(
      scope.db,
    )
  if (worked.length > 0) {
    const { rows: moves } = await sql<Move>`
      select i.id, i.assigned_to as from, c.assigned_to as to
        from import_rows r
        join invoices i on i.tenant_id = ${tenantId} and i.id = r.invoice_id and not i.assigned_by_hand and not i.retracted
        join customers c on c.tenant_id = ${tenantId} and c.id = i.customer_id
       where r.tenant_id = ${tenantId} and r.import_id = ${id} and r.outcome = 'new'
         and c.assigned_to is not null and c.assigned_to is distinct from i.assigned_to
       order by i.id`.execute(scope.db)
    await moveInvoices(scope, moves, { via: 'customer' })
  }
  if (worked.length > 0 || (await isAnyRuleOn(scope))) await applyRules(scope, { dry_run: false })
  await handOverToStandIns(scope)
  await tellImporters(scope, id)
}

/** Who may import hears that a colleague's file is in the books. */
async function tellImporters(scope: Scope, id: number) {
  const { rows } = await sql<{ user_id: number; file_name: string; as_of: string }>`
    select mr.user_id, m.file_name, m.as_of
      from imports m
      join membership_roles mr on mr.tenant_id = ${scope.tenantId}
      join roles r on r.tenant_id = ${scope.tenantId} and r.id = mr.role_id and 'receivables.import' = any(r.permissions)
     where m.tenant_id = ${scope.tenantId} and m.id = ${id}`.execute(scope.db)
  if (rows.length === 0) return
  const { file_name, as_of } = rows[0]!
  await notify(scope, {
    user_ids: rows.map(({ user_id }) => user_id),
    kind: 'import_published',
    subject: 'import',
    subject_id: id,
    data: { file_name, as_of },
  })
}
