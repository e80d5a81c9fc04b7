import { sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'

/**
 * Which messages `m` somebody sees. Those to customers: whoever sees the customer's invoices, or the outlet. Those to members and about
 * the organisation: its administrators.
 */
export function visible(scope: Scope) {
  const { row_access, outlet_ids } = scope.actor
  const customers = sql`m.customer_id is not null`
  if (row_access === 'outlets') return sql`(${customers} and m.outlet_id = any(${[...outlet_ids]}::bigint[]))`
  if (row_access !== 'all')
    return sql`(${customers} and exists (select from invoices i where i.tenant_id = ${scope.tenantId} and i.customer_id = m.customer_id))`
  const own = scope.may('users.read') || scope.may('settings.read')
  const debtors = scope.may('debtors.read') ? sql`m.outlet_id is not null` : sql`false`
  const others = scope.may('receivables.read') ? sql`m.outlet_id is null` : sql`false`
  return sql`((${customers} and (${debtors} or ${others})) ${own ? sql`or m.customer_id is null` : sql``})`
}
