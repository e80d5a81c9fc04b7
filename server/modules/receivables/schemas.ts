import { z } from 'zod'
import { currency, date, flag, id, idOrNone, page, pageOf, text } from '../../core/schema.ts'
import { Allocation } from './cash/schemas.ts'

export const AgeingQuery = z.object({
  as_of: date.optional(),
  /** As known by the end of this day: what was recorded later is left out, however early it took effect. */
  known_on: date.optional(),
  basis: z.enum(['due', 'invoice']).default('due'),
  group_by: z.enum(['none', 'customer', 'region', 'collector', 'currency']).default('none'),
  currency: currency.optional(),
  customer_id: id.optional(),
  /** Only the groups that owe most; the totals are of all. */
  top: z.coerce.number().int().min(1).max(1000).optional(),
})
const parts = {
  buckets: z.array(
    z.object({
      bucket: z.string(),
      label: z.string(),
      from_days: z.number().nullable(),
      to_days: z.number().nullable(),
      amount: z.number(),
      count: z.number(),
    }),
  ),
  /** Credits, negative: they are in the total and in no bucket. */
  unapplied: z.number(),
  /** Of the buckets' amounts, what is in dispute. */
  disputed: z.number(),
  total: z.number(),
}
export const Ageing = z.object({
  as_of: z.string(),
  known_on: z.string().nullable(),
  basis: z.string(),
  currency: z.string(),
  currencies: z.array(z.string()),
  groups: z.array(z.object({ key: z.string(), label: z.string(), ...parts })),
  totals: z.object(parts),
  /** Buckets and unapplied credit added up, and the sum of the balances themselves: the same. */
  proof: z.object({ parts: z.number(), balance: z.number() }),
})

/** Several words in one parameter, between commas. */
const oneOrMore = <const Words extends readonly string[]>(words: Words) =>
  z
    .string()
    .trim()
    .max(300)
    .transform((said) => said.split(',').map((word) => word.trim()))
    .pipe(z.array(z.enum(words)).min(1))
/** A decimal in the list's currency. */
const decimal = z.coerce.number().min(-1e15).max(1e15).optional()

/** Which invoices are meant: of a list, an export, an assignment. */
export const InvoiceFilters = z.object({
  search: z.string().trim().max(200).optional(),
  /** Part of the customer's name or code. */
  customer: z.string().trim().max(200).optional(),
  /** `current`, `1-30`, …, `over-120`, `undated`: the names that the ageing answers; several between commas. */
  bucket: z.string().trim().max(300).optional(),
  /** What buckets count days from: the due date, or as an ageing by invoice date does. */
  basis: z.enum(['due', 'invoice']).optional(),
  status: oneOrMore(['open', 'partial', 'paid', 'disputed', 'credit', 'unpaid', 'overdue']).optional(),
  customer_id: id.optional(),
  /** 0: without region, without collector. */
  region_id: idOrNone,
  assigned_to: idOrNone,
  unassigned: flag.optional(),
  disputed: flag.optional(),
  /** Where the last file does not include what people recorded. */
  contradicted: flag.optional(),
  currency: currency.optional(),
  /** Of the open amount, in `currency` or else in the organisation's: one currency at a time. */
  amount_min: decimal,
  amount_max: decimal,
  due_from: date.optional(),
  due_to: date.optional(),
  /** What a file named or missed, and what became of it there. */
  import_id: id.optional(),
  import_outcome: oneOrMore(['new', 'changed', 'unchanged', 'older', 'missing']).optional(),
  /** What came of the promise to pay that it has: `none` without one, `any` with one. */
  promise: z.enum(['any', 'none', 'open', 'waiting', 'kept', 'partially_kept', 'broken']).optional(),
  /** The day that was promised. */
  promised_from: date.optional(),
  promised_to: date.optional(),
  as_of: date.optional(),
  /** As known by the end of this day; the day itself is `as_of`, or this one. */
  known_on: date.optional(),
})
export type InvoiceFilters = z.infer<typeof InvoiceFilters>
const invoiceSort = {
  sort: z
    .enum([
      'days_overdue',
      'invoice_number',
      'customer_name',
      'invoice_date',
      'due_date',
      'amount',
      'open_amount',
      'currency',
      'region',
      'assigned_to',
    ])
    .optional(),
  order: z.enum(['asc', 'desc']).optional(),
}
export const InvoiceQuery = InvoiceFilters.extend({
  ...invoiceSort,
  /** Adds `buckets`: how many invoices each bucket would hold under all the other filters. */
  facets: flag.optional(),
  ...page,
})
export type InvoiceQuery = z.infer<typeof InvoiceQuery>

const format = { format: z.enum(['csv', 'xlsx']).default('csv') }
export const InvoiceExport = InvoiceFilters.extend({ ...invoiceSort, ...format })
export type InvoiceExport = z.infer<typeof InvoiceExport>
export const AgeingExport = AgeingQuery.extend(format)

