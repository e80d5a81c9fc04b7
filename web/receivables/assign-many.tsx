import { Text } from '@mantine/core'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, type Options } from '../api.ts'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { Loaded } from '../shared/states.tsx'
import type { Picked } from '../shared/virtual-table.tsx'
import type { Assigned } from '../wire.ts'
import { AssignForm } from './assign-form.tsx'
import { saidAssigned } from './assigned.ts'

type Props = { picked: Picked; query: NonNullable<Options['query']>; onClose: () => void; onDone: () => void }

/** Gives many invoices to somebody: says first how many change hands and whose they are now. */
export function AssignMany({ picked, query, onClose, onDone }: Props) {
  const client = useQueryClient()
  const [to, setTo] = useState<string | null>(null)
  const post = (dry_run: boolean) =>
    // Those picked by hand are meant whatever the filters say by now.
    api<Assigned>('POST', '/api/receivables/invoices/assign', {
      query: picked === 'all' ? query : { as_of: query.as_of },
      body: {
        assigned_to: to ? Number(to) : null,
        dry_run,
        ...(picked === 'all' ? {} : { invoice_ids: [...picked] }),
      },
    })
  const preview = useQuery({
    queryKey: ['invoices', 'assign', picked === 'all' ? query : [...picked], to],
    enabled: to !== null,
    queryFn: () => post(true),
    placeholderData: keepPreviousData,
    staleTime: 0,
  })
  const assign = async () => {
    const { changed, act_id } = await post(false)
    onDone()
    await saidAssigned(client, t('receivables.assigned_many', { count: changed }), act_id)
  }
  return (
    <AssignForm
      title={t('receivables.assign_many')}
      to={to}
      onTo={setTo}
      preview={
        to !== null && (
          <Loaded query={preview} lines={2}>
            {(answer) => <Preview answer={answer} />}
          </Loaded>
        )
      }
      action={t('receivables.assign_count', { count: preview.data?.changed ?? 0 })}
      disabled={to === null || !preview.data || preview.isPlaceholderData || preview.data.changed === 0}
      onAssign={assign}
      onClose={onClose}
    />
  )
}

function Preview({ answer }: { answer: Assigned }) {
  const format = useFormat()
  return (
    <div role="status">
      <Text fw={600}>
        {t('receivables.assign_preview', {
          changed: answer.changed,
          amounts:
            answer.totals.map((each) => format.money(each.open_amount, each.currency)).join(', ') || '–',
        })}
      </Text>
      {answer.from.length > 0 && (
        <Text size="sm" c="dimmed">
          {answer.from
            .map(({ id, full_name, count }) =>
              t('receivables.now_with', { name: id === null ? t('receivables.nobody') : full_name, count }),
            )
            .join('; ')}
        </Text>
      )}
      {answer.unchanged > 0 && (
        <Text size="sm" c="dimmed">
          {t('receivables.assign_unchanged', { count: answer.unchanged })}
        </Text>
      )}
    </div>
  )
}
