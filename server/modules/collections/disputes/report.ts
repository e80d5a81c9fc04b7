import { sql } from 'kysely'
import type { z } from 'zod'
import { addDays } from '../../../core/dates.ts'
import { wireNumber } from '../../../core/money.ts'
import type { Scope } from '../../../core/scope.ts'
import { reasonParents } from './reasons.ts'
import type { ReportQuery } from './schemas.ts'

type Line = {
  reason_id: number
  reason: string
  opened: number
  opened_amount: string
  open: number
  open_amount: string
  resolved: number
  accepted: number
  agreed_amount: string
  days: number | null
  in_time: number
}

/** Which reasons cost most: disputes opened in a period, what of all is still open, and how long those resolved in it took. */
export async function disputeReport(scope: Scope, query: z.output<typeof ReportQuery>) {
  const as_of = query.as_of ?? scope.today
  const from = query.from ?? addDays(as_of, -90)
  const currency = query.currency ?? scope.tenant.currency
  const names = {
    1: sql`coalesce(g.id, p.id, r.id)`,
    2: sql`case when g.id is not null then p.id else r.id end`,
    3: sql`r.id`,
  }
  const inPeriod = sql`d.opened_on between ${from} and ${as_of}`
  // Open at the end of the day: over its intervals, since it may have been closed and reopened.
  const wasOpen = sql`v.dispute_id is not null`
  const resolved = sql`d.state = 'resolved' and d.closed_on between ${from} and ${as_of}`
  const [{ rows: lines }, { rows: currencies }, { rows: stated }] = await Promise.all([
    sql<Line>`
      select t.reason_id, concat_ws(' / ', tg.name, tp.name, tr.name) as reason, t.opened, t.opened_amount, t.open, t.open_amount,
             t.resolved, t.accepted, t.agreed_amount, t.days, t.in_time
        from (select ${names[query.level as 1 | 2 | 3]} as reason_id,
                     (count(*) filter (where ${inPeriod}))::int as opened,
                     coalesce(sum(d.opened_amount) filter (where ${inPeriod}), 0)::text as opened_amount,
                     (count(*) filter (where ${wasOpen}))::int as open,
                     coalesce(sum(greatest(least(coalesce(v.amount, i.open_amount), i.open_amount), 0)) filter (where ${wasOpen}), 0)::text as open_amount,
                     (count(*) filter (where ${resolved}))::int as resolved,
                     (count(*) filter (where ${resolved} and d.resolution = 'accepted'))::int as accepted,
                     coalesce(sum(d.agreed_amount) filter (where ${resolved}), 0)::text as agreed_amount,
                     (sum(d.closed_on - d.opened_on) filter (where ${resolved}))::int as days,
                     (count(*) filter (where ${resolved} and d.closed_on <= d.due_on))::int as in_time
                from disputes d
                join invoices i on i.tenant_id = ${scope.tenantId} and i.id = d.invoice_id and not i.retracted and i.currency = ${currency}
                join dispute_reasons r on r.tenant_id = ${scope.tenantId} and r.id = d.reason_id ${reasonParents(scope)}
                left join dispute_intervals v on v.tenant_id = ${scope.tenantId} and v.dispute_id = d.id and v.opened_on <= ${as_of}
                  and (v.closed_on is null or v.closed_on > ${as_of})
               where d.tenant_id = ${scope.tenantId} and d.opened_on <= ${as_of}
               group by 1) t
        join dispute_reasons tr on tr.tenant_id = ${scope.tenantId} and tr.id = t.reason_id
        left join dispute_reasons tp on tp.tenant_id = ${scope.tenantId} and tp.id = tr.parent_id
        left join dispute_reasons tg on tg.tenant_id = ${scope.tenantId} and tg.id = tp.parent_id
       where t.opened > 0 or t.open > 0 or t.resolved > 0
       order by t.opened_amount::numeric desc, t.open_amount::numeric desc, t.opened desc, t.reason_id`.execute(
      scope.db,
    ),
    sql<{ currency: string }>`
      select distinct i.currency from disputes d join invoices i on i.tenant_id = ${scope.tenantId} and i.id = d.invoice_id and not i.retracted
       where d.tenant_id = ${scope.tenantId} order by 1`.execute(scope.db),
    sql<{ count: number; amount: string }>`
      select count(*)::int as count, coalesce(sum(i.open_amount), 0)::text as amount from invoices i
       where i.tenant_id = ${scope.tenantId} and i.currency = ${currency} and i.is_disputed and i.disputed_by_hand = 0
         and i.open_amount > 0`.execute(scope.db),
  ])
  const money = (minor: bigint) => wireNumber(minor, currency)
  const sums = (of: Line[]) => {
    const count = (name: 'opened' | 'open' | 'resolved' | 'accepted' | 'in_time') =>
      of.reduce((sum, line) => sum + line[name], 0)
    const amount = (name: 'opened_amount' | 'open_amount' | 'agreed_amount') =>
      of.reduce((sum, line) => sum + BigInt(line[name]), 0n)
    const days = of.reduce((sum, line) => sum + (line.days ?? 0), 0)
    return {
      opened: count('opened'),
      opened_amount: money(amount('opened_amount')),
      open: count('open'),
      open_amount: money(amount('open_amount')),
      resolved: count('resolved'),
      accepted: count('accepted'),
      agreed_amount: money(amount('agreed_amount')),
      resolution_days: count('resolved') > 0 ? Math.round((days / count('resolved')) * 10) / 10 : null,
      in_time: count('in_time'),
    }
  }
  const whole = lines.reduce((sum, line) => sum + BigInt(line.opened_amount), 0n)
  let so_far = 0n
  return {
    as_of,
    from,
    currency,
    currencies: [...new Set([scope.tenant.currency, ...currencies.map((each) => each.currency)])],
    reasons: lines.map((line) => {
      so_far += BigInt(line.opened_amount)
      return {
        reason_id: line.reason_id,
        reason: line.reason,
        ...sums([line]),
        cumulative_share: whole > 0n ? Number((so_far * 1000n) / whole) / 1000 : 0,
      }
    }),
    totals: sums(lines),
    stated: { count: stated[0]!.count, amount: money(BigInt(stated[0]!.amount)) },
  }
}
