import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import type { ComponentType } from 'react'
import { type Area, loadMessages } from './i18n.ts'
import { safePath } from './paths.ts'
import { queryClient, sessionQuery } from './session.ts'
import { Broken, NotFound, RootBroken, RootNotFound } from './shared/route-states.tsx'
import { Loading } from './shared/states.tsx'
import { parseSearch, type Search, stringifySearch } from './shared/url-filters.ts'
import { navigationFor } from './shell/nav.ts'
import { Shell } from './shell/shell.tsx'

/** A page whose code and words are fetched when it is first visited. */
function page(areas: Area | Area[], load: () => Promise<{ default: ComponentType }>) {
  return lazyRouteComponent(async () => {
    const [module] = await Promise.all([load(), loadMessages(...[areas].flat())])
    return module
  })
}

const root = createRootRoute({
  component: Outlet,
  notFoundComponent: RootNotFound,
  errorComponent: RootBroken,
})

// Pages for people who are not (fully) signed in.
const outside = (path: string, load: () => Promise<{ default: ComponentType }>) =>
  createRoute({ getParentRoute: () => root, path, component: page('identity', load) })

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  beforeLoad: async ({ search }) => {
    const me = await queryClient.ensureQueryData(sessionQuery)
    if (me) throw redirect({ href: safePath((search as Search).to) })
  },
  component: page('identity', () => import('./identity/pages/sign-in.tsx')),
})
const register = outside('/register', () => import('./identity/pages/register.tsx'))
const forgot = outside('/forgot-password', () => import('./identity/pages/forgot-password.tsx'))
const reset = outside('/reset/$token', () => import('./identity/pages/reset-password.tsx'))
const invite = outside('/invite/$token', () => import('./identity/pages/invitation.tsx'))

const portal = createRoute({
  getParentRoute: () => root,
  path: '/p/$token',
  component: page('portal', () => import('./portal/pages/portal.tsx')),
})

// Signed in, but something is missing before there is anything to see.
const start = createRoute({
  getParentRoute: () => root,
  path: '/start',
  beforeLoad: ({ location }) => needSession(location.href),
  component: page('identity', () => import('./identity/pages/no-organisation.tsx')),
})
const enrol = createRoute({
  getParentRoute: () => root,
  path: '/second-factor',
  beforeLoad: ({ location }) => needSession(location.href),
  component: page('identity', () => import('./identity/pages/second-factor.tsx')),
})

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  beforeLoad: async ({ location }) => {
    const me = await needSession(location.href)
    if (me.pending === 'second_factor_enrolment') throw redirect({ to: '/second-factor' })
    // A superuser without an organisation still has organisations to create and enter.
    if (me.pending === 'no_organisation' && !me.is_superuser) throw redirect({ to: '/start' })
  },
  component: Shell,
})

const inside = (path: string, areas: Area | Area[], load: () => Promise<{ default: ComponentType }>) =>
  createRoute({ getParentRoute: () => shell, path, component: page(areas, load) })

