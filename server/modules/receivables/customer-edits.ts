import { sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'
import { assignWhere } from './assignments.ts'

/** Writes a remark or the notes of a customer; the event keeps what was there before. Answers whether that was something else. */
export async function noteCustomer(
  scope: Scope,
  id: number,
  change: { remark: string | null } | { notes: string | null },
): Promise<boolean> {
  const [field, value] = Object.entries(change)[0] as ['remark' | 'notes', string | null]
  const { rows } = await sql<{ was: string | null }>`
    update customers c set ${sql.ref(field)} = ${value}, version = c.version + 1, updated_at = ${scope.now}
      from (select id, ${sql.ref(field)} as was from customers where tenant_id = ${scope.tenantId} and id = ${id} for update) o
     where c.tenant_id = ${scope.tenantId} and c.id = o.id and o.was is distinct from ${value}
    returning o.was`.execute(scope.db)
  if (rows[0])
    await scope.record(field === 'remark' ? 'customer.remarked' : 'customer.noted', id, {
      from: rows[0].was,
      to: value,
    })
  return rows.length > 0
}

/** Gives a customer to a person, or to nobody, and with it what it owes; new invoices follow. */
export async function giveCustomer(scope: Scope, id: number, to: number | null): Promise<boolean> {
  const { rows } = await sql<{ was: number | null }>`
    update customers c set assigned_to = ${to}, version = c.version + 1, updated_at = ${scope.now}
      from (select id, assigned_to as was from customers where tenant_id = ${scope.tenantId} and id = ${id} for update) o
     where c.tenant_id = ${scope.tenantId} and c.id = o.id and o.was is distinct from ${to}
    returning o.was`.execute(scope.db)
  if (rows[0]) await scope.record('customer.assigned', id, { from: rows[0].was, to })
  await assignWhere(scope, sql`i.customer_id = ${id} and i.open_amount <> 0`, to)
  return rows.length > 0
}
