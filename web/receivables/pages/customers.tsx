import { Button, NativeSelect, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useCallback, useMemo, useState } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { can, useFormat, useMe } from '../../session.ts'
import type { Column } from '../../shared/data-table.tsx'
import { DateField } from '../../shared/date-field.tsx'
import { FilterBar } from '../../shared/filter-bar.tsx'
import type { Formatter } from '../../shared/format.ts'
import { Page } from '../../shared/page.tsx'
import { usePagedRows } from '../../shared/paged-rows.ts'
import { remarks, remarkWord } from '../../shared/remarks.ts'
import { SearchField } from '../../shared/search-field.tsx'
import { Empty, FilteredEmpty, Forbidden, Loaded } from '../../shared/states.tsx'
import { TextLink } from '../../shared/text-link.tsx'
import { sortOf } from '../../shared/url-filters.ts'
import { useFilters } from '../../shared/use-filters.ts'
import { useKey } from '../../shared/use-key.ts'
import { ViewsMenu } from '../../shared/views-menu.tsx'
import { type Picked, VirtualTable } from '../../shared/virtual-table.tsx'
import type { Ageing, Customer, CustomerPage } from '../../wire.ts'
import { AssignCustomers } from '../assign-customers.tsx'
import { ExportMenu } from '../export-menu.tsx'
import classes from './invoices.module.css'

export default function Customers() {
  return can(useMe(), 'receivables.read') ? (
    <List />
  ) : (
    <Page title={t('core.nav_customers')}>
      <Forbidden permission="receivables.read" />
    </Page>
  )
}

function List() {
  const format = useFormat()
  const navigate = useNavigate()
  const [filters, changeFilters] = useFilters(['search', 'status', 'remark', 'currency', 'as_of', 'sort'])
  const [picked, setPicked] = useState<Picked>(new Set())
  const [assigning, setAssigning] = useState(false)
  const setFilters = (changes: Parameters<typeof changeFilters>[0], how?: { replace?: boolean }) => {
    setPicked(new Set())
    changeFilters(changes, how)
  }
  const { search, status, remark, currency, as_of, sort } = filters
  const query = useMemo(() => {
    const sorted = sortOf(sort)
    return {
      search,
      status,
      remark,
      currency,
      as_of,
      ...(sorted ? { sort: sorted.by, order: sorted.descending ? 'desc' : 'asc' } : {}),
    }
  }, [search, status, remark, currency, as_of, sort])
  const customers = usePagedRows<Customer, CustomerPage>('customers', '/api/receivables/customers', query)
  const shape = useQuery({
    queryKey: ['ageing', { group_by: 'none', as_of }],
    queryFn: () => api<Ageing>('GET', '/api/receivables/ageing', { query: { group_by: 'none', as_of } }),
    placeholderData: keepPreviousData,
  })
  const me = useMe()
  const columns = useMemo(() => customerColumns(format), [format])
  const open = useCallback(
    (customer: Customer) => void navigate({ to: `/receivables/customers/${customer.id}` }),
    [navigate],
  )
  const mayAssign = can(me, 'receivables.assign')
  const count = picked === 'all' ? (customers.first.data?.total ?? 0) : picked.size
  useKey('a', () => setAssigning(true), mayAssign && count > 0)
  const filtered = Boolean(search || status || remark || currency || as_of)
  const clear = () =>
    setFilters({
      search: undefined,
      status: undefined,
      remark: undefined,
      currency: undefined,
      as_of: undefined,
    })
  return (
    <Page
      title={t('core.nav_customers')}
      lead={
        as_of ? t('receivables.customers_as_of', { day: format.day(as_of) }) : t('receivables.customers_lead')
      }
      actions={
        <>
          <ViewsMenu />
          {customers.first.data && customers.first.data.total > 0 && (
            <ExportMenu path="/api/receivables/customers/export" query={query} />
          )}
        </>
      }
    >
      <FilterBar onClear={filtered && clear}>
        <SearchField
          label={t('receivables.search_customers')}
          value={search}
          onChange={(text) => setFilters({ search: text }, { replace: true })}
        />
        <NativeSelect
          label={t('receivables.balance')}
          value={status ?? ''}
          data={[
            { value: '', label: t('receivables.customers_open') },
            { value: 'overdue', label: t('receivables.status_overdue') },
            { value: 'all', label: t('receivables.status_all') },
          ]}
          onChange={(event) => setFilters({ status: event.currentTarget.value || undefined })}
        />
        <NativeSelect
          label={t('core.remark')}
          value={remark ?? ''}
          data={[
            { value: '', label: t('core.filter_all') },
            { value: 'missing', label: t('core.remark_missing') },
            ...remarks.map((value) => ({ value, label: remarkWord(value) })),
          ]}
          onChange={(event) => setFilters({ remark: event.currentTarget.value || undefined })}
        />
        {shape.data && shape.data.currencies.length > 1 && (
          <NativeSelect
            label={t('core.currency')}
            value={currency ?? ''}
            data={[{ value: '', label: t('core.filter_all') }, ...shape.data.currencies]}
            onChange={(event) => setFilters({ currency: event.currentTarget.value || undefined })}
          />
        )}
        <DateField
          label={t('receivables.as_of')}
          value={as_of ?? ''}
          max={format.today()}
          onChange={(event) => setFilters({ as_of: event.currentTarget.value || undefined })}
        />
      </FilterBar>
      {count > 0 && (
        <section
          className={`sheet ${classes.picked} no-print`}
          aria-label={t('receivables.picked_customers_actions')}
        >
          <Text fw={600} role="status">
            {t('receivables.picked_customers', { count })}
          </Text>
          <Button size="compact-md" onClick={() => setAssigning(true)}>
            {t('receivables.assign')}
          </Button>
          <Button size="compact-md" variant="subtle" onClick={() => setPicked(new Set())}>
            {t('receivables.pick_none')}
          </Button>
        </section>
      )}
      <Loaded query={customers.first} lines={10}>
        {(data) =>
          data.total === 0 ? (
            filtered ? (
              <FilteredEmpty onClear={clear} />
            ) : (
              <Empty
                title={t(
                  can(me, 'receivables.import') ? 'receivables.no_customers' : 'receivables.none_seen',
                )}
                why={t(
                  can(me, 'receivables.import')
                    ? 'receivables.no_customers_why'
                    : 'receivables.none_seen_why',
                )}
              />
            )
          ) : (
            <VirtualTable
              caption={t('core.nav_customers')}
              columns={columns}
              count={data.total}
              rowAt={customers.rowAt}
              rowKey={keyOf}
              onRange={customers.onRange}
              onOpen={open}
              sort={sort}
              onSort={(next) => changeFilters({ sort: next })}
              stale={customers.stale}
              picking={
                mayAssign
                  ? {
                      picked,
                      onPick: setPicked,
                      label: (customer) => t('receivables.pick_customer', { customer: customer.name }),
                    }
                  : undefined
              }
              footer={data.totals.map((total) => ({
                name: t('receivables.total_customers', { count: total.count }),
                open_count: format.number(total.open_count),
                unapplied: total.unapplied === 0 ? '–' : format.money(total.unapplied, total.currency),
                overdue_amount: format.money(total.overdue_amount, total.currency),
                open_amount: format.money(total.open_amount, total.currency),
              }))}
            />
          )
        }
      </Loaded>
      {assigning && count > 0 && (
        <AssignCustomers
          picked={picked}
          query={query}
          onClose={() => setAssigning(false)}
          onDone={() => {
            setAssigning(false)
            setPicked(new Set())
          }}
        />
      )}
    </Page>
  )
}

