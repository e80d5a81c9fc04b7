import { t } from '../i18n.ts'
import { toCsv } from '../shared/csv.ts'
import type { Ageing } from '../wire.ts'
import { bucketLabel } from './buckets.ts'

/** The table as it stands on the page: a line per group and the totals; amounts as plain numbers. */
export function ageingCsv(report: Ageing): string {
  const line = (label: string, part: Pick<Ageing['totals'], 'buckets' | 'unapplied' | 'total'>) => [
    label,
    ...part.buckets.map((bucket) => bucket.amount),
    part.unapplied,
    part.total,
  ]
  return toCsv([
    [
      t('receivables.csv_group', { day: report.as_of, currency: report.currency }),
      ...report.totals.buckets.map(bucketLabel),
      t('core.bucket_unapplied'),
      t('receivables.total'),
    ],
    ...report.groups.map((group) => line(group.label, group)),
    line(t('receivables.total'), report.totals),
  ])
}
