import { Badge, NativeSelect, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { useFormat, useMe } from '../../session.ts'
import { Pager } from '../../shared/data-table.tsx'
import { FilterBar } from '../../shared/filter-bar.tsx'
import { Page } from '../../shared/page.tsx'
import { SearchField } from '../../shared/search-field.tsx'
import { Empty, FilteredEmpty, Forbidden, Loaded } from '../../shared/states.tsx'
import { pageOf } from '../../shared/url-filters.ts'
import { useFilters } from '../../shared/use-filters.ts'
import type { Message, MessageDetails, MessagePage } from '../../wire.ts'
import classes from '../communications.module.css'
import { MailFrame } from '../mail-frame.tsx'
import { mayReadMessages } from '../may.ts'
import { SmsBubble } from '../sms-bubble.tsx'
import { CommunicationTabs } from '../tabs.tsx'
import { kindWord } from '../words.ts'

const PAGE_SIZE = 25

/** What a channel of the kind “outbox” caught: to be read here, gone nowhere. */
export default function Outbox() {
  const reads = mayReadMessages(useMe())
  return (
    <Page title={t('communications.tab_outbox')} lead={t('communications.outbox_lead')}>
      {reads ? (
        <>
          <CommunicationTabs />
          <Caught />
        </>
      ) : (
        <Forbidden permission="receivables.read" />
      )}
    </Page>
  )
}

function Caught() {
  const format = useFormat()
  const [filters, set] = useFilters(['search', 'kind', 'page', 'open'])
  const query = {
    provider: 'outbox',
    search: filters.search,
    kind: filters.kind,
    page: pageOf(filters.page),
    page_size: PAGE_SIZE,
  }
  const list = useQuery({
    queryKey: ['messages', 'outbox', query],
    queryFn: ({ signal }) => api<MessagePage>('GET', '/api/communications/messages', { query, signal }),
    placeholderData: keepPreviousData,
  })
  const filtered = Boolean(filters.search || filters.kind)
  const clear = () => set({ search: undefined, kind: undefined })
  return (
    <>
      <FilterBar onClear={filtered && clear}>
        <SearchField
          label={t('communications.search')}
          value={filters.search}
          onChange={(search) => set({ search }, { replace: true })}
        />
        <NativeSelect
          label={t('communications.channel')}
          value={filters.kind ?? ''}
          data={[
            { value: '', label: t('core.filter_all') },
            ...['email', 'sms'].map((value) => ({ value, label: kindWord(value) })),
          ]}
          onChange={(event) => set({ kind: event.currentTarget.value || undefined })}
        />
      </FilterBar>
      <Loaded query={list} lines={8}>
        {({ items, page, pages, total }) => {
          if (total === 0)
            return filtered ? (
              <FilteredEmpty onClear={clear} />
            ) : (
              <Empty
                title={t('communications.nothing_caught')}
                why={t('communications.nothing_caught_why')}
              />
            )
          const open = filters.open ? Number(filters.open) : items[0]?.id
          return (
            <div className={classes.panes}>
              <div>
                <ol className={`sheet ${classes.letters}`} aria-label={t('communications.tab_outbox')}>
                  {items.map((message) => (
                    <li key={message.id}>
                      <Row
                        message={message}
                        isOpen={message.id === open}
                        onOpen={() => set({ open: String(message.id) }, { replace: true })}
                        when={format.instant(message.sent_at ?? message.created_at)}
                      />
                    </li>
                  ))}
                </ol>
                <Pager
                  page={page}
                  pages={pages}
                  total={total}
                  pageSize={PAGE_SIZE}
                  onPage={(next) => set({ page: String(next), open: undefined })}
                />
              </div>
              {open !== undefined && <Letter id={open} />}
            </div>
          )
        }}
      </Loaded>
    </>
  )
}

function Row({
  message,
  isOpen,
  onOpen,
  when,
}: {
  message: Message
  isOpen: boolean
  onOpen: () => void
  when: string
}) {
  return (
    <button
      type="button"
      className={classes.row}
      aria-current={isOpen || undefined}
      onClick={onOpen}
      data-row-link
    >
      <span className={classes.rowHead}>
        <span>{message.recipient_name || message.recipient}</span>
        <Badge color="gray">{kindWord(message.kind)}</Badge>
      </span>
      <Text size="sm" component="span" display="block" truncate>
        {message.subject ?? message.preview}
      </Text>
      <Text size="xs" c="dimmed" component="span">
        {when}
      </Text>
    </button>
  )
}

function Letter({ id }: { id: number }) {
  const message = useQuery({
    queryKey: ['messages', 'one', String(id)],
    queryFn: ({ signal }) => api<MessageDetails>('GET', `/api/communications/messages/${id}`, { signal }),
    placeholderData: keepPreviousData,
  })
  return (
    <section aria-label={t('communications.message')}>
      <Loaded query={message} lines={8}>
        {(shown) => (
          <>
            <Text size="sm" c="dimmed" mb="xs" style={{ overflowWrap: 'anywhere' }}>
              {t('communications.to_address', {
                name: shown.recipient_name || shown.recipient,
                address: shown.recipient,
              })}
            </Text>
            {shown.kind === 'sms' ? (
              <SmsBubble text={shown.text} parts={shown.parts ?? 1} encoding={null} />
            ) : (
              <MailFrame subject={shown.subject ?? ''} html={shown.html} text={shown.text} />
            )}
          </>
        )}
      </Loaded>
    </section>
  )
}
