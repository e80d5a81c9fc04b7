import { Badge, Button, Drawer, Group, Stack, Text, TextInput, Title } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import chips from '../receivables/bucket-chips.module.css'
import { can, useFormat, useMe } from '../session.ts'
import { type Column, Facts } from '../shared/data-table.tsx'
import { FilterBar } from '../shared/filter-bar.tsx'
import { FormError, useSubmit } from '../shared/form.tsx'
import type { Formatter } from '../shared/format.ts'
import { usePagedRows } from '../shared/paged-rows.ts'
import { SearchField } from '../shared/search-field.tsx'
import { Empty, Loaded } from '../shared/states.tsx'
import { TextLink } from '../shared/text-link.tsx'
import { done } from '../shared/toast.tsx'
import { sortOf } from '../shared/url-filters.ts'
import { useFilters } from '../shared/use-filters.ts'
import { type Picked, VirtualTable } from '../shared/virtual-table.tsx'
import type { DunningDecided, DunningMessage, DunningMessageDetails, DunningMessagePage } from '../wire.ts'
import classes from './dunning.module.css'
import { channelWord, gateWord, stateColour, stateWord } from './words.tsx'

type Decision = 'approve' | 'hold' | 'cancel' | 'sent'
const states = ['prepared', 'approved', 'held', 'sent', 'cancelled'] as const

/** Reminders that wait for somebody, and those that went out. */
export function Queue() {
  const format = useFormat()
  const [filters, setFilters] = useFilters(['state', 'search', 'sort', 'message'])
  const { state = 'prepared', search, sort } = filters
  const [picked, setPicked] = useState<Picked>(new Set())
  const query = useMemo(() => {
    const sorted = sortOf(sort)
    return {
      state,
      search,
      ...(sorted ? { sort: sorted.by, order: sorted.descending ? 'desc' : 'asc' } : {}),
    }
  }, [state, search, sort])
  const messages = usePagedRows<DunningMessage, DunningMessagePage>(
    'dunning',
    '/api/receivables/dunning/messages',
    query,
  )
  const columns = useMemo(() => columnsOf(format), [format])
  const open = useCallback(
    (message: DunningMessage) => setFilters({ message: String(message.id) }),
    [setFilters],
  )
  const ids = async () =>
    picked === 'all'
      ? (
          await api<DunningMessagePage>('GET', '/api/receivables/dunning/messages', {
            query: { ...query, page_size: 500 },
          })
        ).items.map(({ id }) => id)
      : [...picked]
  const count = picked === 'all' ? (messages.first.data?.total ?? 0) : picked.size
  return (
    <>
      <FilterBar>
        <SearchField
          label={t('dunning.search')}
          value={search}
          onChange={(text) => setFilters({ search: text }, { replace: true })}
        />
      </FilterBar>
      <fieldset className={`${chips.chips} no-print`}>
        <legend className={chips.legend}>{t('dunning.states')}</legend>
        {states.map((each) => (
          <button
            key={each}
            type="button"
            className={chips.chip}
            aria-pressed={each === state}
            onClick={() => {
              setPicked(new Set())
              setFilters({ state: each === 'prepared' ? undefined : each })
            }}
          >
            {stateWord(each)}
            <span className={chips.count}>{format.number(messages.first.data?.counts[each] ?? 0)}</span>
          </button>
        ))}
      </fieldset>
      {count > 0 && (
        <section className={`sheet ${classes.picked} no-print`} aria-label={t('dunning.picked', { count })}>
          <Text fw={600} role="status">
            {t('dunning.picked', { count })}
          </Text>
          <Decide ids={ids} state={state} onDone={() => setPicked(new Set())} />
        </section>
      )}
      <Loaded query={messages.first} lines={10}>
        {(data) =>
          data.total === 0 ? (
            <Empty title={t('dunning.queue_empty')} why={t('dunning.queue_empty_why')} />
          ) : (
            <VirtualTable
              caption={t('dunning.queue')}
              columns={columns}
              count={data.total}
              rowAt={messages.rowAt}
              rowKey={(message) => message.id}
              onRange={messages.onRange}
              onOpen={open}
              sort={sort}
              onSort={(next) => setFilters({ sort: next })}
              stale={messages.stale}
              picking={
                ['prepared', 'approved', 'held'].includes(state)
                  ? {
                      picked,
                      onPick: setPicked,
                      label: (message) => t('dunning.pick', { customer: message.customer_name }),
                    }
                  : undefined
              }
              footer={data.totals.map((total) => ({
                customer_name: t('dunning.total', { count: total.count }),
                amount: format.money(total.amount, total.currency),
              }))}
            />
          )
        }
      </Loaded>
      {filters.message && <Preview id={filters.message} onClose={() => setFilters({ message: undefined })} />}
    </>
  )
}

const decisions: Record<string, Decision[]> = {
  prepared: ['approve', 'hold', 'cancel'],
  held: ['approve', 'cancel'],
  approved: ['sent', 'hold', 'cancel'],
}
const words = {
  approve: 'dunning.approve',
  hold: 'dunning.hold',
  cancel: 'dunning.cancel',
  sent: 'dunning.mark_sent',
} as const

