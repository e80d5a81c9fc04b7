import { Button, Modal, NativeSelect, Stack, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { api } from '../api.ts'
import { type MessageKey, t } from '../i18n.ts'
import { DateField } from '../shared/date-field.tsx'
import { FormError, required, useSubmit } from '../shared/form.tsx'
import type { Formatter } from '../shared/format.ts'
import type { PortalItem } from '../wire.ts'

type About = {
  root: string
  money: (amount: number) => string
  format: Formatter
  today: string
  until: string
  onDone: (sentence: string) => void
  onClose: () => void
}
const numberOf = (text: string) => (text.trim() === '' ? undefined : Number(text.replace(',', '.')))

export function PromiseForm({
  items,
  root,
  money,
  format,
  today,
  until,
  onDone,
  onClose,
}: About & { items: PortalItem[] }) {
  const form = useForm({
    initialValues: { promised_on: '', amount: '', note: '' },
    validate: { promised_on: required },
  })
  const { busy, error, submit } = useSubmit(async ({ promised_on, amount, note }: typeof form.values) => {
    const made = await api<{ amount: number; promised_on: string }>('POST', `${root}/promises`, {
      body: {
        invoice_ids: items.map(({ id }) => id),
        promised_on,
        amount: numberOf(amount),
        note: note.trim() || undefined,
      },
    })
    onDone(t('portal.promise_sent', { amount: money(made.amount), day: format.day(made.promised_on) }))
  }, form)
  return (
    <Modal opened onClose={onClose} title={t('portal.promise')}>
      <form onSubmit={form.onSubmit(submit)} noValidate>
        <Stack gap="md">
          <FormError error={error} />
          <DateField
            label={t('portal.day')}
            min={today}
            max={until}
            required
            data-autofocus
            {...form.getInputProps('promised_on')}
          />
          <TextInput
            label={t('portal.amount')}
            description={t('portal.amount_why')}
            placeholder={money(items.reduce((sum, item) => sum + item.open_amount, 0))}
            inputMode="decimal"
            {...form.getInputProps('amount')}
          />
          <Textarea
            label={t('portal.note')}
            autosize
            minRows={2}
            maxLength={500}
            {...form.getInputProps('note')}
          />
          <Button type="submit" loading={busy} size="md">
            {t('portal.send_promise')}
          </Button>
        </Stack>
      </form>
    </Modal>
  )
}

const reasons: [string, MessageKey][] = [
  ['billing_error', 'portal.reason_billing_error'],
  ['delivery_issue', 'portal.reason_delivery_issue'],
  ['po_mismatch', 'portal.reason_po_mismatch'],
  ['payment_processing', 'portal.reason_payment_processing'],
  ['customer_dispute', 'portal.reason_customer_dispute'],
  ['other', 'portal.reason_other'],
]

export function DisputeForm({ item, root, onDone, onClose }: About & { item: PortalItem }) {
  const form = useForm({
    initialValues: { reason: 'billing_error', text: '', amount: '' },
    validate: { text: required },
  })
  const { busy, error, submit } = useSubmit(async ({ reason, text, amount }: typeof form.values) => {
    await api('POST', `${root}/disputes`, {
      body: { invoice_id: item.id, reason, text, amount: numberOf(amount) },
    })
    onDone(t('portal.dispute_sent', { number: item.number }))
  }, form)
  return (
    <Modal opened onClose={onClose} title={t('portal.dispute_one', { number: item.number })}>
      <form onSubmit={form.onSubmit(submit)} noValidate>
        <Stack gap="md">
          <FormError error={error} />
          <NativeSelect
            label={t('portal.reason')}
            data={reasons.map(([value, label]) => ({ value, label: t(label) }))}
            data-autofocus
            {...form.getInputProps('reason')}
          />
          <Textarea
            label={t('portal.text')}
            required
            autosize
            minRows={3}
            maxLength={2000}
            {...form.getInputProps('text')}
          />
          <TextInput
            label={t('portal.amount')}
            description={t('portal.dispute_amount_why')}
            inputMode="decimal"
            {...form.getInputProps('amount')}
          />
          <Button type="submit" loading={busy} size="md">
            {t('portal.send_dispute')}
          </Button>
        </Stack>
      </form>
    </Modal>
  )
}
