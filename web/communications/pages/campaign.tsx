import { Alert, Badge, Button, Group, Progress, Stack, Text } from '@mantine/core'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import chips from '../../receivables/bucket-chips.module.css'
import { can, useFormat, useMe } from '../../session.ts'
import { type Column, DataTable, Facts, Pager } from '../../shared/data-table.tsx'
import { FilterBar } from '../../shared/filter-bar.tsx'
import { FormError, useSubmit } from '../../shared/form.tsx'
import { Page } from '../../shared/page.tsx'
import { SearchField } from '../../shared/search-field.tsx'
import { Section } from '../../shared/section.tsx'
import { Forbidden, Loaded } from '../../shared/states.tsx'
import { TextLink } from '../../shared/text-link.tsx'
import { done } from '../../shared/toast.tsx'
import { pageOf } from '../../shared/url-filters.ts'
import { useFilters } from '../../shared/use-filters.ts'
import type { CampaignMember, CampaignMembers, CampaignView } from '../../wire.ts'
import { DeliveryChart } from '../delivery-chart.tsx'
import { OneMessage } from '../one-message.tsx'
import { usePlaces } from '../places.tsx'
import { stripOf } from '../strip.ts'
import {
  ageWord,
  campaignColour,
  campaignWord,
  gateWord,
  kindWord,
  memberWord,
  sourceWord,
  stateColour,
} from '../words.ts'

const PAGE_SIZE = 50

/** One campaign: how far it is, what became of everybody, and the failures once more. */
export default function Campaign() {
  const { id = '' } = useParams({ strict: false }) as { id?: string }
  const [{ outlet }] = useFilters(['outlet'])
  const may = can(useMe(), 'debtors.read')
  const path = `/pharmacies/${outlet}/campaigns/${id}`
  const campaign = useQuery({
    queryKey: ['campaigns', 'one', outlet, id],
    enabled: may && /^\d+$/.test(outlet ?? '') && /^\d+$/.test(id),
    queryFn: ({ signal }) => api<CampaignView>('GET', path, { signal }),
    refetchInterval: ({ state }) => (state.data?.state === 'sending' ? 800 : false),
  })
  const { data } = campaign
  return (
    <Page
      title={data?.name ?? t('communications.campaign')}
      lead={data && <Lead campaign={data} />}
      actions={data && <Acts campaign={data} path={path} />}
    >
      {may ? (
        <Loaded query={campaign} lines={10}>
          {(shown) => (
            <Stack gap="lg">
              {shown.note && (
                <Alert color="brass" variant="light">
                  {shown.note}
                </Alert>
              )}
              <Standing campaign={shown} />
              {shown.counts.members > 0 && <Members campaign={shown} path={path} />}
            </Stack>
          )}
        </Loaded>
      ) : (
        <Forbidden permission="debtors.read" />
      )}
    </Page>
  )
}

function Lead({ campaign }: { campaign: CampaignView }) {
  const places = usePlaces()
  const place = places.data?.find(({ pharmacy_id }) => pharmacy_id === campaign.pharmacy_id)
  return (
    <Group gap="xs">
      <Badge color={campaignColour[campaign.state] ?? 'gray'}>{campaignWord(campaign.state)}</Badge>
      <span>{[kindWord(campaign.kind), sourceWord(campaign.source)].join(', ')}</span>
      <TextLink to="/communications" search={{ outlet: String(campaign.pharmacy_id) }} underline="always">
        {place?.name ?? t('communications.tab_campaigns')}
      </TextLink>
    </Group>
  )
}

/** Start, put off for good, or the failures once more, as its state allows. */
function Acts({ campaign, path }: { campaign: CampaignView; path: string }) {
  const me = useMe()
  const client = useQueryClient()
  const navigate = useNavigate()
  const { busy, error, submit } = useSubmit(async (act: 'start' | 'cancel' | 'resend') => {
    const next = await api<CampaignView>('POST', `${path}/${act}`)
    await client.invalidateQueries({ queryKey: ['campaigns'] })
    if (act === 'cancel') done(t('communications.campaign_taken_back'))
    if (act === 'resend') {
      done(t('communications.resent', { count: next.counts.members }))
      await navigate({
        to: `/communications/campaigns/${next.id}` as string,
        search: { outlet: String(next.pharmacy_id) } as never,
      })
    }
  })
  if (!can(me, 'debtors.send')) return null
  const waits = campaign.state === 'draft' || campaign.state === 'scheduled'
  return (
    <>
      {waits && (
        <>
          <Button loading={busy} onClick={() => void submit('start')}>
            {t('communications.start')}
          </Button>
          <Button variant="default" loading={busy} onClick={() => void submit('cancel')}>
            {t('communications.cancel_campaign')}
          </Button>
        </>
      )}
      {campaign.counts.failed > 0 && campaign.state === 'done' && (
        <Button loading={busy} onClick={() => void submit('resend')}>
          {t('communications.resend', { count: campaign.counts.failed })}
        </Button>
      )}
      <FormError error={error} />
    </>
  )
}

