import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { FigureTable } from '../shared/chart.tsx'
import type { DebtorReportDetails } from '../wire.ts'
import { bucketWord, figures } from './buckets.ts'
import classes from './debtors.module.css'

type Props = {
  report: Pick<DebtorReportDetails, 'checks' | 'totals' | 'total_accounts' | 'agrees' | 'difference'>
  /** What is to be said of figures that disagree; without it their columns are open. */
  children?: ReactNode
}

/** The totals that the report prints against what its rows add up to: one sentence, and every column behind it. */
export function Paper({ report, children }: Props) {
  const format = useFormat()
  const { totals } = report
  if (!totals) return null
  // A report in sections may print several; the last one is the whole.
  const printed = (column: string) =>
    report.checks.findLast((check) => check.what === 'grand' && check.column === column)
  const wrong = figures.filter((column) => printed(column)?.agrees === false)
  const agrees = wrong.length === 0 && report.agrees !== false
  const told = wrong[0] ?? 'balance'
  const total = printed(told)
  const hasMedicalAid = totals.all.balance !== totals.listed.balance
  const anyPrinted = figures.some((column) => printed(column))
  const money = (amount: number) => format.money(amount)
  const line = (label: string, of: (column: (typeof figures)[number]) => number | null) => [
    label,
    ...figures.map((column) => {
      const amount = of(column)
      return amount === null ? '–' : money(amount)
    }),
  ]
  return (
    <div className={classes.paper} data-agrees={agrees}>
      <p className={classes.verdict}>
        {agrees ? (
          <IconCircleCheck size={20} aria-hidden className={classes.good} />
        ) : (
          <IconAlertTriangle size={20} aria-hidden className={classes.bad} />
        )}
        <span>
          <strong>
            {!agrees ? t('debtors.disagrees') : anyPrinted ? t('debtors.agrees') : t('debtors.agrees_by_row')}
          </strong>{' '}
          {total &&
            (told === 'balance'
              ? t('debtors.printed_read', { printed: money(total.printed), read: money(total.summed) })
              : t('debtors.printed_read_column', {
                  column: bucketWord(told),
                  printed: money(total.printed),
                  read: money(total.summed),
                }))}
          {hasMedicalAid && (
            <>
              {' '}
              {t('debtors.without_medical_aid', {
                listed: money(totals.listed.balance),
                medical_aid: money(totals.all.balance - totals.listed.balance),
              })}
            </>
          )}
        </span>
      </p>
      {children}
      <details open={!agrees && !children}>
        <summary>{t('debtors.column_by_column')}</summary>
        <FigureTable
          title={t('debtors.against_paper')}
          table={{
            head: [t('debtors.total'), ...figures.map(bucketWord)],
            rows: [
              ...(anyPrinted
                ? [line(t('debtors.printed'), (column) => printed(column)?.printed ?? null)]
                : []),
              line(t('debtors.read'), (column) => totals.all[column]),
              ...(wrong.length > 0
                ? [
                    line(t('debtors.off_by'), (column) => {
                      const check = printed(column)
                      return check ? check.summed - check.printed : null
                    }),
                  ]
                : []),
              ...(hasMedicalAid
                ? [
                    line(t('debtors.of_medical_aid'), (column) => totals.all[column] - totals.listed[column]),
                    line(t('debtors.of_people'), (column) => totals.listed[column]),
                  ]
                : []),
            ],
          }}
        />
      </details>
    </div>
  )
}
