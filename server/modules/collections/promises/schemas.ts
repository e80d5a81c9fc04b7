import { z } from 'zod'
import { currency, date, flag, id, page, pageOf, text } from '../../../core/schema.ts'

const verdict = z.enum(['open', 'kept', 'partially_kept', 'broken', 'superseded', 'withdrawn'])
/** Several words in one parameter, between commas. */
const several = <const Words extends readonly [string, ...string[]]>(
  words: z.ZodEnum<{ [Word in Words[number]]: Word }>,
) =>
  z
    .string()
    .trim()
    .max(200)
    .transform((said) => said.split(',').map((word) => word.trim()))
    .pipe(z.array(words).min(1))
const viewOfDay = {
  /** Verdicts at the end of this day. */
  as_of: date.optional(),
  /** `then`: from what was known that evening. */
  known: z.enum(['now', 'then']).optional(),
}

export const PromiseFilters = z.object({
  search: z.string().trim().max(200).optional(),
  /** `open,broken`: what came of them. */
  verdict: several(verdict).optional(),
  state: several(z.enum(['active', 'superseded', 'withdrawn'])).optional(),
  customer_id: id.optional(),
  invoice_id: id.optional(),
  /** Who took the promise. */
  made_by: id.optional(),
  /** Whose invoices it is about. */
  assigned_to: id.optional(),
  currency: currency.optional(),
  /** The promised day. */
  due_from: date.optional(),
  due_to: date.optional(),
  /** The day may have passed; no file has told yet. */
  is_waiting: flag.optional(),
  ...viewOfDay,
})
export type PromiseFilters = z.infer<typeof PromiseFilters>
const sorting = {
  sort: z
    .enum(['promised_on', 'made_on', 'amount', 'paid', 'customer_name', 'level', 'verdict'])
    .default('promised_on'),
  order: z.enum(['asc', 'desc']).optional(),
}
export const PromiseQuery = PromiseFilters.extend({ ...sorting, ...page })
export type PromiseQuery = z.infer<typeof PromiseQuery>
export const PromiseExport = PromiseFilters.extend({
  ...sorting,
  format: z.enum(['csv', 'xlsx']).default('csv'),
})
export type PromiseExport = z.infer<typeof PromiseExport>

const Person = z.object({ id: z.number(), full_name: z.string() }).nullable()
export const Promised = z.object({
  id: z.number(),
  customer_id: z.number(),
  customer_code: z.string().nullable(),
  customer_name: z.string(),
  currency: z.string(),
  amount: z.number(),
  /** What came in time, as far as the verdict counts it. */
  paid: z.number(),
  promised_on: z.string(),
  tolerance_days: z.number(),
  /** The last day on which money keeps it. */
  deadline: z.string(),
  made_on: z.string(),
  made_at: z.string(),
  made_by: Person,
  note: z.string().nullable(),
  /** `staff`, or `customer`: through the link they were given. */
  source: z.string(),
  state: z.string(),
  level: z.number(),
  verdict,
  /** The last money came between these days; they are one day when it is known exactly. */
  paid_from: z.string().nullable(),
  paid_by: z.string().nullable(),
  /** The money may as well have come outside the promised days. */
  is_estimate: z.boolean(),
  /** The deadline has passed, and no file of it or later has told what came of the promise. */
  is_waiting: z.boolean(),
  /** The day of the file that decided the verdict. */
  decided_by: z.string().nullable(),
  invoice_count: z.number(),
  /** The first of them, in the order of their age. */
  invoice_numbers: z.array(z.string()),
  version: z.number(),
})
export type Promised = z.infer<typeof Promised>
const Total = z.object({ currency: z.string(), count: z.number(), amount: z.number(), paid: z.number() })
export const Promises = pageOf(Promised).extend({
  as_of: z.string(),
  totals: z.array(Total),
  /** How many there are of each verdict, and how many are due when, under all filters but those of verdict and days. */
  counts: z.record(z.string(), z.number()),
  /** So many days after the promised one money still keeps a promise that is taken now. */
  tolerance_days: z.number(),
})
export type PromisePage = z.infer<typeof Promises>

