import { Button, Group, Modal, NativeSelect, Stack, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { DateField } from '../shared/date-field.tsx'
import { FormError, useSubmit } from '../shared/form.tsx'
import { done } from '../shared/toast.tsx'
import type { PaymentDetails } from '../wire.ts'
import { amountOf, minorOf, readAmount, textOf } from './money.ts'
import { reversePayment, useMoved } from './moved.ts'
import { methodChoice } from './words.ts'

type Props = {
  customer: { id: number; name: string }
  currency: string
  /** What it settles; without one the oldest invoices, or nothing. */
  invoice?: { id: number; number: string; open_amount: number }
  onClose: () => void
}

/** Money that came in by itself; the message that says so takes it back. */
export default function RecordPayment({ customer, currency, invoice, onClose }: Props) {
  const format = useFormat()
  const moved = useMoved()
  const form = useForm({
    initialValues: {
      amount: invoice ? textOf(invoice.open_amount, currency) : '',
      received_on: format.today(),
      method: 'bank_transfer',
      reference: '',
      note: '',
      strategy: 'oldest_first',
    },
    validate: { amount: (text) => (readAmount(text) ? null : t('cash.not_an_amount')) },
  })
  const { busy, error, submit } = useSubmit(async (values: typeof form.values) => {
    const amount = readAmount(values.amount)!
    const settles = invoice ? Math.min(minorOf(amount, currency), minorOf(invoice.open_amount, currency)) : 0
    const payment = await api<PaymentDetails>('POST', '/api/receivables/payments', {
      body: {
        customer_id: customer.id,
        currency,
        amount,
        received_on: values.received_on,
        method: values.method,
        reference: values.reference || null,
        note: values.note || null,
        ...(invoice
          ? { allocations: [{ invoice_id: invoice.id, amount: amountOf(settles, currency) }] }
          : { strategy: values.strategy }),
      },
    })
    onClose()
    done(t('cash.recorded', { amount: format.money(payment.amount, currency) }), () =>
      reversePayment(payment.id).then(moved),
    )
    await moved()
  }, form)
  return (
    <Modal opened onClose={onClose} title={t('cash.record_payment_of', { customer: customer.name })}>
      <form onSubmit={form.onSubmit(submit)}>
        <Stack gap="md">
          <TextInput
            label={`${t('cash.amount')} (${currency})`}
            description={
              invoice &&
              t('cash.record_why_invoice', {
                open: format.money(invoice.open_amount, currency),
                invoice: invoice.number,
              })
            }
            inputMode="decimal"
            data-autofocus
            {...form.getInputProps('amount')}
          />
          <Group grow>
            <DateField
              label={t('cash.received_on')}
              max={format.today()}
              required
              {...form.getInputProps('received_on')}
            />
            <NativeSelect label={t('cash.method')} data={methodChoice()} {...form.getInputProps('method')} />
          </Group>
          <TextInput label={t('cash.reference')} maxLength={100} {...form.getInputProps('reference')} />
          {!invoice && (
            <NativeSelect
              label={t('cash.use')}
              data={[
                { value: 'oldest_first', label: t('cash.use_oldest') },
                { value: 'none', label: t('cash.use_none') },
              ]}
              {...form.getInputProps('strategy')}
            />
          )}
          <Textarea
            label={t('cash.note')}
            maxLength={2000}
            autosize
            minRows={2}
            {...form.getInputProps('note')}
          />
          <FormError error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('core.cancel')}
            </Button>
            <Button type="submit" loading={busy}>
              {t('cash.record_payment')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
