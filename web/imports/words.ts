import { type MessageKey, t } from '../i18n.ts'
import type { ImportKind, ImportOutcome, ImportRow } from '../wire.ts'

// What the page calls the things of an import. A name that this page does not know yet is shown as it came.

const statuses: Record<ImportRow['status'], MessageKey> = {
  reading: 'imports.status_reading',
  asking: 'imports.status_asking',
  checked: 'imports.status_checked',
  publishing: 'imports.status_publishing',
  published: 'imports.status_published',
  refused: 'imports.status_refused',
  failed: 'imports.status_failed',
  cancelled: 'imports.status_cancelled',
  reverting: 'imports.status_reverting',
  reverted: 'imports.status_reverted',
}
export const statusColours: Partial<Record<ImportRow['status'], string>> = {
  published: 'pine',
  refused: 'red',
  failed: 'red',
  asking: 'brass',
  checked: 'brass',
}
export const statusLabel = (status: ImportRow['status']): string => t(statuses[status])
/** What stands of one file: a file of which no row can be taken is checked, and not ready to be published. */
export const standingLabel = (one: Pick<ImportRow, 'status' | 'rows' | 'rejected'>): string =>
  one.status === 'checked' && one.rows === one.rejected
    ? t('imports.status_nothing')
    : statusLabel(one.status)
export const statusChoice = () => [
  { value: '', label: t('core.filter_all') },
  ...Object.entries(statuses).map(([value, key]) => ({ value, label: t(key) })),
]

/** At work: the page asks again until it is over. */
export const isWorking = (status: ImportRow['status']) =>
  status === 'reading' || status === 'publishing' || status === 'reverting'

export const outcomes = ['new', 'changed', 'unchanged', 'older', 'repeated', 'missing', 'rejected'] as const
export const outcomeLabel = (outcome: ImportOutcome): string =>
  t(`imports.outcome_${outcome}` satisfies MessageKey)
export const outcomeWhy = (outcome: ImportOutcome): string => t(`imports.why_${outcome}` satisfies MessageKey)

export const kinds: ImportKind[] = ['open_items', 'all_invoices', 'changes']
export const kindLabel = (kind: ImportKind): string => t(`imports.kind_${kind}` satisfies MessageKey)
export const kindWhy = (kind: ImportKind): string => t(`imports.kind_why_${kind}` satisfies MessageKey)

const fields = {
  invoice_number: 'imports.field_invoice_number',
  number: 'imports.field_invoice_number',
  customer_code: 'imports.field_customer_code',
  customer_name: 'imports.field_customer_name',
  invoice_date: 'imports.field_invoice_date',
  due_date: 'imports.field_due_date',
  amount: 'imports.field_amount',
  open_amount: 'imports.field_open_amount',
  paid_amount: 'imports.field_paid_amount',
  settled_on: 'imports.field_settled_on',
  currency: 'imports.field_currency',
  status: 'imports.field_status',
  disputed: 'imports.field_disputed',
  is_disputed: 'imports.field_disputed',
  document_type: 'imports.field_document_type',
  operating_unit: 'imports.field_operating_unit',
  region: 'imports.field_region',
  region_id: 'imports.field_region',
  department: 'imports.field_department',
  outlet: 'imports.field_outlet',
  outlet_id: 'imports.field_outlet',
  assigned_to: 'imports.field_assigned_to',
  root_cause: 'imports.field_root_cause',
  sales_person: 'imports.field_sales_person',
  terms: 'imports.field_terms',
  terms_days: 'imports.field_terms',
  po_number: 'imports.field_po_number',
  email: 'imports.field_email',
  phone: 'imports.field_phone',
  notes: 'imports.field_notes',
  line_amount: 'imports.field_line_amount',
  debit: 'imports.field_debit',
  credit: 'imports.field_credit',
  state: 'imports.field_state',
  side: 'imports.field_side',
  age_bucket: 'imports.field_age_bucket',
} satisfies Record<string, MessageKey>

export const fieldLabel = (field: string): string =>
  field in fields ? t(fields[field as keyof typeof fields]) : field.replaceAll('_', ' ')

const steps: Record<string, MessageKey> = {
  waiting: 'imports.working_waiting',
  looking: 'imports.working_looking',
  settling: 'imports.working_settling',
  reading: 'imports.working_reading',
  comparing: 'imports.working_comparing',
  writing: 'imports.working_writing',
  reverting: 'imports.working_reverting',
}
/** What a running import is doing. */
export const workLabel = (step: string): string => t(steps[step] ?? 'imports.working')

export type Decision = 'paid' | 'withdrawn' | 'open'
export const decisionLabel = (decision: Decision): string =>
  t(`imports.decision_${decision}` satisfies MessageKey)
