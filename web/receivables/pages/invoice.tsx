import { Badge, Button } from '@mantine/core'
import { IconUserCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { api } from '../../api.ts'
import { Contradiction, RecordPayment, WriteOff } from '../../cash/lazy.ts'
import { loadMessages, t } from '../../i18n.ts'
import { can, useFormat, useMe } from '../../session.ts'
import { Facts } from '../../shared/data-table.tsx'
import { Page } from '../../shared/page.tsx'
import { Section } from '../../shared/section.tsx'
import { Forbidden, Loaded, Loading } from '../../shared/states.tsx'
import { TextLink } from '../../shared/text-link.tsx'
import { useKey } from '../../shared/use-key.ts'
import type { InvoiceDetails } from '../../wire.ts'
import { AssignOne } from '../assign-one.tsx'
import { bucketColour, bucketLabel, useBuckets } from '../buckets.ts'
import { Comments } from '../comments.tsx'
import { Figure } from '../figure.tsx'
import classes from '../invoice.module.css'
import { Ledger } from '../ledger.tsx'
import { PromisesOfInvoice } from '../promises-section.tsx'
import { Said } from '../said.tsx'
import { statusLabel } from '../status.ts'
import { Timeline } from '../timeline.tsx'
import list from './invoices.module.css'

/** Disputes and files come with their own code and words, after the figures are there. */
const InvoiceDisputes = lazy(async () => {
  const [module] = await Promise.all([
    import('../../disputes/invoice-disputes.tsx'),
    loadMessages('disputes'),
  ])
  return module
})

const InvoiceBlocks = lazy(async () => {
  const [module] = await Promise.all([import('../../dunning/invoice-blocks.tsx'), loadMessages('dunning')])
  return module
})

export default function InvoicePage() {
  const me = useMe()
  const { id = '' } = useParams({ strict: false }) as { id?: string }
  const [assigning, setAssigning] = useState(false)
  const [acting, setActing] = useState<'payment' | 'write_off' | null>(null)
  const maySee = can(me, 'receivables.read')
  const invoice = useQuery({
    queryKey: ['invoices', 'one', id],
    enabled: maySee && /^\d+$/.test(id),
    queryFn: () => api<InvoiceDetails>('GET', `/api/receivables/invoices/${id}`),
  })
  const { data } = invoice
  const mayAssign = can(me, 'receivables.assign') && data !== undefined
  const maySettle = can(me, 'receivables.settle') && data !== undefined && data.open_amount > 0
  useKey(
    'a',
    (event) => {
      event.preventDefault()
      setAssigning(true)
    },
    mayAssign,
  )
  return (
    <Page
      title={data?.invoice_number ?? t('receivables.invoice')}
      lead={
        data && <TextLink to={`/receivables/customers/${data.customer_id}`}>{data.customer_name}</TextLink>
      }
      actions={
        <>
          {maySettle && (
            <>
              <Button onClick={() => setActing('payment')}>{t('receivables.record_payment')}</Button>
              <Button variant="default" onClick={() => setActing('write_off')}>
                {t('receivables.write_off')}
              </Button>
            </>
          )}
          {mayAssign && (
            <Button
              variant={maySettle ? 'default' : 'filled'}
              leftSection={<IconUserCheck size={17} aria-hidden />}
              aria-keyshortcuts="A"
              onClick={() => setAssigning(true)}
            >
              {t('receivables.assign')}
            </Button>
          )}
        </>
      }
    >
      {maySee ? (
        <Loaded query={invoice} lines={10}>
          {(shown) => <Body key={shown.id} invoice={shown} />}
        </Loaded>
      ) : (
        <Forbidden permission="receivables.read" />
      )}
      {data && acting && (
        <Suspense>
          {acting === 'payment' ? (
            <RecordPayment
              customer={data.customer}
              currency={data.currency}
              invoice={{ id: data.id, number: data.invoice_number, open_amount: data.open_amount }}
              onClose={() => setActing(null)}
            />
          ) : (
            <WriteOff invoice={data} onClose={() => setActing(null)} />
          )}
        </Suspense>
      )}
      {assigning && data && <AssignOne invoice={data} onClose={() => setAssigning(false)} />}
    </Page>
  )
}

function Body({ invoice }: { invoice: InvoiceDetails }) {
  const format = useFormat()
  const { customer, currency } = invoice
  return (
    <div style={{ display: 'grid', gap: 'var(--mantine-spacing-lg)' }}>
      <dl className={`sheet ${classes.figures}`} style={{ margin: 0 }}>
        <Figure
          label={t('receivables.open_amount')}
          value={format.money(invoice.open_amount, currency)}
          note={
            invoice.open_amount !== invoice.amount &&
            t('receivables.of_amount', { amount: format.money(invoice.amount, currency) })
          }
        />
        <Figure
          label={t('receivables.age')}
          value={<AgeOf invoice={invoice} />}
          note={<BucketOf invoice={invoice} />}
        />
        <Figure
          label={t('receivables.status')}
          value={
            <>
              {statusLabel(invoice.status)}{' '}
              {invoice.is_disputed && invoice.status !== 'disputed' && (
                <Badge color="red">{t('receivables.disputed')}</Badge>
              )}
            </>
          }
          note={invoice.root_cause}
        />
        <Figure
          label={t('receivables.assigned_to')}
          value={invoice.assigned_to_name ?? t('receivables.nobody')}
          note={invoice.assigned_on && t('receivables.since', { at: format.instant(invoice.assigned_on) })}
        />
      </dl>
      {invoice.unconfirmed !== 0 && (
        <Suspense>
          <Contradiction invoice={invoice} />
        </Suspense>
      )}
      <div className={classes.columns}>
        <div>
          <section aria-labelledby="ledger">
            <h2 id="ledger" className={list.heading}>
              {t('receivables.ledger')}
            </h2>
            <Ledger invoice={invoice} />
          </section>
          <Section title={t('receivables.said')} why={t('receivables.said_why')}>
            <Said invoice={invoice} />
          </Section>
          <Section title={t('core.nav_promises')}>
            <Suspense fallback={<Loading lines={3} />}>
              <PromisesOfInvoice invoice={invoice} />
            </Suspense>
          </Section>
          <Section title={t('receivables.comments')}>
            <Comments about={{ of: 'invoices', id: invoice.id }} />
          </Section>
        </div>
        <div>
          <Suspense fallback={<Loading lines={3} />}>
            <InvoiceDisputes invoice={invoice} />
          </Suspense>
          <Section title={t('receivables.reminders')}>
            <Suspense fallback={<Loading lines={2} />}>
              <InvoiceBlocks invoice={invoice} />
            </Suspense>
          </Section>
          <Section title={t('receivables.details')}>
            <Facts facts={factsOf(invoice, format)} />
          </Section>
          <Section
            title={customer.name}
            actions={
              <TextLink to={`/receivables/customers/${customer.id}`}>
                {t('receivables.whole_account')}
              </TextLink>
            }
          >
            <Facts
              facts={present([
                [t('receivables.code'), customer.code],
                [
                  t('receivables.email'),
                  customer.email && <a href={`mailto:${customer.email}`}>{customer.email}</a>,
                ],
                [
                  t('receivables.phone'),
                  customer.phone && <a href={`tel:${customer.phone}`}>{customer.phone}</a>,
                ],
                [t('core.total_open'), format.money(customer.open_amount, currency)],
                [t('core.overdue'), format.money(customer.overdue_amount, currency)],
                [t('receivables.open_invoices'), format.number(customer.open_count)],
              ])}
            />
          </Section>
          <Section title={t('receivables.timeline')}>
            <Timeline of="invoices" id={invoice.id} currency={currency} />
          </Section>
        </div>
      </div>
    </div>
  )
}

/** Without those that nobody has said anything about. */
const present = (facts: [string, ReactNode][]) => facts.filter(([, value]) => value !== null && value !== '')

const factsOf = (invoice: InvoiceDetails, format: ReturnType<typeof useFormat>) =>
  present([
    [t('receivables.document_type'), documentLabel(invoice.document_type)],
    [t('receivables.invoice_date'), invoice.invoice_date && format.day(invoice.invoice_date)],
    [t('receivables.due_date'), invoice.due_date && format.day(invoice.due_date)],
    [
      t('receivables.terms_days'),
      invoice.terms_days === null ? null : t('receivables.days', { count: invoice.terms_days }),
    ],
    [t('receivables.settled_on'), invoice.settled_on && format.day(invoice.settled_on)],
    [t('receivables.operating_unit'), invoice.operating_unit],
    [t('receivables.region'), invoice.region],
    [t('receivables.department'), invoice.department],
    [t('receivables.sales_person'), invoice.sales_person],
    [t('receivables.po_number'), invoice.po_number],
    [t('receivables.root_cause'), invoice.root_cause],
    [t('receivables.notes'), invoice.notes],
  ])

const documents = {
  invoice: 'receivables.document_invoice',
  credit_note: 'receivables.document_credit_note',
  payment: 'receivables.document_payment',
  journal: 'receivables.document_journal',
} as const
const documentLabel = (type: string) =>
  type in documents ? t(documents[type as keyof typeof documents]) : type

function AgeOf({ invoice }: { invoice: InvoiceDetails }) {
  const days = invoice.days_overdue
  if (days === null) return <>–</>
  if (days > 0) return <>{t('receivables.days_overdue', { count: days })}</>
  return <>{days === 0 ? t('receivables.due_today') : t('receivables.due_in', { count: -days })}</>
}

function BucketOf({ invoice }: { invoice: InvoiceDetails }) {
  const buckets = useBuckets()
  const index = buckets.findIndex(({ bucket }) => bucket === invoice.bucket)
  if (index < 0) return null
  return (
    <span className={list.age}>
      <span className={list.dot} style={{ background: bucketColour(buckets, index) }} aria-hidden />
      {bucketLabel(buckets[index]!)}
    </span>
  )
}
