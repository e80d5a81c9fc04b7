import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { TextLink } from '../shared/text-link.tsx'
import type { Ageing, AgeingGroup } from '../wire.ts'
import { MicroBar } from './ageing-bar.tsx'
import classes from './ageing-table.module.css'
import { bucketLabel } from './buckets.ts'

export type Grouping = 'customer' | 'region' | 'collector'
const groupLabels = {
  customer: 'receivables.customer',
  region: 'receivables.region',
  collector: 'receivables.collector',
} as const
const groupFilters = { customer: 'customer_id', region: 'region_id', collector: 'assigned_to' } as const

/** Groups down, buckets across, totals below; scrolls inside its own frame where it is too wide. */
export function AgeingTable({
  report,
  groupBy,
  organisation,
}: {
  report: Ageing
  groupBy: Grouping
  organisation: string
}) {
  const format = useFormat()
  const hasCredit = report.totals.unapplied !== 0 || report.groups.some((group) => group.unapplied !== 0)
  const money = (amount: number) => (amount === 0 ? '–' : format.money(amount, report.currency))
  const searchOf = (group: AgeingGroup): Record<string, string> => ({
    as_of: report.as_of,
    currency: report.currency,
    [groupFilters[groupBy]]: group.key,
  })
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className={`sheet ${classes.frame}`} tabIndex={0} aria-label={t('receivables.ageing_table')}>
      <table className={classes.table}>
        <caption className={classes.caption}>{t('receivables.ageing_table')}</caption>
        <thead>
          {/* On paper, on top of every page: what this is a report of. */}
          <tr className={classes.printed}>
            <th colSpan={report.totals.buckets.length + (hasCredit ? 4 : 3)}>
              {t('receivables.printed', {
                organisation,
                day: format.day(report.as_of),
                basis: report.basis === 'due' ? t('receivables.basis_due') : t('receivables.basis_invoice'),
                currency: report.currency,
              })}
            </th>
          </tr>
          <tr>
            <th scope="col">{t(groupLabels[groupBy])}</th>
            <th scope="col" className={classes.shape}>
              {t('receivables.shape')}
            </th>
            {report.totals.buckets.map((bucket) => (
              <th key={bucket.bucket} scope="col" className={classes.right}>
                {bucketLabel(bucket)}
              </th>
            ))}
            {hasCredit && (
              <th scope="col" className={classes.right}>
                {t('core.bucket_unapplied')}
              </th>
            )}
            <th scope="col" className={classes.right}>
              {t('receivables.total')}
            </th>
          </tr>
        </thead>
        <tbody>
          {report.groups.map((group) => (
            <tr key={group.key}>
              <th scope="row">
                <TextLink to="/receivables/invoices" search={searchOf(group)} data-row-link inherit>
                  {group.label}
                </TextLink>
              </th>
              <td className={classes.shape}>
                <MicroBar buckets={group.buckets} />
              </td>
              {group.buckets.map((bucket) => (
                <td key={bucket.bucket} className={classes.right}>
                  {bucket.amount !== 0 ? (
                    <TextLink
                      to="/receivables/invoices"
                      search={{ ...searchOf(group), bucket: bucket.bucket }}
                      className={classes.cellLink}
                      aria-label={t('receivables.cell_label', {
                        group: group.label,
                        bucket: bucketLabel(bucket),
                        amount: money(bucket.amount),
                      })}
                    >
                      {money(bucket.amount)}
                    </TextLink>
                  ) : (
                    money(bucket.amount)
                  )}
                </td>
              ))}
              {hasCredit && <td className={classes.right}>{money(group.unapplied)}</td>}
              <td className={`${classes.right} ${classes.total}`}>{money(group.total)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{t('receivables.total')}</th>
            <td className={classes.shape}>
              <MicroBar buckets={report.totals.buckets} />
            </td>
            {report.totals.buckets.map((bucket) => (
              <td key={bucket.bucket} className={classes.right}>
                {money(bucket.amount)}
              </td>
            ))}
            {hasCredit && <td className={classes.right}>{money(report.totals.unapplied)}</td>}
            <td className={classes.right}>{money(report.totals.total)}</td>
          </tr>
        </tfoot>
      </table>
    </section>
  )
}