/** What may be decided about reminders in a state. */
function Decide({ ids, state, onDone }: { ids: () => Promise<number[]>; state: string; onDone: () => void }) {
  const client = useQueryClient()
  const [holding, setHolding] = useState(false)
  const [reason, setReason] = useState('')
  const { busy, error, submit } = useSubmit(async (decision: Decision) => {
    const { changed, refused } = await api<DunningDecided>(
      'POST',
      '/api/receivables/dunning/messages/decide',
      {
        body: {
          message_ids: await ids(),
          decision,
          ...(decision === 'hold' && reason.trim() ? { reason } : {}),
        },
      },
    )
    const told = [
      t('dunning.decided', { count: changed.length }),
      ...(refused[0] ? [t('dunning.refused', { count: refused.length, reason: refused[0].detail })] : []),
    ]
    done(told.join(' '))
    setHolding(false)
    onDone()
    await client.invalidateQueries({ queryKey: ['dunning'] })
  })
  return (
    <>
      <FormError error={error} />
      {holding ? (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            void submit('hold')
          }}
        >
          <Group align="flex-end" gap="sm">
            <TextInput
              label={t('dunning.hold_reason')}
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
              maxLength={500}
              autoFocus
            />
            <Button type="submit" loading={busy}>
              {t('dunning.hold')}
            </Button>
            <Button variant="default" onClick={() => setHolding(false)}>
              {t('core.cancel')}
            </Button>
          </Group>
        </form>
      ) : (
        (decisions[state] ?? []).map((decision, index) => (
          <Button
            key={decision}
            size="compact-md"
            variant={index === 0 ? 'filled' : 'default'}
            loading={busy}
            onClick={() => (decision === 'hold' ? setHolding(true) : void submit(decision))}
          >
            {t(words[decision])}
          </Button>
        ))
      )}
    </>
  )
}

/** A reminder as it would go. */
export function Preview({ id, onClose }: { id: number | string; onClose: () => void }) {
  const format = useFormat()
  const mayDecide = can(useMe(), 'receivables.dun')
  const message = useQuery({
    queryKey: ['dunning', 'message', String(id)],
    queryFn: ({ signal }) =>
      api<DunningMessageDetails>('GET', `/api/receivables/dunning/messages/${id}`, { signal }),
  })
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={560}
      title={t('dunning.preview', { customer: message.data?.customer_name ?? '' })}
    >
      <Loaded query={message} lines={8}>
        {(shown) => (
          <Stack gap="md">
            <div>
              <Badge variant="light" color={stateColour[shown.state] ?? 'gray'}>
                {stateWord(shown.state)}
              </Badge>
              {shown.held_because && <Text size="sm">{shown.held_because}</Text>}
            </div>
            {shown.stopped_by.map((reason) => (
              <Text key={`${reason.gate} ${reason.until}`} size="sm" fw={600} role="status">
                {t('dunning.stopped', { reason: gateWord(reason.gate) })}
              </Text>
            ))}
            <Facts
              facts={[
                [
                  t('dunning.gets'),
                  t('dunning.step', { step: shown.step, channel: channelWord(shown.channel) }),
                ],
                [t('dunning.to'), shown.recipient ?? t('dunning.by_post')],
                [t('dunning.subject'), shown.subject],
                [t('dunning.amount'), format.money(shown.amount, shown.currency)],
              ]}
            />
            <pre className={classes.words}>{shown.body}</pre>
            <section>
              <Title order={2} size="h5">
                {t('dunning.speaks_of')}
              </Title>
              <ul className={classes.list}>
                {shown.invoices.map((invoice) => (
                  <li key={invoice.invoice_id} className={classes.item}>
                    <div className={classes.line}>
                      <TextLink to={`/receivables/invoices/${invoice.invoice_id}`} underline="always">
                        {invoice.invoice_number}
                      </TextLink>
                      <span>
                        {invoice.step === null
                          ? t('dunning.listed')
                          : t('dunning.own_step', { step: invoice.step })}{' '}
                        · {format.money(invoice.amount, shown.currency)}
                      </span>
                    </div>
                  </li>
                ))}
              </ul>
            </section>
            {mayDecide && (
              <Group>
                <Decide ids={async () => [shown.id]} state={shown.state} onDone={() => {}} />
              </Group>
            )}
          </Stack>
        )}
      </Loaded>
    </Drawer>
  )
}

function columnsOf(format: Formatter): Column<DunningMessage>[] {
  return [
    {
      key: 'customer_name',
      header: t('dunning.customer'),
      title: true,
      sort: 'customer_name',
      cell: (message) => (
        <>
          <TextLink
            to="/receivables/dunning"
            search={{ part: 'queue', state: message.state, message: String(message.id) }}
            data-row-link
            inherit
          >
            {message.customer_name}
          </TextLink>
          <Text size="xs" c="dimmed" fw={400}>
            {message.subject}
          </Text>
        </>
      ),
    },
    {
      key: 'step',
      header: t('dunning.gets'),
      sort: 'step',
      width: '180px',
      cell: (message) => t('dunning.step', { step: message.step, channel: channelWord(message.channel) }),
    },
    {
      key: 'state',
      header: t('dunning.state'),
      width: '150px',
      cell: (message) => (
        <>
          <Badge variant="light" color={stateColour[message.state] ?? 'gray'}>
            {stateWord(message.state)}
          </Badge>
          {message.held_because && (
            <Text size="xs" c="dimmed">
              {message.held_because}
            </Text>
          )}
        </>
      ),
    },
    {
      key: 'prepared',
      header: t('dunning.prepared_on'),
      sort: 'prepared',
      width: '130px',
      wideOnly: true,
      cell: (message) => format.day(message.prepared_on),
    },
    {
      key: 'amount',
      header: t('dunning.amount'),
      align: 'right',
      sort: 'amount',
      width: '150px',
      cell: (message) => <strong>{format.money(message.amount, message.currency)}</strong>,
    },
  ]
}
