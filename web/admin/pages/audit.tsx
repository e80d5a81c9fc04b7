import { Anchor, Button, Code, Drawer, NativeSelect, Stack } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { can, useFormat, useMe } from '../../session.ts'
import { type Column, DataTable, Facts, Pager } from '../../shared/data-table.tsx'
import { DateField } from '../../shared/date-field.tsx'
import { FilterBar } from '../../shared/filter-bar.tsx'
import { Page } from '../../shared/page.tsx'
import { SearchField } from '../../shared/search-field.tsx'
import { Empty, FilteredEmpty, Forbidden, Loaded } from '../../shared/states.tsx'
import { pageOf } from '../../shared/url-filters.ts'
import { useFilters } from '../../shared/use-filters.ts'
import type { AdminUser, AuditEvent, Page as PageOf } from '../../wire.ts'
import { eventWords } from '../event-words.ts'

export default function Audit() {
  const me = useMe()
  if (!can(me, 'audit.read'))
    return (
      <Page title={t('core.nav_audit')}>
        <Forbidden permission="audit.read" />
      </Page>
    )
  return (
    <Page title={t('core.nav_audit')} lead={t('admin.audit_lead')}>
      <Trail />
    </Page>
  )
}

function Trail() {
  const me = useMe()
  const format = useFormat()
  const [filters, setFilters] = useFilters(['search', 'kind', 'user_id', 'from', 'to', 'page', 'open'])
  const { open, ...rest } = filters
  const query = { ...rest, page: pageOf(rest.page), page_size: 50 }
  const events = useQuery({
    queryKey: ['audit', query],
    queryFn: ({ signal }) => api<PageOf<AuditEvent>>('GET', '/api/admin/audit', { query, signal }),
    placeholderData: keepPreviousData,
  })
  const people = useQuery({
    queryKey: ['users', 'everybody'],
    enabled: can(me, 'users.read'),
    queryFn: () => api<PageOf<AdminUser>>('GET', '/api/admin/users', { query: { page_size: 500 } }),
  })
  const kinds = useQuery({
    queryKey: ['audit', 'kinds'],
    queryFn: () => api<{ items: string[] }>('GET', '/api/admin/audit/kinds'),
    staleTime: 300_000,
  })
  const filtered = Boolean(filters.search || filters.kind || filters.user_id || filters.from || filters.to)
  const clear = () =>
    setFilters({ search: undefined, kind: undefined, user_id: undefined, from: undefined, to: undefined })
  const detail = events.data?.items.find((event) => String(event.id) === open) ?? null
  const who = (event: AuditEvent) =>
    event.user ? event.user.full_name || t('admin.person_number', { id: event.user.id }) : t('admin.system')
  const columns: Column<AuditEvent>[] = [
    {
      key: 'what',
      header: t('admin.what'),
      title: true,
      cell: (event) => (
        <Anchor
          component="button"
          type="button"
          underline="hover"
          inherit
          ta="left"
          data-row-link
          onClick={() => setFilters({ open: String(event.id) })}
        >
          {eventWords(event.kind)}
        </Anchor>
      ),
    },
    { key: 'subject', header: t('admin.subject'), cell: (event) => subjectOf(event) },
    { key: 'who', header: t('admin.who'), cell: who },
    { key: 'at', header: t('admin.when'), cell: (event) => format.instant(event.at) },
    { key: 'kind', header: t('admin.event'), wideOnly: true, cell: (event) => <Code>{event.kind}</Code> },
  ]
  return (
    <>
      <FilterBar onClear={filtered && clear}>
        <SearchField
          label={t('admin.search_audit')}
          value={filters.search}
          onChange={(search) => setFilters({ search }, { replace: true })}
        />
        {people.data && (
          <NativeSelect
            label={t('admin.who')}
            value={filters.user_id ?? ''}
            data={[
              { value: '', label: t('core.filter_all') },
              ...people.data.items.map((person) => ({
                value: String(person.id),
                label: person.full_name || person.username,
              })),
            ]}
            onChange={(event) => setFilters({ user_id: event.currentTarget.value || undefined })}
          />
        )}
        {kinds.data && (
          <NativeSelect
            label={t('admin.event')}
            value={filters.kind ?? ''}
            data={[
              { value: '', label: t('core.filter_all') },
              ...kinds.data.items.map((kind) => ({ value: kind, label: eventWords(kind) })),
            ]}
            onChange={(event) => setFilters({ kind: event.currentTarget.value || undefined })}
          />
        )}
        <DateField
          label={t('admin.from')}
          value={filters.from ?? ''}
          onChange={(event) => setFilters({ from: event.currentTarget.value || undefined })}
        />
        <DateField
          label={t('admin.to')}
          value={filters.to ?? ''}
          onChange={(event) => setFilters({ to: event.currentTarget.value || undefined })}
        />
      </FilterBar>
      <Loaded query={events} lines={10}>
        {(data) =>
          data.items.length === 0 ? (
            filtered ? (
              <FilteredEmpty onClear={clear} />
            ) : (
              <Empty title={t('admin.no_events')} why={t('admin.no_events_why')} />
            )
          ) : (
            <>
              <DataTable
                caption={t('core.nav_audit')}
                columns={columns}
                rows={data.items}
                rowKey={(event) => event.id}
                stale={events.isPlaceholderData}
              />
              <Pager
                page={data.page}
                pages={data.pages}
                total={data.total}
                pageSize={data.page_size}
                onPage={(page) => setFilters({ page: page === 1 ? undefined : String(page) })}
              />
            </>
          )
        }
      </Loaded>
      <Drawer
        opened={detail !== null}
        onClose={() => setFilters({ open: undefined })}
        title={detail ? eventWords(detail.kind) : ''}
      >
        {detail && (
          <Stack gap="md">
            <Facts
              facts={[
                [t('admin.when'), format.instant(detail.at)],
                [t('admin.who'), who(detail)],
                [t('admin.subject'), subjectOf(detail)],
                [t('admin.event'), <Code key="kind">{detail.kind}</Code>],
                [
                  t('admin.request'),
                  detail.request_id ? <Code key="request">{detail.request_id}</Code> : '–',
                ],
              ]}
            />
            <Code block tabIndex={0}>
              {JSON.stringify(detail.data ?? {}, null, 2)}
            </Code>
            <Button
              variant="default"
              onClick={() => setFilters({ kind: detail.kind, open: undefined, page: undefined })}
            >
              {t('admin.only_this_kind')}
            </Button>
          </Stack>
        )}
      </Drawer>
    </>
  )
}

function subjectOf(event: AuditEvent): string {
  const data = event.data ?? {}
  const name = ['name', 'full_name', 'email', 'username', 'invoice_number', 'file_name', 'code']
    .map((key) => data[key])
    .find((value) => typeof value === 'string' && value)
  if (name) return String(name)
  return event.subject ? `${event.subject} ${event.subject_id ?? ''}`.trim() : '–'
}
