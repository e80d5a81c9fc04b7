import { t } from '../../i18n.ts'
import { can, useMe } from '../../session.ts'
import { Page } from '../../shared/page.tsx'
import { Forbidden } from '../../shared/states.tsx'
import { Team } from '../people.tsx'
import { InsightTabs } from '../tabs.tsx'
import { ViewBar } from '../view-bar.tsx'

export default function TeamPage() {
  const me = useMe()
  const may = can(me, 'receivables.assign') || can(me, 'reports.director')
  return (
    <Page title={t('insights.tab_team')}>
      {may ? (
        <>
          <InsightTabs />
          <ViewBar />
          <Team />
        </>
      ) : (
        <Forbidden permission="receivables.assign" />
      )}
    </Page>
  )
}
