import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { TextLink } from '../shared/text-link.tsx'
import type { DebtorReport } from '../wire.ts'
import classes from './debtors.module.css'

/** What is new, settled and moved since the report before; each leads to its accounts. */
export function ChangeStrip({ outlet, report }: { outlet: string; report: DebtorReport }) {
  const format = useFormat()
  const { changes } = report
  if (!changes || changes.previous_id === null) return null
  const kinds = [
    ['new', changes.new_amount],
    ['settled', changes.settled_amount],
    ['moved', changes.moved_amount],
  ] as const
  return (
    <ul className={classes.changes} aria-label={t('debtors.since_before')}>
      {kinds.map(([kind, amount]) => (
        <li key={kind}>
          <TextLink
            to={`/debtors/${outlet}/reports/${report.id}`}
            search={{ part: 'changes', kind }}
            className={classes.change}
          >
            <strong>{t(`debtors.count_${kind}`, { count: changes[kind] })}</strong>{' '}
            <span className="figure">{format.money(amount)}</span>
          </TextLink>
        </li>
      ))}
      {changes.contacts > 0 && (
        <li>
          <TextLink
            to={`/debtors/${outlet}/reports/${report.id}`}
            search={{ part: 'changes', kind: 'contact' }}
            className={classes.change}
          >
            {t('debtors.count_contacts', { count: changes.contacts })}
          </TextLink>
        </li>
      )}
    </ul>
  )
}
