import { Link } from '@tanstack/react-router'
import { t } from '../i18n.ts'
import { can, useMe } from '../session.ts'
import classes from './communications.module.css'
import { mayReadMessages, maySeeChannels } from './may.ts'

/** The pages of messages that this person may see. They are links, not tabs: each has an address of its own. */
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
  return (
    <nav aria-label={t('core.nav_communications')} className={`${classes.tabs} no-print`}>
      {items.map((item) => (
        <Link
          key={item.to}
          to={item.to}
          className={classes.tab!}
          activeOptions={{ exact: true, includeSearch: false }}
          activeProps={{ 'data-active': true, 'aria-current': 'page' }}
        >
          {item.label}
        </Link>
      ))}
    </nav>
  )
}
