import { type RawBuilder, sql } from 'kysely'
import { wireNumber } from '../../../core/money.ts'
import type { Scope } from '../../../core/scope.ts'
import { reasonParents, reasonPath } from './reasons.ts'
import { businessDaysBetween, isOpen } from './rules.ts'

export type DisputeRow = {
  id: number | null
  invoice_id: number
  invoice_number: string
  customer_id: number
  customer_code: string | null
  customer_name: string
  assigned_to: number | null
  assigned_to_name: string | null
  currency: string
  invoice_amount: number
  open_amount: number
  amount: number | null
  disputed_amount: number
  line: string | null
  note: string | null
  source: string
  state: string
  reason_id: number | null
  reason: string
  reason_code: string | null
  owner_id: number | null
  owner_name: string | null
  opened_on: string | null
  closed_on: string | null
  due_on: string | null
  waiting_since: string | null
  resolution: string | null
  resolution_note: string | null
  agreed_amount: number | null
  opened_by: { id: number; full_name: string } | null
  closed_by: { id: number; full_name: string } | null
  comment_count: number
  file_count: number
  version: number | null
}

/** What of the invoice is in dispute: of an open dispute never more than is open; of a closed one what it was about. */
const disputed = sql`(case when d.closed_on is null then greatest(least(i.open_amount, coalesce(d.amount, i.open_amount)), 0)
                           else coalesce(d.amount, d.opened_amount) end)`

/** All disputes that people work, over `d`, `i` and `r`; invoices decide who sees them. */
export const worked = (scope: Scope, where: RawBuilder<unknown>) => sql`
  select d.id, d.invoice_id, d.amount, ${disputed} as disputed_amount, d.line, d.note, d.source, d.state, d.reason_id, ${reasonPath} as reason, coalesce(g.code, p.code, r.code) as reason_code,
         d.owner_id, d.opened_on, d.closed_on, d.due_on, d.waiting_since, d.resolution, d.resolution_note, d.agreed_amount,
         d.opened_by, d.closed_by, d.version
    from disputes d
    join invoices i on i.tenant_id = ${scope.tenantId} and i.id = d.invoice_id and not i.retracted
    join dispute_reasons r on r.tenant_id = ${scope.tenantId} and r.id = d.reason_id ${reasonParents(scope)}
   where d.tenant_id = ${scope.tenantId} and ${where}`

/**
 * Invoices that files alone call disputed, in the same columns; since when is looked up for those that are shown. Nobody works
 * them until they are taken up.
 */
export const stated = (scope: Scope, where: RawBuilder<unknown>) => sql`
  select null::bigint, i.id, null::bigint, i.open_amount, null, null, 'import', 'stated', null::bigint,
         coalesce(i.root_cause, 'Stated by a file'), lower(replace(i.root_cause, ' ', '_')), null::bigint, since.day, null::date, null::date, null::date, null, null, null::bigint,
         null::bigint, null::bigint, null::int
    from invoices i
    left join lateral (${statedSince(scope)}) since on true
   where i.tenant_id = ${scope.tenantId} and i.is_disputed and i.stated_disputed and i.disputed_by_hand = 0 and i.open_amount > 0
     and not i.retracted and ${where}`

/** The day of the first file that has called `i` disputed without one that said otherwise since. */
const statedSince = ({ tenantId }: Scope) => sql`
  select min(s.as_of) as day
    from (select m.as_of, count(*) filter (where not r.is_disputed) over (order by m.as_of desc, m.id desc) as denials
            from import_rows r join imports m on m.tenant_id = ${tenantId} and m.id = r.import_id and m.status = 'published'
           where r.tenant_id = ${tenantId} and r.invoice_id = i.id and r.is_disputed is not null
             and r.outcome in ('new', 'changed', 'unchanged', 'older')) s
   where s.denials = 0`

/** Names and counts around the rows `p` of either. */
export const named = ({ tenantId }: Scope) => ({
  columns: sql`
    p.*, i.number as invoice_number, i.customer_id, c.code as customer_code, c.name as customer_name, i.currency,
    i.amount as invoice_amount, i.open_amount, i.assigned_to, coalesce(nullif(a.full_name, ''), a.username) as assigned_to_name,
    coalesce(nullif(o.full_name, ''), o.username) as owner_name, ${personOf('ob')} as opened_by, ${personOf('cb')} as closed_by,
    (select count(*)::int from dispute_comments k where k.tenant_id = ${tenantId} and k.dispute_id = p.id) as comment_count,
    (select count(*)::int from attachments f where f.tenant_id = ${tenantId} and f.subject = 'dispute' and f.subject_id = p.id and f.deleted_at is null) as file_count`,
  joins: sql`
    join invoices i on i.tenant_id = ${tenantId} and i.id = p.invoice_id
    join customers c on c.tenant_id = ${tenantId} and c.id = i.customer_id
    left join users a on a.id = i.assigned_to
    left join users o on o.id = p.owner_id
    left join users ob on ob.id = p.opened_by
    left join users cb on cb.id = p.closed_by`,
})
const personOf = (user: string) =>
  sql.raw(
    `case when ${user}.id is not null then json_build_object('id', ${user}.id, 'full_name', coalesce(nullif(${user}.full_name, ''), ${user}.username)) end`,
  )

/** Amounts as decimals, and the clock. */
export function wireDispute(scope: Scope, working: readonly number[], row: DisputeRow) {
  const money = (minor: number) => wireNumber(minor, row.currency)
  const runs = isOpen(row.state) && row.due_on !== null && row.waiting_since === null
  const until = row.closed_on ?? scope.today
  return {
    ...row,
    invoice_amount: money(row.invoice_amount),
    open_amount: money(row.open_amount),
    amount: row.amount === null ? null : money(row.amount),
    disputed_amount: money(row.disputed_amount),
    agreed_amount: row.agreed_amount === null ? null : money(row.agreed_amount),
    days_left: runs ? businessDaysBetween(scope.today, row.due_on!, working) : null,
    age_days:
      row.opened_on === null
        ? null
        : Math.round((Date.parse(until) - Date.parse(row.opened_on)) / 86_400_000),
  }
}

/** On which weekdays the organisation works. */
export async function workingDays(scope: Scope): Promise<number[]> {
  const { working_days } = await scope.db
    .selectFrom('tenants')
    .select('working_days')
    .where('id', '=', scope.tenantId)
    .executeTakeFirstOrThrow()
  return working_days
}
