import { type RawBuilder, sql } from 'kysely'
import { wireNumbers } from '../../core/money.ts'
import type { Scope } from '../../core/scope.ts'
import { disputedAsOf } from '../collections/disputes/as-of.ts'
import { endOf, invoicesAsKnown } from './known.ts'
import { buckets, undated } from './rules.ts'
import { statedPlaces } from './stated-bands.ts'

export type GroupBy = 'none' | 'customer' | 'region' | 'collector' | 'currency'
export type AgeingQuery = {
  as_of?: string
  known_on?: string
  basis: 'due' | 'invoice'
  group_by: GroupBy
  currency?: string
  customer_id?: number
  top?: number
}

/** Where the ledger begins and ends decides how balances of a day are found fastest. */
export type LedgerSpan = { first: string | null; last: string | null }

export async function ledgerSpan(scope: Scope): Promise<LedgerSpan> {
  const { rows } = await sql<LedgerSpan>`
    select (select min(effective_on) from invoice_entries where tenant_id = ${scope.tenantId}) as first,
           (select max(effective_on) from invoice_entries where tenant_id = ${scope.tenantId}) as last`.execute(
    scope.db,
  )
  return rows[0]!
}

/**
 * For the statement that sums what `balancesOf` gives. Groups by customer fit in 64 MB (60,000 of them: 430 ms, in 8 MB 510). Statistics
 * lag behind an import: planned while the ledger was all but empty, each balance of a past day would be found by reading the
 * whole of it, so here nothing is.
 */
export async function readyToSum(scope: Scope, as_of: string, span: LedgerSpan): Promise<void> {
  const isPast = span.last && span.last > as_of
  await scope.client.query(`set local work_mem = '64MB'${isPast ? '; set local enable_seqscan = off' : ''}`)
}

/**
 * Every open balance at the end of a day, of one currency or customer or of all, as `amount` beside the invoice's columns. Today's are
 * the cached open amounts. So are those of a past day for invoices to which nothing happened since; those that began since had
 * none; and the rest, which the day lies within, are few enough to sum their entries one invoice after the other.
 */
export function balancesOf(
  scope: Scope,
  as_of: string,
  span: LedgerSpan,
  only: {
    currency?: string | undefined
    customer_id?: number | undefined
    known_on?: string | undefined
    bands?: boolean
  },
): RawBuilder<unknown> {
  const columns = sql`${only.bands ? sql`i.age_band, ` : sql``}i.customer_id, i.region_key, i.assigned_key, i.aged_from, i.invoice_date, i.currency`
  const mine = sql.join(
    [
      sql`i.tenant_id = ${scope.tenantId}`,
      ...(only.currency ? [sql`i.currency = ${only.currency}`] : []),
      ...(only.customer_id ? [sql`i.customer_id = ${only.customer_id}`] : []),
    ],
    sql` and `,
  )
  // As known then: dated and placed as it was, and wound back by what came to light since, too.
  if (only.known_on)
    return sql`
      select * from (
        select ${columns}, (i.open_amount - coalesce(e.amount, 0))::bigint as amount
          from ${invoicesAsKnown(scope, only.known_on)} i
          left join (${since(scope, as_of, only.known_on)}) e on e.invoice_id = i.id
         where ${mine} and (i.open_amount <> 0 or e.invoice_id is not null)) balances
       where amount <> 0`
  if (!span.last || span.last <= as_of)
    return sql`select ${columns}, i.open_amount as amount from invoices i where ${mine} and i.open_amount <> 0`
  // The day is no condition of the lookup: so it can only go by the invoice, never by the day.
  const then = sql`
    (select coalesce(sum(e.amount) filter (where e.effective_on <= ${as_of}), 0)::bigint
       from invoice_entries e where e.tenant_id = ${scope.tenantId} and e.invoice_id = i.id)`
  // `offset 0`: else a balance would be summed once to be shown and once to be compared.
  return sql`
    select * from (
      select ${columns}, case when i.last_on <= ${as_of} then i.open_amount else ${then} end as amount
        from invoices i where ${mine} and i.open_amount <> 0 and i.first_on <= ${as_of}
      union all
      select ${columns}, ${then} from invoices i where ${mine} and i.open_amount = 0 and i.last_on > ${as_of} and i.first_on <= ${as_of}
      offset 0) balances
     where amount <> 0`
}

