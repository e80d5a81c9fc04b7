import { Link } from '@tanstack/react-router'
import { t } from '../i18n.ts'
import classes from './settings-tabs.module.css'

/** The organisation's pages. They are links, not tabs: each has an address and a heading of its own. */
export function SettingsTabs() {
  const items = [
    { to: '/admin/organisation', label: t('admin.settings') },
    { to: '/admin/regions', label: t('admin.regions') },
    { to: '/admin/departments', label: t('admin.departments') },
    { to: '/admin/outlets', label: t('admin.outlets') },
    { to: '/admin/rates', label: t('admin.rates') },
    { to: '/admin/dispute-reasons', label: t('admin.dispute_reasons') },
  ]
  return (
    <nav aria-label={t('core.nav_organisation')} className={`${classes.tabs} no-print`}>
      {items.map((item) => (
        <Link
          key={item.to}
          to={item.to}
          className={classes.tab!}
          activeProps={{ 'data-active': true, 'aria-current': 'page' }}
        >
          {item.label}
        </Link>
      ))}
    </nav>
  )
}
