import { sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'
import { balancesOn, readyToSum } from './balances.ts'
import { percentOf } from './rules.ts'
import { type View, viewFacts } from './view.ts'

const MOST = 50

/** Who owes most, and how much of all that is owed they are. */
export async function getDebtors(scope: Scope, view: View, count: number) {
  await readyToSum(scope)
  const late = sql`b0 > 0 and aged_from < ${view.as_of}`
  const { rows } = await sql<{
    customer_id: number
    currency: string
    open: string
    overdue: string
    unapplied: string
    oldest: number | null
  }>`
    select customer_id, currency, coalesce(sum(b0) filter (where b0 > 0), 0)::text as open,
           coalesce(sum(b0) filter (where ${late}), 0)::text as overdue, coalesce(sum(b0) filter (where b0 < 0), 0)::text as unapplied,
           ${view.as_of}::date - min(aged_from) filter (where ${late}) as oldest
      from (${balancesOn(scope, view, [view.as_of])}) b where b0 <> 0
     group by customer_id, currency`.execute(scope.db)
  const customers = new Map<
    number,
    { id: number; open: bigint; overdue: bigint; unapplied: bigint; oldest: number | null }
  >()
  for (const row of rows) {
    const line = customers.get(row.customer_id) ?? {
      id: row.customer_id,
      open: 0n,
      overdue: 0n,
      unapplied: 0n,
      oldest: null,
    }
    line.open += view.money(row.open, row.currency)
    if (row.overdue !== '0') line.overdue += view.money(row.overdue, row.currency)
    if (row.unapplied !== '0') line.unapplied += view.money(row.unapplied, row.currency)
    if (row.oldest !== null) line.oldest = Math.max(line.oldest ?? 0, row.oldest)
    customers.set(row.customer_id, line)
  }
  const all = [...customers.values()]
    .filter(({ open }) => open > 0n)
    .sort((a, b) => (a.open === b.open ? a.id - b.id : a.open < b.open ? 1 : -1))
  const total = all.reduce((sum, { open }) => sum + open, 0n)
  const top = all.slice(0, Math.min(count, MOST))
  const names = await namesOf(
    scope,
    top.map(({ id }) => id),
  )
  const share = (part: bigint) => (total > 0n ? Number(part) / Number(total) : null)
  const reason = 'Nothing is owed on this day.'
  const topSum = (n: number) => all.slice(0, n).reduce((sum, { open }) => sum + open, 0n)
  return {
    ...viewFacts(view),
    customers: all.length,
    total: view.wire(total),
    concentration: {
      top_1: percentOf(topSum(1), total, reason).value,
      top_5: percentOf(topSum(5), total, reason).value,
      top_10: percentOf(topSum(10), total, reason).value,
      /** How many customers owe four fifths of everything: the A customers. */
      four_fifths:
        total > 0n
          ? fourFifths(
              all.map(({ open }) => open),
              total,
            )
          : null,
    },
    items: top.map(({ id, open, overdue, unapplied, oldest }) => ({
      customer_id: id,
      name: names.get(id) ?? '',
      open: view.wire(open),
      overdue: view.wire(overdue),
      unapplied: view.wire(unapplied),
      oldest_days: oldest,
      share: share(open),
    })),
  }
}

function fourFifths(sorted: bigint[], total: bigint): number {
  let sum = 0n
  for (const [at, open] of sorted.entries()) {
    sum += open
    if (sum * 5n >= total * 4n) return at + 1
  }
  return sorted.length
}

async function namesOf(scope: Scope, ids: number[]) {
  const rows = await scope.db
    .selectFrom('customers')
    .select(['id', 'name'])
    .where('id', 'in', ids.length > 0 ? ids : [0])
    .execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}
