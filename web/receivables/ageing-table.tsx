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
  const undated = report.totals.buckets.some(
    ({ from_days, to_days }) => from_days === null && to_days === null,
  )
  const money = (amount: number) => (amount === 0 ? '–' : format.money(amount, report.currency))
  // Every figure leads to the invoices that it is the sum of.
  const all: Record<string, string> = {
    as_of: report.as_of,
    currency: report.currency,
    ...(report.basis === 'invoice' ? { basis: 'invoice' } : {}),
  }
  const searchOf = (group: AgeingGroup) => ({ ...all, [groupFilters[groupBy]]: group.key })
  const cell = (group: string, what: string, amount: number, search: Record<string, string>) =>
    amount === 0 ? (
      '–'
    ) : (
      <TextLink
        to="/receivables/invoices"
        search={search}
        className={classes.cellLink}
        aria-label={t('receivables.cell_label', { group, bucket: what, amount: money(amount) })}
      >
        {money(amount)}
      </TextLink>
    )
  const line = (label: string, part: Ageing['totals'], search: Record<string, string>) => (
    <>
      {part.buckets.map((bucket) => (
        <td key={bucket.bucket} className={classes.right}>
          {cell(label, bucketLabel(bucket), bucket.amount, { ...search, bucket: bucket.bucket })}
        </td>
      ))}
      {hasCredit && (
        <td className={classes.right}>
          {cell(label, t('core.bucket_unapplied'), part.unapplied, { ...search, status: 'credit' })}
        </td>
      )}
      <td className={`${classes.right} ${classes.total}`}>
        {cell(label, t('receivables.total'), part.total, search)}
      </td>
    </>
  )
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className={`sheet ${classes.frame}`} tabIndex={0} aria-label={t('receivables.ageing_table')}>
      <table className={classes.table} data-more={hasCredit || undated || undefined}>
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
              {line(group.label, group, searchOf(group))}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{t('receivables.total')}</th>
            <td className={classes.shape}>
              <MicroBar buckets={report.totals.buckets} />
            </td>
            {line(t('receivables.total'), report.totals, all)}
          </tr>
        </tfoot>
      </table>
    </section>
  )
}
