import { type MessageKey, t } from '../i18n.ts'
import type { Formatter } from '../shared/format.ts'
import type { Promised } from '../wire.ts'

type Told = Pick<Promised, 'verdict' | 'is_waiting' | 'paid_from' | 'paid_by'>

export const verdictLabel = ({ verdict, is_waiting }: { verdict: string; is_waiting: boolean }) =>
  is_waiting ? t('promises.waiting_short') : t(`promises.verdict_${verdict}` as MessageKey)

export const verdictColour: Record<string, string> = {
  open: 'gray',
  kept: 'pine',
  partially_kept: 'brass',
  broken: 'red',
  superseded: 'gray',
  withdrawn: 'gray',
}

/** When the money came: on a day, or between two. */
export function paidWords({ paid_from, paid_by }: Told, format: Formatter): string | null {
  if (!paid_by) return null
  return paid_from && paid_from !== paid_by
    ? t('promises.between', { from: format.day(paid_from), to: format.day(paid_by) })
    : t('promises.on', { day: format.day(paid_by) })
}
