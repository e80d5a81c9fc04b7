import { NativeSelect, Text } from '@mantine/core'
import { useCallback, useMemo } from 'react'
import { type MessageKey, t } from '../../i18n.ts'
import { useAssignees } from '../../receivables/assignees.ts'
import chips from '../../receivables/bucket-chips.module.css'
import { ExportMenu } from '../../receivables/export-menu.tsx'
import { can, useFormat, useMe } from '../../session.ts'
import type { Column } from '../../shared/data-table.tsx'
import { DateField } from '../../shared/date-field.tsx'
import { FilterBar } from '../../shared/filter-bar.tsx'
import type { Formatter } from '../../shared/format.ts'
import { Page } from '../../shared/page.tsx'
import { usePagedRows } from '../../shared/paged-rows.ts'
import { SearchField } from '../../shared/search-field.tsx'
import { Empty, FilteredEmpty, Forbidden, Loaded } from '../../shared/states.tsx'
import { TextLink } from '../../shared/text-link.tsx'
import { sortOf } from '../../shared/url-filters.ts'
import { useFilters } from '../../shared/use-filters.ts'
import { ViewsMenu } from '../../shared/views-menu.tsx'
import { VirtualTable } from '../../shared/virtual-table.tsx'
import type { Promised, PromisePage } from '../../wire.ts'
import PromiseDrawer from '../details.tsx'
import classes from '../promises.module.css'
import { RateStrip } from '../rate-strip.tsx'
import { VerdictBadge } from '../verdict-badge.tsx'

export default function Promises() {
  return can(useMe(), 'receivables.read') ? (
    <List />
  ) : (
    <Page title={t('core.nav_promises')}>
      <Forbidden permission="receivables.read" />
    </Page>
  )
}

type Tab = {
  id: string
  label: MessageKey
  count: string | null
  query: (today: string) => Record<string, string>
}
const tabs: Tab[] = [
  { id: 'open', label: 'promises.tab_open', count: 'open', query: () => ({ verdict: 'open' }) },
  {
    id: 'today',
    label: 'promises.tab_today',
    count: 'due_today',
    query: (today) => ({ verdict: 'open', due_from: today, due_to: today }),
  },
  {
    id: 'week',
    label: 'promises.tab_week',
    count: 'due_this_week',
    query: (today) => ({ verdict: 'open', due_from: monday(today, 0), due_to: monday(today, 6) }),
  },
  { id: 'waiting', label: 'promises.tab_waiting', count: 'waiting', query: () => ({ is_waiting: 'true' }) },
  { id: 'broken', label: 'promises.tab_broken', count: 'broken', query: () => ({ verdict: 'broken' }) },
  {
    id: 'partial',
    label: 'promises.tab_partial',
    count: 'partially_kept',
    query: () => ({ verdict: 'partially_kept' }),
  },
  { id: 'kept', label: 'promises.tab_kept', count: 'kept', query: () => ({ verdict: 'kept' }) },
  { id: 'all', label: 'promises.tab_all', count: null, query: () => ({}) },
]
/** A day of the week that a day is in, counting from Monday. */
function monday(day: string, later: number) {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7) + later)
  return date.toISOString().slice(0, 10)
}

const names = ['tab', 'search', 'currency', 'made_by', 'customer_id', 'as_of', 'sort', 'promise'] as const

