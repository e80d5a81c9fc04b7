import { Tabs } from '@mantine/core'
import { Suspense, useEffect } from 'react'
import { t } from '../i18n.ts'
import { can, useMe } from '../session.ts'
import { Loading } from '../shared/states.tsx'
import { useFilters } from '../shared/use-filters.ts'
import { isTyping, singleKeysOn } from '../shell/keys.ts'
import type { CustomerDetails } from '../wire.ts'
import { customerTabs } from './customer-tabs.ts'

/** The tabs of a customer. Which is open is in the address; 1 to 7 open them from the keyboard. */
export function TabList({ customer }: { customer: CustomerDetails }) {
  const me = useMe()
  const [{ tab }, set] = useFilters(['tab'])
  const tabs = customerTabs.filter(({ permission }) => can(me, permission))
  const open = tabs.find(({ id }) => id === tab) ?? tabs[0]!
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
      if (isTyping(event.target) || !singleKeysOn()) return
      if (document.querySelector('[role=dialog][aria-modal=true]')) return
      const pressed = tabs.find(({ key }) => key === event.key)
      if (!pressed) return
      event.preventDefault()
      set({ tab: pressed.id }, { replace: true })
      document.getElementById(`customer-tab-${pressed.id}`)?.focus()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })
  return (
    <Tabs
      id="customer"
      value={open.id}
      onChange={(id) => set({ tab: id ?? undefined }, { replace: true })}
      keepMounted={false}
    >
      <Tabs.List aria-label={t('receivables.customer')} mb="lg">
        {tabs.map(({ id, label, key }) => (
          <Tabs.Tab key={id} value={id} aria-keyshortcuts={key}>
            {t(label)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map(({ id, view: View }) => (
        <Tabs.Panel key={id} value={id}>
          <Suspense fallback={<Loading lines={5} />}>
            <View customer={customer} />
          </Suspense>
        </Tabs.Panel>
      ))}
    </Tabs>
  )
}
