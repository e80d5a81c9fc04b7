import { Alert, Badge, Button, Group, SegmentedControl, Tabs, Text } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { can, useFormat, useMe } from '../../session.ts'
import { download } from '../../shared/download.ts'
import { Page } from '../../shared/page.tsx'
import { Section } from '../../shared/section.tsx'
import { Forbidden, Loaded } from '../../shared/states.tsx'
import { TextLink } from '../../shared/text-link.tsx'
import { failed } from '../../shared/toast.tsx'
import { pageOf } from '../../shared/url-filters.ts'
import { useFilters } from '../../shared/use-filters.ts'
import type { DebtorList, DebtorReportDetails } from '../../wire.ts'
import { ChangeStrip } from '../change-strip.tsx'
import { ChangeTable } from '../change-table.tsx'
import { Checks } from '../checks.tsx'
import classes from '../debtors.module.css'
import { Decide } from '../decide.tsx'
import { LineList } from '../line-list.tsx'
import { PagePicture } from '../page-picture.tsx'
import { Paper } from '../paper.tsx'
import { reportApi, useLines, useMay, usePharmacy, useReport, useReports } from '../queries.ts'
import { ColumnQuestions } from '../questions.tsx'
import { statusColour, statusWord } from '../report-words.ts'

/** One report: what it prints beside what was read, and the decision whether it is the list. */
export default function ReportPage() {
  const { outlet = '', report: id = '' } = useParams({ strict: false }) as {
    outlet?: string
    report?: string
  }
  const format = useFormat()
  const maySee = can(useMe(), 'debtors.read')
  const pharmacy = usePharmacy(maySee ? outlet : '')
  const report = useReport(maySee ? outlet : '', id)
  const reports = useReports(maySee ? outlet : '')
  const may = useMay(pharmacy.data)
  const current = reports.data?.find(({ is_current }) => is_current)?.id
  const { data } = report
  return (
    <Page
      title={data?.filename ?? t('debtors.report')}
      lead={
        <>
          {pharmacy.data && (
            <TextLink to={`/debtors/${outlet}`} underline="always" inherit>
              {pharmacy.data.name}
            </TextLink>
          )}
          {data && (
            <>
              {' · '}
              {data.report_date
                ? t('debtors.as_of_day', { day: format.day(data.report_date) })
                : format.instant(data.uploaded_at)}{' '}
              <Badge color={statusColour(data)}>{statusWord(data)}</Badge>
            </>
          )}
        </>
      }
      actions={
        data && (
          <>
            {may.write && <Decide outlet={outlet} report={data} current={current} />}
            <Button
              variant="default"
              leftSection={<IconDownload size={16} aria-hidden />}
              onClick={() => saveFile(outlet, data)}
            >
              {t('debtors.original')}
            </Button>
          </>
        )
      }
    >
      {maySee ? (
        <Loaded query={report}>
          {(shown) => <Body key={shown.id} outlet={outlet} report={shown} mayDecide={may.write} />}
        </Loaded>
      ) : (
        <Forbidden permission="debtors.read" />
      )}
    </Page>
  )
}

async function saveFile(outlet: string, { id, filename, mime }: DebtorReportDetails) {
  try {
    download(filename, await api<Blob>('GET', `${reportApi(outlet, id)}/file`, { blob: true }), mime)
  } catch (error) {
    failed(error)
  }
}

type BodyProps = { outlet: string; report: DebtorReportDetails; mayDecide: boolean }

function Body({ outlet, report, mayDecide }: BodyProps) {
  const [{ part }, set] = useFilters(['part', 'p', 'at', 'lines'])
  const place = ({ page, line }: { page: number; line: number }) =>
    set({ part: undefined, lines: undefined, p: String(page), at: String(line) }, { replace: true })
  const hasBefore = report.changes !== null && report.changes.previous_id !== null
  const open = part === 'changes' && hasBefore ? 'changes' : 'lines'
  if (report.status === 'failed')
    return (
      <Alert color="red" variant="light" title={t('debtors.status_failed')}>
        {report.error_message}
      </Alert>
    )
  return (
    <div className={classes.stack}>
      {report.questions.length > 0 && report.status === 'needs_review' && mayDecide && (
        <Section title={t('debtors.columns_unknown')}>
          <ColumnQuestions outlet={outlet} report={report} />
        </Section>
      )}
      <section className={`sheet ${classes.current}`} aria-label={t('debtors.against_paper')}>
        <Paper report={report}>
          {report.status === 'needs_review' && report.warnings.length > 0 && (
            <ul className={classes.warnings}>
              {report.warnings.map((warning) => (
                <li key={warning}>{warning}</li>
              ))}
            </ul>
          )}
          <Checks checks={report.checks} onCheck={(check) => place({ page: check.page, line: check.line })} />
        </Paper>
        <ChangeStrip outlet={outlet} report={report} />
      </section>
      <Tabs
        id="report"
        value={open}
        keepMounted={false}
        onChange={(next) => set({ part: next === 'changes' ? 'changes' : undefined }, { replace: true })}
      >
        {hasBefore && (
          <Tabs.List aria-label={t('debtors.report')} mb="md">
            <Tabs.Tab value="lines">{t('debtors.tab_lines')}</Tabs.Tab>
            <Tabs.Tab value="changes">{t('debtors.tab_changes')}</Tabs.Tab>
          </Tabs.List>
        )}
        <Tabs.Panel value="lines">
          <Beside outlet={outlet} report={report} />
        </Tabs.Panel>
        <Tabs.Panel value="changes">
          <ChangeTable outlet={outlet} report={report.id} />
        </Tabs.Panel>
      </Tabs>
    </div>
  )
}

