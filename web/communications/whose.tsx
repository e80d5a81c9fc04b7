import { can, useMe } from '../session.ts'
import { TextLink } from '../shared/text-link.tsx'
import type { Message } from '../wire.ts'

/** The page of whom a message is about: a debtor's at its pharmacy, else the customer's. */
export function Whose({ customer, outlet }: Pick<Message, 'customer' | 'outlet'>) {
  const me = useMe()
  if (!customer) return null
  const to =
    outlet && can(me, 'debtors.read')
      ? `/debtors/${outlet.id}/accounts/${customer.id}`
      : can(me, 'receivables.read')
        ? `/receivables/customers/${customer.id}`
        : null
  return to ? (
    <TextLink to={to} underline="always">
      {customer.name}
    </TextLink>
  ) : (
    customer.name
  )
}
