import { dayNumber, isBlankDate, readDay } from '../../core/dates.ts'
import { cut } from '../../core/schema.ts'
import type { Row } from '../../core/tabular.ts'
import { nameOf } from './mapping.ts'

// The day of a snapshot, where its sender writes it down: in the file's name, in a title above the header, or in a column of
// its own. Only what can be read in one way proves a day.

/** A day and the words that say so. */
export type FoundDay = { day: string; proof: string }

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const gap = '[-_. /]'
const month = `(${months.join('|')})[a-z]*`
const year = '((?:19|20)\\d\\d)'
/** A time of the day may follow without a gap, as in 20260630101500. */
const end = '(?:[T_-]?\\d{6}|[T_-]?\\d{4})?(?!\\d)'
const forms: [RegExp, (found: string[]) => (string | number)[] | undefined][] = [
  [new RegExp(`(?<!\\d)${year}(${gap}?)(\\d\\d)\\2(\\d\\d)${end}`, 'gi'), ([, y, , m, d]) => [y!, m!, d!]],
  [
    new RegExp(
      `(?<!\\d)(\\d{1,2})(${gap})(\\d{1,2})\\2${year}(?!\\d)|(?<!\\d)(\\d\\d)(\\d\\d)${year}(?!\\d)`,
      'gi',
    ),
    ([, d1, , m1, y1, d2, m2, y2]) => {
      const [first, second, y] = [Number(d1 ?? d2), Number(m1 ?? m2), (y1 ?? y2)!]
      // 03-04-2026 is two days: neither is proven.
      if (first <= 12 && second <= 12 && first !== second) return undefined
      return first > 12 ? [y, second, first] : [y, first, second]
    },
  ],
  [
    new RegExp(`(?<!\\d)(\\d{1,2})(?:st|nd|rd|th)?[-_. ,/]*${month}[-_. ,/]*${year}(?!\\d)`, 'gi'),
    ([, d, name, y]) => [y!, months.indexOf(name!.toLowerCase()) + 1, d!],
  ],
  [
    new RegExp(`(?<![a-z])${month}[-_. /]*(\\d{1,2})(?:st|nd|rd|th)?[-_. ,/]+${year}(?!\\d)`, 'gi'),
    ([, name, d, y]) => [y!, months.indexOf(name!.toLowerCase()) + 1, d!],
  ],
]

/** The days that a text names, in its order. */
function daysIn(text: string): string[] {
  const found = forms.flatMap(([form, read]) =>
    [...text.matchAll(form)].flatMap((match) => {
      const parts = read([...match])
      if (!parts) return []
      const [y, m, d] = parts.map((part) => String(part).padStart(2, '0'))
      const day = `${y}-${m}-${d}`
      return isDay(day) ? [{ at: match.index, day }] : []
    }),
  )
  return found.sort((a, b) => a.at - b.at).map(({ day }) => day)
}

function isDay(day: string): boolean {
  const number = dayNumber(day)
  return !Number.isNaN(number) && new Date(number * 86_400_000).toISOString().startsWith(day)
}

/** The one day in the name of a file. */
export function dayInName(name: string): FoundDay | undefined {
  const [day, ...others] = new Set(daysIn(name))
  return day !== undefined && others.length === 0 ? { day, proof: name } : undefined
}

const asOf =
  /\b(?:as (?:of|at|on)|(?:report|statement|snapshot|balance|run) date|date|until|through|up to|to|stand(?: vom)?|stichtag|per)\b/i

/** A title above the header says it: "As of March 31, 2026", "1-Apr-2025 to 31-Mar-2026". */
export function dayInTitles(above: readonly Row[]): FoundDay | undefined {
  for (const { row, cells } of above) {
    const text = cells
      .map((cell) => cell.trim())
      .filter(Boolean)
      .join(', ')
      .replaceAll(':, ', ': ')
    const at = asOf.exec(text)
    const day = at && daysIn(text.slice(at.index)).at(-1)
    if (day) return { day, proof: `row ${row}: ${cut(text, 120)}` }
  }
  return undefined
}

const headers = new Set(
  ['as of', 'as of date', 'as at', 'as on', 'report date', 'snapshot date', 'balance date', 'stichtag'].map(
    nameOf,
  ),
)

/** A column of its own says it, the same day in every row. */
export function dayInColumn(columns: readonly string[], rows: readonly Row[]): FoundDay | undefined {
  for (const [at, column] of columns.entries()) {
    if (!headers.has(nameOf(column))) continue
    const cells = new Set(
      rows.map(({ cells }) => cells[at]?.trim() ?? '').filter((cell) => !isBlankDate(cell)),
    )
    const [cell] = cells
    if (cell === undefined || cells.size > 1) continue
    const iso = readDay(cell, { order: 'ymd', mangled: false })
    const days = new Set(daysIn(cell))
    const [day] = 'day' in iso ? [iso.day] : days
    if (day !== undefined && days.size <= 1) return { day, proof: `column ${column}: ${cell}` }
  }
  return undefined
}
