import { Link } from '@tanstack/react-router'
import { t } from '../i18n.ts'
import { can, useMe } from '../session.ts'
import { morningOf } from '../shell/nav.ts'
import classes from './insights.module.css'

/** The pages of insights that this person may see. They are links, not tabs: each has an address of its own. */
export function InsightTabs() {
  const me = useMe()
  const leads = can(me, 'reports.director')
  const morning = morningOf(me)
  const own = morning && {
    to: morning,
    label: t(morning === '/insights/region' ? 'insights.tab_region' : 'insights.tab_engineer'),
  }
  const items = [
    ...(leads ? [{ to: '/insights', label: t('insights.tab_director') }] : []),
    ...(leads || can(me, 'receivables.assign')
      ? [{ to: '/insights/team', label: t('insights.tab_team') }]
      : []),
    ...(own ? [own] : []),
    { to: '/insights/mine', label: t('insights.tab_mine') },
    { to: '/insights/why', label: t('insights.tab_why') },
    ...(leads ? [{ to: '/insights/packs', label: t('insights.tab_packs') }] : []),
  ]
  // What one comes for first stands at the plain address.
  if (items[0]!.to !== morning) items[0]!.to = '/insights'
  return (
    <nav aria-label={t('core.nav_insights')} className={`${classes.tabs} no-print`}>
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
