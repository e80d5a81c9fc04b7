import type { Scope } from '../../../core/scope.ts'
import { notify } from '../../notifications/notifications.ts'
import type { DisputeRow } from './read.ts'

/**
 * Records what was done with a dispute, and tells whom it concerns: of an opening who clears it and who collects; of the rest
 * also who opened it.
 */
export async function tell(
  scope: Scope,
  kind: string,
  dispute: DisputeRow,
  data: Record<string, unknown>,
): Promise<void> {
  await scope.record(kind, dispute.id, { invoice_id: dispute.invoice_id, ...data })
  const isNew = kind === 'dispute.opened' || kind === 'dispute.assigned'
  const people = isNew
    ? [dispute.owner_id, ...(kind === 'dispute.opened' ? [dispute.assigned_to] : [])]
    : [dispute.owner_id, dispute.opened_by?.id, dispute.assigned_to]
  await notify(scope, {
    user_ids: people.filter((id): id is number => typeof id === 'number'),
    kind: isNew ? 'dispute_opened' : 'dispute_answered',
    subject: 'dispute',
    subject_id: dispute.id,
    data: {
      invoice_id: dispute.invoice_id,
      invoice_number: dispute.invoice_number,
      customer_id: dispute.customer_id,
      customer: dispute.customer_name,
      reason: dispute.reason,
      state: dispute.state,
      ...(dispute.resolution ? { resolution: dispute.resolution } : {}),
    },
  })
}
