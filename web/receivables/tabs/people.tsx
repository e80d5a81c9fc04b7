import { t } from '../../i18n.ts'
import { Facts } from '../../shared/data-table.tsx'
import { Section } from '../../shared/section.tsx'
import type { CustomerTabProps } from '../customer-tabs.ts'

export default function PeopleTab({ customer }: CustomerTabProps) {
  const contacts: [string, React.ReactNode][] = [
    [t('receivables.email'), customer.email && <a href={`mailto:${customer.email}`}>{customer.email}</a>],
    [t('receivables.phone'), customer.phone && <a href={`tel:${customer.phone}`}>{customer.phone}</a>],
  ]
  const known = contacts.filter(([, value]) => value)
  return (
    <Section title={t('receivables.contact')}>
      {known.length > 0 ? <Facts facts={known} /> : t('receivables.no_contact')}
    </Section>
  )
}
