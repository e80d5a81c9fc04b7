import { z } from 'zod'
import { currency, date, flag, id, idOrNone, page, pageOf, text } from '../../../core/schema.ts'
import { openStates, resolutions, states } from './rules.ts'

// ---- reasons --------------------------------------------------------------------------------------------------------

export const ReasonInput = z.object({
  name: text(120, 1),
  parent_id: id.nullable().optional(),
  /** Who clears disputes of this reason unless somebody else is named; null nobody. */
  owner_id: id.nullable().optional(),
  /** Business days from the opening to the end of the clock. */
  sla_days: z.number().int().min(0).max(365),
  position: z.number().int().min(0).max(10_000).optional(),
  is_active: z.boolean().optional(),
})
export const Reason = z.object({
  id: z.number(),
  parent_id: z.number().nullable(),
  code: z.string().nullable(),
  name: z.string(),
  /** `Billing error / Price / Discount`. */
  path: z.string(),
  level: z.number(),
  owner_id: z.number().nullable(),
  owner_name: z.string().nullable(),
  sla_days: z.number(),
  position: z.number(),
  is_active: z.boolean(),
  version: z.number(),
})
export const Reasons = z.object({ items: z.array(Reason) })
/** Reasons in the order they should have among those of their parent; those not named come after. */
export const ReasonOrder = z.object({ reason_ids: z.array(id).min(1).max(500) })

// ---- one dispute ----------------------------------------------------------------------------------------------------

const amount = z.number().positive('More than zero.').max(1e12)
const note = text(4000)
  .optional()
  .transform((said) => said || undefined)

const opening = {
  reason_id: id,
  note,
  /** Not later than today; today unless given. */
  opened_on: date.optional(),
  /** Who clears it; the reason's own person unless given, null nobody. */
  owner_id: id.nullable().optional(),
}
export const DisputeInput = z.object({
  invoice_id: id,
  ...opening,
  /** Of the invoice, in its currency; without it the whole invoice is disputed. */
  amount: amount.nullable().optional(),
  /** Which line of the invoice, in words. */
  line: text(200)
    .nullable()
    .optional()
    .transform((said) => said || undefined),
})
export const DisputesInput = z.object({
  ...opening,
  /** Without ids every invoice that the filters of the address find. */
  invoice_ids: z.array(id).min(1).max(10_000).optional(),
  dry_run: z.boolean().default(false),
})
export const DisputeChange = z.object({
  reason_id: id.optional(),
  amount: amount.nullable().optional(),
  line: text(200)
    .nullable()
    .optional()
    .transform((said) => (said === undefined ? undefined : said || null)),
  note: text(4000)
    .nullable()
    .optional()
    .transform((said) => (said === undefined ? undefined : said || null)),
  due_on: date.optional(),
  /** As it is; another one has acts of its own. */
  state: z.enum(states).optional(),
})
export const OwnerInput = z.object({ owner_id: id.nullable() })
export const MoveInput = z.object({ state: z.enum(states), note })
export const ResolveInput = z.object({
  resolution: z.enum(resolutions),
  note,
  /** Of an accepted dispute: what will be credited; the disputed amount unless given. */
  agreed_amount: z.number().min(0).max(1e12).nullable().optional(),
  /** From this day the invoice is not disputed; today unless given. */
  closed_on: date.optional(),
})
export const WithdrawInput = z.object({ note, closed_on: date.optional() })
export const ReopenInput = z.object({ note })

const Person = z.object({ id: z.number(), full_name: z.string() }).nullable()
export const Dispute = z.object({
  /** Null: nobody works it, a file says that the invoice is disputed. */
  id: z.number().nullable(),
  invoice_id: z.number(),
  invoice_number: z.string(),
  customer_id: z.number(),
  customer_code: z.string().nullable(),
  customer_name: z.string(),
  assigned_to: z.number().nullable(),
  assigned_to_name: z.string().nullable(),
  currency: z.string(),
  invoice_amount: z.number(),
  open_amount: z.number(),
  /** As it was opened: null the whole invoice. */
  amount: z.number().nullable(),
  /** Of what is open, what is in dispute; of a closed one what was. */
  disputed_amount: z.number(),
  line: z.string().nullable(),
  note: z.string().nullable(),
  source: z.string(),
  /** `new`, `in_review`, `waiting`, `resolved`, `withdrawn`, and `stated` for what a file says. */
  state: z.string(),
  reason_id: z.number().nullable(),
  reason: z.string(),
  /** Of the preset that it is, or is below: `po_mismatch`. */
  reason_code: z.string().nullable(),
  owner_id: z.number().nullable(),
  owner_name: z.string().nullable(),
  opened_on: z.string().nullable(),
  closed_on: z.string().nullable(),
  due_on: z.string().nullable(),
  waiting_since: z.string().nullable(),
  /** Business days until the clock ends; negative when it has. Null when no clock runs. */
  days_left: z.number().nullable(),
  age_days: z.number().nullable(),
  resolution: z.string().nullable(),
  resolution_note: z.string().nullable(),
  agreed_amount: z.number().nullable(),
  opened_by: Person,
  closed_by: Person,
  comment_count: z.number(),
  file_count: z.number(),
  version: z.number().nullable(),
})

