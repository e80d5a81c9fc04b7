import { Badge, NativeSelect, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { can, useFormat, useMe } from '../../session.ts'
import { type Column, DataTable, Pager } from '../../shared/data-table.tsx'
import { FilterBar } from '../../shared/filter-bar.tsx'
import { Page } from '../../shared/page.tsx'
import { SearchField } from '../../shared/search-field.tsx'
import { Empty, FilteredEmpty, Loaded } from '../../shared/states.tsx'
import { TextLink } from '../../shared/text-link.tsx'
import { pageOf } from '../../shared/url-filters.ts'
import { useFilters } from '../../shared/use-filters.ts'
import type { CampaignPage, CampaignView } from '../../wire.ts'
import { DeliveryStrip } from '../delivery-strip.tsx'
import { usePlaces } from '../places.tsx'
import { stripOf } from '../strip.ts'
import { CommunicationTabs } from '../tabs.tsx'
import { campaignColour, campaignWord, kindWord, sourceWord } from '../words.ts'

const PAGE_SIZE = 25

/** Reminders that went together, with what became of them. They are a pharmacy's; who has none sees where other messages are. */
export default function Campaigns() {
  const me = useMe()
  return (
    <Page title={t('communications.tab_campaigns')} lead={t('communications.campaigns_lead')}>
      <CommunicationTabs />
      {can(me, 'debtors.read') ? (
        <OfPlace />
      ) : (
        <Empty
          title={t('communications.no_campaigns_here')}
          why={t('communications.no_campaigns_here_why')}
          action={<TextLink to="/communications/messages">{t('communications.tab_log')}</TextLink>}
        />
      )}
    </Page>
  )
}

function OfPlace() {
  const places = usePlaces()
  const [filters, set] = useFilters(['outlet', 'search', 'state', 'page'])
  return (
    <Loaded query={places} lines={8}>
      {(all) => {
        const place = all.find(({ pharmacy_id }) => String(pharmacy_id) === filters.outlet) ?? all[0]
        if (!place)
          return <Empty title={t('communications.no_place')} why={t('communications.no_pharmacies_why')} />
        const filtered = Boolean(filters.search || filters.state)
        const clear = () => set({ search: undefined, state: undefined })
        return (
          <>
            <FilterBar onClear={filtered && clear}>
              <NativeSelect
                label={t('communications.pharmacy')}
                value={String(place.pharmacy_id)}
                data={all.map(({ pharmacy_id, name }) => ({ value: String(pharmacy_id), label: name }))}
                onChange={(event) => set({ outlet: event.currentTarget.value })}
              />
              <SearchField
                label={t('communications.search_campaign')}
                value={filters.search}
                onChange={(search) => set({ search }, { replace: true })}
              />
              <NativeSelect
                label={t('communications.state')}
                value={filters.state ?? ''}
                data={[
                  { value: '', label: t('core.filter_all') },
                  ...['draft', 'scheduled', 'sending', 'done', 'cancelled'].map((value) => ({
                    value,
                    label: campaignWord(value),
                  })),
                ]}
                onChange={(event) => set({ state: event.currentTarget.value || undefined })}
              />
              <Escalate outlet={place.pharmacy_id} />
            </FilterBar>
            <List
              outlet={place.pharmacy_id}
              query={{ search: filters.search, state: filters.state, page: pageOf(filters.page) }}
              onPage={(page) => set({ page: String(page) })}
              onClear={filtered ? clear : undefined}
            />
          </>
        )
      }}
    </Loaded>
  )
}

function Escalate({ outlet }: { outlet: number }) {
  return (
    <TextLink to="/communications/escalation" search={{ outlet: String(outlet) }} underline="always" pb={8}>
      {t('communications.escalation')}
    </TextLink>
  )
}

function List({
  outlet,
  query,
  onPage,
  onClear,
}: {
  outlet: number
  query: { search: string | undefined; state: string | undefined; page: number }
  onPage: (page: number) => void
  onClear: (() => void) | undefined
}) {
  const format = useFormat()
  const campaigns = useQuery({
    queryKey: ['campaigns', outlet, query],
    queryFn: ({ signal }) =>
      api<CampaignPage>('GET', `/pharmacies/${outlet}/campaigns`, {
        query: { ...query, page_size: PAGE_SIZE },
        signal,
      }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.items.some((each) => each.state === 'sending') ? 2_000 : false,
  })
  const columns: Column<CampaignView>[] = [
    {
      key: 'name',
      header: t('communications.campaign'),
      title: true,
      cell: (campaign) => (
        <>
          <TextLink
            to={`/communications/campaigns/${campaign.id}`}
            search={{ outlet: String(outlet) }}
            data-row-link
            inherit
          >
            {campaign.name}
          </TextLink>
          <Text size="xs" c="dimmed" fw={400}>
            {[kindWord(campaign.kind), sourceWord(campaign.source), campaign.created_by?.full_name]
              .filter(Boolean)
              .join(' · ')}
          </Text>
        </>
      ),
    },
    {
      key: 'state',
      header: t('communications.state'),
      width: '170px',
      cell: (campaign) => (
        <>
          <Badge color={campaignColour[campaign.state] ?? 'gray'}>{campaignWord(campaign.state)}</Badge>
          <Text size="xs" c="dimmed">
            {format.instant(campaign.started_at ?? campaign.send_at ?? campaign.created_at)}
          </Text>
        </>
      ),
    },
    {
      key: 'results',
      header: t('communications.results'),
      cell: (campaign) =>
        campaign.counts.members === 0 ? '–' : <DeliveryStrip counts={stripOf(campaign)} />,
    },
    {
      key: 'amount',
      header: t('communications.asked_for'),
      align: 'right',
      width: '140px',
      cell: (campaign) =>
        campaign.counts.members === 0 ? '–' : format.money(campaign.amount, campaign.currency),
    },
  ]
  return (
    <Loaded query={campaigns} lines={8}>
      {({ items, page, pages, total }) =>
        total === 0 ? (
          onClear ? (
            <FilteredEmpty onClear={onClear} />
          ) : (
            <Empty
              title={t('communications.no_campaigns')}
              why={t('communications.no_campaigns_why')}
              action={
                <TextLink to={`/debtors/${outlet}`} underline="always">
                  {t('communications.to_debtors')}
                </TextLink>
              }
            />
          )
        ) : (
          <>
            <DataTable
              caption={t('communications.tab_campaigns')}
              columns={columns}
              rows={items}
              rowKey={({ id }) => id}
              stale={campaigns.isPlaceholderData}
            />
            <Pager page={page} pages={pages} total={total} pageSize={PAGE_SIZE} onPage={onPage} />
          </>
        )
      }
    </Loaded>
  )
}
