import { t } from '../../i18n.ts'
import { Section } from '../../shared/section.tsx'
import { Comments } from '../comments.tsx'
import type { CustomerTabProps } from '../customer-tabs.ts'
import classes from '../invoice.module.css'
import { Timeline } from '../timeline.tsx'

export default function TimelineTab({ customer }: CustomerTabProps) {
  return (
    <div className={classes.columns}>
      <div>
        <Section title={t('receivables.timeline')}>
          <Timeline of="customers" id={customer.id} currency={customer.currencies[0]?.currency} />
        </Section>
      </div>
      <div>
        <Section title={t('receivables.comments')}>
          <Comments about={{ of: 'customers', id: customer.id }} />
        </Section>
      </div>
    </div>
  )
}
