import { Badge, NativeSelect, Text } from '@mantine/core'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { api, ifMatchOf } from '../../api.ts'
import { t } from '../../i18n.ts'
import { can, useFormat, useMe } from '../../session.ts'
import { type Column, DataTable, Pager } from '../../shared/data-table.tsx'
import { FilterBar } from '../../shared/filter-bar.tsx'
import type { Formatter } from '../../shared/format.ts'
import { Page } from '../../shared/page.tsx'
import { SearchField } from '../../shared/search-field.tsx'
import { Empty, FilteredEmpty, Forbidden, Loaded } from '../../shared/states.tsx'
import { TextLink } from '../../shared/text-link.tsx'
import { done, failed } from '../../shared/toast.tsx'
import { pageOf } from '../../shared/url-filters.ts'
import { useFilters } from '../../shared/use-filters.ts'
import type { Inbox, InboxItem } from '../../wire.ts'
import { causeChoice, causeLabel } from '../words.ts'
import classes from '../work.module.css'

const PAGE_SIZE = 50

export default function InboxPage() {
  return (
    <Page title={t('work.inbox')} lead={t('work.inbox_lead')}>
      {can(useMe(), 'receivables.read') ? <List /> : <Forbidden permission="receivables.read" />}
    </Page>
  )
}

function List() {
  const me = useMe()
  const format = useFormat()
  const client = useQueryClient()
  const [filters, set] = useFilters(['cause', 'search', 'assigned_to', 'late', 'sort', 'page'])
  const { cause, search, assigned_to, late, sort } = filters
  const page = pageOf(filters.page)
  const query = { cause, search, assigned_to, late, sort, page, page_size: PAGE_SIZE }
  const inbox = useQuery({
    queryKey: ['inbox', query],
    queryFn: ({ signal }) => api<Inbox>('GET', '/api/receivables/inbox', { query, signal }),
    placeholderData: keepPreviousData,
  })
  const mayWrite = can(me, 'receivables.write')
  const columns = useMemo(() => {
    const again = () =>
      Promise.all([['inbox'], ['invoices']].map((queryKey) => client.invalidateQueries({ queryKey })))
    const name = async (item: InboxItem, root_cause: string | null) => {
      const put = (to: string | null, version: number) =>
        api<{ version: number }>('PUT', `/api/receivables/invoices/${item.invoice_id}/root-cause`, {
          body: { root_cause: to },
          ifMatch: ifMatchOf(null, version),
        })
      try {
        const { version } = await put(root_cause, item.version)
        done(t('work.cause_named', { invoice: item.invoice_number }), () =>
          put(item.root_cause, version).then(again),
        )
      } catch (error) {
        failed(error)
      }
      await again()
    }
    return columnsOf(format, mayWrite ? name : null)
  }, [format, mayWrite, client])
  const filtered = Boolean(cause || search || assigned_to || late)
  const clear = () => set({ cause: undefined, search: undefined, assigned_to: undefined, late: undefined })
  return (
    <>
      <FilterBar onClear={filtered && clear}>
        <SearchField
          label={t('receivables.search_invoices')}
          value={search}
          onChange={(text) => set({ search: text }, { replace: true })}
        />
        <NativeSelect
          label={t('receivables.assigned_to')}
          value={assigned_to ?? ''}
          data={[
            { value: '', label: t('core.filter_all') },
            { value: String(me.id), label: t('work.mine') },
            { value: '0', label: t('receivables.nobody') },
          ]}
          onChange={(event) => set({ assigned_to: event.currentTarget.value || undefined })}
        />
        <NativeSelect
          label={t('work.clock')}
          value={late ?? ''}
          data={[
            { value: '', label: t('core.filter_all') },
            { value: 'true', label: t('work.clock_late') },
          ]}
          onChange={(event) => set({ late: event.currentTarget.value || undefined })}
        />
        <NativeSelect
          label={t('work.sorted')}
          value={sort ?? 'due'}
          data={[
            { value: 'due', label: t('work.sort_due') },
            { value: 'amount', label: t('receivables.open_amount') },
            { value: 'days_overdue', label: t('receivables.age') },
          ]}
          onChange={(event) =>
            set({ sort: event.currentTarget.value === 'due' ? undefined : event.currentTarget.value })
          }
        />
      </FilterBar>
      <Loaded query={inbox} lines={8}>
        {(data) =>
          data.groups.length === 0 ? (
            filtered ? (
              <FilteredEmpty onClear={clear} />
            ) : (
              <Empty title={t('work.inbox_empty')} why={t('work.inbox_empty_why')} />
            )
          ) : (
            <>
              <Causes
                groups={data.groups}
                chosen={cause}
                onChoose={(next) => set({ cause: next, page: undefined })}
              />
              <DataTable
                caption={t('work.inbox')}
                columns={columns}
                rows={data.items}
                rowKey={(item) => item.invoice_id}
                stale={inbox.isPlaceholderData}
              />
              <Pager
                page={data.page}
                pages={data.pages}
                pageSize={data.page_size}
                total={data.total}
                onPage={(next) => set({ page: String(next) })}
              />
            </>
          )
        }
      </Loaded>
    </>
  )
}

