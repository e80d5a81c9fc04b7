import { type ComponentType, type LazyExoticComponent, lazy } from 'react'
import { type Area, loadMessages, type MessageKey } from '../i18n.ts'
import type { CustomerDetails } from '../wire.ts'

export type CustomerTabProps = { customer: CustomerDetails }
export type CustomerTab = {
  /** In the address: `?tab=people`. */
  id: string
  label: MessageKey
  /** 1 to 7: opens it from the keyboard. The order on the page. */
  key: string
  permission?: string
  view: LazyExoticComponent<ComponentType<CustomerTabProps>>
}

/** A tab's code and words are fetched when it is first opened. */
const tab = (
  key: string,
  id: string,
  label: MessageKey,
  areas: Area[],
  load: () => Promise<{ default: ComponentType<CustomerTabProps> }>,
): CustomerTab => ({
  id,
  label,
  key,
  view: lazy(async () => {
    const [module] = await Promise.all([load(), loadMessages(...areas)])
    return module
  }),
})

/** What the customer page holds below its figures. A tab of another area is one line here; its label is a word of `receivables`. */
export const customerTabs: CustomerTab[] = [
  tab('1', 'invoices', 'receivables.tab_invoices', [], () => import('./tabs/invoices.tsx')),
  tab('2', 'timeline', 'receivables.tab_timeline', ['work'], () => import('./tabs/timeline.tsx')),
  tab(
    '3',
    'promises',
    'receivables.tab_promises',
    ['promises', 'dunning'],
    () => import('./tabs/promises.tsx'),
  ),
  tab('4', 'disputes', 'receivables.tab_disputes', ['disputes'], () => import('./tabs/disputes.tsx')),
  tab('5', 'people', 'receivables.tab_people', ['work'], () => import('./tabs/people.tsx')),
  tab('6', 'files', 'receivables.tab_files', ['disputes'], () => import('./tabs/files.tsx')),
  tab('7', 'tasks', 'receivables.tab_tasks', ['work'], () => import('./tabs/tasks.tsx')),
]
