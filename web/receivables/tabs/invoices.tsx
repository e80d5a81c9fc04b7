import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Suspense, useMemo } from 'react'
import { api } from '../../api.ts'
import { CustomerCredits } from '../../cash/lazy.ts'
import { t } from '../../i18n.ts'
import { can, useFormat, useMe } from '../../session.ts'
import { DataTable } from '../../shared/data-table.tsx'
import { Section } from '../../shared/section.tsx'
import { Loaded } from '../../shared/states.tsx'
import { TextLink } from '../../shared/text-link.tsx'
import type { CustomerDetails, InvoicePage } from '../../wire.ts'
import { BalanceLine } from '../balance-line.tsx'
import { useBuckets } from '../buckets.ts'
import type { CustomerTabProps } from '../customer-tabs.ts'
import classes from '../invoice.module.css'
import { invoiceColumns } from '../invoice-columns.tsx'
import list from '../pages/invoices.module.css'

const INVOICES_SHOWN = 20

export default function InvoicesTab({ customer }: CustomerTabProps) {
  const format = useFormat()
  const mayImport = can(useMe(), 'receivables.import')
  return (
    <div className={classes.columns}>
      <div>
        <Invoices customer={customer} />
      </div>
      <div>
        <Suspense>
          <CustomerCredits customerId={customer.id} />
        </Suspense>
        {customer.currencies.map((part) => (
          <Section
            key={part.currency}
            title={
              customer.currencies.length > 1
                ? t('receivables.over_a_year_in', { currency: part.currency })
                : t('receivables.over_a_year')
            }
          >
            <BalanceLine history={part.history} currency={part.currency} />
          </Section>
        ))}
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
      </div>
    </div>
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
