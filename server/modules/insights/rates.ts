import { sql } from 'kysely'
import type { z } from 'zod'
import { type Issue, notFound, Refusal } from '../../core/errors.ts'
import { exponentOf, isCurrency } from '../../core/money.ts'
import { date, paged } from '../../core/schema.ts'
import type { Scope } from '../../core/scope.ts'
import type { RateInput, RateQuery, RatesPasted } from './schemas.ts'

/** One unit of `currency` was worth `rate` of the organisation's own currency from `day` on. */
export type Rate = { currency: string; day: string; rate: string }

/** The latest rate of each currency on or before a day. */
export async function ratesOn(scope: Scope, day: string): Promise<Map<string, Rate>> {
  const { rows } = await sql<Rate>`
    select distinct on (currency) currency, day, rate::text as rate
      from rates where tenant_id = ${scope.tenantId} and day <= ${day}
     order by currency, day desc`.execute(scope.db)
  return new Map(rows.map((rate) => [rate.currency, { ...rate, rate: plain(rate.rate) }]))
}
/** 0.0120000000 -> 0.012 */
const plain = (rate: string) => (rate.includes('.') ? rate.replace(/0+$/, '').replace(/\.$/, '') : rate)

const PLACES = 10
const scaled = (rate: string) => {
  const [whole, decimals = ''] = rate.split('.')
  return BigInt(whole! + decimals.padEnd(PLACES, '0').slice(0, PLACES))
}

/** Minor units of one currency in another by their rates; halves are rounded away from zero. */
export function convert(minor: bigint, from: Rate, to: Rate): bigint {
  const over = minor * scaled(from.rate) * 10n ** BigInt(exponentOf(to.currency))
  const under = scaled(to.rate) * 10n ** BigInt(exponentOf(from.currency))
  const [size, negative] = over < 0n ? [-over, true] : [over, false]
  const rounded = (2n * size + under) / (2n * under)
  return negative ? -rounded : rounded
}

// ---- the table ------------------------------------------------------------------------------------------------------

export async function listRates(scope: Scope, query: z.output<typeof RateQuery>) {
  const where = sql`
    from rates r left join users u on u.id = r.created_by
   where r.tenant_id = ${scope.tenantId} ${query.currency ? sql`and r.currency = ${query.currency}` : sql``}`
  const [{ rows }, { rows: counts }, { rows: currencies }] = await Promise.all([
    sql<Rate & { source: string | null; by: string | null; created_at: string }>`
      select r.currency, r.day, r.rate::text as rate, r.source, coalesce(nullif(u.full_name, ''), u.username) as by, r.created_at ${where}
       order by r.day desc, r.currency limit ${query.page_size} offset ${(query.page - 1) * query.page_size}`.execute(
      scope.db,
    ),
    sql<{ count: number }>`select count(*)::int as count ${where}`.execute(scope.db),
    sql<{
      currency: string
    }>`select distinct currency from rates where tenant_id = ${scope.tenantId} order by 1`.execute(scope.db),
  ])
  return {
    ...paged(
      rows.map((row) => ({ ...row, rate: plain(row.rate) })),
      counts[0]!.count,
      query,
    ),
    base: scope.tenant.currency,
    currencies: currencies.map(({ currency }) => currency),
  }
}

const wrong = (issues: Issue[]) =>
  new Refusal(
    422,
    'invalid',
    `${issues[0]!.message}${issues.length > 1 ? ` And ${issues.length - 1} more.` : ''}`,
    { issues },
  )

/** What is wrong with a rate, if anything. */
function problemOf(scope: Scope, { currency, rate }: { currency: string; rate: string }): string | undefined {
  if (!isCurrency(currency))
    return `${currency || 'Nothing'} is not a currency; write three letters such as EUR.`
  if (currency === scope.tenant.currency)
    return `${currency} is the organisation's own currency: one of it is one of it.`
  if (!ratePattern.test(rate) || Number(rate) <= 0)
    return 'A rate is a number above zero with at most ten decimals and a point, such as 1.0842.'
  return undefined
}
const ratePattern = /^\d{1,10}(\.\d{1,10})?$/

