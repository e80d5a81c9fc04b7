import { Text } from '@mantine/core'
import { t } from '../i18n.ts'
import { useCan, useFormat } from '../session.ts'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { TextLink } from '../shared/text-link.tsx'
import type { InvoiceDetails } from '../wire.ts'

type Entry = InvoiceDetails['entries'][number]

const kinds = {
  invoice: 'receivables.entry_invoice',
  payment: 'receivables.entry_payment',
  correction: 'receivables.entry_correction',
  withdrawal: 'receivables.entry_withdrawal',
  credit: 'receivables.entry_credit',
  write_off: 'receivables.entry_write_off',
  reversal: 'receivables.entry_reversal',
} as const

/** Every change of the balance, when it happened (an inferred payment: between which days), and what remained. */
export function Ledger({ invoice }: { invoice: InvoiceDetails }) {
  const format = useFormat()
  const mayImport = useCan('receivables.import')
  const columns: Column<Entry>[] = [
    {
      key: 'kind',
      header: t('receivables.entry'),
      title: true,
      cell: (entry) => <Kind entry={entry} invoice={invoice} />,
    },
    {
      key: 'when',
      header: t('receivables.when'),
      cell: (entry) =>
        entry.effective_after && entry.effective_after !== entry.effective_on
          ? t('receivables.between', {
              from: format.day(entry.effective_after),
              to: format.day(entry.effective_on),
            })
          : format.day(entry.effective_on),
    },
    {
      key: 'file',
      header: t('receivables.file'),
      cell: (entry) => (
        <span className="wrap-anywhere">
          {entry.import_id !== null && mayImport ? (
            <TextLink to={`/imports/${entry.import_id}`} inherit>
              {entry.file_name ?? String(entry.import_id)}
            </TextLink>
          ) : entry.import_id === null && entry.user ? (
            t('receivables.recorded_by', { name: entry.user.full_name })
          ) : (
            (entry.file_name ?? '–')
          )}
          <Text size="xs" c="dimmed">
            {t('receivables.recorded', { at: format.instant(entry.recorded_at) })}
          </Text>
        </span>
      ),
    },
    {
      key: 'amount',
      header: t('receivables.amount'),
      align: 'right',
      cell: (entry) => format.money(entry.amount, invoice.currency),
    },
    {
      key: 'balance',
      header: t('receivables.balance'),
      align: 'right',
      cell: (entry) => <strong>{format.money(entry.balance, invoice.currency)}</strong>,
    },
  ]
  return (
    <DataTable
      caption={t('receivables.ledger')}
      columns={columns}
      rows={invoice.entries}
      rowKey={(entry) => entry.id}
    />
  )
}

/** What settles and was recorded by somebody, but has the other sign, takes back what was. */
function Kind({ entry, invoice }: { entry: Entry; invoice: InvoiceDetails }) {
  const label = entry.kind in kinds ? t(kinds[entry.kind as keyof typeof kinds]) : entry.kind
  const isBack =
    entry.allocation_id !== null &&
    (entry.kind === 'payment' ||
      entry.kind === 'write_off' ||
      (entry.kind === 'credit' && invoice.amount > 0)) &&
    Math.sign(entry.amount) === Math.sign(invoice.amount)
  const words = isBack ? t('receivables.entry_taken_back', { entry: label }) : label
  return entry.payment_id === null ? (
    words
  ) : (
    <TextLink to="/receivables/payments" search={{ open: String(entry.payment_id) }} inherit>
      {words}
    </TextLink>
  )
}
