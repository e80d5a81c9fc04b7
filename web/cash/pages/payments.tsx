import { Alert, Badge, Button, Checkbox, NativeSelect, Text } from '@mantine/core'
import { IconClipboardText } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Suspense, useCallback, useMemo } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
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
import { VirtualTable } from '../../shared/virtual-table.tsx'
import type { InvoicePage, Payment, PaymentPage } from '../../wire.ts'
import { PaymentDrawer } from '../lazy.ts'
import { methodChoice, methodLabel, stateLabel } from '../words.ts'

export default function Payments() {
  return can(useMe(), 'receivables.read') ? (
    <List />
  ) : (
    <Page title={t('core.nav_payments')}>
      <Forbidden permission="receivables.read" />
    </Page>
  )
}

const names = [
  'search',
  'customer_id',
  'method',
  'state',
  'unapplied',
  'received_from',
  'received_to',
  'sort',
  'open',
] as const

function List() {
  const me = useMe()
  const format = useFormat()
  const [filters, setFilters] = useFilters(names)
  const { search, customer_id, method, state, unapplied, received_from, received_to, sort, open } = filters
  const query = useMemo(() => {
    const sorted = sortOf(sort)
    return {
      search,
      customer_id,
      method,
      state,
      unapplied,
      received_from,
      received_to,
      ...(sorted ? { sort: sorted.by, order: sorted.descending ? 'desc' : 'asc' } : {}),
    }
  }, [search, customer_id, method, state, unapplied, received_from, received_to, sort])
  const payments = usePagedRows<Payment, PaymentPage>('payments', '/api/receivables/payments', query)
  const columns = useMemo(() => paymentColumns(format), [format])
  const show = useCallback((payment: Payment) => setFilters({ open: String(payment.id) }), [setFilters])
  const filtered = Boolean(
    search || customer_id || method || state || unapplied || received_from || received_to,
  )
  const clear = () =>
    setFilters({
      search: undefined,
      customer_id: undefined,
      method: undefined,
      state: undefined,
      unapplied: undefined,
      received_from: undefined,
      received_to: undefined,
    })
  return (
    <Page
      title={t('core.nav_payments')}
      lead={t('cash.payments_lead')}
      actions={
        <>
          {payments.first.data && payments.first.data.total > 0 && (
            <ExportMenu path="/api/receivables/payments/export" query={query} />
          )}
          {can(me, 'receivables.settle') && (
            <Button
              leftSection={<IconClipboardText size={17} aria-hidden />}
              renderRoot={(props) => <Link to="/receivables/remittance" {...props} />}
            >
              {t('cash.paste_remittance')}
            </Button>
          )}
        </>
      }
    >
      <FilterBar onClear={filtered && clear}>
        <SearchField
          label={t('cash.search_payments')}
          value={search}
          onChange={(text) => setFilters({ search: text }, { replace: true })}
        />
        <NativeSelect
          label={t('cash.method')}
          value={method ?? ''}
          data={[{ value: '', label: t('core.filter_all') }, ...methodChoice()]}
          onChange={(event) => setFilters({ method: event.currentTarget.value || undefined })}
        />
        <NativeSelect
          label={t('cash.state')}
          value={state ?? ''}
          data={[
            { value: '', label: t('core.filter_all') },
            ...['active', 'reversed'].map((value) => ({ value, label: stateLabel(value) })),
          ]}
          onChange={(event) => setFilters({ state: event.currentTarget.value || undefined })}
        />
        <DateField
          label={t('cash.received_from')}
          value={received_from ?? ''}
          onChange={(event) => setFilters({ received_from: event.currentTarget.value || undefined })}
        />
        <DateField
          label={t('cash.received_to')}
          value={received_to ?? ''}
          onChange={(event) => setFilters({ received_to: event.currentTarget.value || undefined })}
        />
        <Checkbox
          mb={8}
          label={t('cash.only_unapplied')}
          checked={unapplied === 'true'}
          onChange={(event) => setFilters({ unapplied: event.currentTarget.checked ? 'true' : undefined })}
        />
      </FilterBar>
      <Contradicted />
      <Loaded query={payments.first} lines={10}>
        {(data) =>
          data.total === 0 ? (
            filtered ? (
              <FilteredEmpty onClear={clear} />
            ) : (
              <Empty title={t('cash.no_payments')} why={t('cash.no_payments_why')} />
            )
          ) : (
            <VirtualTable
              caption={t('core.nav_payments')}
              columns={columns}
              count={data.total}
              rowAt={payments.rowAt}
              rowKey={keyOf}
              onRange={payments.onRange}
              onOpen={show}
              sort={sort}
              onSort={(next) => setFilters({ sort: next })}
              stale={payments.stale}
              footer={data.totals.map((total) => ({
                customer: t('cash.total_payments', { count: total.count }),
                unapplied: total.unapplied === 0 ? '–' : format.money(total.unapplied, total.currency),
                amount: format.money(total.amount, total.currency),
              }))}
            />
          )
        }
      </Loaded>
      {open && /^\d+$/.test(open) && (
        <Suspense>
          <PaymentDrawer id={Number(open)} onClose={() => setFilters({ open: undefined })} />
        </Suspense>
      )}
    </Page>
  )
}

