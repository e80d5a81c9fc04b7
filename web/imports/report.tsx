import { Alert, Button, Group, List, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconDownload } from '@tabler/icons-react'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { download, toCsv } from '../shared/csv.ts'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { Section } from '../shared/section.tsx'
import type { ImportReject, ImportReport } from '../wire.ts'
import { unaccounted } from './counts.ts'
import classes from './report.module.css'

/** What an import did: counts that add up to the rows of the file, totals to compare with the ledger, rejects. */
export function Report({ report }: { report: ImportReport }) {
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
        <Text mt="md">{t('imports.missing', { count: report.missing })}</Text>
        {report.totals.length > 0 && (
          <Text mt="xs">
            {t('imports.totals', {
              totals: report.totals.map((total) => format.money(total.amount, total.currency)).join(', '),
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
    </Stack>
  )
}

function Rejects({ report }: { report: ImportReport }) {
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
          onClick={() => download(`rejected-rows-${report.import_id}.csv`, csv())}
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
