import { t } from '../../i18n.ts'
import { Section } from '../../shared/section.tsx'
import type { CustomerTabProps } from '../customer-tabs.ts'
import { Timeline } from '../timeline.tsx'

export default function TimelineTab({ customer }: CustomerTabProps) {
  return (
    <Section title={t('receivables.timeline')}>
      <Timeline of="customers" id={customer.id} currency={customer.currencies[0]?.currency} />
    </Section>
  )
}
