import { Text } from '@mantine/core'
import { type MessageKey, t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import type { DunningLine } from '../wire.ts'
import classes from './dunning.module.css'

export const channelWord = (channel: string) => t(`dunning.channel_${channel}` as MessageKey)
export const gateWord = (gate: string) => t(`dunning.gate_${gate}` as MessageKey)
export const stateWord = (state: string) => t(`dunning.state_${state}` as MessageKey)
export const stateColour: Record<string, string> = {
  prepared: 'gray',
  approved: 'pine',
  held: 'brass',
  sent: 'gray',
  cancelled: 'gray',
}

type Reason = DunningLine['reasons'][number]

/** Why somebody gets nothing or less: how much, for which reason, until when. */
export function Reasons({ reasons, currency }: { reasons: readonly Reason[]; currency: string }) {
  const format = useFormat()
  if (reasons.length === 0) return <>–</>
  return (
    <ul className={classes.reasons}>
      {reasons.map((reason) => (
        <li key={`${reason.gate} ${reason.until} ${reason.text}`}>
          {t('dunning.of_amount', {
            amount: format.money(reason.amount, currency),
            reason: gateWord(reason.gate),
          })}{' '}
          {reason.until &&
            t(reason.gate === 'not_due' ? 'dunning.from' : 'dunning.until', {
              day: format.day(reason.until),
            })}
          {(reason.text || reason.invoice_numbers.length > 0) && (
            <Text size="xs" c="dimmed">
              {[reason.text, reason.invoice_numbers.slice(0, 5).join(', ')].filter(Boolean).join(' · ')}
            </Text>
          )}
        </li>
      ))}
    </ul>
  )
}
