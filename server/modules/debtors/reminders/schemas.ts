import { z } from 'zod'
import { flag, id, text } from '../../../core/schema.ts'
import { Language } from '../../communications/gates/schemas.ts'
import { BUCKETS } from '../report/types.ts'
import { ARREARS, DebtorFilters, PharmacyParams } from '../schemas.ts'

// ---- as the document has it -----------------------------------------------------------------------------------------

export const SendInput = z.object({
  debtor_ids: z.array(id).max(20_000, 'At most 20,000 debtors at once.'),
  /** Those that it does not know are left out, as the document's clients send more. */
  ageing_buckets: z
    .array(z.string().max(20))
    .max(50)
    .nullish()
    .transform((given) => given ?? [...ARREARS]),
  /** For this call, instead of the pharmacy's own words. */
  subject: text(200).nullish(),
  message: text(8000).nullish(),
})
export type SendInput = z.output<typeof SendInput>
const CommunicationError = z.object({ debtor_id: z.number(), error: z.string() })
const CommunicationResult = z.object({
  debtor_id: z.number(),
  email: z.string().optional(),
  phone: z.string().optional(),
  /** `queued`: it goes on by itself, and the log tells what became of it. */
  status: z.string(),
  external_id: z.string().optional(),
})
export const SendResult = z.object({
  sent: z.array(CommunicationResult),
  errors: z.array(CommunicationError),
})
export type SendResult = z.infer<typeof SendResult>
export const CommunicationLog = z.object({
  id: z.number(),
  pharmacy_id: z.number(),
  debtor_id: z.number(),
  communication_type: z.enum(['email', 'sms']),
  recipient: z.string(),
  subject: z.string().nullable(),
  message: z.string(),
  status: z.enum(['pending', 'sent', 'failed']),
  external_id: z.string().nullable(),
  error_message: z.string().nullable(),
  sent_at: z.string().nullable(),
  created_at: z.string(),
})
export type CommunicationLog = z.infer<typeof CommunicationLog>

// ---- campaigns ------------------------------------------------------------------------------------------------------

const Kind = z.enum(['email', 'sms'])
const BucketName = z.enum(BUCKETS)
export const CampaignFilters = DebtorFilters.partial().extend({
  /** Whose oldest debt is in this bucket. */
  oldest_bucket: BucketName.optional(),
  /** Who owes less in the buckets that are asked for is not worth a reminder. */
  min_amount: z.number().min(0).max(1e9).optional(),
  has_email: flag.optional(),
  has_phone: flag.optional(),
})
const wording = {
  kind: Kind,
  language: Language.nullish(),
  subject: text(200).nullish(),
  message: text(8000).nullish(),
}
const choice = {
  /** By id, or whoever the filters of the list find; neither: everybody with arrears in the buckets. */
  debtor_ids: z.array(id).min(1).max(20_000).nullish(),
  filters: CampaignFilters.nullish(),
  /** What is asked for. */
  ageing_buckets: z
    .array(BucketName)
    .min(1)
    .max(7)
    .default([...ARREARS]),
}
export const DryRunInput = z.object({
  ...wording,
  ...choice,
  /** As if it went then; now unless said. */
  send_at: z.iso.datetime({ offset: true }).nullish(),
  show: z.enum(['message', 'left_out']).optional(),
  gate: z.string().max(40).optional(),
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  page_size: z.coerce.number().int().min(1).max(500).default(50),
})
export type DryRunInput = z.output<typeof DryRunInput>
const Stop = z.object({ gate: z.string(), text: z.string(), until: z.string().nullable() })
export const DryRunLine = z.object({
  debtor_id: z.number(),
  acc_no: z.string(),
  name: z.string(),
  recipient: z.string().nullable(),
  amount: z.number(),
  balance: z.number(),
  /** Null for those that nothing goes to. */
  subject: z.string().nullable(),
  text: z.string().nullable(),
  parts: z.number().nullable(),
  /** Why nothing goes, all of it; the first is what is said. */
  stops: z.array(Stop),
})
export const DryRun = z.object({
  items: z.array(DryRunLine),
  total: z.number(),
  page: z.number(),
  page_size: z.number(),
  pages: z.number(),
  currency: z.string(),
  language: z.string(),
  messages: z.number(),
  left_out: z.number(),
  /** What the messages ask for, together. */
  amount: z.number(),
  /** Of texts: parts as they are charged, how many need one alone, and the price where the channel says one. */
  parts: z.number().nullable(),
  one_part: z.number().nullable(),
  cost: z.number().nullable(),
  gates: z.array(z.object({ gate: z.string(), count: z.number() })),
  channel: z.object({ provider: z.string(), is_ready: z.boolean() }).nullable(),
  /** When it may go next, where it may not now. */
  closed: z.object({ gate: z.string(), text: z.string(), next: z.string().nullable() }).nullable(),
})
export const PreviewInput = z.object({ ...wording, debtor_id: id, ageing_buckets: choice.ageing_buckets })
export type PreviewInput = z.output<typeof PreviewInput>
export const Preview = z.object({
  debtor_id: z.number(),
  recipient: z.string().nullable(),
  subject: z.string().nullable(),
  text: z.string(),
  html: z.string().nullable(),
  language: z.string(),
  parts: z.number().nullable(),
  encoding: z.string().nullable(),
  septets: z.number().nullable(),
  /** The first sign that makes a text dear. */
  foreign: z.string().nullable(),
  stops: z.array(Stop),
})
export const TestInput = z.object({
  ...wording,
  /** Whose figures it shows; made-up ones unless said. */
  debtor_id: id.nullish(),
  ageing_buckets: choice.ageing_buckets,
})
export type TestInput = z.output<typeof TestInput>
export const TestResult = z.object({
  recipient: z.string(),
  state: z.string(),
  error: z.string().nullable(),
})

