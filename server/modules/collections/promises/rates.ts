import { sql } from 'kysely'
import type { z } from 'zod'
import { wireNumber } from '../../../core/money.ts'
import type { Scope } from '../../../core/scope.ts'
import type { RateQuery } from './schemas.ts'
import { promiseView } from './view.ts'

type Line = {
  id: number | null
  name: string | null
  count: number
  kept: number
  partially_kept: number
  broken: number
  open: number
  amount: string
  kept_amount: string
}

/**
 * How many promises were kept, by customer or by who took them, in one currency: of those that were decided, by count and by amount.
 * A kept one counts its whole amount, a partially kept one its paid share.
 */
export async function promiseRates(scope: Scope, query: z.output<typeof RateQuery>) {
  const currency = query.currency ?? scope.tenant.currency
  const { day, ctes } = promiseView(scope, { ...query, currency })
  const key = query.by === 'customer' ? sql`s.customer_id` : sql`s.made_by`
  const { rows } = await sql<Line>`
    with ${ctes}
    select l.*, ${query.by === 'customer' ? sql`c.name` : sql`coalesce(nullif(u.full_name, ''), u.username)`} as name
      from (
        select ${key} as id, count(*) filter (where verdict in ('kept', 'partially_kept', 'broken'))::int as count,
               count(*) filter (where verdict = 'kept')::int as kept, count(*) filter (where verdict = 'partially_kept')::int as partially_kept,
               count(*) filter (where verdict = 'broken')::int as broken, count(*) filter (where verdict = 'open')::int as open,
               coalesce(sum(amount) filter (where verdict in ('kept', 'partially_kept', 'broken')), 0)::text as amount,
               coalesce(sum(case verdict when 'kept' then amount when 'partially_kept' then least(paid, amount) end), 0)::text as kept_amount
          from shown s where verdict in ('kept', 'partially_kept', 'broken', 'open') group by 1) l
      ${
        query.by === 'customer'
          ? sql`left join customers c on c.tenant_id = ${scope.tenantId} and c.id = l.id`
          : sql`left join users u on u.id = l.id`
      }
     order by l.count desc, name, l.id`.execute(scope.db)
  const line = (of: Line[]) => {
    const sum = (name: 'count' | 'kept' | 'partially_kept' | 'broken' | 'open') =>
      of.reduce((all, each) => all + each[name], 0)
    const amount = of.reduce((all, each) => all + BigInt(each.amount), 0n)
    const kept = of.reduce((all, each) => all + BigInt(each.kept_amount), 0n)
    const count = sum('count')
    return {
      count,
      kept: sum('kept'),
      partially_kept: sum('partially_kept'),
      broken: sum('broken'),
      open: sum('open'),
      amount: wireNumber(amount, currency),
      rate_by_count: count === 0 ? null : sum('kept') / count,
      rate_by_amount: amount === 0n ? null : Number((kept * 1_000_000n) / amount) / 1_000_000,
    }
  }
  return {
    as_of: day,
    currency,
    items: rows.map((row) => ({ id: row.id, name: row.name ?? '', ...line([row]) })),
    total: line(rows),
  }
}
