import { Button, Stack, Text } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { api } from '../api.ts'
import { type MessageKey, t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { Failed, Loading } from '../shared/states.tsx'
import { TextLink } from '../shared/text-link.tsx'
import type { Timeline as Answer } from '../wire.ts'
import { fieldLabel, fieldValue } from './fields.ts'
import classes from './invoice.module.css'
import { Change } from './said.tsx'

const pageSize = 20
type Event = Answer['items'][number]

const kinds: Record<string, MessageKey> = {
  'invoice.changed': 'receivables.event_changed',
  'invoice.commented': 'receivables.event_commented',
  'invoice.comment_edited': 'receivables.event_comment_edited',
  'invoice.comment_deleted': 'receivables.event_comment_deleted',
  'invoice.payment_recorded': 'receivables.event_payment_recorded',
  'invoice.payment_reversed': 'receivables.event_payment_reversed',
  'invoice.allocation_reversed': 'receivables.event_allocation_reversed',
  'invoice.credited': 'receivables.event_credited',
  'invoice.write_off_requested': 'receivables.event_write_off_requested',
  'invoice.write_off_rejected': 'receivables.event_write_off_rejected',
  'invoice.write_off_reversed': 'receivables.event_write_off_reversed',
  'invoice.written_off': 'receivables.event_written_off',
  'invoice.settled': 'receivables.event_settled',
  'invoice.unsettled': 'receivables.event_unsettled',
  'invoice.reopened': 'receivables.event_reopened',
  'invoice.contradicted': 'receivables.event_contradicted',
  'customer.paid': 'receivables.event_paid',
  'customer.changed': 'receivables.event_customer_changed',
}

/** What happened, newest first; of a customer with the invoice that it happened to. */
export function Timeline({
  of,
  id,
  currency,
}: {
  of: 'invoices' | 'customers'
  id: number
  currency: string | undefined
}) {
  const events = useInfiniteQuery({
    queryKey: [of, 'timeline', id],
    queryFn: ({ pageParam, signal }) =>
      api<Answer>('GET', `/api/receivables/${of}/${id}/timeline`, {
        query: { page: pageParam, page_size: pageSize },
        signal,
      }),
    initialPageParam: 1,
    getNextPageParam: ({ page, pages }) => (page < pages ? page + 1 : undefined),
  })
  if (events.isError && !events.data) return <Failed error={events.error} onRetry={() => events.refetch()} />
  if (!events.data) return <Loading lines={3} />
  const items = events.data.pages.flatMap((page) => page.items)
  if (items.length === 0) return <Text c="dimmed">{t('receivables.no_events')}</Text>
  return (
    <Stack gap="sm">
      <ol className={classes.list}>
        {items.map((event) => (
          <Happened key={event.id} event={event} currency={currency} named={of === 'customers'} />
        ))}
      </ol>
      {events.hasNextPage && (
        <Button variant="default" loading={events.isFetchingNextPage} onClick={() => events.fetchNextPage()}>
          {t('receivables.older_events')}
        </Button>
      )}
    </Stack>
  )
}

function Happened({
  event,
  currency,
  named,
}: {
  event: Event
  currency: string | undefined
  named: boolean
}) {
  const format = useFormat()
  const changes = Object.entries(event.data).filter(
    (entry): entry is [string, [unknown, unknown]] => Array.isArray(entry[1]) && entry[1].length === 2,
  )
  const key = kinds[event.kind]
  const to = typeof event.data.to === 'string' ? event.data.to : null
  return (
    <li className={classes.item}>
      <Text size="xs" c="dimmed">
        <time dateTime={event.at}>{format.instant(event.at)}</time>
        {event.user && ` · ${event.user.full_name}`}
      </Text>
      <Text size="sm">
        {named && event.invoice_id !== null && event.invoice_number && (
          <>
            <TextLink to={`/receivables/invoices/${event.invoice_id}`} underline="always" inherit>
              {event.invoice_number}
            </TextLink>{' '}
          </>
        )}
        {event.kind === 'invoice.assigned'
          ? to
            ? t('receivables.event_assigned_to', { name: to })
            : t('receivables.event_unassigned')
          : key
            ? t(key)
            : eventWords(event.kind)}
        {typeof event.data.amount === 'number' &&
          `: ${format.money(event.data.amount, moneyOf(event, currency))}`}
      </Text>
      {changes.length > 0 && (
        <ul className={classes.changes}>
          {changes.map(([field, [before, after]]) => (
            <Change
              key={field}
              label={fieldLabel(field)}
              before={fieldValue(field, before, format, currency)}
              after={fieldValue(field, after, format, currency)}
            />
          ))}
        </ul>
      )}
    </li>
  )
}

const moneyOf = ({ data }: Event, currency: string | undefined) =>
  typeof data.currency === 'string' ? data.currency : currency

/** An event that this page does not know yet is already named in the field's words. */
const eventWords = (kind: string) => {
  const words = kind.replace(/[._]+/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