/** What took effect after a day, or was not known on another: by invoice. */
export const since = (scope: Scope, as_of: string, known_on: string) => sql`
  select invoice_id, sum(amount)::bigint as amount from invoice_entries
   where tenant_id = ${scope.tenantId} and (effective_on > ${as_of} or recorded_at >= ${endOf(scope, known_on)}) group by invoice_id`

const keys: Record<GroupBy, RawBuilder<unknown>> = {
  none: sql`0`,
  currency: sql`0`,
  customer: sql`customer_id`,
  region: sql`region_key`,
  collector: sql`assigned_key`,
}

/**
 * A group in one row, for sixty thousand rows take longer to read than to sum. `lines`: per bucket five numbers between commas: its place or
 * null, how many invoices, and in minor units what is owed, the credits, and both together.
 */
type GroupRow = { key: number; label: string | null; lines: string }
const PER_LINE = 5

/** One group or all: amounts as they go to the wire, by the place of their bucket. */
export type Aged = { amounts: number[]; counts: number[]; unapplied: number; disputed: number; total: number }

/** Who owes how much for how long, at the end of a day, each bucket with its name beside it. */
export async function getAgeing(scope: Scope, query: AgeingQuery) {
  const { buckets, groups, totals, ...rest } = await sumAgeing(scope, query)
  const spelt = ({ amounts, counts, ...others }: Aged) => ({
    buckets: buckets.map((each, at) => ({ ...each, amount: amounts[at]!, count: counts[at]! })),
    ...others,
  })
  return {
    ...rest,
    groups: groups.map(({ key, label, ...aged }) => ({ key, label, ...spelt(aged) })),
    totals: spelt(totals),
  }
}

/** Credits stand beside the buckets and are netted in the total only. */
export async function sumAgeing(scope: Scope, query: AgeingQuery) {
  const as_of = query.as_of ?? query.known_on ?? scope.today
  const currency = query.currency ?? scope.tenant.currency
  const [span, currencies, stated] = await Promise.all([
    ledgerSpan(scope),
    listCurrencies(scope),
    statedPlaces(scope),
  ])
  if (!query.customer_id && !query.known_on) await readyToSum(scope, as_of, span)
  const edges = scope.tenant.ageing_buckets
  const basis = query.basis === 'due' ? sql`aged_from` : sql`invoice_date`
  // Days overdue d fall into place 0 when d <= 0, into 1 when 1 <= d <= first edge, and so on; null has no date.
  const starts = sql.raw(`array[1, ${edges.map((edge) => edge + 1).join(', ')}]`)
  const { label, names } = labelsOf(query.group_by, scope, currency)
  const disputes = disputedBy(scope, as_of, query, currency)
  const { rows } = await sql<GroupRow>`
    select a.key, ${label} as label, a.lines
      from (select key, string_agg(concat(coalesce(bucket::text, 'null'), ',', count, ',', amount, ',', unapplied, ',', total), ',') as lines
              from (select ${keys[query.group_by]} as key, ${stated ? sql`coalesce(width_bucket(${as_of}::date - ${basis}, ${starts}), ${stated})` : sql`width_bucket(${as_of}::date - ${basis}, ${starts})`} as bucket,
                           coalesce(sum(amount) filter (where amount > 0), 0) as amount,
                           count(*) filter (where amount > 0) as count,
                           coalesce(sum(amount) filter (where amount < 0), 0) as unapplied,
                           sum(amount) as total
                      from (${balancesOf(scope, as_of, span, { currency, customer_id: query.customer_id, known_on: query.known_on, bands: stated !== null })}) balances
                     group by 1, 2) placed
             where count <> 0 or unapplied <> 0
             group by key) a ${names}`.execute(scope.db)
  const disputed = await disputes
  const numbers = exactly(rows, disputed)
  const [isUndated, places] = placesOf(numbers, edges)
  const shown = isUndated ? [...buckets(edges), undated] : buckets(edges)

  const money = wireNumbers(currency)
  const zero = numbers.zero
  // Of all lines, and once more the ledger's own sum beside them: proven on every answer.
  const all = {
    amounts: Array<number>(places).fill(zero),
    counts: Array<number>(places).fill(0),
    unapplied: zero,
    disputed: zero,
    total: zero,
  }
  const groups = rows.map(({ key, label }, nth) => {
    const line = numbers.ofGroup[nth]!
    const amounts = Array<number>(places).fill(zero)
    const counts = Array<number>(places).fill(0)
    let [unapplied, total, sum] = [zero, zero, zero]
    for (let at = 0; at < line.length; at += PER_LINE) {
      const place = line[at] === null ? places - 1 : Number(line[at])
      const [count, amount, credit] = [Number(line[at + 1]), line[at + 2]!, line[at + 3]!]
      amounts[place]! += amount
      counts[place]! += count
      all.amounts[place]! += amount
      all.counts[place]! += count
      unapplied += credit
      sum += amount + credit
      total += line[at + 4]!
    }
    if (sum !== total)
      throw new Error(`The ageing of ${as_of} does not add up: ${sum} in its parts, ${total} in all`)
    all.unapplied += unapplied
    all.total += total
    const inDispute = numbers.disputed.get(key) ?? zero
    all.disputed += inDispute
    return {
      key: query.group_by === 'currency' ? currency : query.group_by === 'none' ? 'all' : String(key),
      label: label ?? '',
      amounts: amounts.map(money),
      counts,
      unapplied: money(unapplied),
      disputed: money(inDispute),
      total: money(total),
    }
  })
  groups.sort((a, b) => b.total - a.total || a.label.localeCompare(b.label))
  const parts = all.amounts.reduce((sum, amount) => sum + amount, all.unapplied)
  return {
    as_of,
    known_on: query.known_on ?? null,
    basis: query.basis,
    currency,
    currencies,
    buckets: shown.map(({ bucket, label, from_days, to_days }) => ({ bucket, label, from_days, to_days })),
    groups: query.top === undefined ? groups : groups.slice(0, query.top),
    totals: {
      amounts: all.amounts.map(money),
      counts: all.counts,
      unapplied: money(all.unapplied),
      disputed: money(all.disputed),
      total: money(all.total),
    },
    proof: { parts: money(parts), balance: money(all.total) },
  }
}

