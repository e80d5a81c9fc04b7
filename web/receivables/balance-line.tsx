import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import type { CustomerDetails } from '../wire.ts'
import classes from './balance-line.module.css'
import { lineOf } from './line.ts'

type Point = CustomerDetails['currencies'][number]['history'][number]

const [WIDTH, HEIGHT] = [640, 150]

/** What was open at the end of each month: a line to look at, and the same figures as a table for everybody. */
export function BalanceLine({ history, currency }: { history: Point[]; currency: string }) {
  const format = useFormat()
  if (history.length < 2) return null
  const { points, zero } = lineOf(
    history.map(({ open_amount }) => open_amount),
    WIDTH,
    HEIGHT,
  )
  const path = points.map(({ x, y }, at) => `${at === 0 ? 'M' : 'L'}${x} ${y}`).join(' ')
  const amounts = history.map(({ open_amount }) => open_amount)
  const [first, last] = [history[0]!, history.at(-1)!]
  return (
    <figure className={classes.figure}>
      <div className={classes.scale} aria-hidden>
        <span>{format.moneyShort(Math.max(0, ...amounts), currency)}</span>
        <span>{format.moneyShort(Math.min(0, ...amounts), currency)}</span>
      </div>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className={classes.chart}
        role="img"
        aria-label={t('receivables.balance_line', {
          from: format.day(first.day),
          first: format.money(first.open_amount, currency),
          to: format.day(last.day),
          last: format.money(last.open_amount, currency),
        })}
      >
        <path
          d={`${path} L${points.at(-1)!.x} ${zero} L${points[0]!.x} ${zero} Z`}
          className={classes.area}
        />
        <line x1="0" x2={WIDTH} y1={zero} y2={zero} className={classes.zero} />
        <path d={path} className={classes.line} vectorEffect="non-scaling-stroke" />
      </svg>
      <div className={classes.days} aria-hidden>
        <span>{format.day(first.day)}</span>
        <span>{format.day(last.day)}</span>
      </div>
      <details className={classes.table}>
        <summary>{t('receivables.as_table')}</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('receivables.end_of_day')}</th>
              <th scope="col">{t('receivables.open_amount')}</th>
            </tr>
          </thead>
          <tbody>
            {history.toReversed().map(({ day, open_amount }) => (
              <tr key={day}>
                <th scope="row">{format.day(day)}</th>
                <td className="figure">{format.money(open_amount, currency)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  )
}
