import { Button, Stack, Text } from '@mantine/core'
import { IconPrinter } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { EChartsCoreOption } from 'echarts/core'
import { t } from '../../i18n.ts'
import { useCan, useFormat } from '../../session.ts'
import { Chart, type ChartColours } from '../../shared/chart.tsx'
import type { Formatter } from '../../shared/format.ts'
import { Page } from '../../shared/page.tsx'
import { Forbidden, Loaded } from '../../shared/states.tsx'
import type { OutstandingChoices, OutstandingDashboard } from '../../wire.ts'
import { NoSheets, Pickers, UploadLink, useSheetFilters } from '../pickers.tsx'
import { choicesQuery, dashboardQuery } from '../queries.ts'
import { bands, isCompared, isGood, kpiWords, monthBefore, regionName } from '../words.ts'
import classes from './dashboard.module.css'

export default function DashboardPage() {
  const choices = useQuery({ ...choicesQuery, enabled: useCan('receivables.read') })
  if (!useCan('receivables.read'))
    return (
      <Page title={t('core.nav_outstanding_dashboard')}>
        <Forbidden permission="receivables.read" />
      </Page>
    )
  return choices.data && choices.data.months.length > 0 ? (
    <Dashboard choices={choices.data} />
  ) : (
    <Page title={t('core.nav_outstanding_dashboard')}>
      <Loaded query={choices}>{(data) => <NoSheets choices={data} />}</Loaded>
    </Page>
  )
}

function Dashboard({ choices }: { choices: OutstandingChoices }) {
  const { query } = useSheetFilters(choices)
  const dashboard = useQuery(dashboardQuery(query))
  return (
    <Page
      title={t('core.nav_outstanding_dashboard')}
      lead={dashboard.data && t('outstanding.dashboard_lead', { month: dashboard.data.month })}
      actions={
        <>
          {choices.mayUpload && <UploadLink />}
          <Button
            variant="default"
            leftSection={<IconPrinter size={16} aria-hidden />}
            onClick={() => window.print()}
          >
            {t('outstanding.print')}
          </Button>
        </>
      }
    >
      <Pickers choices={choices} />
      <Loaded query={dashboard}>
        {(data) => (
          <Stack gap="lg" style={{ opacity: dashboard.isPlaceholderData ? 0.55 : 1 }}>
            <Kpis data={data} />
            <div className={classes.charts}>
              <ByAge data={data} choices={choices} />
              <ByRegion data={data} choices={choices} />
              <Trends data={data} choices={choices} />
              <Recovery data={data} />
              <Engineers data={data} choices={choices} />
            </div>
          </Stack>
        )}
      </Loaded>
    </Page>
  )
}

function Kpis({ data }: { data: OutstandingDashboard }) {
  return (
    <ul className={classes.kpis} aria-label={t('outstanding.kpis')}>
      {data.kpis.map(({ label, value, change, changeType }) => (
        <li key={label} className={`sheet ${classes.kpi}`}>
          <Text size="sm" c="dimmed">
            {kpiWords[label] ? t(kpiWords[label]) : label}
          </Text>
          <div className={`figure ${classes.value}`}>{value}</div>
          <Text
            size="sm"
            className={classes.change}
            data-good={changeType && change !== '+0' ? isGood(label, changeType) : undefined}
          >
            {change
              ? t('outstanding.since', { change, month: monthBefore(data.month) })
              : !isCompared(label)
                ? t('outstanding.open_balance')
                : t('outstanding.no_before', { month: monthBefore(data.month) })}
          </Text>
        </li>
      ))}
    </ul>
  )
}

type Props = { data: OutstandingDashboard; choices: OutstandingChoices }

/** Amounts on an axis are short; in the table they are whole. */
const axis = (colours: ChartColours, format: Formatter) => ({
  type: 'value' as const,
  axisLabel: { color: colours.dim, formatter: (value: number) => format.moneyShort(value) },
  splitLine: { lineStyle: { color: colours.rule } },
})
const names = (colours: ChartColours, data: string[]) => ({
  type: 'category' as const,
  data,
  axisLabel: { color: colours.dim },
  axisLine: { lineStyle: { color: colours.rule } },
  axisTick: { show: false },
})
const frame = { grid: { left: 8, right: 16, top: 34, bottom: 4, containLabel: true } }
const legend = (colours: ChartColours) => ({
  legend: {
    top: 0,
    left: 0,
    type: 'scroll',
    textStyle: { color: colours.dim },
    itemWidth: 14,
    itemHeight: 10,
  },
})
const tooltip = (format: Formatter) => ({
  tooltip: { trigger: 'axis', valueFormatter: (value: unknown) => format.money(Number(value)) },
})

