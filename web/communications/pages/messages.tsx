import { Badge, NativeSelect, Text } from '@mantine/core'
import { useCallback, useMemo } from 'react'
import { t } from '../../i18n.ts'
import chips from '../../receivables/bucket-chips.module.css'
import { useFormat, useMe } from '../../session.ts'
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
import type { Message, MessagePage } from '../../wire.ts'
import { mayReadMessages } from '../may.ts'
import { OneMessage } from '../one-message.tsx'
import { CommunicationTabs } from '../tabs.tsx'
import { kindWord, messageStates, purposeWord, stateColour, stateWord } from '../words.ts'

/** Everything that was sent or is to be, by whatever part of the organisation. */
export default function Messages() {
  const reads = mayReadMessages(useMe())
  return (
    <Page
      title={t('communications.tab_log')}
      lead={t('communications.log_lead')}
      actions={reads && <ViewsMenu />}
    >
      {reads ? (
        <>
          <CommunicationTabs />
          <List />
        </>
      ) : (
        <Forbidden permission="receivables.read" />
      )}
    </Page>
  )
}

const names = ['search', 'state', 'kind', 'purpose', 'outlet_id', 'campaign_id', 'from', 'to'] as const

function List() {
  const format = useFormat()
  const [filters, set] = useFilters([...names, 'sort', 'open'])
  const { search, state, kind, purpose, outlet_id, campaign_id, from, to, sort } = filters
  const query = useMemo(() => {
    const sorted = sortOf(sort)
    const order = sorted ? { sort: sorted.by, direction: sorted.descending ? 'desc' : 'asc' } : {}
    return { search, state, kind, purpose, outlet_id, campaign_id, from, to, ...order }
  }, [search, state, kind, purpose, outlet_id, campaign_id, from, to, sort])
  const messages = usePagedRows<Message, MessagePage>('messages', '/api/communications/messages', query)
  const columns = useMemo(() => columnsOf(format), [format])
  const open = useCallback((message: Message) => set({ open: String(message.id) }), [set])
  const filtered = names.some((name) => filters[name])
  const clear = () => set(Object.fromEntries(names.map((name) => [name, undefined])))
  const all = { value: '', label: t('core.filter_all') }
  const counts = messages.first.data?.states ?? {}
  return (
    <>
      <FilterBar onClear={filtered && clear}>
        <SearchField
          label={t('communications.search')}
          value={search}
          onChange={(text) => set({ search: text }, { replace: true })}
        />
        <NativeSelect
          label={t('communications.channel')}
          value={kind ?? ''}
          data={[all, ...['email', 'sms'].map((value) => ({ value, label: kindWord(value) }))]}
          onChange={(event) => set({ kind: event.currentTarget.value || undefined })}
        />
        <DateField
          label={t('communications.from')}
          value={from ?? ''}
          max={format.today()}
          onChange={(event) => set({ from: event.currentTarget.value || undefined })}
        />
        <DateField
          label={t('communications.until')}
          value={to ?? ''}
          max={format.today()}
          onChange={(event) => set({ to: event.currentTarget.value || undefined })}
        />
      </FilterBar>
      <fieldset className={`${chips.chips} no-print`}>
        <legend className={chips.legend}>{t('communications.state')}</legend>
        {messageStates
          .filter((each) => each === state || (counts[each] ?? 0) > 0)
          .map((each) => (
            <button
              key={each}
              type="button"
              className={chips.chip}
              aria-pressed={each === state}
              onClick={() => set({ state: each === state ? undefined : each })}
            >
              {stateWord(each)}
              <span className={chips.count}>{format.number(counts[each] ?? 0)}</span>
            </button>
          ))}
      </fieldset>
      <Loaded query={messages.first} lines={10}>
        {(data) =>
          data.total === 0 ? (
            filtered ? (
              <FilteredEmpty onClear={clear} />
            ) : (
              <Empty title={t('communications.nothing_sent')} why={t('communications.nothing_sent_why')} />
            )
          ) : (
            <VirtualTable
              caption={t('communications.log')}
              columns={columns}
              count={data.total}
              rowAt={messages.rowAt}
              rowKey={(message) => message.id}
              onRange={messages.onRange}
              onOpen={open}
              sort={sort}
              onSort={(next) => set({ sort: next })}
              stale={messages.stale}
            />
          )
        }
      </Loaded>
      {filters.open && <OneMessage id={filters.open} onClose={() => set({ open: undefined })} />}
    </>
  )
}

function columnsOf(format: Formatter): Column<Message>[] {
  return [
    {
      key: 'to',
      header: t('communications.to'),
      title: true,
      sort: 'recipient',
      cell: (message) => (
        <>
          <TextLink to="." search={{ open: String(message.id) }} data-row-link inherit>
            {message.recipient_name || message.recipient}
          </TextLink>
          <Text size="xs" c="dimmed" fw={400} style={{ overflowWrap: 'anywhere' }}>
            {message.recipient}
          </Text>
        </>
      ),
    },
    {
      key: 'what',
      header: t('communications.what'),
      cell: (message) => (
        <>
          {message.subject ?? message.preview}
          <Text size="xs" c="dimmed">
            {[kindWord(message.kind), purposeWord(message.purpose), message.outlet?.name]
              .filter(Boolean)
              .join(' · ')}
          </Text>
        </>
      ),
    },
    {
      key: 'state',
      header: t('communications.state'),
      width: '230px',
      sort: 'state',
      cell: (message) => (
        <>
          <Badge color={stateColour[message.state] ?? 'gray'}>{stateWord(message.state)}</Badge>
          {message.error && (
            <Text size="xs" c="dimmed">
              {message.error}
            </Text>
          )}
        </>
      ),
    },
    {
      key: 'when',
      header: t('communications.when'),
      sort: 'created_at',
      width: '170px',
      cell: (message) => format.instant(message.sent_at ?? message.created_at),
    },
  ]
}
