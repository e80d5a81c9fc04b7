import { Badge, Button, Group, Text } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { Failed, Loading } from '../shared/states.tsx'
import type { MessagePage } from '../wire.ts'
import classes from './communications.module.css'
import { OneMessage } from './one-message.tsx'
import { kindWord, purposeWord, stateColour, stateWord } from './words.ts'

const pageSize = 20

/** What was sent to one customer or debtor, newest first; a message opens as its reader saw it. Loads the words of its area: see `lazy.ts`. */
export default function MessageLog({ customerId }: { customerId: number }) {
  const format = useFormat()
  const [shown, setShown] = useState<number | null>(null)
  const log = useInfiniteQuery({
    queryKey: ['messages', { customer_id: customerId }],
    queryFn: ({ pageParam, signal }) =>
      api<MessagePage>('GET', '/api/communications/messages', {
        query: { customer_id: customerId, page: pageParam, page_size: pageSize },
        signal,
      }),
    initialPageParam: 1,
    getNextPageParam: ({ page, pages }) => (page < pages ? page + 1 : undefined),
  })
  if (log.isError && !log.data) return <Failed error={log.error} onRetry={() => log.refetch()} />
  if (!log.data) return <Loading lines={3} />
  const items = log.data.pages.flatMap((page) => page.items)
  if (items.length === 0) return <Text c="dimmed">{t('communications.none_to_them')}</Text>
  return (
    <>
      <ol className={classes.list} aria-label={t('communications.log')}>
        {items.map((message) => (
          <li key={message.id} className={classes.item}>
            <div className={classes.line}>
              <span>
                <Button variant="subtle" size="compact-md" px={0} onClick={() => setShown(message.id)}>
                  {message.subject ?? kindWord(message.kind)}
                </Button>
              </span>
              <Group gap="xs">
                <Badge color={stateColour[message.state] ?? 'gray'}>{stateWord(message.state)}</Badge>
                <Text size="sm" c="dimmed">
                  {format.instant(message.sent_at ?? message.created_at)}
                </Text>
              </Group>
            </div>
            <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              {[kindWord(message.kind), purposeWord(message.purpose), message.recipient].join(' · ')}
            </Text>
            {message.error && <Text size="sm">{message.error}</Text>}
          </li>
        ))}
      </ol>
      {log.hasNextPage && (
        <Button
          mt="sm"
          variant="default"
          loading={log.isFetchingNextPage}
          onClick={() => log.fetchNextPage()}
        >
          {t('communications.older')}
        </Button>
      )}
      {shown !== null && <OneMessage id={shown} onClose={() => setShown(null)} />}
    </>
  )
}
