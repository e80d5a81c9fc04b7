import { Button, Stack, Text } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { Failed, Loading } from '../shared/states.tsx'
import { TextLink } from '../shared/text-link.tsx'
import type { Timeline as Answer } from '../wire.ts'
import { eventWords } from './event-words.ts'
import { fieldLabel, fieldValue } from './fields.ts'
import classes from './invoice.module.css'
import { Change } from './said.tsx'

const pageSize = 20
type Event = Answer['items'][number]

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
        {eventWords(event, format)}
        {event.invoices.map(({ id: about, invoice_number }) => (
          <span key={about}>
            {' '}
            <TextLink to={`/receivables/invoices/${about}`} underline="always" inherit>
              {invoice_number}
            </TextLink>
          </span>
        ))}
      </Text>
      {typeof event.data.note === 'string' && event.data.note !== '' && (
        <p className={classes.body} style={{ fontSize: 'var(--mantine-font-size-sm)' }}>
          {event.data.note}
        </p>
      )}
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
