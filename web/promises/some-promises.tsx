import { Button, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { can, useFormat, useMe } from '../session.ts'
import { Loaded } from '../shared/states.tsx'
import { TextLink } from '../shared/text-link.tsx'
import { useKey } from '../shared/use-key.ts'
import type { CustomerDetails, InvoiceDetails, Promised, PromisePage } from '../wire.ts'
import PromiseDrawer from './details.tsx'
import classes from './promises.module.css'
import { RateStrip } from './rate-strip.tsx'
import TakePromise from './take-promise.tsx'
import { VerdictBadge } from './verdict-badge.tsx'

const SHOWN = 20

/** Promises about an invoice. P takes one. */
export function PromisesOfInvoice({ invoice }: { invoice: InvoiceDetails }) {
  return (
    <Some
      only={{ invoice_id: invoice.id }}
      customerId={invoice.customer_id}
      invoiceIds={[invoice.id]}
      currency={invoice.open_amount > 0 ? invoice.currency : undefined}
    />
  )
}

/** Promises of a customer, with how many were kept. P takes one about all that is late. */
export default function CustomerPromises({ customer }: { customer: CustomerDetails }) {
  const format = useFormat()
  const owed = customer.currencies.filter(({ open_count }) => open_count > 0)
  const currency = owed.find((part) => part.currency === format.currency)?.currency ?? owed[0]?.currency
  return (
    <>
      <RateStrip only={{ customer_id: customer.id, currency }} />
      <Some only={{ customer_id: customer.id }} customerId={customer.id} currency={currency} />
    </>
  )
}

type Props = {
  only: { invoice_id?: number; customer_id?: number }
  customerId: number
  invoiceIds?: readonly number[]
  currency: string | undefined
}
function Some({ only, customerId, invoiceIds, currency }: Props) {
  const format = useFormat()
  const mayTake = can(useMe(), 'receivables.write') && currency !== undefined
  const [taking, setTaking] = useState(false)
  const [shown, setShown] = useState<number | null>(null)
  useKey(
    'p',
    (event) => {
      event.preventDefault()
      setTaking(true)
    },
    mayTake,
  )
  const query = { ...only, sort: 'made_on', order: 'desc', page_size: SHOWN }
  const promises = useQuery({
    queryKey: ['promises', 'some', query],
    queryFn: ({ signal }) => api<PromisePage>('GET', '/api/receivables/promises', { query, signal }),
  })
  return (
    <>
      {mayTake && (
        <Button variant="default" aria-keyshortcuts="P" onClick={() => setTaking(true)} mb="sm">
          {t('promises.take')}
        </Button>
      )}
      <Loaded query={promises} lines={3}>
        {({ items, total }) =>
          items.length === 0 ? (
            <Text c="dimmed">{t('promises.none_here')}</Text>
          ) : (
            <>
              <ul className={classes.list}>
                {items.map((promise) => (
                  <Line key={promise.id} promise={promise} onOpen={() => setShown(promise.id)} />
                ))}
              </ul>
              {total > items.length && (
                <TextLink to="/receivables/promises" search={{ customer_id: String(customerId), tab: 'all' }}>
                  {t('promises.all_of_customer')}
                </TextLink>
              )}
            </>
          )
        }
      </Loaded>
      {taking && currency && (
        <TakePromise
          customerId={customerId}
          currency={currency}
          onClose={() => setTaking(false)}
          {...(invoiceIds ? { invoiceIds } : {})}
        />
      )}
      {shown !== null && <PromiseDrawer id={shown} onClose={() => setShown(null)} />}
    </>
  )

  function Line({ promise, onOpen }: { promise: Promised; onOpen: () => void }) {
    return (
      <li className={classes.item}>
        <div className={classes.line}>
          <Button variant="subtle" size="compact-md" onClick={onOpen} px={0}>
            {format.money(promise.amount, promise.currency)} · {format.day(promise.promised_on)}
          </Button>
          <VerdictBadge promise={promise} />
        </div>
        <Text size="xs" c="dimmed">
          {promise.invoice_numbers.join(', ')}
          {promise.made_by && ` · ${promise.made_by.full_name}`} ·{' '}
          {t('promises.level_is', { level: promise.level })}
        </Text>
        {promise.note && <Text size="sm">{promise.note}</Text>}
      </li>
    )
  }
}
