import type { EChartsCoreOption } from 'echarts/core'
import { useCallback, useMemo } from 'react'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { Chart, type ChartColours, chartGrid, chartTooltip, nameAxis, valueAxis } from '../shared/chart.tsx'
import { stateWord } from './words.ts'

const order = ['delivered', 'sent', 'pending', 'unknown', 'failed', 'held'] as const
type Counts = Record<(typeof order)[number], number>

/** How many messages came how far: a bar for each state. */
export function DeliveryChart({ counts }: { counts: Counts }) {
  const format = useFormat()
  const said = order.map((state) => counts[state]).join(' ')
  const shown = useMemo(() => {
    const numbers = said.split(' ').map(Number)
    return order.map((state, at) => ({ state, count: numbers[at]! })).filter(({ count }) => count > 0)
  }, [said])
  const option = useCallback(
    (colours: ChartColours): EChartsCoreOption => {
      const colourOf = {
        delivered: colours.good,
        sent: colours.accent,
        pending: colours.age.at(-1)!,
        unknown: colours.mark,
        failed: colours.bad,
        held: colours.rule,
      }
      return {
        grid: { ...chartGrid, top: 4 },
        tooltip: chartTooltip(colours, format.number),
        xAxis: { ...valueAxis(colours, format.number), minInterval: 1 },
        yAxis: {
          ...nameAxis(
            colours,
            shown.map(({ state }) => stateWord(state)),
          ),
          inverse: true,
        },
        series: [
          {
            type: 'bar',
            barMaxWidth: 26,
            label: { show: true, position: 'right', color: colours.ink },
            data: shown.map(({ state, count }) => ({
              value: count,
              itemStyle: { color: colourOf[state] },
            })),
          },
        ],
      }
    },
    [shown, format],
  )
  return (
    <Chart
      title={t('communications.by_state')}
      summary={shown.map(({ state, count }) => `${stateWord(state)} ${format.number(count)}`).join(', ')}
      option={option}
      height={36 * shown.length + 46}
      table={{
        head: [t('communications.state'), t('communications.messages')],
        rows: shown.map(({ state, count }) => [stateWord(state), format.number(count)]),
      }}
    />
  )
}