/** The page on the left, what was read of it on the right; choosing on either side marks the other. */
function Beside({ outlet, report }: { outlet: string; report: DebtorReportDetails }) {
  const [filters, set] = useFilters(['p', 'at', 'lines'])
  const page = Math.min(pageOf(filters.p), Math.max(1, report.pages.length))
  const chosen = filters.at === undefined ? undefined : Number(filters.at)
  const [all, setAll] = useState(false)
  const id = String(report.id)
  const kind = filters.lines
  const ofPage = useLines(outlet, id, { document_page: page })
  const ofKind = useLines(outlet, id, { kind: kind ?? 'rejected' }, kind !== undefined)
  const rows = useQuery({
    queryKey: ['debtors', 'report-rows', outlet, id, page],
    queryFn: () =>
      api<DebtorList>('GET', `${reportApi(outlet, id)}/debtors`, {
        query: { details: true, exclude_medical_aid: false, document_page: page, per_page: 1_000 },
      }),
  })
  const byId = useMemo(() => new Map((rows.data?.debtors ?? []).map((row) => [row.id, row])), [rows.data])
  const lines = ofPage.data?.items ?? []
  const shown = kind
    ? (ofKind.data?.items ?? [])
    : all
      ? lines
      : lines.filter((line) => line.kind === 'account')
  const go = (to: number, line?: number) =>
    set({ p: String(to), at: line === undefined ? undefined : String(line) }, { replace: true })
  const counts = Object.entries(report.line_counts).filter(([name]) => name !== 'account')
  return (
    <div className={classes.stack}>
      <div className={classes.beside} data-alone={report.pages.length === 0 || undefined}>
        <PagePicture
          outlet={outlet}
          report={report}
          page={page}
          lines={lines}
          chosen={chosen}
          onPage={(to) => go(to)}
          onLine={(line) => {
            // Of what is hidden in the list, the list shows everything.
            if (!kind && lines.find((each) => each.line === line)?.kind !== 'account') setAll(true)
            go(page, line)
          }}
        />
        <section className={`sheet ${classes.read}`} aria-label={t('debtors.what_was_read')}>
          <Group gap="xs" className={classes.pictureHead}>
            <SegmentedControl
              size="xs"
              aria-label={t('debtors.lines')}
              value={kind ? '' : all ? 'all' : 'accounts'}
              onChange={(value) => {
                setAll(value === 'all')
                if (kind) set({ lines: undefined }, { replace: true })
              }}
              data={[
                { value: 'accounts', label: t('debtors.lines_accounts') },
                { value: 'all', label: t('debtors.lines_all') },
              ]}
            />
            <Text size="sm" c="dimmed" role="status">
              {kind
                ? t('debtors.lines_of_kind', {
                    count: shown.length,
                    kind: t(`debtors.line_${kind as 'noise'}`),
                  })
                : t('debtors.lines_on_page', { count: shown.length, page })}
            </Text>
          </Group>
          <LineList lines={shown} rows={byId} chosen={chosen} onLine={(line) => go(line.page, line.line)} />
          <p className={classes.accounted}>
            {t('debtors.accounted')}{' '}
            {counts.map(([name, count]) => (
              <button
                key={name}
                type="button"
                className={classes.kind}
                aria-pressed={kind === name}
                onClick={() => set({ lines: kind === name ? undefined : name }, { replace: true })}
              >
                {t(`debtors.line_${name as 'noise'}`)} {count}
              </button>
            ))}
          </p>
        </section>
      </div>
    </div>
  )
}
