import { type MessageKey, t } from '../i18n.ts'
import type { Formatter } from '../shared/format.ts'

const labels = {
  number: 'receivables.invoice',
  document_type: 'receivables.document_type',
  invoice_date: 'receivables.invoice_date',
  due_date: 'receivables.due_date',
  terms_days: 'receivables.terms_days',
  is_disputed: 'receivables.disputed',
  operating_unit: 'receivables.operating_unit',
  po_number: 'receivables.po_number',
  notes: 'receivables.notes',
  region_id: 'receivables.region',
  department: 'receivables.department',
  root_cause: 'receivables.root_cause',
  due_on: 'receivables.due_date',
  name: 'receivables.field_name',
  title: 'receivables.field_title',
  note: 'receivables.notes',
  email: 'receivables.email',
  phone: 'receivables.phone',
  role: 'receivables.field_role',
  preferred_channel: 'receivables.field_channel',
  channel: 'receivables.field_channel',
  outcome: 'receivables.field_outcome',
  is_main: 'receivables.field_main',
  sales_person: 'receivables.sales_person',
  assigned_to: 'receivables.collector',
  customer_id: 'receivables.customer',
  amount: 'receivables.amount',
  open_amount: 'receivables.open_amount',
  settled_on: 'receivables.settled_on',
} satisfies Record<string, MessageKey>

/** The words of a field as files and events name it; one that this page does not know yet is shown as it came. */
export const fieldLabel = (field: string) =>
  field in labels ? t(labels[field as keyof typeof labels]) : field.replaceAll('_', ' ')

/** A value as people write it: days, money, yes and no. */
export function fieldValue(
  field: string,
  value: unknown,
  format: Formatter,
  currency?: string | null,
): string {
  if (value === null || value === undefined || value === '') return '–'
  if (typeof value === 'boolean') return value ? t('core.yes') : t('core.no')
  if (typeof value === 'number' && /amount$/.test(field)) return format.money(value, currency ?? undefined)
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value)) return format.day(value)
  return String(value)
}
