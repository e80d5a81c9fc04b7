import { NativeSelect, Stack, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { EChartsCoreOption } from 'echarts/core'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { Figure } from '../../receivables/figure.tsx'
import { can, useFormat, useMe } from '../../session.ts'
import {
  Chart,
  type ChartColours,
  chartGrid,
  chartLegend,
  chartTooltip,
  nameAxis,
  valueAxis,
} from '../../shared/chart.tsx'
import { FilterBar } from '../../shared/filter-bar.tsx'
import { Page } from '../../shared/page.tsx'
import { Section } from '../../shared/section.tsx'
import { Empty, Forbidden, Loaded } from '../../shared/states.tsx'
import { useFilters } from '../../shared/use-filters.ts'
import type { Ageing, Forecast as ForecastAnswer, PredictionQuality } from '../../wire.ts'
import classes from '../worklist.module.css'

export default function Forecast() {
  return can(useMe(), 'receivables.read') ? (
    <Weeks />
  ) : (
    <Page title={t('core.nav_forecast')}>
      <Forbidden permission="receivables.read" />
    </Page>
  )
}

function Weeks() {
  const format = useFormat()
  const [{ currency }, setFilters] = useFilters(['currency'])
  const forecast = useQuery({
    queryKey: ['forecast', currency],
    queryFn: () => api<ForecastAnswer>('GET', '/api/receivables/forecast', { query: { currency } }),
    placeholderData: keepPreviousData,
  })
  const currencies = useQuery({
    queryKey: ['ageing', { group_by: 'none' }],
    queryFn: () => api<Ageing>('GET', '/api/receivables/ageing', { query: { group_by: 'none' } }),
  })
  return (
    <Page
      title={t('core.nav_forecast')}
      lead={forecast.data && t('worklist.forecast_lead', { day: format.day(forecast.data.as_of) })}
    >
      {currencies.data && currencies.data.currencies.length > 1 && (
        <FilterBar onClear={false}>
          <NativeSelect
            label={t('core.currency')}
            value={currency ?? format.currency}
            data={currencies.data.currencies}
            onChange={(event) => setFilters({ currency: event.currentTarget.value })}
          />
        </FilterBar>
      )}
      <Loaded query={forecast}>
        {(answer) =>
          answer.weeks.length === 0 ? (
            <Empty title={t('worklist.forecast_none')} why={t('worklist.forecast_none_why')} />
          ) : (
            <Stack gap="lg">
              <Expected answer={answer} />
              <Past answer={answer} />
              <Quality />
            </Stack>
          )
        }
      </Loaded>
    </Page>
  )
}

const sum = (values: number[]) => values.reduce((all, value) => all + value, 0)

function Expected({ answer }: { answer: ForecastAnswer }) {
  const format = useFormat()
  const { weeks, currency } = answer
  const money = (amount: number) => format.money(amount, currency)
  const names = weeks.map(({ from }) => format.day(from))
  const option = (colours: ChartColours): EChartsCoreOption => ({
    grid: chartGrid,
    legend: chartLegend(colours),
    tooltip: chartTooltip(colours, money),
    xAxis: nameAxis(colours, names),
    yAxis: valueAxis(colours, (value) => format.moneyShort(value, currency)),
    series: [
      {
        name: t('worklist.p80'),
        type: 'bar',
        stack: 'week',
        color: colours.accent,
        data: weeks.map(({ p80 }) => p80),
      },
      {
        name: t('worklist.p50_more'),
        type: 'bar',
        stack: 'week',
        color: colours.dim,
        data: weeks.map(({ p50, p80 }) => p50 - p80),
      },
    ],
  })
  const [inWeeks, promised] = [sum(weeks.map(({ p50 }) => p50)), sum(weeks.map((week) => week.promised))]
  return (
    <>
      <dl className={`sheet ${classes.head} ${classes.figures}`} style={{ margin: 0 }}>
        <Figure
          label={t('worklist.next_four')}
          value={money(sum(weeks.slice(0, 4).map(({ p50 }) => p50)))}
          note={t('worklist.of_open', { amount: money(answer.open_amount) })}
        />
        <Figure label={t('worklist.in_weeks', { count: weeks.length })} value={money(inWeeks)} />
        <Figure label={t('worklist.on_promises')} value={money(promised)} />
        <Figure label={t('worklist.later')} value={money(answer.later ?? 0)} />
        <Figure
          label={t('worklist.left_out')}
          value={money(answer.disputed)}
          note={t('worklist.left_out_why')}
        />
      </dl>
      <Section title={t('worklist.expected')} why={t('worklist.expected_why')}>
        <Chart
          title={t('worklist.expected')}
          option={option}
          table={{
            head: [t('worklist.week_from'), t('worklist.p50'), t('worklist.p80'), t('worklist.on_promises')],
            rows: weeks.map((week, at) => [
              names[at],
              money(week.p50),
              money(week.p80),
              money(week.promised),
            ]),
            foot: [t('worklist.together'), money(inWeeks), '', money(promised)],
          }}
        />
      </Section>
    </>
  )
}

/** What would have been said of the past, and what came: the reason to believe the forecast, or not. */
function Past({ answer }: { answer: ForecastAnswer }) {
  const format = useFormat()
  const money = (amount: number) => format.money(amount, answer.currency)
  if (answer.past.length === 0) return null
  const names = answer.past.map(({ from }) => format.day(from))
  const option = (colours: ChartColours): EChartsCoreOption => ({
    grid: chartGrid,
    legend: chartLegend(colours),
    tooltip: chartTooltip(colours, money),
    xAxis: nameAxis(colours, names),
    yAxis: valueAxis(colours, (value) => format.moneyShort(value, answer.currency)),
    series: [
      {
        name: t('worklist.p50'),
        type: 'bar',
        color: colours.dim,
        data: answer.past.map((each) => each.expected),
      },
      {
        name: t('worklist.came'),
        type: 'bar',
        color: colours.accent,
        data: answer.past.map((each) => each.came),
      },
    ],
  })
  return (
    <Section title={t('worklist.past')} why={t('worklist.past_why')}>
      <Chart
        title={t('worklist.past')}
        option={option}
        table={{
          head: [
            t('worklist.four_weeks_from'),
            t('worklist.p50'),
            t('worklist.p80'),
            t('worklist.came'),
            t('worklist.difference'),
          ],
          rows: answer.past.map((each, at) => [
            names[at],
            money(each.expected),
            money(each.safe),
            money(each.came),
            each.expected === 0 ? '–' : format.percent((each.came - each.expected) / each.expected),
          ]),
        }}
      />
    </Section>
  )
}

function Quality() {
  const format = useFormat()
  const quality = useQuery({
    queryKey: ['predictions', 'quality'],
    queryFn: () => api<PredictionQuality>('GET', '/api/receivables/predictions/quality'),
  })
  return (
    <Section title={t('worklist.quality')} why={t('worklist.quality_why')}>
      <Loaded query={quality} lines={3}>
        {({ back_test }) =>
          back_test === null ? (
            <Text c="dimmed">{t('worklist.quality_none')}</Text>
          ) : (
            <Stack gap="sm">
              <Text size="sm">
                {t('worklist.quality_of', {
                  count: back_test.ours.invoices,
                  day: format.day(back_test.from),
                })}
              </Text>
              <table className={classes.reasons}>
                <thead>
                  <tr>
                    <th scope="col">{t('worklist.measure')}</th>
                    <th scope="col">{t('worklist.ours')}</th>
                    <th scope="col">{t('worklist.history_alone')}</th>
                  </tr>
                </thead>
                <tbody>
                  {[
                    {
                      name: t('worklist.accuracy'),
                      of: (each: typeof back_test.ours) => format.percent(each.accuracy),
                    },
                    {
                      name: t('worklist.auc'),
                      of: (each: typeof back_test.ours) =>
                        each.auc === null ? '–' : format.number(Math.round(each.auc * 1000) / 1000),
                    },
                    {
                      name: t('worklist.days_error'),
                      of: (each: typeof back_test.ours) =>
                        t('worklist.days', { days: format.number(Math.round(each.days_error * 10) / 10) }),
                    },
                  ].map(({ name, of }) => (
                    <tr key={name}>
                      <th scope="row">{name}</th>
                      <td className="figure">{of(back_test.ours)}</td>
                      <td className="figure">{of(back_test.customer_history)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Stack>
          )
        }
      </Loaded>
    </Section>
  )
}
