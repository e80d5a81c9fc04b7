import { Button, Group, NativeSelect, Stack, Text } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { type MessageKey, t } from '../../i18n.ts'
import { can, useFormat, useMe } from '../../session.ts'
import { type Column, DataTable, Pager } from '../../shared/data-table.tsx'
import { DateField } from '../../shared/date-field.tsx'
import { FilterBar } from '../../shared/filter-bar.tsx'
import { Page } from '../../shared/page.tsx'
import { Section } from '../../shared/section.tsx'
import { Forbidden, Loaded } from '../../shared/states.tsx'
import { TextLink } from '../../shared/text-link.tsx'
import { useFilters } from '../../shared/use-filters.ts'
import type { Why, WhyRow, WhyRows } from '../../wire.ts'
import { Waterfall } from '../charts.tsx'
import { useInsight, useRegionsByAge } from '../queries.ts'
import { InsightTabs } from '../tabs.tsx'

const figures = ['balance', 'receivables', 'overdue', 'current', 'unapplied'] as const
const names = ['figure', 'from', 'to', 'from_known_on', 'currency', 'group', 'page'] as const

/** Why a figure is not what it was: opening, what changed it, closing, and the entries behind each step. */
export default function WhyPage() {
  const me = useMe()
  return (
    <Page title={t('insights.why')} lead={t('insights.why_lead')}>
      {can(me, 'receivables.read') ? (
        <>
          <InsightTabs />
          <Explanation />
        </>
      ) : (
        <Forbidden permission="receivables.read" />
      )}
    </Page>
  )
}

const monthsBack = (day: string) => {
  const at = new Date(`${day}T00:00:00Z`)
  at.setUTCDate(0)
  return at.toISOString().slice(0, 10)
}

function Explanation() {
  const format = useFormat()
  const [filters, set] = useFilters(names)
  const currencies = useRegionsByAge({}).data?.currencies ?? []
  const to = filters.to ?? format.today()
  const query = {
    figure: filters.figure ?? 'receivables',
    from: filters.from ?? monthsBack(to),
    to,
    from_known_on: filters.from_known_on,
    currency: filters.currency,
  }
  const why = useInsight<Why>('why', query)
  return (
    <Stack gap="lg">
      <div>
        <FilterBar>
          <NativeSelect
            label={t('insights.figure')}
            value={query.figure}
            data={figures.map((value) => ({ value, label: t(`insights.change_${value}` as MessageKey) }))}
            onChange={(event) => set({ figure: event.currentTarget.value, group: undefined })}
          />
          <DateField
            label={t('insights.from')}
            value={query.from}
            max={to}
            onChange={(event) => set({ from: event.currentTarget.value || undefined, group: undefined })}
          />
          <DateField
            label={t('insights.to')}
            value={to}
            max={format.today()}
            onChange={(event) => set({ to: event.currentTarget.value || undefined, group: undefined })}
          />
          <DateField
            label={t('insights.from_known_on')}
            value={filters.from_known_on ?? ''}
            max={format.today()}
            onChange={(event) =>
              set({ from_known_on: event.currentTarget.value || undefined, group: undefined })
            }
          />
          {currencies.length > 1 && (
            <NativeSelect
              label={t('core.currency')}
              value={filters.currency ?? format.currency}
              data={currencies}
              onChange={(event) => set({ currency: event.currentTarget.value, group: undefined })}
            />
          )}
        </FilterBar>
        <Text size="sm" c="dimmed">
          {t('insights.from_known_on_why')}
        </Text>
      </div>
      <Section title={t('insights.changes')}>
        <Loaded query={why}>
          {(answer) => (
            <>
              <Waterfall why={answer} onPick={(group) => set({ group, page: undefined })} />
              {answer.groups.length === 0 ? (
                <Text c="dimmed">{t('insights.nothing_changed')}</Text>
              ) : (
                <Group gap="xs" mt="md" role="group" aria-label={t('insights.entries_of')}>
                  {answer.groups.map(({ group, count }) => (
                    <Button
                      key={group}
                      size="xs"
                      variant={filters.group === group ? 'filled' : 'default'}
                      aria-pressed={filters.group === group}
                      onClick={() =>
                        set({ group: filters.group === group ? undefined : group, page: undefined })
                      }
                    >
                      {t('insights.group_count', {
                        group: t(`insights.group_${group}` as MessageKey),
                        count,
                      })}
                    </Button>
                  ))}
                </Group>
              )}
            </>
          )}
        </Loaded>
      </Section>
      {filters.group && <Rows query={{ ...query, group: filters.group }} />}
    </Stack>
  )
}

function Rows({ query }: { query: Record<string, string | undefined> & { group: string } }) {
  const format = useFormat()
  const [filters, set] = useFilters(names)
  const section = useRef<HTMLDivElement>(null)
  const page = Number(filters.page ?? 1)
  const rows = useInsight<WhyRows>('why/rows', { ...query, page, page_size: 25 })
  // biome-ignore lint/correctness/useExhaustiveDependencies: seen when another group is chosen
  useEffect(() => section.current?.scrollIntoView({ block: 'nearest' }), [query.group])
  const columns: Column<WhyRow>[] = [
    {
      key: 'invoice',
      header: t('insights.invoice'),
      title: true,
      cell: (row) => (
        <TextLink to={`/receivables/invoices/${row.invoice_id}`} inherit data-row-link>
          {row.invoice_number}
        </TextLink>
      ),
    },
    { key: 'customer', header: t('insights.customer'), cell: (row) => row.customer_name },
    {
      key: 'amount',
      header: t('insights.amount'),
      align: 'right',
      cell: (row) => <span className="figure">{format.money(row.amount, rows.data?.currency)}</span>,
    },
    {
      key: 'day',
      header: t('insights.effective'),
      cell: (row) =>
        row.effective_on === null
          ? '–'
          : row.effective_after
            ? t('insights.between', {
                from: format.day(row.effective_after),
                to: format.day(row.effective_on),
              })
            : format.day(row.effective_on),
    },
    {
      key: 'recorded',
      header: t('insights.recorded'),
      cell: (row) => (row.recorded_at === null ? '–' : format.instant(row.recorded_at)),
    },
    { key: 'file', header: t('insights.file'), cell: (row) => row.file_name ?? '–', wideOnly: true },
  ]
  return (
    <div ref={section}>
      <Section title={t(`insights.group_${query.group}` as MessageKey)}>
        <Loaded query={rows}>
          {(answer) => (
            <>
              <DataTable
                caption={t('insights.entries_of')}
                columns={columns}
                rows={answer.items}
                rowKey={(row) =>
                  `${row.invoice_id} ${row.recorded_at} ${row.kind} ${row.amount} ${row.effective_on}`
                }
                stale={rows.isPlaceholderData}
                footer={[
                  { invoice: t('insights.total'), amount: format.money(answer.amount, answer.currency) },
                ]}
              />
              <Pager
                page={answer.page}
                pages={answer.pages}
                total={answer.total}
                pageSize={answer.page_size}
                onPage={(next) => set({ page: String(next) })}
              />
            </>
          )}
        </Loaded>
      </Section>
    </div>
  )
}
