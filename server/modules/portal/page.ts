import { sql } from 'kysely'
import { invalidField, notFound, Refusal } from '../../core/errors.ts'
import type { Scope } from '../../core/scope.ts'
import { openDispute } from '../collections/disputes/dispute.ts'
import { makePromise } from '../collections/promises/make.ts'
import type { NotificationKind } from '../notifications/kinds.ts'
import { notify } from '../notifications/notifications.ts'
import type { OpenLink } from './links.ts'
import type { PortalDispute, PortalPromise } from './schemas.ts'
import { promiseUntil, readStatement } from './statement.ts'

/** What the customer sees: their open items and the organisation's name, nothing else of it. */
export async function readPage(scope: Scope, link: OpenLink) {
  const statement = await statementOf(scope, link)
  return { ...statement, expires_at: link.expires_at, promise_until: promiseUntil(scope) }
}

export const statementOf = (scope: Scope, { customer_id, currency }: OpenLink) =>
  readStatement(scope, customer_id, { currency: currency ?? undefined, open_only: true })

type Mine = { id: number; number: string; currency: string; assigned_to: number | null }

/** The link's own open invoices; of any other, not even whether it exists is told. */
async function ownInvoices(scope: Scope, link: OpenLink, ids: number[]): Promise<Mine[]> {
  const { rows } = await sql<Mine>`
    select i.id, i.number, i.currency, i.assigned_to from invoices i
     where i.tenant_id = ${scope.tenantId} and i.customer_id = ${link.customer_id} and i.id = any(${ids}) and not i.retracted
       and i.open_amount > 0 ${link.currency ? sql`and i.currency = ${link.currency}` : sql``}`.execute(
    scope.db,
  )
  if (rows.length < new Set(ids).size) throw notFound('One of these invoices')
  return rows
}

/** Who works these invoices, and who gave the link away. */
async function tellOurs(
  scope: Scope,
  link: OpenLink,
  kind: NotificationKind,
  about: { subject: string; id: number; invoices: Mine[]; told?: (number | null)[] },
  data: Record<string, unknown>,
) {
  const { rows } = await sql<{ name: string; assigned_to: number | null }>`
    select c.name, c.assigned_to from customers c where c.tenant_id = ${scope.tenantId} and c.id = ${link.customer_id}`.execute(
    scope.db,
  )
  const people = [link.created_by, rows[0]!.assigned_to, ...about.invoices.map((each) => each.assigned_to)]
  await notify(scope, {
    user_ids: people.filter((id): id is number => id !== null && !about.told?.includes(id)),
    kind,
    subject: about.subject,
    subject_id: about.id,
    data: {
      ...data,
      customer_id: link.customer_id,
      customer: rows[0]!.name,
      ...(about.invoices.length === 1
        ? { invoice_id: about.invoices[0]!.id, invoice_number: about.invoices[0]!.number }
        : { count: about.invoices.length }),
    },
  })
}

export async function promiseByLink(scope: Scope, link: OpenLink, input: PortalPromise) {
  const last = promiseUntil(scope)
  if (input.promised_on < scope.today || input.promised_on > last)
    throw invalidField('promised_on', `Choose a day from ${scope.today} to ${last}.`, 'out_of_range')
  const invoices = await ownInvoices(scope, link, input.invoice_ids)
  const { id, amount, currency, promised_on } = await makePromise(
    scope,
    {
      customer_id: link.customer_id,
      invoice_ids: input.invoice_ids,
      promised_on: input.promised_on,
      ...(input.amount === undefined ? {} : { amount: input.amount }),
      ...(input.note ? { note: input.note } : {}),
    },
    'customer',
  )
  await tellOurs(
    scope,
    link,
    'customer_promised',
    { subject: 'promise', id, invoices },
    { amount, currency, promised_on, link_id: link.id },
  )
  return { amount, currency, promised_on }
}

export async function disputeByLink(scope: Scope, link: OpenLink, input: PortalDispute) {
  const [invoice] = await ownInvoices(scope, link, [input.invoice_id])
  const opened = await openDispute(
    scope,
    {
      invoice_id: input.invoice_id,
      reason_id: await reasonOf(scope, input.reason),
      note: input.text,
      line: undefined,
      ...(input.amount === undefined ? {} : { amount: input.amount }),
    },
    'customer',
  ).catch((error) => {
    // The sentence for our own people names the other dispute.
    if (error instanceof Refusal && error.code === 'part_disputed')
      throw new Refusal(
        409,
        'disputed_already',
        `Invoice ${invoice!.number} is in dispute already. We are looking at it.`,
      )
    throw error
  })
  await tellOurs(
    scope,
    link,
    'customer_disputed',
    { subject: 'dispute', id: opened.id!, invoices: [invoice!], told: [opened.owner_id, opened.assigned_to] },
    { reason: opened.reason, link_id: link.id },
  )
  return {
    invoice_number: opened.invoice_number,
    amount: opened.disputed_amount,
    currency: opened.currency,
  }
}

/** The organisation's reason for the customer's word; where it has none left of that kind, its last one in use. */
async function reasonOf(scope: Scope, code: string): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    select r.id from dispute_reasons r
     where r.tenant_id = ${scope.tenantId} and r.is_active
     order by (r.code is not distinct from ${code}) desc, (r.code is not distinct from 'other') desc, r.position desc, r.id limit 1`.execute(
    scope.db,
  )
  if (!rows[0])
    throw new Refusal(
      409,
      'no_reasons',
      'Disputes cannot be taken here right now. Please write to us instead.',
    )
  return rows[0].id
}