function ByAge({ data, choices }: Props) {
  const format = useFormat()
  const rows = data.outstandingByAge
  const total = rows.reduce((sum, row) => sum + row.total, 0)
  const old = rows.reduce((sum, row) => sum + row['181-365'] + row['>365'], 0)
  const hasUnknown = rows.some((row) => row.unknown)
  const option = (colours: ChartColours): EChartsCoreOption => ({
    ...frame,
    ...legend(colours),
    ...tooltip(format),
    xAxis: names(
      colours,
      rows.map((row) => regionName(choices, row.region)),
    ),
    yAxis: axis(colours, format),
    series: [
      ...bands.map((band, at) => ({
        name: t('outstanding.days', { band }),
        type: 'bar',
        stack: 'age',
        barMaxWidth: 44,
        itemStyle: { color: colours.age[at] },
        data: rows.map((row) => row[band]),
      })),
      ...(hasUnknown
        ? [
            {
              name: t('outstanding.unknown_age'),
              type: 'bar',
              stack: 'age',
              barMaxWidth: 44,
              itemStyle: { color: colours.age[6] },
              data: rows.map((row) => row.unknown ?? 0),
            },
          ]
        : []),
    ],
  })
  return (
    <div className={`sheet ${classes.chart} ${classes.wide}`}>
      <Chart
        title={t('outstanding.by_age')}
        summary={t('outstanding.by_age_says', {
          share: format.percent(total > 0 ? old / total : 0),
          total: format.money(total),
        })}
        option={option}
        table={{
          head: [
            t('outstanding.region'),
            ...bands.map((band) => t('outstanding.days', { band })),
            ...(hasUnknown ? [t('outstanding.unknown_age')] : []),
            t('outstanding.total'),
          ],
          rows: rows.map((row) => [
            regionName(choices, row.region),
            ...bands.map((band) => format.money(row[band])),
            ...(hasUnknown ? [format.money(row.unknown ?? 0)] : []),
            format.money(row.total),
          ]),
          foot: [
            t('outstanding.total'),
            ...bands.map((band) => format.money(rows.reduce((sum, row) => sum + row[band], 0))),
            ...(hasUnknown ? [format.money(rows.reduce((sum, row) => sum + (row.unknown ?? 0), 0))] : []),
            format.money(total),
          ],
        }}
      />
    </div>
  )
}

function ByRegion({ data, choices }: Props) {
  const format = useFormat()
  const rows = data.regionDistribution
  const total = rows.reduce((sum, row) => sum + row.amount, 0)
  const share = (amount: number) => format.percent(total > 0 ? amount / total : 0)
  const option = (colours: ChartColours): EChartsCoreOption => ({
    grid: { left: 8, right: 24, top: 6, bottom: 4, containLabel: true },
    ...tooltip(format),
    yAxis: {
      ...names(
        colours,
        rows.map((row) => regionName(choices, row.region)),
      ),
      inverse: true,
    },
    xAxis: axis(colours, format),
    series: [
      {
        name: t('outstanding.amount'),
        type: 'bar',
        barMaxWidth: 22,
        itemStyle: { color: colours.accent },
        data: rows.map((row) => row.amount),
      },
    ],
  })
  const [first] = rows
  return (
    <div className={`sheet ${classes.chart}`}>
      <Chart
        title={t('outstanding.by_region')}
        {...(first
          ? {
              summary: t('outstanding.by_region_says', {
                region: regionName(choices, first.region),
                amount: format.money(first.amount),
                share: share(first.amount),
              }),
            }
          : {})}
        option={option}
        height={Math.max(160, 40 + rows.length * 34)}
        table={{
          head: [t('outstanding.region'), t('outstanding.amount'), t('outstanding.share')],
          rows: rows.map((row) => [
            regionName(choices, row.region),
            format.money(row.amount),
            share(row.amount),
          ]),
          foot: [t('outstanding.total'), format.money(total), ''],
        }}
      />
    </div>
  )
}

