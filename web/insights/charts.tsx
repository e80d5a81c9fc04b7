import { useNavigate } from '@tanstack/react-router'
import type { EChartsCoreOption } from 'echarts/core'
import { useCallback, useMemo } from 'react'
import { type MessageKey, t } from '../i18n.ts'
import { bucketLabel } from '../receivables/buckets.ts'
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
import type { Ageing, Series, Why } from '../wire.ts'
import classes from './insights.module.css'
import { invoiceSearch } from './queries.ts'

const list = '/receivables/invoices'

/** Which of the six colours the n-th of some buckets has: the first is not due, the last the oldest. */
const colourAt = (colours: ChartColours, at: number, count: number) =>
  colours.age[at === 0 ? 0 : count <= 2 ? 5 : Math.min(5, 1 + Math.round(((at - 1) * 4) / (count - 2)))]!

/** Receivables at the end of each month, stacked by age; each piece leads to its invoices. */
export function AgeingByMonth({ series }: { series: Series }) {
  const format = useFormat()
  const navigate = useNavigate()
  const { months, buckets, currency } = series
  const searchOf = (at: number, bucket: string) =>
    invoiceSearch({ ...series, as_of: months[at]!.day }, { bucket })
  const option = useCallback(
    (colours: ChartColours): EChartsCoreOption => ({
      grid: chartGrid,
      legend: chartLegend(colours),
      tooltip: chartTooltip(colours, (value) => format.money(value, currency)),
      xAxis: nameAxis(
        colours,
        months.map(({ day }) => format.day(day)),
      ),
      yAxis: valueAxis(colours, (value) => format.moneyShort(value, currency)),
      series: buckets.map((bucket, at) => ({
        name: bucketLabel(bucket),
        type: 'bar',
        stack: 'age',
        barMaxWidth: 42,
        color: colourAt(colours, at, buckets.length),
        data: months.map((month) => month.buckets[at]),
      })),
    }),
    [months, buckets, currency, format],
  )
  const [first, last] = [months[0]!, months.at(-1)!]
  return (
    <Chart
      title={t('insights.by_month')}
      summary={t('insights.by_month_says', {
        first: format.money(first.receivables, currency),
        from: format.day(first.day),
        last: format.money(last.receivables, currency),
        to: format.day(last.day),
        overdue: format.money(last.overdue, currency),
      })}
      option={option}
      onPick={({ series: at, index }) =>
        void navigate({ to: list, search: searchOf(index, buckets[at]!.bucket) as never })
      }
      table={{
        head: [t('insights.day'), ...buckets.map(bucketLabel), t('insights.figure_receivables')],
        rows: months.map((month, at) => [
          format.day(month.day),
          ...month.buckets.map((amount, bucket) =>
            amount === 0 ? (
              '–'
            ) : (
              <TextLink
                key={buckets[bucket]!.bucket}
                to={list}
                search={searchOf(at, buckets[bucket]!.bucket)}
                inherit
                aria-label={`${format.day(month.day)}, ${bucketLabel(buckets[bucket]!)}: ${format.money(amount, currency)}`}
              >
                {format.money(amount, currency)}
              </TextLink>
            ),
          ),
          format.money(month.receivables, currency),
        ]),
      }}
    />
  )
}

const lines = ['dso', 'best_possible_dso', 'count_back_dso'] as const

