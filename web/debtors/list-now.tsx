import { Alert, Button, Group } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { TextLink } from '../shared/text-link.tsx'
import type { DebtorReport, Pharmacy, UploadedReport } from '../wire.ts'
import { ChangeStrip } from './change-strip.tsx'
import classes from './debtors.module.css'
import { Paper } from './paper.tsx'
import { useReport } from './queries.ts'
import { ColumnQuestions } from './questions.tsx'
import { Upload } from './upload.tsx'

type Props = {
  outlet: string
  pharmacy: Pharmacy
  mayUpload: boolean
  reports: DebtorReport[] | undefined
}

/** Where the next report is dropped, what the list of now came from, and what waits for a person. */
export default function ListNow({ outlet, pharmacy, mayUpload, reports }: Props) {
  const [answer, setAnswer] = useState<{ report: UploadedReport; password?: string | undefined } | null>(null)
  const current = reports?.find(({ is_current }) => is_current)
  // One that is older than the list has been overtaken.
  const waiting = reports?.find(
    ({ status, id }) => status === 'needs_review' && (current === undefined || id > current.id),
  )
  const read = useReport(outlet, current?.id)
  return (
    <div className={`${classes.now} no-print`} data-list={(mayUpload && current !== undefined) || undefined}>
      {mayUpload && (
        <Upload
          outlet={outlet}
          name={pharmacy.name}
          onRead={(report, password) => setAnswer({ report, password })}
        />
      )}
      {current && read.data && (
        <section className={`sheet ${classes.current}`} aria-label={t('debtors.from')}>
          <p className={classes.fromFile}>
            {t('debtors.from')}{' '}
            <TextLink
              to={`/debtors/${outlet}/reports/${current.id}`}
              underline="always"
              inherit
              className="wrap-anywhere"
            >
              {current.filename}
            </TextLink>
          </p>
          <Paper report={read.data} />
          <ChangeStrip outlet={outlet} report={read.data} />
        </section>
      )}
      <div role="status" className={`${classes.said} ${classes.wide}`}>
        {answer?.report.status === 'completed' && t('debtors.done', { count: answer.report.total_accounts })}
      </div>
      {waiting && mayUpload && (
        <Waiting
          key={waiting.id}
          outlet={outlet}
          report={waiting}
          password={answer?.report.report_id === waiting.id ? answer.password : undefined}
        />
      )}
    </div>
  )
}

/** A report that does not add up, or has columns that nobody has explained. The list before it stays. */
function Waiting({
  outlet,
  report,
  password,
}: {
  outlet: string
  report: DebtorReport
  password?: string | undefined
}) {
  const format = useFormat()
  const { data } = useReport(outlet, report.id)
  const asks = (data?.questions.length ?? 0) > 0
  return (
    <Alert
      className={classes.wide!}
      color="brass"
      variant="light"
      icon={<IconAlertTriangle size={18} aria-hidden />}
      title={t(asks ? 'debtors.asks_columns' : 'debtors.needs_you', { file: report.filename })}
    >
      {data && asks ? (
        <ColumnQuestions outlet={outlet} report={data} password={password} />
      ) : (
        <Group gap="sm" justify="space-between">
          <span>
            {report.difference
              ? t('debtors.off', { difference: format.money(report.difference) })
              : (data?.warnings[0] ?? t('debtors.look_why'))}
          </span>
          <Button
            renderRoot={(props) => (
              <Link to={`/debtors/${outlet}/reports/${report.id}` as string} {...props} />
            )}
          >
            {t('debtors.look')}
          </Button>
        </Group>
      )}
    </Alert>
  )
}
