import { Alert, Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useMemo, useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { FormError, useSubmit } from '../shared/form.tsx'
import { Section } from '../shared/section.tsx'
import { Failed, Loading } from '../shared/states.tsx'
import { TextLink } from '../shared/text-link.tsx'
import { done } from '../shared/toast.tsx'
import type { ListedPharmacy, ReminderDryRun, ReminderTest } from '../wire.ts'
import classes from './communications.module.css'
import { ComposerFields } from './composer-fields.tsx'
import { Exclusions } from './exclusions.tsx'
import { ReminderPreview } from './preview.tsx'
import { Recipients } from './recipients.tsx'
import { arrears, type Choice, type Draft, send, useDryRun } from './reminders.ts'

const PAGE_SIZE = 12

/** Who gets which reminder, why others do not, what it costs, and how it reads; then it goes. */
export function Composer({ place, choice }: { place: ListedPharmacy; choice: Choice }) {
  const format = useFormat()
  const navigate = useNavigate()
  const client = useQueryClient()
  const outlet = String(place.pharmacy_id)
  const [draft, setDraft] = useState<Draft>({
    kind: 'email',
    ageing_buckets: [...arrears],
    language: null,
    subject: null,
    message: null,
    send_at: null,
  })
  const [name, setName] = useState(() =>
    t('communications.campaign_default', { day: format.day(format.today()) }),
  )
  const [page, setPage] = useState(1)
  const [chosen, setChosen] = useState<number | null>(null)
  // The choice is made anew from the address with every render; only what it says matters.
  const said = JSON.stringify(choice)
  const who = useMemo(() => JSON.parse(said) as Choice, [said])
  const [settledDraft] = useDebouncedValue(draft, 350)
  const run = useDryRun(outlet, who, settledDraft, { show: 'message', page, page_size: PAGE_SIZE })
  const { data } = run
  const isStale = draft !== settledDraft || run.isPlaceholderData
  const change = (changes: Partial<Draft>) => {
    setDraft({ ...draft, ...changes })
    setPage(1)
  }
  const shown = data?.items.find(({ debtor_id }) => debtor_id === chosen) ?? data?.items[0]

  const sending = useSubmit(async () => {
    const campaign = await send(outlet, name.trim(), who, draft)
    await client.invalidateQueries({ queryKey: ['campaigns'] })
    if (draft.send_at) done(t('communications.scheduled', { at: format.instant(draft.send_at) }))
    await navigate({
      to: `/communications/campaigns/${campaign.id}` as string,
      search: { outlet } as never,
    })
  })
  const testing = useSubmit(async () => {
    const { send_at: _, ...words } = draft
    const told = await api<ReminderTest>('POST', `/pharmacies/${outlet}/reminders/test`, {
      body: { ...words, ...(shown ? { debtor_id: shown.debtor_id } : {}) },
    })
    done(told.error ?? t('communications.test_sent', { address: told.recipient }))
  })
  const ready =
    data !== undefined &&
    !isStale &&
    data.messages > 0 &&
    name.trim() !== '' &&
    data.channel?.is_ready === true
  const goes = () => {
    if (ready && !sending.busy) void sending.submit({})
  }
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return
      event.preventDefault()
      goes()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })

  return (
    <>
      <div className={classes.columns}>
        <Stack gap="lg">
          <Section title={t('communications.how')}>
            <ComposerFields
              outletId={place.pharmacy_id}
              draft={draft}
              onChange={change}
              closed={data?.closed ?? null}
            />
          </Section>
          {run.isError && !data ? (
            <Failed error={run.error} onRetry={() => run.refetch()} />
          ) : !data ? (
            <Loading lines={8} />
          ) : (
            <div data-stale={isStale || undefined} className={classes.result}>
              <Stack gap="lg">
                <Section title={t('communications.who_gets')} why={<Standing data={data} place={place} />}>
                  <Figures data={data} />
                  {data.messages > 0 && (
                    <Recipients
                      data={data}
                      page={page}
                      onPage={setPage}
                      current={shown?.debtor_id}
                      onChoose={setChosen}
                    />
                  )}
                </Section>
                <Section
                  title={t('communications.left_out', { count: data.left_out })}
                  why={data.left_out > 0 ? t('communications.left_out_why') : undefined}
                >
                  <Exclusions outlet={outlet} choice={who} draft={settledDraft} gates={data.gates} />
                </Section>
              </Stack>
            </div>
          )}
        </Stack>
        <div className={classes.beside}>
          <Section
            title={
              shown ? t('communications.preview_for', { name: shown.name }) : t('communications.preview')
            }
            actions={shown && data && <Steps data={data} current={shown.debtor_id} onChoose={setChosen} />}
          >
            {shown ? (
              <ReminderPreview
                outlet={outlet}
                debtor={shown.debtor_id}
                draft={settledDraft}
                cost={priceOf(data)}
              />
            ) : (
              <Text c="dimmed">{t('communications.nobody_gets')}</Text>
            )}
          </Section>
        </div>
      </div>
      <section className={`${classes.acts} no-print`} aria-label={t('communications.acts')}>
        <TextInput
          label={t('communications.campaign_name')}
          value={name}
          maxLength={200}
          onChange={(event) => setName(event.currentTarget.value)}
          miw={260}
        />
        <Group gap="sm" align="flex-end" className={classes.goes}>
          <Button variant="default" loading={testing.busy} onClick={() => void testing.submit({})}>
            {t('communications.to_me')}
          </Button>
          <Button loading={sending.busy} disabled={!ready} onClick={goes} aria-keyshortcuts="Control+Enter">
            {sendWords(draft, data?.messages ?? 0)}
          </Button>
        </Group>
        <FormError error={sending.error ?? testing.error} />
      </section>
    </>
  )

  /** What so many parts cost, where the channel says a price. */
  function priceOf(run: ReminderDryRun | undefined) {
    if (!run || run.cost === null || !run.parts) return undefined
    const each = run.cost / run.parts
    return (parts: number) => t('communications.costs', { amount: format.money(each * parts, run.currency) })
  }
}

