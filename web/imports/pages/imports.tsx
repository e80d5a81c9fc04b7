import { Group } from '@mantine/core'
import { t } from '../../i18n.ts'
import { useCan } from '../../session.ts'
import { Page } from '../../shared/page.tsx'
import { Forbidden } from '../../shared/states.tsx'
import { TextLink } from '../../shared/text-link.tsx'
import { PastImports } from '../past-imports.tsx'
import { Upload } from '../upload.tsx'

export default function Imports() {
  return (
    <Page title={t('core.nav_imports')} lead={t('imports.lead')}>
      {useCan('receivables.import') ? (
        <>
          <Upload />
          <Group gap="lg" mt="md">
            <TextLink to="/imports/missing">{t('imports.missing_title')}</TextLink>
            <TextLink to="/imports/sources">{t('imports.sources')}</TextLink>
          </Group>
          <PastImports />
        </>
      ) : (
        <Forbidden permission="receivables.import" />
      )}
    </Page>
  )
}
