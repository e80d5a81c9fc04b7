import { Group, NativeSelect, Stack, Text } from '@mantine/core'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { VerdictBadge } from '../promises/verdict-badge.tsx'
import { AgeingBar } from '../receivables/ageing-bar.tsx'
import { useCan, useFormat } from '../session.ts'
import { DataTable } from '../shared/data-table.tsx'
import { remarks, remarkWord } from '../shared/remarks.ts'
import { Section } from '../shared/section.tsx'
import { Loaded } from '../shared/states.tsx'
import { TextLink } from '../shared/text-link.tsx'
import { done, failed } from '../shared/toast.tsx'
import type { Ageing, Customer, CustomerPage, Mine, Promised, PromisePage } from '../wire.ts'
import { AgeHeat, RegionHeat } from './charts.tsx'
import { Figures } from './figures.tsx'
import { useInsight, useRegionsByAge, useView } from './queries.ts'

// What a region's manager and an engineer open in the morning: what is theirs, how old it is, what is promised for these days, and
// of which customers nobody has said what their debt is waiting for.

const numbers = ['receivables', 'overdue', 'overdue_percent', 'cash', 'average_days_late', 'dso']

export function OwnNumbers() {
  const [view] = useView()
  const own = useInsight<Mine>('mine', view)
  const ageing = useRegionsByAge(view)
  return (
    <>
      <Section title={t('insights.own_figures')} why={t('insights.own_figures_why')}>
        <Loaded query={own}>{(answer) => <Figures metrics={answer.metrics} names={numbers} />}</Loaded>
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
    </>
  )
}

const TOP = 15

/** Customers, or the people who work them, by age. */
export function Heat({ of }: { of: 'customer' | 'collector' }) {
  const [{ as_of, known_on, currency, reporting }] = useView()
  const query = {
    as_of,
    known_on,
    currency: reporting ?? currency,
    group_by: of,
    ...(of === 'customer' ? { top: TOP } : {}),
  }
  const ageing = useQuery({
    queryKey: ['ageing', query],
    queryFn: ({ signal }) => api<Ageing>('GET', '/api/receivables/ageing', { query, signal }),
    placeholderData: keepPreviousData,
  })
  const title = t(of === 'customer' ? 'insights.customers_by_age' : 'insights.people_by_age')
  return (
    <Section
      title={title}
      why={t(of === 'customer' ? 'insights.customers_by_age_why' : 'insights.heat_why')}
      actions={
        of === 'customer' && (
          <TextLink to="/receivables/ageing" search={{ group_by: 'customer' }}>
            {t('insights.all_customers')}
          </TextLink>
        )
      }
    >
      <Loaded query={ageing} lines={6}>
        {(answer) =>
          answer.groups.length === 0 ? (
            <Text c="dimmed">{t('insights.nothing_owed')}</Text>
          ) : (
            <AgeHeat
              ageing={answer}
              by={of === 'customer' ? 'customer_id' : 'assigned_to'}
              title={title}
              head={t(of === 'customer' ? 'insights.customer' : 'insights.who')}
            />
          )
        }
      </Loaded>
    </Section>
  )
}

const WEEK = 7 * 86_400_000
const SHOWN = 8

/** What customers have promised for today and the week to come, and what no file has told of yet. */
export function PromisesDue() {
  const format = useFormat()
  const today = format.today()
  const due_to = new Date(Date.parse(`${today}T00:00:00Z`) + WEEK).toISOString().slice(0, 10)
  const query = { verdict: 'open', due_to, sort: 'promised_on', page_size: SHOWN }
  const promises = useQuery({
    queryKey: ['promises', 'list', query],
    queryFn: ({ signal }) => api<PromisePage>('GET', '/api/receivables/promises', { query, signal }),
  })
  return (
    <Section
      title={t('insights.promises_due')}
      why={
        promises.data &&
        t('insights.promises_due_why', {
          today: promises.data.counts.due_today ?? 0,
          waiting: promises.data.counts.waiting ?? 0,
          broken: promises.data.counts.broken ?? 0,
        })
      }
      actions={<TextLink to="/receivables/promises">{t('insights.all_promises')}</TextLink>}
    >
      <Loaded query={promises} lines={4}>
        {({ items }) =>
          items.length === 0 ? (
            <Text c="dimmed">{t('insights.no_promises_due')}</Text>
          ) : (
            <DataTable<Promised>
              caption={t('insights.promises_due')}
              rows={items}
              rowKey={({ id }) => id}
              columns={[
                {
                  key: 'customer',
                  header: t('insights.customer'),
                  title: true,
                  cell: (promise) => (
                    <TextLink to={`/receivables/customers/${promise.customer_id}`} data-row-link inherit>
                      {promise.customer_name}
                    </TextLink>
                  ),
                },
                {
                  key: 'day',
                  header: t('insights.promised_on'),
                  width: '140px',
                  cell: (promise) => format.day(promise.promised_on),
                },
                {
                  key: 'verdict',
                  header: t('core.promise'),
                  width: '160px',
                  cell: (promise) => <VerdictBadge promise={promise} />,
                },
                {
                  key: 'amount',
                  header: t('insights.amount'),
                  align: 'right',
                  width: '160px',
                  cell: (promise) => format.money(promise.amount, promise.currency),
                },
              ]}
            />
          )
        }
      </Loaded>
    </Section>
  )
}

