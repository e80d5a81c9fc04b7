import { type MessageKey, t } from '../i18n.ts'
import type { Formatter } from '../shared/format.ts'
import type { Told } from '../wire.ts'

const kinds: Record<string, MessageKey> = {
  mention: 'work.kind_mention',
  assignment: 'work.kind_assignment',
  task: 'work.kind_task',
  promise_broken: 'work.kind_promise_broken',
  dispute_opened: 'work.kind_dispute_opened',
  dispute_answered: 'work.kind_dispute_answered',
  import_published: 'work.kind_import_published',
  absence: 'work.kind_absence',
  report: 'work.kind_report',
  remark: 'work.kind_remark',
  customer_promised: 'work.kind_customer_promised',
  customer_disputed: 'work.kind_customer_disputed',
}
export const kindLabel = (kind: string) => (kind in kinds ? t(kinds[kind]!) : kind.replaceAll('_', ' '))

const said = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')

/** In the reader's words where we know the kind and have what it needs; else as the server put it. */
export function sentenceOf({ kind, data, text, sender }: Told, format: Formatter): string {
  const who = sender?.full_name ?? t('work.duebook')
  const what = said(data.invoice_number) || said(data.customer)
  switch (kind) {
    case 'mention':
      return t('work.told_mention', { who, what, excerpt: said(data.excerpt) })
    case 'assignment': {
      const count = Number(data.count)
      if ((data.count === undefined || count === 1) && what) return t('work.told_assigned', { who, what })
      return said(data.customer)
        ? t('work.told_assigned_of', { who, count, customer: said(data.customer) })
        : t('work.told_assigned_many', { who, count, customers: Number(data.customers ?? 0) })
    }
    case 'task':
      return t('work.told_task', {
        title: said(data.title),
        customer: said(data.customer),
        day: said(data.due_on) ? format.day(said(data.due_on)) : '–',
      })
    case 'import_published':
      return t('work.told_import', { file: said(data.file_name), day: format.day(said(data.as_of)) })
    case 'absence':
      return t('work.told_absence', { name: said(data.name), day: format.day(said(data.until_on)) })
    default:
      return text
  }
}

/** Where what one was told leads. */
export function placeOf(told: Told): { to: string; search?: Record<string, string> } | null {
  const { kind, subject, subject_id, invoice_id, customer_id } = told
  if (kind === 'task') return { to: '/receivables/tasks' }
  if (kind === 'assignment' && invoice_id === null && customer_id === null)
    return { to: '/receivables/invoices' }
  if (subject === 'import' && subject_id !== null) return { to: `/imports/${subject_id}` }
  if (kind === 'absence') return { to: '/receivables/invoices' }
  if (invoice_id !== null) return { to: `/receivables/invoices/${invoice_id}` }
  if (customer_id !== null)
    return {
      to: `/receivables/customers/${customer_id}`,
      ...(kind === 'mention' ? { search: { tab: 'timeline' } } : {}),
    }
  return null
}
