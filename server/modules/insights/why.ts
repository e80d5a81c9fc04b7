import { type RawBuilder, sql } from 'kysely'
import type { z } from 'zod'
import { Refusal } from '../../core/errors.ts'
import { wireNumber } from '../../core/money.ts'
import { paged } from '../../core/schema.ts'
import type { Scope } from '../../core/scope.ts'
import { balancesOn, beyond, onAccount, type Point, readyToSum } from './balances.ts'
import { type WhyQuery, type WhyRowsQuery, whyGroups } from './schemas.ts'

// Why a figure changed between two points: from one day to another, or from what was known of a day then to what is known now.
// The books are entries, so the change is the sum of the entries that the second point has and the first has not, and of
// what time did by itself. Each invoice is followed: nothing is left over.

type Sql = RawBuilder<unknown>
type Query = Pick<
  z.output<typeof WhyQuery>,
  'figure' | 'from' | 'to' | 'from_known_on' | 'to_known_on' | 'currency'
>

function pointsOf(scope: Scope, query: Query) {
  const to = query.to ?? query.from
  const known = [query.from_known_on ?? null, query.to_known_on ?? null] as const
  if (query.from > to)
    throw new Refusal(422, 'days_backwards', `The first day, ${query.from}, comes after the second, ${to}.`)
  if (known[1] !== null && (known[0] === null || known[0] > known[1]))
    throw new Refusal(
      422,
      'knowledge_backwards',
      'What is known only grows: the second point cannot be told with less of it than the first.',
    )
  if (query.from === to && known[0] === known[1])
    throw new Refusal(
      422,
      'nothing_between',
      'Both points are the same. Give a second day (to), or a day up to which the first one was known (from_known_on).',
    )
  const [a, b]: [Point, Point] = [
    { day: query.from, known_on: known[0] },
    { day: to, known_on: known[1] },
  ]
  return { a, b, currency: query.currency ?? scope.tenant.currency }
}

/** What of an invoice with the balances b0 and b1 is part of the figure. */
function partsOf(figure: Query['figure'], a: Point, b: Point) {
  const owes = sql`(b.b0 > 0 or b.b1 > 0)`
  const fellDue = sql`b.b0 > 0 and b.aged_from >= ${a.day} and b.aged_from < ${b.day}`
  const positive = (balance: Sql, when: Sql) => sql`case when ${when} then greatest(${balance}, 0) else 0 end`
  // Beyond nothing an invoice that is owed becomes a credit, and the other way round.
  const beyondNothing = sql`least(b.b0, 0) - least(b.b1, 0)`
  switch (figure) {
    case 'balance':
      return { counts: sql`true`, opening: sql`b.b0`, closing: sql`b.b1`, fell: null, turned: null }
    case 'receivables':
      return {
        counts: owes,
        opening: sql`greatest(b.b0, 0)`,
        closing: sql`greatest(b.b1, 0)`,
        fell: null,
        turned: beyondNothing,
      }
    case 'unapplied':
      return {
        counts: sql`(b.b0 < 0 or b.b1 < 0)`,
        opening: sql`least(b.b0, 0)`,
        closing: sql`least(b.b1, 0)`,
        fell: null,
        turned: sql`greatest(b.b0, 0) - greatest(b.b1, 0)`,
      }
    case 'overdue':
      return {
        counts: sql`(${owes} and b.aged_from < ${b.day})`,
        opening: positive(sql`b.b0`, sql`b.aged_from < ${a.day}`),
        closing: positive(sql`b.b1`, sql`b.aged_from < ${b.day}`),
        fell: { amount: sql`b.b0`, when: fellDue },
        turned: beyondNothing,
      }
    case 'current':
      return {
        counts: sql`(${owes} and b.aged_from >= ${b.day})`,
        opening: positive(sql`b.b0`, sql`b.aged_from >= ${a.day}`),
        closing: positive(sql`b.b1`, sql`b.aged_from >= ${b.day}`),
        fell: { amount: sql`-b.b0`, when: fellDue },
        turned: beyondNothing,
      }
  }
}

/** An entry that an undoing wrote is told by it, whatever its kind; what no file said was entered by hand. */
const groupOf = sql`
  case when m.reverted_at is not null and e.recorded_at >= m.reverted_at then 'undone'
       when e.kind = 'invoice' then case when o.id is not null then case when e.import_id is null then 'manual' else 'payments' end when e.amount < 0 then 'credits' else 'invoices' end
       when e.kind = 'withdrawal' then 'withdrawals'
       when e.kind = 'correction' then 'corrections'
       when e.kind = 'credit' then 'credits'
       when e.kind = 'write_off' then 'write_offs'
       when e.kind = 'reversal' then 'reversals'
       when e.import_id is null then 'manual'
       else 'payments' end`

