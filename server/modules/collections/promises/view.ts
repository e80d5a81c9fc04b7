import { type RawBuilder, sql } from 'kysely'
import { likeText } from '../../../core/schema.ts'
import type { Scope } from '../../../core/scope.ts'
import { codeKey } from '../../receivables/rules.ts'
import type { PromiseFilters } from './schemas.ts'
import { promiseVerdicts, type Verdict } from './verdict.ts'

type Sql = RawBuilder<unknown>

/** Seen by who sees one of its invoices: a condition over `promises p`. */
export const isVisible = ({ tenantId }: Scope) => sql`
  exists (select from promise_invoices seen join invoices i on i.tenant_id = ${tenantId} and i.id = seen.invoice_id and not i.retracted
           where seen.tenant_id = ${tenantId} and seen.promise_id = p.id)`

export type PromiseRow = {
  id: number
  customer_id: number
  customer_code: string | null
  customer_name: string
  currency: string
  amount: number
  paid: number
  promised_on: string
  tolerance_days: number
  deadline: string
  made_on: string
  made_at: string
  made_by: { id: number; full_name: string } | null
  note: string | null
  source: string
  state: string
  level: number
  verdict: Verdict
  paid_from: string | null
  paid_by: string | null
  is_estimate: boolean
  is_waiting: boolean
  decided_by: string | null
  invoice_count: number
  invoice_numbers: string[]
  version: number
}

/** The columns of a row, over `promises p`, its verdict `v` and the names that `promiseNames` joins. */
export const promiseColumns = sql`
  p.id, p.customer_id, c.code as customer_code, c.name as customer_name, p.currency, p.amount, v.paid, p.promised_on, p.tolerance_days, p.deadline,
  p.made_on, to_char(p.made_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as made_at, p.note, p.source, p.state, p.level, v.verdict,
  v.paid_from, v.paid_by, v.is_estimate, v.is_waiting, v.decided_by, p.version,
  case when u.id is not null then json_build_object('id', u.id, 'full_name', coalesce(nullif(u.full_name, ''), u.username)) end as made_by,
  n.invoice_count, n.invoice_numbers`
const NUMBERS_SHOWN = 3
export const promiseNames = ({ tenantId }: Scope) => sql`
  join customers c on c.tenant_id = ${tenantId} and c.id = p.customer_id
  left join users u on u.id = p.made_by
  left join lateral (
    select count(*)::int as invoice_count, (coalesce(array_agg(i.number order by i.aged_from nulls last, i.id), '{}'))[1:${sql.lit(NUMBERS_SHOWN)}] as invoice_numbers
      from promise_invoices pi join invoices i on i.tenant_id = ${tenantId} and i.id = pi.invoice_id and not i.retracted
     where pi.tenant_id = ${tenantId} and pi.promise_id = p.id) n on true`

/** Conditions over `promises p` that need no verdict. */
function conditions(scope: Scope, query: Omit<PromiseFilters, 'due_from' | 'due_to'>): Sql[] {
  const { tenantId } = scope
  const about = (condition: Sql) => sql`
    exists (select from promise_invoices pi join invoices i on i.tenant_id = ${tenantId} and i.id = pi.invoice_id and not i.retracted
             where pi.tenant_id = ${tenantId} and pi.promise_id = p.id and ${condition})`
  const found = [isVisible(scope)]
  if (query.customer_id) found.push(sql`p.customer_id = ${query.customer_id}`)
  if (query.invoice_id) found.push(about(sql`i.id = ${query.invoice_id}`))
  if (query.assigned_to) found.push(about(sql`i.assigned_key = ${query.assigned_to}`))
  if (query.made_by) found.push(sql`p.made_by = ${query.made_by}`)
  if (query.currency) found.push(sql`p.currency = ${query.currency}`)
  if (query.state) found.push(sql`p.state = any(${query.state})`)
  if (query.search) {
    const like = likeText(query.search)
    found.push(sql`(p.note ilike ${like}
      or p.customer_id in (select c.id from customers c where c.tenant_id = ${tenantId} and (c.name ilike ${like} or c.code ilike ${like}))
      or ${about(sql`i.number_key like ${likeText(codeKey(query.search))}`)})`)
  }
  return found
}

/**
 * The promises that filters mean, as CTEs: `found` with their verdicts under all filters but those of verdict and days, and
 * `shown` under all.
 */
export function promiseView(scope: Scope, query: PromiseFilters) {
  const day = query.as_of ?? scope.today
  const which = sql.join(conditions(scope, query), sql` and `)
  const of: Sql[] = [sql`true`]
  if (query.verdict) of.push(sql`f.verdict = any(${query.verdict})`)
  if (query.is_waiting !== undefined) of.push(sql`f.is_waiting = ${query.is_waiting}`)
  if (query.due_from) of.push(sql`f.promised_on >= ${query.due_from}`)
  if (query.due_to) of.push(sql`f.promised_on <= ${query.due_to}`)
  return {
    day,
    ctes: sql`
      found as materialized (
        select v.*, p.currency, p.amount, p.promised_on, p.made_on, p.level, p.customer_id, p.made_by
          from (${promiseVerdicts(scope, { as_of: day, known: query.known, which })}) v
          join promises p on p.tenant_id = ${scope.tenantId} and p.id = v.promise_id),
      shown as materialized (select * from found f where ${sql.join(of, sql` and `)})`,
  }
}
