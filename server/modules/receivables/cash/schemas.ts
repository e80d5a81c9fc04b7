import { z } from 'zod'
import { currency, date, flag, id, page, pageOf, text } from '../../../core/schema.ts'

export const methods = ['bank_transfer', 'cheque', 'card', 'cash', 'direct_debit', 'other'] as const
const amount = z.number().positive('More than nothing.').max(1e15)
const Person = z.object({ id: z.number(), full_name: z.string() }).nullable()

const Line = z.object({ invoice_id: id, amount })
const how = {
  /** What it settles. The rest stays unapplied. */
  allocations: z.array(Line).max(500, 'At most 500 lines.').optional(),
  /** Instead of lines: the oldest debts of the customer first. */
  strategy: z.enum(['none', 'oldest_first']).default('none'),
}
export const PaymentInput = z.object({
  customer_id: id,
  amount,
  currency: currency.optional(),
  received_on: date,
  method: z.enum(methods).default('bank_transfer'),
  reference: text(100).nullish(),
  note: text(2000).nullish(),
  /** The customer's words about it, as pasted. */
  remittance: text(20_000).nullish(),
  /** Credits that the customer set off: they settle lines beside the payment. */
  credits: z
    .array(z.object({ credit_id: id, amount }))
    .max(100)
    .optional(),
  ...how,
})
export type PaymentInput = z.output<typeof PaymentInput>
export const AllocateInput = z.object(how)
export type AllocateInput = z.output<typeof AllocateInput>
export const ReverseInput = z.object({
  /** The day on which the money went back; without it the payment was recorded in error, and never was. */
  returned_on: date.nullish(),
  reason: text(500).nullish(),
})
export type ReverseInput = z.output<typeof ReverseInput>

export const Payment = z.object({
  id: z.number(),
  document_id: z.number(),
  customer_id: z.number(),
  customer_code: z.string().nullable(),
  customer_name: z.string(),
  currency: z.string(),
  amount: z.number(),
  allocated: z.number(),
  unapplied: z.number(),
  received_on: z.string(),
  method: z.string(),
  reference: z.string().nullable(),
  state: z.string(),
  returned_on: z.string().nullable(),
  created_by: Person,
  created_at: z.string(),
})
export const Allocation = z.object({
  id: z.number(),
  kind: z.string(),
  invoice_id: z.number(),
  invoice_number: z.string(),
  /** What pays: a payment's document, a credit note; none of a write-off and of a mark that it is paid. */
  credit_id: z.number().nullable(),
  credit_number: z.string().nullable(),
  payment_id: z.number().nullable(),
  write_off_id: z.number().nullable(),
  amount: z.number(),
  /** False while no file in the books states the invoice: the amount is unapplied until one does. */
  in_books: z.boolean(),
  said_on: z.string(),
  created_by: Person,
  created_at: z.string(),
  reversed_by: Person,
  reversed_at: z.string().nullable(),
  returned_on: z.string().nullable(),
})
export const PaymentDetails = Payment.extend({
  note: z.string().nullable(),
  remittance: z.string().nullable(),
  reversed_by: Person,
  reversed_at: z.string().nullable(),
  reversal_reason: z.string().nullable(),
  version: z.number(),
  allocations: z.array(Allocation),
})
export const PaymentFilters = z.object({
  search: z.string().trim().max(200).optional(),
  customer_id: id.optional(),
  currency: currency.optional(),
  method: z.enum(methods).optional(),
  state: z.enum(['active', 'reversed', 'all']).default('all'),
  /** Those of which something is unapplied. */
  unapplied: flag.optional(),
  received_from: date.optional(),
  received_to: date.optional(),
  sort: z.enum(['received_on', 'amount', 'unapplied', 'customer_name', 'reference']).default('received_on'),
  order: z.enum(['asc', 'desc']).optional(),
})
export type PaymentFilters = z.output<typeof PaymentFilters>
export const PaymentQuery = PaymentFilters.extend(page)
export type PaymentQuery = z.output<typeof PaymentQuery>
export const PaymentExport = PaymentFilters.extend({ format: z.enum(['csv', 'xlsx']).default('csv') })
export const Payments = pageOf(Payment).extend({
  totals: z.array(
    z.object({ currency: z.string(), count: z.number(), amount: z.number(), unapplied: z.number() }),
  ),
})
export const ReversedAllocation = z.object({
  id: z.number(),
  invoice_id: z.number(),
  payment_id: z.number().nullable(),
  amount: z.number(),
})

// ---- credits --------------------------------------------------------------------------------------------------------

export const CreditQuery = z.object({
  search: z.string().trim().max(200).optional(),
  customer_id: id.optional(),
  currency: currency.optional(),
  ...page,
})
export type CreditQuery = z.output<typeof CreditQuery>
export const Credits = pageOf(
  z.object({
    /** The document among the invoices. */
    id: z.number(),
    number: z.string(),
    document_type: z.string(),
    payment_id: z.number().nullable(),
    customer_id: z.number(),
    customer_code: z.string().nullable(),
    customer_name: z.string(),
    currency: z.string(),
    amount: z.number(),
    unapplied: z.number(),
    credit_date: z.string().nullable(),
    /** What the customer owes in this currency. */
    owed: z.number(),
  }),
).extend({
  totals: z.array(
    z.object({ currency: z.string(), count: z.number(), customers: z.number(), unapplied: z.number() }),
  ),
})
export const Credit = z.object({
  id: z.number(),
  number: z.string(),
  document_type: z.string(),
  customer_id: z.number(),
  currency: z.string(),
  amount: z.number(),
  unapplied: z.number(),
  allocations: z.array(Allocation),
})

