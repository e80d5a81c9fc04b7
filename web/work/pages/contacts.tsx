import { Badge, NativeSelect, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useCallback, useMemo } from 'react'
import { t } from '../../i18n.ts'
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
import { useFilters } from '../../shared/use-filters.ts'
import { VirtualTable } from '../../shared/virtual-table.tsx'
import type { Attempt, Page as Paged } from '../../wire.ts'
import { toneOf } from '../attempt-list.tsx'
import { channelLabel, channels, outcomeLabel, outcomes } from '../words.ts'

export default function Contacts() {
  return (
    <Page title={t('work.attempts')} lead={t('work.attempts_lead')}>
      {can(useMe(), 'receivables.read') ? <List /> : <Forbidden permission="receivables.read" />}
    </Page>
  )
}

function List() {
  const me = useMe()
  const format = useFormat()
  const navigate = useNavigate()
  const [filters, set] = useFilters(['search', 'channel', 'outcome', 'user_id', 'from', 'to'])
  const { search, channel, outcome, user_id, from, to } = filters
  const query = useMemo(
    () => ({ search, channel, outcome, user_id, from, to }),
    [search, channel, outcome, user_id, from, to],
  )
  const attempts = usePagedRows<Attempt, Paged<Attempt>>('attempts', '/api/receivables/attempts', query)
  const columns = useMemo(() => columnsOf(format), [format])
  const open = useCallback(
    (attempt: Attempt) =>
      void navigate({
        to: `/receivables/customers/${attempt.customer_id}`,
        search: { tab: 'people' } as never,
      }),
    [navigate],
  )
  const filtered = Object.values(filters).some(Boolean)
  const clear = () =>
    set({
      search: undefined,
      channel: undefined,
      outcome: undefined,
      user_id: undefined,
      from: undefined,
      to: undefined,
    })
  const all = { value: '', label: t('core.filter_all') }
  return (
    <>
      <FilterBar onClear={filtered && clear}>
        <SearchField
          label={t('work.search_attempts')}
          value={search}
          onChange={(text) => set({ search: text }, { replace: true })}
        />
        <NativeSelect
          label={t('work.by_whom')}
          value={user_id ?? ''}
          data={[all, { value: String(me.id), label: t('work.mine') }]}
          onChange={(event) => set({ user_id: event.currentTarget.value || undefined })}
        />
        <NativeSelect
          label={t('work.channel')}
          value={channel ?? ''}
          data={[all, ...Object.keys(channels).map((value) => ({ value, label: channelLabel(value) }))]}
          onChange={(event) => set({ channel: event.currentTarget.value || undefined })}
        />
        <NativeSelect
          label={t('work.outcome')}
          value={outcome ?? ''}
          data={[all, ...Object.keys(outcomes).map((value) => ({ value, label: outcomeLabel(value) }))]}
          onChange={(event) => set({ outcome: event.currentTarget.value || undefined })}
        />
        <DateField
          label={t('work.from')}
          value={from ?? ''}
          max={format.today()}
          onChange={(event) => set({ from: event.currentTarget.value || undefined })}
        />
        <DateField
          label={t('work.to')}
          value={to ?? ''}
          max={format.today()}
          onChange={(event) => set({ to: event.currentTarget.value || undefined })}
        />
      </FilterBar>
      <Loaded query={attempts.first} lines={8}>
        {(data) =>
          data.total === 0 ? (
            filtered ? (
              <FilteredEmpty onClear={clear} />
            ) : (
              <Empty title={t('work.no_attempts')} why={t('work.no_attempts_why')} />
            )
          ) : (
            <VirtualTable
              caption={t('work.attempts')}
              columns={columns}
              count={data.total}
              rowAt={attempts.rowAt}
              rowKey={(attempt) => attempt.id}
              onRange={attempts.onRange}
              onOpen={open}
              stale={attempts.stale}
            />
          )
        }
      </Loaded>
    </>
  )
}

const columnsOf = (format: Formatter): Column<Attempt>[] => [
  {
    key: 'customer',
    header: t('receivables.customer'),
    title: true,
    cell: (attempt) => (
      <TextLink
        to={`/receivables/customers/${attempt.customer_id}`}
        search={{ tab: 'people' }}
        data-row-link
        inherit
      >
        {attempt.customer_name}
      </TextLink>
    ),
  },
  {
    key: 'at',
    header: t('work.when'),
    width: '170px',
    cell: (attempt) => format.instant(attempt.attempted_at),
  },
  {
    key: 'channel',
    header: t('work.channel'),
    width: '90px',
    cell: (attempt) => channelLabel(attempt.channel),
  },
  {
    key: 'outcome',
    header: t('work.outcome'),
    width: '150px',
    cell: (attempt) => <Badge color={toneOf(attempt.outcome)}>{outcomeLabel(attempt.outcome)}</Badge>,
  },
  {
    key: 'note',
    header: t('work.note'),
    cell: (attempt) => (
      <>
        {attempt.person}
        {attempt.note && (
          <Text size="sm" c="dimmed" lineClamp={1}>
            {attempt.note}
          </Text>
        )}
      </>
    ),
  },
  {
    key: 'next',
    header: t('work.next'),
    width: '115px',
    wideOnly: true,
    cell: (attempt) => (attempt.next_follow_up ? format.day(attempt.next_follow_up) : '–'),
  },
  {
    key: 'user',
    header: t('work.by_whom'),
    width: '150px',
    wideOnly: true,
    cell: (attempt) => attempt.user.full_name,
  },
]