export const CampaignInput = z.object({
  name: text(200, 1),
  ...wording,
  ...choice,
  /** Starts it then; else it waits to be started. */
  send_at: z.iso.datetime({ offset: true }).nullish(),
})
export type CampaignInput = z.output<typeof CampaignInput>
export const CampaignState = z.enum(['draft', 'scheduled', 'sending', 'done', 'cancelled'])
const counts = z.object({
  members: z.number(),
  left_out: z.number(),
  /** Messages by how they stand. */
  waiting: z.number(),
  sent: z.number(),
  delivered: z.number(),
  failed: z.number(),
  unknown: z.number(),
  held: z.number(),
})
export const Campaign = z.object({
  id: z.number(),
  pharmacy_id: z.number(),
  name: z.string(),
  kind: Kind,
  source: z.enum(['call', 'campaign', 'escalation', 'resend']),
  state: CampaignState,
  ageing_buckets: z.array(BucketName),
  filters: z.record(z.string(), z.unknown()),
  /** How many were chosen by id; null: by filters. */
  chosen: z.number().nullable(),
  language: z.string().nullable(),
  subject: z.string().nullable(),
  message: z.string().nullable(),
  send_at: z.string().nullable(),
  note: z.string().nullable(),
  resend_of: z.number().nullable(),
  created_by: z.object({ id: z.number(), full_name: z.string() }).nullable(),
  created_at: z.string(),
  started_at: z.string().nullable(),
  counts,
  /** What its messages ask for, and parts and cost of texts as the provider charged them. */
  amount: z.number(),
  parts: z.number().nullable(),
  cost: z.number().nullable(),
  currency: z.string(),
  version: z.number(),
})
export const CampaignQuery = z.object({
  state: CampaignState.optional(),
  kind: Kind.optional(),
  source: z.enum(['call', 'campaign', 'escalation', 'resend']).optional(),
  search: z.string().trim().max(200).optional(),
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  page_size: z.coerce.number().int().min(1).max(500).default(50),
})
export type CampaignQuery = z.output<typeof CampaignQuery>
export const Campaigns = z.object({
  items: z.array(Campaign),
  total: z.number(),
  page: z.number(),
  page_size: z.number(),
  pages: z.number(),
})
export const CampaignParams = PharmacyParams.extend({ campaign_id: id })
export const memberStates = [
  'left_out',
  'pending',
  'sending',
  'sent',
  'delivered',
  'failed',
  'unknown',
  'held',
  'cancelled',
] as const
export const MemberQuery = z.object({
  state: z.enum(memberStates).optional(),
  gate: z.string().max(40).optional(),
  search: z.string().trim().max(200).optional(),
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  page_size: z.coerce.number().int().min(1).max(500).default(50),
})
export type MemberQuery = z.output<typeof MemberQuery>
export const Member = z.object({
  debtor_id: z.number(),
  acc_no: z.string(),
  name: z.string(),
  recipient: z.string().nullable(),
  amount: z.number(),
  state: z.enum(memberStates),
  gate: z.string().nullable(),
  /** Why it was left out, held, or failed. */
  reason: z.string().nullable(),
  message_id: z.number().nullable(),
  external_id: z.string().nullable(),
  sent_at: z.string().nullable(),
})
export const Members = z.object({
  items: z.array(Member),
  total: z.number(),
  page: z.number(),
  page_size: z.number(),
  pages: z.number(),
})

// ---- escalation -----------------------------------------------------------------------------------------------------

export const EscalationStep = z.object({
  bucket: z.enum(['d30', 'd60', 'd90', 'd120', 'd150', 'd180']),
  kind: Kind,
  subject: text(200).nullish(),
  message: text(8000).nullish(),
  /** Less than this is not worth a reminder. */
  min_amount: z.number().min(0).max(1e9).default(0),
})
export type EscalationStep = z.output<typeof EscalationStep>
export const EscalationInput = z.object({ steps: z.array(EscalationStep).max(12) })
export const Escalation = z.object({
  steps: z.array(EscalationStep.extend({ subject: z.string().nullable(), message: z.string().nullable() })),
  currency: z.string(),
})
export const Escalated = z.object({ campaigns: z.array(Campaign) })
