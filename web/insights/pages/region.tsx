import { Stack } from '@mantine/core'
import { t } from '../../i18n.ts'
import { useCan } from '../../session.ts'
import { Page } from '../../shared/page.tsx'
import { Forbidden } from '../../shared/states.tsx'
import { Heat, OwnNumbers, PromisesDue, RemarksMissing } from '../own.tsx'
import { InsightTabs } from '../tabs.tsx'
import { ViewBar } from '../view-bar.tsx'

/** What a region's manager opens in the morning: the region's numbers, whose work is late, what is promised, what is not said. */
export default function RegionPage() {
  const may = useCan('receivables.read')
  return (
    <Page title={t('insights.tab_region')} lead={t('insights.region_lead')}>
      {may ? (
        <>
          <InsightTabs />
          <ViewBar />
          <Stack gap="lg">
            <OwnNumbers />
            <Heat of="collector" />
            <Heat of="customer" />
            <PromisesDue />
            <RemarksMissing />
          </Stack>
        </>
      ) : (
        <Forbidden permission="receivables.read" />
      )}
    </Page>
  )
}
