import { Text } from '@mantine/core'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import type { SheetCustomer, SheetInvoice } from '../wire.ts'
import classes from './sheet-grid.module.css'
import { statusWord } from './words.ts'

type Props = {
  customer: SheetCustomer
  month: string
  mayEdit: boolean
  onStatus: (customer: SheetCustomer, invoice: SheetInvoice, status: SheetInvoice['status']) => void
}
const statuses = ['unpaid', 'dispute', 'paid'] as const

/** The invoices of a customer as the sheet of the month has them. */
export function Invoices({ customer, month, mayEdit, onStatus }: Props) {
  const format = useFormat()
  if (customer.invoices.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t('outstanding.no_invoices')}
      </Text>
    )
  return (
    <table className={classes.invoices}>
      <caption className={classes.hidden}>
        {t('outstanding.show_invoices', { customer: customer.customerName })}
      </caption>
      <thead>
        <tr>
          <th scope="col">{t('outstanding.invoice')}</th>
          <th scope="col" className={classes.figure}>
            {t('outstanding.invoice_amount')}
          </th>
          <th scope="col" className={classes.figure}>
            {t('outstanding.amount')}
          </th>
          <th scope="col">{t('outstanding.age')}</th>
          <th scope="col">{t('outstanding.status')}</th>
        </tr>
      </thead>
      <tbody>
        {customer.invoices.map((invoice) => {
          const then = invoice.outstandings.find((each) => each.month === month)
          return (
            <tr key={invoice.id}>
              <th scope="row">{invoice.invoiceNumber}</th>
              <td className={classes.figure}>{format.money(invoice.invoiceAmount)}</td>
              <td className={classes.figure}>{then ? format.money(then.amount) : '–'}</td>
              <td>{then?.agePeriod ?? '–'}</td>
              <td>
                {mayEdit ? (
                  <select
                    className={classes.status}
                    aria-label={t('outstanding.status_of', { number: invoice.invoiceNumber })}
                    value={invoice.status}
                    onChange={(event) =>
                      onStatus(customer, invoice, event.currentTarget.value as SheetInvoice['status'])
                    }
                  >
                    {statuses.map((status) => (
                      <option key={status} value={status}>
                        {statusWord(status)}
                      </option>
                    ))}
                  </select>
                ) : (
                  statusWord(invoice.status)
                )}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
