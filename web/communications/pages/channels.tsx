import { Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { useMe } from '../../session.ts'
import { Page } from '../../shared/page.tsx'
import { Section } from '../../shared/section.tsx'
import { Forbidden, Loaded } from '../../shared/states.tsx'
import { useFilters } from '../../shared/use-filters.ts'
import type { Channel } from '../../wire.ts'
import { ChannelForm } from '../channel-form.tsx'
import { mayConfigure, maySeeChannels } from '../may.ts'
import { PlaceChoice, placeName, usePlaces } from '../places.tsx'
import { CommunicationTabs } from '../tabs.tsx'
import { kindWord } from '../words.ts'

/** By what mail and texts leave: of the organisation, and of each pharmacy. */
export default function Channels() {
  const me = useMe()
  const may = maySeeChannels(me)
  return (
    <Page title={t('communications.tab_channels')} lead={t('communications.channels_lead')}>
      {may ? (
        <>
          <CommunicationTabs />
          <Place mayChange={mayConfigure(me)} />
        </>
      ) : (
        <Forbidden permission="settings.read" />
      )}
    </Page>
  )
}

function Place({ mayChange }: { mayChange: boolean }) {
  const [{ outlet }, set] = useFilters(['outlet'])
  const places = usePlaces()
  const channels = useQuery({
    queryKey: ['channels'],
    queryFn: ({ signal }) => api<{ items: Channel[] }>('GET', '/api/communications/channels', { signal }),
  })
  const outletId = outlet ? Number(outlet) : null
  return (
    <>
      <PlaceChoice places={places.data ?? []} value={outletId} onChange={(id) => set({ outlet: id })} />
      <Loaded query={channels} lines={8}>
        {({ items }) => (
          <Stack gap="lg">
            {(['email', 'sms'] as const).map((kind) => {
              const channel =
                items.find((each) => (each.outlet?.id ?? null) === outletId && each.kind === kind) ?? null
              return (
                <Section
                  key={`${kind} ${outletId}`}
                  title={kindWord(kind)}
                  why={
                    channel
                      ? t('communications.channel_of', { place: placeName(places.data ?? [], outletId) })
                      : t('communications.no_channel', { place: placeName(places.data ?? [], outletId) })
                  }
                >
                  <ChannelForm kind={kind} outletId={outletId} channel={channel} mayChange={mayChange} />
                  {channel?.provider === 'outbox' && (
                    <Text size="sm" c="dimmed" mt="sm">
                      {t('communications.outbox_why')}
                    </Text>
                  )}
                </Section>
              )
            })}
          </Stack>
        )}
      </Loaded>
    </>
  )
}
