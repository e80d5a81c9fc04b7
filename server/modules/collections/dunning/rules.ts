import { addDays, daysBetween } from '../../../core/dates.ts'

export const channels = ['email', 'sms', 'letter', 'call'] as const
export type Channel = (typeof channels)[number]
export const states = ['prepared', 'approved', 'held', 'sent', 'cancelled'] as const
export type MessageState = (typeof states)[number]

/** From where each decision leads where. `sent` is said by who sends: of letters and calls a person, else the communications. */
export const moves = {
  approve: { from: ['prepared', 'held'], to: 'approved' },
  hold: { from: ['prepared', 'approved'], to: 'held' },
  cancel: { from: ['prepared', 'approved', 'held'], to: 'cancelled' },
  sent: { from: ['approved'], to: 'sent' },
} as const satisfies Record<string, { from: readonly MessageState[]; to: MessageState }>
export type Move = keyof typeof moves

export type Step = { step: number; delay_days: number; gap_days: number; channel: Channel }

/** Why somebody gets nothing, or less. The first six are the gates that every message passes before it goes. */
export const gates = [
  'balance',
  'dispute',
  'promise',
  'block',
  'credit',
  'address',
  'not_due',
  'finished',
  'no_policy',
] as const
export type Gate = (typeof gates)[number]

export type InvoiceFacts = {
  id: number
  number: string
  /** What is open today. */
  open: bigint
  /** Of it, what is in dispute. */
  disputed: bigint
  due_on: string
  /** An open promise about it, by its last day. */
  promise: { id: number; deadline: string } | null
  block: { until: string; reason: string } | null
  /** The step that went out last, and when. */
  last: { step: number; sent_on: string } | null
}
export type AccountFacts = {
  /** Unapplied credit in the currency, positive. */
  credit: bigint
  block: { until: string; reason: string } | null
  email: string | null
  phone: string | null
  dead: ReadonlySet<string>
  steps: readonly Step[] | null
  invoices: readonly InvoiceFacts[]
}
export type Reason = {
  gate: Gate
  invoice_ids: number[]
  amount: bigint
  /** The last day of it: of a block, of a promise; or when the next step is due. */
  until: string | null
  text: string | null
}
export type Decision = {
  /** The step of the message; null: nothing goes out. */
  step: Step | null
  recipient: string | null
  /** What the message speaks of; `step` is the invoice's own, null where it is only listed. */
  invoices: { id: number; step: number | null; amount: bigint; days_overdue: number }[]
  amount: bigint
  reasons: Reason[]
}

/**
 * The step that an invoice is due for: the latest whose day has come, once, however long nobody sent anything. Its day is the later
 * of due day + delay and the previous sending + gap; what was sent is never sent again, whatever stopped it in between.
 */
export function dueStep(
  { due_on, last }: Pick<InvoiceFacts, 'due_on' | 'last'>,
  steps: readonly Step[],
  today: string,
): { step: Step } | { next_on: string } | { finished: true } {
  const after = steps.filter(({ step }) => step > (last?.step ?? 0))
  const dayOf = (step: Step) => {
    const due = addDays(due_on, step.delay_days)
    const gap = last ? addDays(last.sent_on, step.gap_days) : due
    return gap > due ? gap : due
  }
  const step = after.filter((each) => dayOf(each) <= today).at(-1)
  if (step) return { step }
  const next = after.map(dayOf).sort()[0]
  return next ? { next_on: next } : { finished: true }
}

/** What an account gets today, and why not more: gate by gate, first invoice by invoice, then for the message as a whole. */
export function decide(account: AccountFacts, today: string): Decision {
  const reasons = new Map<string, Reason>()
  const because = (
    gate: Gate,
    invoice: InvoiceFacts,
    amount: bigint,
    until: string | null = null,
    text: string | null = null,
  ) => {
    const key = `${gate} ${until} ${text}`
    const reason = reasons.get(key) ?? { gate, invoice_ids: [], amount: 0n, until, text }
    reason.invoice_ids.push(invoice.id)
    reason.amount += amount
    reasons.set(key, reason)
  }
  const nothing = (): Decision => ({
    step: null,
    recipient: null,
    invoices: [],
    amount: 0n,
    reasons: [...reasons.values()],
  })
  const { steps } = account
  if (!steps) {
    for (const invoice of account.invoices) because('no_policy', invoice, invoice.open)
    return nothing()
  }

  const spoken: Decision['invoices'] = []
  let highest: Step | null = null
  for (const invoice of account.invoices) {
    const { open, promise, block } = invoice
    if (open <= 0n) {
      because('balance', invoice, 0n)
      continue
    }
    const disputed = invoice.disputed < open ? invoice.disputed : open
    if (disputed > 0n) because('dispute', invoice, disputed)
    const amount = open - disputed
    if (amount <= 0n) continue
    if (promise) {
      because('promise', invoice, amount, promise.deadline)
      continue
    }
    if (block && block.until >= today) {
      because('block', invoice, amount, block.until, block.reason)
      continue
    }
    const due = dueStep(invoice, steps, today)
    const days_overdue = daysBetween(invoice.due_on, today)
    if ('step' in due) {
      spoken.push({ id: invoice.id, step: due.step.step, amount, days_overdue })
      if (!highest || due.step.step > highest.step) highest = due.step
    } else {
      because(
        'finished' in due ? 'finished' : 'not_due',
        invoice,
        amount,
        'next_on' in due ? due.next_on : null,
      )
      // Somebody who is written to is told of all that is late.
      if (days_overdue > 0) spoken.push({ id: invoice.id, step: null, amount, days_overdue })
    }
  }
  if (!highest) return nothing()

  const stopped = (gate: Gate, until: string | null = null, text: string | null = null) => {
    const ids = new Set(spoken.map(({ id }) => id))
    for (const invoice of account.invoices)
      if (ids.has(invoice.id))
        because(gate, invoice, spoken.find(({ id }) => id === invoice.id)!.amount, until, text)
    return nothing()
  }
  const amount = spoken.reduce((sum, each) => sum + each.amount, 0n)
  if (account.block && account.block.until >= today)
    return stopped('block', account.block.until, account.block.reason)
  if (account.credit >= amount) return stopped('credit')
  const address = addressFor(highest.channel, account)
  if ('dead' in address) return stopped('address', null, address.dead)
  // What is only listed has its step behind or before it: that is no reason against this message.
  const listed = new Set(spoken.map(({ id }) => id))
  return {
    step: highest,
    recipient: address.recipient,
    invoices: spoken,
    amount,
    reasons: [...reasons.values()].filter(
      ({ gate, invoice_ids }) =>
        !['not_due', 'finished'].includes(gate) || invoice_ids.some((id) => !listed.has(id)),
    ),
  }
}

/** Where a message goes. Letters go by post, to the address that whoever prints them has. */
function addressFor(
  channel: Channel,
  { email, phone, dead }: Pick<AccountFacts, 'email' | 'phone' | 'dead'>,
): { recipient: string | null } | { dead: string } {
  if (channel === 'letter') return { recipient: null }
  const address = channel === 'email' ? email : phone
  if (!address) return { dead: channel === 'email' ? 'no e-mail address' : 'no telephone number' }
  return dead.has(address.toLowerCase()) ? { dead: address } : { recipient: address }
}
