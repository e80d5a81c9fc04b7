import { type RawBuilder, sql } from 'kysely'
import { wireNumber } from '../../../core/money.ts'
import { paged } from '../../../core/schema.ts'
import type { Scope } from '../../../core/scope.ts'
import { factsOf } from '../../receivables/customers.ts'
import type { WorklistQuery } from './schemas.ts'
import { getWeights, type Reason, reasons, type Weights } from './weights.ts'

type Sql = RawBuilder<unknown>
type State = 'todo' | 'worked' | 'paused'

const AGE_FULL = 120
const SILENCE_FULL = 14
const LOOK_BACK = 90
const SOON = 7

/**
 * Every account with something to do, a customer and a currency, with the points of each reason. Read from the invoices' index alone;
 * all else is few rows per customer.
 */
function scored(scope: Scope, query: Pick<WorklistQuery, 'currency' | 'assigned_to'>, weights: Weights): Sql {
  const { tenantId, today, tenant } = scope
  const day = sql`${today}::date`
  const w = (reason: Reason) => sql`${weights[reason]}::numeric`
  const only = sql.join(
    [
      sql`i.tenant_id = ${tenantId}`,
      ...(query.currency ? [sql`i.currency = ${query.currency}`] : []),
      ...(query.assigned_to === undefined ? [] : [sql`i.assigned_key = ${query.assigned_to}`]),
    ],
    sql` and `,
  )
  const points: Record<Reason, Sql> = {
    amount: sql`case when m.collectable > 0 then ${w('amount')} * m.collectable / (m.collectable + h.half) else 0 end`,
    age: sql`case when m.collectable > 0 then ${w('age')} * least(m.oldest_days, ${AGE_FULL}::int) / ${AGE_FULL}::int else 0 end`,
    broken_promise: sql`case when b.level is null then 0 else ${w('broken_promise')} * least(b.level, 3) / 3 end`,
    promise_due: sql`case when m.promise_due_on <= ${day} then ${w('promise_due')} else 0 end`,
    follow_up: sql`case when t.follow_up_on is not null then ${w('follow_up')} else 0 end`,
    silence: sql`case when m.collectable > 0 then ${w('silence')} * least(coalesce(${day} - a.contacted_on, ${SILENCE_FULL}::int), ${SILENCE_FULL}::int) / ${SILENCE_FULL}::int else 0 end`,
    late_risk: sql`coalesce(${w('late_risk')} * p.late_risk::numeric * m.due_soon / nullif(m.due_soon + h.half, 0), 0)`,
    disputed: sql`case when m.overdue > 0 then ${w('disputed')} * m.disputed / m.overdue else 0 end`,
  }
  return sql`
    with owed as materialized (
      -- As few sums as tell it, each in whole numbers: of 100,000 invoices this is half of the work.
      select customer_id, currency, (net + unapplied)::bigint as open_amount, overdue::bigint, overdue_count::int,
             case when oldest < ${day} then ${day} - oldest else 0 end as oldest_days, due_soon::bigint, unapplied::bigint
        from (select i.customer_id, i.currency, sum(i.open_amount) as net,
                     coalesce(-sum(i.open_amount) filter (where i.open_amount < 0), 0) as unapplied,
                     coalesce(sum(i.open_amount) filter (where i.open_amount > 0 and i.aged_from < ${day}), 0) as overdue,
                     count(*) filter (where i.open_amount > 0 and i.aged_from < ${day}) as overdue_count,
                     min(i.aged_from) filter (where i.open_amount > 0) as oldest,
                     coalesce(sum(i.open_amount) filter (where i.aged_from between ${day} and ${day} + (${SOON}::int - 1) and i.open_amount > 0), 0) as due_soon
                from invoices i where ${only} and i.open_amount <> 0
               group by i.customer_id, i.currency) sums
       where net + unapplied > 0
    ), disputed as (
      select i.customer_id, i.currency,
             sum(case when i.stated_disputed then i.open_amount else least(i.disputed_by_hand, i.open_amount) end)::bigint as amount
        from invoices i where ${only} and i.is_disputed and i.open_amount > 0 and i.aged_from < ${day}
       group by i.customer_id, i.currency
    ), promised as (
      select i.customer_id, i.currency, (sum(least(x.amount, i.open_amount)) filter (where i.aged_from < ${day}))::bigint as amount, min(p.promised_on) as due_on
        from promises p
        join promise_invoices x on x.tenant_id = ${tenantId} and x.promise_id = p.id and x.is_active
        join invoices i on i.id = x.invoice_id and ${only} and i.open_amount > 0
       where p.tenant_id = ${tenantId} and p.deadline >= ${day} and p.state = 'active' and p.undone_at is null
       group by i.customer_id, i.currency
    ), broken as (
      select customer_id, currency, max(level) as level, max(promised_on) as promised_on from promises
       where tenant_id = ${tenantId} and announced = 'broken' and state = 'active' and undone_at is null and promised_on >= ${day} - ${LOOK_BACK}::int
       group by customer_id, currency
    ), attempted as (
      select customer_id, max((attempted_at at time zone ${tenant.timezone})::date) as contacted_on from contact_attempts
       where tenant_id = ${tenantId} and attempted_at >= ${day} - ${LOOK_BACK}::int group by customer_id
    ), due_tasks as (
      select customer_id, min(due_on) as follow_up_on from tasks
       where tenant_id = ${tenantId} and done_at is null and due_on <= ${day} group by customer_id
    ), money as (
      select o.*, coalesce(d.amount, 0) as disputed, coalesce(p.amount, 0) as promised, p.due_on as promise_due_on,
             greatest(o.overdue - coalesce(d.amount, 0) - coalesce(p.amount, 0), 0) as collectable
        from owed o
        left join disputed d on d.customer_id = o.customer_id and d.currency = o.currency
        left join promised p on p.customer_id = o.customer_id and p.currency = o.currency
    ), halves as (
      select currency, coalesce(percentile_disc(0.5) within group (order by collectable) filter (where collectable > 0), 1) as half
        from money group by currency
    ), judged as (
      select m.*, b.level as broken_level, b.promised_on as broken_on, a.contacted_on, t.follow_up_on, p.late_risk,
             ${sql.join(
               reasons.map(
                 (reason) => sql`round(${points[reason]}, 1)::float8 as ${sql.ref(`points_${reason}`)}`,
               ),
               sql`, `,
             )},
             s.until_on as paused_until, s.kind as paused_as, s.reason as paused_because,
             case when s.until_on is not null then 'paused' when a.contacted_on = ${day} then 'worked' else 'todo' end as state
        from money m
        join halves h on h.currency = m.currency
        left join broken b on b.customer_id = m.customer_id and b.currency = m.currency
        left join attempted a on a.customer_id = m.customer_id
        left join due_tasks t on t.customer_id = m.customer_id
        left join (select customer_id, 1 / (1 + exp(-log_odds)) as late_risk from customer_habits where tenant_id = ${tenantId}) p on p.customer_id = m.customer_id
        left join worklist_pauses s on s.tenant_id = ${tenantId} and s.user_id = ${scope.userId} and s.customer_id = m.customer_id and s.until_on >= ${day}
    )
    select j.*, ${sql.join(
      reasons.map((reason) => sql.ref(`j.points_${reason}`)),
      sql` + `,
    )} as score from judged j
     where j.overdue > 0 or j.due_soon > 0 or j.follow_up_on is not null or j.promise_due_on <= ${day}`
}

