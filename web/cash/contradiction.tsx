import { Alert, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import type { InvoiceDetails } from '../wire.ts'

/** Where a file and what people recorded differ, both are said. */
export default function Contradiction({ invoice }: { invoice: InvoiceDetails }) {
  const format = useFormat()
  const money = (amount: number) => format.money(amount, invoice.currency)
  if (!invoice.contradicted_on)
    return (
      <Text size="sm" c="dimmed">
        {t('cash.unconfirmed', { amount: money(invoice.unconfirmed) })}
      </Text>
    )
  return (
    <Alert
      color="brass"
      icon={<IconAlertTriangle size={18} aria-hidden />}
      title={t('cash.contradicted', { day: format.day(invoice.contradicted_on) })}
    >
      {t('cash.contradicted_why', {
        stated: money(invoice.open_amount + invoice.unconfirmed),
        amount: money(invoice.unconfirmed),
        open: money(invoice.open_amount),
      })}
    </Alert>
  )
}
