import { Button, Group, Modal, NativeSelect, Stack } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ifMatchOf } from '../api.ts'
import { t } from '../i18n.ts'
import { FormError, useSubmit } from '../shared/form.tsx'
import { Loaded } from '../shared/states.tsx'
import { done } from '../shared/toast.tsx'
import type { AssignedInvoice, InvoiceDetails } from '../wire.ts'
import { assigneeChoice, useAssignees } from './assignees.ts'

/** Gives the invoice on the page to somebody; it can be taken back from the message that says so. */
export function AssignOne({ invoice, onClose }: { invoice: InvoiceDetails; onClose: () => void }) {
  const client = useQueryClient()
  const assignees = useAssignees()
  const [to, setTo] = useState(String(invoice.assigned_to ?? ''))
  const put = (assigned_to: number | null, version: number) =>
    api<AssignedInvoice>('PUT', `/api/receivables/invoices/${invoice.id}/assignment`, {
      body: { assigned_to },
      ifMatch: ifMatchOf(null, version),
    })
  const again = () => client.invalidateQueries({ queryKey: ['invoices'] })
  const { busy, error, submit } = useSubmit(async () => {
    const { version, assigned_to_name } = await put(to === '' ? null : Number(to), invoice.version)
    onClose()
    done(
      assigned_to_name
        ? t('receivables.assigned_one', { invoice: invoice.invoice_number, name: assigned_to_name })
        : t('receivables.unassigned_one', { invoice: invoice.invoice_number }),
      () => put(invoice.assigned_to, version).then(again),
    )
    await Promise.all([again(), client.invalidateQueries({ queryKey: ['assignees'] })])
  })
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('receivables.assign_title', { invoice: invoice.invoice_number })}
    >
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
                description={t('receivables.assign_by_hand')}
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
            <Button type="submit" loading={busy} disabled={to === String(invoice.assigned_to ?? '')}>
              {t('receivables.assign')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