type Row = {
  customer_id: number
  code: string | null
  name: string
  phone: string | null
  email: string | null
  currency: string
  open_amount: string
  overdue: string
  overdue_count: number
  oldest_days: number
  due_soon: string
  unapplied: string
  disputed: string
  promised: string
  collectable: string
  promise_due_on: string | null
  broken_level: number | null
  broken_on: string | null
  contacted_on: string | null
  follow_up_on: string | null
  late_risk: number | null
  paused_until: string | null
  paused_as: string | null
  paused_because: string | null
  state: State
  score: number
} & Record<`points_${Reason}`, number>

const facts = [
  'customer_id',
  'currency',
  'overdue_count',
  'oldest_days',
  'promise_due_on',
  'broken_level',
  'broken_on',
  'contacted_on',
  'follow_up_on',
  'late_risk',
  'paused_until',
  'paused_as',
  'paused_because',
  'state',
  'score',
  ...reasons.map((reason) => `points_${reason}`),
]
const amounts = [
  'open_amount',
  'overdue',
  'due_soon',
  'unapplied',
  'disputed',
  'promised',
  'collectable',
] as const

/** Whom to call next: customers by the sum of their points, highest first. */
export async function getWorklist(scope: Scope, query: WorklistQuery) {
  const { tenantId } = scope
  const { weights } = await getWeights(scope)
  await scope.client.query(`set local work_mem = '64MB'`)
  const { rows } = await sql<{
    items: Row[]
    counts: Record<State, number>
    totals: { currency: string; collectable: string; count: number }[]
  }>`
    with scored as materialized (${scored(scope, query, weights)}),
    page as (
      select * from scored where state = ${query.state}
       order by score desc, collectable desc, customer_id, currency
       limit ${query.page_size} offset ${(query.page - 1) * query.page_size}
    )
    select coalesce((select json_agg(row order by row.score desc, row.collectable::numeric desc, row.customer_id, row.currency) from (
             select ${sql.join(
               amounts.map((name) => sql`${sql.ref(`s.${name}`)}::text`),
               sql`, `,
             )}, ${sql.join(
               facts.map((name) => sql.ref(`s.${name}`)),
               sql`, `,
             )},
                    c.code, c.name, coalesce(k.phone, c.phone) as phone, coalesce(k.email, c.email) as email
               from page s
               join customers c on c.tenant_id = ${tenantId} and c.id = s.customer_id
               left join lateral (select phone, email from contacts k where k.tenant_id = ${tenantId} and k.customer_id = c.id and k.deleted_at is null
                                   order by k.is_main desc, k.id limit 1) k on true) row), '[]') as items,
           (select coalesce(json_object_agg(state, n), '{}') from (select state, count(*) as n from scored group by state) by_state) as counts,
           (select coalesce(json_agg(t order by t.currency), '[]') from (
              select currency, sum(collectable)::text as collectable, count(*)::int as count from scored where state = ${query.state} group by currency) t) as totals`.execute(
    scope.db,
  )
  const { items, counts, totals } = rows[0]!
  const paid = await factsOf(
    scope,
    scope.today,
    items.map(({ customer_id: id, currency }) => ({ id, currency })),
  )
  const total = counts[query.state] ?? 0
  return {
    ...paged(
      items.map((row) => itemOf(row, weights, paid({ id: row.customer_id, currency: row.currency }))),
      total,
      query,
    ),
    as_of: scope.today,
    counts: { todo: counts.todo ?? 0, worked: counts.worked ?? 0, paused: counts.paused ?? 0 },
    totals: totals.map(({ currency, collectable, count }) => ({
      currency,
      count,
      collectable: wireNumber(BigInt(collectable), currency),
    })),
  }
}

function itemOf(row: Row, weights: Weights, { last_payment_on }: { last_payment_on: string | null }) {
  const money = Object.fromEntries(
    amounts.map((name) => [name, wireNumber(BigInt(row[name]), row.currency)]),
  ) as Record<(typeof amounts)[number], number>
  return {
    ...row,
    ...money,
    last_payment_on,
    score: Math.round(row.score * 10) / 10,
    reasons: reasons
      .map((kind) => ({ kind, points: row[`points_${kind}`], most: weights[kind] }))
      .filter(({ points }) => points !== 0)
      .sort((a, b) => Math.abs(b.points) - Math.abs(a.points)),
  }
}
