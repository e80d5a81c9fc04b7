import { type MessageKey, t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import type { Invoice } from '../wire.ts'
import { useAssignees } from './assignees.ts'
import type { FilterChip } from './filter-chips.tsx'

/** What the list of invoices can be narrowed by, in its address and at the API alike. */
export const filterNames = [
  'search',
  'status',
  'bucket',
  'basis',
  'currency',
  'as_of',
  'known_on',
  'customer_id',
  'region_id',
  'assigned_to',
  'disputed',
  'contradicted',
  'amount_min',
  'amount_max',
  'due_from',
  'due_to',
  'import_id',
  'import_outcome',
  'promise',
  'promised_from',
  'promised_to',
] as const
export type FilterName = (typeof filterNames)[number]
export type Filters = { [name in FilterName]?: string }

/** The list shows what is not paid unless it is told otherwise. */
export const invoiceQuery = ({ status, ...rest }: Filters) => ({
  ...rest,
  status: status === 'all' ? undefined : (status ?? 'unpaid'),
})

/** The filters that have no field of their own in view, in words; names come from a row that they found. */
export function useFilterChips(
  filters: Filters,
  found: Invoice | undefined,
  change: (changes: Filters) => void,
): { shown: FilterChip[]; collectors: { value: string; label: string }[] } {
  const format = useFormat()
  const assignees = useAssignees()
  const collectors = [
    { value: '0', label: t('receivables.nobody') },
    ...(assignees.data?.items ?? []).map(({ id, full_name }) => ({ value: String(id), label: full_name })),
  ]
  const without = (name: FilterName) => () => change({ [name]: undefined } as Filters)
  const chip = (name: FilterName, label: MessageKey, say: (value: string) => string | null | undefined) => {
    const value = filters[name]
    return value === undefined
      ? []
      : [{ name, label: t(label), value: say(value) || value, remove: without(name) }]
  }
  const money = (value: string) =>
    Number.isFinite(Number(value)) ? format.money(Number(value), filters.currency ?? format.currency) : value
  const day = (value: string) => (/^\d{4}-\d\d-\d\d$/.test(value) ? format.day(value) : value)
  const shown = [
    ...chip('customer_id', 'receivables.customer', () => found?.customer_name),
    ...chip('region_id', 'receivables.region', (id) =>
      id === '0' ? t('receivables.no_region') : found?.region,
    ),
    ...chip(
      'assigned_to',
      'receivables.collector',
      (id) => collectors.find(({ value }) => value === id)?.label ?? found?.assigned_to_name,
    ),
    ...chip('disputed', 'receivables.disputed', (value) => (value === 'true' ? t('core.yes') : t('core.no'))),
    ...chip('contradicted', 'receivables.contradicted', (value) =>
      value === 'true' ? t('core.yes') : t('core.no'),
    ),
    ...chip('promise', 'core.promise', (value) => t(`core.promise_${value as 'open'}`)),
    ...chip('amount_min', 'receivables.amount_min', money),
    ...chip('amount_max', 'receivables.amount_max', money),
    ...chip('due_from', 'receivables.due_from', day),
    ...chip('due_to', 'receivables.due_to', day),
    ...chip('promised_from', 'receivables.promised_from', day),
    ...chip('promised_to', 'receivables.promised_to', day),
    ...chip('known_on', 'receivables.known_on', day),
    ...chip('basis', 'receivables.basis', (basis) =>
      basis === 'invoice' ? t('receivables.basis_invoice') : t('receivables.basis_due'),
    ),
    ...chip('import_id', 'receivables.from_import', (id) => id),
    ...chip('import_outcome', 'receivables.import_outcome', (said) => said.replaceAll(',', ', ')),
  ]
  return { shown, collectors }
}
