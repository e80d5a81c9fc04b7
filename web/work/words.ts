import { type MessageKey, t } from '../i18n.ts'

export const channels = {
  call: 'work.channel_call',
  email: 'work.channel_email',
  sms: 'work.channel_sms',
  visit: 'work.channel_visit',
  letter: 'work.channel_letter',
  other: 'work.channel_other',
} satisfies Record<string, MessageKey>
export const outcomes = {
  spoke: 'work.outcome_spoke',
  promised: 'work.outcome_promised',
  disputed: 'work.outcome_disputed',
  left_message: 'work.outcome_left_message',
  no_answer: 'work.outcome_no_answer',
  wrong_number: 'work.outcome_wrong_number',
  sent: 'work.outcome_sent',
  replied: 'work.outcome_replied',
  refused: 'work.outcome_refused',
  other: 'work.outcome_other',
} satisfies Record<string, MessageKey>

const word = (labels: Record<string, MessageKey>, code: unknown): string =>
  typeof code === 'string' && code in labels ? t(labels[code]!) : String(code ?? '')
export const channelLabel = (code: unknown) => word(channels, code)
export const outcomeLabel = (code: unknown) => word(outcomes, code)

/** What one may choose for a channel: nobody leaves a message by letter. */
export const outcomesOf = (channel: string): (keyof typeof outcomes)[] =>
  channel === 'call' || channel === 'visit'
    ? ['spoke', 'promised', 'disputed', 'left_message', 'no_answer', 'wrong_number', 'refused', 'other']
    : ['sent', 'replied', 'promised', 'disputed', 'refused', 'other']

export const causes = {
  billing_error: { label: 'work.cause_billing_error', value: 'Billing Error' },
  delivery_issue: { label: 'work.cause_delivery_issue', value: 'Delivery Issue' },
  po_mismatch: { label: 'work.cause_po_mismatch', value: 'PO Mismatch' },
  customer_dispute: { label: 'work.cause_customer_dispute', value: 'Customer Dispute' },
  payment_processing: { label: 'work.cause_payment_processing', value: 'Payment Processing' },
  other: { label: 'work.cause_other', value: 'Other' },
} satisfies Record<string, { label: MessageKey; value: string }>

/** A group of the inbox: a preset in our words, a reason of the organisation in its own. */
export const causeLabel = (cause: string, name: string): string =>
  cause in causes ? t(causes[cause as keyof typeof causes].label) : name || t('work.cause_unnamed')
export const causeChoice = () => [
  { value: '', label: t('work.cause_unnamed') },
  ...Object.values(causes).map(({ label, value }) => ({ value, label: t(label) })),
]
