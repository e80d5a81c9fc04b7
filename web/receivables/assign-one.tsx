import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ifMatchOf } from '../api.ts'
import { t } from '../i18n.ts'
import { done } from '../shared/toast.tsx'
import type { AssignedInvoice, InvoiceDetails } from '../wire.ts'
import { AssignForm } from './assign-form.tsx'

/** Gives the invoice on the page to somebody; the message that says so can undo it. */
export function AssignOne({ invoice, onClose }: { invoice: InvoiceDetails; onClose: () => void }) {
  const client = useQueryClient()
  const [to, setTo] = useState(String(invoice.assigned_to ?? ''))
  const put = (assigned_to: number | null, version: number) =>
    api<AssignedInvoice>('PUT', `/api/receivables/invoices/${invoice.id}/assignment`, {
      body: { assigned_to },
      ifMatch: ifMatchOf(null, version),
    })
  const again = () => client.invalidateQueries({ queryKey: ['invoices'] })
  const assign = async () => {
    const { version, assigned_to_name } = await put(to === '' ? null : Number(to), invoice.version)
    onClose()
    done(
      assigned_to_name
        ? t('receivables.assigned_one', { invoice: invoice.invoice_number, name: assigned_to_name })
        : t('receivables.unassigned_one', { invoice: invoice.invoice_number }),
      () => put(invoice.assigned_to, version).then(again),
    )
    await Promise.all([again(), client.invalidateQueries({ queryKey: ['assignees'] })])
  }
  return (
    <AssignForm
      title={t('receivables.assign_title', { invoice: invoice.invoice_number })}
      to={to}
      onTo={setTo}
      action={t('receivables.assign')}
      disabled={to === String(invoice.assigned_to ?? '')}
      onAssign={assign}
      onClose={onClose}
    />
  )
}
