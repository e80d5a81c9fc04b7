import { Button, Drawer, Group, Stack, Text, Textarea, Title } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api.ts'
import { type MessageKey, t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { Facts } from '../shared/data-table.tsx'
import { FormError, useSubmit } from '../shared/form.tsx'
import { Loaded } from '../shared/states.tsx'
import { TextLink } from '../shared/text-link.tsx'
import { done } from '../shared/toast.tsx'
import type { PromiseDetails } from '../wire.ts'
import classes from './promises.module.css'
import { VerdictBadge } from './verdict-badge.tsx'
import { paidWords } from './words.ts'

type Props = { id: number | string; as_of?: string | undefined; onClose: () => void }

/** One promise: what came of it and how that is worked out, and what can be done about it. */
export default function PromiseDrawer({ id, as_of, onClose }: Props) {
  const format = useFormat()
  const promise = useQuery({
    queryKey: ['promises', 'one', String(id), as_of],
    queryFn: ({ signal }) =>
      api<PromiseDetails>('GET', `/api/receivables/promises/${id}`, { query: { as_of }, signal }),
  })
  const { data } = promise
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={480}
      title={
        data
          ? t('promises.details', { amount: format.money(data.amount, data.currency) })
          : t('core.nav_promises')
      }
    >
      <Loaded query={promise} lines={8}>
        {(shown) => <Body promise={shown} onClose={onClose} />}
      </Loaded>
    </Drawer>
  )
}

function Body({ promise, onClose }: { promise: PromiseDetails; onClose: () => void }) {
  const format = useFormat()
  const money = (amount: number) => format.money(amount, promise.currency)
  const facts: [string, React.ReactNode][] = [
    [
      t('promises.customer'),
      <TextLink key="customer" to={`/receivables/customers/${promise.customer_id}`}>
        {promise.customer_name}
      </TextLink>,
    ],
    [
      t('promises.promised_on'),
      t('promises.when_means', { day: format.day(promise.promised_on), last: format.day(promise.deadline) }),
    ],
    [
      t('promises.made'),
      `${format.day(promise.made_on)}${promise.made_by ? ` · ${promise.made_by.full_name}` : ''}`,
    ],
    [t('promises.level'), String(promise.level)],
    [t('promises.note'), promise.note],
  ]
  return (
    <Stack gap="lg">
      <div>
        <VerdictBadge promise={promise} />
        {promise.is_waiting && (
          <Text size="sm">{t('promises.waiting', { day: format.day(promise.deadline) })}</Text>
        )}
      </div>
      <Facts facts={facts.filter(([, value]) => value)} />
      <section>
        <Title order={2} size="h5">
          {t('promises.arithmetic')}
        </Title>
        <Text size="sm">
          {t('promises.needed', {
            amount: money(promise.needed),
            from: format.day(promise.made_on),
            to: format.day(promise.deadline),
          })}
        </Text>
        {promise.counted.length === 0 ? (
          <Text size="sm" c="dimmed">
            {t('promises.no_money')}
          </Text>
        ) : (
          <ul className={classes.list}>
            {promise.counted.map((each) => (
              <li key={`${each.invoice_id} ${each.paid_from} ${each.paid_by}`} className={classes.item}>
                <div className={classes.line}>
                  <span>
                    {t('promises.counts', { amount: money(each.amount), invoice: each.invoice_number })}{' '}
                    {paidWords({ ...promise, ...each }, format)}
                  </span>
                  <Text size="xs" c="dimmed">
                    {each.file_name && t('promises.by_file', { file: each.file_name })}
                  </Text>
                </div>
              </li>
            ))}
          </ul>
        )}
        {promise.is_estimate && (
          <Text size="sm" c="dimmed">
            {t('promises.estimate_why')}
          </Text>
        )}
        {promise.decided_by && (
          <Text size="sm">{t('promises.decided_by', { day: format.day(promise.decided_by) })}</Text>
        )}
      </section>
      <section>
        <Title order={2} size="h5">
          {t('promises.invoices')}
        </Title>
        <ul className={classes.list}>
          {promise.invoices.map((invoice) => (
            <li key={invoice.invoice_id} className={classes.item}>
              <div className={classes.line}>
                <TextLink to={`/receivables/invoices/${invoice.invoice_id}`} underline="always">
                  {invoice.invoice_number}
                </TextLink>
                <span>
                  {money(invoice.paid)} / {money(invoice.amount)}
                </span>
              </div>
            </li>
          ))}
        </ul>
      </section>
      <Acts promise={promise} onClose={onClose} />
      <History promise={promise} />
    </Stack>
  )
}

