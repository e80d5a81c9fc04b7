import { sql } from 'kysely'
import { exponentOf } from '../../core/money.ts'
import type { Scope } from '../../core/scope.ts'

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
