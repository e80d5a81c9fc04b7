import { z } from 'zod'
import { date, pageOf } from '../../core/schema.ts'

const report = {
  import_id: z.number().nullable(),
  status: z.string(),
  as_of: z.string(),
  rows: z.number(),
  new: z.number(),
  changed: z.number(),
  unchanged: z.number(),
  missing: z.number(),
  rejected: z.number(),
  /** Of the rows taken, per currency: invoiced, and of that open. */
  totals: z.array(z.object({ currency: z.string(), amount: z.number(), open_amount: z.number() })),
  warnings: z.array(z.string()),
  rejects: z.array(
    z.object({
      row: z.number(),
      column: z.string().nullable(),
      value: z.string().nullable(),
      reason: z.string(),
    }),
  ),
}
/** Of the unchanged rows: those left as a later file says, and those said before by another row. */
const apart = { older: z.number(), repeated: z.number() }
export const ImportAnswer = z.object({
  message: z.string(),
  processed_count: z.number(),
  error_count: z.number(),
  errors: z.array(z.object({ invoice_number: z.string(), error: z.string() })),
  ...report,
  ...apart,
})

const kept = {
  ...report,
  id: z.number(),
  file_name: z.string(),
  created_at: z.string(),
  created_by: z.string().nullable(),
}
export const Imports = pageOf(z.object(kept))
export const Import = z.object({
  ...kept,
  ...apart,
  file_size: z.number(),
  mapping: z.record(z.string(), z.string()),
  /** What was concluded from the columns, with the rows that prove it. */
  reading: z.record(z.string(), z.unknown()),
  questions: z.array(z.unknown()),
  coverage: z.record(z.string(), z.array(z.string())),
  missing_invoices: z.array(
    z.object({
      invoice_id: z.number(),
      invoice_number: z.string(),
      customer_name: z.string(),
      currency: z.string(),
      open_amount: z.number(),
    }),
  ),
})

/** What may stand beside the file; text, as forms send it. */
export const UploadFields = z.object({
  as_of: date.optional(),
  mapping: z.string().max(100_000).optional(),
  dry_run: z.stringbool().default(false),
  date_order: z.enum(['dmy', 'mdy', 'ymd'], 'Write dmy, mdy or ymd.').optional(),
  decimal: z.enum(['.', ','], 'Write . or ,').optional(),
})
/** The whole form, as the document shows it. */
export const UploadForm = UploadFields.extend({ file: z.file() })
