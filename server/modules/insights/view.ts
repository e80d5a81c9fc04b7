import { sql } from 'kysely'
import { addDays, daysBetween } from '../../core/dates.ts'
import { Refusal } from '../../core/errors.ts'
import { wireNumber } from '../../core/money.ts'
import type { Scope } from '../../core/scope.ts'
import { convert, type Rate, ratesOn } from './rates.ts'

export type ViewQuery = {
  as_of?: string | undefined
  from?: string | undefined
  known_on?: string | undefined
  currency?: string | undefined
  reporting?: string | undefined
}

/** What every answer of this module speaks of: a day, the period that ends with it, what was known, and in which money. */
export type View = {
  as_of: string
  from: string
  /** The day before the period: its closing balances are what the period begins with. */
  before: string
  days: number
  known_on: string | null
  /** The money of the answer. */
  currency: string
  /** Null when amounts of every currency are converted. */
  only: string | null
  rates: Rate[]
  /** Minor units of `currency`. */
  money(minor: bigint | string | number, of: string): bigint
  wire(minor: bigint): number
}

const PERIOD = 90

export async function viewOf(scope: Scope, query: ViewQuery): Promise<View> {
  const as_of = query.as_of ?? query.known_on ?? scope.today
  const from = query.from ?? addDays(as_of, 1 - PERIOD)
  if (from > as_of)
    throw new Refusal(422, 'period_backwards', `The period begins on ${from}, after its last day, ${as_of}.`)
  if (query.currency && query.reporting)
    throw new Refusal(
      422,
      'currency_twice',
      'Ask for the invoices of one currency (currency), or for all of them in one money (reporting), not for both.',
    )
  const currency = query.reporting ?? query.currency ?? scope.tenant.currency
  const only = query.reporting ? null : currency
  const rates = only ? new Map<string, Rate>() : await ratesOn(scope, as_of)
  const used = new Map<string, Rate>()
  const rateOf = (code: string): Rate => {
    if (code === scope.tenant.currency) return { currency: code, day: as_of, rate: '1' }
    const rate = rates.get(code)
    if (!rate)
      throw new Refusal(
        422,
        'rate_missing',
        `There is no rate for ${code} on or before ${as_of}. Add one to the rates of the organisation, or look at one currency at a time.`,
      )
    used.set(code, rate)
    return rate
  }
  return {
    as_of,
    from,
    before: addDays(from, -1),
    days: daysBetween(from, as_of) + 1,
    known_on: query.known_on ?? null,
    currency,
    only,
    get rates() {
      return [...used.values()].sort((a, b) => a.currency.localeCompare(b.currency))
    },
    money: (minor, of) =>
      of === currency ? BigInt(minor) : convert(BigInt(minor), rateOf(of), rateOf(currency)),
    wire: (minor) => wireNumber(minor, currency),
  }
}

/** What an answer says of its view. */
export const viewFacts = (view: View) => ({
  as_of: view.as_of,
  from: view.from,
  days: view.days,
  known_on: view.known_on,
  currency: view.currency,
  is_converted: view.only === null,
  rates: view.rates,
})

export const ofCurrency = (view: View) => (view.only ? sql`and i.currency = ${view.only}` : sql``)
