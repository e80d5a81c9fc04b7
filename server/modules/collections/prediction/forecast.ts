import { type Dated, type Known, walk } from './history.ts'
import { laterThan, type Model, type Prediction, predict, train } from './model.ts'

// Expected cash by week: every open invoice's chances of being paid in each week, summed. A customer's invoices are paid or not
// paid together more often than not, so within a customer nothing averages out.

/** What is open and not disputed. Days are day numbers, amounts minor units of one currency. */
export type Owed = {
  customer: number
  due: number
  amount: number
  size: number
  /** A promise in force: what was promised counts on its day, with the customer's kept rate. */
  promise?: { day: number; amount: number; kept: number } | undefined
}

export type Week = {
  /** First day of the week, a day number. */
  from: number
  /** In the middle of what may come: as likely more as less. */
  p50: number
  /** Comes with 80 % certainty. */
  p80: number
  /** Of p50, what rests on promises. */
  promised: number
}

const DAYS = 7
/** The 80 % point of the normal distribution, one-sided. */
const Z80 = 0.8416

/** Weeks from `today` on; what is expected after them is `later`. */
export function expectedCash(
  model: Model,
  known: Known,
  owed: readonly Owed[],
  today: number,
  count: number,
): { weeks: Week[]; later: number } {
  const mean = new Array<number>(count).fill(0)
  const promised = new Array<number>(count).fill(0)
  const variance = new Array<number>(count).fill(0)
  let later = 0
  for (const [customer, items] of Map.groupBy(owed, (each) => each.customer)) {
    const deviation = new Array<number>(count).fill(0)
    const expect = (amount: number, at: number, chance: number) => {
      mean[at]! += amount * chance
      deviation[at]! += amount * Math.sqrt(chance * (1 - chance))
    }
    for (const { due, amount, size, promise } of items) {
      let rest = amount
      const at = promise ? Math.floor((promise.day - today) / DAYS) : -1
      if (promise && at >= 0 && at < count) {
        const said = Math.min(promise.amount, amount)
        rest -= said
        expect(said, at, promise.kept)
        promised[at]! += said * promise.kept
        later += said * (1 - promise.kept)
      }
      const chances = weekly(model, predict(model, { customer, amount: size }, known), today - due, count)
      for (const [week, chance] of chances.entries()) expect(rest, week, chance)
      later += rest * (1 - chances.reduce((sum, chance) => sum + chance, 0))
    }
    for (const [week, value] of deviation.entries()) variance[week]! += value * value
  }
  return {
    weeks: mean.map((p50, at) => ({
      from: today + at * DAYS,
      p50,
      p80: Math.max(0, p50 - Z80 * Math.sqrt(variance[at]!)),
      promised: promised[at]!,
    })),
    later,
  }
}

/** The chances of being paid within each of the next weeks, `elapsed` days after the due date (negative before it). */
function weekly(model: Model, prediction: Prediction, elapsed: number, count: number): number[] {
  // The morning of today: what is paid today is still to come.
  const days = laterThan(model, prediction, elapsed - 1)
  let before = 0
  return Array.from({ length: count }, (_, at) => {
    const until = countUpTo(days, elapsed + (at + 1) * DAYS - 1)
    const chance = (until - before) / days.length
    before = until
    return chance
  })
}

/** How many of the sorted `days`, rounded to whole days, are at most `last`. */
function countUpTo(days: readonly number[], last: number): number {
  let [low, high] = [0, days.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (days[middle]! < last + 0.5) low = middle + 1
    else high = middle
  }
  return low
}

export type ForecastTest = { from: number; expected: number; safe: number; came: number }

/**
 * What would have been said on past days about the four weeks after each, and what came: expected (P50), safe (P80) and came, in
 * minor units, for invoices that were open on that day.
 */
export function testForecast(invoices: readonly Dated[], days: readonly number[]): ForecastTest[] {
  return days.flatMap((day) => {
    const model = train(invoices, day)
    if (!model) return []
    const open = invoices.filter(
      ({ issued, settled }) => issued < day && (settled === null || Math.max(settled, issued) >= day),
    )
    const { weeks } = expectedCash(
      model,
      walk(invoices, day),
      open.map((each) => ({ ...each, size: each.amount })),
      day,
      4,
    )
    const came = open
      .filter(({ settled }) => settled !== null && settled < day + 4 * DAYS)
      .reduce((sum, { amount }) => sum + amount, 0)
    const sum = (key: 'p50' | 'p80') => weeks.reduce((total, week) => total + week[key], 0)
    return [{ from: day, expected: sum('p50'), safe: sum('p80'), came }]
  })
}
