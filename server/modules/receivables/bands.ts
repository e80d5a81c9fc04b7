// How old a debt is where its sender gives no dates: a band of days, kept as stated.

export const bands = ['0-30', '31-90', '91-180', '181-365', '>365'] as const
export type Band = (typeof bands)[number]
const starts = [0, 31, 91, 181, 366]
export const bandOfDays = (days: number): Band =>
  bands[starts.findLastIndex((start) => days >= start)] ?? '0-30'

/** A band of days in one way of writing: `0-30`, `31-90`, `>365`. What is none stays as it is written. */
export function bandText(text: string): string {
  const said = text
    .toLowerCase()
    .replace(/days?|d\b|yrs?\.?|years?/g, (word) => (word.startsWith('y') ? 'y' : ''))
    .trim()
  const between = /^(\d{1,4})\s*(?:-|–|—|to|\/)\s*(\d{1,4})$/.exec(said)
  if (between) return `${Number(between[1])}-${Number(between[2])}`
  const above =
    /^(?:>|over|above|more than)\s*=?\s*(\d{1,4})\s*(y?)$|^(\d{1,4})\s*(y?)\s*(?:\+|and above|& above|plus)$/.exec(
      said,
    )
  if (above) return `>${Number(above[1] ?? above[3]) * ((above[2] ?? above[4]) === 'y' ? 365 : 1)}`
  const below = /^(?:<|under|below|up\s?to|less than)\s*=?\s*(\d{1,4})$/.exec(said)
  if (below) return `0-${Number(below[1])}`
  if (/^(?:current|not due)$/.test(said)) return '0-30'
  // A count of days is as good as a band.
  if (/^\d{1,5}$/.test(said)) return bandOfDays(Number(said))
  return text
}

/** First and last day of a band as `bandText` writes it; an open end is null. Undefined when it is none. */
export function bandDays(text: string): { from: number; to: number | null } | undefined {
  const between = /^(\d{1,4})-(\d{1,4})$/.exec(text)
  if (between) return { from: Number(between[1]), to: Number(between[2]) }
  const above = /^>(\d{1,5})$/.exec(text)
  return above ? { from: Number(above[1]) + 1, to: null } : undefined
}

/** The one of the five bands that holds the whole of a stated one; undefined when it lies across two, or is none. */
export function bandHolding(text: string): Band | undefined {
  const days = bandDays(text)
  if (!days) return undefined
  const at = starts.findLastIndex((start) => days.from >= start)
  const end = starts[at + 1]
  if (at < 0) return undefined
  return end === undefined || (days.to !== null && days.to < end) ? bands[at] : undefined
}
