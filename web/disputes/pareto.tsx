import { NativeSelect } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { Figure } from '../receivables/figure.tsx'
import { useFormat } from '../session.ts'
import { Chart, type ChartColours, chartGrid, chartTooltip, nameAxis, valueAxis } from '../shared/chart.tsx'
import { Section } from '../shared/section.tsx'
import { Loaded } from '../shared/states.tsx'
import { TextLink } from '../shared/text-link.tsx'
import type { DisputeReport } from '../wire.ts'
import classes from './disputes.module.css'
import { root } from './queries.ts'

/** Which reasons cost most, in money and number, and how long they took; a bar or its link leads to the disputes. */
export function Pareto({
  currency,
  onCurrency,
  onReason,
}: {
  currency: string | undefined
  onCurrency: (currency: string | undefined) => void
  onReason: (id: number) => void
}) {
  const report = useQuery({
    queryKey: ['disputes', 'report', currency],
    queryFn: () => api<DisputeReport>('GET', `${root}/report`, { query: { currency } }),
    placeholderData: keepPreviousData,
  })
  return (
    <Loaded query={report} lines={5}>
      {(data) => <Body report={data} onCurrency={onCurrency} onReason={onReason} />}
    </Loaded>
  )
}

function Body({
  report,
  onCurrency,
  onReason,
}: {
  report: DisputeReport
  onCurrency: (currency: string | undefined) => void
  onReason: (id: number) => void
}) {
  const format = useFormat()
  const money = (amount: number) => format.money(amount, report.currency)
  const { totals, reasons } = report
  const [top] = reasons
  const option = (colours: ChartColours) => ({
    grid: chartGrid,
    tooltip: chartTooltip(colours, (value) => format.moneyShort(value, report.currency)),
    xAxis: nameAxis(
      colours,
      reasons.map(({ reason }) => reason),
    ),
    yAxis: [
      valueAxis(colours, (value) => format.moneyShort(value, report.currency)),
      {
        ...valueAxis(colours, (value) => format.percent(value)),
        min: 0,
        max: 1,
        splitLine: { show: false },
      },
    ],
    series: [
      {
        type: 'bar',
        name: t('disputes.pareto_amount'),
        barMaxWidth: 56,
        data: reasons.map(({ opened_amount }) => opened_amount),
      },
      {
        type: 'line',
        name: t('disputes.pareto_share'),
        yAxisIndex: 1,
        symbolSize: 7,
        tooltip: { valueFormatter: (value: unknown) => format.percent(Number(value)) },
        data: reasons.map(({ cumulative_share }) => cumulative_share),
      },
    ],
  })
  return (
    <Section
      title={t('disputes.pareto')}
      why={t('disputes.pareto_why', { from: format.day(report.from), to: format.day(report.as_of) })}
      actions={
        report.currencies.length > 1 && (
          <NativeSelect
            aria-label={t('core.currency')}
            data={report.currencies}
            value={report.currency}
            onChange={(event) => onCurrency(event.currentTarget.value)}
          />
        )
      }
    >
      <dl className={classes.figures}>
        <Figure
          label={t('disputes.still_open')}
          value={money(totals.open_amount)}
          note={t('disputes.total', { count: totals.open })}
        />
        <Figure
          label={t('disputes.not_taken_up')}
          value={money(report.stated.amount)}
          note={t('disputes.total', { count: report.stated.count })}
        />
        <Figure
          label={t('disputes.average_days')}
          value={
            totals.resolution_days === null
              ? t('disputes.none_resolved')
              : format.number(totals.resolution_days)
          }
        />
        <Figure
          label={t('disputes.resolved_in_time')}
          value={t('disputes.pareto_of', {
            part: format.number(totals.in_time),
            whole: format.number(totals.resolved),
          })}
        />
      </dl>
      {reasons.length > 0 && (
        <Chart
          title={t('disputes.pareto_chart')}
          summary={t('disputes.pareto_summary', {
            count: totals.opened,
            amount: money(totals.opened_amount),
            top: top?.reason ?? '',
          })}
          option={option}
          height={240}
          onPick={({ index }) => reasons[index] && onReason(reasons[index].reason_id)}
          table={{
            head: [
              t('disputes.reason'),
              t('disputes.pareto_amount'),
              t('disputes.pareto_share'),
              t('disputes.pareto_count'),
              t('disputes.pareto_open'),
              t('disputes.pareto_days'),
              t('disputes.pareto_in_time'),
            ],
            rows: reasons.map((line) => [
              <TextLink
                key={line.reason_id}
                to="/receivables/disputes"
                search={{ reason_id: String(line.reason_id) }}
                inherit
              >
                {line.reason}
              </TextLink>,
              money(line.opened_amount),
              format.percent(line.cumulative_share),
              format.number(line.opened),
              `${money(line.open_amount)} (${format.number(line.open)})`,
              line.resolution_days === null ? '–' : format.number(line.resolution_days),
              t('disputes.pareto_of', {
                part: format.number(line.in_time),
                whole: format.number(line.resolved),
              }),
            ]),
          }}
        />
      )}
    </Section>
  )
}