function Trends({ data, choices }: Props) {
  const format = useFormat()
  const months = data.monthlyTrends
  const regions = [...new Set(months.flatMap((each) => Object.keys(each).filter((name) => name !== 'month')))]
  const at = (month: OutstandingDashboard['monthlyTrends'][number], region: string) =>
    (month as unknown as Record<string, number>)[region] ?? 0
  const total = (month: OutstandingDashboard['monthlyTrends'][number]) =>
    regions.reduce((sum, region) => sum + at(month, region), 0)
  const [first, last] = [months[0], months.at(-1)]
  const change = first && last && total(first) !== 0 ? (total(last) - total(first)) / total(first) : 0
  const option = (colours: ChartColours): EChartsCoreOption => ({
    ...frame,
    ...legend(colours),
    ...tooltip(format),
    xAxis: names(
      colours,
      months.map(({ month }) => month),
    ),
    yAxis: axis(colours, format),
    series: regions.map((region) => ({
      name: regionName(choices, region),
      type: 'line',
      symbolSize: 7,
      data: months.map((month) => at(month, region)),
    })),
  })
  return (
    <div className={`sheet ${classes.chart}`}>
      <Chart
        title={t('outstanding.trends')}
        {...(first && last && first !== last
          ? {
              summary: t('outstanding.trends_says', {
                first: first.month,
                last: last.month,
                change: `${change < 0 ? '−' : '+'}${format.percent(Math.abs(change))}`,
              }),
            }
          : {})}
        option={option}
        table={{
          head: [
            t('outstanding.month'),
            ...regions.map((region) => regionName(choices, region)),
            t('outstanding.total'),
          ],
          rows: months.map((month) => [
            month.month,
            ...regions.map((region) => format.money(at(month, region))),
            format.money(total(month)),
          ]),
        }}
      />
    </div>
  )
}

function Recovery({ data }: { data: OutstandingDashboard }) {
  const format = useFormat()
  const months = data.outstandingRecoveryTrend
  const now = months.find(({ month }) => month === data.month)
  const option = (colours: ChartColours): EChartsCoreOption => ({
    ...frame,
    ...legend(colours),
    ...tooltip(format),
    xAxis: names(
      colours,
      months.map(({ month }) => month),
    ),
    yAxis: axis(colours, format),
    series: [
      {
        name: t('outstanding.new'),
        type: 'bar',
        barMaxWidth: 28,
        itemStyle: { color: colours.age[3] },
        data: months.map((month) => month.new),
      },
      {
        name: t('outstanding.recovered'),
        type: 'bar',
        barMaxWidth: 28,
        itemStyle: { color: colours.age[0] },
        data: months.map((month) => month.recovered),
      },
    ],
  })
  return (
    <div className={`sheet ${classes.chart}`}>
      <Chart
        title={t('outstanding.recovery')}
        {...(now
          ? {
              summary: t('outstanding.recovery_says', {
                month: now.month,
                recovered: format.money(now.recovered),
                fresh: format.money(now.new),
              }),
            }
          : {})}
        option={option}
        table={{
          head: [t('outstanding.month'), t('outstanding.new'), t('outstanding.recovered')],
          rows: months.map((month) => [month.month, format.money(month.new), format.money(month.recovered)]),
        }}
      />
    </div>
  )
}

function Engineers({ data, choices }: Props) {
  const format = useFormat()
  const rows = data.engineerPerformance.toSorted((a, b) => b.outstandingCollected - a.outstandingCollected)
  const [best] = rows
  if (!best)
    return (
      <div className={`sheet ${classes.chart}`}>
        <Text fw={600} mb={6}>
          {t('outstanding.engineers')}
        </Text>
        <Text c="dimmed" size="sm">
          {t('outstanding.engineers_none')}
        </Text>
      </div>
    )
  const option = (colours: ChartColours): EChartsCoreOption => ({
    ...frame,
    ...legend(colours),
    ...tooltip(format),
    yAxis: {
      ...names(
        colours,
        rows.map(({ name }) => name),
      ),
      inverse: true,
    },
    xAxis: axis(colours, format),
    series: [
      {
        name: t('outstanding.collected'),
        type: 'bar',
        barMaxWidth: 16,
        itemStyle: { color: colours.age[0] },
        data: rows.map((row) => row.outstandingCollected),
      },
      {
        name: t('outstanding.newly_assigned'),
        type: 'bar',
        barMaxWidth: 16,
        itemStyle: { color: colours.age[3] },
        data: rows.map((row) => row.newOutstandingAssigned),
      },
    ],
  })
  return (
    <div className={`sheet ${classes.chart}`}>
      <Chart
        title={t('outstanding.engineers')}
        summary={t('outstanding.engineers_says', {
          name: best.name,
          amount: format.money(best.outstandingCollected),
        })}
        option={option}
        height={Math.max(180, 60 + rows.length * 48)}
        table={{
          head: [
            t('outstanding.engineer'),
            t('outstanding.region'),
            t('outstanding.collected'),
            t('outstanding.newly_assigned'),
            t('outstanding.net'),
          ],
          rows: rows.map((row) => [
            row.name,
            regionName(choices, row.region),
            format.money(row.outstandingCollected),
            format.money(row.newOutstandingAssigned),
            format.money(row.netChange),
          ]),
        }}
      />
    </div>
  )
}