export const Invoice = z.object({
  id: z.number(),
  invoice_number: z.string(),
  document_type: z.string(),
  customer_id: z.number(),
  customer_code: z.string().nullable(),
  customer_name: z.string(),
  invoice_date: z.string().nullable(),
  due_date: z.string().nullable(),
  amount: z.number(),
  open_amount: z.number(),
  currency: z.string(),
  /** Negative while not due; null when nothing is owed or no date is known. */
  days_overdue: z.number().nullable(),
  bucket: z.string().nullable(),
  status: z.string(),
  is_disputed: z.boolean(),
  region_id: z.number().nullable(),
  region: z.string().nullable(),
  department: z.string().nullable(),
  root_cause: z.string().nullable(),
  assigned_to: z.number().nullable(),
  assigned_to_name: z.string().nullable(),
  /** The active promise to pay about it. */
  promise: z
    .object({
      id: z.number(),
      promised_on: z.string(),
      verdict: z.string(),
      is_waiting: z.boolean(),
      /** Of this invoice; and what of it is still to come while the promise can be kept, else 0. */
      amount: z.number(),
      open_amount: z.number(),
    })
    .nullable(),
})
const Bucket = z.object({
  bucket: z.string(),
  label: z.string(),
  from_days: z.number().nullable(),
  to_days: z.number().nullable(),
})
const Total = z.object({
  currency: z.string(),
  amount: z.number(),
  open_amount: z.number(),
  count: z.number(),
})
export const Invoices = pageOf(Invoice).extend({
  as_of: z.string(),
  known_on: z.string().nullable(),
  totals: z.array(Total),
  buckets: z.array(Bucket.extend({ count: z.number() })).optional(),
})

// ---- one invoice ----------------------------------------------------------------------------------------------------

const Person = z.object({ id: z.number(), full_name: z.string() }).nullable()
export const InvoiceDetails = Invoice.extend({
  version: z.number(),
  as_of: z.string(),
  terms_days: z.number().nullable(),
  settled_on: z.string().nullable(),
  operating_unit: z.string().nullable(),
  po_number: z.string().nullable(),
  notes: z.string().nullable(),
  sales_person: z.string().nullable(),
  assigned_by_hand: z.boolean(),
  assigned_on: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
  comment_count: z.number(),
  /** What else the customer owes, in the invoice's currency. */
  customer: z.object({
    id: z.number(),
    code: z.string().nullable(),
    name: z.string(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    open_amount: z.number(),
    overdue_amount: z.number(),
    open_count: z.number(),
  }),
  /** The ledger, in the order in which it took effect. */
  entries: z.array(
    z.object({
      id: z.number(),
      kind: z.string(),
      amount: z.number(),
      effective_on: z.string(),
      /** An inferred entry happened after this day and not later than `effective_on`. */
      effective_after: z.string().nullable(),
      recorded_at: z.string(),
      import_id: z.number().nullable(),
      file_name: z.string().nullable(),
      /** What somebody recorded, and who; null of what files say. */
      allocation_id: z.number().nullable(),
      payment_id: z.number().nullable(),
      write_off_id: z.number().nullable(),
      user: Person,
      balance: z.number(),
    }),
  ),
  /** The payment of which this is the document. */
  payment_id: z.number().nullable(),
  /** What people recorded on it, taken back or not. */
  allocations: z.array(Allocation),
  /** What files state as open less the open amount: what was recorded and no file includes yet. */
  unconfirmed: z.number(),
  /** The day of the last file, when it should include what was recorded and does not. */
  contradicted_on: z.string().nullable(),
  /** Who decided, and when, that what was recorded holds against what the last file says; null while nobody has. */
  kept_mine: z.object({ at: z.string(), by: Person }).nullable(),
  /** What each file in the books said, newest first. */
  snapshots: z.array(
    z.object({
      import_id: z.number(),
      as_of: z.string(),
      file_name: z.string(),
      row: z.number().nullable(),
      outcome: z.string(),
      amount: z.number().nullable(),
      open_amount: z.number().nullable(),
      changes: z.array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() })),
    }),
  ),
})

export const Comment = z.object({
  id: z.number(),
  /** One of the two: what it is about. */
  invoice_id: z.number().nullable(),
  customer_id: z.number().nullable(),
  user: Person,
  /** Empty once deleted. */
  body: z.string(),
  /** Whom it calls by @username: those are told. */
  mentions: z.array(z.object({ id: z.number(), full_name: z.string(), username: z.string() })),
  version: z.number(),
  created_at: z.string(),
  edited_at: z.string().nullable(),
  is_deleted: z.boolean(),
  is_own: z.boolean(),
})
export const Comments = z.object({ items: z.array(Comment) })
export const CommentInput = z.object({ body: text(4000, 1) })
/** Newest first. */
export const CommentHistory = z.object({
  items: z.array(z.object({ at: z.string(), user: Person, body: z.string() })),
})
export const Members = z.object({
  items: z.array(z.object({ id: z.number(), full_name: z.string(), username: z.string() })),
})

