import { Button, Drawer, Group, Modal, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { useCan, useFormat } from '../session.ts'
import { Facts } from '../shared/data-table.tsx'
import { DateField } from '../shared/date-field.tsx'
import { FormError, useSubmit } from '../shared/form.tsx'
import { Loaded } from '../shared/states.tsx'
import { TextLink } from '../shared/text-link.tsx'
import { done, failed } from '../shared/toast.tsx'
import type { Allocation, PaymentDetails } from '../wire.ts'
import classes from './cash.module.css'
import { useMoved } from './moved.ts'
import { methodLabel, stateLabel } from './words.ts'

/** One payment: what it settles, what of it is left, and how it came to it. Opened by the address (?open=12). */
export default function PaymentDrawer({ id, onClose }: { id: number; onClose: () => void }) {
  const payment = useQuery({
    queryKey: ['payments', 'one', id],
    queryFn: () => api<PaymentDetails>('GET', `/api/receivables/payments/${id}`),
  })
  return (
    <Drawer
      opened
      onClose={onClose}
      size={560}
      title={payment.data?.reference ?? t('cash.payment_number', { id })}
    >
      <Loaded query={payment}>{(shown) => <Body payment={shown} />}</Loaded>
    </Drawer>
  )
}

function Body({ payment }: { payment: PaymentDetails }) {
  const format = useFormat()
  const maySettle = useCan('receivables.settle')
  const moved = useMoved()
  const [reversing, setReversing] = useState(false)
  const money = (amount: number) => format.money(amount, payment.currency)
  const apply = useMutation({
    mutationFn: () =>
      api<PaymentDetails>('POST', `/api/receivables/payments/${payment.id}/allocate`, {
        body: { strategy: 'oldest_first' },
      }),
    onSuccess: async (after) => {
      const before = new Set(payment.allocations.map((each) => each.id))
      const added = after.allocations.filter((each) => !before.has(each.id))
      done(t('cash.applied', { count: added.length }), async () => {
        for (const { id } of added) await reverseLine(id)
        await moved()
      })
      await moved()
    },
    onError: failed,
  })
  const isActive = payment.state === 'active'
  return (
    <Stack gap="lg">
      <Facts
        facts={[
          [
            t('cash.customer'),
            <TextLink key="customer" to={`/receivables/customers/${payment.customer_id}`}>
              {payment.customer_name}
            </TextLink>,
          ],
          [t('cash.amount'), <strong key="amount">{money(payment.amount)}</strong>],
          [t('cash.allocated'), money(payment.allocated)],
          [t('cash.unapplied'), money(payment.unapplied)],
          [t('cash.received_on'), format.day(payment.received_on)],
          [t('cash.method'), methodLabel(payment.method)],
          [
            t('cash.state'),
            payment.returned_on
              ? t('cash.returned', { day: format.day(payment.returned_on) })
              : stateLabel(payment.state),
          ],
          [
            t('cash.recorded_by'),
            t('cash.recorded_at', {
              name: payment.created_by?.full_name ?? '–',
              at: format.instant(payment.created_at),
            }),
          ],
          ...(payment.reversed_at
            ? ([
                [
                  t('cash.allocation_reversed'),
                  t('cash.recorded_at', {
                    name: payment.reversed_by?.full_name ?? '–',
                    at: format.instant(payment.reversed_at),
                  }),
                ],
              ] as [string, string][])
            : []),
          ...(payment.reversal_reason
            ? ([[t('cash.reason'), payment.reversal_reason]] as [string, string][])
            : []),
          ...(payment.note ? ([[t('cash.note'), payment.note]] as [string, string][]) : []),
        ]}
      />
      <section aria-labelledby="settles">
        <Title order={3} size="h5" id="settles" mb="xs">
          {t('cash.what_it_settles')}
        </Title>
        {payment.allocations.length === 0 ? (
          <Text c="dimmed">{t('cash.settles_nothing')}</Text>
        ) : (
          <ul className={classes.lines}>
            {payment.allocations.map((line) => (
              <Line key={line.id} line={line} currency={payment.currency} mayReverse={maySettle} />
            ))}
          </ul>
        )}
      </section>
      {payment.remittance && (
        <details>
          <summary>{t('cash.said_by_customer')}</summary>
          <pre className={classes.said}>{payment.remittance}</pre>
        </details>
      )}
      {maySettle && isActive && (
        <Group>
          {payment.unapplied > 0 && (
            <Button loading={apply.isPending} onClick={() => apply.mutate()}>
              {t('cash.apply_oldest')}
            </Button>
          )}
          <Button variant="default" onClick={() => setReversing(true)}>
            {t('cash.take_back')}
          </Button>
        </Group>
      )}
      {reversing && <TakeBack payment={payment} onClose={() => setReversing(false)} />}
    </Stack>
  )
}

const reverseLine = (id: number) => api('POST', `/api/receivables/allocations/${id}/reverse`)

function Line({ line, currency, mayReverse }: { line: Allocation; currency: string; mayReverse: boolean }) {
  const format = useFormat()
  const moved = useMoved()
  const amount = format.money(line.amount, currency)
  const reverse = useMutation({
    mutationFn: () => reverseLine(line.id),
    onSuccess: async () => {
      done(t('cash.line_taken_back', { amount, invoice: line.invoice_number }))
      await moved()
    },
    onError: failed,
  })
  return (
    <li className={classes.line} data-gone={line.reversed_at !== null || undefined}>
      <div>
        {line.in_books ? (
          <TextLink to={`/receivables/invoices/${line.invoice_id}`}>{line.invoice_number}</TextLink>
        ) : (
          line.invoice_number
        )}
        <Text size="xs" c="dimmed">
          {line.reversed_at
            ? line.returned_on
              ? t('cash.returned', { day: format.day(line.returned_on) })
              : t('cash.allocation_reversed')
            : line.in_books
              ? line.kind === 'credit' && line.credit_number
                ? t('cash.with_credit', { number: line.credit_number })
                : t('cash.recorded_at', {
                    name: line.created_by?.full_name ?? '–',
                    at: format.instant(line.created_at),
                  })
              : t('cash.not_in_books')}
        </Text>
      </div>
      <span className={classes.amount}>{amount}</span>
      {mayReverse && !line.reversed_at && line.in_books && (
        <Button
          size="compact-sm"
          variant="default"
          aria-label={t('cash.take_line_back_of', { invoice: line.invoice_number })}
          loading={reverse.isPending}
          onClick={() => reverse.mutate()}
        >
          {t('cash.take_line_back')}
        </Button>
      )}
    </li>
  )
}

function TakeBack({ payment, onClose }: { payment: PaymentDetails; onClose: () => void }) {
  const format = useFormat()
  const moved = useMoved()
  const form = useForm({ initialValues: { what: 'error', returned_on: format.today(), reason: '' } })
  const { busy, error, submit } = useSubmit(async (values: typeof form.values) => {
    await api('POST', `/api/receivables/payments/${payment.id}/reverse`, {
      body: {
        returned_on: values.what === 'returned' ? values.returned_on : null,
        reason: values.reason || null,
      },
    })
    onClose()
    done(t('cash.taken_back'))
    await moved()
  }, form)
  return (
    <Modal opened onClose={onClose} title={t('cash.take_back_title')}>
      <form onSubmit={form.onSubmit(submit)}>
        <Stack gap="md">
          <Text size="sm">{t('cash.take_back_why')}</Text>
          <NativeSelect
            label={t('cash.what_happened')}
            data={[
              { value: 'error', label: t('cash.was_error') },
              { value: 'returned', label: t('cash.went_back') },
            ]}
            data-autofocus
            {...form.getInputProps('what')}
          />
          {form.values.what === 'returned' && (
            <DateField
              label={t('cash.returned_on')}
              min={payment.received_on}
              max={format.today()}
              required
              {...form.getInputProps('returned_on')}
            />
          )}
          <TextInput label={t('cash.reason')} maxLength={500} {...form.getInputProps('reason')} />
          <FormError error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('core.cancel')}
            </Button>
            <Button type="submit" color="red" loading={busy}>
              {t('cash.take_back')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
