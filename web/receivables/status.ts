import { type MessageKey, t } from '../i18n.ts'

const labels = {
  open: 'receivables.status_open',
  partial: 'receivables.status_partial',
  paid: 'receivables.status_paid',
  disputed: 'receivables.status_disputed',
  promised: 'receivables.status_promised',
  void: 'receivables.status_void',
} satisfies Record<string, MessageKey>

export const statuses = Object.keys(labels) as (keyof typeof labels)[]

/** The words of an invoice's state; a state this page does not know yet is shown as it came. */
export function statusLabel(status: string): string {
  return status in labels ? t(labels[status as keyof typeof labels]) : status
}
