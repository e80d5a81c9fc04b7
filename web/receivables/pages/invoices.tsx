import { Button, NativeSelect, Text, TextInput } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Suspense, useCallback, useMemo, useState } from 'react'
import { api } from '../../api.ts'
import { OpenMany } from '../../disputes/lazy.ts'
import { t } from '../../i18n.ts'
import { can, useFormat, useMe } from '../../session.ts'
import { DateField } from '../../shared/date-field.tsx'
import { FilterBar } from '../../shared/filter-bar.tsx'
import { Page } from '../../shared/page.tsx'
import { usePagedRows } from '../../shared/paged-rows.ts'
import { SearchField } from '../../shared/search-field.tsx'
import { Empty, FilteredEmpty, Forbidden, Loaded } from '../../shared/states.tsx'
import { sortOf } from '../../shared/url-filters.ts'
import { useFilters } from '../../shared/use-filters.ts'
import { useKey } from '../../shared/use-key.ts'
import { ViewsMenu } from '../../shared/views-menu.tsx'
import { type Picked, VirtualTable } from '../../shared/virtual-table.tsx'
import type { Ageing, Invoice, InvoicePage } from '../../wire.ts'
import { AssignMany } from '../assign-many.tsx'
import { BucketChips } from '../bucket-chips.tsx'
import { useBuckets } from '../buckets.ts'
import { ExportMenu } from '../export-menu.tsx'
import { FilterChips } from '../filter-chips.tsx'
import { invoiceColumns, promiseWords } from '../invoice-columns.tsx'
import { filterNames, invoiceQuery, useFilterChips } from '../invoice-filters.ts'
import { statusChoice } from '../status.ts'
import classes from './invoices.module.css'

export default function Invoices() {
  return can(useMe(), 'receivables.read') ? (
    <List />
  ) : (
    <Page title={t('core.nav_invoices')}>
      <Forbidden permission="receivables.read" />
    </Page>
  )
}

