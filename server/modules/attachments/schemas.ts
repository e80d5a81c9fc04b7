import { z } from 'zod'
import { flag, id } from '../../core/schema.ts'

export const subjects = ['invoice', 'dispute', 'promise', 'comment', 'customer'] as const
export const Subject = z.object({ subject: z.enum(subjects), subject_id: id })
export type Subject = z.output<typeof Subject>
export const AttachmentQuery = Subject.extend({
  /** Of an invoice also its disputes' and comments', of a customer also its invoices', disputes' and promises'. */
  related: flag.optional(),
})
export const Attachment = z.object({
  id: z.number(),
  subject: z.string(),
  subject_id: z.number(),
  /** What it is on, in words: the invoice's number, the dispute's reason. */
  about: z.string().nullable(),
  invoice_id: z.number().nullable(),
  file_name: z.string(),
  size: z.number(),
  mime: z.string(),
  /** How it may be shown in a browser: `pdf`, `image`, or not at all. */
  preview: z.string().nullable(),
  user: z.object({ id: z.number(), full_name: z.string() }).nullable(),
  created_at: z.string(),
  is_own: z.boolean(),
})
export const Attachments = z.object({
  items: z.array(Attachment),
  /** Of the organisation, in bytes. */
  used: z.number(),
  quota: z.number(),
})
export const UploadForm = z.object({
  file: z.string().meta({ format: 'binary', description: 'One file, at most 25 MB.' }),
})
export const ContentQuery = z.object({
  /** Shown in the browser where that is safe, else saved. */
  inline: flag.optional(),
})
