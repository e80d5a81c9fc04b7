import { Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { api } from '../api.ts'
import { type MessageKey, t } from '../i18n.ts'
import { bucketLabel, bucketsOf } from '../receivables/buckets.ts'
import { ExportMenu } from '../receivables/export-menu.tsx'
import { useFormat, useMe } from '../session.ts'
import {
  Chart,
  type ChartColours,
  chartGrid,
  chartTooltip,
  FigureTable,
  nameAxis,
  valueAxis,
} from '../shared/chart.tsx'
import { Section } from '../shared/section.tsx'
import { Loaded } from '../shared/states.tsx'
import { TextLink } from '../shared/text-link.tsx'
import type {
  AtRisk,
  Debtors,
  DisputeReport,
  Forecast,
  Metrics,
  PromisesKept,
  RollRates,
  Series,
  Why,
} from '../wire.ts'
import { AgeingByMonth, DsoLines, RegionHeat, Waterfall } from './charts.tsx'
import { Figures } from './figures.tsx'
import classes from './insights.module.css'
import { invoiceSearch, useInsight, useRegionsByAge, useView, type ViewFilters } from './queries.ts'

const headlines = [
  'receivables',
  'overdue',
  'overdue_percent',
  'dso',
  'best_possible_dso',
  'count_back_dso',
  'delinquent_days',
  'collection_effectiveness',
  'average_days_late',
  'days_to_pay',
  'billed',
  'cash',
  'unapplied',
]

const Export = ({ table, view }: { table: string; view: ViewFilters }) => (
  <ExportMenu path="/api/receivables/insights/export" query={{ ...view, table }} />
)

/** Where the cash is. Each part is asked for by itself: what is slow or refused keeps nothing else waiting. */
export function Director() {
  const [view] = useView()
  const metrics = useInsight<Metrics>('metrics', view)
  const series = useInsight<Series>('series', view)
  const regions = useRegionsByAge(view)
  return (
    <Stack gap="lg">
      <Section
        title={t('insights.figures')}
        why={<Period metrics={metrics.data} />}
        actions={<Export table="figures" view={view} />}
      >
        <Loaded query={metrics}>{(answer) => <Figures metrics={answer} names={headlines} />}</Loaded>
      </Section>
      <Section title={t('insights.by_month_title')} actions={<Export table="months" view={view} />}>
        <Loaded query={series}>
          {(answer) => (
            <Stack gap="xl">
              <AgeingByMonth series={answer} />
              <DsoLines series={answer} />
            </Stack>
          )}
        </Loaded>
      </Section>
      <Changes metrics={metrics.data} view={view} />
      <Section
        title={t('insights.heat')}
        why={t('insights.heat_why')}
        actions={<Export table="regions" view={view} />}
      >
        <Loaded query={regions}>
          {(ageing) => (
            <>
              <RegionHeat ageing={ageing} />
              <Proof ageing={ageing} />
            </>
          )}
        </Loaded>
      </Section>
      <Rolls view={view} />
      <TopDebtors view={view} />
      <Disputes view={view} />
      <Promises view={view} />
      {!view.as_of && !view.known_on && !view.reporting && <Expected currency={view.currency} />}
      <Risk view={view} />
    </Stack>
  )
}

function Period({ metrics }: { metrics: Metrics | undefined }) {
  const format = useFormat()
  if (!metrics) return null
  return (
    <>
      {t('insights.period_says', {
        from: format.day(metrics.from),
        to: format.day(metrics.as_of),
        currency: metrics.currency,
      })}
      {metrics.rates.map(({ currency, day, rate }) => (
        <div key={currency}>
          {t('insights.rate_says', { currency, rate, base: format.currency, day: format.day(day) })}
        </div>
      ))}
    </>
  )
}

/** Both sums, so that anybody sees that they are one. */
function Proof({ ageing }: { ageing: { proof: { parts: number; balance: number }; currency: string } }) {
  const format = useFormat()
  return (
    <p className={classes.proof}>
      {t('insights.proof', {
        parts: format.money(ageing.proof.parts, ageing.currency),
        balance: format.money(ageing.proof.balance, ageing.currency),
      })}
    </p>
  )
}

function Changes({ metrics, view }: { metrics: Metrics | undefined; view: ViewFilters }) {
  const query =
    metrics && !metrics.is_converted
      ? { figure: 'receivables', from: metrics.from, to: metrics.as_of, currency: metrics.currency }
      : undefined
  const why = useInsight<Why>('why', query ?? {}, query !== undefined)
  if (metrics?.is_converted) return null
  return (
    <Section
      title={t('insights.changes')}
      why={
        query && (
          <TextLink to="/insights/why" search={query}>
            {t('insights.ask_why')}
          </TextLink>
        )
      }
      actions={<Export table="changes" view={view} />}
    >
      <Loaded query={why}>{(answer) => <Waterfall why={answer} />}</Loaded>
    </Section>
  )
}

function Rolls({ view }: { view: ViewFilters }) {
  const format = useFormat()
  const edges = useMe().tenant?.ageing_buckets ?? []
  const labels = new Map(bucketsOf(edges).map((bucket) => [bucket.bucket, bucketLabel(bucket)]))
  const rolls = useInsight<RollRates>('roll-rates', view)
  const name = (bucket: string) => labels.get(bucket) ?? bucket
  return (
    <Section
      title={t('insights.roll_rates')}
      why={t('insights.roll_rates_why')}
      actions={<Export table="roll_rates" view={view} />}
    >
      <Loaded query={rolls}>
        {(answer) => {
          const share = (value: number | null) => (value === null ? '–' : format.percent(value))
          return (
            <FigureTable
              title={t('insights.roll_rates')}
              table={{
                head: [
                  t('insights.on_day', { day: format.day(answer.from) }),
                  t('insights.amount'),
                  ...answer.buckets.map(({ bucket }) => name(bucket)),
                  t('insights.paid'),
                ],
                rows: answer.lines.map((line) => [
                  name(line.bucket),
                  line.amount === 0 ? (
                    '–'
                  ) : (
                    <TextLink
                      key="amount"
                      to="/receivables/invoices"
                      inherit
                      search={invoiceSearch({ ...answer, as_of: answer.from }, { bucket: line.bucket })}
                    >
                      {format.money(line.amount, answer.currency)}
                    </TextLink>
                  ),
                  ...line.to.map(({ share: part }) => (part === 0 ? '' : share(part))),
                  share(line.paid_share),
                ]),
              }}
            />
          )
        }}
      </Loaded>
    </Section>
  )
}

function TopDebtors({ view }: { view: ViewFilters }) {
  const format = useFormat()
  const debtors = useInsight<Debtors>('debtors', { ...view, count: 10 })
  return (
    <Section title={t('insights.debtors')} actions={<Export table="debtors" view={view} />}>
      <Loaded query={debtors}>
        {(answer) => (
          <>
            {answer.concentration.top_10 !== null && (
              <Text size="sm" c="dimmed" mb="sm">
                {t('insights.concentration', {
                  customers: format.number(answer.customers),
                  share: format.percent(answer.concentration.top_10 / 100),
                  few: format.number(answer.concentration.four_fifths ?? 0),
                })}
              </Text>
            )}
            <FigureTable
              title={t('insights.debtors')}
              table={{
                head: [
                  t('insights.customer'),
                  t('insights.owed'),
                  t('insights.figure_overdue'),
                  t('insights.oldest'),
                  t('insights.share'),
                ],
                rows: answer.items.map((one) => [
                  <TextLink key="name" to={`/receivables/customers/${one.customer_id}`} inherit>
                    {one.name}
                  </TextLink>,
                  <TextLink
                    key="open"
                    to="/receivables/invoices"
                    search={invoiceSearch(answer, { customer_id: String(one.customer_id) })}
                    inherit
                    aria-label={t('insights.rows_of', {
                      figure: one.name,
                      value: format.money(one.open, answer.currency),
                    })}
                  >
                    {format.money(one.open, answer.currency)}
                  </TextLink>,
                  format.money(one.overdue, answer.currency),
                  one.oldest_days === null ? '–' : t('insights.days', { value: one.oldest_days }),
                  one.share === null ? '–' : format.percent(one.share),
                ]),
              }}
            />
          </>
        )}
      </Loaded>
    </Section>
  )
}

function Disputes({ view }: { view: ViewFilters }) {
  const format = useFormat()
  const query = { as_of: view.as_of, from: view.from, currency: view.reporting ?? view.currency }
  const report = useQuery({
    queryKey: ['disputes', 'report', query],
    queryFn: ({ signal }) => api<DisputeReport>('GET', '/api/receivables/disputes/report', { query, signal }),
  })
  return (
    <Section title={t('insights.disputes')} actions={<Export table="disputes" view={view} />}>
      <Loaded query={report}>
        {(answer) => {
          const top = answer.reasons.slice(0, 8)
          const option = (colours: ChartColours) => ({
            grid: chartGrid,
            tooltip: chartTooltip(colours, (value) => format.money(value, answer.currency)),
            xAxis: {
              ...nameAxis(
                colours,
                top.map(({ reason }) => reason),
              ),
              axisLabel: { color: colours.dim, hideOverlap: true, overflow: 'break', width: 90 },
            },
            yAxis: valueAxis(colours, (value) => format.moneyShort(value, answer.currency)),
            series: [
              {
                name: t('insights.disputed'),
                type: 'bar',
                barMaxWidth: 56,
                color: colours.age[3],
                data: top.map(({ opened_amount }) => opened_amount),
              },
            ],
          })
          return top.length === 0 ? (
            <Text c="dimmed">{t('insights.no_disputes')}</Text>
          ) : (
            <Chart
              title={t('insights.disputes_chart')}
              summary={t('insights.disputes_says', {
                reason: top[0]!.reason,
                amount: format.money(top[0]!.opened_amount, answer.currency),
              })}
              option={option}
              height={230}
              table={{
                head: [
                  t('insights.reason'),
                  t('insights.opened'),
                  t('insights.amount'),
                  t('insights.cumulative'),
                  t('insights.still_open'),
                  t('insights.days_to_resolve'),
                ],
                rows: answer.reasons.map((one) => [
                  one.reason,
                  format.number(one.opened),
                  format.money(one.opened_amount, answer.currency),
                  format.percent(one.cumulative_share),
                  format.money(one.open_amount, answer.currency),
                  one.resolution_days === null ? '–' : format.number(one.resolution_days),
                ]),
              }}
            />
          )
        }}
      </Loaded>
    </Section>
  )
}

/** Of today only: what is to come has no past day. */
function Expected({ currency }: { currency: string | undefined }) {
  const format = useFormat()
  const forecast = useQuery({
    queryKey: ['forecast', { currency }],
    queryFn: ({ signal }) =>
      api<Forecast>('GET', '/api/receivables/forecast', { query: { currency }, signal }),
  })
  return (
    <Section
      title={t('insights.expected')}
      why={t('insights.expected_why')}
      actions={<TextLink to="/receivables/forecast">{t('insights.whole_forecast')}</TextLink>}
    >
      <Loaded query={forecast} lines={3}>
        {(answer) =>
          answer.weeks.length === 0 ? (
            <Text c="dimmed">{t('insights.no_forecast')}</Text>
          ) : (
            <FigureTable
              title={t('insights.expected')}
              table={{
                head: [
                  t('insights.week'),
                  t('insights.as_likely'),
                  t('insights.quite_sure'),
                  t('insights.promised'),
                ],
                rows: answer.weeks
                  .slice(0, 6)
                  .map((week) => [
                    format.day(week.from),
                    format.money(week.p50, answer.currency),
                    format.money(week.p80, answer.currency),
                    format.money(week.promised, answer.currency),
                  ]),
              }}
            />
          )
        }
      </Loaded>
    </Section>
  )
}

function Promises({ view }: { view: ViewFilters }) {
  const format = useFormat()
  const kept = useInsight<PromisesKept>('promises', view)
  return (
    <Section
      title={t('insights.promises')}
      why={t('insights.promises_why')}
      actions={<Export table="promises" view={view} />}
    >
      <Loaded query={kept} lines={3}>
        {(answer) =>
          answer.kept_percent === null ? (
            <Text c="dimmed">{answer.reason}</Text>
          ) : (
            <>
              <Text mb="sm">
                {t('insights.promises_says', {
                  count: format.percent(answer.kept_percent / 100),
                  amount: format.percent((answer.kept_amount_percent ?? 0) / 100),
                })}
              </Text>
              <FigureTable
                title={t('insights.promises')}
                table={{
                  head: [
                    t('insights.verdict'),
                    t('insights.promises_count'),
                    t('insights.promised'),
                    t('insights.paid'),
                  ],
                  rows: answer.verdicts.map((one) => [
                    t(`insights.verdict_${one.verdict}` as MessageKey),
                    format.number(one.count),
                    format.money(one.amount, answer.currency),
                    format.money(one.paid, answer.currency),
                  ]),
                }}
              />
            </>
          )
        }
      </Loaded>
    </Section>
  )
}

function Risk({ view }: { view: ViewFilters }) {
  const format = useFormat()
  const risk = useInsight<AtRisk>('at-risk', { ...view, months: 12 })
  return (
    <Section
      title={t('insights.at_risk')}
      why={t('insights.at_risk_why')}
      actions={<Export table="at_risk" view={view} />}
    >
      <Loaded query={risk}>
        {(answer) => (
          <FigureTable
            title={t('insights.at_risk')}
            table={{
              head: [
                t('insights.month'),
                t('insights.figure_billed'),
                t('insights.unpaid'),
                t('insights.share'),
              ],
              rows: answer.months.map((one) => [
                one.month,
                format.money(one.billed, answer.currency),
                one.unpaid === null ? t('insights.not_yet') : format.money(one.unpaid, answer.currency),
                one.share === null ? '–' : format.percent(one.share),
              ]),
            }}
          />
        )}
      </Loaded>
    </Section>
  )
}