/** DSO in its three ways, month by month; where nothing was billed the line breaks. */
export function DsoLines({ series }: { series: Series }) {
  const format = useFormat()
  const { months } = series
  const write = useCallback(
    (value: number | null) =>
      value === null ? '–' : t('insights.days', { value: format.number(Math.round(value * 10) / 10) }),
    [format],
  )
  const option = useCallback(
    (colours: ChartColours): EChartsCoreOption => ({
      grid: chartGrid,
      legend: chartLegend(colours),
      tooltip: chartTooltip(colours, write),
      xAxis: nameAxis(
        colours,
        months.map(({ day }) => format.day(day)),
      ),
      yAxis: valueAxis(colours, (value) => format.number(value)),
      series: lines.map((name, at) => ({
        name: t(`insights.figure_${name}` as MessageKey),
        type: 'line',
        symbol: ['circle', 'rect', 'triangle'][at],
        symbolSize: 6,
        lineStyle: { width: 2, type: ['solid', 'dashed', 'dotted'][at] },
        color: [colours.accent, colours.age[3], colours.dim][at],
        data: months.map((month) => month[name]),
      })),
    }),
    [months, format, write],
  )
  const last = months.at(-1)!
  return (
    <Chart
      title={t('insights.dso_lines')}
      summary={t('insights.dso_says', {
        day: format.day(last.day),
        dso: write(last.dso),
        best: write(last.best_possible_dso),
      })}
      option={option}
      table={{
        head: [
          t('insights.day'),
          ...lines.map((name) => t(`insights.figure_${name}` as MessageKey)),
          t('insights.figure_collection_effectiveness'),
          t('insights.figure_billed'),
          t('insights.figure_cash'),
        ],
        rows: months.map((month) => [
          month.is_estimated ? `${format.day(month.day)} · ${t('insights.estimate')}` : format.day(month.day),
          ...lines.map((name) => write(month[name])),
          month.collection_effectiveness === null
            ? '–'
            : t('insights.percent', {
                value: format.number(Math.round(month.collection_effectiveness * 10) / 10),
              }),
          format.money(month.billed, series.currency),
          format.money(month.cash, series.currency),
        ]),
      }}
    />
  )
}

/** From opening to closing: what raised and what lowered a figure. Bars float on an invisible one. */
export function Waterfall({ why, onPick }: { why: Why; onPick?: (group: string) => void }) {
  const format = useFormat()
  const { currency, groups, opening, closing } = why
  const steps = useMemo(
    () => [
      { key: 'opening', name: format.day(opening.day), amount: opening.amount, isTotal: true },
      ...groups.map(({ group, amount }) => ({
        key: group as string,
        name: t(`insights.group_${group}` as MessageKey),
        amount,
        isTotal: false,
      })),
      { key: 'closing', name: format.day(closing.day), amount: closing.amount, isTotal: true },
    ],
    [groups, opening, closing, format],
  )
  const option = useCallback(
    (colours: ChartColours): EChartsCoreOption => {
      let sum = 0
      const spans = steps.map(({ amount, isTotal }) => {
        const from = isTotal ? 0 : sum
        sum = isTotal ? amount : sum + amount
        return { from, to: sum }
      })
      // Two stacks, since what is below zero grows the other way.
      const base = spans.map(({ from, to }) =>
        from >= 0 && to >= 0 ? Math.min(from, to) : from <= 0 && to <= 0 ? Math.max(from, to) : 0,
      )
      const part = (keep: (step: (typeof steps)[number]) => boolean, sign: 1 | -1) =>
        steps.map((step, at) => {
          if (!keep(step)) return '-'
          const { from, to } = spans[at]!
          const [low, high] = [Math.min(from, to), Math.max(from, to)]
          const size =
            sign === 1 ? Math.max(high, 0) - Math.max(low, 0) : Math.min(low, 0) - Math.min(high, 0)
          return size === 0 ? '-' : size
        })
      const bars = (name: string, color: string, keep: (step: (typeof steps)[number]) => boolean) =>
        ([1, -1] as const).map((sign) => ({
          name,
          type: 'bar',
          stack: 'w',
          color,
          barMaxWidth: 56,
          data: part(keep, sign),
        }))
      return {
        grid: chartGrid,
        legend: {
          ...chartLegend(colours),
          data: [t('insights.total'), t('insights.rises'), t('insights.falls')],
        },
        tooltip: {
          ...chartTooltip(colours, (value) => format.money(value, currency)),
          formatter: (points: { dataIndex: number }[]) => {
            const step = steps[points[0]?.dataIndex ?? 0]!
            return `${step.name}<br><b>${format.money(step.amount, currency)}</b>`
          },
        },
        xAxis: {
          ...nameAxis(
            colours,
            steps.map(({ name }) => name),
          ),
          axisLabel: { color: colours.dim, overflow: 'break', width: 76, hideOverlap: true },
        },
        yAxis: valueAxis(colours, (value) => format.moneyShort(value, currency)),
        series: [
          {
            type: 'bar',
            stack: 'w',
            silent: true,
            itemStyle: { color: 'transparent', decal: { symbol: 'none' } },
            data: base,
          },
          ...bars(t('insights.total'), colours.dim, ({ isTotal }) => isTotal),
          ...bars(t('insights.rises'), colours.bad, ({ isTotal, amount }) => !isTotal && amount > 0),
          ...bars(t('insights.falls'), colours.good, ({ isTotal, amount }) => !isTotal && amount < 0),
        ],
      }
    },
    [steps, format, currency],
  )
  return (
    <Chart
      title={t('insights.waterfall')}
      summary={t('insights.waterfall_says', {
        opening: format.money(opening.amount, currency),
        closing: format.money(closing.amount, currency),
        change: format.money(why.change, currency),
      })}
      option={option}
      {...(onPick
        ? {
            onPick: ({ index }: { index: number }) => {
              const step = steps[index]
              if (step && !step.isTotal) onPick(step.key)
            },
          }
        : {})}
      table={{
        head: [t('insights.what'), t('insights.entries'), t('insights.amount')],
        rows: [
          [steps[0]!.name, '', format.money(opening.amount, currency)],
          ...groups.map(({ group, amount, count }) => [
            t(`insights.group_${group}` as MessageKey),
            format.number(count),
            format.money(amount, currency),
          ]),
        ],
        foot: [format.day(closing.day), '', format.money(closing.amount, currency)],
      }}
    />
  )
}

