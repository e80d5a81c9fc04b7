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

/** What happened to an invoice, newest first: also calls, tasks, promises and disputes that were about it. */
export async function invoiceTimeline(scope: Scope, id: number, paging: Paging) {
  const { tenantId } = scope
  await requireInvoice(scope, id)
  // Each part by its own index: one condition with OR would read every event of the organisation.
  const which = sql`
    select e.id from events e where e.tenant_id = ${tenantId} and e.subject = 'invoice' and e.subject_id = ${id}
    union all
    select e.id from invoices i
      join events e on e.tenant_id = ${tenantId} and e.subject = 'customer' and e.subject_id = i.customer_id and e.data->'invoice_ids' @> to_jsonb(i.id)
     where i.tenant_id = ${tenantId} and i.id = ${id}
    union all
    select e.id from disputes d join events e on e.tenant_id = ${tenantId} and e.subject = 'dispute' and e.subject_id = d.id
     where d.tenant_id = ${tenantId} and d.invoice_id = ${id}
    union all
    select e.id from promise_invoices p join events e on e.tenant_id = ${tenantId} and e.subject = 'promise' and e.subject_id = p.promise_id
     where p.tenant_id = ${tenantId} and p.invoice_id = ${id}`
  return timeline(scope, which, paging)
}

/** What happened to a customer and to those of its invoices that the caller sees, newest first. */
export async function customerTimeline(scope: Scope, id: number, paging: Paging) {
  const { tenantId, actor } = scope
  await requireCustomer(scope, id)
  const seesAll = actor.row_access === 'all'
  const own = sql`select i.id from invoices i where i.tenant_id = ${tenantId} and i.customer_id = ${id} and not i.retracted`
  // What was about invoices is told to who sees one of them.
  const which = sql`
    select e.id from events e where e.tenant_id = ${tenantId} and e.subject = 'customer' and e.subject_id = ${id}
       ${
         seesAll
           ? sql``
           : sql`and (coalesce(jsonb_array_length(e.data->'invoice_ids'), 0) = 0
                      or exists (${own} and e.data->'invoice_ids' @> to_jsonb(i.id)))`
       }
    union all
    select e.id from (${own}) i join events e on e.tenant_id = ${tenantId} and e.subject = 'invoice' and e.subject_id = i.id
    union all
    select e.id from (${own}) i join disputes d on d.tenant_id = ${tenantId} and d.invoice_id = i.id
      join events e on e.tenant_id = ${tenantId} and e.subject = 'dispute' and e.subject_id = d.id
    union all
    select e.id from promises p join events e on e.tenant_id = ${tenantId} and e.subject = 'promise' and e.subject_id = p.id
     where p.tenant_id = ${tenantId} and p.customer_id = ${id}
       ${
         seesAll
           ? sql``
           : sql`and exists (select from promise_invoices x where x.tenant_id = ${tenantId} and x.promise_id = p.id and x.invoice_id in (${own}))`
       }`
  return timeline(scope, which, paging)
}

async function timeline(scope: Scope, which: ReturnType<typeof sql>, paging: Paging) {
  const { tenantId } = scope
  const [{ rows }, { rows: counts }] = await Promise.all([
    sql<Event>`
      select e.id, e.kind, e.at, i.id as invoice_id, i.number as invoice_number, coalesce(i.currency, pr.currency) as currency,
             case when u.id is not null then json_build_object('id', u.id, 'full_name', coalesce(nullif(u.full_name, ''), u.username)) end as user,
             -- What a comment said before it was changed is in the audit trail alone.
             case when e.kind like '%.comment%' then e.data - 'before' - 'after' else e.data end as data
        from events e
        left join disputes d on d.tenant_id = ${tenantId} and e.subject = 'dispute' and d.id = e.subject_id
        left join promises pr on pr.tenant_id = ${tenantId} and e.subject = 'promise' and pr.id = e.subject_id
        left join invoices i on i.tenant_id = ${tenantId} and i.id = case e.subject when 'invoice' then e.subject_id else d.invoice_id end
        left join users u on u.id = e.user_id
       where e.tenant_id = ${tenantId} and e.id in (${which})
       order by e.id desc limit ${paging.page_size} offset ${(paging.page - 1) * paging.page_size}`.execute(
      scope.db,
    ),
    sql<{ n: number }>`select count(*)::int as n from (${which}) w`.execute(scope.db),
  ])
  const items = await readable(scope, rows)
  return paged(items, counts[0]!.n, paging)
}

/** Amounts as decimals, regions, people and invoices by their names. */
async function readable(scope: Scope, events: Event[]) {
  const isAssigned = (kind: string) => kind.endsWith('.assigned')
  const pairs = events.flatMap(({ kind, data }): [string, unknown[]][] =>
    isAssigned(kind)
      ? [['assigned_to', [data.from, data.to]]]
      : Object.entries(data).filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1])),
  )
  const [names, numbers] = await Promise.all([namesIn(scope, pairs), numbersIn(scope, events)])
  const shown = (field: string, value: unknown, currency: string | null) => {
    if (typeof value === 'number' && currency && /^((open|agreed)_)?amount$/.test(field))
      return wireNumber(value, currency)
    return names.get(`${field} ${value}`) ?? value
  }
  return events.map(({ currency: own, ...event }) => {
    const { data } = event
    const currency = own ?? (typeof data.currency === 'string' ? data.currency : null)
    const { invoice_ids: _, ...rest } = data
    const said = Object.entries(rest).map(([field, value]) => [
      field,
      Array.isArray(value)
        ? value.map((each) => shown(field, each, currency))
        : shown(field, value, currency),
    ])
    const assigned = {
      ...rest,
      from: shown('assigned_to', data.from, null),
      to: shown('assigned_to', data.to, null),
    }
    return {
      ...event,
      invoices: idsIn(data).flatMap((id) => numbers.get(id) ?? []),
      data: isAssigned(event.kind) ? assigned : Object.fromEntries(said),
    }
  })
}

/** What an event was about: several invoices, or the one of a dispute. */
const idsIn = ({ invoice_ids, invoice_id }: Event['data']): number[] =>
  (Array.isArray(invoice_ids) ? invoice_ids : [invoice_id]).filter((id) => typeof id === 'number')

/** Their numbers, as far as the caller sees them. */
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