/** Says what a currency is worth from a day on; said again for the same day, the last word counts. */
export async function putRates(scope: Scope, rates: (Rate & { source: string | null })[]) {
  const { rows } = await sql<{ fresh: boolean }>`
    insert into rates (tenant_id, currency, day, rate, source, created_by, created_at)
    select ${scope.tenantId}, r.currency, r.day, r.rate, r.source, ${scope.userId}, ${scope.now}
      from jsonb_to_recordset(${JSON.stringify(rates)}::jsonb) as r(currency text, day date, rate numeric, source text)
        on conflict (tenant_id, currency, day) do update set rate = excluded.rate, source = excluded.source, created_by = excluded.created_by,
           created_at = excluded.created_at
     where rates.rate <> excluded.rate or rates.source is distinct from excluded.source
    returning (xmax = 0) as fresh`.execute(scope.db)
  const added = rows.filter(({ fresh }) => fresh).length
  const summary = { added, changed: rows.length - added, unchanged: rates.length - rows.length }
  if (rows.length > 0)
    await scope.record('rate.set', null, {
      ...summary,
      currencies: [...new Set(rates.map((rate) => rate.currency))].sort(),
    })
  return summary
}

export async function putRate(scope: Scope, { source, ...rate }: z.output<typeof RateInput>) {
  const problem = problemOf(scope, rate)
  if (problem)
    throw wrong([
      {
        in: 'body',
        path: isCurrency(rate.currency) && rate.currency !== scope.tenant.currency ? 'rate' : 'currency',
        code: 'invalid',
        message: problem,
      },
    ])
  return putRates(scope, [{ ...rate, source: source || null }])
}

/** Lines of `currency, day, rate`, as a sheet or a bank's page gives them when copied. All of them are taken, or none. */
export async function importRates(scope: Scope, { text, source }: z.output<typeof RatesPasted>) {
  const rates = new Map<string, Rate & { source: string | null }>()
  const errors: Issue[] = []
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    const cells = line
      .split(line.includes('\t') ? '\t' : line.includes(';') ? ';' : ',')
      .map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))
    if (cells.every((cell) => cell === '')) continue
    const currency = (cells[0] ?? '').toUpperCase()
    const day = cells[1] ?? ''
    const rate = cells[2] ?? ''
    // Column names.
    if (at === 0 && !/\d/.test(line)) continue
    const isDay = date.safeParse(day).success
    const problem =
      cells.length < 3
        ? 'Write currency, day and rate.'
        : !isDay
          ? `${day || 'Nothing'} is not a day; write it as YYYY-MM-DD.`
          : problemOf(scope, { currency, rate })
    if (problem)
      errors.push({
        in: 'body',
        path: `text.${at + 1}`,
        code: 'invalid',
        message: `Line ${at + 1}: ${problem}`,
      })
    else rates.set(`${currency} ${day}`, { currency, day, rate, source: source || null })
  }
  if (errors.length > 0) throw wrong(errors.slice(0, 50))
  if (rates.size === 0)
    throw wrong([
      {
        in: 'body',
        path: 'text',
        code: 'empty',
        message: 'There is no rate in it. Write one per line: EUR, 2026-01-31, 1.0842',
      },
    ])
  return putRates(scope, [...rates.values()])
}

export async function deleteRate(scope: Scope, { currency, day }: { currency: string; day: string }) {
  const { rows } = await sql<{ rate: string }>`
    delete from rates where tenant_id = ${scope.tenantId} and currency = ${currency} and day = ${day} returning rate::text as rate`.execute(
    scope.db,
  )
  if (!rows[0]) throw notFound('This rate')
  await scope.record('rate.removed', null, { currency, day, rate: plain(rows[0].rate) })
  return { currency, day, rate: plain(rows[0].rate) }
}
