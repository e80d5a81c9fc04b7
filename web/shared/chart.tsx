import { useComputedColorScheme } from '@mantine/core'
import type { EChartsCoreOption, EChartsType } from 'echarts/core'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { t } from '../i18n.ts'
import classes from './chart.module.css'

/** What a chart is drawn in; of the page's own tokens, so it is right in light and dark. */
export type ChartColours = {
  ink: string
  dim: string
  rule: string
  sheet: string
  accent: string
  mark: string
  good: string
  bad: string
  /** Ageing, from not yet due to long overdue; the last is credit. */
  age: string[]
}
export type ChartTable = { head: ReactNode[]; rows: ReactNode[][]; foot?: ReactNode[] }
export type ChartPick = { series: number; index: number; name: string; value: unknown }

type Props = {
  /** What the chart shows, for its heading and for those who do not see it. */
  title: string
  /** What it says, in one sentence. */
  summary?: string
  option: (colours: ChartColours) => EChartsCoreOption
  /** The same figures; their links are the keyboard's way to what a click on the chart opens. */
  table: ChartTable
  height?: number
  onPick?: (pick: ChartPick) => void
}

/** A chart to look at, and the same figures as a table for everybody. The library is fetched with the first chart. */
export function Chart({ title, summary, option, table, height = 280, onPick }: Props) {
  const frame = useRef<HTMLDivElement>(null)
  const chart = useRef<EChartsType>(null)
  const [failed, setFailed] = useState(false)
  const scheme = useComputedColorScheme('light')
  // Effects see what was drawn last without being set up anew.
  const latest = useRef({ option, onPick })
  latest.current = { option, onPick }

  useEffect(() => {
    const element = frame.current!
    let gone = false
    const resized = new ResizeObserver(() => chart.current?.resize())
    import('./echarts.ts').then(
      ({ init }) => {
        if (gone) return
        chart.current = init(element, null, { renderer: 'svg' })
        chart.current.setOption(drawn(latest.current.option))
        chart.current.on('click', (event) => {
          const { seriesIndex, dataIndex, name, value } = event as never as Record<string, never>
          latest.current.onPick?.({
            series: seriesIndex ?? 0,
            index: dataIndex ?? 0,
            name: name ?? '',
            value,
          })
        })
        resized.observe(element)
      },
      () => !gone && setFailed(true),
    )
    return () => {
      gone = true
      resized.disconnect()
      chart.current?.dispose()
      chart.current = null
    }
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read from the page when the scheme changes
  useEffect(() => {
    chart.current?.setOption(drawn(option), { notMerge: true })
  }, [option, scheme])

  return (
    <figure className={classes.figure}>
      <figcaption className={classes.caption}>{title}</figcaption>
      {failed ? (
        <p className={classes.failed}>{t('core.chart_failed')}</p>
      ) : (
        <div role="img" aria-label={summary ? `${title}. ${summary}` : title}>
          <div
            ref={frame}
            className={classes.chart}
            style={{ height }}
            data-pick={onPick ? true : undefined}
            aria-hidden
          />
        </div>
      )}
      {summary && <p className={classes.summary}>{summary}</p>}
      <details className={classes.details} open={failed || undefined}>
        <summary>
          {t('core.chart_table')}
          <span className={classes.hidden}>: {title}</span>
        </summary>
        <FigureTable title={title} table={table} />
      </details>
    </figure>
  )
}

/** Figures in rows, the first column their names; scrolls inside its own frame. */
export function FigureTable({ title, table }: { title: string; table: ChartTable }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className={classes.frame} tabIndex={0} aria-label={t('core.table_of', { title })}>
      <table className={classes.table}>
        <caption className={classes.hidden}>{title}</caption>
        <thead>
          <tr>
            {table.head.map((cell, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns have no identity of their own
              <th key={at} scope="col">
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, line) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity of their own
            <tr key={line}>
              <Line cells={row} />
            </tr>
          ))}
        </tbody>
        {table.foot && (
          <tfoot>
            <tr>
              <Line cells={table.foot} />
            </tr>
          </tfoot>
        )}
      </table>
    </section>
  )
}

function Line({ cells }: { cells: ReactNode[] }) {
  return cells.map((cell, at) =>
    at === 0 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: columns have no identity of their own
      <th key={at} scope="row">
        {cell}
      </th>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: columns have no identity of their own
      <td key={at}>{cell}</td>
    ),
  )
}

/** A pattern beside each colour tells series apart for those who do not see colours; words are ours, not the library's. */
function drawn(option: Props['option']): EChartsCoreOption {
  const colours = coloursOf(document.documentElement)
  const given = option(colours)
  return {
    animation: false,
    textStyle: { color: colours.dim, fontFamily: getComputedStyle(document.body).fontFamily },
    color: [colours.accent, colours.mark, ...colours.age.slice(2)],
    aria: {
      enabled: true,
      label: { enabled: false },
      decal: { show: true, decals: decals(colours.ink) },
    },
    ...given,
  }
}

const decals = (ink: string) => {
  const color = `color-mix(in srgb, ${ink} 22%, transparent)`
  const line = (rotation: number, gap: number) => ({
    symbol: 'rect',
    dashArrayX: [1, 0],
    dashArrayY: [1, gap],
    rotation,
    color,
  })
  return [
    { symbol: 'none' },
    line(Math.PI / 4, 6),
    { symbol: 'circle', dashArrayX: [[6, 6], [0, 6, 6, 0]], dashArrayY: [6, 0], symbolSize: 0.35, color }, // biome-ignore format: one pattern, one line
    line(-Math.PI / 4, 5),
    line(0, 4),
    line(Math.PI / 2, 3),
  ]
}

function coloursOf(root: Element): ChartColours {
  const style = getComputedStyle(root)
  const of = (name: string) => style.getPropertyValue(name).trim()
  const age = [0, 1, 2, 3, 4, 5].map((n) => of(`--age-${n}`))
  return {
    ink: of('--ink'),
    dim: of('--ink-2'),
    rule: of('--rule'),
    sheet: of('--sheet'),
    accent: of('--mantine-color-anchor'),
    mark: of('--age-2'),
    good: age[0]!,
    bad: age[4]!,
    age: [...age, of('--age-credit')],
  }
}

/** Axes as all our charts have them: quiet lines, figures written by `write`. */
export const valueAxis = (colours: ChartColours, write: (value: number) => string) => ({
  type: 'value' as const,
  axisLabel: { color: colours.dim, formatter: write },
  splitLine: { lineStyle: { color: colours.rule } },
})
export const nameAxis = (colours: ChartColours, names: string[]) => ({
  type: 'category' as const,
  data: names,
  axisLabel: { color: colours.dim, hideOverlap: true },
  axisLine: { lineStyle: { color: colours.rule } },
  axisTick: { show: false },
})
export const chartTooltip = (colours: ChartColours, write: (value: number) => string) => ({
  trigger: 'axis' as const,
  confine: true,
  backgroundColor: colours.sheet,
  borderColor: colours.rule,
  textStyle: { color: colours.ink, fontSize: 13 },
  valueFormatter: (value: unknown) => (typeof value === 'number' ? write(value) : '–'),
})
export const chartLegend = (colours: ChartColours) => ({
  type: 'plain' as const,
  top: 0,
  left: 0,
  textStyle: { color: colours.dim },
  itemWidth: 16,
  itemHeight: 11,
})
export const chartGrid = { left: 8, right: 12, top: 40, bottom: 4, containLabel: true }
