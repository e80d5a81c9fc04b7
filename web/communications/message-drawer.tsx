import { Alert, Badge, Button, Drawer, Group, Stack, Text, Title } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { useFormat, useMe } from '../session.ts'
import { Facts } from '../shared/data-table.tsx'
import { FormError, useSubmit } from '../shared/form.tsx'
import { Loaded } from '../shared/states.tsx'
import { done } from '../shared/toast.tsx'
import type { MessageDetails, Resent } from '../wire.ts'
import classes from './communications.module.css'
import { MailFrame } from './mail-frame.tsx'
import { maySend } from './may.ts'
import { SmsBubble } from './sms-bubble.tsx'
import { Whose } from './whose.tsx'
import { eventWord, kindWord, providerWord, purposeWord, stateColour, stateWord } from './words.ts'

/** One message as its reader saw it, how far it came, and what its provider said of it. */
export function MessageDrawer({ id, onClose }: { id: number | string; onClose: () => void }) {
  const message = useQuery({
    queryKey: ['messages', 'one', String(id)],
    queryFn: ({ signal }) => api<MessageDetails>('GET', `/api/communications/messages/${id}`, { signal }),
  })
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={640}
      title={
        message.data
          ? t('communications.message_to', {
              name: message.data.recipient_name || message.data.recipient,
            })
          : t('communications.message')
      }
    >
      <Loaded query={message} lines={8}>
        {(shown) => <Body message={shown} />}
      </Loaded>
    </Drawer>
  )
}

function Body({ message }: { message: MessageDetails }) {
  const format = useFormat()
  const facts: [string, React.ReactNode][] = [
    [t('communications.to'), message.recipient],
    [
      t('communications.way'),
      [kindWord(message.kind), providerWord(message.provider)].filter(Boolean).join(', '),
    ],
    [t('communications.purpose'), purposeWord(message.purpose)],
    [t('communications.made'), format.instant(message.created_at)],
    ...when(t('communications.sent'), message.sent_at),
    ...when(t('communications.delivered'), message.delivered_at),
    ...when(t('communications.opened'), message.opened_at),
    ...(message.parts === null
      ? []
      : ([[t('communications.size'), t('communications.parts', { count: message.parts })]] as typeof facts)),
    ...(message.created_by
      ? ([[t('communications.sender'), message.created_by.full_name]] as [string, React.ReactNode][])
      : []),
    ...when(t('communications.not_before'), message.state === 'pending' ? message.send_after : null),
  ]
  function when(label: string, at: string | null): [string, React.ReactNode][] {
    return at ? [[label, format.instant(at)]] : []
  }
  return (
    <Stack gap="md">
      <Group gap="xs">
        <Badge color={stateColour[message.state] ?? 'gray'}>{stateWord(message.state)}</Badge>
        <Whose {...message} />
      </Group>
      {message.error && (
        <Alert color={message.state === 'failed' ? 'red' : 'brass'} variant="light">
          {message.error}
        </Alert>
      )}
      <Facts facts={facts} />
      {message.kind === 'sms' ? (
        <SmsBubble text={message.text} parts={message.parts ?? 1} encoding={null} />
      ) : (
        <MailFrame subject={message.subject ?? ''} html={message.html} text={message.text} />
      )}
      <Acts message={message} />
      {message.reports.length > 0 && (
        <section>
          <Title order={2} size="h5">
            {t('communications.events')}
          </Title>
          <ol className={classes.list}>
            {message.reports.map((event) => (
              <li key={`${event.kind} ${event.at} ${event.received_at}`} className={classes.item}>
                <div className={classes.line}>
                  <span>
                    {eventWord(event.kind)}
                    {event.detail && (
                      <Text size="sm" c="dimmed">
                        {event.detail}
                      </Text>
                    )}
                  </span>
                  <Text size="sm" c="dimmed">
                    {format.instant(event.at)}
                  </Text>
                </div>
              </li>
            ))}
          </ol>
        </section>
      )}
    </Stack>
  )
}

/**
 * What can still be done with it: send again what certainly did not leave, take back what waits, say what became of one of which that
 * is not known.
 */
function Acts({ message }: { message: MessageDetails }) {
  const me = useMe()
  const client = useQueryClient()
  const { busy, error, submit } = useSubmit(async (act: 'resend' | 'cancel' | 'sent' | 'failed') => {
    const path = '/api/communications/messages'
    if (act === 'resend') {
      const { skipped } = await api<Resent>('POST', `${path}/resend`, { body: { ids: [message.id] } })
      done(skipped[0]?.why ?? t('communications.queued_again'))
    } else if (act === 'cancel') {
      await api('POST', `${path}/${message.id}/cancel`)
      done(t('communications.cancelled'))
    } else {
      await api('POST', `${path}/${message.id}/settle`, { body: { state: act } })
      done(t('communications.settled'))
    }
    await client.invalidateQueries({ queryKey: ['messages'] })
    await client.invalidateQueries({ queryKey: ['campaigns'] })
  })
  if (!maySend(me)) return null
  const { state } = message
  const again = state === 'failed' || (state === 'held' && message.reason === 'no_channel')
  return (
    <>
      <FormError error={error} />
      {state === 'unknown' && <Text size="sm">{t('communications.unknown_why')}</Text>}
      <Group>
        {again && (
          <Button loading={busy} onClick={() => void submit('resend')}>
            {t('communications.send_again')}
          </Button>
        )}
        {state === 'pending' && (
          <Button variant="default" loading={busy} onClick={() => void submit('cancel')}>
            {t('communications.cancel_message')}
          </Button>
        )}
        {state === 'unknown' && (
          <>
            <Button variant="default" loading={busy} onClick={() => void submit('sent')}>
              {t('communications.it_arrived')}
            </Button>
            <Button variant="default" loading={busy} onClick={() => void submit('failed')}>
              {t('communications.it_did_not')}
            </Button>
          </>
        )}
      </Group>
    </>
  )
}