// ---- write-offs -----------------------------------------------------------------------------------------------------

export const writeOffReasons = [
  'small_difference',
  'short_payment',
  'bad_debt',
  'discount',
  'bank_charges',
  'goodwill',
  'other',
] as const
export const WriteOffInput = z.object({
  invoice_id: id,
  /** Without it all that is open. */
  amount: amount.optional(),
  reason: z.enum(writeOffReasons),
  note: text(2000, 1),
})
export type WriteOffInput = z.output<typeof WriteOffInput>
export const WriteOffDecision = z.object({ note: text(2000).nullish() })
export const WriteOffQuery = z.object({
  state: z.enum(['requested', 'approved', 'rejected', 'reversed']).optional(),
  invoice_id: id.optional(),
  customer_id: id.optional(),
  ...page,
})
export type WriteOffQuery = z.output<typeof WriteOffQuery>
export const WriteOff = z.object({
  id: z.number(),
  invoice_id: z.number(),
  invoice_number: z.string(),
  customer_id: z.number(),
  customer_name: z.string(),
  currency: z.string(),
  open_amount: z.number(),
  amount: z.number(),
  reason: z.string(),
  note: z.string(),
  state: z.string(),
  written_off_on: z.string().nullable(),
  requested_by: Person,
  requested_at: z.string(),
  decided_by: Person,
  decided_at: z.string().nullable(),
  decision_note: z.string().nullable(),
  self_approved: z.boolean(),
  reversed_at: z.string().nullable(),
  version: z.number(),
  may_approve: z.boolean(),
  may_reject: z.boolean(),
})
export const WriteOffs = pageOf(WriteOff).extend({
  totals: z.array(z.object({ currency: z.string(), count: z.number(), amount: z.number() })),
})
const limit = z.number().min(0).max(1e15)
export const WriteOffPolicyInput = z.object({
  limits: z.array(z.object({ role_id: id, amount: limit })).max(200),
  /** null: as soon as there are two who may approve. */
  segregation_of_duties: z.boolean().nullable().optional(),
})
export type WriteOffPolicyInput = z.output<typeof WriteOffPolicyInput>
export const WriteOffPolicy = z.object({
  currency: z.string(),
  limits: z.array(z.object({ role_id: z.number(), role: z.string(), amount: z.number() })),
  own_limit: z.number(),
  segregation_of_duties: z.boolean().nullable(),
  in_force: z.boolean(),
  approvers: z.number(),
})

// ---- remittances ----------------------------------------------------------------------------------------------------

export const RemittanceInput = z.object({
  /** An e-mail, a line of a bank statement, cells copied from a sheet. */
  text: z.string().max(60_000, 'At most 60,000 characters.').optional(),
  rows: z
    .array(z.array(z.string().max(500)).max(50))
    .max(1_000)
    .optional(),
  customer_id: id.optional(),
  currency: currency.optional(),
  amount: amount.optional(),
  received_on: date.optional(),
})
export type RemittanceInput = z.output<typeof RemittanceInput>
const Customer = z.object({ id: z.number(), code: z.string().nullable(), name: z.string(), why: z.string() })
export const RemittanceProposal = z.object({
  customer: Customer.nullable(),
  customers: z.array(Customer),
  currency: z.string(),
  amount: z.number(),
  received_on: z.string(),
  is_day_read: z.boolean(),
  reference: z.string().nullable(),
  lines: z.array(
    z.object({
      document_id: z.number(),
      number: z.string(),
      open_amount: z.number(),
      amount: z.number(),
      is_credit: z.boolean(),
      reasons: z.array(z.string()),
      difference: z.number(),
      difference_reason: z.string().nullable(),
      stated: z.number().nullable(),
      said: z.string().nullable(),
    }),
  ),
  others: z.array(
    z.object({
      document_id: z.number(),
      number: z.string(),
      open_amount: z.number(),
      is_credit: z.boolean(),
    }),
  ),
  allocated: z.number(),
  credits: z.number(),
  /** Payment and credits less what they settle: amount + credits − allocated, to the cent. */
  unapplied: z.number(),
  unmatched: z.array(z.object({ text: z.string(), amount: z.number().nullable(), why: z.string() })),
  alternatives: z.array(z.object({ document_ids: z.array(z.number()), how: z.string() })),
  /** More is open than is searched for sums. */
  too_many: z.boolean(),
  shortened: z.array(z.string()),
})

export const KeepMine = z.object({ kept: z.boolean() })
export const KeptMine = z.object({ id: z.number(), kept: z.boolean(), version: z.number() })
