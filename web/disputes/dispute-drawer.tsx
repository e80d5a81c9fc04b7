import { Badge, Button, Drawer, Group, NativeSelect, Stack, Text, Textarea, Title } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api.ts'
import { Attachments } from '../attachments/attachments.tsx'
import { t } from '../i18n.ts'
import { assigneeChoice, useAssignees } from '../receivables/assignees.ts'
import { can, useFormat, useMe } from '../session.ts'
import { Facts } from '../shared/data-table.tsx'
import { FormError, useSubmit } from '../shared/form.tsx'
import { Loaded } from '../shared/states.tsx'
import { TextLink } from '../shared/text-link.tsx'
import type { DisputeComment, DisputeDetails } from '../wire.ts'
import { MoveDialog, ResolveDialog, useActs, WithdrawDialog } from './acts.tsx'
import { Clock } from './clock.tsx'
import classes from './disputes.module.css'
import { type Known, root, useDispute } from './queries.ts'
import { isOpen, openStates, partOf, resolutionLabel, stateLabel } from './words.ts'

/** One dispute beside the page: what it is, its acts, what was written, its files. */
export function DisputeDrawer({ id, onClose }: { id: number; onClose: () => void }) {
  const dispute = useDispute(id)
  return (
    <Drawer opened onClose={onClose} size="lg" title={t('disputes.dispute')}>
      <Loaded query={dispute} lines={8}>
        {(data) => <Body dispute={data as DisputeDetails & Known} />}
      </Loaded>
    </Drawer>
  )
}

function Body({ dispute }: { dispute: DisputeDetails & Known }) {
  const me = useMe()
  const format = useFormat()
  const acts = useActs()
  const [dialog, setDialog] = useState<'move' | 'resolve' | 'withdraw' | null>(null)
  const mayWrite = can(me, 'receivables.write')
  const open = isOpen(dispute.state)
  const money = (amount: number) => format.money(amount, dispute.currency)
  const close = () => setDialog(null)
  const owner = mayWrite && open ? <Give dispute={dispute} /> : (dispute.owner_name ?? t('disputes.nobody'))
  return (
    <Stack gap="lg">
      <div>
        <Group justify="space-between" align="flex-start">
          <div>
            <Title order={3} size="h4">
              <TextLink to={`/receivables/invoices/${dispute.invoice_id}`} underline="always" inherit>
                {dispute.invoice_number}
              </TextLink>{' '}
              · {dispute.reason}
            </Title>
            <TextLink to={`/receivables/customers/${dispute.customer_id}`} underline="always" size="sm">
              {dispute.customer_name}
            </TextLink>
          </div>
          <Group gap={6}>
            <Badge color="gray">{stateLabel(dispute.state)}</Badge>
            <Clock dispute={dispute} />
          </Group>
        </Group>
        {dispute.note && <p className={classes.note}>{dispute.note}</p>}
      </div>
      {mayWrite && (
        <Group gap="xs">
          {open ? (
            <>
              <Button onClick={() => setDialog('resolve')}>{t('disputes.resolve')}</Button>
              {dispute.owner_id !== me.id && (
                <Button variant="default" onClick={() => void acts.take(dispute)}>
                  {t('disputes.take')}
                </Button>
              )}
              {openStates
                .filter((state) => state !== dispute.state)
                .map((state) => (
                  <Button key={state} variant="default" onClick={() => void acts.move(dispute, state)}>
                    {t('disputes.move_to', { state: stateLabel(state) })}
                  </Button>
                ))}
              <Button variant="subtle" onClick={() => setDialog('withdraw')}>
                {t('disputes.withdraw')}
              </Button>
            </>
          ) : (
            <Button onClick={() => void acts.reopen(dispute)}>{t('disputes.reopen')}</Button>
          )}
        </Group>
      )}
      {!open && dispute.resolution && (
        <section className={classes.outcome} aria-label={t('disputes.resolution')}>
          <Text fw={600}>
            {resolutionLabel(dispute.resolution)}
            {dispute.agreed_amount !== null && ` · ${money(dispute.agreed_amount)}`}
          </Text>
          {dispute.resolution_note && <p className={classes.note}>{dispute.resolution_note}</p>}
        </section>
      )}
      <Facts
        facts={[
          [t('disputes.part'), partOf(dispute, format)],
          [t('disputes.amount'), money(dispute.disputed_amount)],
          [t('disputes.owner'), owner],
          [t('disputes.collector'), dispute.assigned_to_name ?? t('disputes.nobody')],
          [t('disputes.due_on'), dispute.due_on ? format.day(dispute.due_on) : '–'],
          [t('disputes.opened_by'), dispute.opened_by?.full_name ?? '–'],
          [
            t('disputes.intervals'),
            dispute.intervals
              .filter(({ opened_on, closed_on }) => opened_on !== closed_on)
              .map(({ opened_on, closed_on }) =>
                closed_on
                  ? t('disputes.interval', { from: format.day(opened_on), to: format.day(closed_on) })
                  : t('disputes.interval_open', { from: format.day(opened_on) }),
              )
              .join(', ') || t('disputes.interval_none'),
          ],
        ]}
      />
      <Text size="xs" c="dimmed">
        {t('disputes.clock_why')}
      </Text>
      <section>
        <Title order={4} size="h5" mb="xs">
          {t('disputes.comments')}
        </Title>
        <Comments id={dispute.id} />
      </section>
      <section>
        <Title order={4} size="h5" mb="xs">
          {t('disputes.files')}
        </Title>
        <Attachments subject="dispute" id={dispute.id} />
      </section>
      {dialog === 'move' && <MoveDialog dispute={dispute} onClose={close} onAct={setDialog} />}
      {dialog === 'resolve' && <ResolveDialog dispute={dispute} onClose={close} />}
      {dialog === 'withdraw' && <WithdrawDialog dispute={dispute} onClose={close} />}
    </Stack>
  )
}

