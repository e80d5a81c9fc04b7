import CustomerDunning from '../../dunning/customer-dunning.tsx'
import { t } from '../../i18n.ts'
import CustomerPromises from '../../promises/some-promises.tsx'
import { Section } from '../../shared/section.tsx'
import type { CustomerTabProps } from '../customer-tabs.ts'

export default function PromisesTab({ customer }: CustomerTabProps) {
  return (
    <>
      <Section title={t('receivables.tab_promises')}>
        <CustomerPromises customer={customer} />
      </Section>
      <Section title={t('core.nav_dunning')}>
        <CustomerDunning customer={customer} />
      </Section>
    </>
  )
}
