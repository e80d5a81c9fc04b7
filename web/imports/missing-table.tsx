import { Badge, Checkbox, Group, Text } from '@mantine/core'
import { t } from '../i18n.ts'
import { useCan, useFormat } from '../session.ts'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { TextLink } from '../shared/text-link.tsx'
import type { MissingInvoice } from '../wire.ts'
import { decisionLabel } from './words.ts'

export const keyOf = (row: Pick<MissingInvoice, 'import_id' | 'invoice_id'>) =>
  `${row.import_id}:${row.invoice_id}`

type Props = {
  rows: MissingInvoice[]
  stale: boolean
  chosen: ReadonlyMap<string, MissingInvoice>
  onChoose: (rows: MissingInvoice[], on: boolean) => void
}

export function MissingTable({ rows, stale, chosen, onChoose }: Props) {
  const format = useFormat()
  const maySee = useCan('receivables.read')
  const here = rows.filter((row) => chosen.has(keyOf(row))).length
  const columns: Column<MissingInvoice>[] = [
    {
      key: 'invoice',
      header: t('imports.field_invoice_number'),
      title: true,
      cell: (row) => (
        <Group gap="xs" wrap="nowrap">
          <Checkbox
            aria-label={t('imports.choose_invoice', { invoice: row.invoice_number })}
            checked={chosen.has(keyOf(row))}
            onChange={(event) => onChoose([row], event.currentTarget.checked)}
          />
          {maySee ? (
            <TextLink to={`/receivables/invoices/${row.invoice_id}`} className="wrap-anywhere" inherit>
              {row.invoice_number}
            </TextLink>
          ) : (
            row.invoice_number
          )}
        </Group>
      ),
    },
    {
      key: 'customer',
      header: t('imports.customer'),
      cell: (row) => <span className="wrap-anywhere">{row.customer_name}</span>,
    },
    {
      key: 'open',
      header: t('imports.was_open'),
      align: 'right',
      cell: (row) => format.money(row.open_amount, row.currency),
    },
    {
      key: 'named',
      header: t('imports.last_named'),
      cell: (row) => (row.last_named ? format.day(row.last_named) : '–'),
    },
    {
      key: 'file',
      header: t('imports.missing_from'),
      cell: (row) => (
        <>
          <TextLink to={`/imports/${row.import_id}`} className="wrap-anywhere" inherit>
            {row.file_name}
          </TextLink>
          <Text size="sm" c="dimmed">
            {format.day(row.as_of)}
          </Text>
        </>
      ),
    },
    {
      key: 'taken_as',
      header: t('imports.taken_as'),
      cell: (row) => (
        <>
          <Badge color={row.decision ? 'pine' : 'brass'}>{decisionLabel(row.taken_as)}</Badge>
          <Text size="sm" c="dimmed">
            {row.decision
              ? row.paid_on
                ? t('imports.decided_paid_on', {
                    who: row.decided_by ?? t('core.product'),
                    day: format.day(row.paid_on),
                  })
                : t('imports.decided_by', { who: row.decided_by ?? t('core.product') })
              : t('imports.not_decided')}
          </Text>
        </>
      ),
    },
  ]
  return (
    <>
      <Checkbox
        mb="sm"
        label={t('imports.choose_page', { count: rows.length })}
        checked={here === rows.length}
        indeterminate={here > 0 && here < rows.length}
        onChange={(event) => onChoose(rows, event.currentTarget.checked)}
      />
      <DataTable
        caption={t('imports.missing_title')}
        columns={columns}
        rows={rows}
        rowKey={keyOf}
        stale={stale}
      />
    </>
  )
}
