import { Button, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { useCan, useFormat } from '../session.ts'
import { Section } from '../shared/section.tsx'
import { TextLink } from '../shared/text-link.tsx'
import { done, failed } from '../shared/toast.tsx'
import type { Allocation, CreditPage } from '../wire.ts'
import classes from './cash.module.css'
import { useMoved } from './moved.ts'

type Credit = CreditPage['items'][number]

/** Of a customer what is unapplied; nothing where nothing is. */
export default function CustomerCredits({ customerId }: { customerId: number }) {
  const query = { customer_id: customerId, page_size: 50 }
  const { data } = useQuery({
    queryKey: ['credits', query],
    queryFn: () => api<CreditPage>('GET', '/api/receivables/credits', { query }),
  })
  if (!data || data.total === 0) return null
  return (
    <Section title={t('cash.credits')} why={t('cash.credits_why')}>
      <ul className={classes.lines}>
        {data.items.map((credit) => (
          <Line key={credit.id} credit={credit} />
        ))}
      </ul>
    </Section>
  )
}

function Line({ credit }: { credit: Credit }) {
  const format = useFormat()
  const moved = useMoved()
  const maySettle = useCan('receivables.settle')
  const apply = useMutation({
    mutationFn: () =>
      api<{ allocations: Allocation[] }>('POST', `/api/receivables/credits/${credit.id}/allocate`, {
        body: { strategy: 'oldest_first' },
      }),
    onSuccess: async ({ allocations }) => {
      const added = allocations.filter(({ reversed_at }) => reversed_at === null)
      done(t('cash.applied', { count: added.length }))
      await moved()
    },
    onError: failed,
  })
  return (
    <li className={classes.line}>
      <div>
        {credit.payment_id ? (
          <TextLink to="/receivables/payments" search={{ open: String(credit.payment_id) }}>
            {credit.number}
          </TextLink>
        ) : (
          <TextLink to={`/receivables/invoices/${credit.id}`}>{credit.number}</TextLink>
        )}
        <Text size="xs" c="dimmed">
          {[
            credit.credit_date && format.day(credit.credit_date),
            credit.amount !== credit.unapplied &&
              t('cash.of_amount', { amount: format.money(credit.amount, credit.currency) }),
          ]
            .filter(Boolean)
            .join(' · ')}
        </Text>
      </div>
      <span className={classes.amount}>{format.money(credit.unapplied, credit.currency)}</span>
      {maySettle && credit.owed > 0 && (
        <Button size="compact-sm" variant="default" loading={apply.isPending} onClick={() => apply.mutate()}>
          {t('cash.apply_oldest')}
        </Button>
      )}
    </li>
  )
}
