import {
  IconAddressBook,
  IconBuilding,
  IconBuildingCommunity,
  IconCalendarDollar,
  IconCalendarStats,
  IconCash,
  IconChartBar,
  IconChartHistogram,
  IconChecklist,
  IconClipboardText,
  IconFileInvoice,
  IconGauge,
  IconGavel,
  IconHeartHandshake,
  IconHistory,
  IconHome,
  IconInbox,
  IconMailForward,
  IconMessages,
  IconPhoneCall,
  IconPill,
  type IconProps,
  IconQuestionMark,
  IconReceiptOff,
  IconSend,
  IconShieldLock,
  IconTable,
  IconTableImport,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react'
import type { ComponentType } from 'react'
import type { MessageKey } from '../i18n.ts'
import { can } from '../session.ts'
import type { Me } from '../wire.ts'

export type NavItem = {
  to: string
  label: MessageKey
  icon: ComponentType<IconProps>
  /** Shown to those who have one of these; empty means everybody. */
  permissions: string[]
  superuser?: boolean
  /** G, then this letter; places that are gone to often have one. */
  letter?: string
  /** Words somebody might type into the palette instead of the label. */
  also: MessageKey
}
export type NavGroup = { label: MessageKey | null; items: NavItem[] }

const navigation: NavGroup[] = [
  {
    label: null,
    items: [
      {
        to: '/',
        label: 'core.nav_home',
        icon: IconHome,
        permissions: [],
        letter: 'h',
        also: 'core.nav_home_also',
      },
    ],
  },
  {
    label: 'core.nav_collect',
    items: [
      {
        to: '/receivables/worklist',
        label: 'core.nav_worklist',
        icon: IconPhoneCall,
        permissions: ['receivables.write'],
        letter: 'l',
        also: 'core.nav_worklist_also',
      },
      {
        to: '/receivables/tasks',
        label: 'core.nav_tasks',
        icon: IconChecklist,
        permissions: ['receivables.read'],
        letter: 'z',
        also: 'core.nav_tasks_also',
      },
      {
        to: '/receivables/inbox',
        label: 'core.nav_inbox',
        icon: IconInbox,
        permissions: ['receivables.read'],
        letter: 'q',
        also: 'core.nav_inbox_also',
      },
      {
        to: '/receivables/promises',
        label: 'core.nav_promises',
        icon: IconHeartHandshake,
        permissions: ['receivables.read'],
        letter: 'j',
        also: 'core.nav_promises_also',
      },
      {
        to: '/receivables/disputes',
        label: 'core.nav_disputes',
        icon: IconGavel,
        permissions: ['receivables.read'],
        letter: 'd',
        also: 'core.nav_disputes_also',
      },
      {
        to: '/receivables/contacts',
        label: 'core.nav_contacts',
        icon: IconMessages,
        permissions: ['receivables.read'],
        also: 'core.nav_contacts_also',
      },
      {
        to: '/receivables/team',
        label: 'core.nav_team',
        icon: IconUsersGroup,
        permissions: ['receivables.assign'],
        also: 'core.nav_team_also',
      },
      {
        to: '/receivables/dunning',
        label: 'core.nav_dunning',
        icon: IconMailForward,
        permissions: ['receivables.dun'],
        also: 'core.nav_dunning_also',
      },
    ],
  },
  {
    label: 'core.nav_receivables',
    items: [
      {
        to: '/receivables/invoices',
        label: 'core.nav_invoices',
        icon: IconFileInvoice,
        permissions: ['receivables.read'],
        letter: 'i',
        also: 'core.nav_invoices_also',
      },
      {
        to: '/receivables/customers',
        label: 'core.nav_customers',
        icon: IconAddressBook,
        permissions: ['receivables.read'],
        letter: 'c',
        also: 'core.nav_customers_also',
      },
      {
        to: '/receivables/ageing',
        label: 'core.nav_ageing',
        icon: IconChartBar,
        permissions: ['receivables.read'],
        letter: 'a',
        also: 'core.nav_ageing_also',
      },
      {
        to: '/receivables/payments',
        label: 'core.nav_payments',
        icon: IconCash,
        permissions: ['receivables.read'],
        letter: 'y',
        also: 'core.nav_payments_also',
      },
      {
        to: '/receivables/remittance',
        label: 'core.nav_remittance',
        icon: IconClipboardText,
        permissions: ['receivables.settle'],
        letter: 'v',
        also: 'core.nav_remittance_also',
      },
      {
        to: '/receivables/write-offs',
        label: 'core.nav_write_offs',
        icon: IconReceiptOff,
        permissions: ['receivables.settle', 'receivables.write_off_approve'],
        letter: 'x',
        also: 'core.nav_write_offs_also',
      },
    ],
  },
  {
    label: 'core.nav_debtors_group',
    items: [
      {
        to: '/debtors',
        label: 'core.nav_debtors',
        icon: IconPill,
        permissions: ['debtors.read'],
        letter: 'g',
        also: 'core.nav_debtors_also',
      },
    ],
  },
  {
    label: 'core.nav_insights_group',
    items: [
      {
        to: '/insights',
        label: 'core.nav_insights',
        icon: IconChartHistogram,
        permissions: ['receivables.read', 'reports.director'],
        letter: 'n',
        also: 'core.nav_insights_also',
      },
      {
        to: '/receivables/forecast',
        label: 'core.nav_forecast',
        icon: IconCalendarDollar,
        permissions: ['receivables.read'],
        letter: 'f',
        also: 'core.nav_forecast_also',
      },
    ],
  },
  {
    label: 'core.nav_outstanding',
    items: [
      {
        to: '/outstanding',
        label: 'core.nav_outstanding_dashboard',
        icon: IconGauge,
        permissions: ['receivables.read'],
        letter: 'b',
        also: 'core.nav_outstanding_dashboard_also',
      },
      {
        to: '/outstanding/sheet',
        label: 'core.nav_sheet',
        icon: IconTable,
        permissions: ['receivables.read'],
        letter: 'e',
        also: 'core.nav_sheet_also',
      },
      {
        to: '/outstanding/tracker',
        label: 'core.nav_tracker',
        icon: IconCalendarStats,
        permissions: ['receivables.read'],
        letter: 'k',
        also: 'core.nav_tracker_also',
      },
    ],
  },
  {
    label: 'core.nav_communications_group',
    items: [
      {
        to: '/communications',
        label: 'core.nav_communications',
        icon: IconSend,
        permissions: ['debtors.read', 'receivables.dun', 'settings.write'],
        also: 'core.nav_communications_also',
      },
    ],
  },
  {
    label: 'core.nav_data',
    items: [
      {
        to: '/imports',
        label: 'core.nav_imports',
        icon: IconTableImport,
        permissions: ['receivables.import'],
        letter: 'm',
        also: 'core.nav_imports_also',
      },
      {
        to: '/imports/missing',
        label: 'core.nav_missing',
        icon: IconQuestionMark,
        permissions: ['receivables.import'],
        letter: 'w',
        also: 'core.nav_missing_also',
      },
    ],
  },
  {
    label: 'core.nav_admin',
    items: [
      {
        to: '/admin/users',
        label: 'core.nav_users',
        icon: IconUsers,
        permissions: ['users.read'],
        letter: 'u',
        also: 'core.nav_users_also',
      },
      {
        to: '/admin/roles',
        label: 'core.nav_roles',
        icon: IconShieldLock,
        permissions: ['roles.read'],
        letter: 'r',
        also: 'core.nav_roles_also',
      },
      {
        to: '/admin/organisation',
        label: 'core.nav_organisation',
        icon: IconBuilding,
        permissions: ['settings.read'],
        letter: 'o',
        also: 'core.nav_organisation_also',
      },
      {
        to: '/admin/audit',
        label: 'core.nav_audit',
        icon: IconHistory,
        permissions: ['audit.read'],
        letter: 't',
        also: 'core.nav_audit_also',
      },
      {
        to: '/admin/organisations',
        label: 'core.nav_organisations',
        icon: IconBuildingCommunity,
        permissions: [],
        superuser: true,
        letter: 's',
        also: 'core.nav_organisations_also',
      },
    ],
  },
]

/** The page that somebody's work begins on, by role; the strongest counts. */
export function morningOf(me: Pick<Me, 'roles' | 'permissions'>): string | null {
  if (!can(me as Me, 'receivables.read')) return null
  const has = (code: string) => me.roles.some((role) => role.code === code)
  return has('regional_manager') ? '/insights/region' : has('engineer') ? '/insights/engineer' : null
}

/** The rail of one person: only what exists for them, no empty groups. */
export function navigationFor(me: Pick<Me, 'permissions' | 'is_superuser' | 'tenant'>): NavGroup[] {
  const visible = (item: NavItem) => {
    if (item.superuser) return me.is_superuser
    if (!me.tenant) return item.to === '/'
    return item.permissions.length === 0 || item.permissions.some((permission) => can(me as Me, permission))
  }
  return navigation
    .map((group) => ({ ...group, items: group.items.filter(visible) }))
    .filter((group) => group.items.length > 0)
}

/** The entry of an address: the longest that it begins with. */
export function currentOf(groups: NavGroup[], path: string): string | undefined {
  return groups
    .flatMap(({ items }) => items.map(({ to }) => to))
    .filter((to) => path === to || (to !== '/' && path.startsWith(`${to}/`)))
    .sort((a, b) => b.length - a.length)[0]
}
