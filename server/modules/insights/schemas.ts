import { z } from 'zod'
import { currency, date } from '../../core/schema.ts'

export const ViewQuery = z.object({
  /** The day that is spoken of; today unless said. */
  as_of: date.optional(),
  /** The period's first day; 90 days end with `as_of` unless said. */
  from: date.optional(),
  /** What was known by the end of this day; everything that is known now unless said. */
  known_on: date.optional(),
  /** The invoices of one currency; the organisation's own unless said. */
  currency: currency.optional(),
  /** Instead: the invoices of all currencies, converted by the organisation's rates. */
  reporting: currency.optional(),
})
export const SeriesQuery = ViewQuery.extend({ months: z.coerce.number().int().min(2).max(36).default(13) })
export const DebtorsQuery = ViewQuery.extend({ count: z.coerce.number().int().min(1).max(50).default(10) })

const view = {
  as_of: z.string(),
  from: z.string(),
  days: z.number(),
  known_on: z.string().nullable(),
  currency: z.string(),
  is_converted: z.boolean(),
  rates: z.array(z.object({ currency: z.string(), day: z.string(), rate: z.string() })),
}
export const figures = [
  'receivables',
  'overdue',
  'overdue_percent',
  'unapplied',
  'dso',
  'best_possible_dso',
  'count_back_dso',
  'delinquent_days',
  'collection_effectiveness',
  'average_days_late',
  'days_to_pay',
  'billed',
  'cash',
] as const
export const Metrics = z.object({
  ...view,
  figures: z.array(
    z.object({
      figure: z.string(),
      unit: z.enum(['money', 'days', 'percent']),
      /** Null when it cannot be said; `reason` says why. */
      value: z.number().nullable(),
      reason: z.string().nullable(),
      /** Rests on payments whose day is not known exactly, or on months before the first file. */
      is_estimated: z.boolean(),
      /** Of an estimate the lower end: had every inferred payment come as early as it can have. */
      at_least: z.number().nullable(),
    }),
  ),
  parts: z.object({
    opening_receivables: z.number(),
    receivables: z.number(),
    current: z.number(),
    overdue: z.number(),
    undated: z.number(),
    unapplied: z.number(),
    billed: z.number(),
    cash: z.number(),
    inferred_cash: z.number(),
    settled_invoices: z.number(),
    estimated_invoices: z.number(),
    first_file: z.string().nullable(),
  }),
})
export type Metrics = z.infer<typeof Metrics>

const Bucket = z.object({
  bucket: z.string(),
  label: z.string(),
  from_days: z.number().nullable(),
  to_days: z.number().nullable(),
})
export const Series = z.object({
  ...view,
  buckets: z.array(Bucket),
  months: z.array(
    z.object({
      day: z.string(),
      month: z.string(),
      buckets: z.array(z.number()),
      undated: z.number(),
      unapplied: z.number(),
      receivables: z.number(),
      overdue: z.number(),
      overdue_percent: z.number().nullable(),
      billed: z.number(),
      cash: z.number(),
      inferred_cash: z.number(),
      dso: z.number().nullable(),
      best_possible_dso: z.number().nullable(),
      count_back_dso: z.number().nullable(),
      collection_effectiveness: z.number().nullable(),
      is_estimated: z.boolean(),
    }),
  ),
})
export type Series = z.infer<typeof Series>

const named = { bucket: z.string(), label: z.string() }
export const RollRates = z.object({
  ...view,
  buckets: z.array(z.object(named)),
  lines: z.array(
    z.object({
      ...named,
      amount: z.number(),
      paid: z.number(),
      paid_share: z.number().nullable(),
      roll_rate: z.number().nullable(),
      to: z.array(z.object({ bucket: z.string(), amount: z.number(), share: z.number().nullable() })),
    }),
  ),
})
export const AtRisk = z.object({
  ...view,
  days_past_due: z.number(),
  months: z.array(
    z.object({
      month: z.string(),
      billed: z.number(),
      unpaid: z.number().nullable(),
      share: z.number().nullable(),
      reason: z.string().nullable(),
    }),
  ),
})
export const Debtors = z.object({
  ...view,
  customers: z.number(),
  total: z.number(),
  concentration: z.object({
    top_1: z.number().nullable(),
    top_5: z.number().nullable(),
    top_10: z.number().nullable(),
    four_fifths: z.number().nullable(),
  }),
  items: z.array(
    z.object({
      customer_id: z.number(),
      name: z.string(),
      open: z.number(),
      overdue: z.number(),
      unapplied: z.number(),
      oldest_days: z.number().nullable(),
      share: z.number().nullable(),
    }),
  ),
})
