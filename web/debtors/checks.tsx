import { Text } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import type { DebtorCheck } from '../wire.ts'
import { bucketWord } from './buckets.ts'
import classes from './debtors.module.css'

type Props = { checks: DebtorCheck[]; onCheck: (check: DebtorCheck) => void }

/** Every figure that the report prints and the reading works out: those that disagree first. */
export function Checks({ checks, onCheck }: Props) {
  const wrong = checks.filter(({ agrees }) => !agrees)
  const right = checks.filter(({ agrees }) => agrees)
  return (
    <>
      {wrong.length > 0 && (
        <>
          <Text fw={600} mb={6}>
            {t('debtors.checks_wrong', { count: wrong.length })}
          </Text>
          <CheckList checks={wrong} onCheck={onCheck} />
        </>
      )}
      {right.length > 0 && (
        <details className={classes.details}>
          <summary>{t('debtors.checks_right', { count: right.length })}</summary>
          <CheckList checks={right.slice(0, 200)} onCheck={onCheck} />
        </details>
      )}
    </>
  )
}

function CheckList({ checks, onCheck }: Props) {
  const format = useFormat()
  return (
    <ul className={classes.checks}>
      {checks.map((check) => (
        <li key={`${check.what} ${check.page} ${check.line} ${check.column} ${check.label}`}>
          <button type="button" className={classes.check} onClick={() => onCheck(check)}>
            {check.agrees ? (
              <IconCircleCheck size={17} aria-hidden className={classes.good} />
            ) : (
              <IconAlertTriangle size={17} aria-hidden className={classes.bad} />
            )}
            <span>
              <strong>
                {t(`debtors.check_${check.what}`, { label: check.label, page: check.page })},{' '}
                {bucketWord(check.column)}
              </strong>
              {': '}
              {check.agrees
                ? t('debtors.check_agrees', { printed: format.amount(check.printed) })
                : t('debtors.check_off', {
                    printed: format.amount(check.printed),
                    summed: format.amount(check.summed),
                    difference: format.amount(check.summed - check.printed),
                  })}
            </span>
          </button>
        </li>
      ))}
    </ul>
  )
}
