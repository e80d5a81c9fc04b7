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
