/**
 * Business days as `YYYY-MM-DD` text, and how they are read out of files. A day written with digits alone (03/04/2026)
 * is two different days; which one is decided for a whole column from all its values, with the rows that prove it,
 * or asked. It is never guessed row by row.
 */

import { isFormula, noResult } from './table.ts'

/** The order of day, month and year where all three are digits. */
export type DateOrder = 'dmy' | 'mdy' | 'ymd'
export const dateOrders = ['dmy', 'mdy', 'ymd'] as const

const DAY_MS = 86_400_000
export const dayNumber = (day: string): number => Date.parse(`${day}T00:00:00Z`) / DAY_MS
/** The day `days` later (earlier when negative). */
export const addDays = (day: string, days: number): string =>
  new Date((dayNumber(day) + days) * DAY_MS).toISOString().slice(0, 10)
/** Whole calendar days from `from` to `to`. */
export const daysBetween = (from: string, to: string): number => dayNumber(to) - dayNumber(from)

const YEAR_MIN = 1970
const YEAR_MAX = 2100
const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const leap = (year: number) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
const two = (value: number) => (value < 10 ? `0${value}` : `${value}`)

function calendarDay(year: number, month: number, day: number): string | undefined {
  if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12 || day < 1) return undefined
  if (day > (month === 2 && leap(year) ? 29 : monthLengths[month - 1]!)) return undefined
  return `${year}-${two(month)}-${two(day)}`
}

const time = String.raw`(?:[T ,]\s*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[AP]M)?(?:\s?(?:Z|UTC|[+-]\d{2}:?\d{2}))?)?`
const yearFirst = new RegExp(String.raw`^(\d{4})([-/. ])(\d{1,2})\2(\d{1,2})${time}$`, 'i')
const yearLast = new RegExp(String.raw`^(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})${time}$`, 'i')
const compact = /^(\d{2})(\d{2})(\d{2})(\d{2})$/
const dayMonthName = new RegExp(
  String.raw`^(\d{1,2})[-/. ]*([a-z]{3,9})\.?[-/., ]*(\d{4}|\d{2})${time}$`,
  'i',
)
const monthNameDay = new RegExp(
  String.raw`^([a-z]{3,9})\.?[-/. ]*(\d{1,2})(?:st|nd|rd|th)?[-/., ]+(\d{4})${time}$`,
  'i',
)
const months = 'january february march april may june july august september october november december'.split(
  ' ',
)
const monthNamed = (text: string) => {
  const wanted = text.toLowerCase()
  return wanted === 'sept'
    ? 9
    : months.findIndex((month) => month === wanted || month.slice(0, 3) === wanted) + 1
}
const century = (digits: string) =>
  digits.length === 4 ? Number(digits) : Number(digits) + (digits < '70' ? 2000 : 1900)

/** The day that a cell names beyond doubt: year first, or with the month in letters. */
function certainDay(cell: string): string | undefined {
  const first = yearFirst.exec(cell)
  if (first) return calendarDay(Number(first[1]), Number(first[3]), Number(first[4]))
  const named = dayMonthName.exec(cell)
  if (named) return calendarDay(century(named[3]!), monthNamed(named[2]!), Number(named[1]))
  const american = monthNameDay.exec(cell)
  if (american) return calendarDay(Number(american[3]), monthNamed(american[1]!), Number(american[2]))
  return undefined
}

type Readings = Partial<Record<DateOrder, string>>

/** The days that a cell of digits can mean. A year of two digits comes last, as everywhere where dates have slashes. */
function readingsOf(cell: string): Readings | undefined {
  const last = yearLast.exec(cell)
  if (last) {
    const [a, b, year] = [Number(last[1]), Number(last[3]), century(last[4]!)]
    return { dmy: calendarDay(year, b, a), mdy: calendarDay(year, a, b) }
  }
  const run = compact.exec(cell)
  if (run) {
    const [a, b, c, d] = run.slice(1).map(Number) as [number, number, number, number]
    return {
      ymd: calendarDay(a * 100 + b, c, d),
      dmy: calendarDay(c * 100 + d, b, a),
      mdy: calendarDay(c * 100 + d, a, b),
    }
  }
  return undefined
}

type Interpretation = { certain?: string; readings: Readings; possible: DateOrder[]; differ: boolean }

function interpret(cell: string): Interpretation {
  const certain = certainDay(cell)
  if (certain) return { certain, readings: {}, possible: [], differ: false }
  const readings = readingsOf(cell) ?? {}
  const possible = dateOrders.filter((order) => readings[order])
  return { readings, possible, differ: new Set(possible.map((order) => readings[order])).size > 1 }
}

// A file of 100,000 rows has some thousand different days: each is taken apart once.
const seen = new Map<string, Interpretation>()
const SEEN_MAX = 20_000
/** No day is written longer; what is longer is not kept. */
const CELL_MAX = 60
const noDay: Interpretation = { readings: {}, possible: [], differ: false }
function interpretation(cell: string): Interpretation {
  if (cell.length > CELL_MAX) return noDay
  const known = seen.get(cell)
  if (known) return known
  if (seen.size >= SEEN_MAX) seen.clear()
  const made = interpret(cell)
  seen.set(cell, made)
  return made
}

