import { z } from 'zod'
import { currency } from '../../../core/schema.ts'

export const ForecastQuery = z.object({
  currency: currency.optional(),
  weeks: z.coerce.number().int().min(1).max(26).default(13),
})
export type ForecastQuery = z.infer<typeof ForecastQuery>

export const Forecast = z.object({
  as_of: z.string(),
  currency: z.string(),
  open_amount: z.number(),
  /** Left out of the weeks. */
  disputed: z.number(),
  /** Empty while too little is known. */
  weeks: z.array(
    z.object({
      from: z.string(),
      to: z.string(),
      /** As likely more as less. */
      p50: z.number(),
      /** Comes with 80 % certainty. */
      p80: z.number(),
      promised: z.number(),
    }),
  ),
  later: z.number().nullable(),
  /** What would have been said of four weeks each, and what came. */
  past: z.array(
    z.object({
      from: z.string(),
      to: z.string(),
      expected: z.number(),
      safe: z.number(),
      came: z.number(),
    }),
  ),
})

const Scores = z.object({
  invoices: z.number(),
  late_share: z.number(),
  accuracy: z.number(),
  auc: z.number().nullable(),
  days_error: z.number(),
  calibration: z.array(z.object({ predicted: z.number(), happened: z.number(), invoices: z.number() })),
})
export const PredictionQuality = z.object({
  trained_on: z.string().nullable(),
  invoices: z.number(),
  back_test: z
    .object({
      from: z.string(),
      trained_on_invoices: z.number(),
      ours: Scores,
      customer_history: Scores,
    })
    .nullable(),
})