/** What keeps money away, with how much; pressing the chosen one again shows all. */
function Causes({
  groups,
  chosen,
  onChoose,
}: {
  groups: Inbox['groups']
  chosen: string | undefined
  onChoose: (cause: string | undefined) => void
}) {
  const format = useFormat()
  return (
    <fieldset className={classes.groups}>
      <legend className="visually-hidden">{t('work.cause')}</legend>
      {groups.map((group) => (
        <button
          key={group.cause}
          type="button"
          className={classes.group}
          aria-pressed={group.cause === chosen}
          onClick={() => onChoose(group.cause === chosen ? undefined : group.cause)}
        >
          <span className={classes.groupName}>{causeLabel(group.cause, group.name)}</span>
          <span className={`figure ${classes.groupCount}`}>{format.number(group.count)}</span>
          {group.totals.map((total) => (
            <span key={total.currency} className={classes.small}>
              {format.money(total.open_amount, total.currency)}
            </span>
          ))}
          {group.late > 0 && (
            <Badge color="red" mt={4}>
              {t('work.late_count', { count: group.late })}
            </Badge>
          )}
        </button>
      ))}
    </fieldset>
  )
}

const columnsOf = (
  format: Formatter,
  name: ((item: InboxItem, cause: string | null) => Promise<void>) | null,
): Column<InboxItem>[] => [
  {
    key: 'invoice',
    header: t('receivables.invoice'),
    title: true,
    cell: (item) => (
      <>
        <TextLink to={`/receivables/invoices/${item.invoice_id}`} data-row-link inherit>
          {item.invoice_number}
        </TextLink>
        {item.po_number && (
          <Text size="xs" c="dimmed" fw={400}>
            {t('work.po', { number: item.po_number })}
          </Text>
        )}
      </>
    ),
  },
  {
    key: 'customer',
    header: t('receivables.customer'),
    cell: (item) => (
      <TextLink to={`/receivables/customers/${item.customer_id}`} inherit>
        {item.customer_name}
      </TextLink>
    ),
  },
  {
    key: 'cause',
    header: t('work.cause'),
    width: '200px',
    cell: (item) =>
      item.dispute || !name ? (
        causeLabel(item.cause, item.cause_name)
      ) : (
        <NativeSelect
          aria-label={t('work.cause_of', { invoice: item.invoice_number })}
          size="xs"
          value={item.root_cause ?? ''}
          data={causeChoice(t('work.cause_unnamed'))}
          onChange={(event) => void name(item, event.currentTarget.value || null)}
        />
      ),
  },
  {
    key: 'dispute',
    header: t('work.clock'),
    width: '150px',
    cell: (item) => {
      if (!item.dispute)
        return item.is_disputed ? <Badge color="red">{t('receivables.disputed')}</Badge> : '–'
      const { due_on, is_waiting, owner } = item.dispute
      const isLate = !is_waiting && due_on < format.today()
      return (
        <>
          <Badge color={isLate ? 'red' : is_waiting ? 'gray' : 'brass'}>
            {is_waiting ? t('work.waiting') : format.day(due_on)}
          </Badge>
          {owner && (
            <Text size="xs" c="dimmed">
              {owner.full_name}
            </Text>
          )}
        </>
      )
    },
  },
  {
    key: 'age',
    header: t('receivables.age'),
    width: '125px',
    wideOnly: true,
    cell: (item) =>
      item.days_overdue !== null && item.days_overdue > 0
        ? t('receivables.days_overdue', { count: item.days_overdue })
        : '–',
  },
  {
    key: 'assigned',
    header: t('receivables.assigned_to'),
    width: '140px',
    wideOnly: true,
    cell: (item) => item.assigned_to_name ?? t('receivables.nobody'),
  },
  {
    key: 'open_amount',
    header: t('receivables.open_amount'),
    align: 'right',
    width: '140px',
    cell: (item) => <strong>{format.money(item.open_amount, item.currency)}</strong>,
  },
]