/**
 * What of the balances was in dispute at the end of a day, by group. Disputed invoices are few: they are looked up by themselves, so
 * that the balances of all are read as they would be without disputes.
 */
async function disputedBy(
  scope: Scope,
  as_of: string,
  { group_by, customer_id, known_on }: AgeingQuery,
  currency: string,
): Promise<Map<number, string>> {
  const { tenantId } = scope
  const mine = sql`i.tenant_id = ${tenantId} and i.currency = ${currency} ${customer_id ? sql`and i.customer_id = ${customer_id}` : sql``}`
  const columns = sql`i.customer_id, i.region_key, i.assigned_key`
  const known = known_on ? endOf(scope, known_on) : undefined
  const then = known ? sql`and e.recorded_at < ${known}` : sql``
  const parts =
    as_of >= scope.today && !known
      ? sql`
        select ${columns}, i.open_amount as balance, case when i.stated_disputed then i.open_amount else i.disputed_by_hand end as amount
          from invoices i where ${mine} and i.is_disputed`
      : sql`
        select ${columns}, d.amount,
               (select coalesce(sum(e.amount) filter (where e.effective_on <= ${as_of} ${then}), 0)::bigint
                  from invoice_entries e where e.tenant_id = ${tenantId} and e.invoice_id = i.id) as balance
          from (${disputedAsOf(scope, as_of, known)}) d join ${invoicesAsKnown(scope, known_on)} i on i.id = d.invoice_id and ${mine}`
  const { rows } = await sql<{ key: number; disputed: string }>`
    select ${keys[group_by]} as key, sum(least(balance, amount))::text as disputed
      from (${parts}) disputed where balance > 0 group by 1`.execute(scope.db)
  return new Map(rows.map(({ key, disputed }) => [key, disputed]))
}

/**
 * The lines of every group: numbers where no sum of them can leave the range in which these are exact, as in all books that imports
 * made; else bigint, whose every addition takes ten times as long. Both are typed as number: they add up and compare alike.
 */
