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
  billing_error: 'work.cause_billing_error',
  delivery_issue: 'work.cause_delivery_issue',
  po_mismatch: 'work.cause_po_mismatch',
  customer_dispute: 'work.cause_customer_dispute',
  payment_processing: 'work.cause_payment_processing',
  other: 'work.cause_other',
} satisfies Record<string, MessageKey>
/** As files and the server write it: each word with a capital, PO in capitals. */
const written = (cause: string) =>
  cause
    .split('_')
    .map((part) => (part === 'po' ? part.toUpperCase() : part.charAt(0).toUpperCase() + part.slice(1)))
    .join(' ')

/** A group of the inbox: a preset in our words, a reason of the organisation in its own. */
export const causeLabel = (cause: string, name: string): string =>
  cause in causes ? t(causes[cause as keyof typeof causes]) : name || t('work.cause_unnamed')
/** What a person may say it is; `none` stands for nothing. */
export const causeChoice = (none: string) => [
  { value: '', label: none },
  ...Object.entries(causes).map(([cause, label]) => ({ value: written(cause), label: t(label) })),
]
export const writtenCause = (value: string | null) =>
  causeChoice('').find((choice) => value !== null && choice.value === value)?.label
