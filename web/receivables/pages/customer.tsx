import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { Suspense, useState } from 'react'
import { api } from '../../api.ts'
import { RecordPayment } from '../../cash/lazy.ts'
import { t } from '../../i18n.ts'
import { can, useFormat, useMe } from '../../session.ts'
import { Page } from '../../shared/page.tsx'
import { Section } from '../../shared/section.tsx'
import { Forbidden, Loaded } from '../../shared/states.tsx'
import type { CustomerDetails } from '../../wire.ts'
import { CustomerActions } from '../../work/customer-actions.tsx'
import { AgeingBar } from '../ageing-bar.tsx'
import { CustomerLinks } from '../customer-links.tsx'
import { Figure } from '../figure.tsx'
import classes from '../invoice.module.css'
import { TabList } from '../tab-list.tsx'

export default function CustomerPage() {
  const { id = '' } = useParams({ strict: false }) as { id?: string }
  const me = useMe()
  const [recording, setRecording] = useState(false)
  const maySee = can(me, 'receivables.read')
  const customer = useQuery({
    queryKey: ['customers', 'one', id],
    enabled: maySee && /^\d+$/.test(id),
    queryFn: () => api<CustomerDetails>('GET', `/api/receivables/customers/${id}`),
  })
  const { data } = customer
  return (
    <Page
      title={data?.name ?? t('receivables.customer')}
      lead={
        data &&
        [
          data.code !== data.name && data.code,
          data.assigned_to_name && t('receivables.worked_by', { name: data.assigned_to_name }),
        ]
          .filter(Boolean)
          .join(' · ')
      }
      actions={
        data && (
          <>
            <CustomerActions customer={data} />
            {can(me, 'receivables.settle') && (
              <>
                <Button variant="default" onClick={() => setRecording(true)}>
                  {t('receivables.record_payment')}
                </Button>
                <Button
                  variant="default"
                  renderRoot={(props) => (
                    <Link
                      to="/receivables/remittance"
                      search={{ customer_id: String(data.id) } as never}
                      {...props}
                    />
                  )}
                >
                  {t('receivables.paste_remittance')}
                </Button>
              </>
            )}
          </>
        )
      }
    >
      {maySee ? (
        <Loaded query={customer} lines={10}>
          {(shown) => <Body key={shown.id} customer={shown} />}
        </Loaded>
      ) : (
        <Forbidden permission="receivables.read" />
      )}
      {data && recording && (
        <Suspense>
          <RecordPayment
            customer={data}
            currency={data.currencies[0]?.currency ?? me.tenant!.currency}
            onClose={() => setRecording(false)}
          />
        </Suspense>
      )}
    </Page>
  )
}

function Body({ customer }: { customer: CustomerDetails }) {
  const several = customer.currencies.length > 1
  return (
    <div style={{ display: 'grid', gap: 'var(--mantine-spacing-lg)' }}>
      {customer.currencies.map((part) => (
        <InCurrency key={part.currency} customer={customer} part={part} several={several} />
      ))}
      <TabList customer={customer} />
      <CustomerLinks customer={customer} />
    </div>
  )
}

/** What is owed in one currency: in all, and by age. */
function InCurrency({
  customer,
  part,
  several,
}: {
  customer: CustomerDetails
  part: CustomerDetails['currencies'][number]
  several: boolean
}) {
  const format = useFormat()
  const money = (amount: number) => format.money(amount, part.currency)
  return (
    <Section title={several ? t('receivables.owed_in', { currency: part.currency }) : t('receivables.owed')}>
      <dl className={classes.figures} style={{ margin: '0 0 18px', padding: 0 }}>
        <Figure
          label={t('core.total_open')}
          value={money(part.open_amount)}
          note={t('receivables.total_of', { count: part.open_count })}
        />
        <Figure
          label={t('core.overdue')}
          value={money(part.overdue_amount)}
          note={part.oldest_days !== null && t('receivables.oldest_is', { count: part.oldest_days })}
        />
        {part.unapplied !== 0 && <Figure label={t('core.bucket_unapplied')} value={money(part.unapplied)} />}
        {part.disputed !== 0 && (
          <Figure label={t('receivables.disputed_total')} value={money(part.disputed)} />
        )}
        <Figure
          label={t('receivables.last_payment')}
          value={part.last_payment_on ? format.day(part.last_payment_on) : '–'}
          note={part.next_due && t('receivables.next_due_on', { day: format.day(part.next_due) })}
        />
      </dl>
      {part.open_count > 0 && (
        <AgeingBar
          buckets={part.buckets}
          currency={part.currency}
          search={{ customer_id: String(customer.id) }}
        />
      )}
    </Section>
  )
}
