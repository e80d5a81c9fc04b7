import { Badge, Button, Group, Text } from '@mantine/core'
import { Link, useParams } from '@tanstack/react-router'
import { t } from '../../i18n.ts'
import { can, useFormat, useMe } from '../../session.ts'
import { type Column, DataTable } from '../../shared/data-table.tsx'
import type { Formatter } from '../../shared/format.ts'
import { Page } from '../../shared/page.tsx'
import { Empty, Forbidden, Loaded } from '../../shared/states.tsx'
import { TextLink } from '../../shared/text-link.tsx'
import type { DebtorReport } from '../../wire.ts'
import { Decide } from '../decide.tsx'
import { useMay, usePharmacy, useReports } from '../queries.ts'
import { statusColour, statusWord } from '../report-words.ts'

/** Every report of a pharmacy as a dated snapshot; any of them can be looked at and be the list again. */
export default function Reports() {
  const { outlet = '' } = useParams({ strict: false }) as { outlet?: string }
  const format = useFormat()
  const maySee = can(useMe(), 'debtors.read')
  const pharmacy = usePharmacy(maySee ? outlet : '')
  const reports = useReports(maySee ? outlet : '')
  const may = useMay(pharmacy.data)
  const current = reports.data?.find(({ is_current }) => is_current)?.id
  return (
    <Page
      title={t('debtors.reports')}
      lead={
        pharmacy.data && (
          <TextLink to={`/debtors/${outlet}`} underline="always" inherit>
            {pharmacy.data.name}
          </TextLink>
        )
      }
      actions={
        <Button
          renderRoot={(props) => <Link to={`/debtors/${outlet}` as string} {...props} />}
          variant="default"
        >
          {t('debtors.to_list')}
        </Button>
      }
    >
      {maySee ? (
        <Loaded query={reports}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty title={t('debtors.no_reports')} why={t('debtors.none_why')} />
            ) : (
              <DataTable
                caption={t('debtors.reports')}
                columns={columnsOf(outlet, format, may.write, current)}
                rows={rows}
                rowKey={(report) => report.id}
              />
            )
          }
        </Loaded>
      ) : (
        <Forbidden permission="debtors.read" />
      )}
    </Page>
  )
}

const columnsOf = (
  outlet: string,
  format: Formatter,
  mayDecide: boolean,
  current: number | undefined,
): Column<DebtorReport>[] => [
  {
    key: 'file',
    header: t('debtors.report'),
    title: true,
    cell: (report) => (
      <>
        <TextLink
          to={`/debtors/${outlet}/reports/${report.id}`}
          data-row-link
          inherit
          className="wrap-anywhere"
        >
          {report.filename}
        </TextLink>
        <Text size="xs" c="dimmed" fw={400}>
          {report.uploaded_by
            ? t('debtors.uploaded_by', { day: format.instant(report.uploaded_at), name: report.uploaded_by })
            : format.instant(report.uploaded_at)}
        </Text>
      </>
    ),
  },
  {
    key: 'day',
    header: t('debtors.as_of'),
    cell: (report) => (report.report_date ? format.day(report.report_date) : '–'),
  },
  {
    key: 'status',
    header: t('debtors.status'),
    cell: (report) => (
      <>
        <Badge color={statusColour(report)}>{statusWord(report)}</Badge>
        {report.error_message && (
          <Text size="xs" c="dimmed">
            {report.error_message}
          </Text>
        )}
      </>
    ),
  },
  {
    key: 'accounts',
    header: t('debtors.accounts'),
    align: 'right',
    cell: (report) => format.number(report.total_accounts),
  },
  {
    key: 'outstanding',
    header: t('debtors.outstanding'),
    align: 'right',
    cell: (report) => format.money(report.total_outstanding),
  },
  {
    key: 'act',
    header: t('debtors.decision'),
    cell: (report) =>
      mayDecide && (
        <Group gap={6}>
          <Decide outlet={outlet} report={report} current={current} small />
        </Group>
      ),
  },
]
