import { z } from 'zod'
import { flag, id, idOrNone, page, pageOf } from '../../../core/schema.ts'
import { rootCauses } from '../team/schemas.ts'

export const InboxQuery = z.object({
  /** One of the groups that the answer names. */
  cause: z.string().trim().max(120).optional(),
  assigned_to: idOrNone,
  customer_id: id.optional(),
  search: z.string().trim().max(200).optional(),
  /** Whose clock has run out. */
  late: flag.optional(),
  sort: z.enum(['due', 'amount', 'days_overdue']).default('due'),
  ...page,
})
export type InboxQuery = z.infer<typeof InboxQuery>

export const InboxItem = z.object({
  invoice_id: z.number(),
  invoice_number: z.string(),
  customer_id: z.number(),
  customer_name: z.string(),
  currency: z.string(),
  amount: z.number(),
  open_amount: z.number(),
  days_overdue: z.number().nullable(),
  cause: z.string(),
  cause_name: z.string(),
  root_cause: z.string().nullable(),
  root_cause_by_hand: z.boolean(),
  is_disputed: z.boolean(),
  assigned_to: z.number().nullable(),
  assigned_to_name: z.string().nullable(),
  po_number: z.string().nullable(),
  comment_count: z.number(),
  /** The dispute that people work, the one whose clock runs out first. */
  dispute: z
    .object({
      id: z.number(),
      state: z.string(),
      due_on: z.string(),
      is_waiting: z.boolean(),
      owner: z.object({ id: z.number(), full_name: z.string() }).nullable(),
    })
    .nullable(),
  version: z.number(),
})
export type InboxItem = z.infer<typeof InboxItem>
export const Inbox = pageOf(InboxItem).extend({
  as_of: z.string(),
  /** Under all filters but the choice of a cause. */
  groups: z.array(
    z.object({
      cause: z.string(),
      name: z.string(),
      count: z.number(),
      disputed: z.number(),
      late: z.number(),
      totals: z.array(z.object({ currency: z.string(), open_amount: z.number(), count: z.number() })),
    }),
  ),
})
export const CauseInput = z.object({ root_cause: z.enum(rootCauses).nullable() })
export const Cause = z.object({
  id: z.number(),
  root_cause: z.string().nullable(),
  root_cause_by_hand: z.boolean(),
  version: z.number(),
})
