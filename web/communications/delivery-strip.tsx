import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import classes from './communications.module.css'
import { stateWord } from './words.ts'

/** In the order in which a message gets there. */
const order = ['delivered', 'sent', 'pending', 'unknown', 'failed', 'held', 'cancelled']

/** How far the messages of a campaign are: one bar, and the same in words. */
export function DeliveryStrip({ counts }: { counts: Partial<Record<string, number>> }) {
  const format = useFormat()
  const waiting = (counts.pending ?? 0) + (counts.sending ?? 0)
  const parts = order
    .map((state) => ({ state, count: state === 'pending' ? waiting : (counts[state] ?? 0) }))
    .filter(({ count }) => count > 0)
  const total = parts.reduce((sum, { count }) => sum + count, 0)
  if (total === 0) return <span>{t('communications.none_yet')}</span>
  return (
    <div>
      <div className={classes.strip} aria-hidden>
        {parts.map(({ state, count }) => (
          <span key={state} data-state={state} style={{ flexGrow: count }} />
        ))}
      </div>
      <ul className={classes.legend}>
        {parts.map(({ state, count }) => (
          <li key={state}>
            <span className={classes.key} data-state={state} aria-hidden />
            {`${stateWord(state)} ${format.number(count)}`}
          </li>
        ))}
      </ul>
    </div>
  )
}