function List() {
  const format = useFormat()
  const [filters, setFilters] = useFilters(names)
  const { search, currency, made_by, customer_id, as_of, sort } = filters
  const tab = tabs.find(({ id }) => id === filters.tab) ?? tabs[0]!
  const query = useMemo(() => {
    const sorted = sortOf(sort)
    return {
      ...tab.query(as_of ?? format.today()),
      search,
      currency,
      made_by,
      customer_id,
      as_of,
      ...(sorted ? { sort: sorted.by, order: sorted.descending ? 'desc' : 'asc' } : {}),
    }
  }, [tab, search, currency, made_by, customer_id, as_of, sort, format])
  const promises = usePagedRows<Promised, PromisePage>('promises', '/api/receivables/promises', query)
  const assignees = useAssignees()
  const columns = useMemo(() => promiseColumns(format), [format])
  const open = useCallback((promise: Promised) => setFilters({ promise: String(promise.id) }), [setFilters])
  const filtered = Boolean(search || currency || made_by || customer_id || as_of)
  const clear = () =>
    setFilters({
      search: undefined,
      currency: undefined,
      made_by: undefined,
      customer_id: undefined,
      as_of: undefined,
    })
  const answer = promises.first.data
  const currencies = [
    ...new Set([...(answer?.totals ?? []).map((total) => total.currency), ...(currency ? [currency] : [])]),
  ]
  const isEmpty = answer !== undefined && Object.values(answer.counts).every((count) => count === 0)
  return (
    <Page
      title={t('core.nav_promises')}
      lead={as_of ? t('promises.as_of', { day: format.day(as_of) }) : t('promises.lead')}
      actions={
        <>
          <ViewsMenu />
          {answer && answer.total > 0 && <ExportMenu path="/api/receivables/promises/export" query={query} />}
        </>
      }
    >
      <RateStrip only={{ currency, made_by, customer_id, as_of }} />
      <FilterBar onClear={filtered && clear}>
        <SearchField
          label={t('promises.search')}
          value={search}
          onChange={(text) => setFilters({ search: text }, { replace: true })}
        />
        <NativeSelect
          label={t('promises.made_by')}
          value={made_by ?? ''}
          data={[
            { value: '', label: t('core.filter_all') },
            ...(assignees.data?.items ?? []).map(({ id, full_name }) => ({
              value: String(id),
              label: full_name,
            })),
          ]}
          onChange={(event) => setFilters({ made_by: event.currentTarget.value || undefined })}
        />
        {currencies.length > 1 && (
          <NativeSelect
            label={t('core.currency')}
            value={currency ?? ''}
            data={[{ value: '', label: t('core.filter_all') }, ...currencies]}
            onChange={(event) => setFilters({ currency: event.currentTarget.value || undefined })}
          />
        )}
        <DateField
          label={t('core.as_of')}
          value={as_of ?? ''}
          max={format.today()}
          onChange={(event) => setFilters({ as_of: event.currentTarget.value || undefined })}
        />
      </FilterBar>
      <fieldset className={`${chips.chips} no-print`}>
        <legend className={chips.legend}>{t('promises.which')}</legend>
        {tabs.map(({ id, label, count }) => (
          <button
            key={id}
            type="button"
            className={chips.chip}
            aria-pressed={id === tab.id}
            onClick={() => setFilters({ tab: id === 'open' ? undefined : id })}
          >
            {t(label)}
            {count && <span className={chips.count}>{format.number(answer?.counts[count] ?? 0)}</span>}
          </button>
        ))}
      </fieldset>
      <Loaded query={promises.first} lines={10}>
        {(data) =>
          data.total === 0 ? (
            isEmpty && !filtered ? (
              <Empty title={t('promises.none')} why={t('promises.none_why')} />
            ) : (
              <FilteredEmpty
                onClear={() =>
                  setFilters({ tab: 'all', search: undefined, currency: undefined, made_by: undefined })
                }
              />
            )
          ) : (
            <VirtualTable
              caption={t('core.nav_promises')}
              columns={columns}
              count={data.total}
              rowAt={promises.rowAt}
              rowKey={(promise) => promise.id}
              onRange={promises.onRange}
              onOpen={open}
              sort={sort}
              onSort={(next) => setFilters({ sort: next })}
              stale={promises.stale}
              footer={data.totals.map((total) => ({
                customer_name: t('promises.total', { count: total.count }),
                paid: format.money(total.paid, total.currency),
                amount: format.money(total.amount, total.currency),
              }))}
            />
          )
        }
      </Loaded>
      {filters.promise && (
        <PromiseDrawer
          id={filters.promise}
          as_of={as_of}
          onClose={() => setFilters({ promise: undefined })}
        />
      )}
    </Page>
  )
}

function promiseColumns(format: Formatter): Column<Promised>[] {
  return [
    {
      key: 'customer_name',
      header: t('promises.customer'),
      title: true,
      sort: 'customer_name',
      cell: (promise) => (
        <>
          <TextLink
            to="/receivables/promises"
            search={{ promise: String(promise.id), tab: 'all' }}
            data-row-link
            inherit
          >
            {promise.customer_name}
          </TextLink>
          <Text size="xs" c="dimmed" fw={400}>
            {promise.invoice_count > promise.invoice_numbers.length
              ? t('promises.more_invoices', {
                  numbers: promise.invoice_numbers.join(', '),
                  count: promise.invoice_count - promise.invoice_numbers.length,
                })
              : promise.invoice_numbers.join(', ')}
          </Text>
        </>
      ),
    },
    {
      key: 'promised_on',
      header: t('promises.promised_on'),
      sort: 'promised_on',
      width: '130px',
      cell: (promise) => <span className={classes.nowrap}>{format.day(promise.promised_on)}</span>,
    },
    {
      key: 'verdict',
      header: t('promises.verdict'),
      sort: 'verdict',
      width: '210px',
      cell: (promise) => <VerdictBadge promise={promise} />,
    },
    {
      key: 'level',
      header: t('promises.level'),
      align: 'right',
      sort: 'level',
      width: '80px',
      wideOnly: true,
      cell: (promise) => format.number(promise.level),
    },
    {
      key: 'made_on',
      header: t('promises.made'),
      sort: 'made_on',
      width: '150px',
      wideOnly: true,
      cell: (promise) => (
        <>
          <span className={classes.nowrap}>{format.day(promise.made_on)}</span>
          <Text size="xs" c="dimmed">
            {promise.made_by?.full_name}
          </Text>
        </>
      ),
    },
    {
      key: 'paid',
      header: t('promises.paid'),
      align: 'right',
      sort: 'paid',
      width: '130px',
      cell: (promise) => (promise.paid === 0 ? '–' : format.money(promise.paid, promise.currency)),
    },
    {
      key: 'amount',
      header: t('promises.amount'),
      align: 'right',
      sort: 'amount',
      width: '140px',
      cell: (promise) => <strong>{format.money(promise.amount, promise.currency)}</strong>,
    },
  ]
}
