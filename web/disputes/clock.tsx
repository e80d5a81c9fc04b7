import { Badge } from '@mantine/core'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import type { Dispute } from '../wire.ts'

/** How long the clock still runs, in words; the colour only repeats them. */
export function Clock({
  dispute,
}: {
  dispute: Pick<Dispute, 'state' | 'days_left' | 'due_on' | 'closed_on' | 'waiting_since'>
}) {
  const format = useFormat()
  const { days_left: left } = dispute
  if (dispute.closed_on)
    return <Badge color="gray">{t('disputes.clock_closed', { day: format.day(dispute.closed_on) })}</Badge>
  if (dispute.waiting_since) return <Badge color="gray">{t('disputes.clock_paused')}</Badge>
  if (left === null) return <Badge color="gray">{t('disputes.clock_none')}</Badge>
  if (left < 0) return <Badge color="red">{t('disputes.clock_late', { count: -left })}</Badge>
  if (left === 0) return <Badge color="brass">{t('disputes.clock_today')}</Badge>
  return <Badge color={left <= 1 ? 'brass' : 'pine'}>{t('disputes.clock_left', { count: left })}</Badge>
}
