import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { saidAssigned } from '../receivables/assigned.ts'
import { DataTable } from '../shared/data-table.tsx'
import { FormError, useSubmit } from '../shared/form.tsx'
import type { EngineerProposals, ProposalsAccepted } from '../wire.ts'

const root = '/api/outstanding/engineer-proposals'

/** Where the latest sheet names other engineers than those who have the customers: looked at, then given in one go. */
export function Proposals() {
  const client = useQueryClient()
  const [open, setOpen] = useState(false)
  const { data } = useQuery({
    queryKey: ['outstanding', 'proposals'],
    queryFn: ({ signal }) => api<EngineerProposals>('GET', root, { signal }),
  })
  const known = data?.items.filter(({ engineer_id }) => engineer_id !== null) ?? []
  const { busy, error, submit } = useSubmit(async () => {
    const { customers, act_id } = await api<ProposalsAccepted>('POST', `${root}/accept`, {
      body: { customer_ids: known.map(({ customer_id }) => customer_id) },
    })
    setOpen(false)
    await saidAssigned(client, t('receivables.customers_assigned', { count: customers }), act_id)
  })
  if (!data || data.items.length === 0) return null
  const title = t('outstanding.proposals', { count: data.items.length, month: data.month ?? '' })
  return (
    <>
      <Alert color="gray" className="no-print" title={title}>
        <Button size="compact-md" variant="default" onClick={() => setOpen(true)}>
          {t('outstanding.proposals_look')}
        </Button>
      </Alert>
      <Modal opened={open} onClose={() => setOpen(false)} size="xl" title={title}>
        <Stack gap="md">
          <DataTable
            caption={title}
            rows={data.items}
            rowKey={({ customer_id }) => customer_id}
            columns={[
              {
                key: 'customer',
                header: t('outstanding.customer'),
                title: true,
                cell: ({ name, code }) => (
                  <>
                    {name}
                    <Text size="xs" c="dimmed" fw={400}>
                      {code}
                    </Text>
                  </>
                ),
              },
              { key: 'region', header: t('outstanding.region'), cell: ({ region }) => region ?? '–' },
              { key: 'now', header: t('outstanding.engineer_now'), cell: ({ now }) => now ?? '–' },
              {
                key: 'said',
                header: t('outstanding.engineer_said'),
                cell: ({ said, engineer }) => engineer ?? t('outstanding.engineer_unknown', { name: said }),
              },
            ]}
          />
          <FormError error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setOpen(false)} data-autofocus>
              {t('core.cancel')}
            </Button>
            <Button loading={busy} disabled={known.length === 0} onClick={() => void submit({})}>
              {t('outstanding.proposals_accept', { count: known.length })}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  )
}
