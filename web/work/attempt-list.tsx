import { Badge, Button, Group, Stack, Text } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import classes from '../receivables/invoice.module.css'
import { useFormat } from '../session.ts'
import { Failed, Loading } from '../shared/states.tsx'
import { TextLink } from '../shared/text-link.tsx'
import type { Attempt, Page } from '../wire.ts'
import { channelLabel, outcomeLabel } from './words.ts'

const pageSize = 20

/** What was said to a customer, newest first. */
export function AttemptList({ customerId }: { customerId: number }) {
  const attempts = useInfiniteQuery({
    queryKey: ['attempts', { customer_id: customerId }],
    queryFn: ({ pageParam, signal }) =>
      api<Page<Attempt>>('GET', '/api/receivables/attempts', {
        query: { customer_id: customerId, page: pageParam, page_size: pageSize },
        signal,
      }),
    initialPageParam: 1,
    getNextPageParam: ({ page, pages }) => (page < pages ? page + 1 : undefined),
  })
  if (attempts.isError && !attempts.data)
    return <Failed error={attempts.error} onRetry={() => attempts.refetch()} />
  if (!attempts.data) return <Loading lines={3} />
  const items = attempts.data.pages.flatMap((page) => page.items)
  if (items.length === 0) return <Text c="dimmed">{t('work.no_attempts')}</Text>
  return (
    <Stack gap="sm">
      <ol className={classes.list}>
        {items.map((attempt) => (
          <li key={attempt.id} className={classes.item}>
            <Said attempt={attempt} />
          </li>
        ))}
      </ol>
      {attempts.hasNextPage && (
        <Button
          variant="default"
          loading={attempts.isFetchingNextPage}
          onClick={() => attempts.fetchNextPage()}
        >
          {t('receivables.older_events')}
        </Button>
      )}
    </Stack>
  )
}

function Said({ attempt }: { attempt: Attempt }) {
  const format = useFormat()
  return (
    <>
      <Group gap="xs">
        <Text size="sm" fw={600}>
          {channelLabel(attempt.channel)}
          {attempt.person && `, ${attempt.person}`}
        </Text>
        <Badge color={toneOf(attempt.outcome)}>{outcomeLabel(attempt.outcome)}</Badge>
      </Group>
      <Text size="xs" c="dimmed">
        <time dateTime={attempt.attempted_at}>{format.instant(attempt.attempted_at)}</time> ·{' '}
        {attempt.user.full_name}
      </Text>
      {attempt.note && <p className={classes.body}>{attempt.note}</p>}
      {attempt.invoices.length > 0 && (
        <Text size="sm" c="dimmed">
          {t('work.about')}{' '}
          {attempt.invoices.map(({ id, invoice_number }, index) => (
            <span key={id}>
              {index > 0 && ', '}
              <TextLink to={`/receivables/invoices/${id}`} inherit>
                {invoice_number}
              </TextLink>
            </span>
          ))}
        </Text>
      )}
      {attempt.next_follow_up && (
        <Text size="sm" c="dimmed">
          {t('work.again_on', { day: format.day(attempt.next_follow_up) })}
        </Text>
      )}
    </>
  )
}

/** Whether one got through, and whether it helped. */
export const toneOf = (outcome: string) =>
  ['spoke', 'promised', 'replied'].includes(outcome)
    ? 'pine'
    : ['disputed', 'refused', 'wrong_number'].includes(outcome)
      ? 'red'
      : 'gray'