/** Regions down, ages across: the darker a cell, the more of the region's money is in it. A table already. */
export const RegionHeat = ({ ageing }: { ageing: Ageing }) => (
  <AgeHeat ageing={ageing} by="region_id" title={t('insights.heat')} head={t('insights.region')} />
)

/** Regions, people or customers by age: the darker, the more is owed. Each cell leads to its invoices. */
export function AgeHeat({
  ageing,
  by,
  title,
  head,
}: {
  ageing: Ageing
  /** What a group's key is among the filters of invoices. */
  by: 'region_id' | 'assigned_to' | 'customer_id'
  title: string
  head: string
}) {
  const format = useFormat()
  const { buckets } = ageing.totals
  const most = Math.max(1, ...ageing.groups.flatMap((group) => group.buckets.map(({ amount }) => amount)))
  const label = t('core.table_of', { title })
  const search = (key: string, bucket: string) => invoiceSearch(ageing, { [by]: key, bucket })
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className={classes.scroll} tabIndex={0} aria-label={label}>
      <table className={classes.heat}>
        <thead>
          <tr>
            <th scope="col">{head}</th>
            {buckets.map((bucket) => (
              <th key={bucket.bucket} scope="col">
                {bucketLabel(bucket)}
              </th>
            ))}
            <th scope="col">{t('insights.total')}</th>
          </tr>
        </thead>
        <tbody>
          {ageing.groups.map((group) => (
            <tr key={group.key}>
              <th scope="row">
                {by === 'customer_id' ? (
                  <TextLink to={`/receivables/customers/${group.key}`} inherit>
                    {group.label}
                  </TextLink>
                ) : (
                  group.label
                )}
              </th>
              {group.buckets.map(({ bucket, amount, ...rest }, at) => {
                const share = Math.round((Math.max(0, amount) / most) * 55)
                const colour = at === 0 ? 'var(--age-0)' : 'var(--age-4)'
                return (
                  <td
                    key={bucket}
                    style={{ background: `color-mix(in srgb, ${colour} ${share}%, var(--sheet))` }}
                  >
                    {amount === 0 ? (
                      <span>–</span>
                    ) : (
                      <TextLink
                        to={list}
                        search={search(group.key, bucket)}
                        aria-label={`${group.label}, ${bucketLabel({ bucket, ...rest })}: ${format.moneyShort(amount, ageing.currency)}`}
                      >
                        {format.moneyShort(amount, ageing.currency)}
                      </TextLink>
                    )}
                  </td>
                )
              })}
              <td>
                <span>{format.moneyShort(group.total, ageing.currency)}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
