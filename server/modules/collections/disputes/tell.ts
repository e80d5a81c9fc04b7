import type { Scope } from '../../../core/scope.ts'
import type { DisputeRow } from './read.ts'

/** Records what was done with a dispute; null where that is recorded already. */
export async function tell(
  scope: Scope,
  kind: string,
  dispute: DisputeRow,
  data: Record<string, unknown> | null,
) {
  if (data) await scope.record(kind, dispute.id, { invoice_id: dispute.invoice_id, ...data })
}
