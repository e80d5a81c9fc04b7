import { type MessageKey, t } from '../i18n.ts'

const labels = {
  open: 'receivables.status_open',
  partial: 'receivables.status_partial',
  paid: 'receivables.status_paid',
  disputed: 'receivables.status_disputed',
  credit: 'receivables.status_credit',
} satisfies Record<string, MessageKey>

export const statuses = Object.keys(labels) as (keyof typeof labels)[]

/** The words of an invoice's state; a state this page does not know yet is shown as it came. */
export function statusLabel(status: string): string {
  return status in labels ? t(labels[status as keyof typeof labels]) : status
}

/** What the list can be narrowed to; without a choice it shows what is not paid. */
export const statusChoice = () => [
  { value: '', label: t('receivables.status_unpaid') },
  { value: 'overdue', label: t('receivables.status_overdue') },
  ...statuses.map((status) => ({ value: status, label: statusLabel(status) })),
  { value: 'all', label: t('receivables.status_all') },
]
