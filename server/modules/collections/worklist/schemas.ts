import { z } from 'zod'
import { currency, date, id, page, pageOf, text } from '../../../core/schema.ts'
import { type Reason, reasons, usualWeights } from './weights.ts'

export const WorklistQuery = z.object({
  state: z.enum(['todo', 'worked', 'paused']).default('todo'),
  currency: currency.optional(),
  /** A member's share; 0 what nobody works. */
  assigned_to: z.coerce.number().int().min(0).optional(),
  ...page,
})
export type WorklistQuery = z.infer<typeof WorklistQuery>

const reason = z.enum(reasons as [Reason, ...Reason[]])
const Item = z.object({
  customer_id: z.number(),
  code: z.string().nullable(),
  name: z.string(),
  phone: z.string().nullable(),
  email: z.string().nullable(),
  currency: z.string(),
  open_amount: z.number(),
  overdue: z.number(),
  overdue_count: z.number(),
  oldest_days: z.number(),
  due_soon: z.number(),
  unapplied: z.number(),
  /** Of the overdue. */
  disputed: z.number(),
  promised: z.number(),
  /** Overdue, neither disputed nor promised. */
  collectable: z.number(),
  promise_due_on: z.string().nullable(),
  broken_level: z.number().nullable(),
  broken_on: z.string().nullable(),
  contacted_on: z.string().nullable(),
  follow_up_on: z.string().nullable(),
  last_payment_on: z.string().nullable(),
  /** Of paying an invoice of the usual size late, 0 to 1. */
  late_risk: z.number().nullable(),
  paused_until: z.string().nullable(),
  paused_as: z.string().nullable(),
  paused_because: z.string().nullable(),
  state: z.string(),
  /** The sum of the reasons' points. */
  score: z.number(),
  reasons: z.array(z.object({ kind: reason, points: z.number(), most: z.number() })),
})
export const Worklist = pageOf(Item).extend({
  as_of: z.string(),
  counts: z.object({ todo: z.number(), worked: z.number(), paused: z.number() }),
  totals: z.array(z.object({ currency: z.string(), count: z.number(), collectable: z.number() })),
})
export type WorklistItem = z.infer<typeof Item>

export const PauseInput = z.object({
  kind: z.enum(['snooze', 'skip']),
  until_on: date.optional(),
  reason: text(300, 1),
})
export type PauseInput = z.infer<typeof PauseInput>
export const Pause = z.object({
  customer_id: z.number(),
  kind: z.string(),
  until_on: z.string(),
  reason: z.string(),
})
export const customerParams = z.object({ customer_id: id })

const weight = (kind: Reason) =>
  usualWeights[kind] < 0 ? z.number().min(-100).max(0) : z.number().min(0).max(100)
export const WeightsChange = z
  .object(Object.fromEntries(reasons.map((kind) => [kind, weight(kind)])) as Record<Reason, z.ZodNumber>)
  .partial()
export const WeightsView = z.object({
  weights: z.object(
    Object.fromEntries(reasons.map((kind) => [kind, z.number()])) as Record<Reason, z.ZodNumber>,
  ),
  version: z.number(),
})