export const DisputeDetails = Dispute.extend({
  /** When it was open, and of how much: [opened_on, closed_on). */
  intervals: z.array(
    z.object({ opened_on: z.string(), closed_on: z.string().nullable(), amount: z.number().nullable() }),
  ),
  /** What may be done with it now. */
  moves: z.array(z.object({ state: z.string(), by: z.string() })),
})

export const DisputeComment = z.object({
  id: z.number(),
  dispute_id: z.number(),
  user: Person,
  body: z.string(),
  created_at: z.string(),
})
export const DisputeComments = z.object({ items: z.array(DisputeComment) })
export const DisputeCommentInput = z.object({ body: text(4000, 1) })

export const Opened = z.object({
  dry_run: z.boolean(),
  /** How many were, or would be, opened; with their money. */
  opened: z.number(),
  totals: z.array(z.object({ currency: z.string(), count: z.number(), amount: z.number() })),
  /** How many were left out, and why. */
  skipped: z.array(z.object({ why: z.string(), count: z.number() })),
  /** Those that were opened, by which they can be taken back. */
  dispute_ids: z.array(z.number()),
})
export const UndoOpened = z.object({ dispute_ids: z.array(id).min(1).max(10_000) })
export const OpenedUndone = z.object({
  undone: z.number(),
  /** Left as they are: somebody has worked them since, or somebody else opened them. */
  kept: z.number(),
})

// ---- lists ----------------------------------------------------------------------------------------------------------

const stateWords = [...states, 'stated', 'open', 'closed', 'all'] as const
export const DisputeFilters = z.object({
  search: z.string().trim().max(200).optional(),
  /** Between commas; `open` and `closed` stand for several, `stated` is what files say alone. Open ones and stated ones unless given. */
  state: z
    .string()
    .trim()
    .max(200)
    .transform((said) => said.split(',').map((word) => word.trim()))
    .pipe(z.array(z.enum(stateWords)).min(1))
    .optional(),
  /** With the reasons below it. */
  reason_id: id.optional(),
  /** 0: nobody. */
  owner_id: idOrNone,
  /** Of the caller alone. */
  mine: flag.optional(),
  /** Whose clock has ended. */
  late: flag.optional(),
  customer_id: id.optional(),
  invoice_id: id.optional(),
  currency: currency.optional(),
  amount_min: z.coerce.number().min(0).max(1e15).optional(),
  amount_max: z.coerce.number().min(0).max(1e15).optional(),
  opened_from: date.optional(),
  opened_to: date.optional(),
})
export type DisputeFilters = z.infer<typeof DisputeFilters>
const sorting = {
  sort: z
    .enum([
      'due_on',
      'opened_on',
      'disputed_amount',
      'customer_name',
      'invoice_number',
      'reason',
      'owner',
      'state',
    ])
    .default('due_on'),
  order: z.enum(['asc', 'desc']).optional(),
}
export const DisputeQuery = DisputeFilters.extend({ ...sorting, ...page })
export type DisputeQuery = z.infer<typeof DisputeQuery>
export const DisputeExport = DisputeFilters.extend({
  ...sorting,
  format: z.enum(['csv', 'xlsx']).default('csv'),
})
export const Disputes = pageOf(Dispute).extend({
  as_of: z.string(),
  totals: z.array(
    z.object({ currency: z.string(), count: z.number(), disputed_amount: z.number(), late: z.number() }),
  ),
})

export const ReportQuery = z.object({
  currency: currency.optional(),
  /** Disputes opened from this day on; ninety days before `as_of` unless given. */
  from: date.optional(),
  as_of: date.optional(),
  /** Counts reasons below their uppermost, or each by itself. */
  level: z.coerce.number().int().min(1).max(3).default(1),
})
const sums = {
  /** Opened in the period. */
  opened: z.number(),
  opened_amount: z.number(),
  /** Open at the end of `as_of`, whenever opened. */
  open: z.number(),
  open_amount: z.number(),
  /** Resolved in the period, and how. */
  resolved: z.number(),
  accepted: z.number(),
  agreed_amount: z.number(),
  /** Calendar days from opening to resolution, on average; null where none was resolved. */
  resolution_days: z.number().nullable(),
  /** Of those resolved, how many before their clock ended. */
  in_time: z.number(),
}
export const DisputeReport = z.object({
  as_of: z.string(),
  from: z.string(),
  currency: z.string(),
  currencies: z.array(z.string()),
  reasons: z.array(
    z.object({
      reason_id: z.number(),
      reason: z.string(),
      ...sums,
      /** Of the money opened, this reason's and all before it. */
      cumulative_share: z.number(),
    }),
  ),
  totals: z.object(sums),
  /** Disputed by files alone, which give no reason that is worked. */
  stated: z.object({ count: z.number(), amount: z.number() }),
})
export { openStates }
