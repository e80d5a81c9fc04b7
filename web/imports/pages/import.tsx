import { Button } from '@mantine/core'
import { Link, useParams } from '@tanstack/react-router'
import { t } from '../../i18n.ts'
import { useCan, useFormat } from '../../session.ts'
import { Page } from '../../shared/page.tsx'
import { NotFound } from '../../shared/route-states.tsx'
import { Forbidden, Loaded } from '../../shared/states.tsx'
import { useImport } from '../use-import.ts'
import { Wizard } from '../wizard.tsx'
import { standingLabel } from '../words.ts'

export default function ImportPage() {
  const { id = '' } = useParams({ strict: false }) as { id?: string }
  const maySee = useCan('receivables.import')
  const format = useFormat()
  const query = useImport(id, maySee)
  const one = query.data
  if (!/^\d{1,15}$/.test(id)) return <NotFound />
  return (
    <Page
      title={t('imports.import', { id })}
      lead={
        one && (
          <span className="wrap-anywhere">
            {t('imports.import_lead', {
              file: one.file_name,
              day: format.day(one.as_of),
              status: standingLabel(one),
            })}
          </span>
        )
      }
      actions={
        <Button component={Link} to="/imports" variant="default">
          {t('imports.all')}
        </Button>
      }
    >
      {maySee ? (
        <Loaded query={query}>{(data) => <Wizard key={data.id} one={data} />}</Loaded>
      ) : (
        <Forbidden permission="receivables.import" />
      )}
    </Page>
  )
}
