import { z } from 'zod'
import { currency, date, id, page, pageOf, text } from '../../../core/schema.ts'

export const Channel = z.enum(['email', 'sms', 'letter', 'call'])
const Gate = z.enum([
  'balance',
  'dispute',
  'promise',
  'block',
  'credit',
  'address',
  'not_due',
  'finished',
  'no_policy',
])
const State = z.enum(['prepared', 'approved', 'held', 'sent', 'cancelled'])
const Person = z.object({ id: z.number(), full_name: z.string() }).nullable()

// ---- policies -------------------------------------------------------------------------------------------------------

export const DunningStepInput = z.object({
  /** After the due day; before it when negative. */
  delay_days: z.number().int().min(-60).max(3650),
  /** At least so many days after what was sent before. */
  gap_days: z.number().int().min(0).max(3650),
  channel: Channel,
  language: z
    .string()
    .regex(/^[a-z]{2}(-[A-Z]{2})?$/, 'A language such as en or pt-BR.')
    .default('en'),
  subject: text(200).default(''),
  body: text(8000, 1),
})
export type DunningStepInput = z.infer<typeof DunningStepInput>
export const DunningPolicyInput = z.object({
  name: text(120, 1),
  is_default: z.boolean().default(false),
  steps: z.array(DunningStepInput).min(1, 'At least one step.').max(20, 'At most twenty steps.'),
})
export type DunningPolicyInput = z.infer<typeof DunningPolicyInput>
export const DunningPolicy = z.object({
  id: z.number(),
  name: z.string(),
  is_default: z.boolean(),
  /** Customers that have it as their own. */
  customer_count: z.number(),
  version: z.number(),
  updated_at: z.string(),
  steps: z.array(
    z.object({
      step: z.number(),
      delay_days: z.number(),
      gap_days: z.number(),
      channel: Channel,
      language: z.string(),
      subject: z.string(),
      body: z.string(),
    }),
  ),
})
export type DunningPolicy = z.infer<typeof DunningPolicy>
export const DunningPolicies = z.object({ items: z.array(DunningPolicy), placeholders: z.array(z.string()) })
export const PolicyChoice = z.object({ policy_id: id.nullable() })

// ---- who gets what, and why not -------------------------------------------------------------------------------------

export const DryRunInput = z.object({
  customer_id: id.optional(),
  currency: currency.optional(),
  search: text(200).optional(),
  /** `message`: who gets one; `nothing`: who does not. */
  action: z.enum(['message', 'nothing']).optional(),
  gate: Gate.optional(),
  ...page,
})
export type DryRunInput = z.infer<typeof DryRunInput>
const Reason = z.object({
  gate: Gate,
  amount: z.number(),
  invoice_ids: z.array(z.number()),
  invoice_numbers: z.array(z.string()),
  until: z.string().nullable(),
  text: z.string().nullable(),
})
export const DunningLine = z.object({
  customer_id: z.number(),
  customer_code: z.string().nullable(),
  customer_name: z.string(),
  currency: z.string(),
  policy_id: z.number().nullable(),
  policy_name: z.string().nullable(),
  action: z.enum(['message', 'nothing']),
  step: z.number().nullable(),
  channel: Channel.nullable(),
  recipient: z.string().nullable(),
  amount: z.number(),
  invoices: z.array(
    z.object({
      invoice_id: z.number(),
      invoice_number: z.string(),
      /** The invoice's own step; null where it is listed beside the others. */
      step: z.number().nullable(),
      amount: z.number(),
      days_overdue: z.number(),
    }),
  ),
  reasons: z.array(Reason),
  /** In the queue already. */
  message: z.object({ id: z.number(), state: State }).nullable(),
})
export type DunningLine = z.infer<typeof DunningLine>
export const DryRun = pageOf(DunningLine).extend({
  as_of: z.string(),
  totals: z.array(
    z.object({ currency: z.string(), messages: z.number(), amount: z.number(), customers: z.number() }),
  ),
  /** How many accounts each gate stops or shortens, with the money it keeps back in the organisation's currency. */
  gates: z.array(z.object({ gate: Gate, count: z.number() })),
})
/** Everybody, unless said. */
export const PrepareInput = z.object({ customer_id: id.optional(), currency: currency.optional() })
export const Prepared = z.object({
  prepared: z.number(),
  renewed: z.number(),
  cancelled: z.number(),
  kept: z.number(),
})

// ---- the queue ------------------------------------------------------------------------------------------------------

