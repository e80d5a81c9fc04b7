import { Text } from '@mantine/core'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import type { Formatter } from '../shared/format.ts'
import type { WorklistItem } from '../wire.ts'
import classes from './worklist.module.css'

type Kind = WorklistItem['reasons'][number]['kind']

/** A reason as somebody would say it. */
export function reasonWords(item: WorklistItem, kind: Kind, format: Formatter): string {
  const money = (amount: number) => format.money(amount, item.currency)
  switch (kind) {
    case 'amount':
      return t('worklist.amount', { amount: money(item.collectable) })
    case 'age':
      return t('worklist.age', { days: item.oldest_days })
    case 'broken_promise':
      return t('worklist.broken_promise', {
        level: item.broken_level ?? 1,
        day: item.broken_on ? format.day(item.broken_on) : '',
      })
    case 'promise_due':
      return t('worklist.promise_due', { day: item.promise_due_on ? format.day(item.promise_due_on) : '' })
    case 'follow_up':
      return t('worklist.follow_up', { day: item.follow_up_on ? format.day(item.follow_up_on) : '' })
    case 'silence':
      return item.contacted_on
        ? t('worklist.silence', { day: format.day(item.contacted_on) })
        : t('worklist.silence_none')
    case 'late_risk':
      return t('worklist.late_risk', {
        amount: money(item.due_soon),
        share: format.percent(item.late_risk ?? 0),
      })
    case 'disputed':
      return t('worklist.disputed', { amount: money(item.disputed) })
  }
}

/** The arithmetic: every reason with its points, and their sum. */
export function Reasons({ item }: { item: WorklistItem }) {
  const format = useFormat()
  return (
    <table className={classes.reasons}>
      <thead>
        <tr>
          <th scope="col">{t('worklist.reason')}</th>
          <th scope="col" colSpan={2}>
            {t('worklist.points_head')}
          </th>
        </tr>
      </thead>
      <tbody>
        {item.reasons.map(({ kind, points, most }) => (
          <tr key={kind}>
            <th scope="row">{reasonWords(item, kind, format)}</th>
            <td aria-hidden className={classes.barCell}>
              <span className={classes.bar}>
                <span
                  className={classes.barPart}
                  data-off={points < 0 || undefined}
                  style={{ width: `${Math.min(100, Math.abs(points / most) * 100)}%` }}
                />
              </span>
            </td>
            <td className="figure">
              {format.number(points)}{' '}
              <Text span size="xs" c="dimmed">
                {t('worklist.most', { most: format.number(most) })}
              </Text>
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row" colSpan={2}>
            {t('worklist.score_total')}
          </th>
          <td className="figure">{format.number(item.score)}</td>
        </tr>
      </tfoot>
    </table>
  )
}
