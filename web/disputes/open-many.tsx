import { Button, Group, Modal, NativeSelect, Stack, Text } from '@mantine/core'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, type Options } from '../api.ts'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { FormError, useSubmit } from '../shared/form.tsx'
import { Loaded } from '../shared/states.tsx'
import { done } from '../shared/toast.tsx'
import type { Picked } from '../shared/virtual-table.tsx'
import type { DisputesOpened, DisputesUndone } from '../wire.ts'
import { DisputeFields, useDisputeFields } from './fields.tsx'
import { reread, root, useReasons } from './queries.ts'
import { skippedWords } from './words.ts'

type Props = { picked: Picked; query: NonNullable<Options['query']>; onClose: () => void; onDone: () => void }

/** Opens a dispute on each of many invoices: says first how many, of how much, and what is left out. */
export default function OpenMany({ picked, query, onClose, onDone }: Props) {
  const client = useQueryClient()
  const reasons = useReasons()
  const known = reasons.data?.items.filter((each) => each.is_active) ?? []
  const [chosen, setChosen] = useState<string | null>(null)
  const reason = chosen ?? String(known[0]?.id ?? '')
  const fields = useDisputeFields()
  const post = (dry_run: boolean) =>
    // Those picked by hand are meant whatever the filters say by now.
    api<DisputesOpened>('POST', `${root}/bulk`, {
      query: picked === 'all' ? query : { as_of: query.as_of },
      body: {
        reason_id: Number(reason),
        ...fields.body,
        dry_run,
        ...(picked === 'all' ? {} : { invoice_ids: [...picked] }),
      },
    })
  const preview = useQuery({
    queryKey: ['disputes', 'bulk', picked === 'all' ? query : [...picked], reason],
    enabled: reason !== '',
    queryFn: () => post(true),
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
  })
  const { busy, error, submit } = useSubmit(async () => {
    const { opened, dispute_ids } = await post(false)
    onDone()
    done(t('disputes.many_opened', { count: opened }), async () => {
      const { undone, kept } = await api<DisputesUndone>('POST', `${root}/bulk/undo`, {
        body: { dispute_ids },
      })
      done(t('disputes.many_undone', { undone, kept }))
      await reread(client)
    })
    await reread(client)
  })
  const count = preview.data?.opened ?? 0
  return (
    <Modal opened onClose={onClose} title={t('disputes.many_title')} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit({})
        }}
      >
        <Stack gap="md">
          <Loaded query={reasons} lines={2}>
            {() => (
              <NativeSelect
                label={t('disputes.reason')}
                data={known.map(({ id, path }) => ({ value: String(id), label: path }))}
                value={reason}
                onChange={(event) => setChosen(event.currentTarget.value)}
                data-autofocus
              />
            )}
          </Loaded>
          <DisputeFields fields={fields} rows={2} />
          {reason !== '' && (
            <Loaded query={preview} lines={2}>
              {(answer) => <Preview answer={answer} />}
            </Loaded>
          )}
          <FormError error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('core.cancel')}
            </Button>
            <Button type="submit" loading={busy} disabled={count === 0 || preview.isPlaceholderData}>
              {t('disputes.many_open', { count })}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function Preview({ answer }: { answer: DisputesOpened }) {
  const format = useFormat()
  return (
    <div role="status">
      <Text fw={600}>
        {t('disputes.many_preview', {
          count: answer.opened,
          amounts: answer.totals.map((each) => format.money(each.amount, each.currency)).join(', ') || '–',
        })}
      </Text>
      {answer.skipped.map(({ why, count }) => (
        <Text size="sm" c="dimmed" key={why}>
          {t('disputes.many_skipped', { count, why: skippedWords(why) })}
        </Text>
      ))}
    </div>
  )
}