function Acts({ promise, onClose }: { promise: PromiseDetails; onClose: () => void }) {
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const refresh = () =>
    Promise.all(
      [['promises'], ['invoices'], ['customers'], ['dunning']].map((queryKey) =>
        client.invalidateQueries({ queryKey }),
      ),
    )
  const undo = async () => {
    await api('POST', `/api/receivables/promises/${promise.id}/undo`)
    done(t('promises.undone'))
    if (promise.state === 'active') onClose()
    await refresh()
  }
  const undoing = useSubmit(undo)
  const withdrawing = useSubmit(async () => {
    await api('POST', `/api/receivables/promises/${promise.id}/withdraw`, { body: { reason } })
    done(t('promises.withdrawn_done'), async () => {
      await api('POST', `/api/receivables/promises/${promise.id}/undo`)
      await refresh()
    })
    setAsking(false)
    await refresh()
  })
  if (!promise.may_withdraw && !promise.may_undo) return null
  return (
    <Stack gap="sm">
      <FormError error={undoing.error ?? withdrawing.error} />
      {asking ? (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (reason.trim()) void withdrawing.submit({})
          }}
        >
          <Textarea
            label={t('promises.reason')}
            description={t('promises.withdraw_why')}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            maxLength={500}
            autoFocus
            required
          />
          <Group mt="sm">
            <Button type="submit" loading={withdrawing.busy} disabled={!reason.trim()}>
              {t('promises.withdraw')}
            </Button>
            <Button variant="default" onClick={() => setAsking(false)}>
              {t('core.cancel')}
            </Button>
          </Group>
        </form>
      ) : (
        <Group>
          {promise.may_withdraw && (
            <Button variant="default" onClick={() => setAsking(true)}>
              {t('promises.withdraw')}
            </Button>
          )}
          {promise.may_undo && (
            <Button variant="default" loading={undoing.busy} onClick={() => void undoing.submit({})}>
              {t('promises.undo')}
            </Button>
          )}
        </Group>
      )}
    </Stack>
  )
}

const kinds: Record<string, MessageKey> = {
  'promise.made': 'promises.event_made',
  'promise.superseded': 'promises.event_superseded',
  'promise.withdrawn': 'promises.event_withdrawn',
  'promise.restored': 'promises.event_restored',
  'promise.kept': 'promises.event_kept',
  'promise.partially_kept': 'promises.event_partially_kept',
  'promise.broken': 'promises.event_broken',
  'promise.reopened': 'promises.event_reopened',
}

function History({ promise }: { promise: PromiseDetails }) {
  const format = useFormat()
  return (
    <section>
      <Title order={2} size="h5">
        {t('promises.history')}
      </Title>
      <ol className={classes.list}>
        {promise.history.map((event) => {
          const key = kinds[event.kind]
          return (
            <li key={event.id} className={classes.item}>
              <Text size="xs" c="dimmed">
                {format.instant(event.at)}
                {event.user && ` · ${event.user.full_name}`}
              </Text>
              {key ? t(key, { reason: String(event.data.reason ?? '') }) : event.kind}
            </li>
          )
        })}
      </ol>
    </section>
  )
}
