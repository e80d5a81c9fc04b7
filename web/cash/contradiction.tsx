import { Alert, Button, Group, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { useCan, useFormat } from '../session.ts'
import { FormError, useSubmit } from '../shared/form.tsx'
import { done } from '../shared/toast.tsx'
import type { InvoiceDetails } from '../wire.ts'

/** Where a file and what people recorded differ, both are said; a person decides that what was recorded holds. */
export default function Contradiction({ invoice }: { invoice: InvoiceDetails }) {
  const format = useFormat()
  const client = useQueryClient()
  const maySettle = useCan('receivables.settle')
  const money = (amount: number) => format.money(amount, invoice.currency)
  const put = async (kept: boolean) => {
    await api('PUT', `/api/receivables/invoices/${invoice.id}/kept-mine`, { body: { kept } })
    await client.invalidateQueries({ queryKey: ['invoices'] })
  }
  const { busy, error, submit } = useSubmit(async (kept: boolean) => {
    await put(kept)
    done(t(kept ? 'cash.kept_mine' : 'cash.asked_again'), () => put(!kept))
  })
  if (!invoice.contradicted_on)
    return (
      <Text size="sm" c="dimmed">
        {t('cash.unconfirmed', { amount: money(invoice.unconfirmed) })}
      </Text>
    )
  const amounts = {
    day: format.day(invoice.contradicted_on),
    stated: money(invoice.open_amount + invoice.unconfirmed),
    amount: money(invoice.unconfirmed),
    open: money(invoice.open_amount),
  }
  if (invoice.kept_mine)
    return (
      <div>
        <Group gap="sm">
          <Text size="sm" c="dimmed">
            {t('cash.kept_mine_why', {
              ...amounts,
              name: invoice.kept_mine.by?.full_name ?? '–',
              at: format.instant(invoice.kept_mine.at),
            })}
          </Text>
          {maySettle && (
            <Button size="compact-sm" variant="subtle" loading={busy} onClick={() => void submit(false)}>
              {t('cash.ask_again')}
            </Button>
          )}
        </Group>
        <FormError error={error} />
      </div>
    )
  return (
    <Alert
      color="brass"
      icon={<IconAlertTriangle size={18} aria-hidden />}
      title={t('cash.contradicted', { day: amounts.day })}
    >
      {t('cash.contradicted_why', amounts)}
      {maySettle && (
        <Group mt="sm">
          <Button size="compact-md" variant="default" loading={busy} onClick={() => void submit(true)}>
            {t('cash.keep_mine')}
          </Button>
        </Group>
      )}
      <FormError error={error} />
    </Alert>
  )
}
