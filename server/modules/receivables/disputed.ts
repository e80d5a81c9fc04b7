import { sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'

/**
 * Brings what invoices say of their disputes in line with those that are open, after some were changed: whether they are disputed,
 * and of how much by hand.
 */
export async function markDisputed(scope: Scope, invoiceIds: number[]): Promise<void> {
  const { tenantId, now } = scope
  await scope.overAllRows(() =>
    sql`
      update invoices i
         set disputed_by_hand = d.amount, is_disputed = i.stated_disputed or d.amount > 0, version = i.version + 1, updated_at = ${now}
        from (select x.id,
                     coalesce((select case when bool_or(d.amount is null) then 9223372036854775807 else sum(d.amount)::bigint end
                                 from disputes d where d.tenant_id = ${tenantId} and d.invoice_id = x.id and d.closed_on is null), 0) as amount
                from unnest(${invoiceIds}::bigint[]) x (id)) d
       where i.tenant_id = ${tenantId} and i.id = d.id and i.disputed_by_hand <> d.amount`.execute(scope.db),
  )
}
