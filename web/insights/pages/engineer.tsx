import { Stack } from '@mantine/core'
import { t } from '../../i18n.ts'
import { useCan } from '../../session.ts'
import { Page } from '../../shared/page.tsx'
import { Forbidden } from '../../shared/states.tsx'
import { Heat, OwnNumbers, PromisesDue, RemarksMissing } from '../own.tsx'
import { InsightTabs } from '../tabs.tsx'
import { ViewBar } from '../view-bar.tsx'

/** What an engineer opens in the morning: what is promised, what is not said yet, the own customers by age, the own numbers. */
export default function EngineerPage() {
  const may = useCan('receivables.read')
  return (
    <Page title={t('insights.tab_engineer')} lead={t('insights.engineer_lead')}>
      {may ? (
        <>
          <InsightTabs />
          <ViewBar />
          <Stack gap="lg">
            <PromisesDue />
            <RemarksMissing />
            <Heat of="customer" />
            <OwnNumbers />
          </Stack>
        </>
      ) : (
        <Forbidden permission="receivables.read" />
      )}
    </Page>
  )
}
