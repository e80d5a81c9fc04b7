import { z } from 'zod'
import { currency, date, flag, id, idOrNone, page, pageOf } from '../../core/schema.ts'

export const AgeingQuery = z.object({
  as_of: date.optional(),
  basis: z.enum(['due', 'invoice']).default('due'),
  group_by: z.enum(['none', 'customer', 'region', 'collector', 'currency']).default('none'),
  currency: currency.optional(),
})
const parts = {
  buckets: z.array(
    z.object({
      bucket: z.string(),
      label: z.string(),
      from_days: z.number().nullable(),
      to_days: z.number().nullable(),
      amount: z.number(),
      count: z.number(),
    }),
  ),
  /** Credits, negative: they are in the total and in no bucket. */
  unapplied: z.number(),
  /** Of the buckets' amounts, what is in dispute. */
  disputed: z.number(),
  total: z.number(),
}
export const Ageing = z.object({
  as_of: z.string(),
  basis: z.string(),
  currency: z.string(),
  currencies: z.array(z.string()),
  groups: z.array(z.object({ key: z.string(), label: z.string(), ...parts })),
  totals: z.object(parts),
})

export const InvoiceQuery = z.object({
  search: z.string().trim().max(200).optional(),
  /** `current`, `1-30`, …, `over-120`, `undated`: the names that the ageing answers. */
  bucket: z.string().trim().max(30).optional(),
  status: z.enum(['open', 'partial', 'paid', 'disputed', 'credit', 'unpaid', 'overdue']).optional(),
  customer_id: id.optional(),
  /** 0: without region, without collector. */
  region_id: idOrNone,
  assigned_to: idOrNone,
  disputed: flag.optional(),
  currency: currency.optional(),
  as_of: date.optional(),
  sort: z
    .enum([
      'days_overdue',
      'invoice_number',
      'customer_name',
      'invoice_date',
      'due_date',
      'amount',
      'open_amount',
      'currency',
    ])
    .optional(),
  order: z.enum(['asc', 'desc']).optional(),
  ...page,
})
export type InvoiceQuery = z.infer<typeof InvoiceQuery>

export const Invoice = z.object({
  id: z.number(),
  invoice_number: z.string(),
  customer_id: z.number(),
  customer_code: z.string().nullable(),
  customer_name: z.string(),
  invoice_date: z.string().nullable(),
  due_date: z.string().nullable(),
  amount: z.number(),
  open_amount: z.number(),
  currency: z.string(),
  /** Negative while not due; null when nothing is owed or no date is known. */
  days_overdue: z.number().nullable(),
  bucket: z.string().nullable(),
  status: z.string(),
  is_disputed: z.boolean(),
})
export const Invoices = pageOf(Invoice).extend({
  totals: z.array(
    z.object({ currency: z.string(), amount: z.number(), open_amount: z.number(), count: z.number() }),
  ),
})