/** One row per entry, or per invoice for what no entry did: `g`, invoice_id, amount, and the entry's own facts. */
function movesOf(
  scope: Scope,
  query: Query,
): { rows: Sql; balances: Sql; parts: ReturnType<typeof partsOf> } {
  const { a, b, currency } = pointsOf(scope, query)
  const parts = partsOf(query.figure, a, b)
  const balances = balancesOn(scope, { known_on: null, only: currency }, [a, b])
  const entries = sql`
    select ${groupOf} as g, e.invoice_id, e.amount, e.id as entry_id, e.kind, e.effective_on, e.effective_after, e.recorded_at, e.import_id, m.file_name
      from invoice_entries e
      join b on b.id = e.invoice_id ${onAccount(scope)}
      left join imports m on m.tenant_id = ${scope.tenantId} and m.id = e.import_id
     where e.tenant_id = ${scope.tenantId} and not ${beyond(scope, b, sql`e.`)} and ${beyond(scope, a, sql`e.`)} and ${parts.counts}`
  const derived = (group: string, amount: Sql, when: Sql) => sql`
    union all
    select ${group}, b.id, ${amount}, null, null, null, null, null, null, null from b where ${when}`
  return {
    balances,
    parts,
    rows: sql`
      ${entries}
      ${parts.fell ? derived('fell_due', parts.fell.amount, parts.fell.when) : sql``}
      ${parts.turned ? derived('turned', parts.turned, sql`${parts.counts} and ${parts.turned} <> 0`) : sql``}`,
  }
}

/** Opening, what changed it in groups, closing: they add up exactly, or the answer is refused as a bug. */
export async function explainChange(scope: Scope, query: z.output<typeof WhyQuery>) {
  await readyToSum(scope)
  const { a, b, currency } = pointsOf(scope, query)
  const { rows, balances, parts } = movesOf(scope, query)
  const { rows: lines } = await sql<{ g: string; amount: string; count: number }>`
    with b as materialized (${balances}), moves as (${rows})
    select g, sum(amount)::text as amount, count(*)::int as count from moves group by g
    union all
    select 'opening', coalesce(sum(${parts.opening}), 0)::text, 0 from b
    union all
    select 'closing', coalesce(sum(${parts.closing}), 0)::text, 0 from b`.execute(scope.db)
  const sums = new Map(lines.map(({ g, amount, count }) => [g, { amount: BigInt(amount), count }]))
  const [opening, closing] = [sums.get('opening')!.amount, sums.get('closing')!.amount]
  const groups = whyGroups.flatMap((group) => {
    const sum = sums.get(group)
    return sum ? [{ group, ...sum }] : []
  })
  const explained = groups.reduce((all, { amount }) => all + amount, 0n)
  if (opening + explained !== closing)
    throw new Error(
      `${query.figure} from ${a.day} to ${b.day}: ${opening} and ${explained} are not ${closing}`,
    )
  const money = (minor: bigint) => wireNumber(minor, currency)
  return {
    figure: query.figure,
    currency,
    opening: { ...a, amount: money(opening) },
    closing: { ...b, amount: money(closing) },
    change: money(closing - opening),
    explained: money(explained),
    groups: groups.map(({ group, amount, count }) => ({ group, amount: money(amount), count })),
  }
}

type MoveRow = {
  invoice_id: number
  invoice_number: string
  customer_id: number
  customer_name: string
  amount: string
  kind: string | null
  effective_on: string | null
  effective_after: string | null
  recorded_at: string | null
  import_id: number | null
  file_name: string | null
}

/** The entries, or invoices, behind one group of a change; the largest first. */
export async function listMoves(scope: Scope, query: z.output<typeof WhyRowsQuery>) {
  await readyToSum(scope)
  const { currency } = pointsOf(scope, query)
  const { rows, balances } = movesOf(scope, query)
  const { rows: found } = await sql<MoveRow & { total: number; sum: string }>`
    with b as materialized (${balances}), moves as (${rows}),
    page as (
      select *, count(*) over ()::int as total, (sum(amount) over ())::text as sum from moves where g = ${query.group}
       order by abs(amount) desc, invoice_id, entry_id limit ${query.page_size} offset ${(query.page - 1) * query.page_size})
    select p.invoice_id, i.number as invoice_number, i.customer_id, c.name as customer_name, p.amount::text as amount, p.kind, p.effective_on,
           p.effective_after, p.recorded_at, p.import_id, p.file_name, p.total, p.sum
      from page p
      join invoices i on i.tenant_id = ${scope.tenantId} and i.id = p.invoice_id
      join customers c on c.tenant_id = ${scope.tenantId} and c.id = i.customer_id
     order by abs(p.amount) desc, p.invoice_id, p.entry_id`.execute(scope.db)
  return {
    ...paged(
      found.map(({ total: _, sum: __, amount, ...row }) => ({
        ...row,
        amount: wireNumber(BigInt(amount), currency),
      })),
      found[0]?.total ?? 0,
      query,
    ),
    currency,
    amount: wireNumber(BigInt(found[0]?.sum ?? '0'), currency),
  }
}
