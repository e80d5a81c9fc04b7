import { z } from 'zod'
import { date, email, flag, id, page, pageOf, phone, text } from '../../core/schema.ts'

const Person = z.object({ id: z.number(), full_name: z.string() })
const optional = <T extends z.ZodType>(shape: T) =>
  z.preprocess((value) => (value === '' ? null : value), shape.nullable().default(null))

export const channels = ['call', 'email', 'sms', 'visit', 'letter', 'other'] as const
export const outcomes = [
  'spoke',
  'promised',
  'disputed',
  'left_message',
  'no_answer',
  'wrong_number',
  'sent',
  'replied',
  'refused',
  'other',
] as const

// ---- contacts -------------------------------------------------------------------------------------------------------

export const Contact = z.object({
  id: z.number(),
  customer_id: z.number(),
  name: z.string(),
  role: z.string().nullable(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  preferred_channel: z.string().nullable(),
  is_main: z.boolean(),
  note: z.string().nullable(),
  version: z.number(),
  created_at: z.string(),
  updated_at: z.string(),
  last_attempt_at: z.string().nullable(),
})
export const Contacts = z.object({ items: z.array(Contact) })
export const ContactInput = z.object({
  name: text(200, 1),
  role: optional(text(120)),
  email: optional(email),
  phone: optional(phone),
  preferred_channel: optional(z.enum(channels)),
  is_main: z.boolean().default(false),
  note: optional(text(2000)),
})

// ---- contact attempts -----------------------------------------------------------------------------------------------

export const Attempt = z.object({
  id: z.number(),
  customer_id: z.number(),
  customer_name: z.string(),
  user: Person,
  contact_id: z.number().nullable(),
  contact_name: z.string().nullable(),
  channel: z.string(),
  outcome: z.string(),
  person: z.string().nullable(),
  note: z.string().nullable(),
  attempted_at: z.string(),
  next_follow_up: z.string().nullable(),
  /** The follow-up that was made with it. */
  task_id: z.number().nullable(),
  invoices: z.array(z.object({ id: z.number(), invoice_number: z.string() })),
  is_own: z.boolean(),
  version: z.number(),
  created_at: z.string(),
})
export const Attempts = pageOf(Attempt)
export const AttemptQuery = z.object({
  customer_id: id.optional(),
  invoice_id: id.optional(),
  user_id: id.optional(),
  channel: z.enum(channels).optional(),
  outcome: z.enum(outcomes).optional(),
  from: date.optional(),
  to: date.optional(),
  search: z.string().trim().max(200).optional(),
  ...page,
})
export type AttemptQuery = z.infer<typeof AttemptQuery>
export const AttemptInput = z.object({
  channel: z.enum(channels),
  outcome: z.enum(outcomes),
  contact_id: id.nullable().default(null),
  person: optional(text(200)),
  note: optional(text(4000)),
  /** When; now unless said. */
  attempted_at: z.iso.datetime({ offset: true }).optional(),
  invoice_ids: z.array(id).max(500).default([]),
  /** Makes a task for whoever writes this down, or for `follow_up_owner_id`. */
  next_follow_up: date.nullable().default(null),
  follow_up_title: optional(text(300)),
  follow_up_owner_id: id.optional(),
})
export type AttemptInput = z.output<typeof AttemptInput>
export const AttemptChange = AttemptInput.pick({
  channel: true,
  outcome: true,
  contact_id: true,
  person: true,
  note: true,
  invoice_ids: true,
})

// ---- tasks ----------------------------------------------------------------------------------------------------------

export const Task = z.object({
  id: z.number(),
  customer_id: z.number(),
  customer_name: z.string(),
  invoice_id: z.number().nullable(),
  invoice_number: z.string().nullable(),
  owner: Person,
  title: z.string(),
  note: z.string().nullable(),
  due_on: z.string(),
  /** overdue, today, week (the next seven days), later, done */
  due: z.string(),
  done_at: z.string().nullable(),
  done_by: Person.nullable(),
  attempt_id: z.number().nullable(),
  created_by: Person.nullable(),
  is_own: z.boolean(),
  version: z.number(),
  created_at: z.string(),
})
export const dues = ['overdue', 'today', 'week', 'later'] as const
export const TaskQuery = z.object({
  /** One's own unless said otherwise. */
  owner: z.enum(['me', 'all']).optional(),
  owner_id: id.optional(),
  customer_id: id.optional(),
  invoice_id: id.optional(),
  state: z.enum(['open', 'done', 'all']).default('open'),
  due: z.enum(dues).optional(),
  due_from: date.optional(),
  due_to: date.optional(),
  search: z.string().trim().max(200).optional(),
  ...page,
})
export type TaskQuery = z.infer<typeof TaskQuery>
export const Tasks = pageOf(Task).extend({
  as_of: z.string(),
  /** Of all that the other filters find: how many are open in each group. */
  counts: z.object({
    overdue: z.number(),
    today: z.number(),
    week: z.number(),
    later: z.number(),
    done: z.number(),
  }),
})
export const TaskInput = z.object({
  customer_id: id,
  invoice_id: id.nullable().default(null),
  owner_id: id.optional(),
  title: text(300, 1),
  note: optional(text(2000)),
  due_on: date,
})
export const TaskChange = z.object({
  owner_id: id.optional(),
  title: text(300, 1).optional(),
  note: optional(text(2000)).optional(),
  due_on: date.optional(),
})
export const TaskDone = z.object({ done: flag.default(true) })
export const TaskOwners = z.object({ items: z.array(Person.extend({ username: z.string() })) })
