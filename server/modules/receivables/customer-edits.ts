import { sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'

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
