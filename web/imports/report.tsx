import { Alert, Button, Group, List, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconDownload } from '@tabler/icons-react'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { download, toCsv } from '../shared/csv.ts'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { Section } from '../shared/section.tsx'
import type { ImportAnswer, ImportDetails, ImportReject } from '../wire.ts'
import { unaccounted } from './counts.ts'
import classes from './report.module.css'

/** What an import did: counts that add up to the rows of the file, totals to compare with the ledger, rejects. */
export function Report({ report }: { report: ImportAnswer | ImportDetails }) {
  const format = useFormat()
  const gap = unaccounted(report)
  const parts = [
    { label: t('imports.new'), value: report.new },
    { label: t('imports.changed'), value: report.changed },
    { label: t('imports.unchanged'), value: report.unchanged },
    { label: t('imports.rejected'), value: report.rejected, bad: report.rejected > 0 },
  ]
  return (
    <Stack gap="lg">
      <Section title={t('imports.rows_title')} why={t('imports.rows_why', { day: format.day(report.as_of) })}>
        <dl className={classes.sum}>
          {parts.map((part) => (
            <div key={part.label} className={classes.part} data-bad={part.bad || undefined}>
              <dt>{part.label}</dt>
              <dd className="figure">{format.number(part.value)}</dd>
            </div>
          ))}
          <div className={`${classes.part} ${classes.total}`}>
            <dt>{t('imports.rows_in_file')}</dt>
            <dd className="figure">{format.number(report.rows)}</dd>
          </div>
        </dl>
        {gap !== 0 && (
          <Alert color="red" mt="md" icon={<IconAlertTriangle size={18} aria-hidden />}>
            {t('imports.gap', { count: gap })}
          </Alert>
        )}
        {report.totals.length > 0 && (
          <Text mt="xs">
            {t('imports.totals', {
              totals: report.totals
                .map(({ amount, open_amount, currency }) =>
                  t('imports.total_of_currency', {
                    amount: format.money(amount, currency),
                    open: format.money(open_amount, currency),
                  }),
                )
                .join('; '),
            })}
          </Text>
        )}
        {report.warnings.length > 0 && (
          <List mt="md" size="sm">
            {report.warnings.map((warning) => (
              <List.Item key={warning}>{warning}</List.Item>
            ))}
          </List>
        )}
      </Section>
      {report.rejects.length > 0 && <Rejects report={report} />}
      {'missing_invoices' in report && report.missing_invoices.length > 0 && <Missing report={report} />}
    </Stack>
  )
}

function Rejects({ report }: { report: Pick<ImportAnswer, 'rejects' | 'import_id'> }) {
  const columns: Column<ImportReject>[] = [
    { key: 'row', header: t('imports.row'), align: 'right', title: true, cell: (one) => one.row },
    { key: 'column', header: t('imports.column'), cell: (one) => one.column ?? '–' },
    {
      key: 'value',
      header: t('imports.value'),
      cell: (one) => <span className="wrap-anywhere">{one.value ?? '–'}</span>,
    },
    { key: 'reason', header: t('imports.reason'), cell: (one) => one.reason },
  ]
  const csv = () =>
    toCsv([
      [t('imports.row'), t('imports.column'), t('imports.value'), t('imports.reason')],
      ...report.rejects.map((one) => [one.row, one.column, one.value, one.reason]),
    ])
  const shown = report.rejects.slice(0, 200)
  return (
    <section aria-labelledby="rejects">
      <Group justify="space-between" mb="sm">
        <div>
          <Text component="h2" id="rejects" fw={650} size="lg">
            {t('imports.rejects')}
          </Text>
          <Text size="sm" c="dimmed">
            {t('imports.rejects_why')}
          </Text>
        </div>
        <Button
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
          onClick={() => download(`rejected-rows-${report.import_id ?? 'check'}.csv`, csv())}
        >
          {t('imports.rejects_download')}
        </Button>
      </Group>
      <DataTable
        caption={t('imports.rejects')}
        columns={columns}
        rows={shown}
        rowKey={(one) => `${one.row}:${one.column}:${one.reason}`}
      />
      {shown.length < report.rejects.length && (
        <Text size="sm" c="dimmed" mt="xs">
          {t('imports.rejects_more', { count: report.rejects.length - shown.length })}
        </Text>
      )}
    </section>
  )
}

/** Open before, covered by the file, and not named in it. */
function Missing({ report }: { report: ImportDetails }) {
  const format = useFormat()
  return (
    <section aria-labelledby="missing">
      <Text component="h2" id="missing" fw={650} size="lg">
        {t('imports.missing')}
      </Text>
      <Text size="sm" c="dimmed" mb="sm">
        {t('imports.missing_why')}
      </Text>
      <DataTable
        caption={t('imports.missing')}
        columns={[
          {
            key: 'number',
            header: t('imports.field_invoice_number'),
            title: true,
            cell: (one) => one.invoice_number,
          },
          { key: 'customer', header: t('imports.field_customer_name'), cell: (one) => one.customer_name },
          {
            key: 'open',
            header: t('imports.field_open_amount'),
            align: 'right',
            cell: (one) => format.money(one.open_amount, one.currency),
          },
        ]}
        rows={report.missing_invoices}
        rowKey={(one) => one.invoice_id}
      />
    </section>
  )
}
