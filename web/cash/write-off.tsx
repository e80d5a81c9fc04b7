import { Button, Group, Modal, NativeSelect, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { useCan, useFormat } from '../session.ts'
import { FormError, required, useSubmit } from '../shared/form.tsx'
import { done } from '../shared/toast.tsx'
import type { WriteOff as Asked, InvoiceDetails, WriteOffPolicy } from '../wire.ts'
import { readAmount, textOf } from './money.ts'
import { useMoved } from './moved.ts'
import { reasonChoice } from './words.ts'

export const usePolicy = () =>
  useQuery({
    queryKey: ['write-offs', 'policy'],
    queryFn: () => api<WriteOffPolicy>('GET', '/api/receivables/write-offs/policy'),
  })

/** Asks for a write-off of what is open of an invoice, or of a part. */
export default function WriteOff({ invoice, onClose }: { invoice: InvoiceDetails; onClose: () => void }) {
  const { currency, invoice_number } = invoice
  const format = useFormat()
  const moved = useMoved()
  const policy = usePolicy()
  const approves = useCan('receivables.write_off_approve')
  const form = useForm({
    initialValues: { amount: textOf(invoice.open_amount, currency), reason: 'short_payment', note: '' },
    validate: {
      amount: (text) => (readAmount(text) ? null : t('cash.not_an_amount')),
      note: required,
    },
  })
  const { busy, error, submit } = useSubmit(async (values: typeof form.values) => {
    const made = await api<Asked>('POST', '/api/receivables/write-offs', {
      body: {
        invoice_id: invoice.id,
        amount: readAmount(values.amount),
        reason: values.reason,
        note: values.note,
      },
    })
    onClose()
    const undo = () =>
      api(
        'POST',
        `/api/receivables/write-offs/${made.id}/${made.state === 'approved' ? 'reverse' : 'reject'}`,
        {
          body: {},
        },
      ).then(moved)
    done(
      made.state === 'approved'
        ? t('cash.written_off', { amount: format.money(made.amount, currency), invoice: invoice_number })
        : t('cash.write_off_asked', { invoice: invoice_number }),
      undo,
    )
    await moved()
  }, form)
  return (
    <Modal opened onClose={onClose} title={t('cash.write_off_of', { invoice: invoice_number })}>
      <form onSubmit={form.onSubmit(submit)}>
        <Stack gap="md">
          {policy.data && (
            <Text size="sm">
              {approves && !policy.data.in_force
                ? t('cash.write_off_alone')
                : policy.data.own_limit > 0 && policy.data.currency === currency
                  ? t('cash.write_off_limit', { amount: format.money(policy.data.own_limit, currency) })
                  : t('cash.write_off_needs_approval')}
            </Text>
          )}
          <TextInput
            label={`${t('cash.amount')} (${currency})`}
            inputMode="decimal"
            data-autofocus
            {...form.getInputProps('amount')}
          />
          <NativeSelect
            label={t('cash.write_off_reason')}
            data={reasonChoice()}
            {...form.getInputProps('reason')}
          />
          <Textarea
            label={t('cash.in_words')}
            maxLength={2000}
            autosize
            minRows={2}
            required
            {...form.getInputProps('note')}
          />
          <FormError error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('core.cancel')}
            </Button>
            <Button type="submit" loading={busy}>
              {t('cash.write_off')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
