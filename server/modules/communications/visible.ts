import { sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'

/**
 * Which messages `m` somebody sees. Those of an outlet to its debtors: whoever reads that outlet. Those to other customers: whoever sees
 * an invoice of theirs. Those to members and about the organisation: its administrators.
 */
export function visible(scope: Scope) {
  const { row_access, outlet_ids, sees_all_outlets } = scope.actor
  const isCustomers = sql`m.customer_id is not null`
  const parts = [sql`false`]
  if (scope.may('debtors.read'))
    parts.push(
      sees_all_outlets
        ? sql`(${isCustomers} and m.outlet_id is not null)`
        : sql`(${isCustomers} and m.outlet_id = any(${[...outlet_ids]}::bigint[]))`,
    )
  if (scope.may('receivables.read'))
    parts.push(
      row_access === 'all'
        ? sql`(${isCustomers} and m.outlet_id is null)`
        : sql`(${isCustomers} and m.outlet_id is null and exists (
              select from invoices i where i.tenant_id = ${scope.tenantId} and i.customer_id = m.customer_id))`,
    )
  if (scope.may('users.read') || scope.may('settings.read')) parts.push(sql`m.customer_id is null`)
  return sql`(${sql.join(parts, sql` or `)})`
}
