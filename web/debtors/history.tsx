import type { EChartsCoreOption } from 'echarts/core'
import { useCallback, useMemo } from 'react'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import {
  Chart,
  type ChartColours,
  chartGrid,
  chartLegend,
  chartTooltip,
  nameAxis,
  valueAxis,
} from '../shared/chart.tsx'
import { TextLink } from '../shared/text-link.tsx'
import type { DebtorDetails } from '../wire.ts'
import { buckets, bucketWord, colourStep, figures } from './buckets.ts'

/** What was owed in each report, stacked by age; the table leads to the reports. */
export function History({ outlet, debtor }: { outlet: string; debtor: DebtorDetails }) {
  const format = useFormat()
  const points = useMemo(() => debtor.history.toReversed(), [debtor.history])
  const dayOf = (point: (typeof points)[number]) => format.day(point.report_date ?? point.uploaded_at)
  // biome-ignore lint/correctness/useExhaustiveDependencies: dayOf is written anew at every turn
  const option = useCallback(
    (colours: ChartColours): EChartsCoreOption => ({
      grid: chartGrid,
      legend: chartLegend(colours),
      tooltip: chartTooltip(colours, (value) => format.money(value)),
      xAxis: nameAxis(colours, points.map(dayOf)),
      yAxis: valueAxis(colours, (value) => format.moneyShort(value)),
      series: buckets.map((bucket) => ({
        name: bucketWord(bucket),
        type: 'bar',
        stack: 'age',
        barMaxWidth: 42,
        color: colours.age[colourStep(bucket)],
        data: points.map((point) => point[bucket]),
      })),
    }),
    [points, format],
  )
  if (points.length < 2) return null
  const [first, last] = [points[0]!, points.at(-1)!]
  return (
    <Chart
      title={t('debtors.history')}
      summary={t('debtors.history_says', {
        from: dayOf(first),
        first: format.money(first.balance),
        to: dayOf(last),
        last: format.money(last.balance),
      })}
      option={option}
      table={{
        head: [t('debtors.report'), ...figures.map(bucketWord)],
        rows: debtor.history.map((point) => [
          <TextLink
            key="report"
            to={`/debtors/${outlet}/reports/${point.report_id}`}
            inherit
            underline="always"
          >
            {dayOf(point)}
          </TextLink>,
          ...figures.map((column) => format.money(point[column])),
        ]),
      }}
    />
  )
}
