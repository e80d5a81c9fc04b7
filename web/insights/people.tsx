import { Stack, Text } from '@mantine/core'
import type { EChartsCoreOption } from 'echarts/core'
import { t } from '../i18n.ts'
import { AgeingBar } from '../receivables/ageing-bar.tsx'
import { ExportMenu } from '../receivables/export-menu.tsx'
import { useFormat } from '../session.ts'
import {
  Chart,
  type ChartColours,
  chartGrid,
  chartLegend,
  chartTooltip,
  FigureTable,
  nameAxis,
  valueAxis,
} from '../shared/chart.tsx'
import { Section } from '../shared/section.tsx'
import { Loaded } from '../shared/states.tsx'
import { TextLink } from '../shared/text-link.tsx'
import type { Collectors, Mine as MineAnswer, TeamFigures as TeamAnswer } from '../wire.ts'
import { RegionHeat } from './charts.tsx'
import { Figures } from './figures.tsx'
import { invoiceSearch, useInsight, useRegionsByAge, useView, type ViewFilters } from './queries.ts'

/** For whoever shares out the work: load per person, what waits for somebody, what is late. */
export function Team() {
  const format = useFormat()
  const [view] = useView()
  const team = useInsight<TeamAnswer>('team', view)
  const collectors = useInsight<Collectors>('collectors', view)
  return (
    <Stack gap="lg">
      <Section
        title={t('insights.team')}
        why={t('insights.team_why')}
        actions={<Export table="team" view={view} />}
      >
        <Loaded query={team}>
          {(answer) => {
            const lines = [
              ...answer.items.map((one) => ({ key: String(one.user_id), ...one })),
              {
                key: '0',
                name: t('insights.nobody'),
                tasks: 0,
                late_tasks: 0,
                disputes: 0,
                late_disputes: 0,
                contacts: 0,
                ...answer.unassigned,
              },
            ]
            const money = (amount: number) => format.money(amount, answer.currency)
            const option = (colours: ChartColours): EChartsCoreOption => ({
              grid: chartGrid,
              legend: chartLegend(colours),
              tooltip: chartTooltip(colours, money),
              xAxis: valueAxis(colours, (value) => format.moneyShort(value, answer.currency)),
              yAxis: {
                ...nameAxis(
                  colours,
                  lines.map(({ name }) => name),
                ),
                inverse: true,
              },
              series: [
                {
                  name: t('insights.not_due'),
                  type: 'bar',
                  stack: 'load',
                  barMaxWidth: 22,
                  color: colours.age[0],
                  data: lines.map(({ open, overdue }) => open - overdue),
                },
                {
                  name: t('insights.figure_overdue'),
                  type: 'bar',
                  stack: 'load',
                  barMaxWidth: 22,
                  color: colours.age[4],
                  data: lines.map(({ overdue }) => overdue),
                },
              ],
            })
            return (
              <Stack gap="md">
                {answer.unassigned.count > 0 && (
                  <Text>
                    <TextLink
                      to="/receivables/invoices"
                      search={invoiceSearch(answer, { assigned_to: '0' })}
                      inherit
                    >
                      {t('insights.unassigned_says', {
                        count: answer.unassigned.count,
                        amount: money(answer.unassigned.open),
                      })}
                    </TextLink>
                  </Text>
                )}
                <Chart
                  title={t('insights.load')}
                  option={option}
                  height={60 + lines.length * 34}
                  table={{
                    head: [
                      t('insights.who'),
                      t('insights.invoices'),
                      t('insights.owed'),
                      t('insights.figure_overdue'),
                      t('insights.oldest'),
                      t('insights.tasks'),
                      t('insights.late_tasks'),
                      t('insights.disputes_open'),
                      t('insights.past_clock'),
                      t('insights.contacts'),
                    ],
                    rows: lines.map((one) => [
                      one.name,
                      <TextLink
                        key="invoices"
                        to="/receivables/invoices"
                        search={invoiceSearch(answer, { assigned_to: one.key })}
                        inherit
                        aria-label={t('insights.invoices_of', { name: one.name, count: one.count })}
                      >
                        {format.number(one.count)}
                      </TextLink>,
                      money(one.open),
                      money(one.overdue),
                      one.oldest_days === null ? '–' : t('insights.days', { value: one.oldest_days }),
                      format.number(one.tasks),
                      format.number(one.late_tasks),
                      format.number(one.disputes),
                      format.number(one.late_disputes),
                      format.number(one.contacts),
                    ]),
                  }}
                />
              </Stack>
            )
          }}
        </Loaded>
      </Section>
      <Section
        title={t('insights.collectors')}
        why={t('insights.collectors_why')}
        actions={<Export table="collectors" view={view} />}
      >
        <Loaded query={collectors}>{(answer) => <Contacts answer={answer} />}</Loaded>
      </Section>
    </Stack>
  )
}

const Export = ({ table, view }: { table: string; view: ViewFilters }) => (
  <ExportMenu path="/api/receivables/insights/team/export" query={{ ...view, table }} />
)

function Contacts({ answer }: { answer: Collectors }) {
  const format = useFormat()
  const line = (name: string, one: Collectors['comparison']) => [
    name,
    format.number(one.customers),
    format.number(one.contacts),
    one.reached_percent === null ? '–' : format.percent(one.reached_percent / 100),
    format.money(one.overdue, answer.currency),
    one.paid_percent === null ? '–' : format.percent(one.paid_percent / 100),
    format.money(one.cash, answer.currency),
  ]
  return (
    <FigureTable
      title={t('insights.collectors')}
      table={{
        head: [
          t('insights.who'),
          t('insights.customers'),
          t('insights.contacts'),
          t('insights.reached'),
          t('insights.was_overdue'),
          t('insights.paid_since'),
          t('insights.cash_after', { days: answer.contact_days }),
        ],
        rows: [
          ...answer.items.map((one) => line(one.name, one)),
          line(t('insights.comparison'), answer.comparison),
        ],
      }}
    />
  )
}

const mine = [
  'receivables',
  'overdue',
  'overdue_percent',
  'dso',
  'average_days_late',
  'cash',
  'collection_effectiveness',
]

/** What one sees oneself: one's own invoices, or one's region, and what came of one's own contacts. */
export function Mine() {
  const [view] = useView()
  const own = useInsight<MineAnswer>('mine', view)
  const ageing = useRegionsByAge(view)
  return (
    <Stack gap="lg">
      <Section title={t('insights.own_figures')} why={t('insights.own_figures_why')}>
        <Loaded query={own}>{(answer) => <Figures metrics={answer.metrics} names={mine} />}</Loaded>
      </Section>
      <Section title={t('insights.own_ageing')}>
        <Loaded query={ageing}>
          {(answer) => (
            <Stack gap="lg">
              <AgeingBar
                buckets={answer.totals.buckets}
                currency={answer.currency}
                search={{ as_of: answer.as_of }}
              />
              {answer.groups.length > 1 && <RegionHeat ageing={answer} />}
            </Stack>
          )}
        </Loaded>
      </Section>
      <Section title={t('insights.collectors')} why={t('insights.collectors_why')}>
        <Loaded query={own}>
          {(answer) =>
            answer.contacts.items.length === 0 ? (
              <Text c="dimmed">{t('insights.no_contacts')}</Text>
            ) : (
              <Contacts answer={answer.contacts} />
            )
          }
        </Loaded>
      </Section>
    </Stack>
  )
}
