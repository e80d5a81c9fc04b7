import { z } from 'zod'
import { date, email, id, idOrNone, page, pageOf, text } from '../../core/schema.ts'
import { messageStates, reports } from './rules.ts'

export const kind = z.enum(['email', 'sms'])
export const providerNames = ['sendgrid', 'smsportal', 'smtp', 'outbox', 'shared'] as const
export const reasons = ['opted_out', 'bounced', 'spam', 'manual'] as const
export const state = z.enum(messageStates)

// ---- channels ----

const headerName = z.string().regex(/^[A-Za-z0-9-]{1,60}$/, 'The name of a header, such as X-Signature.')
export const ChannelSettings = z.strictObject({
  from_name: text(120).optional(),
  from_email: email.or(z.literal('')).optional(),
  reply_to: email.or(z.literal('')).optional(),
  region: z.enum(['global', 'eu']).optional(),
  host: z
    .string()
    .trim()
    .max(253)
    .regex(/^[A-Za-z0-9.:_-]*$/, 'The name of a mail server, such as smtp.example.com.')
    .optional(),
  port: z.number().int().min(1).max(65535).optional(),
  security: z.enum(['tls', 'starttls', 'none']).optional(),
  sender_id: z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9 ]{0,11}$/, 'At most 11 letters and digits.')
    .optional(),
  part_price: z.number().int().min(0).max(1_000_000).optional(),
  webhook_key: z
    .string()
    .trim()
    .max(500)
    .regex(/^[A-Za-z0-9+/=]*$/, 'The verification key as SendGrid shows it.')
    .optional(),
  signature_header: headerName.optional(),
  timestamp_header: headerName.optional(),
  signature_encoding: z.enum(['hex', 'base64']).optional(),
  unsigned_reports: z.boolean().optional(),
})
/** Write-only: none of these is ever answered. Null or empty takes one away; what is left out stays. */
const secret = z.string().trim().max(500).nullable().optional()
export const ChannelSecrets = z.strictObject({
  api_key: secret,
  client_id: secret,
  api_secret: secret,
  username: secret,
  password: secret,
  webhook_secret: secret,
})
export const ChannelInput = z.strictObject({
  outlet_id: id.nullable().optional(),
  kind,
  provider: z.enum(providerNames),
  settings: ChannelSettings.optional(),
  secrets: ChannelSecrets.optional(),
  concurrency: z.number().int().min(1).max(50).optional(),
})
export type ChannelInput = z.infer<typeof ChannelInput>
export const Channel = z.object({
  id: z.number(),
  outlet: z.object({ id: z.number(), name: z.string() }).nullable(),
  kind,
  provider: z.enum(providerNames),
  settings: ChannelSettings,
  /** Names of the secrets that are set. */
  secret_names: z.array(z.string()),
  is_ready: z.boolean(),
  /** Sentences that say what is missing. */
  missing: z.array(z.string()),
  has_webhook: z.boolean(),
  concurrency: z.number(),
  /** Messages that wait for it or are under way. */
  waiting: z.number(),
  paused_until: z.string().nullable(),
  last_error: z.string().nullable(),
  last_error_at: z.string().nullable(),
  tested_at: z.string().nullable(),
  version: z.number(),
})
export type ChannelView = z.infer<typeof Channel>
export const Channels = z.object({ items: z.array(Channel) })
export const ChannelQuery = z.object({ outlet_id: idOrNone, kind: kind.optional() })
export const ChannelTest = z.strictObject({
  /** Sends a short message there besides asking whether the keys are good. */
  to: text(254, 1).optional(),
})
export const ChannelTested = z.object({
  ok: z.boolean(),
  detail: z.string(),
  message_id: z.number().nullable(),
})
export const WebhookMade = z.object({ url: z.string() })

// ---- messages ----

const list = <T extends z.ZodType>(of: T) =>
  z
    .preprocess(
      (value) => (typeof value === 'string' ? value.split(',').filter(Boolean) : value),
      z.array(of),
    )
    .optional()
