import { Badge, Text } from '@mantine/core'
import { t } from '../i18n.ts'
import type { Column } from '../shared/data-table.tsx'
import type { Formatter } from '../shared/format.ts'
import { TextLink } from '../shared/text-link.tsx'
import type { AgeingBucket, Invoice } from '../wire.ts'
import { bucketColour, bucketLabel } from './buckets.ts'
import classes from './pages/invoices.module.css'
import { statusLabel } from './status.ts'

export type BucketSpan = Pick<AgeingBucket, 'bucket' | 'from_days' | 'to_days'>

/** The columns of a list of invoices; fewer on a customer's own page. */
export function invoiceColumns(
  buckets: BucketSpan[],
  format: Formatter,
  { customer = true }: { customer?: boolean } = {},
): Column<Invoice>[] {
  const all: Column<Invoice>[] = [
    {
      key: 'invoice_number',
      header: t('receivables.invoice'),
      title: true,
      sort: 'invoice_number',
      width: '150px',
      cell: (invoice) => (
        <TextLink to={`/receivables/invoices/${invoice.id}`} className={classes.number} data-row-link inherit>
          {invoice.invoice_number}
        </TextLink>
      ),
    },
    {
      key: 'customer',
      header: t('receivables.customer'),
      sort: 'customer_name',
      cell: (invoice) => (
        <>
          <TextLink to={`/receivables/customers/${invoice.customer_id}`} inherit className={classes.quiet}>
            {invoice.customer_name}
          </TextLink>
          {invoice.customer_code !== invoice.customer_name && (
            <Text size="xs" c="dimmed">
              {invoice.customer_code}
            </Text>
          )}
        </>
      ),
    },
    {
      key: 'age',
      header: t('receivables.age'),
      sort: 'days_overdue',
      width: '140px',
      cell: (invoice) => (
        <>
          <Age invoice={invoice} buckets={buckets} />
          {invoice.due_date && (
            <Text size="xs" c="dimmed" className={classes.nowrap}>
              {t('receivables.due_on', { day: format.day(invoice.due_date) })}
            </Text>
          )}
        </>
      ),
    },
    {
      key: 'status',
      header: t('receivables.status'),
      width: '112px',
      cell: (invoice) =>
        invoice.is_disputed ? (
          <Badge color="red">{t('receivables.disputed')}</Badge>
        ) : (
          <span className={classes.nowrap}>{statusLabel(invoice.status)}</span>
        ),
    },
    {
      key: 'promise',
      header: t('core.promise'),
      width: '140px',
      cell: (invoice) =>
        invoice.promise ? (
          <>
            <span className={classes.nowrap}>
              {format.money(invoice.promise.open_amount || invoice.promise.amount, invoice.currency)}
            </span>
            <Text
              size="xs"
              c={invoice.promise.verdict === 'broken' ? 'var(--mantine-color-red-light-color)' : 'dimmed'}
            >
              {t('receivables.promised_by', {
                day: format.day(invoice.promise.promised_on),
                word: promiseWord(invoice.promise),
              })}
            </Text>
          </>
        ) : (
          '–'
        ),
    },
    {
      key: 'assigned_to',
      header: t('receivables.collector'),
      sort: 'assigned_to',
      width: '115px',
      wideOnly: true,
      cell: (invoice) => invoice.assigned_to_name ?? '–',
    },
    {
      key: 'amount',
      header: t('receivables.amount'),
      align: 'right',
      sort: 'amount',
      width: '135px',
      wideOnly: true,
      cell: (invoice) => format.money(invoice.amount, invoice.currency),
    },
    {
      key: 'open_amount',
      header: t('receivables.open_amount'),
      align: 'right',
      sort: 'open_amount',
      width: '140px',
      cell: (invoice) => <strong>{format.money(invoice.open_amount, invoice.currency)}</strong>,
    },
  ]
  return customer ? all : all.filter(({ key }) => !['customer', 'assigned_to', 'amount'].includes(key))
}

export const promiseWords = ['open', 'waiting', 'broken', 'partially_kept', 'kept'] as const
const promiseWord = ({ verdict, is_waiting }: NonNullable<Invoice['promise']>) => {
  const word = promiseWords.find((each) => each === (is_waiting ? 'waiting' : verdict))
  return word ? t(`core.promise_${word}`) : verdict
}

/** How late, or why not. */
export function Age({
  invoice,
  buckets,
}: {
  invoice: Pick<Invoice, 'bucket' | 'days_overdue' | 'status'>
  buckets: BucketSpan[]
}) {
  const index = buckets.findIndex(({ bucket }) => bucket === invoice.bucket)
  return (
    <span className={classes.age}>
      {index >= 0 && (
        <span className={classes.dot} style={{ background: bucketColour(buckets, index) }} aria-hidden />
      )}
      {invoice.days_overdue !== null && invoice.days_overdue > 0
        ? t('receivables.days_overdue', { count: invoice.days_overdue })
        : index >= 0
          ? bucketLabel(buckets[index]!)
          : statusLabel(invoice.status)}
    </span>
  )
}
