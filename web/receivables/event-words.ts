import { type MessageKey, t } from '../i18n.ts'
import type { Formatter } from '../shared/format.ts'
import { remarkWord } from '../shared/remarks.ts'
import type { Timeline } from '../wire.ts'
import { channelLabel, outcomeLabel } from '../work/words.ts'

type Event = Timeline['items'][number]

/** Events that one sentence tells, whatever they hold. */
const plain: Record<string, MessageKey> = {
  'invoice.changed': 'receivables.event_changed',
  'invoice.commented': 'receivables.event_commented',
  'invoice.comment_edited': 'receivables.event_comment_edited',
  'invoice.comment_deleted': 'receivables.event_comment_deleted',
  'invoice.payment_recorded': 'receivables.event_payment_recorded',
  'invoice.payment_reversed': 'receivables.event_payment_reversed',
  'invoice.allocation_reversed': 'receivables.event_allocation_reversed',
  'invoice.credited': 'receivables.event_credited',
  'invoice.write_off_requested': 'receivables.event_write_off_requested',
  'invoice.write_off_rejected': 'receivables.event_write_off_rejected',
  'invoice.write_off_reversed': 'receivables.event_write_off_reversed',
  'invoice.written_off': 'receivables.event_written_off',
  'invoice.settled': 'receivables.event_settled',
  'invoice.unsettled': 'receivables.event_unsettled',
  'invoice.reopened': 'receivables.event_reopened',
  'invoice.contradicted': 'receivables.event_contradicted',
  'invoice.kept_mine': 'receivables.event_kept_mine',
  'invoice.asked_again': 'receivables.event_asked_again',
  'invoice.cause_named': 'receivables.event_cause_named',
  'customer.changed': 'receivables.event_customer_changed',
  'customer.commented': 'receivables.event_commented',
  'customer.comment_edited': 'receivables.event_comment_edited',
  'customer.comment_deleted': 'receivables.event_comment_deleted',
  'customer.contact_corrected': 'receivables.event_contact_corrected',
  'promise.superseded': 'receivables.event_promise_superseded',
  'promise.withdrawn': 'receivables.event_promise_withdrawn',
  'promise.restored': 'receivables.event_promise_restored',
  'promise.undone': 'receivables.event_promise_undone',
  'dispute.changed': 'receivables.event_dispute_changed',
  'dispute.moved': 'receivables.event_dispute_moved',
  'dispute.reopened': 'receivables.event_dispute_reopened',
  'dispute.commented': 'receivables.event_dispute_commented',
  'dispute.resolved': 'receivables.event_dispute_resolved',
  'dispute.withdrawn': 'receivables.event_dispute_withdrawn',
}
/** Those that name something: a person, a task. */
const named: Record<string, [MessageKey, string]> = {
  'customer.contact_added': ['receivables.event_person_added', 'name'],
  'customer.contact_changed': ['receivables.event_person_changed', 'name'],
  'customer.contact_removed': ['receivables.event_person_removed', 'name'],
  'customer.task_changed': ['receivables.event_task_changed', 'title'],
  'customer.task_done': ['receivables.event_task_done', 'title'],
  'customer.task_reopened': ['receivables.event_task_reopened', 'title'],
  'customer.task_removed': ['receivables.event_task_removed', 'title'],
}

/** What happened, as somebody would say it; a kind that this page does not know yet is already named in the field's words. */
export function eventWords({ kind, data }: Event, format: Formatter): string {
  const said = (field: string) =>
    typeof data[field] === 'string' || typeof data[field] === 'number' ? String(data[field]) : ''
  const day = (field: string) => (said(field) ? format.day(said(field)) : '–')
  const money = () =>
    typeof data.amount === 'number' ? format.money(data.amount, said('currency') || undefined) : '–'
  switch (kind) {
    case 'invoice.assigned':
    case 'customer.assigned':
      return assignedWords(said('to'), said('via'), said('rule'))
    case 'customer.contacted':
    case 'customer.contact_taken_back':
      return t(
        kind === 'customer.contacted'
          ? 'receivables.event_contacted'
          : 'receivables.event_contact_taken_back',
        {
          channel: channelLabel(data.channel),
          person: said('person') || '–',
          outcome: outcomeLabel(data.outcome),
        },
      )
    case 'customer.task_added':
      return t('receivables.event_task_added', {
        title: said('title'),
        owner: said('owner'),
        day: day('due_on'),
      })
    case 'customer.task_reassigned':
      return t('receivables.event_task_reassigned', { title: said('title'), to: said('to') })
    case 'customer.remarked':
      return said('to')
        ? t('receivables.event_remarked', { remark: remarkWord(said('to')) })
        : t('receivables.event_remark_removed')
    case 'customer.noted':
      return said('to')
        ? t('receivables.event_noted', { note: said('to') })
        : t('receivables.event_note_removed')
    case 'customer.paid':
      return t('receivables.event_paid', { amount: money() })
    case 'promise.made':
      return t('receivables.event_promise_made', { amount: money(), day: day('promised_on') })
    case 'dispute.assigned':
      return said('to')
        ? t('receivables.event_dispute_given', { name: said('to') })
        : t('receivables.event_dispute_nobody')
    case 'dispute.opened':
      return t('receivables.event_dispute_opened', { reason: said('reason') || '–' })
  }
  if (kind in plain) return t(plain[kind]!)
  if (kind in named) return t(named[kind]![0], { name: said(named[kind]![1]) })
  const words = kind.replace(/[._]+/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function assignedWords(name: string, via: string, rule: string): string {
  if (!name) return t('receivables.event_unassigned')
  switch (via) {
    case 'rule':
      return t('receivables.event_assigned_by_rule', { name, rule: rule || '–' })
    case 'customer':
      return t('receivables.event_assigned_with_customer', { name })
    case 'absence':
      return t('receivables.event_assigned_absence', { name })
    case 'undo':
      return t('receivables.event_assigned_undone', { name })
    case 'return':
      return t('receivables.event_assigned_return', { name })
    default:
      return t('receivables.event_assigned_to', { name })
  }
}