/** Cells that mean "no day". */
export const isBlankDate = (cell: string) =>
  cell === '' || /^(?:-+|n\/?a|null|none|0000-00-00.*|00\/00\/0000)$/i.test(cell)

export type DateColumn = {
  /** How days of digits are read; null where the column has none. */
  order: DateOrder | null
  /** Days that a spreadsheet may have swapped cannot be told from right ones: year-first and named days are refused. */
  mangled: boolean
}

/** The day of a cell, or why there is none. The column's conclusion says how digits are read. */
export function readDay(cell: string, column: DateColumn): { day: string } | { problem: string } {
  const { certain, readings, possible } = interpretation(cell)
  if (certain) {
    return column.mangled
      ? {
          problem:
            'A spreadsheet has rewritten part of this column and may have swapped day and month here. Export it again.',
        }
      : { day: certain }
  }
  const day = column.order && readings[column.order]
  if (day) return { day }
  if (possible.length > 0)
    return {
      problem: `There is no such day when read as ${orderText[column.order ?? 'dmy']}, as the rest of the column is.`,
    }
  if (yearFirst.test(cell) || yearLast.test(cell)) return { problem: 'There is no such day in the calendar.' }
  if (/^\d{4,6}(\.\d+)?$/.test(cell))
    return {
      problem:
        'A spreadsheet has turned this day into a number. Format the column as a date and export it again.',
    }
  if (isFormula(cell)) return { problem: noResult }
  if (/^#+$/.test(cell))
    return { problem: 'A spreadsheet column was too narrow to show this day. Widen it and export it again.' }
  return { problem: 'Not a day. Write it as YYYY-MM-DD.' }
}

export const orderText: Record<DateOrder, string> = {
  dmy: 'day/month/year',
  mdy: 'month/day/year',
  ymd: 'year/month/day',
}

export type DateEvidence = { row: number; value: string; means: Readings }
export type DateConclusion = DateColumn & {
  /** Cells that no rule decides: the question to ask is which of `candidates` is meant. */
  undecided: boolean
  candidates: DateOrder[]
  /** Rows that can be read in one order only, a few of each. When undecided also rows that the orders read differently. */
  proof: DateEvidence[]
}

const EXAMPLES = 3

/** Watches every cell of one column and concludes at the end. */
export class DateColumnReader {
  readable: Record<DateOrder, number> = { dmy: 0, mdy: 0, ymd: 0 }
  proven: Record<DateOrder, number> = { dmy: 0, mdy: 0, ymd: 0 }
  digits = 0
  /** Cells that some of the orders in question read as different days. */
  differing = 0
  certain = 0
  /** Certain days whose day could be a month. */
  swappable = 0
  proofs: Record<DateOrder, DateEvidence[]> = { dmy: [], mdy: [], ymd: [] }
  open: DateEvidence[] = []

  add(cell: string, row: number) {
    const { certain, readings, possible, differ } = interpretation(cell)
    if (certain) {
      this.certain++
      if (Number(certain.slice(8)) <= 12) this.swappable++
      return
    }
    const [only] = possible
    if (!only) return
    this.digits++
    for (const order of possible) this.readable[order]++
    if (differ) {
      this.differing++
      if (this.open.length < EXAMPLES) this.open.push({ row, value: cell, means: readings })
    } else if (possible.length === 1) {
      this.proven[only]++
      if (this.proofs[only].length < EXAMPLES) this.proofs[only].push({ row, value: cell, means: readings })
    }
  }

  /** `chosen` is a person's answer; `elsewhere` what the file's other columns prove, for a column without own proof. */
  conclude(chosen?: DateOrder, elsewhere?: DateOrder): DateConclusion {
    const { digits, readable, proven } = this
    // Every day of digits lies beyond 12 and every certain one within: a spreadsheet took for dates what it could,
    // in its own order, and left the rest as text.
    const proofs = dateOrders.reduce((sum, order) => sum + proven[order], 0)
    const mangled = proofs > 0 && this.differing === 0 && this.certain > 0 && this.certain === this.swappable
    const proof = dateOrders.flatMap((order) => this.proofs[order])
    const done = (order: DateOrder | null): DateConclusion => ({
      order,
      mangled,
      undecided: false,
      candidates: [],
      proof,
    })
    if (digits === 0) return done(null)
    if (chosen) return done(chosen)
    const fitting = dateOrders.filter((order) => readable[order] === digits)
    if (fitting.length === 1 || (fitting.length > 1 && this.differing === 0)) return done(fitting[0]!)
    // A slip of the pen in a long column is a bad row, not a second order.
    const strongest = dateOrders.find(
      (order) => proven[order] >= 20 && proofs - proven[order] <= proven[order] / 100,
    )
    if (strongest) return done(strongest)
    if (elsewhere && fitting.includes(elsewhere)) return done(elsewhere)
    const candidates = fitting.length > 0 ? fitting : dateOrders.filter((order) => proven[order] > 0)
    return { order: null, mangled, undecided: true, candidates, proof: [...proof, ...this.open] }
  }
}
