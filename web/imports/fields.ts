import { type MessageKey, t } from '../i18n.ts'

/** The fields of a receivables export, with the headers that usually mean them. */
const fields = {
  invoice_number: [
    'number',
    'invoice',
    'invoice no',
    'invoice number',
    'invoice #',
    'document number',
    'bill no',
  ],
  customer_code: [
    'customer id',
    'customer code',
    'customer number',
    'account code',
    'account number',
    'acc no',
  ],
  customer_name: ['customer', 'customer name', 'client name', 'company name', 'account name'],
  invoice_date: ['invoice date', 'date issued', 'issued on', 'document date', 'bill date'],
  due_date: ['due date', 'due on', 'invoice due date', 'payment due'],
  amount: ['amount', 'invoice amount', 'total', 'invoice total', 'gross amount'],
  open_amount: ['open amount', 'balance', 'outstanding', 'outstanding amount', 'amount due', 'balance due'],
  paid_amount: ['paid amount', 'amount paid'],
  settled_on: ['settled date', 'settled on', 'paid on', 'date paid', 'payment date', 'last payment date'],
  currency: ['currency', 'currency code'],
  status: ['status', 'payment status', 'invoice status', 'current payment status'],
  disputed: ['disputed', 'is disputed', 'dispute'],
  document_type: ['document type', 'doc type'],
  operating_unit: ['operating unit', 'business unit', 'company code'],
  region: ['region', 'country', 'country code', 'territory'],
  terms: ['terms', 'payment terms', 'customer terms'],
  po_number: ['po number', 'purchase order', 'purchaseorder'],
  email: ['email', 'e-mail', 'customer email'],
  phone: ['phone', 'phone number', 'customer phone'],
  notes: ['notes', 'comments', 'remarks'],
} as const

export type FieldName = keyof typeof fields
export type Mapping = { [field in FieldName]?: string }

export const fieldNames = Object.keys(fields) as FieldName[]

/** Without these a row says nothing; of a pair one is enough. */
export const needed: FieldName[][] = [
  ['invoice_number'],
  ['customer_code', 'customer_name'],
  ['amount', 'open_amount'],
]

/** The AR Tracker's header, which the server knows by itself. */
const standard =
  'operating_unit,customer_name,customer_id,invoice_number,invoice_date,due_date,invoice_amount,currency,payment_status'.split(
    ',',
  )

const fold = (header: string) =>
  header
    .toLowerCase()
    .replaceAll('#', 'number')
    .replace(/[^\p{L}\p{N}]/gu, '')

export const isStandard = (header: string[]): boolean => {
  const folded = new Set(header.map(fold))
  return standard.every((column) => folded.has(fold(column)))
}

/** Our guess, one column per field at most; what is not recognised stays out. */
export function suggest(header: string[]): Mapping {
  const taken = new Set<string>()
  const mapping: Mapping = {}
  for (const field of fieldNames) {
    const names = [field, ...fields[field]].map(fold)
    const found = header.find((column) => names.includes(fold(column)) && !taken.has(column))
    if (found) {
      mapping[field] = found
      taken.add(found)
    }
  }
  return mapping
}

/** The needs that a mapping leaves open, as groups of fields of which one must have a column. */
export function missing(mapping: Mapping): FieldName[][] {
  return needed.filter((group) => !group.some((field) => mapping[field]))
}

export const fieldLabel = (field: FieldName): string => t(`imports.field_${field}` satisfies MessageKey)