export const PromiseDetails = Promised.extend({
  as_of: z.string(),
  ended_on: z.string().nullable(),
  ended_by: Person,
  superseded_by: z.number().nullable(),
  supersedes: z.array(z.number()),
  withdrawn_because: z.string().nullable(),
  /** The least that keeps it: 1 % or the smallest unit may be lacking. */
  needed: z.number(),
  may_undo: z.boolean(),
  may_withdraw: z.boolean(),
  invoices: z.array(
    z.object({
      invoice_id: z.number(),
      invoice_number: z.string(),
      due_date: z.string().nullable(),
      amount: z.number(),
      open_amount: z.number(),
      paid: z.number(),
    }),
  ),
  /** The entries of the ledger that count, by invoice and days. */
  counted: z.array(
    z.object({
      invoice_id: z.number(),
      invoice_number: z.string(),
      amount: z.number(),
      paid_from: z.string(),
      paid_by: z.string(),
      is_estimate: z.boolean(),
      import_id: z.number().nullable(),
      file_name: z.string().nullable(),
      recorded_at: z.string(),
    }),
  ),
  history: z.array(
    z.object({
      id: z.number(),
      kind: z.string(),
      at: z.string(),
      user: Person,
      data: z.record(z.string(), z.unknown()),
    }),
  ),
})
export type PromiseDetails = z.infer<typeof PromiseDetails>
export const PromiseDay = z.object(viewOfDay)

const amount = z.number().positive('More than nothing.').max(1e12)
export const NewPromise = z
  .object({
    /** May be left out where invoices are named. */
    customer_id: id.optional(),
    currency: currency.optional(),
    /** Without it, all that is open of the invoices. */
    amount: amount.optional(),
    promised_on: date,
    /** The day the customer said so; today unless given. */
    made_on: date.optional(),
    tolerance_days: z.number().int().min(0).max(60).optional(),
    /** Which invoices; the amount is spread over them, oldest first. Without any, over all that are open. */
    invoice_ids: z.array(id).min(1).max(1_000).optional(),
    /** How much for which, instead of oldest first. */
    invoices: z
      .array(z.object({ invoice_id: id, amount }))
      .min(1)
      .max(1_000)
      .optional(),
    note: text(2000, 1).optional(),
  })
  .refine(({ invoice_ids, invoices }) => !(invoice_ids && invoices), {
    path: ['invoices'],
    message: 'Name the invoices in one of invoice_ids and invoices.',
  })
export type NewPromise = z.infer<typeof NewPromise>
export const Withdrawal = z.object({ reason: text(500, 1) })

export const PromiseRates = z.object({
  as_of: z.string(),
  currency: z.string(),
  /** Without the promises that are still open, superseded or withdrawn. */
  items: z.array(
    z.object({
      id: z.number().nullable(),
      name: z.string(),
      count: z.number(),
      kept: z.number(),
      partially_kept: z.number(),
      broken: z.number(),
      open: z.number(),
      /** kept ÷ (kept + partially kept + broken); null where there are none. */
      rate_by_count: z.number().nullable(),
      /** By amount; of a promise that was partially kept, its paid share. */
      rate_by_amount: z.number().nullable(),
      amount: z.number(),
    }),
  ),
  total: z.object({
    count: z.number(),
    kept: z.number(),
    partially_kept: z.number(),
    broken: z.number(),
    open: z.number(),
    rate_by_count: z.number().nullable(),
    rate_by_amount: z.number().nullable(),
    amount: z.number(),
  }),
})
export type PromiseRates = z.infer<typeof PromiseRates>
export const RateQuery = z.object({
  by: z.enum(['customer', 'collector']).default('customer'),
  currency: currency.optional(),
  customer_id: id.optional(),
  made_by: id.optional(),
  /** Of the promised day. */
  due_from: date.optional(),
  due_to: date.optional(),
  ...viewOfDay,
})
