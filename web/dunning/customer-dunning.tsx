import { Badge, Button, NativeSelect, Stack, Text, Title } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { can, useFormat, useMe } from '../session.ts'
import { Loaded } from '../shared/states.tsx'
import { done, failed } from '../shared/toast.tsx'
import type { CustomerDunning as Answer, CustomerDetails, DunningPolicies } from '../wire.ts'
import { BlockList, NewBlock } from './blocks.tsx'
import classes from './dunning.module.css'
import { Preview } from './queue.tsx'
import { channelWord, Reasons, stateColour, stateWord } from './words.tsx'

/** Reminders of one customer: what is due today and why not more, what went out, and blocks. */
export default function CustomerDunning({ customer }: { customer: CustomerDetails }) {
  const dunning = useQuery({
    queryKey: ['dunning', 'customer', customer.id],
    queryFn: ({ signal }) =>
      api<Answer>('GET', `/api/receivables/customers/${customer.id}/dunning`, { signal }),
  })
  return (
    <Loaded query={dunning} lines={3}>
      {(answer) => <Body customerId={customer.id} answer={answer} />}
    </Loaded>
  )
}

function Body({ customerId, answer }: { customerId: number; answer: Answer }) {
  const me = useMe()
  const format = useFormat()
  const [shown, setShown] = useState<number | null>(null)
  const mayBlock = can(me, 'receivables.write')
  return (
    <Stack gap="md">
      {answer.lines.map((line) => (
        <div key={line.currency}>
          <Text size="sm" c="dimmed">
            {t('dunning.next')}
          </Text>
          {line.step === null ? (
            t('dunning.nothing')
          ) : (
            <strong>
              {t('dunning.step', { step: line.step, channel: channelWord(line.channel!) })} ·{' '}
              {format.money(line.amount, line.currency)}
            </strong>
          )}
          {line.reasons.length > 0 && <Reasons reasons={line.reasons} currency={line.currency} />}
        </div>
      ))}
      {answer.blocks.length > 0 && <BlockList blocks={answer.blocks} may={mayBlock} />}
      {mayBlock && (
        <div>
          <NewBlock on={{ customer_id: customerId }} />
        </div>
      )}
      {can(me, 'receivables.dun') ? (
        <ChoosePolicy customerId={customerId} answer={answer} />
      ) : (
        answer.policy && <Text size="sm">{`${t('dunning.choose_policy')}: ${answer.policy.name}`}</Text>
      )}
      <div>
        <Title order={3} size="h6">
          {t('dunning.went_out')}
        </Title>
        {answer.messages.length === 0 ? (
          <Text size="sm" c="dimmed">
            {t('dunning.none_yet')}
          </Text>
        ) : (
          <ul className={classes.list}>
            {answer.messages.map((message) => (
              <li key={message.id} className={classes.item}>
                <div className={classes.line}>
                  <Button variant="subtle" size="compact-md" px={0} onClick={() => setShown(message.id)}>
                    {t('dunning.step', { step: message.step, channel: channelWord(message.channel) })}
                  </Button>
                  <span>
                    <Badge variant="light" color={stateColour[message.state] ?? 'gray'}>
                      {stateWord(message.state)}
                    </Badge>{' '}
                    {format.day(message.sent_on ?? message.prepared_on)}
                  </span>
                </div>
              </li>
            ))}
          </ul>
        )}
      </div>
      {shown !== null && <Preview id={shown} onClose={() => setShown(null)} />}
    </Stack>
  )
}

function ChoosePolicy({ customerId, answer }: { customerId: number; answer: Answer }) {
  const client = useQueryClient()
  const policies = useQuery({
    queryKey: ['dunning', 'policies'],
    queryFn: ({ signal }) => api<DunningPolicies>('GET', '/api/receivables/dunning/policies', { signal }),
  })
  const items = policies.data?.items ?? []
  const standard = items.find((policy) => policy.is_default)
  if (items.length < 2) return null
  return (
    <NativeSelect
      label={t('dunning.choose_policy')}
      value={answer.policy?.is_own ? String(answer.policy.id) : ''}
      data={[
        { value: '', label: t('dunning.policy_default', { name: standard?.name ?? '–' }) },
        ...items.map(({ id, name }) => ({ value: String(id), label: name })),
      ]}
      onChange={(event) => {
        const policy_id = event.currentTarget.value ? Number(event.currentTarget.value) : null
        void api('PUT', `/api/receivables/customers/${customerId}/dunning`, { body: { policy_id } })
          .then(() => client.invalidateQueries({ queryKey: ['dunning'] }))
          .then(() => done(t('dunning.policy_chosen')), failed)
      }}
    />
  )
}
