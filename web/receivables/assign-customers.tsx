import { Text } from '@mantine/core'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, type Options } from '../api.ts'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { Loaded } from '../shared/states.tsx'
import type { Picked } from '../shared/virtual-table.tsx'
import type { AssignedCustomers } from '../wire.ts'
import { AssignForm } from './assign-form.tsx'
import { saidAssigned } from './assigned.ts'

type Props = { picked: Picked; query: NonNullable<Options['query']>; onClose: () => void; onDone: () => void }

/** Gives many customers to somebody, with what they owe: says first what changes hands, and whose they are now. */
export function AssignCustomers({ picked, query, onClose, onDone }: Props) {
  const client = useQueryClient()
  const [to, setTo] = useState<string | null>(null)
  const post = (dry_run: boolean) =>
    api<AssignedCustomers>('POST', '/api/receivables/customers/assign', {
      query: picked === 'all' ? query : {},
      body: {
        assigned_to: to ? Number(to) : null,
        dry_run,
        ...(picked === 'all' ? {} : { customer_ids: [...picked] }),
      },
    })
  const preview = useQuery({
    queryKey: ['customers', 'assign', picked === 'all' ? query : [...picked], to],
    enabled: to !== null,
    queryFn: () => post(true),
    placeholderData: keepPreviousData,
    staleTime: 0,
  })
  const changes = (preview.data?.changed ?? 0) + (preview.data?.invoices ?? 0)
  const assign = async () => {
    const { customers, act_id } = await post(false)
    onDone()
    await saidAssigned(client, t('receivables.customers_assigned', { count: customers }), act_id)
  }
  return (
    <AssignForm
      title={t('receivables.assign_customers')}
      why={t('receivables.assign_customers_why')}
      to={to}
      onTo={setTo}
      preview={
        to !== null && (
          <Loaded query={preview} lines={2}>
            {(answer) => <Preview answer={answer} />}
          </Loaded>
        )
      }
      action={t('receivables.assign_customers_count', { count: preview.data?.customers ?? 0 })}
      disabled={to === null || !preview.data || preview.isPlaceholderData || changes === 0}
      onAssign={assign}
      onClose={onClose}
    />
  )
}

function Preview({ answer }: { answer: AssignedCustomers }) {
  const format = useFormat()
  return (
    <div role="status">
      <Text fw={600}>
        {t('receivables.assign_customers_preview', {
          changed: answer.changed,
          invoices: answer.invoices,
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
    </div>
  )
}
