import { z } from 'zod'
import { currency, date, id, page, pageOf } from '../../core/schema.ts'
import { targetNames } from './target.ts'

export const kinds = ['open_items', 'all_invoices', 'changes'] as const
export const outcomes = ['new', 'changed', 'unchanged', 'older', 'repeated', 'missing', 'rejected'] as const
export const statuses = [
  'reading',
  'asking',
  'checked',
  'publishing',
  'published',
  'refused',
  'failed',
  'cancelled',
  'reverting',
  'reverted',
] as const

/** Per currency: invoiced, and of that open. */
const totals = z.array(z.object({ currency: z.string(), amount: z.number(), open_amount: z.number() }))
const problem = z.object({
  column: z.string().nullable(),
  value: z.string().nullable(),
  reason: z.string(),
})

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
  /** Of the rows taken. */
  totals,
  warnings: z.array(z.string()),
  rejects: z.array(problem.extend({ row: z.number() })),
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
  ...apart,
  id: z.number(),
  target: z.enum(targetNames),
  status: z.enum(statuses),
  file_name: z.string(),
  file_size: z.number(),
  source_name: z.string().nullable(),
  created_at: z.string(),
  created_by: z.string().nullable(),
  published_at: z.string().nullable(),
  reverted_at: z.string().nullable(),
}
export const ImportQuery = z.object({ status: z.enum(statuses).optional(), ...page })
export const Imports = pageOf(z.object(kept))

const question = z.object({
  /** sheet, mapping, date_order, decimal, sign, status_words, missing: what the answer is called when it is sent back. */
  id: z.string(),
  /** Of mapping: the field that lacks a column. */
  field: z.string().optional(),
  /** Of status_words: the words, each to be answered by one of the options. */
  words: z.array(z.string()).optional(),
  column: z.string(),
  message: z.string(),
  options: z.array(z.object({ value: z.string(), label: z.string() })),
  examples: z.array(
    z.object({ row: z.number(), value: z.string(), means: z.record(z.string(), z.string()) }),
  ),
})

/** Money of one group of the difference, per currency; of changed rows what was open before. */
const group = z.object({
  count: z.number(),
  totals: z.array(
    z.object({
      currency: z.string(),
      amount: z.number(),
      open_amount: z.number(),
      open_before: z.number(),
    }),
  ),
})