function exactly(rows: readonly GroupRow[], disputed: ReadonlyMap<number, string>) {
  const ofGroup = rows.map(({ lines }) => JSON.parse(`[${lines}]`) as (number | null)[])
  let most = 0
  for (const line of ofGroup) for (const number of line) most += Math.abs(number ?? 0)
  for (const amount of disputed.values()) most += Number(amount)
  if (most < Number.MAX_SAFE_INTEGER)
    return {
      zero: 0,
      ofGroup,
      disputed: new Map([...disputed].map(([key, amount]) => [key, Number(amount)])),
    }
  const exact = (text: string) => BigInt(text) as unknown as number
  return {
    zero: exact('0'),
    ofGroup: rows.map(({ lines }) => lines.split(',').map((text) => (text === 'null' ? null : exact(text)))),
    disputed: new Map([...disputed].map(([key, amount]) => [key, exact(amount)])),
  }
}

/** Whether anything is owed of which no day is known, and how many buckets there are with that. */
function placesOf({ ofGroup }: ReturnType<typeof exactly>, edges: readonly number[]): [boolean, number] {
  let isUndated = false
  for (const line of ofGroup)
    for (let at = 0; at < line.length; at += PER_LINE)
      if (line[at] === null && Number(line[at + 1]) > 0) isUndated = true
  return [isUndated, buckets(edges).length + (isUndated ? 1 : 0)]
}

/** The report as it travels, written in one go: by customer it has 80,000 buckets of which two numbers differ. */
export function ageingText({
  buckets,
  groups,
  totals,
  ...rest
}: Awaited<ReturnType<typeof sumAgeing>>): string {
  const heads = buckets.map(
    (each, at) => `${at > 0 ? ',' : ''}${JSON.stringify(each).slice(0, -1)},"amount":`,
  )
  const empty = heads.map((head) => `${head}0,"count":0}`)
  const parts = ({ amounts, counts, unapplied, disputed, total }: Aged) => {
    let text = '"buckets":['
    for (let at = 0; at < heads.length; at++)
      text += counts[at] === 0 ? empty[at] : `${heads[at]}${amounts[at]},"count":${counts[at]}}`
    return `${text}],"unapplied":${unapplied},"disputed":${disputed},"total":${total}}`
  }
  const each = groups.map(
    (group) => `{"key":"${group.key}","label":${JSON.stringify(group.label)},${parts(group)}`,
  )
  return `${JSON.stringify(rest).slice(0, -1)},"groups":[${each.join(',')}],"totals":{${parts(totals)}}`
}

function labelsOf(groupBy: GroupBy, scope: Scope, currency: string) {
  switch (groupBy) {
    case 'none':
      return { label: sql`'All'`, names: sql`` }
    case 'currency':
      return { label: sql`${currency}::text`, names: sql`` }
    case 'customer':
      return {
        label: sql`c.name`,
        names: sql`left join customers c on c.tenant_id = ${scope.tenantId} and c.id = a.key`,
      }
    case 'region':
      return {
        label: sql`coalesce(r.name, 'No region')`,
        names: sql`left join regions r on r.tenant_id = ${scope.tenantId} and r.id = a.key`,
      }
    case 'collector':
      return {
        label: sql`coalesce(nullif(u.full_name, ''), u.username, 'Nobody')`,
        names: sql`left join users u on u.id = a.key`,
      }
  }
}

/**
 * The currencies in the books, as far as the actor sees them: of what is settled by now only somebody who sees all of it
 * is told. Hops from one to the next in the index of open invoices,
 * whatever their number.
 */
async function listCurrencies(scope: Scope): Promise<string[]> {
  const imported = sql`
    union
    select jsonb_array_elements_text(coverage -> 'currencies') from imports
     where tenant_id = ${scope.tenantId} and status = 'published'`
  const { rows } = await sql<{ currency: string }>`
    with recursive open (currency) as (
      (select i.currency from invoices i where i.tenant_id = ${scope.tenantId} and i.open_amount <> 0 order by i.currency limit 1)
      union all
      select (select i.currency from invoices i
               where i.tenant_id = ${scope.tenantId} and i.open_amount <> 0 and i.currency > o.currency order by i.currency limit 1)
        from open o where o.currency is not null
    )
    select currency from open where currency is not null
    ${scope.actor.row_access === 'all' ? imported : sql``}
     order by 1`.execute(scope.db)
  return rows.map((row) => row.currency)
}