function Give({ dispute }: { dispute: Known }) {
  const acts = useActs()
  const assignees = useAssignees()
  return (
    <NativeSelect
      aria-label={t('disputes.owner')}
      data={assigneeChoice(assignees.data?.items ?? [])}
      value={String(dispute.owner_id ?? '')}
      onChange={(event) =>
        void acts.give(dispute, event.currentTarget.value === '' ? null : Number(event.currentTarget.value))
      }
    />
  )
}

function Comments({ id }: { id: number }) {
  const client = useQueryClient()
  const format = useFormat()
  const [body, setBody] = useState('')
  const comments = useQuery({
    queryKey: ['disputes', 'comments', id],
    queryFn: () => api<{ items: DisputeComment[] }>('GET', `${root}/${id}/comments`),
  })
  const { busy, error, submit } = useSubmit(async () => {
    if (body.trim() === '') return
    await api('POST', `${root}/${id}/comments`, { body: { body } })
    setBody('')
    await client.invalidateQueries({ queryKey: ['disputes'] })
  })
  return (
    <Stack gap="sm">
      <Loaded query={comments} lines={2}>
        {({ items }) =>
          items.length === 0 ? (
            <Text c="dimmed">{t('disputes.no_comments')}</Text>
          ) : (
            <ol className={classes.comments}>
              {items.map((comment) => (
                <li key={comment.id}>
                  <Text size="xs" c="dimmed">
                    {comment.user?.full_name} ·{' '}
                    <time dateTime={comment.created_at}>{format.instant(comment.created_at)}</time>
                  </Text>
                  <p className={classes.note}>{comment.body}</p>
                </li>
              ))}
            </ol>
          )
        }
      </Loaded>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit({})
        }}
      >
        <Textarea
          label={t('disputes.comment')}
          rows={2}
          maxLength={4000}
          resize="vertical"
          value={body}
          onChange={(event) => setBody(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
            event.preventDefault()
            void submit({})
          }}
        />
        <FormError error={error} />
        <Group justify="flex-end" mt="xs">
          <Button type="submit" loading={busy} disabled={body.trim() === ''} variant="default">
            {t('disputes.send')}
          </Button>
        </Group>
      </form>
    </Stack>
  )
}
