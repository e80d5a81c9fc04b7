import { Button } from '@mantine/core'
import { IconFileTypePdf, IconPrinter } from '@tabler/icons-react'
import { useState } from 'react'
import { api, withQuery } from '../../api.ts'
import { t } from '../../i18n.ts'
import { can, useMe } from '../../session.ts'
import { Page } from '../../shared/page.tsx'
import { Forbidden } from '../../shared/states.tsx'
import { failed } from '../../shared/toast.tsx'
import { Director } from '../director.tsx'
import { Mine, Team } from '../people.tsx'
import { useView } from '../queries.ts'
import { InsightTabs } from '../tabs.tsx'
import { ViewBar } from '../view-bar.tsx'

/** What each role comes for: the whole, the team's work, or one's own part. */
export default function Insights() {
  const me = useMe()
  if (!can(me, 'receivables.read') && !can(me, 'reports.director'))
    return (
      <Page title={t('core.nav_insights')}>
        <Forbidden permission="receivables.read" />
      </Page>
    )
  const leads = can(me, 'reports.director')
  return (
    <Page title={t('core.nav_insights')} actions={leads && <Paper />}>
      <InsightTabs />
      <ViewBar />
      {leads ? <Director /> : can(me, 'receivables.assign') ? <Team /> : <Mine />}
    </Page>
  )
}

function Paper() {
  const [view] = useView()
  const [busy, setBusy] = useState(false)
  const load = async () => {
    setBusy(true)
    try {
      // A download cannot renew the session by itself.
      await api('GET', '/api/session')
      const link = document.createElement('a')
      link.href = withQuery('/api/receivables/insights/pack', view)
      link.download = ''
      link.click()
    } catch (error) {
      failed(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <Button
        variant="default"
        loading={busy}
        leftSection={<IconFileTypePdf size={16} aria-hidden />}
        onClick={load}
      >
        {t('insights.pack')}
      </Button>
      <Button
        variant="default"
        leftSection={<IconPrinter size={16} aria-hidden />}
        onClick={() => window.print()}
      >
        {t('insights.print')}
      </Button>
    </>
  )
}