export const Import = z.object({
  ...kept,
  mapping: z.record(z.string(), z.string()),
  /** What was concluded from the columns, with the rows that prove it. */
  reading: z.record(z.string(), z.unknown()),
  questions: z.array(question),
  coverage: z.record(z.string(), z.unknown()),
  /** Who or what says the day: a person, the file's name, the file itself, or nothing (the day it came); and the words that do. */
  as_of_from: z.enum(['said', 'name', 'file', 'today']).nullable(),
  as_of_proof: z.string().nullable(),
  /** Other imports of the very same file, under whatever name it came. */
  same_files: z.array(
    z.object({ id: z.number(), file_name: z.string(), as_of: z.string(), status: z.enum(statuses) }),
  ),
  /** Why it was refused or has failed. */
  problem: z.string().nullable(),
  /** At work: which step, how many rows of how many (an estimate). */
  progress: z.object({ step: z.string(), rows: z.number(), of: z.number() }).nullable(),
  source: z.object({ id: z.number(), name: z.string(), kind: z.enum(kinds).nullable() }).nullable(),
  /** What the file is taken for, and whether a person has said so. */
  kind: z.enum(kinds).nullable(),
  kind_is_guess: z.boolean(),
  missing_rule: z.enum(['settle', 'keep']),
  said: z.record(z.string(), z.unknown()),
  difference: z.partialRecord(z.enum(outcomes), group),
  /** The file's own totals, where it prints any, beside the sums of its rows. */
  reconciliation: z.array(
    z.object({
      currency: z.string(),
      column: z.string(),
      row: z.number(),
      stated: z.number(),
      summed: z.number(),
      difference: z.number(),
    }),
  ),
  /** Rows of the import that somebody has worked on since: what an undo would touch. */
  touched: z.number(),
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

/** `already`: the very same file was there for that day, and this is its import. */
export const TakenIn = Import.extend({ already: z.boolean() })

export const RowsQuery = z.object({
  outcome: z.enum(outcomes).optional(),
  search: z.string().trim().max(200).optional(),
  ...page,
})
export const ImportRows = pageOf(
  z.object({
    /** As a spreadsheet counts it; negative for missing invoices, which have no row. */
    row: z.number(),
    outcome: z.enum(outcomes),
    invoice_id: z.number().nullable(),
    invoice_number: z.string().nullable(),
    customer_name: z.string().nullable(),
    currency: z.string().nullable(),
    amount: z.number().nullable(),
    open_amount: z.number().nullable(),
    changes: z.array(
      z.object({ field: z.string(), before: z.string().nullable(), after: z.string().nullable() }),
    ),
    problems: z.array(problem),
    /** Of rejected rows, as the file writes them, in the order of its columns. */
    cells: z.array(z.string()).nullable(),
    decision: z.enum(['paid', 'withdrawn', 'open']).nullable(),
  }),
)

export const Touched = pageOf(
  z.object({
    invoice_id: z.number(),
    invoice_number: z.string(),
    customer_name: z.string(),
    events: z.array(z.object({ kind: z.string(), at: z.string(), by: z.string().nullable() })),
  }),
)

/** A cell that a person mends: of one row, or every cell of the column that reads `from`. */
const Correction = z.object({
  column: z.string().max(500),
  from: z.string().max(4000),
  to: z.string().max(4000),
  row: z.number().int().positive().optional(),
})
export const Revision = z.object({
  as_of: date.optional(),
  /** field -> header of its column, null for none; wins over what was concluded. */
  mapping: z.record(z.string().max(60), z.string().max(500).nullable()).optional(),
  sheet: z.string().max(100).nullable().optional(),
  encoding: z.enum(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252']).nullable().optional(),
  date_order: z.enum(['dmy', 'mdy', 'ymd']).nullable().optional(),
  decimal: z.enum(['.', ',']).nullable().optional(),
  sign: z.enum(['as_written', 'flipped']).nullable().optional(),
  currency: currency.nullable().optional(),
  /** Unknown word of the status column -> what it means. */
  status_words: z.record(z.string().max(200), z.string().max(20)).optional(),
  kind: z.enum(kinds).nullable().optional(),
  /** What becomes of invoices that the file covers and does not name. */
  missing: z.enum(['settle', 'keep']).nullable().optional(),
  source_id: id.nullable().optional(),
  corrections: z.array(Correction).max(1000).optional(),
})
export type Revision = z.infer<typeof Revision>

export const Decision = z.object({
  invoice_ids: z.array(id).max(5000).optional(),
  decision: z.enum(['paid', 'withdrawn', 'open']),
  paid_on: date.optional(),
})
export const Decided = z.object({ decided: z.number() })
export const MissingQuery = z.object({
  import_id: id.optional(),
  decided: z.stringbool().optional(),
  /** In the number of the invoice, or the name or code of its customer. */
  search: z.string().trim().max(200).optional(),
  ...page,
})
/** The queue "paid or withdrawn?". */
export const MissingInvoices = pageOf(
  z.object({
    import_id: z.number(),
    file_name: z.string(),
    as_of: z.string(),
    /** The day of the last file that named it: it was paid, or withdrawn, after this day. */
    last_named: z.string().nullable(),
    invoice_id: z.number(),
    invoice_number: z.string(),
    customer_id: z.number(),
    customer_name: z.string(),
    currency: z.string(),
    /** What was open when the file did not name it. */
    open_amount: z.number(),
    /** What the books take it for. */
    taken_as: z.enum(['paid', 'withdrawn', 'open']),
    decision: z.enum(['paid', 'withdrawn', 'open']).nullable(),
    paid_on: z.string().nullable(),
    decided_by: z.string().nullable(),
  }),
).extend({
  /** What was open of all that are found, per currency. */
  totals: z.array(z.object({ currency: z.string(), count: z.number(), open_amount: z.number() })),
})

export const Sources = z.object({
  items: z.array(
    z.object({
      id: z.number(),
      name: z.string(),
      kind: z.enum(kinds).nullable(),
      mapping: z.record(z.string(), z.string()),
      imports: z.number(),
      last_as_of: z.string().nullable(),
      version: z.number(),
    }),
  ),
})
export const SourceChange = z.object({
  name: z.string().trim().min(1).max(200).optional(),
  kind: z.enum(kinds).nullable().optional(),
})

/** What may stand beside the file; text, as forms send it. */
export const UploadFields = z.object({
  /** What the file is: an export of receivables, or the sheet of a month. */
  target: z.enum(targetNames).optional(),
  /** Of a sheet: `Apr-25`, and `2025-2026`. */
  month: z.string().max(30).optional(),
  financial_year: z.string().max(20).optional(),
  financialYear: z.string().max(20).optional(),
  department: z.string().max(200).optional(),
  as_of: date.optional(),
  mapping: z.string().max(100_000).optional(),
  sheet: z.string().max(100).optional(),
  encoding: z.enum(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252']).optional(),
  dry_run: z.stringbool().default(false),
  date_order: z.enum(['dmy', 'mdy', 'ymd'], 'Write dmy, mdy or ymd.').optional(),
  decimal: z.enum(['.', ','], 'Write . or ,').optional(),
  sign: z.enum(['as_written', 'flipped'], 'Write as_written or flipped.').optional(),
  currency: currency.optional(),
  status_words: z.string().max(20_000).optional(),
  kind: z.enum(kinds, 'Write open_items, all_invoices or changes.').optional(),
  missing: z.enum(['settle', 'keep'], 'Write settle or keep.').optional(),
  source_id: id.optional(),
})
/** The whole form, as the document shows it. */
export const UploadForm = UploadFields.extend({ file: z.file() })
