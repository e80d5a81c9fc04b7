import { Button, Group, SegmentedControl, Switch, Text } from '@mantine/core'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { useFormat } from '../../session.ts'
import { Pager } from '../../shared/data-table.tsx'
import { FilterBar } from '../../shared/filter-bar.tsx'
import { Page } from '../../shared/page.tsx'
import { Section } from '../../shared/section.tsx'
import { Empty, FilteredEmpty, Loaded } from '../../shared/states.tsx'
import { TextLink } from '../../shared/text-link.tsx'
import { failed } from '../../shared/toast.tsx'
import { pageOf } from '../../shared/url-filters.ts'
import { useFilters } from '../../shared/use-filters.ts'
import type { NotificationPreferences, Told, ToldPage } from '../../wire.ts'
import { kindLabel, placeOf, sentenceOf } from '../told.ts'
import classes from '../work.module.css'

const PAGE_SIZE = 50

export default function NotificationsPage() {
  const client = useQueryClient()
  const [filters, set] = useFilters(['unread', 'page'])
  const query = { unread: filters.unread, page: pageOf(filters.page), page_size: PAGE_SIZE }
  const told = useQuery({
    queryKey: ['notifications', 'list', query],
    queryFn: ({ signal }) => api<ToldPage>('GET', '/api/profile/notifications', { query, signal }),
    placeholderData: keepPreviousData,
  })
  const again = () => client.invalidateQueries({ queryKey: ['notifications'] })
  const readAll = async () => {
    await api('POST', '/api/profile/notifications/read').catch(failed)
    await again()
  }
  return (
    <Page
      title={t('core.notifications')}
      lead={t('work.notifications_lead')}
      actions={
        told.data &&
        told.data.unread > 0 && (
          <Button variant="default" onClick={readAll}>
            {t('work.mark_all')}
          </Button>
        )
      }
    >
      <FilterBar>
        <SegmentedControl
          aria-label={t('core.filters')}
          value={filters.unread ?? ''}
          onChange={(value) => set({ unread: value || undefined })}
          data={[
            { value: '', label: t('core.filter_all') },
            { value: 'true', label: t('work.unread') },
          ]}
        />
      </FilterBar>
      <Loaded query={told} lines={8}>
        {(data) =>
          data.items.length === 0 ? (
            filters.unread ? (
              <FilteredEmpty onClear={() => set({ unread: undefined })} />
            ) : (
              <Empty title={t('work.not_told')} why={t('work.not_told_why')} />
            )
          ) : (
            <Section title={t('work.unread_count', { count: data.unread })}>
              <ul className={classes.list}>
                {data.items.map((one) => (
                  <Line key={one.id} told={one} again={again} />
                ))}
              </ul>
              <Pager
                page={data.page}
                pages={data.pages}
                pageSize={data.page_size}
                total={data.total}
                onPage={(next) => set({ page: String(next) })}
              />
            </Section>
          )
        }
      </Loaded>
      <div style={{ marginTop: 'var(--mantine-spacing-lg)' }}>
        <Kinds />
      </div>
    </Page>
  )
}

function Line({ told, again }: { told: Told; again: () => Promise<void> }) {
  const format = useFormat()
  const read = async (isRead: boolean) => {
    await api('PUT', `/api/profile/notifications/${told.id}/read`, { body: { read: isRead } }).catch(failed)
    await again()
  }
  const place = placeOf(told)
  const isUnread = told.read_at === null
  const words = sentenceOf(told, format)
  return (
    <li className={classes.note} data-unread={isUnread || undefined}>
      <div style={{ minWidth: 0 }}>
        <Text fw={isUnread ? 600 : 400} className="wrap-anywhere" component="div">
          {place ? (
            <TextLink
              to={place.to}
              {...(place.search ? { search: place.search } : {})}
              data-row-link
              inherit
              onClick={() => {
                if (isUnread) void read(true)
              }}
            >
              {words}
            </TextLink>
          ) : (
            words
          )}
        </Text>
        <Text size="xs" c="dimmed">
          {kindLabel(told.kind)} · <time dateTime={told.created_at}>{format.instant(told.created_at)}</time>
          {told.sender && ` · ${told.sender.full_name}`}
        </Text>
      </div>
      <Group gap={4} align="flex-start">
        <Button
          size="compact-sm"
          variant="subtle"
          aria-label={isUnread ? t('work.mark_one', { words }) : t('work.unmark_one', { words })}
          onClick={() => void read(isUnread)}
        >
          {isUnread ? t('work.mark') : t('work.unmark')}
        </Button>
      </Group>
    </li>
  )
}

/** Which kinds one wants to hear of. */
function Kinds() {
  const client = useQueryClient()
  const preferences = useQuery({
    queryKey: ['notifications', 'preferences'],
    queryFn: () => api<NotificationPreferences>('GET', '/api/profile/notification-preferences'),
  })
  const change = async (kinds: NotificationPreferences['kinds']) => {
    const muted = kinds.filter(({ on }) => !on).map(({ kind }) => kind)
    await api('PUT', '/api/profile/notification-preferences', { body: { muted } }).catch(failed)
    await client.invalidateQueries({ queryKey: ['notifications', 'preferences'] })
  }
  return (
    <Section title={t('work.kinds')} why={t('work.kinds_why')}>
      <Loaded query={preferences} lines={4}>
        {({ kinds }) => (
          <div
            style={{ display: 'grid', gap: 12, gridTemplateColumns: 'repeat(auto-fill, minmax(240px, 1fr))' }}
          >
            {kinds.map(({ kind, on }) => (
              <Switch
                key={kind}
                label={kindLabel(kind)}
                checked={on}
                onChange={(event) => {
                  const next = event.currentTarget.checked
                  void change(kinds.map((each) => (each.kind === kind ? { ...each, on: next } : each)))
                }}
              />
            ))}
          </div>
        )}
      </Loaded>
    </Section>
  )
}