export const MessageQuery = z.object({
  ...page,
  kind: kind.optional(),
  states: list(state),
  purposes: list(z.string().regex(/^[a-z_]{1,40}$/)),
  provider: z.enum(['sendgrid', 'smsportal', 'smtp', 'outbox']).optional(),
  outlet_id: id.optional(),
  customer_id: id.optional(),
  campaign_id: id.optional(),
  search: text(200).optional(),
  from: date.optional(),
  to: date.optional(),
  sort: z.enum(['created_at', 'sent_at', 'recipient', 'state']).default('created_at'),
  direction: z.enum(['asc', 'desc']).default('desc'),
})
const person = z.object({ id: z.number(), full_name: z.string() }).nullable()
const named = z.object({ id: z.number(), name: z.string() }).nullable()
export const Message = z.object({
  id: z.number(),
  kind,
  purpose: z.string(),
  campaign_id: z.number().nullable(),
  outlet: named,
  customer: named,
  user: person,
  created_by: person,
  recipient: z.string(),
  recipient_name: z.string(),
  subject: z.string().nullable(),
  /** The beginning of the text. */
  preview: z.string(),
  state,
  reason: z.string().nullable(),
  error: z.string().nullable(),
  provider: z.string().nullable(),
  external_id: z.string().nullable(),
  attempts: z.number(),
  parts: z.number().nullable(),
  /** What the provider said it took, in its own credits. */
  cost: z.number().nullable(),
  send_after: z.string(),
  sent_at: z.string().nullable(),
  delivered_at: z.string().nullable(),
  opened_at: z.string().nullable(),
  created_at: z.string(),
})
export type MessageView = z.infer<typeof Message>
export const Messages = pageOf(Message).extend({
  /** How many there are of each state, whatever state is asked for. */
  states: z.record(z.string(), z.number()),
})
export const MessageWhole = Message.extend({
  text: z.string(),
  html: z.string().nullable(),
  files: z.array(z.object({ name: z.string(), mime: z.string(), size: z.number() })),
  reports: z.array(
    z.object({
      kind: z.enum(reports),
      detail: z.string().nullable(),
      at: z.string(),
      received_at: z.string(),
      attempt: z.number(),
    }),
  ),
})
export type MessageWhole = z.infer<typeof MessageWhole>
export const Resend = z.strictObject({ message_ids: z.array(id).min(1).max(1000) })
export const Resent = z.object({
  resent: z.number(),
  /** Those that are in no state to be sent again, and why. */
  skipped: z.array(z.object({ id: z.number(), state: z.string(), why: z.string() })),
})
export const Settle = z.strictObject({ state: z.enum(['sent', 'failed']), note: text(300).optional() })

export const Measure = z.strictObject({ text: z.string().max(5000) })
const measured = z.object({
  encoding: z.enum(['GSM-7', 'UCS-2']),
  parts: z.number(),
  septets: z.number(),
  foreign: z.string().nullable(),
})
export const Measured = measured.extend({
  /** The same words in the cheaper alphabet, where they can be written in it. */
  transliterated: measured.extend({ text: z.string() }),
})

// ---- suppressions ----

export const SuppressionQuery = z.object({
  ...page,
  kind: kind.optional(),
  reason: z.enum(reasons).optional(),
  search: text(200).optional(),
})
export const SuppressionInput = z.strictObject({
  kind,
  address: text(254, 1),
  note: text(200).optional(),
})
export const Suppression = z.object({
  id: z.number(),
  kind,
  address: z.string(),
  reason: z.enum(reasons),
  source: z.string(),
  since: z.string(),
  customers: z.array(z.object({ id: z.number(), name: z.string() })),
  created_by: person,
})
export type Suppression = z.infer<typeof Suppression>
export const Suppressions = pageOf(Suppression)

export const tokenParams = z.object({ token: z.string().max(800) })
export const unsubscribeBody = z.object({
  choice: z.enum(['stop', 'again']).default('stop'),
  'List-Unsubscribe': z.string().max(60).optional(),
})