export const Timeline = pageOf(
  z.object({
    id: z.number(),
    kind: z.string(),
    at: z.string(),
    user: Person,
    invoice_id: z.number().nullable(),
    invoice_number: z.string().nullable(),
    /** What an event of the customer was about. */
    invoices: z.array(z.object({ id: z.number(), invoice_number: z.string() })),
    data: z.record(z.string(), z.unknown()),
  }),
)
export const TimelineQuery = z.object(page)

// ---- who works what -------------------------------------------------------------------------------------------------

/** null: nobody. */
const assignee = id.nullable()
export const Assignment = z.object({ assigned_to: assignee })
export const AssignedInvoice = z.object({
  id: z.number(),
  assigned_to: z.number().nullable(),
  assigned_to_name: z.string().nullable(),
  assigned_by_hand: z.boolean(),
  assigned_on: z.string().nullable(),
  version: z.number(),
})
export const BulkAssignment = z.object({
  assigned_to: assignee,
  /** Without ids everything that the filters of the address find. */
  invoice_ids: z.array(id).min(1).max(10_000).optional(),
  dry_run: z.boolean().default(false),
})
const Load = z.array(z.object({ currency: z.string(), open_amount: z.number(), count: z.number() }))
export const Assigned = z.object({
  dry_run: z.boolean(),
  invoices: z.number(),
  changed: z.number(),
  unchanged: z.number(),
  /** Of those that change. */
  totals: Load,
  /** Whose they are now. */
  from: z.array(z.object({ id: z.number().nullable(), full_name: z.string(), count: z.number() })),
  /** By which it can be taken back; null when nothing was given. */
  act_id: z.number().nullable(),
})
export const Assignees = z.object({
  items: z.array(
    z.object({
      id: z.number(),
      full_name: z.string(),
      username: z.string(),
      roles: z.array(z.string()),
      count: z.number(),
      open: Load,
    }),
  ),
})

// ---- customers ------------------------------------------------------------------------------------------------------

export const CustomerFilters = z.object({
  search: z.string().trim().max(200).optional(),
  /** `open` owes or has credit, `overdue` is late with something, `all` everybody in the books. */
  status: z.enum(['open', 'overdue', 'all']).default('open'),
  /** What its debt is waiting for; `missing`: nobody has said. */
  remark: z
    .enum(['missing', 'payment received', 'partial payment', 'under follow-up', 'dispute', 'write-off'])
    .optional(),
  currency: currency.optional(),
  as_of: date.optional(),
  known_on: date.optional(),
  sort: z
    .enum(['name', 'code', 'open_amount', 'overdue_amount', 'unapplied', 'oldest_days', 'open_count'])
    .default('open_amount'),
  order: z.enum(['asc', 'desc']).optional(),
})
export type CustomerFilters = z.infer<typeof CustomerFilters>
export const CustomerQuery = CustomerFilters.extend(page)
export type CustomerQuery = z.infer<typeof CustomerQuery>
export const CustomerExport = CustomerFilters.extend(format)
export type CustomerExport = z.infer<typeof CustomerExport>

const balance = {
  /** What is owed less unapplied credit. */
  open_amount: z.number(),
  overdue_amount: z.number(),
  unapplied: z.number(),
  open_count: z.number(),
}
/** A customer in one currency; in several it is several rows. */
export const Customer = z.object({
  id: z.number(),
  code: z.string().nullable(),
  name: z.string(),
  currency: z.string(),
  remark: z.string().nullable(),
  ...balance,
  oldest_days: z.number().nullable(),
  next_due: z.string().nullable(),
  last_payment_on: z.string().nullable(),
})
export const Customers = pageOf(Customer).extend({
  as_of: z.string(),
  known_on: z.string().nullable(),
  totals: z.array(z.object({ currency: z.string(), count: z.number(), ...balance })),
})
/** The palette's: at most eight of each kind. */
export const SearchQuery = z.object({ q: z.string().trim().min(1, 'Type something to look for.').max(100) })
export const Found = z.object({
  customers: z.array(z.object({ id: z.number(), code: z.string().nullable(), name: z.string() })),
  invoices: z.array(
    z.object({
      id: z.number(),
      number: z.string(),
      customer_id: z.number(),
      customer_name: z.string(),
      currency: z.string(),
      open_amount: z.number(),
    }),
  ),
})

export const CustomerDetails = z.object({
  id: z.number(),
  code: z.string().nullable(),
  name: z.string(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  outlet_id: z.number().nullable(),
  /** Who works the customer, what later files bring included. */
  assigned_to: z.number().nullable(),
  assigned_to_name: z.string().nullable(),
  version: z.number(),
  created_at: z.string(),
  as_of: z.string(),
  currencies: z.array(
    z.object({
      currency: z.string(),
      ...balance,
      disputed: z.number(),
      oldest_days: z.number().nullable(),
      next_due: z.string().nullable(),
      last_payment_on: z.string().nullable(),
      buckets: Ageing.shape.totals.shape.buckets,
      /** What was open at the end of each month, the last of them today. */
      history: z.array(z.object({ day: z.string(), open_amount: z.number() })),
    }),
  ),
  imports: z.array(
    z.object({ id: z.number(), file_name: z.string(), as_of: z.string(), invoices: z.number() }),
  ),
})
