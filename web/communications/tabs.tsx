import { t } from '../i18n.ts'
import { can, useMe } from '../session.ts'
import { PageTabs } from '../shared/page-tabs.tsx'
import { mayReadMessages, maySeeChannels } from './may.ts'

/** The pages of messages that this person may see. */
export function CommunicationTabs() {
  const me = useMe()
  const reads = mayReadMessages(me)
  const items = [
    ...(reads
      ? [
          { to: '/communications', label: t('communications.tab_campaigns') },
          { to: '/communications/messages', label: t('communications.tab_log') },
          { to: '/communications/suppressions', label: t('communications.tab_suppressions') },
        ]
      : []),
    ...(can(me, 'debtors.read') || maySeeChannels(me)
      ? [
          { to: '/communications/templates', label: t('communications.tab_templates') },
          { to: '/communications/rules', label: t('communications.tab_rules') },
        ]
      : []),
    ...(maySeeChannels(me)
      ? [{ to: '/communications/channels', label: t('communications.tab_channels') }]
      : []),
    ...(reads ? [{ to: '/communications/outbox', label: t('communications.tab_outbox') }] : []),
  ]
  return <PageTabs label={t('core.nav_communications')} items={items} />
}