export const MessageFilters = z.object({
  state: z
    .string()
    .trim()
    .max(100)
    .transform((said) => said.split(',').map((word) => word.trim()))
    .pipe(z.array(State).min(1))
    .optional(),
  customer_id: id.optional(),
  channel: Channel.optional(),
  currency: currency.optional(),
  search: z.string().trim().max(200).optional(),
  sort: z.enum(['prepared', 'customer_name', 'amount', 'step']).default('prepared'),
  order: z.enum(['asc', 'desc']).optional(),
})
export const MessageQuery = MessageFilters.extend(page)
export type MessageQuery = z.infer<typeof MessageQuery>
export const DunningMessage = z.object({
  id: z.number(),
  customer_id: z.number(),
  customer_code: z.string().nullable(),
  customer_name: z.string(),
  currency: z.string(),
  policy_id: z.number(),
  policy_name: z.string(),
  step: z.number(),
  channel: Channel,
  language: z.string(),
  recipient: z.string().nullable(),
  subject: z.string(),
  amount: z.number(),
  state: State,
  held_because: z.string().nullable(),
  prepared_on: z.string(),
  decided_at: z.string().nullable(),
  decided_by: Person,
  sent_on: z.string().nullable(),
  /** How the message stands that it left as; null: it did not leave by itself. */
  delivery: z.string().nullable(),
  invoice_count: z.number(),
  version: z.number(),
})
export type DunningMessage = z.infer<typeof DunningMessage>
export const DunningMessages = pageOf(DunningMessage).extend({
  totals: z.array(z.object({ currency: z.string(), count: z.number(), amount: z.number() })),
  counts: z.record(z.string(), z.number()),
})
export const DunningMessageDetails = DunningMessage.extend({
  body: z.string(),
  policy_version: z.number(),
  invoices: z.array(
    z.object({
      invoice_id: z.number(),
      invoice_number: z.string(),
      due_date: z.string().nullable(),
      step: z.number().nullable(),
      amount: z.number(),
      open_amount: z.number(),
      days_overdue: z.number(),
    }),
  ),
  /** What the gates say of it now; empty: it may go. */
  stopped_by: z.array(Reason),
})
export type DunningMessageDetails = z.infer<typeof DunningMessageDetails>
export const MessageDecision = z.object({
  message_ids: z.array(id).min(1).max(5_000),
  decision: z.enum(['approve', 'hold', 'cancel', 'sent']),
  reason: text(500, 1).optional(),
})
export type MessageDecision = z.infer<typeof MessageDecision>
export const Decided = z.object({
  changed: z.array(z.number()),
  /** Those that the decision does not fit, with why. */
  refused: z.array(z.object({ id: z.number(), code: z.string(), detail: z.string() })),
})

// ---- blocks and addresses -------------------------------------------------------------------------------------------

export const DunningBlock = z.object({
  id: z.number(),
  customer_id: z.number(),
  customer_name: z.string(),
  invoice_id: z.number().nullable(),
  invoice_number: z.string().nullable(),
  until: z.string(),
  reason: z.string(),
  created_by: Person,
  created_at: z.string(),
  lifted_at: z.string().nullable(),
  lifted_by: Person,
  is_active: z.boolean(),
})
export type DunningBlock = z.infer<typeof DunningBlock>
export const DunningBlocks = pageOf(DunningBlock)
export const BlockQuery = z.object({
  customer_id: id.optional(),
  invoice_id: id.optional(),
  active: z.enum(['yes', 'all']).default('yes'),
  ...page,
})
export const NewBlock = z
  .object({ customer_id: id.optional(), invoice_id: id.optional(), until: date, reason: text(500, 1) })
  .refine(({ customer_id, invoice_id }) => customer_id !== undefined || invoice_id !== undefined, {
    path: ['customer_id'],
    message: 'Say which customer, or which invoice.',
  })
export const DeadAddress = z.object({
  id: z.number(),
  address: z.string(),
  reason: z.string(),
  marked_at: z.string(),
  marked_by: Person,
})
export const DeadAddresses = pageOf(DeadAddress)
export const NewDeadAddress = z.object({
  address: z.string().trim().toLowerCase().min(3).max(254),
  reason: text(500, 1),
})
export const AddressQuery = z.object(page)

/** Reminders of one customer: what they would get today, what they got, what stops it. */
export const CustomerDunning = z.object({
  policy: z.object({ id: z.number(), name: z.string(), is_own: z.boolean() }).nullable(),
  lines: z.array(DunningLine),
  blocks: z.array(DunningBlock),
  messages: z.array(DunningMessage),
})
export type CustomerDunning = z.infer<typeof CustomerDunning>
