import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { Suspense, useMemo } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { can, useFormat, useMe } from '../../session.ts'
import { DataTable, Facts } from '../../shared/data-table.tsx'
import { Page } from '../../shared/page.tsx'
import { Section } from '../../shared/section.tsx'
import { Forbidden, Loaded, Loading } from '../../shared/states.tsx'
import { TextLink } from '../../shared/text-link.tsx'
import type { CustomerDetails, InvoicePage } from '../../wire.ts'
import { AgeingBar } from '../ageing-bar.tsx'
import { BalanceLine } from '../balance-line.tsx'
import { useBuckets } from '../buckets.ts'
import { Figure } from '../figure.tsx'
import classes from '../invoice.module.css'
import { invoiceColumns } from '../invoice-columns.tsx'
import { CustomerDunning, CustomerPromises } from '../promises-section.tsx'
import { Timeline } from '../timeline.tsx'
import list from './invoices.module.css'

const INVOICES_SHOWN = 20

export default function CustomerPage() {
  const { id = '' } = useParams({ strict: false }) as { id?: string }
  const maySee = can(useMe(), 'receivables.read')
  const customer = useQuery({
    queryKey: ['customers', 'one', id],
    enabled: maySee && /^\d+$/.test(id),
    queryFn: () => api<CustomerDetails>('GET', `/api/receivables/customers/${id}`),
  })
  const { data } = customer
  return (
    <Page
      title={data?.name ?? t('receivables.customer')}
      lead={data && data.code !== data.name ? data.code : undefined}
    >
      {maySee ? (
        <Loaded query={customer} lines={10}>
          {(shown) => <Body key={shown.id} customer={shown} />}
        </Loaded>
      ) : (
        <Forbidden permission="receivables.read" />
      )}
    </Page>
  )
}

function Body({ customer }: { customer: CustomerDetails }) {
  const format = useFormat()
  const mayImport = can(useMe(), 'receivables.import')
  const several = customer.currencies.length > 1
  const contacts: [string, React.ReactNode][] = [
    [t('receivables.email'), customer.email && <a href={`mailto:${customer.email}`}>{customer.email}</a>],
    [t('receivables.phone'), customer.phone && <a href={`tel:${customer.phone}`}>{customer.phone}</a>],
  ]
  return (
    <div style={{ display: 'grid', gap: 'var(--mantine-spacing-lg)' }}>
      {customer.currencies.map((part) => (
        <InCurrency key={part.currency} customer={customer} part={part} several={several} />
      ))}
      <div className={classes.columns}>
        <div>
          <Invoices customer={customer} />
          <Section title={t('core.nav_promises')}>
            <Suspense fallback={<Loading lines={3} />}>
              <CustomerPromises customer={customer} />
            </Suspense>
          </Section>
          <Section title={t('core.nav_dunning')}>
            <Suspense fallback={<Loading lines={3} />}>
              <CustomerDunning customer={customer} />
            </Suspense>
          </Section>
        </div>
        <div>
          <Section title={t('receivables.contact')}>
            {contacts.some(([, value]) => value) ? (
              <Facts facts={contacts.filter(([, value]) => value)} />
            ) : (
              t('receivables.no_contact')
            )}
          </Section>
          <Section title={t('receivables.last_files')}>
            <ul className={classes.list}>
              {customer.imports.map((file) => (
                <li key={file.id} className={classes.item}>
                  {mayImport ? (
                    <TextLink to={`/imports/${file.id}`}>{file.file_name}</TextLink>
                  ) : (
                    file.file_name
                  )}
                  <br />
                  {t('receivables.file_of', { day: format.day(file.as_of), count: file.invoices })}
                </li>
              ))}
            </ul>
          </Section>
          <Section title={t('receivables.timeline')}>
            <Timeline of="customers" id={customer.id} currency={customer.currencies[0]?.currency} />
          </Section>
        </div>
      </div>
    </div>
  )
}

/** What is owed in one currency: in all, by age, and over a year. */
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
      <h3 className={list.heading} style={{ marginTop: 22, fontSize: 15 }}>
        {t('receivables.over_a_year')}
      </h3>
      <BalanceLine history={part.history} currency={part.currency} />
    </Section>
  )
}

function Invoices({ customer }: { customer: CustomerDetails }) {
  const format = useFormat()
  const buckets = useBuckets()
  const columns = useMemo(() => invoiceColumns(buckets, format, { customer: false }), [buckets, format])
  const query = { customer_id: customer.id, status: 'unpaid', page_size: INVOICES_SHOWN }
  const invoices = useQuery({
    queryKey: ['invoices', query],
    queryFn: ({ signal }) => api<InvoicePage>('GET', '/api/receivables/invoices', { query, signal }),
    placeholderData: keepPreviousData,
  })
  return (
    <section aria-labelledby="invoices">
      <h2 id="invoices" className={list.heading}>
        {t('receivables.open_invoices')}
      </h2>
      <Loaded query={invoices} lines={5}>
        {({ items, total }) => (
          <>
            {items.length > 0 && (
              <DataTable
                caption={t('receivables.open_invoices')}
                columns={columns}
                rows={items}
                rowKey={(invoice) => invoice.id}
              />
            )}
            <p>
              <TextLink
                to="/receivables/invoices"
                search={{
                  customer_id: String(customer.id),
                  ...(total > items.length ? {} : { status: 'all' }),
                }}
              >
                {total > items.length
                  ? t('receivables.all_open', { count: total })
                  : t('receivables.all_invoices')}
              </TextLink>
            </p>
          </>
        )}
      </Loaded>
    </section>
  )
}
