import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { DateField } from '../shared/date-field.tsx'
import { FormError, useSubmit } from '../shared/form.tsx'
import { Section } from '../shared/section.tsx'
import { Loaded } from '../shared/states.tsx'
import { TextLink } from '../shared/text-link.tsx'
import { done, failed } from '../shared/toast.tsx'
import type { DeadAddress, DunningBlock, Page } from '../wire.ts'
import classes from './dunning.module.css'

/** Who is not reminded, and addresses that nothing is sent to. */
export function Blocks() {
  const blocks = useQuery({
    queryKey: ['dunning', 'blocks'],
    queryFn: ({ signal }) =>
      api<Page<DunningBlock>>('GET', '/api/receivables/dunning/blocks', {
        query: { page_size: 500 },
        signal,
      }),
  })
  return (
    <Stack gap="lg">
      <Section title={t('dunning.tab_blocks')} why={t('dunning.no_blocks_why')}>
        <Loaded query={blocks} lines={4}>
          {({ items }) =>
            items.length === 0 ? (
              <Text c="dimmed">{t('dunning.no_blocks')}</Text>
            ) : (
              <BlockList blocks={items} named />
            )
          }
        </Loaded>
      </Section>
      <DeadAddresses />
    </Stack>
  )
}

export function BlockList({
  blocks,
  named = false,
  may = true,
}: {
  blocks: DunningBlock[]
  named?: boolean
  may?: boolean
}) {
  const format = useFormat()
  const client = useQueryClient()
  const lift = (block: DunningBlock) =>
    api('POST', `/api/receivables/dunning/blocks/${block.id}/lift`)
      .then(() => client.invalidateQueries({ queryKey: ['dunning'] }))
      .then(() => done(t('dunning.lifted')), failed)
  return (
    <ul className={classes.list}>
      {blocks.map((block) => (
        <li key={block.id} className={classes.item}>
          <div className={classes.line}>
            <span>
              {named && (
                <>
                  <TextLink to={`/receivables/customers/${block.customer_id}`} underline="always">
                    {block.customer_name}
                  </TextLink>
                  {', '}
                </>
              )}
              {block.invoice_number ?? t('dunning.whole_customer')}{' '}
              {t('dunning.block_line', { day: format.day(block.until), reason: block.reason })}
            </span>
            {may && (
              <Button size="compact-sm" variant="default" onClick={() => void lift(block)}>
                {t('dunning.lift')}
              </Button>
            )}
          </div>
          <Text size="xs" c="dimmed">
            {block.created_by?.full_name}
          </Text>
        </li>
      ))}
    </ul>
  )
}

/** Blocks a customer, or one invoice, until a day. */
export function NewBlock({ on }: { on: { customer_id: number } | { invoice_id: number } }) {
  const format = useFormat()
  const client = useQueryClient()
  const invoice = 'invoice_id' in on
  const [asking, setAsking] = useState(false)
  const [until, setUntil] = useState('')
  const [reason, setReason] = useState('')
  const { busy, error, submit } = useSubmit(async () => {
    const block = await api<DunningBlock>('POST', '/api/receivables/dunning/blocks', {
      body: { ...on, until, reason },
    })
    const refresh = () => client.invalidateQueries({ queryKey: ['dunning'] })
    const day = format.day(block.until)
    const said = t(invoice ? 'dunning.invoice_blocked' : 'dunning.blocked', { day })
    done(said, async () => {
      await api('POST', `/api/receivables/dunning/blocks/${block.id}/lift`)
      await refresh()
    })
    setAsking(false)
    setReason('')
    await refresh()
  })
  if (!asking)
    return (
      <Button variant="default" onClick={() => setAsking(true)}>
        {t(invoice ? 'dunning.block_invoice' : 'dunning.block')}
      </Button>
    )
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void submit({})
      }}
    >
      <Stack gap="sm">
        <DateField
          label={t('dunning.block_customer')}
          min={format.today()}
          value={until}
          onChange={(event) => setUntil(event.currentTarget.value)}
          required
          autoFocus
        />
        <TextInput
          label={t('dunning.block_reason')}
          value={reason}
          maxLength={500}
          onChange={(event) => setReason(event.currentTarget.value)}
          required
        />
        <FormError error={error} />
        <Group>
          <Button type="submit" loading={busy} disabled={!until || !reason.trim()}>
            {t('dunning.block')}
          </Button>
          <Button variant="default" onClick={() => setAsking(false)}>
            {t('core.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function DeadAddresses() {
  const client = useQueryClient()
  const [address, setAddress] = useState('')
  const [reason, setReason] = useState('')
  const refresh = () => client.invalidateQueries({ queryKey: ['dunning'] })
  const dead = useQuery({
    queryKey: ['dunning', 'dead'],
    queryFn: ({ signal }) =>
      api<Page<DeadAddress>>('GET', '/api/receivables/dunning/dead-addresses', {
        query: { page_size: 500 },
        signal,
      }),
  })
  const { busy, error, submit } = useSubmit(async () => {
    await api('POST', '/api/receivables/dunning/dead-addresses', { body: { address, reason } })
    setAddress('')
    setReason('')
    await refresh()
  })
  return (
    <Section title={t('dunning.dead')} why={t('dunning.dead_why')}>
      <Loaded query={dead} lines={3}>
        {({ items }) =>
          items.length === 0 ? (
            <Text c="dimmed">{t('dunning.none_dead')}</Text>
          ) : (
            <ul className={classes.list}>
              {items.map((each) => (
                <li key={each.id} className={classes.item}>
                  <div className={classes.line}>
                    <span style={{ overflowWrap: 'anywhere' }}>
                      {each.address}{' '}
                      <Text size="sm" c="dimmed" component="span">
                        {each.reason}
                      </Text>
                    </span>
                    <Button
                      size="compact-sm"
                      variant="default"
                      onClick={() =>
                        void api('POST', `/api/receivables/dunning/dead-addresses/${each.id}/clear`).then(
                          refresh,
                          failed,
                        )
                      }
                    >
                      {t('dunning.clear')}
                    </Button>
                  </div>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit({})
        }}
      >
        <Group align="flex-end" mt="md">
          <TextInput
            label={t('dunning.address')}
            value={address}
            onChange={(event) => setAddress(event.currentTarget.value)}
            maxLength={254}
          />
          <TextInput
            label={t('dunning.block_reason')}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            maxLength={500}
          />
          <Button type="submit" variant="default" loading={busy} disabled={!address.trim() || !reason.trim()}>
            {t('dunning.mark_dead')}
          </Button>
        </Group>
        <FormError error={error} />
      </form>
    </Section>
  )
}
