import { Badge, Button, NativeSelect, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { can, useFormat, useMe } from '../../session.ts'
import { type Column, DataTable, Pager } from '../../shared/data-table.tsx'
import { DateField } from '../../shared/date-field.tsx'
import { FilterBar } from '../../shared/filter-bar.tsx'
import { Page } from '../../shared/page.tsx'
import { SearchField } from '../../shared/search-field.tsx'
import { Empty, FilteredEmpty, Forbidden, Loaded } from '../../shared/states.tsx'
import { TextLink } from '../../shared/text-link.tsx'
import { pageOf, sortOf } from '../../shared/url-filters.ts'
import { useFilters } from '../../shared/use-filters.ts'
import type { Ageing, Invoice, InvoicePage } from '../../wire.ts'
import { BucketChips } from '../bucket-chips.tsx'
import { bucketColour, bucketLabel } from '../buckets.ts'
import { statusChoice, statusLabel } from '../status.ts'
import classes from './invoices.module.css'

const pageSize = 50

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
  const [filters, setFilters] = useFilters([
    'region_id',
    'assigned_to',
    'search',
    'bucket',
    'status',
    'customer_id',
    'currency',
    'as_of',
    'sort',
    'page',
  ])
  const { sort, page, ...rest } = filters
  const sorted = sortOf(sort)
  const query = {
    ...rest,
    status: rest.status === 'all' ? undefined : (rest.status ?? 'unpaid'),
    page: pageOf(page),
    page_size: pageSize,
    ...(sorted ? { sort: sorted.by, order: sorted.descending ? 'desc' : 'asc' } : {}),
  }
  const invoices = useQuery({
    queryKey: ['invoices', query],
    queryFn: ({ signal }) => api<InvoicePage>('GET', '/api/receivables/invoices', { query, signal }),
    placeholderData: keepPreviousData,
  })
  // The buckets and currencies to choose from are those of the organisation's own ageing report.
  const shape = useQuery({
    queryKey: ['ageing', { group_by: 'none', as_of: filters.as_of, currency: filters.currency }],
    queryFn: () =>
      api<Ageing>('GET', '/api/receivables/ageing', {
        query: { group_by: 'none', as_of: filters.as_of, currency: filters.currency },
      }),
    placeholderData: keepPreviousData,
  })
  const filtered = Object.values(rest).some(Boolean)
  const clear = () =>
    setFilters({
      search: undefined,
      region_id: undefined,
      assigned_to: undefined,
      bucket: undefined,
      status: undefined,
      customer_id: undefined,
      currency: undefined,
      as_of: undefined,
    })
  const customer = filters.customer_id ? invoices.data?.items[0]?.customer_name : undefined
  return (
    <Page title={t('core.nav_invoices')} lead={customer ?? t('receivables.invoices_lead')}>
      <FilterBar onClear={filtered && clear}>
        <SearchField
          label={t('receivables.search_invoices')}
          value={filters.search}
          onChange={(search) => setFilters({ search }, { replace: true })}
        />
        <NativeSelect
          label={t('receivables.status')}
          value={filters.status ?? ''}
          data={statusChoice()}
          onChange={(event) => setFilters({ status: event.currentTarget.value || undefined })}
        />
        {shape.data && shape.data.currencies.length > 1 && (
          <NativeSelect
            label={t('core.currency')}
            value={filters.currency ?? ''}
            data={[{ value: '', label: t('core.filter_all') }, ...shape.data.currencies]}
            onChange={(event) => setFilters({ currency: event.currentTarget.value || undefined })}
          />
        )}
        <DateField
          label={t('receivables.as_of')}
          value={filters.as_of ?? ''}
          max={format.today()}
          onChange={(event) => setFilters({ as_of: event.currentTarget.value || undefined })}
        />
      </FilterBar>
      {shape.data && (filters.bucket || shape.data.totals.buckets.some((bucket) => bucket.count > 0)) && (
        <BucketChips
          buckets={shape.data.totals.buckets}
          value={filters.bucket}
          onChange={(bucket) => setFilters({ bucket })}
        />
      )}
      <Loaded query={invoices} lines={10}>
        {(data) =>
          data.items.length === 0 ? (
            filtered ? (
              <FilteredEmpty onClear={clear} />
            ) : (
              <Empty
                title={t('receivables.no_invoices')}
                why={t('receivables.no_invoices_why')}
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
            <>
              <DataTable
                caption={t('core.nav_invoices')}
                columns={columns(shape.data, format)}
                rows={data.items}
                rowKey={(invoice) => invoice.id}
                sort={sort}
                onSort={(next) => setFilters({ sort: next })}
                stale={invoices.isPlaceholderData}
                footer={data.totals.map((total, line) => ({
                  invoice_number: line === 0 ? t('receivables.total_of', { count: data.total }) : '',
                  amount: format.money(total.amount, total.currency),
                  open_amount: format.money(total.open_amount, total.currency),
                }))}
              />
              <Pager
                page={data.page}
                pages={data.pages}
                total={data.total}
                pageSize={data.page_size}
                onPage={(next) => setFilters({ page: next === 1 ? undefined : String(next) })}
              />
            </>
          )
        }
      </Loaded>
    </Page>
  )
}

function columns(shape: Ageing | undefined, format: ReturnType<typeof useFormat>): Column<Invoice>[] {
  const buckets = shape?.totals.buckets ?? []
  return [
    {
      key: 'invoice_number',
      header: t('receivables.invoice'),
      title: true,
      sort: 'invoice_number',
      cell: (invoice) => <span className={classes.number}>{invoice.invoice_number}</span>,
    },
    {
      key: 'customer',
      header: t('receivables.customer'),
      sort: 'customer_name',
      cell: (invoice) => (
        <>
          <TextLink
            to="/receivables/invoices"
            search={{ customer_id: String(invoice.customer_id) }}
            data-row-link
            inherit
          >
            {invoice.customer_name}
          </TextLink>
          {invoice.customer_code !== invoice.customer_name && (
            <Text size="xs" c="dimmed">
              {invoice.customer_code}
            </Text>
          )}
        </>
      ),
    },
    {
      key: 'invoice_date',
      header: t('receivables.invoice_date'),
      sort: 'invoice_date',
      wideOnly: true,
      cell: (invoice) => <Day day={invoice.invoice_date} />,
    },
    {
      key: 'due_date',
      header: t('receivables.due_date'),
      sort: 'due_date',
      cell: (invoice) => <Day day={invoice.due_date} />,
    },
    {
      key: 'age',
      header: t('receivables.age'),
      sort: 'days_overdue',
      cell: (invoice) => {
        const index = buckets.findIndex((bucket) => bucket.bucket === invoice.bucket)
        const bucket = buckets[index]
        return (
          <span className={classes.age}>
            {index >= 0 && (
              <span
                className={classes.dot}
                style={{ background: bucketColour(buckets, index) }}
                aria-hidden
              />
            )}
            {invoice.days_overdue !== null && invoice.days_overdue > 0
              ? t('receivables.days_overdue', { count: invoice.days_overdue })
              : bucket
                ? bucketLabel(bucket)
                : statusLabel(invoice.status)}
          </span>
        )
      },
    },
    {
      key: 'status',
      header: t('receivables.status'),
      cell: (invoice) =>
        invoice.is_disputed ? (
          <Badge color="red">{t('receivables.disputed')}</Badge>
        ) : (
          <span className={classes.nowrap}>{statusLabel(invoice.status)}</span>
        ),
    },
    {
      key: 'amount',
      header: t('receivables.amount'),
      align: 'right',
      sort: 'amount',
      wideOnly: true,
      cell: (invoice) => format.money(invoice.amount, invoice.currency),
    },
    {
      key: 'open_amount',
      header: t('receivables.open_amount'),
      align: 'right',
      sort: 'open_amount',
      cell: (invoice) => <strong>{format.money(invoice.open_amount, invoice.currency)}</strong>,
    },
  ]
}

function Day({ day }: { day: string | null }) {
  const format = useFormat()
  return <span className={classes.nowrap}>{day ? format.day(day) : '–'}</span>
}