/** Who owes while nobody has said what the debt is waiting for: said in place. */
export function RemarksMissing() {
  const format = useFormat()
  const client = useQueryClient()
  const mayWrite = useCan('receivables.write')
  const query = { remark: 'missing', sort: 'open_amount', page_size: SHOWN }
  const customers = useQuery({
    queryKey: ['customers', 'list', 'remarks', query],
    queryFn: ({ signal }) => api<CustomerPage>('GET', '/api/receivables/customers', { query, signal }),
  })
  const write = async (customer: Customer, newRemark: string) => {
    await api('PUT', `/api/customers/${encodeURIComponent(customer.code ?? customer.id)}/remark`, {
      body: { newRemark },
    })
    await Promise.all(
      [['customers'], ['outstanding']].map((queryKey) => client.invalidateQueries({ queryKey })),
    )
  }
  const say = (customer: Customer, remark: string) =>
    write(customer, remark).then(
      () =>
        done(t('insights.remark_said', { customer: customer.name, remark: remarkWord(remark) }), () =>
          write(customer, 'none'),
        ),
      failed,
    )
  return (
    <Section
      title={t('insights.remarks_missing')}
      why={customers.data && t('insights.remarks_missing_why', { count: customers.data.total })}
      actions={
        <TextLink to="/receivables/customers" search={{ remark: 'missing' }}>
          {t('insights.all_customers')}
        </TextLink>
      }
    >
      <Loaded query={customers} lines={4}>
        {({ items }) =>
          items.length === 0 ? (
            <Text c="dimmed">{t('insights.remarks_complete')}</Text>
          ) : (
            <DataTable<Customer>
              caption={t('insights.remarks_missing')}
              rows={items}
              rowKey={({ id, currency }) => `${id} ${currency}`}
              columns={[
                {
                  key: 'customer',
                  header: t('insights.customer'),
                  title: true,
                  cell: (customer) => (
                    <TextLink to={`/receivables/customers/${customer.id}`} data-row-link inherit>
                      {customer.name}
                    </TextLink>
                  ),
                },
                {
                  key: 'oldest',
                  header: t('insights.oldest'),
                  width: '120px',
                  cell: ({ oldest_days }) =>
                    oldest_days === null ? '–' : t('insights.days', { value: format.number(oldest_days) }),
                },
                {
                  key: 'owed',
                  header: t('insights.owed'),
                  align: 'right',
                  width: '160px',
                  cell: (customer) => format.money(customer.open_amount, customer.currency),
                },
                ...(mayWrite
                  ? [
                      {
                        key: 'remark',
                        header: t('core.remark'),
                        width: '210px',
                        cell: (customer: Customer) => (
                          <Group>
                            <NativeSelect
                              size="xs"
                              aria-label={t('insights.remark_of', { customer: customer.name })}
                              value=""
                              data={[
                                { value: '', label: t('insights.remark_choose') },
                                ...remarks.map((value) => ({ value, label: remarkWord(value) })),
                              ]}
                              onChange={(event) => void say(customer, event.currentTarget.value)}
                            />
                          </Group>
                        ),
                      },
                    ]
                  : []),
              ]}
            />
          )
        }
      </Loaded>
    </Section>
  )
}
