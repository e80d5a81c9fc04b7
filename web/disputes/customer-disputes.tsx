import { Badge, Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { Loaded } from '../shared/states.tsx'
import { TextLink } from '../shared/text-link.tsx'
import type { CustomerDetails, DisputePage } from '../wire.ts'
import { Clock } from './clock.tsx'
import { DisputeDrawer } from './dispute-drawer.tsx'
import classes from './disputes.module.css'
import { root } from './queries.ts'
import { stateLabel } from './words.ts'

/** What the customer contests, and has contested; the newest fifty. */
export default function CustomerDisputes({ customer }: { customer: CustomerDetails }) {
  const format = useFormat()
  const [shown, setShown] = useState<number | null>(null)
  const disputes = useQuery({
    queryKey: ['disputes', 'customer', customer.id],
    queryFn: () =>
      api<DisputePage>('GET', root, {
        query: { customer_id: customer.id, state: 'all', sort: 'opened_on', order: 'desc' },
      }),
  })
  return (
    <>
      <Loaded query={disputes} lines={3}>
        {({ items }) =>
          items.length === 0 ? (
            <Text c="dimmed">{t('disputes.none')}</Text>
          ) : (
            <ul className={classes.plain}>
              {items.map((dispute) => (
                <li key={dispute.id ?? `stated ${dispute.invoice_id}`} className={classes.line}>
                  <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
                    {dispute.id === null ? (
                      <TextLink
                        to={`/receivables/invoices/${dispute.invoice_id}`}
                        fw={600}
                        underline="always"
                        inherit
                      >
                        {dispute.invoice_number}
                      </TextLink>
                    ) : (
                      <button type="button" className={classes.name} onClick={() => setShown(dispute.id)}>
                        {dispute.invoice_number}
                      </button>
                    )}
                    {dispute.id === null ? (
                      <Badge color="red">{stateLabel('stated')}</Badge>
                    ) : (
                      <Clock dispute={dispute} />
                    )}
                  </Group>
                  <Text size="sm">
                    {[dispute.reason, format.money(dispute.disputed_amount, dispute.currency)].join(' · ')}
                  </Text>
                  <Text size="xs" c="dimmed">
                    {[stateLabel(dispute.state), dispute.owner_name ?? t('disputes.nobody')].join(' · ')}
                  </Text>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {shown !== null && <DisputeDrawer id={shown} onClose={() => setShown(null)} />}
    </>
  )
}
