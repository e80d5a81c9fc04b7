import { z } from 'zod'
import { date, id } from '../../../core/schema.ts'

export const Language = z.string().regex(/^[a-z]{2}(-[A-Z]{2})?$/, 'A language such as en or af.')
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'A time such as 08:00.')
const Span = z.object({ from: time, until: time }).nullable()
/** Sunday first. */
const Week = z.tuple([Span, Span, Span, Span, Span, Span, Span])
const Gate = z.enum(['quiet_hours', 'holiday'])

export const OutletQuery = z.object({ outlet_id: id.optional() })
export const SendingRulesInput = z.object({
  /** Null: the hours of the country. */
  week: Week.nullable().default(null),
  keeps_holidays: z.boolean().default(true),
  /** Further days on which nothing goes, and holidays on which it does. */
  rest_days: z.array(date).max(200).default([]),
  work_days: z.array(date).max(200).default([]),
  /** Nobody is reminded again by the same way within so many days. */
  repeat_days: z.number().int().min(0).max(365).default(7),
  language: Language.default('en'),
})
export type SendingRulesInput = z.output<typeof SendingRulesInput>
export const SendingRules = z.object({
  outlet_id: z.number().nullable(),
  is_own: z.boolean(),
  week: Week,
  default_week: Week,
  keeps_holidays: z.boolean(),
  rest_days: z.array(z.string()),
  work_days: z.array(z.string()),
  repeat_days: z.number(),
  language: z.string(),
  timezone: z.string(),
  country: z.string(),
  /** Whether the holidays of the country are known here; else days of rest are to be named. */
  knows_holidays: z.boolean(),
  holidays: z.array(z.object({ day: z.string(), name: z.string() })),
  closed_now: z.object({ gate: Gate, text: z.string(), next: z.string().nullable() }).nullable(),
  version: z.number(),
})
export type SendingRules = z.infer<typeof SendingRules>
