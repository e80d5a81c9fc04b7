import { type MessageKey, t } from '../i18n.ts'
import type { Formatter } from '../shared/format.ts'
import type { Dispute } from '../wire.ts'

const states: Record<string, MessageKey> = {
  new: 'disputes.state_new',
  in_review: 'disputes.state_in_review',
  waiting: 'disputes.state_waiting',
  resolved: 'disputes.state_resolved',
  withdrawn: 'disputes.state_withdrawn',
  stated: 'disputes.state_stated',
}
export const stateLabel = (state: string) => (states[state] ? t(states[state]) : state)
export const openStates = ['new', 'in_review', 'waiting'] as const
export const isOpen = (state: string) => (openStates as readonly string[]).includes(state)

const resolutions: Record<string, MessageKey> = {
  accepted: 'disputes.resolution_accepted',
  rejected: 'disputes.resolution_rejected',
  corrected: 'disputes.resolution_corrected',
}
export const resolutionLabel = (resolution: string) =>
  resolutions[resolution] ? t(resolutions[resolution]) : resolution
export const resolutionChoice = () =>
  Object.entries(resolutions).map(([value, key]) => ({ value, label: t(key) }))

/** `Whole invoice`, or the amount and the line. */
export const partOf = ({ amount, line, currency, invoice_amount }: Dispute, format: Formatter) =>
  amount === null
    ? t('disputes.whole')
    : [
        t('disputes.part_of', {
          amount: format.money(amount, currency),
          whole: format.money(invoice_amount, currency),
        }),
        line,
      ]
        .filter(Boolean)
        .join(' · ')

const skipped: Record<string, MessageKey> = {
  credits: 'disputes.skipped_credits',
  'nothing is open': 'disputes.skipped_nothing_open',
  'in dispute already': 'disputes.skipped_disputed',
}
/** Why an invoice is left out of many. */
export const skippedWords = (why: string) => (skipped[why] ? t(skipped[why]) : why)
