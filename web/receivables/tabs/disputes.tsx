import CustomerDisputes from '../../disputes/customer-disputes.tsx'
import { t } from '../../i18n.ts'
import { Section } from '../../shared/section.tsx'
import type { CustomerTabProps } from '../customer-tabs.ts'

export default function DisputesTab({ customer }: CustomerTabProps) {
  return (
    <Section title={t('receivables.tab_disputes')}>
      <CustomerDisputes customer={customer} />
    </Section>
  )
}