function Standing({ campaign }: { campaign: CampaignView }) {
  const format = useFormat()
  const { counts } = campaign
  const messages = counts.members - counts.left_out
  const settled = messages - counts.waiting
  const facts: [string, React.ReactNode][] = [
    [
      t('communications.chosen'),
      campaign.chosen === null
        ? t('communications.by_filters')
        : t('communications.by_hand', { count: campaign.chosen }),
    ],
    [t('communications.ask_for'), campaign.ageing_buckets.map(ageWord).join(', ')],
    [t('communications.made'), said(campaign.created_at, campaign.created_by?.full_name)],
    ...(campaign.send_at && !campaign.started_at
      ? ([[t('communications.send_at'), format.instant(campaign.send_at)]] as [string, React.ReactNode][])
      : []),
    ...(campaign.started_at
      ? ([[t('communications.started'), format.instant(campaign.started_at)]] as [string, React.ReactNode][])
      : []),
    ...(messages > 0
      ? ([[t('communications.asked_for'), format.money(campaign.amount, campaign.currency)]] as [
          string,
          React.ReactNode,
        ][])
      : []),
    ...(campaign.parts
      ? ([[t('communications.parts_all'), format.number(campaign.parts)]] as [string, React.ReactNode][])
      : []),
    ...(campaign.resend_of
      ? ([
          [
            t('communications.resend_of'),
            <TextLink
              key="of"
              to={`/communications/campaigns/${campaign.resend_of}`}
              search={{ outlet: String(campaign.pharmacy_id) }}
              underline="always"
            >
              {campaign.name}
            </TextLink>,
          ],
        ] as [string, React.ReactNode][])
      : []),
  ]
  function said(at: string, who: string | undefined) {
    return [format.instant(at), who].filter(Boolean).join(', ')
  }
  return (
    <Section title={t('communications.results')}>
      {campaign.state === 'sending' && (
        <div role="status">
          <Text mb={6}>{t('communications.progress', { settled, messages })}</Text>
          <Progress
            value={messages === 0 ? 0 : (settled / messages) * 100}
            aria-label={t('communications.results')}
            mb="md"
          />
        </div>
      )}
      {messages > 0 && <DeliveryChart counts={{ ...stripOf(campaign) }} />}
      <Facts facts={facts} />
    </Section>
  )
}

const states = ['failed', 'unknown', 'held', 'pending', 'sent', 'delivered', 'left_out'] as const

function Members({ campaign, path }: { campaign: CampaignView; path: string }) {
  const format = useFormat()
  const [filters, set] = useFilters(['state', 'search', 'page', 'open'])
  const query = {
    state: filters.state,
    search: filters.search,
    page: pageOf(filters.page),
    page_size: PAGE_SIZE,
  }
  const members = useQuery({
    queryKey: ['campaigns', 'members', path, query],
    queryFn: ({ signal }) => api<CampaignMembers>('GET', `${path}/members`, { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: campaign.state === 'sending' ? 1_200 : false,
  })
  const { counts } = campaign
  const countOf = { ...counts, pending: counts.waiting }
  const columns: Column<CampaignMember>[] = [
    {
      key: 'name',
      header: t('communications.debtor'),
      title: true,
      cell: (member) => (
        <>
          <TextLink
            to={`/debtors/${campaign.pharmacy_id}/accounts/${member.debtor_id}`}
            data-row-link
            inherit
          >
            {member.name}
          </TextLink>
          <Text size="xs" c="dimmed" fw={400}>
            {[member.acc_no, member.recipient].filter(Boolean).join(' · ')}
          </Text>
        </>
      ),
    },
    {
      key: 'state',
      header: t('communications.state'),
      cell: (member) => (
        <>
          <Badge color={stateColour[member.state] ?? 'gray'}>{memberWord(member.state)}</Badge>
          <Text size="xs" c="dimmed">
            {[member.gate && gateWord(member.gate), member.reason].filter(Boolean).join(': ')}
          </Text>
        </>
      ),
    },
    {
      key: 'sent',
      header: t('communications.sent'),
      width: '180px',
      cell: (member) => (member.sent_at ? format.instant(member.sent_at) : '–'),
    },
    {
      key: 'amount',
      header: t('communications.asked_for'),
      align: 'right',
      width: '140px',
      cell: (member) => format.money(member.amount, campaign.currency),
    },
    {
      key: 'message',
      header: t('communications.message'),
      width: '120px',
      cell: (member) =>
        member.message_id === null ? (
          '–'
        ) : (
          <Button
            size="compact-sm"
            variant="default"
            aria-label={t('communications.open_message', { name: member.name })}
            onClick={() => set({ open: String(member.message_id) })}
          >
            {t('communications.open')}
          </Button>
        ),
    },
  ]
  return (
    <section aria-label={t('communications.everybody')}>
      <FilterBar>
        <SearchField
          label={t('communications.search_member')}
          value={filters.search}
          onChange={(search) => set({ search }, { replace: true })}
        />
      </FilterBar>
      <fieldset className={`${chips.chips} no-print`}>
        <legend className={chips.legend}>{t('communications.state')}</legend>
        {states
          .filter((state) => countOf[state] > 0 || state === filters.state)
          .map((state) => (
            <button
              key={state}
              type="button"
              className={chips.chip}
              aria-pressed={state === filters.state}
              onClick={() => set({ state: state === filters.state ? undefined : state })}
            >
              {memberWord(state)}
              <span className={chips.count}>{format.number(countOf[state])}</span>
            </button>
          ))}
      </fieldset>
      <Loaded query={members} lines={8}>
        {({ items, page, pages, total }) => (
          <>
            <DataTable
              caption={t('communications.everybody')}
              columns={columns}
              rows={items}
              rowKey={({ debtor_id }) => debtor_id}
              stale={members.isPlaceholderData}
            />
            <Pager
              page={page}
              pages={pages}
              total={total}
              pageSize={PAGE_SIZE}
              onPage={(next) => set({ page: String(next) })}
            />
          </>
        )}
      </Loaded>
      {filters.open && <OneMessage id={filters.open} onClose={() => set({ open: undefined })} />}
    </section>
  )
}
