import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../../core/scope.ts'
import { endOf } from '../../receivables/known.ts'

type Sql = RawBuilder<unknown>

/** What came of a promise. `superseded` and `withdrawn` ended while they could still be kept: neither kept nor unkept. */
export const verdicts = ['open', 'kept', 'partially_kept', 'broken', 'superseded', 'withdrawn'] as const
export type Verdict = (typeof verdicts)[number]

export type VerdictView = {
  /** The verdict at the end of this day. */
  as_of: string
  /** `then`: from what was known that evening, instead of from all that is known now about that day. */
  known?: 'now' | 'then' | undefined
  /** Which promises, as a condition over `promises p`. */
  which?: Sql
}

/**
 * Every promise with its verdict, computed from the ledger: promise_id, verdict, paid, needed, decided_by (the day of the file that
 * decided it), paid_from and paid_by (when its last money came), is_estimate, is_waiting.
 *
 * Money counts that took effect from the day of the promise to its deadline. Of what a file lets us infer only an interval is
 * known: it counts when it may lie within, and is an estimate when it may not. Money of the very day of the promise, or of its end,
 * goes to whichever side of that moment it was recorded on, so that what was known when a promise was given is none of its money,
 * and two promises about one invoice never count the same. Short by 1 % or the smallest unit is kept.
 *
 * Until enough came, a promise is open until a file of the deadline or later speaks of the customer; where no file ever does,
 * until the day has passed.
 */
export function promiseVerdicts(scope: Scope, { as_of, known, which }: VerdictView): Sql {
  const { tenantId } = scope
  const then = known === 'then' ? endOf(scope, as_of) : null
  const knownBy = (instant: Sql) => (then ? sql`${instant} < ${then}` : sql`true`)
  const chosen = sql`
    select p.id, p.customer_id, p.amount, p.deadline, p.made_on, p.made_at, p.state, greatest(p.amount - greatest(p.amount / 100, 1), 1) as needed,
           ${ended} as is_ended, case when ${ended} then p.ended_on end as ended_on, case when ${ended} then p.ended_at end as ended_at
      from (select *, ended_at is not null and ended_on <= ${as_of}::date and ${knownBy(sql`ended_at`)} as has_ended from promises where tenant_id = ${tenantId}) p
     where p.tenant_id = ${tenantId} and p.made_on <= ${as_of}::date and ${knownBy(sql`p.made_at`)}
       and ${then ? sql`(p.undone_at is null or p.undone_at >= ${then})` : sql`p.undone_at is null`}
       and ${which ?? sql`true`}`
  const cells = countedCells(scope, sql`chosen`, as_of, knownBy)
  const inBooks = then
    ? sql`m.published_at < ${then} and (m.status in ('published', 'reverting') or m.reverted_at >= ${then})`
    : sql`m.status = 'published'`
  return sql`
    with chosen as (${chosen}),
    money as (
      select c.promise_id, sum(c.amount)::bigint as paid, max(c.paid_by) as paid_by, max(c.paid_from) as paid_from, bool_or(c.is_estimate) as is_estimate
        from (${cells}) c group by c.promise_id
    )
    select p.id as promise_id, p.needed, v.paid, v.paid_from, v.paid_by, v.verdict, s.as_of as decided_by,
           v.verdict in ('kept', 'partially_kept') and v.is_estimate as is_estimate,
           v.verdict = 'open' and p.deadline < ${as_of}::date as is_waiting
      from chosen p
      left join money m on m.promise_id = p.id
     cross join lateral (select greatest(coalesce(m.paid, 0), 0) as paid) b
     cross join lateral (select b.paid >= p.needed as is_kept, p.is_ended and p.ended_on <= p.deadline as is_off) f
      left join lateral (
        select m.as_of from imports m
         where not f.is_kept and not f.is_off and m.tenant_id = ${tenantId} and m.target = 'receivables' and ${inBooks}
           and m.as_of >= p.deadline and m.as_of <= ${as_of}::date
           and (exists (select from import_accounts a where a.tenant_id = ${tenantId} and a.import_id = m.id and a.customer_id = p.customer_id)
                or exists (select from promise_invoices pi join import_rows r on r.tenant_id = ${tenantId} and r.invoice_id = pi.invoice_id and r.import_id = m.id
                            where pi.tenant_id = ${tenantId} and pi.promise_id = p.id))
         order by m.as_of limit 1) s on true
     cross join lateral (
       select b.paid, m.paid_from, m.paid_by, coalesce(m.is_estimate, false) as is_estimate,
              case when f.is_kept then 'kept'
                   when f.is_off then p.state
                   when s.as_of is not null
                     or (p.deadline < ${as_of}::date
                         and not exists (select from import_accounts a where a.tenant_id = ${tenantId} and a.customer_id = p.customer_id))
                   then case when b.paid > 0 then 'partially_kept' else 'broken' end
                   else 'open' end as verdict) v`
}
const ended = sql`p.has_ended`

/**
 * The money that counts towards promises `of` (id, made_on, made_at, deadline, ended_on, ended_at), by invoice and days. Corrections, credit
 * notes, write-offs and documents taken back are no payments. What was taken back on its days is nothing; a payment that went
 * back later, such as a returned cheque, counts against the day on which it came, from the day on which it went.
 */
export function countedCells(
  { tenantId }: Scope,
  of: Sql,
  as_of: string,
  knownBy: (instant: Sql) => Sql = () => sql`true`,
): Sql {
  return sql`
    select p.id as promise_id, pi.invoice_id, -sum(e.amount)::bigint as amount, d.day as paid_by, e.effective_after,
           least(coalesce(e.effective_after + 1, d.day), d.day) as paid_from,
           e.effective_after is not null and (least(e.effective_after + 1, d.day) < p.made_on or d.day > p.deadline) as is_estimate,
           max(e.import_id) as import_id, max(e.recorded_at) as recorded_at
      from ${of} p
      join promise_invoices pi on pi.tenant_id = ${tenantId} and pi.promise_id = p.id
      join invoice_entries e on e.tenant_id = ${tenantId} and e.invoice_id = pi.invoice_id and e.kind in ('payment', 'reversal')
      left join lateral (
        select x.effective_on as day, x.recorded_at from invoice_entries x
         where e.kind = 'reversal' and x.tenant_id = ${tenantId} and x.invoice_id = e.invoice_id and x.allocation_id = e.allocation_id and x.kind = 'payment'
         order by x.id limit 1) r on true
     cross join lateral (select coalesce(r.day, e.effective_on) as day, coalesce(r.recorded_at, e.recorded_at) as recorded_at) d
     where (e.kind = 'payment' or r.day is not null) and e.effective_on <= ${as_of}::date and ${knownBy(sql`e.recorded_at`)}
       and (d.day > p.made_on or d.day = p.made_on and d.recorded_at > p.made_at)
       and (d.day <= p.deadline or e.effective_after < p.deadline)
       and (p.ended_on is null or d.day < p.ended_on or d.day = p.ended_on and d.recorded_at <= p.ended_at)
     group by p.id, p.made_on, p.deadline, pi.invoice_id, d.day, e.effective_after
    having sum(e.amount) <> 0`
}
