import type { CustomerDetails } from '../wire.ts'
import { Attachments } from './attachments.tsx'

/** Files on the customer, and on its invoices, disputes and promises. */
export default function CustomerFiles({ customer }: { customer: CustomerDetails }) {
  return <Attachments subject="customer" id={customer.id} related />
}
