/** Months and financial years as the sheets name them. No clock, no database. */

const names = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] as const
const two = (n: number) => String(n).padStart(2, '0')
const first = (year: number, month: number) => `${year}-${two(month)}-01`

/** `2025-04-01` -> `Apr-25`. */
export function monthText(month: string): string {
  const name = names[Number(month.slice(5, 7)) - 1]!
  return `${name[0]!.toUpperCase()}${name.slice(1)}-${month.slice(2, 4)}`
}

export const addMonths = (month: string, count: number): string => {
  const at = Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1 + count
  return first(Math.floor(at / 12), (at % 12) + 1)
}
/** The last day of a month. */
export const monthEnd = (month: string): string =>
  new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)), 0)).toISOString().slice(0, 10)

/** The financial year that holds a month: `2025-2026`. `start` is the month in which it begins. */
export function yearOf(month: string, start: number): string {
  const year = Number(month.slice(0, 4)) - (Number(month.slice(5, 7)) < start ? 1 : 0)
  return `${year}-${start === 1 ? year : year + 1}`
}
/** The twelve months of a financial year. */
export const monthsOf = (year: string, start: number): string[] =>
  Array.from({ length: 12 }, (_, at) => addMonths(first(Number(year.slice(0, 4)), start), at))

/** `2025-2026`, `2025-26`, `FY 25-26` or `2025` as `2025-2026`. */
export function readYear(text: string, start: number): string | undefined {
  const match = /^(?:fy)?\s*'?(\d{4}|\d{2})(?:\s*[-/–]\s*(\d{4}|\d{2}))?$/i.exec(text.trim())
  if (!match) return undefined
  const whole = (part: string) => (part.length === 2 ? 2000 + Number(part) : Number(part))
  const from = whole(match[1]!)
  const to = start === 1 ? from : from + 1
  if (from < 1990 || from > 2100 || (match[2] !== undefined && whole(match[2]) !== to)) return undefined
  return `${from}-${to}`
}

/**
 * `Apr-25`, `April 2025` and `2025-04` as the first day of the month; `April` alone is that of the financial year.
 * Undefined when the text is no month, or none without a year.
 */
export function readMonth(text: string, year: string | undefined, start: number): string | undefined {
  const iso = /^(\d{4})-(\d{1,2})(?:-01)?$/.exec(text.trim())
  if (iso)
    return Number(iso[2]) >= 1 && Number(iso[2]) <= 12 ? first(Number(iso[1]), Number(iso[2])) : undefined
  const match = /^([a-z]{3,9})\.?(?:[\s,'’/-]*(\d{4}|\d{2}))?$/i.exec(text.trim())
  const at = match ? names.findIndex((name) => match[1]!.toLowerCase().startsWith(name)) : -1
  if (!match || at < 0) return undefined
  const said = match[2]
  if (said) return first(said.length === 2 ? 2000 + Number(said) : Number(said), at + 1)
  if (!year) return undefined
  return first(Number(year.slice(0, 4)) + (at + 1 < start ? 1 : 0), at + 1)
}

const named =
  /(?<![a-z])(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![a-z])(?:[\s'’_.,-]*(?:\d{1,2}(?:st|nd|rd|th)?[\s,._-]+)?(20\d\d)(?!\d)|[\s'’_.-]*(\d\d)(?!\d))?/gi
const numbered = /(?<!\d)(20\d\d)[-_. ]?(0[1-9]|1[0-2])(?!\d{3,})/g

/**
 * The months that a file's name or header speaks of, each once: `July.Outstg.Amt`, `Outstanding Apr-25`, `2025-04`. Without a year it
 * is that of the financial year, else the last such month that has begun.
 */
export function monthsIn(text: string, year: string | undefined, start: number, today: string): string[] {
  const found: string[] = [...text.matchAll(numbered)].map(([, y, m]) => first(Number(y), Number(m)))
  for (const [, word, long, short] of text.matchAll(named)) {
    const at = names.findIndex((name) => word!.toLowerCase().startsWith(name)) + 1
    const said = long ?? (short && `20${short}`)
    if (said) found.push(first(Number(said), at))
    else if (year) found.push(first(Number(year.slice(0, 4)) + (at < start ? 1 : 0), at))
    else {
      const now = Number(today.slice(0, 4))
      found.push(first(first(now, at) > today ? now - 1 : now, at))
    }
  }
  return [...new Set(found)]
}