/** In two currencies a customer is two rows. */
const keyOf = (customer: Customer) => `${customer.id} ${customer.currency}`

function customerColumns(format: Formatter): Column<Customer>[] {
  const day = (value: string | null) => (
    <span className={classes.nowrap}>{value ? format.day(value) : '–'}</span>
  )
  const money = (amount: number, currency: string) => (amount === 0 ? '–' : format.money(amount, currency))
  return [
    {
      key: 'name',
      header: t('receivables.customer'),
      title: true,
      sort: 'name',
      cell: (customer) => (
        <>
          <TextLink to={`/receivables/customers/${customer.id}`} data-row-link inherit>
            {customer.name}
          </TextLink>
          {(customer.code !== customer.name || customer.remark) && (
            <Text size="xs" c="dimmed" fw={400}>
              {[
                customer.code !== customer.name && customer.code,
                customer.remark && remarkWord(customer.remark),
              ]
                .filter(Boolean)
                .join(' · ')}
            </Text>
          )}
        </>
      ),
    },
    {
      key: 'oldest_days',
      header: t('receivables.oldest'),
      sort: 'oldest_days',
      width: '130px',
      cell: (customer) => (
        <span className={classes.nowrap}>
          {customer.oldest_days === null
            ? '–'
            : t('receivables.days_overdue', { count: customer.oldest_days })}
        </span>
      ),
    },
    {
      key: 'next_due',
      header: t('receivables.next_due'),
      width: '115px',
      wideOnly: true,
      cell: (customer) => day(customer.next_due),
    },
    {
      key: 'last_payment_on',
      header: t('receivables.last_payment'),
      width: '120px',
      wideOnly: true,
      cell: (customer) => day(customer.last_payment_on),
    },
    {
      key: 'open_count',
      header: t('receivables.invoices_short'),
      align: 'right',
      sort: 'open_count',
      width: '105px',
      wideOnly: true,
      cell: (customer) => format.number(customer.open_count),
    },
    {
      key: 'unapplied',
      header: t('core.bucket_unapplied'),
      align: 'right',
      sort: 'unapplied',
      width: '140px',
      wideOnly: true,
      cell: (customer) => money(customer.unapplied, customer.currency),
    },
    {
      key: 'overdue_amount',
      header: t('core.overdue'),
      align: 'right',
      sort: 'overdue_amount',
      width: '150px',
      cell: (customer) => money(customer.overdue_amount, customer.currency),
    },
    {
      key: 'open_amount',
      header: t('receivables.open_amount'),
      align: 'right',
      sort: 'open_amount',
      width: '155px',
      cell: (customer) => <strong>{format.money(customer.open_amount, customer.currency)}</strong>,
    },
  ]
}
