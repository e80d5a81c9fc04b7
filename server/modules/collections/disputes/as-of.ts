import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../../core/scope.ts'

/** More than any invoice: what is disputed of one that is disputed as a whole. */
export const WHOLE = sql.raw('9223372036854775807')

/**
 * What was in dispute at the end of a day: `invoice_id`, `amount`, a row per invoice. Of an open balance that is
 * `least(balance, amount)`. Disputes by hand go by their intervals, those of files by the last statement up to the day that says
 * anything of it: so neither the order of files nor an undo matters. `known` asks what was known of the day before an instant.
 *
 * No policy of rows is in it: join it with `invoices`.
 */
export function disputedAsOf(
  { tenantId }: Scope,
  day: string,
  known?: RawBuilder<unknown>,
): RawBuilder<unknown> {
  const opened = known ? sql`and d.opened_at < ${known}` : sql``
  const closed = known ? sql`(d.closed_at is null or d.closed_at >= ${known})` : sql`d.closed_on is null`
  // In the books at that instant; an undone import was, until it was undone.
  const inBooks = known
    ? sql`m.published_at < ${known} and (m.status in ('published', 'reverting') or m.reverted_at >= ${known})`
    : sql`m.status = 'published'`
  const outcomes = sql`('new', 'changed', 'unchanged', 'older')`
  return sql`
    select invoice_id, case when bool_or(amount is null) then ${WHOLE} else least(sum(amount), ${WHOLE})::bigint end as amount
      from (select d.invoice_id, d.amount
              from dispute_intervals d
             where d.tenant_id = ${tenantId} and d.opened_on <= ${day} ${opened} and (${closed} or d.closed_on > ${day})
             union all
            select s.invoice_id, null
              from (select distinct r.invoice_id from import_rows r where r.tenant_id = ${tenantId} and r.is_disputed) s
             cross join lateral (
               select r.is_disputed
                 from import_rows r join imports m on m.tenant_id = ${tenantId} and m.id = r.import_id and ${inBooks}
                where r.tenant_id = ${tenantId} and r.invoice_id = s.invoice_id and r.is_disputed is not null and r.outcome in ${outcomes}
                  and m.as_of <= ${day}
                order by m.as_of desc, m.id desc, r.row desc limit 1) last
             where last.is_disputed) parts
     group by invoice_id`
}
