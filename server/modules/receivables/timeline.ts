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

/** What happened to an invoice, newest first: also calls, promises and tasks of its customer that were about it. */
export async function invoiceTimeline(scope: Scope, id: number, paging: Paging) {
  await requireInvoice(scope, id)
  const which = sql`(e.subject = 'invoice' and e.subject_id = ${id} or e.subject = 'customer' and e.data->'invoice_ids' @> to_jsonb(${id}::bigint)
    and e.subject_id = (select i.customer_id from invoices i where i.tenant_id = ${scope.tenantId} and i.id = ${id}))`
  return timeline(scope, which, paging)
}

/** What happened to a customer and to those of its invoices that the caller sees, newest first. */
export async function customerTimeline(scope: Scope, id: number, paging: Paging) {
  await requireCustomer(scope, id)
  // What was about invoices is told to who sees one of them.
  const which = sql`(e.subject = 'customer' and e.subject_id = ${id} ${
    scope.actor.row_access === 'all'
      ? sql``
      : sql`and (coalesce(jsonb_array_length(e.data->'invoice_ids'), 0) = 0 or exists (
          select from invoices i where i.tenant_id = ${scope.tenantId} and i.customer_id = ${id} and e.data->'invoice_ids' @> to_jsonb(i.id)))`
  } or e.subject = 'invoice' and e.subject_id in (
    select i.id from invoices i where i.tenant_id = ${scope.tenantId} and i.customer_id = ${id} and not i.retracted))`
  return timeline(scope, which, paging)
}

async function timeline(scope: Scope, which: ReturnType<typeof sql>, paging: Paging) {
  const { tenantId } = scope
  const [{ rows }, { rows: counts }] = await Promise.all([
    sql<Event>`
      select e.id, e.kind, e.at, case when e.subject = 'invoice' then e.subject_id end as invoice_id, i.number as invoice_number, i.currency,
             case when u.id is not null then json_build_object('id', u.id, 'full_name', coalesce(nullif(u.full_name, ''), u.username)) end as user,
             -- What a comment said before it was changed is in the audit trail alone.
             case when e.kind like '%.comment%' then e.data - 'before' - 'after' else e.data end as data
        from events e
        left join invoices i on i.tenant_id = ${tenantId} and e.subject = 'invoice' and i.id = e.subject_id
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
    kind.endsWith('.assigned')
      ? [['assigned_to', [data.from, data.to]]]
      : Object.entries(data).filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1])),
  )
  const [names, numbers] = await Promise.all([namesIn(scope, pairs), numbersIn(scope, events)])
  const shown = (field: string, value: unknown, currency: string | null) => {
    if (typeof value === 'number' && currency && /^(open_)?amount$/.test(field))
      return wireNumber(value, currency)
    return names.get(`${field} ${value}`) ?? value
  }
  return events.map(({ currency, ...event }) => ({
    ...event,
    invoices: idsIn(event.data).flatMap((id) => numbers.get(id) ?? []),
    data: event.kind.endsWith('.assigned')
      ? {
          from: shown('assigned_to', event.data.from, null),
          to: shown('assigned_to', event.data.to, null),
          via: event.data.via,
        }
      : Object.fromEntries(
          Object.entries(event.data)
            .filter(([field]) => field !== 'invoice_ids')
            .map(([field, value]) => [
              field,
              Array.isArray(value) ? value.map((each) => shown(field, each, currency)) : value,
            ]),
        ),
  }))
}

const idsIn = ({ invoice_ids }: Event['data']): number[] =>
  Array.isArray(invoice_ids) ? invoice_ids.filter((id) => typeof id === 'number') : []

/** The numbers of those invoices that events of the customer were about, as far as the caller sees them. */
async function numbersIn(scope: Scope, events: Event[]) {
  const ids = [...new Set(events.flatMap(({ data }) => idsIn(data)))]
  if (ids.length === 0) return new Map<number, { id: number; invoice_number: string }>()
  const rows = await scope.db
    .selectFrom('invoices')
    .select(['id', 'number as invoice_number'])
    .where('id', 'in', ids)
    .where('retracted', '=', false)
    .execute()
  return new Map(rows.map((row) => [row.id, row]))
}
