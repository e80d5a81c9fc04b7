import { z } from 'zod'
import { email, flag, id, phone, text } from '../../core/schema.ts'
import { BUCKETS, type Bucket } from './report/types.ts'

// What travels between the debtors of pharmacies and their clients. The document's objects hold its keys, in its words.

export const bucketLabels: Record<Bucket, string> = {
  current: 'Current',
  d30: '30 Days',
  d60: '60 Days',
  d90: '90 Days',
  d120: '120 Days',
  d150: '150 Days',
  d180: '180 Days',
}
/** What counts as arrears: sixty days and older. */
export const ARREARS = ['d60', 'd90', 'd120', 'd150', 'd180'] as const satisfies readonly Bucket[]

export const PharmacyParams = z.object({ pharmacy_id: id })
export const DebtorParams = z.object({ pharmacy_id: id, debtor_id: id })
export const ReportParams = z.object({ pharmacy_id: id, report_id: id })
export const ReportPageParams = ReportParams.extend({ page: z.coerce.number().int().min(1).max(100_000) })

const figures = {
  current: z.number(),
  d30: z.number(),
  d60: z.number(),
  d90: z.number(),
  d120: z.number(),
  d150: z.number(),
  d180: z.number(),
}
export const Figures = z.object({ ...figures, balance: z.number() })
export type Figures = z.infer<typeof Figures>

/** How an account stands against the report before. `moved`: something is owed in both, and a figure changed. */
export const changeKinds = ['new', 'settled', 'moved', 'unchanged'] as const
export const ChangeKind = z.enum(changeKinds)

