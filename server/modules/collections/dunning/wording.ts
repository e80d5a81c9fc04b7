import { decimalText } from '../../../core/money.ts'

/** What a template may name between double braces. */
export const placeholders = [
  'customer',
  'customer_code',
  'organisation',
  'amount',
  'currency',
  'invoice_count',
  'oldest_days',
  'invoices',
  'credits',
  'today',
] as const
type Placeholder = (typeof placeholders)[number]
const named = /\{\{\s*([^{}]*?)\s*\}\}/g

/** The first placeholder of a template that there is not, if any. */
export const unknownPlaceholder = (template: string): string | undefined =>
  [...template.matchAll(named)]
    .map((match) => match[1]!)
    .find((name) => !placeholders.includes(name as Placeholder))

export type Letter = {
  customer: string
  customer_code: string | null
  organisation: string
  currency: string
  amount: bigint
  today: string
  invoices: { number: string; due_on: string; days_overdue: number; amount: bigint }[]
  credits: { number: string; amount: bigint }[]
}

/** A template with its placeholders filled, in the manner of a language. */
export function render(template: string, letter: Letter, language: string): string {
  const { currency } = letter
  const number = new Intl.NumberFormat(language, { minimumFractionDigits: 0, maximumFractionDigits: 4 })
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' })
  const money = (minor: bigint) => {
    const text = decimalText(minor, currency)
    const decimals = text.split('.')[1]?.length ?? 0
    const exact = new Intl.NumberFormat(language, {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    })
    // As text, so that no amount becomes a float.
    return `${exact.format(text as unknown as number)} ${currency}`
  }
  const dayOf = (on: string) => day.format(new Date(`${on}T00:00:00Z`))
  const values: Record<Placeholder, () => string> = {
    customer: () => letter.customer,
    customer_code: () => letter.customer_code ?? '',
    organisation: () => letter.organisation,
    amount: () => money(letter.amount),
    currency: () => currency,
    invoice_count: () => number.format(letter.invoices.length),
    oldest_days: () => number.format(Math.max(0, ...letter.invoices.map((each) => each.days_overdue))),
    invoices: () =>
      letter.invoices
        .map(
          (each) =>
            `${each.number}   ${dayOf(each.due_on)}   ${number.format(each.days_overdue)}   ${money(each.amount)}`,
        )
        .join('\n'),
    credits: () => letter.credits.map((each) => `${each.number}   ${money(each.amount)}`).join('\n'),
    today: () => dayOf(letter.today),
  }
  return template.replaceAll(named, (whole, name: string) => values[name as Placeholder]?.() ?? whole)
}

/** What an organisation may begin with: a friendly word, a firm one, a letter, a call. */
export const standardSteps = [
  {
    delay_days: 3,
    gap_days: 0,
    channel: 'email' as const,
    language: 'en',
    subject: 'Payment reminder from {{organisation}}',
    body: `Dear {{customer}},

perhaps it has escaped your attention: {{amount}} is past its due date.

{{invoices}}

If you have paid already, please disregard this message; otherwise we look forward to your payment.

{{organisation}}`,
  },
  {
    delay_days: 15,
    gap_days: 7,
    channel: 'email' as const,
    language: 'en',
    subject: 'Second reminder: {{amount}} overdue',
    body: `Dear {{customer}},

we have not received {{amount}}, overdue for up to {{oldest_days}} days:

{{invoices}}

Please pay within seven days, or tell us what keeps you from it.

Credit notes that you may set off: {{credits}}

{{organisation}}`,
  },
  {
    delay_days: 30,
    gap_days: 10,
    channel: 'call' as const,
    language: 'en',
    subject: 'Call {{customer}} about {{amount}}',
    body: `{{customer}} ({{customer_code}}) owes {{amount}} in {{invoice_count}} invoices, the oldest {{oldest_days}} days late. Two reminders went out.

{{invoices}}`,
  },
  {
    delay_days: 45,
    gap_days: 10,
    channel: 'letter' as const,
    language: 'en',
    subject: 'Final notice: {{amount}}',
    body: `{{today}}

Dear {{customer}},

despite our reminders {{amount}} remains unpaid:

{{invoices}}

Unless it reaches us within ten days, we shall have to take further steps.

{{organisation}}`,
  },
]
