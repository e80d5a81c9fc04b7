import { t } from '../i18n.ts'
import { PageTabs } from '../shared/page-tabs.tsx'

/** The organisation's pages. */
export function SettingsTabs() {
  const items = [
    { to: '/admin/organisation', label: t('admin.settings') },
    { to: '/admin/regions', label: t('admin.regions') },
    { to: '/admin/departments', label: t('admin.departments') },
    { to: '/admin/outlets', label: t('admin.outlets') },
    { to: '/admin/rates', label: t('admin.rates') },
    { to: '/admin/dispute-reasons', label: t('admin.dispute_reasons') },
  ]
  return <PageTabs label={t('core.nav_organisation')} items={items} />
}
