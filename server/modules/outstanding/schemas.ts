import { z } from 'zod'
import { id } from '../../core/schema.ts'

// As the Outstanding Tracker's document writes them: camelCase, ids as text, amounts as numbers.

export const remarks = [
  'none',
  'payment received',
  'partial payment',
  'under follow-up',
  'dispute',
  'write-off',
] as const
export const invoiceStatuses = ['paid', 'unpaid', 'dispute'] as const

const asked = z
  .string()
  .trim()
  .max(200)
  .optional()
  .transform((text) => (text === undefined || text === '' || text.toLowerCase() === 'all' ? undefined : text))
export const SheetQuery = z.object({ department: asked, financialYear: asked, region: asked, month: asked })

export const SheetExport = SheetQuery.extend({ format: z.enum(['csv', 'xlsx']).default('xlsx') })

const share = {
  '0-30': z.number(),
  '31-90': z.number(),
  '91-180': z.number(),
  '181-365': z.number(),
  '>365': z.number(),
  total: z.number(),
}
export const Dashboard = z.object({
  month: z.string(),
  financialYear: z.string(),
  currency: z.string(),
  kpis: z.array(
    z.object({
      label: z.string(),
      value: z.string(),
      change: z.string().optional(),
      changeType: z.enum(['increase', 'decrease']).optional(),
      description: z.string(),
      /** The figure behind the text. */
      amount: z.number(),
    }),
  ),
  outstandingByAge: z.array(
    z.object({
      region: z.string(),
      department: z.string().optional(),
      ...share,
      /** What the sheet gives no age for; in the total all the same. */
      unknown: z.number().optional(),
    }),
  ),
  regionDistribution: z.array(z.object({ region: z.string(), amount: z.number() })),
  monthlyTrends: z.array(z.object({ month: z.string() }).catchall(z.number())),
  outstandingRecoveryTrend: z.array(
    z.object({
      month: z.string(),
      new: z.number(),
      recovered: z.number(),
      department: z.string().optional(),
    }),
  ),
  engineerPerformance: z.array(
    z.object({
      name: z.string(),
      region: z.string(),
      outstandingCollected: z.number(),
      newOutstandingAssigned: z.number(),
      netChange: z.number(),
    }),
  ),
})

const outstandings = z.array(
  z.object({ month: z.string(), amount: z.number(), agePeriod: z.string().nullable() }),
)
export const Customers = z.array(
  z.object({
    id: z.string(),
    customerCode: z.string(),
    customerName: z.string(),
    region: z.string(),
    department: z.string().nullable(),
    agePeriod: z.string().nullable(),
    outstandingAmount: z.number(),
    remarks: z.enum(remarks),
    notes: z.string(),
    /** The engineer's name, as the front end shows it. */
    assignedEngineer: z.string().nullable(),
    assignedEngineerId: z.string().nullable(),
    /** Of the month asked for, or the latest: how much is how old. */
    ages: z.object(share),
    outstandings,
    invoices: z.array(
      z.object({
        id: z.string(),
        customerId: z.string(),
        invoiceNumber: z.string(),
        invoiceAmount: z.number(),
        invoiceDate: z.string(),
        status: z.enum(invoiceStatuses),
        outstandings,
      }),
    ),
  }),
)
export type SheetCustomer = z.infer<typeof Customers>[number]

export const InvoiceTracker = z.array(
  z.object({
    monthYear: z.string(),
    department: z.string().optional(),
    previousMonthInvoices: z.number(),
    previousMonthAmount: z.number(),
    currentMonthInvoices: z.number(),
    currentMonthAmount: z.number(),
    invoiceCountChange: z.number(),
    disputedInvoices: z.number(),
  }),
)

/** What there is to choose from: months that have a sheet, newest first; departments, regions, engineers. */
export const Choices = z.object({
  months: z.array(
    z.object({
      month: z.string(),
      financialYear: z.string(),
      department: z.string().nullable(),
      importId: z.number().nullable(),
      asOf: z.string(),
    }),
  ),
  financialYears: z.array(z.string()),
  departments: z.array(z.string()),
  regions: z.array(z.object({ code: z.string(), name: z.string() })),
  engineers: z.array(z.object({ id: z.string(), name: z.string(), region: z.string().nullable() })),
  /** The hierarchy: who manages which region, and who works in it. */
  team: z.array(
    z.object({ id: z.string(), name: z.string(), role: z.string(), region: z.string().nullable() }),
  ),
  remarks: z.array(z.enum(remarks)),
  /** The month whose sheet comes next. */
  nextMonth: z.string(),
  currency: z.string(),
  mayUpload: z.boolean(),
  mayEdit: z.boolean(),
  mayAssign: z.boolean(),
})

export const CustomerParams = z.object({ id: z.string().trim().min(1).max(100) })
export const InvoiceParams = z.object({
  customerId: z.string().trim().min(1).max(100),
  invoiceNumber: z.string().trim().min(1).max(100),
})
export const SlashedParams = z.object({
  customerId: z.string().trim().min(1).max(100),
  /** The number, with its slashes, and /dispute. */
  '*': z.string().max(120),
})
export const NewRemark = z.object({ newRemark: z.enum(remarks) })
export const NewNotes = z.object({ newNotes: z.string().trim().max(4000, 'At most 4000 characters.') })
export const NewEngineer = z
  .object({
    engineerId: z.union([z.string(), z.number()]).nullable().optional(),
    engineerName: z.string().trim().max(200).nullable().optional(),
  })
  .refine(
    (body) => body.engineerId !== undefined || body.engineerName !== undefined,
    'Send engineerId or engineerName; null for nobody.',
  )
export const NewStatus = z.object({ newStatus: z.enum(invoiceStatuses) })
export const Success = z.object({ success: z.literal(true) })

export const ToldAll = z.array(
  z.object({
    id: z.string(),
    from: z.object({ name: z.string(), role: z.string() }),
    to: z.string(),
    message: z.string(),
    timestamp: z.string(),
    isRead: z.boolean(),
  }),
)

export const Uploaded = z.object({
  /** Customers of the sheet. */
  count: z.number(),
  message: z.string(),
  import_id: z.number().nullable(),
  month: z.string(),
  financialYear: z.string(),
  department: z.string(),
  rows: z.number(),
  rejected: z.number(),
  warnings: z.array(z.string()),
  errors: z.array(z.object({ invoice_number: z.string(), error: z.string() })),
})

// ---- engineers that sheets name -------------------------------------------------------------------------------------

const named = z.string().nullable()
export const Proposals = z.object({
  month: named,
  items: z.array(
    z.object({
      customer_id: z.number(),
      code: named,
      name: z.string(),
      region: named,
      said: z.string(),
      engineer_id: z.number().nullable(),
      engineer: named,
      now_id: z.number().nullable(),
      now: named,
    }),
  ),
})
/** Without ids all of whom it is known who is meant. */
export const AcceptProposals = z.object({ customer_ids: z.array(id).min(1).max(10_000).optional() })
export const ProposalsAccepted = z.object({
  customers: z.number(),
  invoices: z.number(),
  /** By which it can be taken back; null when nothing was given. */
  act_id: z.number().nullable(),
})
