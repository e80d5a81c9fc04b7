import { z } from 'zod'
import { currency, date, flag, id, text } from '../../core/schema.ts'

export const StatementQuery = z.object({
  /** Today unless given. */
  as_of: date.optional(),
  /** Every currency unless given. */
  currency: currency.optional(),
  /** False: also what was settled in the ninety days before. */
  open_only: flag.default(true),
})
export type StatementQuery = z.infer<typeof StatementQuery>

export const LinkInput = z.object({
  /** So many days from now. */
  days: z.number().int().min(1).max(365).default(30),
  /** Every currency unless given. */
  currency: currency.optional(),
  /** Whom it is for, in words. */
  note: text(200, 1).optional(),
})
export type LinkInput = z.infer<typeof LinkInput>
export const StatementLink = z.object({
  id: z.number(),
  customer_id: z.number(),
  currency: z.string().nullable(),
  note: z.string().nullable(),
  state: z.enum(['open', 'expired', 'revoked']),
  created_by: z.object({ id: z.number(), full_name: z.string() }).nullable(),
  created_at: z.string(),
  expires_at: z.string(),
  opened_count: z.number(),
  last_opened_at: z.string().nullable(),
})
export const StatementLinks = z.object({ items: z.array(StatementLink) })
/** The only answer that holds the link itself. */
export const LinkMade = StatementLink.extend({ link: z.string() })

/** The number of the organisation leads; a token of another shape is not looked up. */
export const tokenParams = z.object({ token: z.string().max(80) })

const bucket = z.object({ bucket: z.string(), label: z.string(), amount: z.number(), count: z.number() })
export const PortalItem = z.object({
  id: z.number(),
  number: z.string(),
  document_type: z.string(),
  invoice_date: z.string().nullable(),
  due_date: z.string().nullable(),
  /** Negative before the due day; null where there is no date. */
  days_overdue: z.number().nullable(),
  amount: z.number(),
  open_amount: z.number(),
  disputed_amount: z.number(),
  /** The day by which it is promised. */
  promised_on: z.string().nullable(),
})
export type PortalItem = z.infer<typeof PortalItem>
const PortalPart = z.object({
  currency: z.string(),
  items: z.array(PortalItem),
  /** Payments on account and credit notes that settle nothing yet; their open amounts are negative. */
  credits: z.array(PortalItem),
  /** The sum of the items; of the credits; of both. */
  open_amount: z.number(),
  unapplied: z.number(),
  balance: z.number(),
  overdue_amount: z.number(),
  disputed_amount: z.number(),
  promised_amount: z.number(),
  buckets: z.array(bucket),
})
export const PortalPage = z.object({
  organisation: z.string(),
  customer: z.string(),
  as_of: z.string(),
  country: z.string(),
  timezone: z.string(),
  expires_at: z.string(),
  /** The last day that can be promised here. */
  promise_until: z.string(),
  parts: z.array(PortalPart),
})
export type PortalPage = z.infer<typeof PortalPage>

const amount = z.number().positive('More than nothing.').max(1e12)
export const PortalPromise = z.object({
  invoice_ids: z.array(id).min(1, 'Choose at least one invoice.').max(500),
  promised_on: date,
  /** All that is open of them unless given; spread over them, oldest first. */
  amount: amount.optional(),
  note: text(500, 1).optional(),
})
export type PortalPromise = z.infer<typeof PortalPromise>
export const Promised = z.object({ amount: z.number(), currency: z.string(), promised_on: z.string() })

/** Of every organisation alike: what reasons it has of its own is nobody else's business. */
export const portalReasons = [
  'billing_error',
  'delivery_issue',
  'po_mismatch',
  'payment_processing',
  'customer_dispute',
  'other',
] as const
export const PortalDispute = z.object({
  invoice_id: id,
  reason: z.enum(portalReasons),
  text: text(2000, 1),
  /** The whole invoice unless given. */
  amount: amount.optional(),
})
export type PortalDispute = z.infer<typeof PortalDispute>
export const Disputed = z.object({ invoice_number: z.string(), amount: z.number(), currency: z.string() })
