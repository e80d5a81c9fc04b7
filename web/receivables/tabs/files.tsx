import CustomerFiles from '../../attachments/customer-files.tsx'
import { t } from '../../i18n.ts'
import { Section } from '../../shared/section.tsx'
import type { CustomerTabProps } from '../customer-tabs.ts'

export default function FilesTab({ customer }: CustomerTabProps) {
  return (
    <Section title={t('receivables.tab_files')}>
      <CustomerFiles customer={customer} />
    </Section>
  )
}
