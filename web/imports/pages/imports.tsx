import { t } from '../../i18n.ts'
import { useCan } from '../../session.ts'
import { Page } from '../../shared/page.tsx'
import { Forbidden } from '../../shared/states.tsx'
import { ImportForm } from '../import-form.tsx'
import { PastImports } from '../past-imports.tsx'

export default function Imports() {
  return (
    <Page title={t('core.nav_imports')} lead={t('imports.lead')}>
      {useCan('receivables.import') ? (
        <>
          <ImportForm />
          <PastImports />
        </>
      ) : (
        <Forbidden permission="receivables.import" />
      )}
    </Page>
  )
}
