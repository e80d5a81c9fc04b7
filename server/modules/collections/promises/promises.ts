import { type RawBuilder, sql } from 'kysely'
import { wireNumber } from '../../../core/money.ts'
import { paged } from '../../../core/schema.ts'
import type { Scope } from '../../../core/scope.ts'
import type { PromiseFilters, PromiseQuery } from './schemas.ts'
import { type PromiseRow, promiseColumns, promiseNames, promiseView } from './view.ts'

type Sort = PromiseQuery['sort']
const sorts: Record<Sort, RawBuilder<unknown>> = {
  promised_on: sql`s.promised_on`,
  made_on: sql`s.made_on`,
  amount: sql`s.amount`,
  paid: sql`s.paid`,
  customer_name: sql`lower(c.name)`,
  level: sql`s.level`,
  verdict: sql`s.verdict`,
}
const directionOf = ({ sort, order }: { sort: Sort; order?: 'asc' | 'desc' | undefined }) =>
  sql.raw(order ?? (['amount', 'paid', 'level', 'made_on'].includes(sort) ? 'desc' : 'asc'))
const sorted = (scope: Scope, sort: Sort) =>
  sort === 'customer_name'
    ? sql`join customers c on c.tenant_id = ${scope.tenantId} and c.id = s.customer_id`
    : sql``

/** Amounts as decimals. */
export const wirePromise = <Row extends { currency: string; amount: number; paid: number }>(row: Row) => ({
  ...row,
  amount: wireNumber(row.amount, row.currency),
  paid: wireNumber(row.paid, row.currency),
})

type Answer = {
  items: PromiseRow[]
  totals: { currency: string; count: number; amount: string; paid: string }[]
  counts: Record<string, number>
  tolerance_days: number
}

/** Promises with their verdicts: of today, or of any day. One statement, so that the verdicts are worked out once. */
export async function listPromises(scope: Scope, query: PromiseQuery) {
  const { day, ctes } = promiseView(scope, query)
  const direction = directionOf(query)
  const {
    rows: [answer],
  } = await sql<Answer>`
    with ${ctes},
    page as (
      select s.*, row_number() over (order by ${sorts[query.sort]} ${direction} nulls last, s.promise_id) as place
        from shown s ${sorted(scope, query.sort)}
       order by place limit ${query.page_size} offset ${(query.page - 1) * query.page_size})
    select (select coalesce(json_agg(to_json(x)::jsonb - 'place' order by x.place), '[]')
              from (select ${promiseColumns}, v.place
                      from page v join promises p on p.tenant_id = ${scope.tenantId} and p.id = v.promise_id ${promiseNames(scope)}) x) as items,
           (select coalesce(json_agg(t order by t.currency), '[]')
              from (select currency, count(*)::int as count, sum(amount)::text as amount, sum(paid)::text as paid from shown group by currency) t) as totals,
           (select json_build_object(
              'open', count(*) filter (where verdict = 'open'), 'kept', count(*) filter (where verdict = 'kept'),
              'partially_kept', count(*) filter (where verdict = 'partially_kept'), 'broken', count(*) filter (where verdict = 'broken'),
              'superseded', count(*) filter (where verdict = 'superseded'), 'withdrawn', count(*) filter (where verdict = 'withdrawn'),
              'waiting', count(*) filter (where is_waiting),
              'due_today', count(*) filter (where verdict = 'open' and promised_on = ${day}::date),
              'due_this_week', count(*) filter (where verdict = 'open' and date_trunc('week', promised_on) = date_trunc('week', ${day}::date)))
              from found) as counts,
           (select promise_tolerance_days from tenants where id = ${scope.tenantId}) as tolerance_days`.execute(
    scope.db,
  )
  const { items, totals, counts, tolerance_days } = answer!
  return {
    ...paged(
      items.map(wirePromise),
      totals.reduce((all, each) => all + each.count, 0),
      query,
    ),
    as_of: day,
    totals: totals.map(({ currency, count, amount, paid }) => ({
      currency,
      count,
      amount: wireNumber(BigInt(amount), currency),
      paid: wireNumber(BigInt(paid), currency),
    })),
    counts,
    tolerance_days,
  }
}

const BATCH = 1_000

/** Every promise that the filters find, in batches of a cursor. */
export async function* eachPromise(
  scope: Scope,
  query: PromiseFilters & { sort: Sort; order?: 'asc' | 'desc' | undefined },
) {
  const { ctes } = promiseView(scope, query)
  await sql`
    declare every_promise no scroll cursor for
    with ${ctes}
    select ${promiseColumns}
      from shown v join promises p on p.tenant_id = ${scope.tenantId} and p.id = v.promise_id ${promiseNames(scope)}
     cross join lateral (select v.*) s
     order by ${sorts[query.sort]} ${directionOf(query)} nulls last, p.id`.execute(scope.db)
  for (;;) {
    const { rows } = await sql<PromiseRow>`fetch ${sql.raw(String(BATCH))} from every_promise`.execute(
      scope.db,
    )
    for (const row of rows) yield row
    if (rows.length < BATCH) return
  }
}