function List() {
  const me = useMe()
  const format = useFormat()
  const navigate = useNavigate()
  const mayAssign = can(me, 'receivables.assign')
  const [filters, setFilters] = useFilters([...filterNames, 'sort'])
  const { sort, ...rest } = filters
  const [more, setMore] = useState(false)
  const [picked, setPicked] = useState<Picked>(new Set())
  const mayDispute = can(me, 'receivables.write')
  const [act, setAct] = useState<'assign' | 'dispute' | null>(null)
  const acted = () => {
    setAct(null)
    setPicked(new Set())
  }
  const search = JSON.stringify(rest)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the filters are read from the address anew at every turn
  const query = useMemo(() => {
    const sorted = sortOf(sort)
    return {
      ...invoiceQuery(rest),
      ...(sorted ? { sort: sorted.by, order: sorted.descending ? 'desc' : 'asc' } : {}),
    }
  }, [search, sort])
  const invoices = usePagedRows<Invoice, InvoicePage>('invoices', '/api/receivables/invoices', query, facets)
  // Which currencies there are to choose from is told by the ageing.
  const shape = useQuery({
    queryKey: ['ageing', { group_by: 'none', as_of: filters.as_of }],
    queryFn: () =>
      api<Ageing>('GET', '/api/receivables/ageing', { query: { group_by: 'none', as_of: filters.as_of } }),
    placeholderData: keepPreviousData,
  })
  const answer = invoices.first.data
  const buckets = answer?.buckets ?? []
  const spans = useBuckets()
  const columns = useMemo(() => invoiceColumns(spans, format), [spans, format])
  const filtered = Object.values(rest).some(Boolean)
  const change = (changes: Parameters<typeof setFilters>[0], how?: { replace?: boolean }) => {
    setPicked(new Set())
    setFilters(changes, how)
  }
  const clear = () => change(Object.fromEntries(filterNames.map((name) => [name, undefined])))
  const chips = useFilterChips(rest, answer?.items[0], change)
  const open = useCallback(
    (invoice: Invoice) => void navigate({ to: `/receivables/invoices/${invoice.id}` }),
    [navigate],
  )
  const count = picked === 'all' ? (answer?.total ?? 0) : picked.size
  useKey('a', () => setAct('assign'), mayAssign && count > 0)
  useKey('d', () => setAct('dispute'), mayDispute && count > 0)
  const amount = (name: 'amount_min' | 'amount_max') => (
    <TextInput
      key={`${name} ${filters[name] ?? ''}`}
      label={t(`receivables.${name}`)}
      defaultValue={filters[name] ?? ''}
      inputMode="decimal"
      w={130}
      onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
      onBlur={(event) => {
        const typed = event.currentTarget.value.replace(/[^\d.-]/g, '') || undefined
        if (typed !== filters[name]) change({ [name]: typed })
      }}
    />
  )
  return (
    <Page
      title={t('core.nav_invoices')}
      lead={
        filters.as_of
          ? t('receivables.invoices_as_of', { day: format.day(filters.as_of) })
          : t('receivables.invoices_lead')
      }
      actions={
        <>
          <ViewsMenu />
          {answer && answer.total > 0 && <ExportMenu path="/api/receivables/invoices/export" query={query} />}
        </>
      }
    >
      <FilterBar onClear={filtered && clear}>
        <SearchField
          label={t('receivables.search_invoices')}
          value={filters.search}
          onChange={(text) => change({ search: text }, { replace: true })}
        />
        <NativeSelect
          label={t('receivables.status')}
          value={filters.status ?? ''}
          data={statusChoice()}
          onChange={(event) => change({ status: event.currentTarget.value || undefined })}
        />
        {shape.data && shape.data.currencies.length > 1 && (
          <NativeSelect
            label={t('core.currency')}
            value={filters.currency ?? ''}
            data={[{ value: '', label: t('core.filter_all') }, ...shape.data.currencies]}
            onChange={(event) => change({ currency: event.currentTarget.value || undefined })}
          />
        )}
        <DateField
          label={t('receivables.as_of')}
          value={filters.as_of ?? ''}
          max={format.today()}
          onChange={(event) => change({ as_of: event.currentTarget.value || undefined })}
        />
        <Button variant="subtle" aria-expanded={more} onClick={() => setMore(!more)}>
          {more ? t('receivables.fewer_filters') : t('receivables.more_filters')}
        </Button>
      </FilterBar>
      {more && (
        <FilterBar>
          {amount('amount_min')}
          {amount('amount_max')}
          <DateField
            label={t('receivables.due_from')}
            value={filters.due_from ?? ''}
            onChange={(event) => change({ due_from: event.currentTarget.value || undefined })}
          />
          <DateField
            label={t('receivables.due_to')}
            value={filters.due_to ?? ''}
            onChange={(event) => change({ due_to: event.currentTarget.value || undefined })}
          />
          <NativeSelect
            label={t('receivables.collector')}
            value={filters.assigned_to ?? ''}
            data={[{ value: '', label: t('core.filter_all') }, ...chips.collectors]}
            onChange={(event) => change({ assigned_to: event.currentTarget.value || undefined })}
          />
          <NativeSelect
            label={t('core.promise')}
            value={filters.promise ?? ''}
            data={[
              { value: '', label: t('core.filter_all') },
              ...(['any', ...promiseWords, 'none'] as const).map((value) => ({
                value,
                label: t(`core.promise_${value}`),
              })),
            ]}
            onChange={(event) => change({ promise: event.currentTarget.value || undefined })}
          />
          <DateField
            label={t('receivables.promised_from')}
            value={filters.promised_from ?? ''}
            onChange={(event) => change({ promised_from: event.currentTarget.value || undefined })}
          />
          <DateField
            label={t('receivables.promised_to')}
            value={filters.promised_to ?? ''}
            onChange={(event) => change({ promised_to: event.currentTarget.value || undefined })}
          />
        </FilterBar>
      )}
      <FilterChips chips={chips.shown} />
      {(filters.bucket || buckets.some((bucket) => bucket.count > 0)) && (
        <BucketChips buckets={buckets} value={filters.bucket} onChange={(bucket) => change({ bucket })} />
      )}
      {count > 0 && (
        <section className={`sheet ${classes.picked} no-print`} aria-label={t('receivables.picked_actions')}>
          <Text fw={600} role="status">
            {t('receivables.picked', { count })}
          </Text>
          {mayAssign && (
            <Button size="compact-md" onClick={() => setAct('assign')}>
              {t('receivables.assign')}
            </Button>
          )}
          {mayDispute && (
            <Button size="compact-md" variant="default" onClick={() => setAct('dispute')}>
              {t('receivables.dispute_many')}
            </Button>
          )}
          <Button size="compact-md" variant="subtle" onClick={() => setPicked(new Set())}>
            {t('receivables.pick_none')}
          </Button>
        </section>
      )}
      <Loaded query={invoices.first} lines={10}>
        {(data) =>
          data.total === 0 ? (
            filtered ? (
              <FilteredEmpty onClear={clear} />
            ) : (
              <Empty
                title={t(can(me, 'receivables.import') ? 'receivables.no_invoices' : 'receivables.none_seen')}
                why={t(
                  can(me, 'receivables.import') ? 'receivables.no_invoices_why' : 'receivables.none_seen_why',
                )}
                action={
                  can(me, 'receivables.import') && (
                    <Button component={Link} to="/imports">
                      {t('core.do_import')}
                    </Button>
                  )
                }
              />
            )
          ) : (
            <VirtualTable
              caption={t('core.nav_invoices')}
              columns={columns}
              count={data.total}
              rowAt={invoices.rowAt}
              rowKey={idOf}
              onRange={invoices.onRange}
              onOpen={open}
              sort={sort}
              onSort={(next) => setFilters({ sort: next })}
              stale={invoices.stale}
              picking={
                mayAssign || mayDispute
                  ? {
                      picked,
                      onPick: setPicked,
                      label: (invoice) => t('receivables.pick', { invoice: invoice.invoice_number }),
                    }
                  : undefined
              }
              footer={data.totals.map((total) => ({
                invoice_number: t('receivables.total_of', { count: total.count }),
                amount: format.money(total.amount, total.currency),
                open_amount: format.money(total.open_amount, total.currency),
              }))}
            />
          )
        }
      </Loaded>
      {act === 'assign' && count > 0 && (
        <AssignMany picked={picked} query={query} onClose={() => setAct(null)} onDone={acted} />
      )}
      {act === 'dispute' && count > 0 && (
        <Suspense>
          <OpenMany picked={picked} query={query} onClose={() => setAct(null)} onDone={acted} />
        </Suspense>
      )}
    </Page>
  )
}

const facets = { facets: true }
const idOf = (invoice: Invoice) => invoice.id
