import { Button, Group, Modal, NativeSelect, Stack } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { assigneeChoice, useAssignees } from '../receivables/assignees.ts'
import { FormError, useSubmit } from '../shared/form.tsx'
import { Loaded } from '../shared/states.tsx'
import { done } from '../shared/toast.tsx'
import type { AssignedCustomer, CustomerDetails } from '../wire.ts'

/** Gives a customer to somebody, with what it owes and what later files bring. */
export function AssignCustomer({ customer, onClose }: { customer: CustomerDetails; onClose: () => void }) {
  const client = useQueryClient()
  const assignees = useAssignees()
  const was = String(customer.assigned_to ?? '')
  const [to, setTo] = useState(was)
  const put = (assigned_to: number | null) =>
    api<AssignedCustomer>('PUT', `/api/receivables/customers/${customer.id}/assignment`, {
      body: { assigned_to },
    })
  const again = () =>
    Promise.all(
      [['customers'], ['invoices'], ['assignees'], ['team'], ['tasks']].map((queryKey) =>
        client.invalidateQueries({ queryKey }),
      ),
    )
  const { busy, error, submit } = useSubmit(async () => {
    const { assigned_to_name, invoices } = await put(to === '' ? null : Number(to))
    onClose()
    done(
      assigned_to_name
        ? t('work.customer_assigned', { customer: customer.name, name: assigned_to_name, count: invoices })
        : t('work.customer_unassigned', { customer: customer.name, count: invoices }),
      () => put(customer.assigned_to).then(again),
    )
    await again()
  })
  return (
    <Modal opened onClose={onClose} title={t('work.assign_customer', { customer: customer.name })}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit({})
        }}
      >
        <Stack gap="md">
          <Loaded query={assignees} lines={2}>
            {({ items }) => (
              <NativeSelect
                label={t('receivables.assigned_to')}
                description={t('work.assign_customer_why')}
                data={assigneeChoice(items)}
                value={to}
                onChange={(event) => setTo(event.currentTarget.value)}
                data-autofocus
              />
            )}
          </Loaded>
          <FormError error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('core.cancel')}
            </Button>
            <Button type="submit" loading={busy}>
              {t('receivables.assign')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
