import { addDays, daysBetween } from '../../core/dates.ts'

// The figures of the field, from sums in minor units. What cannot be said is null with the reason, never 0.

export type Figure = { value: number; reason?: undefined } | { value: null; reason: string }
const of = (value: number): Figure => ({ value })
const not = (reason: string): Figure => ({ value: null, reason })

const nothingBilled = (days: number) =>
  not(`Nothing was billed in these ${days} days, so there is nothing to divide by.`)

/** Receivables over what was billed, in days. */
export const daysOf = (receivable: bigint, billed: bigint, days: number): Figure =>
  billed > 0n ? of((Number(receivable) / Number(billed)) * days) : nothingBilled(days)

export const difference = (a: Figure, b: Figure): Figure =>
  a.value === null ? a : b.value === null ? b : of(a.value - b.value)

export const percentOf = (part: bigint, whole: bigint, reason: string): Figure =>
  whole > 0n ? of((Number(part) / Number(whole)) * 100) : not(reason)

/** Of what could be collected in a period, what was: 100 when nothing is left but what is not yet due. */
export function collectionEffectiveness(sums: {
  opening: bigint
  billed: bigint
  closing: bigint
  current: bigint
}): Figure {
  const collectable = sums.opening + sums.billed - sums.current
  return percentOf(
    sums.opening + sums.billed - sums.closing,
    collectable,
    'There was nothing to collect: what was owed at the beginning or billed since is not yet due.',
  )
}

/** Σ weight × days ÷ Σ weight. */
export const weighted = (weightedDays: bigint, weight: bigint, reason: string): Figure =>
  weight > 0n ? of(Number(weightedDays) / Number(weight)) : not(reason)

export const monthStart = (day: string) => `${day.slice(0, 7)}-01`
/** The last days of the months before the day, newest first, beginning with the month before the day's own. */
export function monthEndsBefore(day: string, count: number): string[] {
  const ends: string[] = []
  for (let end = addDays(monthStart(day), -1); ends.length < count; end = addDays(monthStart(end), -1))
    ends.push(end)
  return ends
}

/**
 * Takes the billing of whole months off the receivables, from the day backwards; the last month counts in proportion. Answers how
 * many days of billing are unpaid.
 */
export function countBack(
  receivable: bigint,
  day: string,
  first: string,
  billedIn: (from: string, to: string) => bigint,
): Figure {
  if (receivable === 0n && billedIn(first, day) <= 0n)
    return not('Nothing is owed on this day, and nothing was billed before it.')
  let left = receivable
  let days = 0
  for (let to = day; left > 0n; to = addDays(monthStart(to), -1)) {
    if (to < first)
      return not(
        'The books hold less billing than is owed: older invoices came without the rest of their months.',
      )
    const from = monthStart(to)
    const billed = billedIn(from, to)
    const length = daysBetween(from, to) + 1
    if (billed > left) return of(days + (Number(left) / Number(billed)) * length)
    days += length
    if (billed > 0n) left -= billed
  }
  return of(days)
}