/** Where files and what people recorded differ, somebody has to look. */
function Contradicted() {
  const query = { contradicted: true, page_size: 1 }
  const { data } = useQuery({
    queryKey: ['invoices', query],
    queryFn: () => api<InvoicePage>('GET', '/api/receivables/invoices', { query }),
  })
  if (!data || data.total === 0) return null
  return (
    <Alert color="brass" mb="md">
      {t('cash.contradicted_count', { count: data.total })}{' '}
      <TextLink
        to="/receivables/invoices"
        search={{ contradicted: 'true', status: 'all' }}
        inherit
        underline="always"
      >
        {t('cash.contradicted_show')}
      </TextLink>
    </Alert>
  )
}

const keyOf = (payment: Payment) => payment.id

function paymentColumns(format: Formatter): Column<Payment>[] {
  return [
    {
      key: 'customer',
      header: t('cash.customer'),
      title: true,
      sort: 'customer_name',
      cell: (payment) => (
        <>
          <TextLink to="." search={{ open: String(payment.id) }} data-row-link inherit>
            {payment.customer_name}
          </TextLink>
          <Text size="xs" c="dimmed" fw={400}>
            {payment.reference ?? t('cash.payment_number', { id: payment.id })}
          </Text>
        </>
      ),
    },
    {
      key: 'received_on',
      header: t('cash.received_on'),
      sort: 'received_on',
      width: '130px',
      cell: (payment) => <span style={{ whiteSpace: 'nowrap' }}>{format.day(payment.received_on)}</span>,
    },
    {
      key: 'method',
      header: t('cash.method'),
      width: '140px',
      wideOnly: true,
      cell: (payment) => methodLabel(payment.method),
    },
    {
      key: 'state',
      header: t('cash.state'),
      width: '140px',
      cell: (payment) =>
        payment.state === 'active' ? (
          stateLabel(payment.state)
        ) : (
          <Badge color="gray" variant="outline">
            {stateLabel(payment.state)}
          </Badge>
        ),
    },
    {
      key: 'created_by',
      header: t('cash.recorded_by'),
      width: '150px',
      wideOnly: true,
      cell: (payment) => payment.created_by?.full_name ?? '–',
    },
    {
      key: 'unapplied',
      header: t('cash.unapplied'),
      align: 'right',
      sort: 'unapplied',
      width: '140px',
      cell: (payment) => (payment.unapplied === 0 ? '–' : format.money(payment.unapplied, payment.currency)),
    },
    {
      key: 'amount',
      header: t('cash.amount'),
      align: 'right',
      sort: 'amount',
      width: '150px',
      cell: (payment) => <strong>{format.money(payment.amount, payment.currency)}</strong>,
    },
  ]
}
