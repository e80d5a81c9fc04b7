import { Button, NativeSelect, Switch, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { useAssignees } from '../../receivables/assignees.ts'
import { ExportMenu } from '../../receivables/export-menu.tsx'
import { can, useFormat, useMe } from '../../session.ts'
import { type Column, DataTable, Pager } from '../../shared/data-table.tsx'
import { FilterBar } from '../../shared/filter-bar.tsx'
import type { Formatter } from '../../shared/format.ts'
import { Page } from '../../shared/page.tsx'
import { SearchField } from '../../shared/search-field.tsx'
import { Empty, FilteredEmpty, Forbidden, Loaded } from '../../shared/states.tsx'
import { TextLink } from '../../shared/text-link.tsx'
import { pageOf, sortOf } from '../../shared/url-filters.ts'
import { useFilters } from '../../shared/use-filters.ts'
import { useKey } from '../../shared/use-key.ts'
import { ViewsMenu } from '../../shared/views-menu.tsx'
import type { Dispute, DisputePage } from '../../wire.ts'
import { MoveDialog, ResolveDialog, WithdrawDialog } from '../acts.tsx'
import { Board } from '../board.tsx'
import { Clock } from '../clock.tsx'
import { DisputeDrawer } from '../dispute-drawer.tsx'
import classes from '../disputes.module.css'
import { OpenDispute } from '../open-dispute.tsx'
import { Pareto } from '../pareto.tsx'
import { type Known, root, useReasons } from '../queries.ts'
import { partOf, stateLabel } from '../words.ts'

export default function Disputes() {
  return can(useMe(), 'receivables.read') ? (
    <List />
  ) : (
    <Page title={t('core.nav_disputes')}>
      <Forbidden permission="receivables.read" />
    </Page>
  )
}

const names = [
  'search',
  'state',
  'reason_id',
  'owner_id',
  'mine',
  'late',
  'customer_id',
  'currency',
  'opened_from',
  'opened_to',
] as const

function List() {
  const me = useMe()
  const format = useFormat()
  const [filters, setFilters] = useFilters([...names, 'sort', 'page', 'view', 'open'])
  const { sort, page, view, open, ...rest } = filters
  const [dialog, setDialog] = useState<{ act: 'move' | 'resolve' | 'withdraw'; dispute: Known } | null>(null)
  const [takingUp, setTakingUp] = useState<Dispute | null>(null)
  const board = view === 'state' || view === 'reason'
  const sorted = sortOf(sort)
  const query = {
    ...rest,
    ...(sorted ? { sort: sorted.by, order: sorted.descending ? 'desc' : 'asc' } : {}),
  }
  const paging = board ? { page_size: 200 } : { page: pageOf(page), page_size: 50 }
  const disputes = useQuery({
    queryKey: ['disputes', 'list', query, paging],
    queryFn: ({ signal }) => api<DisputePage>('GET', root, { query: { ...query, ...paging }, signal }),
    placeholderData: keepPreviousData,
  })
  const reasons = useReasons()
  const assignees = useAssignees()
  const filtered = Object.values(rest).some(Boolean)
  const clear = () => setFilters(Object.fromEntries(names.map((name) => [name, undefined])))
  const show = (id: number | null) => setFilters({ open: id === null ? undefined : String(id) })
  const mayWrite = can(me, 'receivables.write')
  useKey(
    'm',
    (event) => {
      const element = document.activeElement?.closest('tr, li')?.querySelector<HTMLElement>('[data-dispute]')
      const card = document.activeElement?.closest<HTMLElement>('[data-dispute]')
      const id = Number((element ?? card)?.dataset.dispute)
      const dispute = disputes.data?.items.find((one) => one.id === id)
      if (!dispute?.id) return
      event.preventDefault()
      setDialog({ act: 'move', dispute: dispute as Known })
    },
    mayWrite,
  )
  const openOne = (dispute: Dispute) => (dispute.id === null ? setTakingUp(dispute) : show(dispute.id))
  const columns = columnsOf(format, openOne, mayWrite)
  return (
    <Page
      title={t('core.nav_disputes')}
      lead={t('disputes.lead')}
      actions={
        <>
          <ViewsMenu />
          {disputes.data && disputes.data.total > 0 && <ExportMenu path={`${root}/export`} query={query} />}
        </>
      }
    >
      <div className={classes.above}>
        <Pareto
          currency={filters.currency}
          onCurrency={(currency) => setFilters({ currency })}
          onReason={(id) => setFilters({ reason_id: String(id) })}
        />
      </div>
      <FilterBar onClear={filtered && clear}>
        <SearchField
          label={t('disputes.search')}
          value={filters.search}
          onChange={(text) => setFilters({ search: text }, { replace: true })}
        />
        <NativeSelect
          label={t('disputes.state')}
          value={filters.state ?? ''}
          data={[
            { value: '', label: t('disputes.filter_open') },
            { value: 'open', label: t('disputes.filter_worked') },
            ...['new', 'in_review', 'waiting', 'stated'].map((value) => ({
              value,
              label: stateLabel(value),
            })),
            { value: 'closed', label: t('disputes.filter_closed') },
            { value: 'all', label: t('core.filter_all') },
          ]}
          onChange={(event) => setFilters({ state: event.currentTarget.value || undefined })}
        />
        <NativeSelect
          label={t('disputes.reason')}
          value={filters.reason_id ?? ''}
          data={[
            { value: '', label: t('core.filter_all') },
            ...(reasons.data?.items ?? []).map(({ id, path }) => ({ value: String(id), label: path })),
          ]}
          onChange={(event) => setFilters({ reason_id: event.currentTarget.value || undefined })}
        />
        <NativeSelect
          label={t('disputes.owner')}
          value={filters.owner_id ?? ''}
          data={[
            { value: '', label: t('core.filter_all') },
            { value: '0', label: t('disputes.nobody') },
            ...(assignees.data?.items ?? []).map(({ id, full_name }) => ({
              value: String(id),
              label: full_name,
            })),
          ]}
          onChange={(event) => setFilters({ owner_id: event.currentTarget.value || undefined })}
        />
        <Switch
          label={t('disputes.mine')}
          checked={filters.mine === 'true'}
          onChange={(event) => setFilters({ mine: event.currentTarget.checked ? 'true' : undefined })}
        />
        <Switch
          label={t('disputes.late_only')}
          checked={filters.late === 'true'}
          onChange={(event) => setFilters({ late: event.currentTarget.checked ? 'true' : undefined })}
        />
        <NativeSelect
          label={t('disputes.view')}
          value={view ?? 'list'}
          data={[
            { value: 'list', label: t('disputes.as_list') },
            { value: 'state', label: t('disputes.as_board_state') },
            { value: 'reason', label: t('disputes.as_board_reason') },
          ]}
          onChange={(event) => {
            const { value } = event.currentTarget
            setFilters({ view: value === 'list' ? undefined : value })
          }}
        />
      </FilterBar>
      <Loaded query={disputes} lines={10}>
        {(data) =>
          data.total === 0 ? (
            filtered ? (
              <FilteredEmpty onClear={clear} />
            ) : (
              <Empty title={t('disputes.none')} why={t('disputes.none_why')} />
            )
          ) : board ? (
            <Board items={data.items} by={view} onOpen={openOne} />
          ) : (
            <>
              <DataTable
                caption={t('core.nav_disputes')}
                columns={columns}
                rows={data.items}
                rowKey={(dispute) => dispute.id ?? `stated ${dispute.invoice_id}`}
                sort={sort}
                onSort={(next) => setFilters({ sort: next })}
                stale={disputes.isPlaceholderData}
                footer={data.totals.map((total) => ({
                  invoice: t('disputes.total_late', { count: total.count, late: total.late }),
                  amount: format.money(total.disputed_amount, total.currency),
                }))}
              />
              <Pager
                page={data.page}
                pages={data.pages}
                total={data.total}
                pageSize={data.page_size}
                onPage={(next) => setFilters({ page: String(next) })}
              />
            </>
          )
        }
      </Loaded>
      {mayWrite && (
        <Text size="xs" c="dimmed" mt="sm" className="no-print">
          {t('disputes.move_key')}
        </Text>
      )}
      {open && /^\d+$/.test(open) && <DisputeDrawer id={Number(open)} onClose={() => show(null)} />}
      {dialog?.act === 'move' && (
        <MoveDialog
          dispute={dialog.dispute}
          onClose={() => setDialog(null)}
          onAct={(act) => setDialog({ act, dispute: dialog.dispute })}
        />
      )}
      {dialog?.act === 'resolve' && (
        <ResolveDialog dispute={dialog.dispute} onClose={() => setDialog(null)} />
      )}
      {dialog?.act === 'withdraw' && (
        <WithdrawDialog dispute={dialog.dispute} onClose={() => setDialog(null)} />
      )}
      {takingUp && (
        <OpenDispute
          invoice={{ ...takingUp, id: takingUp.invoice_id }}
          code={takingUp.reason_code ?? undefined}
          onClose={() => setTakingUp(null)}
          onOpened={({ id }) => {
            setTakingUp(null)
            show(id)
          }}
        />
      )}
    </Page>
  )
}

function columnsOf(
  format: Formatter,
  onOpen: (dispute: Dispute) => void,
  mayWrite: boolean,
): Column<Dispute>[] {
  return [
    {
      key: 'invoice',
      header: t('disputes.invoice'),
      title: true,
      sort: 'invoice_number',
      cell: (dispute) =>
        dispute.id === null ? (
          <TextLink to={`/receivables/invoices/${dispute.invoice_id}`} data-row-link inherit fw={600}>
            {dispute.invoice_number}
          </TextLink>
        ) : (
          <button
            type="button"
            className={classes.name}
            data-row-link
            data-dispute={dispute.id}
            onClick={() => onOpen(dispute)}
          >
            {dispute.invoice_number}
          </button>
        ),
    },
    {
      key: 'customer',
      header: t('disputes.customer'),
      sort: 'customer_name',
      cell: (dispute) => (
        <TextLink to={`/receivables/customers/${dispute.customer_id}`} inherit c="inherit">
          {dispute.customer_name}
        </TextLink>
      ),
    },
    { key: 'reason', header: t('disputes.reason'), sort: 'reason', cell: (dispute) => dispute.reason },
    {
      key: 'state',
      header: t('disputes.state'),
      sort: 'state',
      width: '150px',
      cell: (dispute) => stateLabel(dispute.state),
    },
    {
      key: 'clock',
      header: t('disputes.clock'),
      sort: 'due_on',
      width: '150px',
      cell: (dispute) =>
        dispute.id === null && mayWrite ? (
          <Button size="compact-sm" variant="default" onClick={() => onOpen(dispute)}>
            {t('disputes.take_up')}
          </Button>
        ) : (
          <Clock dispute={dispute} />
        ),
    },
    {
      key: 'owner',
      header: t('disputes.owner'),
      sort: 'owner',
      width: '130px',
      cell: (dispute) => dispute.owner_name ?? '–',
    },
    {
      key: 'opened_on',
      header: t('disputes.opened_on'),
      sort: 'opened_on',
      width: '115px',
      wideOnly: true,
      cell: (dispute) => (dispute.opened_on ? format.day(dispute.opened_on) : '–'),
    },
    {
      key: 'amount',
      header: t('disputes.amount'),
      align: 'right',
      sort: 'disputed_amount',
      width: '150px',
      cell: (dispute) => (
        <>
          <strong>{format.money(dispute.disputed_amount, dispute.currency)}</strong>
          {dispute.amount !== null && (
            <Text size="xs" c="dimmed">
              {partOf(dispute, format)}
            </Text>
          )}
        </>
      ),
    },
  ]
}