export const Debtor = z.object({
  id: z.number(),
  pharmacy_id: z.number(),
  report_id: z.number().nullable(),
  acc_no: z.string(),
  name: z.string(),
  ...figures,
  balance: z.number(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  is_medical_aid_control: z.boolean(),
  created_at: z.string(),
  updated_at: z.string(),
})
/** With `details=true`, for our own pages. */
const details = {
  /** Sixty days and older. */
  arrears: z.number(),
  /** For If-Match. */
  version: z.number(),
  email_by_hand: z.boolean(),
  phone_by_hand: z.boolean(),
  /** As the report prints them, where that is not what is used. */
  stated_email: z.string().nullable(),
  stated_phone: z.string().nullable(),
  is_control: z.boolean(),
  /** Account or name of the customer that this one is a branch of. */
  sub_of: z.string().nullable(),
  page: z.number().nullable(),
  /** Index into the lines of its report. */
  line: z.number().nullable(),
  confidence: z.number().nullable(),
  notes: z.array(z.string()),
}
export const DetailedDebtor = Debtor.extend(details)
export type DetailedDebtor = z.infer<typeof DetailedDebtor>
export const ListedDebtor = Debtor.extend(z.object(details).partial().shape)

// ---- the list -------------------------------------------------------------------------------------------------------

export const sortColumns = ['acc_no', 'name', ...BUCKETS, 'balance', 'arrears', 'email', 'phone'] as const

/** Left empty, a filter asks for nothing. */
const blank = <T extends z.ZodType>(schema: T) =>
  z
    .preprocess(
      (value) => (typeof value === 'string' && value.trim() === '' ? undefined : value),
      schema.optional(),
    )
    .optional()

export const DebtorFilters = z.object({
  min_balance: blank(z.coerce.number().min(-1e12).max(1e12)).describe(
    'Arrears of sixty days and older above this.',
  ),
  ageing_buckets: blank(z.string().max(200)).describe(
    'Comma-separated, such as d60,d90: whoever owes in one of them.',
  ),
  has_email: blank(flag),
  has_phone: blank(flag),
  search: blank(text(200)).describe('In account number, name, e-mail and phone.'),
  exclude_medical_aid: blank(flag).describe('True unless said otherwise.'),
  document_page: blank(z.coerce.number().int().min(1).max(100_000)).describe(
    'Those on this page of the report.',
  ),
})
export type DebtorFilters = z.output<typeof DebtorFilters>

export const DebtorQuery = DebtorFilters.extend({
  sort_by: blank(z.enum(sortColumns)),
  sort_order: blank(z.enum(['asc', 'desc'])),
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  per_page: z.coerce.number().int().min(1).max(1000).default(100),
  details: blank(flag),
})
export type DebtorQuery = z.output<typeof DebtorQuery>

export const DebtorList = z.object({
  total: z.number(),
  page: z.number(),
  per_page: z.number(),
  pages: z.number(),
  debtors: z.array(ListedDebtor),
})

export const StatisticsQuery = DebtorFilters
export const Statistics = z.object({
  total_accounts: z.number(),
  total_outstanding: z.number(),
  ...figures,
})

// ---- downloads ------------------------------------------------------------------------------------------------------

const ids = z.array(id).max(200_000)
export const DownloadBody = z
  .object({
    debtor_ids: ids.nullish(),
    min_balance: z.number().nullish(),
    ageing_buckets: z.array(z.string().max(20)).max(20).nullish(),
    has_email: z.boolean().nullish(),
    has_phone: z.boolean().nullish(),
    search: text(200).nullish(),
    exclude_medical_aid: z.boolean().nullish(),
    sort_by: z.enum(sortColumns).nullish(),
    sort_order: z.enum(['asc', 'desc']).nullish(),
    /** Of the PDF: column → its heading. */
    col_names: z.record(z.string().max(40), z.string().max(60)).nullish(),
    /** A report other than the current one. */
    report_id: id.nullish(),
  })
  .nullish()
export type DownloadBody = z.output<typeof DownloadBody>

// ---- reports --------------------------------------------------------------------------------------------------------

export const reportStatuses = ['processing', 'completed', 'needs_review', 'rejected', 'failed'] as const
export const ColumnMeaning = z.enum([...BUCKETS, 'balance', 'account', 'name', 'phone', 'email', 'other'])

export const Check = z.object({
  what: z.enum(['row', 'page', 'section', 'grand', 'carried']),
  label: z.string(),
  page: z.number(),
  line: z.number(),
  column: z.enum([...BUCKETS, 'balance']),
  printed: z.number(),
  summed: z.number(),
  agrees: z.boolean(),
})
export const ReportColumn = z.object({
  label: z.string(),
  meaning: ColumnMeaning.nullable(),
  page: z.number(),
  x0: z.number(),
  x1: z.number(),
})
export const Question = z.object({
  column: z.number(),
  label: z.string(),
  guess: ColumnMeaning.nullable(),
})
export const Changes = z.object({
  /** The report it is compared with; null for the first one. */
  previous_id: z.number().nullable(),
  new: z.number(),
  settled: z.number(),
  moved: z.number(),
  unchanged: z.number(),
  new_amount: z.number(),
  settled_amount: z.number(),
  moved_amount: z.number(),
  /** Contacts written by hand that differ from what the report prints. */
  contacts: z.number(),
})

export const Report = z.object({
  id: z.number(),
  pharmacy_id: z.number(),
  filename: z.string(),
  uploaded_at: z.string(),
  uploaded_by: z.string().nullable(),
  total_accounts: z.number(),
  total_outstanding: z.number(),
  status: z.enum(reportStatuses),
  error_message: z.string().nullable(),
  is_current: z.boolean(),
  report_date: z.string().nullable(),
  title: z.string().nullable(),
  how: z.enum(['text', 'ocr', 'sheet']).nullable(),
  /** Whether every printed total agrees with the rows. */
  agrees: z.boolean().nullable(),
  /** The largest disagreement with a printed total. */
  difference: z.number().nullable(),
  changes: Changes.nullable(),
  /** Pages read so far, while it is processing here. */
  progress: z.object({ page: z.number(), of: z.number() }).nullable(),
  decided_by: z.string().nullable(),
  decided_at: z.string().nullable(),
})
export type Report = z.infer<typeof Report>
export const ReportDetails = Report.extend({
  mime: z.string(),
  file_size: z.number(),
  layout: z.string().nullable(),
  /** Everything in the report, medical-aid control accounts included; and what is listed. */
  totals: z.object({ all: Figures, listed: Figures }).nullable(),
  checks: z.array(Check),
  columns: z.array(ReportColumn),
  questions: z.array(Question),
  warnings: z.array(z.string()),
  pages: z.array(z.object({ page: z.number(), width: z.number(), height: z.number(), rotation: z.number() })),
  /** Lines by what became of them: every line of the document is one of these. */
  line_counts: z.record(z.string(), z.number()),
})

export const UploadForm = z.object({
  file: z.string().describe('The report: PDF, CSV or workbook.').meta({ format: 'binary' }),
  password: z.string().max(200).optional(),
  columns: z
    .string()
    .optional()
    .describe('Answers to questions about columns, as JSON: {"label as printed": "d60"}.'),
})
export const UploadFields = z.object({
  password: z.string().max(200).optional(),
  columns: z
    .string()
    .max(20_000)
    .transform((json, context) => {
      try {
        return z.record(z.string().max(200), ColumnMeaning).parse(JSON.parse(json))
      } catch {
        context.addIssue({
          code: 'custom',
          message:
            'Write {"label of the column": "d60"}: one of the buckets, balance, account, name, phone, email, other.',
        })
        return z.NEVER
      }
    })
    .optional(),
})

export const UploadAnswer = z.object({
  report_id: z.number(),
  total_accounts: z.number(),
  total_outstanding: z.number(),
  debtors: z.array(Debtor),
  /** `completed`: it is the list now. `needs_review`: the list before stays until a person accepts this one. */
  status: z.enum(['completed', 'needs_review']),
  report_date: z.string().nullable(),
  difference: z.number().nullable(),
  /** Printed totals that disagree with the rows. */
  disagreements: z.array(Check),
  questions: z.array(Question),
  warnings: z.array(z.string()),
  changes: Changes.nullable(),
})

export const AnswersBody = z.object({
  columns: z.record(z.string().max(200), ColumnMeaning),
  /** Of a locked file; it is not kept. */
  password: z.string().max(200).optional(),
})

export const lineKinds = [
  'account',
  'detail',
  'contact',
  'continuation',
  'header',
  'section',
  'total',
  'noise',
  'flagged',
  'rejected',
] as const
export const LineQuery = z.object({
  document_page: z.coerce.number().int().min(1).max(100_000).optional(),
  kind: z.enum(lineKinds).optional(),
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  page_size: z.coerce.number().int().min(1).max(5_000).default(1_000),
})
export const ReportLine = z.object({
  line: z.number(),
  page: z.number(),
  text: z.string(),
  kind: z.enum(lineKinds),
  reason: z.string().nullable(),
  /** The debtor that it belongs to. */
  debtor_id: z.number().nullable(),
  /** PDF points of the page as it is shown, origin top left. */
  box: z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
})

export const ChangeQuery = z.object({
  kind: z.enum([...changeKinds, 'contact']).optional(),
  /** Compared with this report; else with the one that was current before it. */
  against: id.optional(),
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  page_size: z.coerce.number().int().min(1).max(500).default(50),
})
export const Change = z.object({
  id: z.number(),
  acc_no: z.string(),
  name: z.string(),
  kind: ChangeKind,
  before: Figures.nullable(),
  after: Figures.nullable(),
  /** Balance after less balance before. */
  moved_by: z.number(),
  /** Where a hand-made contact differs from what the report prints. */
  email: z.string().nullable(),
  stated_email: z.string().nullable(),
  phone: z.string().nullable(),
  stated_phone: z.string().nullable(),
})

// ---- one debtor -----------------------------------------------------------------------------------------------------

export const DebtorPage = DetailedDebtor.extend({
  /** In no list now: settled, or gone from the report. */
  is_absent: z.boolean(),
  /** Newest first. */
  history: z.array(
    Figures.extend({
      report_id: z.number(),
      report_date: z.string().nullable(),
      uploaded_at: z.string(),
      is_current: z.boolean(),
    }),
  ),
})
export const ContactChanges = z
  .object({
    /** Null: there is none, whatever a report says. */
    email: email.nullable().optional(),
    phone: phone.nullable().optional(),
    /** Goes back to what the report says: ["email"], ["phone"] or both. */
    as_reported: z
      .array(z.enum(['email', 'phone']))
      .max(2)
      .optional(),
  })
  .refine((changes) => Object.values(changes).some((value) => value !== undefined), 'Say what to change.')

// ---- pharmacies -----------------------------------------------------------------------------------------------------

export const ListedPharmacy = z.object({
  pharmacy_id: z.number(),
  name: z.string(),
  can_read: z.boolean(),
  can_write: z.boolean(),
  is_active: z.boolean(),
  /** The list that is current. */
  report: z
    .object({
      id: z.number(),
      report_date: z.string().nullable(),
      uploaded_at: z.string(),
      total_accounts: z.number(),
      total_outstanding: z.number(),
    })
    .nullable(),
  /** Reports that wait for a person. */
  needs_review: z.number(),
})
export const PharmacyQuery = z.object({ include_inactive: flag.optional() })

export const Pharmacy = z.object({
  pharmacy_id: z.number(),
  name: z.string(),
  code: z.string().nullable(),
  address: z.string().nullable(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  bank_name: z.string().nullable(),
  banking_account: z.string().nullable(),
  /** Names or account numbers of its medical-aid control accounts, beside those told by their words. */
  medical_aid: z.array(z.string()),
  is_active: z.boolean(),
  can_read: z.boolean(),
  can_write: z.boolean(),
  /** Credentials are written, never read. */
  has_sendgrid_api_key: z.boolean(),
  has_smsportal_credentials: z.boolean(),
  currency: z.string(),
  version: z.number(),
})
const credential = z.string().trim().min(1).max(500).nullish()
export const PharmacyInput = z.object({
  name: text(200, 1),
  code: text(60, 1).nullish(),
  address: text(500).nullish(),
  email: email.nullish(),
  phone: phone.nullish(),
  bank_name: text(100, 1).nullish(),
  banking_account: text(50, 1).nullish(),
  medical_aid: z.array(text(200, 1)).max(500).optional(),
  is_active: z.boolean().optional(),
  sendgrid_api_key: credential,
  smsportal_client_id: credential,
  smsportal_api_secret: credential,
})
export const PharmacyChanges = PharmacyInput.partial()
export type PharmacyChanges = z.output<typeof PharmacyChanges>

// ---- who may see which pharmacy -------------------------------------------------------------------------------------

export const UserParams = z.object({ username: z.string().trim().min(1).max(254) })
export const GrantParams = UserParams.extend({ pharmacy_id: id })
export const UserPharmacies = z.object({
  user_id: z.number(),
  username: z.string(),
  pharmacies: z.array(
    z.object({
      pharmacy_id: z.number(),
      pharmacy_name: z.string(),
      can_read: z.boolean(),
      can_write: z.boolean(),
    }),
  ),
})
export const GrantInput = z.object({
  pharmacy_id: id,
  can_read: z.boolean().default(true),
  can_write: z.boolean().default(false),
})
export const Grant = z.object({
  user_id: z.number(),
  username: z.string(),
  pharmacy_id: z.number(),
  pharmacy_name: z.string(),
  can_read: z.boolean(),
  can_write: z.boolean(),
})
export const CheckQuery = z.object({ action: z.enum(['read', 'write']).default('read') })
export const AccessCheck = z.object({
  user_id: z.number(),
  username: z.string(),
  pharmacy_id: z.number(),
  action: z.enum(['read', 'write']),
  has_access: z.boolean(),
})

export const PharmacyUser = z.object({
  user_id: z.number(),
  username: z.string(),
  email: z.string(),
  is_admin: z.boolean(),
  is_accounting: z.boolean(),
  is_active: z.boolean(),
  created_at: z.string(),
})
export const PharmacyUserAccess = PharmacyUser.extend({
  pharmacies: UserPharmacies.shape.pharmacies,
})
export const UserIdParams = z.object({ user_id: id })
export const UserGrantParams = z.object({ user_id: id, pharmacy_id: id })
export const UserListQuery = z.object({
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  per_page: z.coerce.number().int().min(1).max(1_000).default(1_000),
})
export const NewPharmacyUser = z.object({
  username: z.string().trim().min(2).max(150),
  email,
  password: z.string().min(1).max(1_000),
  full_name: text(200).optional(),
  pharmacy_ids: z.array(id).max(2_000).default([]),
  can_write: z.boolean().default(false),
  is_admin: z.boolean().default(false),
  is_accounting: z.boolean().default(false),
})
export const PharmacyUserChanges = z.object({
  username: z.string().trim().min(2).max(150).optional(),
  email: email.optional(),
  password: z.string().min(1).max(1_000).optional(),
  full_name: text(200).optional(),
  is_active: z.boolean().optional(),
  is_admin: z.boolean().optional(),
  is_accounting: z.boolean().optional(),
})
