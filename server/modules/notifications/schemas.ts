import { z } from 'zod'
import { flag, page, pageOf } from '../../core/schema.ts'
import { notificationKinds } from './kinds.ts'

export const Notification = z.object({
  id: z.number(),
  kind: z.string(),
  sender: z.object({ id: z.number(), full_name: z.string() }).nullable(),
  subject: z.string(),
  subject_id: z.number().nullable(),
  customer_id: z.number().nullable(),
  invoice_id: z.number().nullable(),
  text: z.string(),
  data: z.record(z.string(), z.unknown()),
  created_at: z.string(),
  read_at: z.string().nullable(),
})
export type Notification = z.infer<typeof Notification>
export const Notifications = pageOf(Notification).extend({ unread: z.number() })
export const NotificationQuery = z.object({
  unread: flag.optional(),
  kind: z.enum(notificationKinds).optional(),
  ...page,
})
export type NotificationQuery = z.infer<typeof NotificationQuery>
export const Unread = z.object({ unread: z.number() })
export const Read = z.object({ read: z.boolean().default(true) })
export const Preferences = z.object({
  kinds: z.array(z.object({ kind: z.enum(notificationKinds), on: z.boolean() })),
})
export const PreferencesInput = z.object({
  muted: z.array(z.enum(notificationKinds)).max(notificationKinds.length),
})
