import { sql } from 'kysely'
import { notFound, Refusal } from '../../core/errors.ts'
import type { Scope } from '../../core/scope.ts'
import { readDispute } from '../collections/disputes/dispute.ts'
import { requirePromise } from '../collections/promises/promise.ts'
import { requireCustomer } from '../receivables/customer.ts'
import { requireInvoice } from '../receivables/invoice.ts'
import type { Subject } from './schemas.ts'

/** Where on timelines a file of a subject is told of. */
export type About = { noun: 'invoice' | 'customer' | 'dispute' | 'promise'; id: number }

/** Refuses a subject that the caller does not see: a file is seen by who sees what it is on. */
export async function requireSubject(scope: Scope, { subject, subject_id: id }: Subject): Promise<About> {
  switch (subject) {
    case 'invoice':
      await requireInvoice(scope, id)
      return { noun: 'invoice', id }
    case 'customer':
      await requireCustomer(scope, id)
      return { noun: 'customer', id }
    case 'dispute':
      await readDispute(scope, id)
      return { noun: 'dispute', id }
    case 'promise':
      await requirePromise(scope, id)
      return { noun: 'promise', id }
    case 'comment': {
      const comment = await scope.db
        .selectFrom('invoice_comments')
        .select(['invoice_id', 'customer_id'])
        .where('id', '=', id)
        .where('deleted_at', 'is', null)
        .executeTakeFirst()
      if (!comment) throw notFound('This comment')
      const about: About = comment.invoice_id
        ? { noun: 'invoice', id: comment.invoice_id }
        : { noun: 'customer', id: comment.customer_id! }
      await requireSubject(scope, { subject: about.noun, subject_id: about.id }).catch((error) => {
        throw error instanceof Refusal && error.status === 404 ? notFound('This comment') : error
      })
      return about
    }
  }
}

/** Whether a file `f` is on the subject, or where `related` on what hangs on it; only what the caller sees. */
export function onSubject({ tenantId }: Scope, { subject, subject_id: id }: Subject, related: boolean) {
  const itself = sql`f.subject = ${subject} and f.subject_id = ${id}`
  if (!related || (subject !== 'invoice' && subject !== 'customer')) return itself
  const invoices = sql`
    select i.id from invoices i
     where i.tenant_id = ${tenantId} and not i.retracted and ${subject === 'invoice' ? sql`i.id = ${id}` : sql`i.customer_id = ${id}`}`
  const promises =
    subject === 'customer'
      ? sql`or f.subject = 'promise' and f.subject_id in (select p.id from promises p where p.tenant_id = ${tenantId} and p.customer_id = ${id})`
      : sql``
  return sql`(${itself}
    or f.subject = 'invoice' and f.subject_id in (${invoices})
    or f.subject = 'dispute' and f.subject_id in (select d.id from disputes d where d.tenant_id = ${tenantId} and d.invoice_id in (${invoices}))
    or f.subject = 'comment' and f.subject_id in (
      select k.id from invoice_comments k where k.tenant_id = ${tenantId} and k.deleted_at is null and
        (k.invoice_id in (${invoices})${subject === 'customer' ? sql` or k.customer_id = ${id}` : sql``}))
    ${promises})`
}