const inner = [
  inside('/', 'home', () => import('./home/pages/home.tsx')),
  inside('/profile', 'identity', () => import('./identity/pages/profile.tsx')),
  inside('/admin/users', 'admin', () => import('./admin/pages/users.tsx')),
  inside('/admin/roles', 'admin', () => import('./admin/pages/roles.tsx')),
  inside('/admin/organisation', 'admin', () => import('./admin/pages/organisation.tsx')),
  inside('/admin/regions', 'admin', () => import('./admin/pages/regions.tsx')),
  inside('/admin/departments', 'admin', () => import('./admin/pages/departments.tsx')),
  inside('/admin/outlets', 'admin', () => import('./admin/pages/outlets.tsx')),
  inside('/admin/audit', 'admin', () => import('./admin/pages/audit.tsx')),
  inside('/admin/organisations', 'admin', () => import('./tenancy/pages/organisations.tsx')),
  inside('/imports', 'imports', () => import('./imports/pages/imports.tsx')),
  inside('/imports/missing', 'imports', () => import('./imports/pages/missing.tsx')),
  inside('/imports/sources', 'imports', () => import('./imports/pages/sources.tsx')),
  inside('/imports/$id', 'imports', () => import('./imports/pages/import.tsx')),
  inside('/receivables/worklist', ['worklist', 'work'], () => import('./worklist/pages/worklist.tsx')),
  inside('/receivables/forecast', 'worklist', () => import('./worklist/pages/forecast.tsx')),
  inside('/receivables/invoices', 'receivables', () => import('./receivables/pages/invoices.tsx')),
  inside(
    '/receivables/invoices/$id',
    ['receivables', 'work'],
    () => import('./receivables/pages/invoice.tsx'),
  ),
  inside('/receivables/customers', 'receivables', () => import('./receivables/pages/customers.tsx')),
  inside('/receivables/payments', 'cash', () => import('./cash/pages/payments.tsx')),
  inside('/receivables/remittance', 'cash', () => import('./cash/pages/remittance.tsx')),
  inside('/receivables/write-offs', 'cash', () => import('./cash/pages/write-offs.tsx')),
  inside('/receivables/disputes', ['disputes', 'receivables'], () => import('./disputes/pages/disputes.tsx')),
  inside(
    '/receivables/customers/$id',
    ['receivables', 'work'],
    () => import('./receivables/pages/customer.tsx'),
  ),
  inside('/receivables/ageing', 'receivables', () => import('./receivables/pages/ageing.tsx')),
  inside('/receivables/tasks', ['receivables', 'work'], () => import('./work/pages/tasks.tsx')),
  inside('/receivables/contacts', ['receivables', 'work'], () => import('./work/pages/contacts.tsx')),
  inside('/receivables/inbox', ['receivables', 'work'], () => import('./work/pages/inbox.tsx')),
  inside('/receivables/team', ['receivables', 'work'], () => import('./work/pages/team.tsx')),
  inside('/notifications', 'work', () => import('./work/pages/notifications.tsx')),
  inside('/receivables/promises', 'promises', () => import('./promises/pages/promises.tsx')),
  inside('/receivables/dunning', 'dunning', () => import('./dunning/pages/dunning.tsx')),
  inside('/debtors/remind', 'communications', () => import('./communications/pages/remind.tsx')),
  inside('/communications', 'communications', () => import('./communications/pages/campaigns.tsx')),
  inside(
    '/communications/campaigns/$id',
    'communications',
    () => import('./communications/pages/campaign.tsx'),
  ),
  inside(
    '/communications/escalation',
    'communications',
    () => import('./communications/pages/escalation.tsx'),
  ),
  inside('/communications/messages', 'communications', () => import('./communications/pages/messages.tsx')),
  inside('/communications/outbox', 'communications', () => import('./communications/pages/outbox.tsx')),
  inside(
    '/communications/suppressions',
    'communications',
    () => import('./communications/pages/suppressions.tsx'),
  ),
  inside('/communications/templates', 'communications', () => import('./communications/pages/templates.tsx')),
  inside('/communications/rules', 'communications', () => import('./communications/pages/rules.tsx')),
  inside('/communications/channels', 'communications', () => import('./communications/pages/channels.tsx')),
  inside('/debtors', 'debtors', () => import('./debtors/pages/pharmacies.tsx')),
  inside('/debtors/$outlet', 'debtors', () => import('./debtors/pages/debtors.tsx')),
  inside('/debtors/$outlet/settings', 'debtors', () => import('./debtors/pages/settings.tsx')),
  inside('/debtors/$outlet/reports', 'debtors', () => import('./debtors/pages/reports.tsx')),
  inside('/debtors/$outlet/reports/$report', 'debtors', () => import('./debtors/pages/report.tsx')),
  inside('/debtors/$outlet/accounts/$debtor', 'debtors', () => import('./debtors/pages/debtor.tsx')),
  inside('/outstanding', 'outstanding', () => import('./outstanding/pages/dashboard.tsx')),
  inside('/outstanding/sheet', ['outstanding', 'receivables'], () => import('./outstanding/pages/sheet.tsx')),
  inside('/outstanding/tracker', 'outstanding', () => import('./outstanding/pages/tracker.tsx')),
  inside('/insights', 'insights', () => import('./insights/pages/insights.tsx')),
  inside('/insights/team', 'insights', () => import('./insights/pages/team.tsx')),
  inside('/insights/mine', 'insights', () => import('./insights/pages/mine.tsx')),
  inside('/insights/region', ['insights', 'promises'], () => import('./insights/pages/region.tsx')),
  inside('/insights/engineer', ['insights', 'promises'], () => import('./insights/pages/engineer.tsx')),
  inside('/insights/why', 'insights', () => import('./insights/pages/why.tsx')),
  inside('/insights/packs', 'insights', () => import('./insights/pages/packs.tsx')),
  inside('/admin/rates', ['insights', 'admin'], () => import('./insights/pages/rates.tsx')),
  inside(
    '/admin/dispute-reasons',
    ['disputes', 'admin', 'receivables'],
    () => import('./disputes/pages/reasons.tsx'),
  ),
  inside('$', 'core', async () => ({ default: NotFound })),
  // The server's /admin link: the first administration page that this person may see.
  createRoute({
    getParentRoute: () => shell,
    path: '/admin',
    beforeLoad: async () => {
      const me = await queryClient.ensureQueryData(sessionQuery)
      const item =
        me &&
        navigationFor(me)
          .flatMap((group) => group.items)
          .find((one) => one.to.startsWith('/admin/'))
      throw redirect({ to: item?.to ?? '/' })
    },
  }),
]

async function needSession(href: string) {
  const me = await queryClient.ensureQueryData(sessionQuery)
  if (!me) throw redirect({ to: '/sign-in', search: href === '/' ? {} : { to: href } })
  return me
}

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    register,
    forgot,
    reset,
    invite,
    portal,
    start,
    enrol,
    shell.addChildren(inner),
  ]),
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  defaultPendingMs: 150,
  defaultPendingMinMs: 0,
  defaultPendingComponent: Loading,
  defaultNotFoundComponent: NotFound,
  defaultErrorComponent: Broken,
  scrollRestoration: true,
})
