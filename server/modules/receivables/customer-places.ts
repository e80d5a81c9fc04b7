import { sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'

/** Puts the customers of a sheet where the latest sheet in the books says they are; those of none anywhere. */
export async function placeCustomers(scope: Scope, importId: number): Promise<void> {
  const { tenantId } = scope
  await sql`
    update customers c
       set region_id = p.region_id, department_id = p.department_id, version = c.version + 1, updated_at = ${scope.now}
      from (select distinct on (a.customer_id) a.customer_id, b.region_id, b.department_id
              from import_accounts a
              left join outstanding_balances b on b.tenant_id = ${tenantId} and b.customer_id = a.customer_id
             where a.tenant_id = ${tenantId} and a.import_id = ${importId}
             order by a.customer_id, b.month desc nulls last, b.import_id desc, b.row) p
     where c.tenant_id = ${tenantId} and c.id = p.customer_id
       and (c.region_id, c.department_id) is distinct from (p.region_id, p.department_id)`.execute(scope.db)
}
