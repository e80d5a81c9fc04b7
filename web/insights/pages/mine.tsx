import { t } from '../../i18n.ts'
import { can, useMe } from '../../session.ts'
import { Page } from '../../shared/page.tsx'
import { Forbidden } from '../../shared/states.tsx'
import { Mine } from '../people.tsx'
import { InsightTabs } from '../tabs.tsx'
import { ViewBar } from '../view-bar.tsx'

export default function MinePage() {
  const me = useMe()
  const may = can(me, 'receivables.read')
  return (
    <Page title={t('insights.tab_mine')}>
      {may ? (
        <>
          <InsightTabs />
          <ViewBar />
          <Mine />
        </>
      ) : (
        <Forbidden permission="receivables.read" />
      )}
    </Page>
  )
}
