import { z } from 'zod'
import { currency, date, id, name, page, pageOf, text } from '../../core/schema.ts'

/** Tables that are exported, and that packs are made of. */
export const tableNames = [
  'figures',
  'months',
  'changes',
  'roll_rates',
  'at_risk',
  'regions',
  'debtors',
  'disputes',
  'promises',
  'team',
  'collectors',
] as const

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

// ---- why ------------------------------------------------------------------------------------------------------------

const change = {
  /** `balance` is everything less unapplied credit; `receivables` what is owed without it. */
  figure: z.enum(['balance', 'receivables', 'current', 'overdue', 'unapplied']).default('balance'),
  from: date,
  /** The first day again unless said: then what was known of it is compared. */
  to: date.optional(),
  from_known_on: date.optional(),
  to_known_on: date.optional(),
  currency: currency.optional(),
}
export const WhyQuery = z.object(change)
const Point = z.object({ day: z.string(), known_on: z.string().nullable(), amount: z.number() })
export const whyGroups = [
  'invoices',
  'credits',
  'payments',
  'manual',
  'write_offs',
  'reversals',
  'corrections',
  'withdrawals',
  'undone',
  'fell_due',
  'turned',
] as const
export const Why = z.object({
  figure: z.string(),
  currency: z.string(),
  opening: Point,
  closing: Point,
  change: z.number(),
  /** The groups' sum: the change, exactly. */
  explained: z.number(),
  groups: z.array(z.object({ group: z.enum(whyGroups), amount: z.number(), count: z.number() })),
})
export type Why = z.infer<typeof Why>
export const WhyRowsQuery = z.object({ ...change, group: z.enum(whyGroups), ...page })
export const WhyRows = pageOf(
  z.object({
    invoice_id: z.number(),
    invoice_number: z.string(),
    customer_id: z.number(),
    customer_name: z.string(),
    amount: z.number(),
    /** The entry's; null for what time did by itself. */
    kind: z.string().nullable(),
    effective_on: z.string().nullable(),
    effective_after: z.string().nullable(),
    recorded_at: z.string().nullable(),
    import_id: z.number().nullable(),
    file_name: z.string().nullable(),
  }),
).extend({ currency: z.string(), amount: z.number() })

// ---- promises, people ----------------------------------------------------------------------------------------------

const kept = { kept_percent: z.number().nullable(), kept_amount_percent: z.number().nullable() }
export const PromisesKept = z.object({
  ...view,
  ...kept,
  reason: z.string().nullable(),
  verdicts: z.array(
    z.object({ verdict: z.string(), count: z.number(), amount: z.number(), paid: z.number() }),
  ),
  months: z.array(z.object({ month: z.string(), count: z.number(), ...kept })),
})
const load = {
  count: z.number(),
  overdue_count: z.number(),
  open: z.number(),
  overdue: z.number(),
  oldest_days: z.number().nullable(),
}
export const Team = z.object({
  ...view,
  unassigned: z.object(load),
  others: z.object(load),
  items: z.array(
    z.object({
      user_id: z.number(),
      name: z.string(),
      ...load,
      tasks: z.number(),
      late_tasks: z.number(),
      disputes: z.number(),
      /** Open past the end of their clock. */
      late_disputes: z.number(),
      /** In the period. */
      contacts: z.number(),
    }),
  ),
})
const contacted = {
  customers: z.number(),
  contacts: z.number(),
  reached_percent: z.number().nullable(),
  promised_percent: z.number().nullable(),
  /** Of these customers, when the period began; and what of it is paid since. */
  overdue: z.number(),
  paid: z.number(),
  paid_percent: z.number().nullable(),
  cash: z.number(),
  cash_per_contact: z.number().nullable(),
}
export const Collectors = z.object({
  ...view,
  contact_days: z.number(),
  items: z.array(z.object({ user_id: z.number(), name: z.string(), ...contacted })),
  comparison: z.object(contacted),
})

export const Mine = z.object({ metrics: Metrics, contacts: Collectors })

// ---- rates ----------------------------------------------------------------------------------------------------------

export const RateQuery = z.object({ currency: currency.optional(), ...page })
export const Rates = pageOf(
  z.object({
    currency: z.string(),
    day: z.string(),
    /** What one unit was worth in `base`. */
    rate: z.string(),
    source: z.string().nullable(),
    by: z.string().nullable(),
    created_at: z.string(),
  }),
).extend({ base: z.string(), currencies: z.array(z.string()) })
export const RateInput = z.object({
  currency,
  day: date,
  rate: z.string().trim().max(30),
  source: text(200).optional(),
})
export const RatesPasted = z.object({ text: z.string().max(500_000), source: text(200).optional() })
export const RatesSet = z.object({ added: z.number(), changed: z.number(), unchanged: z.number() })
export const RateKey = z.object({ currency, day: date })
export const Rate = z.object({ currency: z.string(), day: z.string(), rate: z.string() })

// ---- packs and their schedules -------------------------------------------------------------------------------------

const Person = z.object({ id: z.number(), full_name: z.string() })
const schedule = {
  name,
  every: z.enum(['day', 'week', 'month']),
  currency: currency.nullable(),
  reporting: currency.nullable(),
  user_ids: z.array(id).min(1).max(100),
}
export const ScheduleInput = z.object({
  ...schedule,
  currency: schedule.currency.optional(),
  reporting: schedule.reporting.optional(),
})
export const ScheduleChanges = z.object({ ...schedule, is_active: z.boolean() }).partial()
export const Schedule = z.object({
  id: z.number(),
  name: z.string(),
  every: z.string(),
  currency: z.string().nullable(),
  reporting: z.string().nullable(),
  users: z.array(Person),
  /** The day on which the next pack is made; it speaks of the day before. */
  next_on: z.string(),
  is_active: z.boolean(),
  last_pack_on: z.string().nullable(),
  /** Deliveries that wait until mail can be sent. */
  waiting: z.number(),
  version: z.number(),
})
export const Schedules = z.object({ items: z.array(Schedule) })
export const Readers = z.object({ items: z.array(Person) })
export const PackQuery = z.object(page)
export const Pack = z.object({
  id: z.number(),
  schedule_id: z.number().nullable(),
  name: z.string().nullable(),
  as_of: z.string(),
  currency: z.string(),
  file_name: z.string(),
  file_size: z.number(),
  created_at: z.string(),
  deliveries: z.array(z.object({ user_id: z.number(), full_name: z.string(), mail: z.string() })),
})
export const Packs = pageOf(Pack)
export const TableExport = ViewQuery.extend({
  table: z.enum(tableNames),
  format: z.enum(['csv', 'xlsx']).default('xlsx'),
})

export const TeamExport = TableExport.extend({ table: z.enum(['team', 'collectors']) })