/** By what it leaves, and what stands in the way of that. */
function Standing({ data, place }: { data: ReminderDryRun; place: ListedPharmacy }) {
  const format = useFormat()
  if (!data.channel?.is_ready)
    return (
      <Alert color="red" variant="light">
        {t('communications.no_way', { place: place.name })}{' '}
        <TextLink
          to="/communications/channels"
          search={{ outlet: String(place.pharmacy_id) }}
          underline="always"
        >
          {t('communications.tab_channels')}
        </TextLink>
      </Alert>
    )
  return (
    <>
      {data.channel.provider === 'outbox' && t('communications.by_outbox')}
      {data.closed &&
        (data.closed.next
          ? t('communications.closed_until', { why: data.closed.text, at: format.instant(data.closed.next) })
          : t('communications.closed_why', { why: data.closed.text }))}
    </>
  )
}

function Figures({ data }: { data: ReminderDryRun }) {
  const format = useFormat()
  const figures: [string, string][] = [
    [t('communications.get_one'), format.number(data.messages)],
    [t('communications.asked_for'), format.money(data.amount, data.currency)],
    ...(data.parts === null
      ? []
      : ([[t('communications.parts_all'), format.number(data.parts)]] as [string, string][])),
    ...(data.cost === null
      ? []
      : ([[t('communications.cost'), format.money(data.cost, data.currency)]] as [string, string][])),
  ]
  return (
    <>
      <dl className={classes.figures} aria-live="polite">
        {figures.map(([label, figure]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{figure}</dd>
          </div>
        ))}
      </dl>
      {data.parts !== null && data.messages > 0 && (
        <Text size="sm" c="dimmed" mt="xs">
          {[
            t('communications.one_part', { one: data.one_part ?? 0, all: data.messages }),
            data.cost === null && t('communications.no_price'),
          ]
            .filter(Boolean)
            .join(' ')}
        </Text>
      )}
    </>
  )
}

/** From one preview to the next. */
function Steps({
  data,
  current,
  onChoose,
}: {
  data: ReminderDryRun
  current: number
  onChoose: (id: number) => void
}) {
  const at = data.items.findIndex(({ debtor_id }) => debtor_id === current)
  const go = (to: number) => {
    const next = data.items[to]
    if (next) onChoose(next.debtor_id)
  }
  return (
    <Group gap={6} wrap="nowrap">
      <Button size="compact-md" variant="default" disabled={at <= 0} onClick={() => go(at - 1)}>
        {t('communications.previous')}
      </Button>
      <Button
        size="compact-md"
        variant="default"
        disabled={at < 0 || at >= data.items.length - 1}
        onClick={() => go(at + 1)}
      >
        {t('communications.next')}
      </Button>
    </Group>
  )
}

function sendWords({ kind, send_at }: Draft, count: number): string {
  if (kind === 'sms')
    return send_at ? t('communications.schedule_sms', { count }) : t('communications.send_sms', { count })
  return send_at ? t('communications.schedule_email', { count }) : t('communications.send_email', { count })
}
