import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { useCan, useFormat } from '../../session.ts'
import { Page } from '../../shared/page.tsx'
import { Forbidden, Loaded } from '../../shared/states.tsx'
import type { ImportDetails } from '../../wire.ts'
import { Report } from '../report.tsx'
import { importStatus } from '../status.ts'

export default function ImportReportPage() {
  const { id = '' } = useParams({ strict: false }) as { id?: string }
  const maySee = useCan('receivables.import')
  const format = useFormat()
  const report = useQuery({
    queryKey: ['imports', 'one', id],
    enabled: maySee && /^\d+$/.test(id),
    queryFn: () => api<ImportDetails>('GET', `/api/imports/${id}`),
  })
  return (
    <Page
      title={t('imports.report', { id })}
      lead={
        report.data &&
        t('imports.report_lead', {
          file: report.data.file_name,
          day: format.day(report.data.as_of),
          status: importStatus(report.data.status),
        })
      }
      actions={
        <>
          <Button component={Link} to="/imports" variant="default">
            {t('imports.all')}
          </Button>
          <Button component={Link} to="/receivables/ageing">
            {t('imports.see_ageing')}
          </Button>
        </>
      }
    >
      {maySee ? (
        <Loaded query={report}>{(data) => <Report report={data} />}</Loaded>
      ) : (
        <Forbidden permission="receivables.import" />
      )}
    </Page>
  )
}
