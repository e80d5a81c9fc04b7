import { sql } from 'kysely'
import { wireNumber } from '../../core/money.ts'
import { paged } from '../../core/schema.ts'
import type { Scope } from '../../core/scope.ts'
import { requireCustomer } from './customer.ts'
import { namesIn, requireInvoice } from './invoice.ts'

type Event = {
  id: number
  kind: string
  at: string
  user: { id: number; full_name: string } | null
  invoice_id: number | null
  invoice_number: string | null
  currency: string | null
  data: Record<string, unknown>
}
type Paging = { page: number; page_size: number }

/** What happened to an invoice, newest first. */
export async function invoiceTimeline(scope: Scope, id: number, paging: Paging) {
  await requireInvoice(scope, id)
  const which = sql`(e.subject = 'invoice' and e.subject_id = ${id} or e.subject = 'promise' and e.subject_id in (
    select pi.promise_id from promise_invoices pi where pi.tenant_id = ${scope.tenantId} and pi.invoice_id = ${id}))`
  return timeline(scope, which, paging)
}

/** What happened to a customer and to those of its invoices that the caller sees, newest first. */
export async function customerTimeline(scope: Scope, id: number, paging: Paging) {
  await requireCustomer(scope, id)
  const mine = sql`select i.id from invoices i where i.tenant_id = ${scope.tenantId} and i.customer_id = ${id} and not i.retracted`
  const which = sql`(e.subject = 'customer' and e.subject_id = ${id} or e.subject = 'invoice' and e.subject_id in (${mine})
    or e.subject = 'promise' and e.subject_id in (
      select pi.promise_id from promise_invoices pi where pi.tenant_id = ${scope.tenantId} and pi.invoice_id in (${mine})))`
  return timeline(scope, which, paging)
}

async function timeline(scope: Scope, which: ReturnType<typeof sql>, paging: Paging) {
  const { tenantId } = scope
  const [{ rows }, { rows: counts }] = await Promise.all([
    sql<Event>`
      select e.id, e.kind, e.at, case when e.subject = 'invoice' then e.subject_id end as invoice_id, i.number as invoice_number, coalesce(i.currency, pr.currency) as currency,
             case when u.id is not null then json_build_object('id', u.id, 'full_name', coalesce(nullif(u.full_name, ''), u.username)) end as user,
             -- What a comment said before it was changed is in the audit trail alone.
             case when e.kind like '%.comment%' then e.data - 'before' - 'after' else e.data end as data
        from events e
        left join invoices i on i.tenant_id = ${tenantId} and e.subject = 'invoice' and i.id = e.subject_id
        left join promises pr on pr.tenant_id = ${tenantId} and e.subject = 'promise' and pr.id = e.subject_id
        left join users u on u.id = e.user_id
       where e.tenant_id = ${tenantId} and ${which}
       order by e.id desc limit ${paging.page_size} offset ${(paging.page - 1) * paging.page_size}`.execute(
      scope.db,
    ),
    sql<{
      n: number
    }>`select count(*)::int as n from events e where e.tenant_id = ${tenantId} and ${which}`.execute(
      scope.db,
    ),
  ])
  const items = await readable(scope, rows)
  return paged(items, counts[0]!.n, paging)
}

/** Amounts as decimals, regions and people by their names. */
async function readable(scope: Scope, events: Event[]) {
  const pairs = events.flatMap(({ kind, data }): [string, unknown[]][] =>
    kind === 'invoice.assigned'
      ? [['assigned_to', [data.from, data.to]]]
      : Object.entries(data).filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1])),
  )
  const names = await namesIn(scope, pairs)
  const shown = (field: string, value: unknown, currency: string | null) => {
    if (typeof value === 'number' && currency && /^(open_)?amount$/.test(field))
      return wireNumber(value, currency)
    return names.get(`${field} ${value}`) ?? value
  }
  return events.map(({ currency, ...event }) => ({
    ...event,
    data:
      event.kind === 'invoice.assigned'
        ? {
            from: shown('assigned_to', event.data.from, null),
            to: shown('assigned_to', event.data.to, null),
          }
        : Object.fromEntries(
            Object.entries(event.data).map(([field, value]) => [
              field,
              Array.isArray(value)
                ? value.map((each) => shown(field, each, currency))
                : event.kind.startsWith('promise.') && (field === 'amount' || field === 'paid')
                  ? shown('amount', value, currency)
                  : value,
            ]),
          ),
  }))
}
