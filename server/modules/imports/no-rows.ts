import { isBlankDate } from '../../core/dates.ts'
import { foldHeader } from './mapping.ts'
import type { Survey } from './survey.ts'
import type { Notice, Shape } from './target.ts'

// Rows of a report that are no rows of its table: totals, headings, notes, and postings to other accounts.

/** What became of the rows that were left out, by their reason; the lists are capped, the counts are not. */
export type LeftOut = {
  totals: number[]
  notes: number[]
  headings: number[]
  /** Rows of the file that its layout says are of another kind. */
  others: number[]
  counts: Record<Kind, number>
  /** The totals of the whole file that the file itself prints. */
  stated_totals: { row: number; field: string; column: string; value: string }[]
  /** What rows were taken in a way that people may want to know. */
  notices: Record<string, { count: number; rows: number[]; money: Record<string, bigint> }>
}
export type Kind = 'totals' | 'notes' | 'headings' | 'others'

export const noneLeftOut = (): LeftOut => ({
  totals: [],
  notes: [],
  headings: [],
  others: [],
  counts: { totals: 0, notes: 0, headings: 0, others: 0 },
  stated_totals: [],
  notices: {},
})

const LISTED = 1000
export function leaveOut(leftOut: LeftOut, kind: Kind, row: number) {
  leftOut.counts[kind]++
  if (leftOut[kind].length < LISTED) leftOut[kind].push(row)
}
export function giveNotice(leftOut: LeftOut, { text, money }: Notice, row: number, currency = '') {
  leftOut.notices[text] ??= { count: 0, rows: [], money: {} }
  const notice = leftOut.notices[text]
  notice.count++
  if (money !== undefined) notice.money[currency] = (notice.money[currency] ?? 0n) + money
  if (notice.rows.length < LISTED) notice.rows.push(row)
}

/** `Total`, `Grand total:`, `Sub-total`: of everything, or of what stands above. */
const total = /^(?:report\s+|grand\s*|sub-?\s*)?totals?\s*:?$/i
/** `Total for Acme`, `Acme Total`, `Closing balance`; as text beside which there is no invoice number. */
const totalOf = /^(?:grand\s*|sub-?\s*)?totals?\b|\btotals?\s*:?$|^closing balance\b/i
const whole =
  /^(?:(?:report|grand)\s*)?totals?(?:\s+(?:aged\s+)?(?:accounts\s+)?receivables?|\s+outstanding)?\s*:?$/i
/** `Total Acme`, `Total for Acme`, `Acme Total`: the heading whose rows end here. */
export const headingOfTotal = (text: string) =>
  /^totals?\s+(?:for\s+)?(.+)$/i.exec(text)?.[1] ?? /^(.+?)\s+totals?\s*:?$/i.exec(text)?.[1]

type Found = Pick<Survey, 'table' | 'places' | 'layout' | 'heading' | 'standard'>

/** Tells rows from what is none. It remembers the heading under which the following rows stand. */
export class RowSorter {
  #used: number[]
  #key: number | undefined
  #days: number[] = []
  #amounts: [field: string, place: number][] = []
  #heading: boolean
  #only: { at: number; reads: RegExp } | undefined
  #columns: readonly string[]
  #standard: boolean
  /** The heading above the current row. */
  heading = ''

  constructor(shape: Pick<Shape, 'fields' | 'key'>, { table, places, layout, heading, standard }: Found) {
    this.#standard = standard
    this.#used = Object.values(places)
    this.#key = places[shape.key]
    this.#columns = table.columns
    this.#heading = heading !== null
    for (const { name, kind } of shape.fields) {
      const at = places[name]
      if (at !== undefined && kind === 'day') this.#days.push(at)
      if (at !== undefined && kind === 'amount') this.#amounts.push([name, at])
    }
    const at = layout?.only
      ? table.columns.findIndex((column) => foldHeader(column) === layout.only!.header)
      : -1
    if (at >= 0) this.#only = { at, reads: layout!.only!.reads }
  }

  /** Why a row is none; undefined for rows. */
  kindOf(cells: string[]): Kind | undefined {
    const kind = this.#noRow(cells)
    if (kind || !this.#only) return kind
    return this.#only.reads.test(cells[this.#only.at]?.trim() ?? '') ? undefined : 'others'
  }

  #noRow(cells: string[]): Kind | undefined {
    const key = this.#key === undefined ? '' : (cells[this.#key]?.trim() ?? '')
    if (key !== '' && !this.#heading) return total.test(key) ? 'totals' : undefined
    const texts: string[] = []
    for (const cell of cells) {
      const text = cell.trim()
      if (text !== '') texts.push(text)
    }
    const [first] = texts
    if (first === undefined) return 'notes'
    if (this.#heading && texts.length === 1 && !this.#amounts.some(([, at]) => cells[at]?.trim())) {
      this.heading = first
      return 'headings'
    }
    const dated = this.#days.some((at) => {
      const day = cells[at]?.trim() ?? ''
      return day !== first && !isBlankDate(day)
    })
    if (dated) return undefined
    if (key !== '' && key !== first) return undefined
    if (texts.some((text) => totalOf.test(text))) return 'totals'
    if (key !== '') return undefined
    if (this.#used.every((at) => (cells[at]?.trim() ?? '') === '')) return 'notes'
    // A line of nothing but sums, as reports draw under a column. Who sends the standard header sends no report.
    if (this.#standard) return undefined
    const sums = this.#amounts.filter(([, at]) => cells[at]?.trim())
    return sums.length === texts.length && sums.length > 0 ? 'totals' : undefined
  }

  /** The amounts of a row of totals that speaks of the whole file. */
  statedTotals({ row, cells }: { row: number; cells: string[] }): LeftOut['stated_totals'] {
    const label = cells.map((cell) => cell.trim()).find((text) => text !== '')
    // Under headings a line of sums may speak of what stands above it alone.
    const bare = !this.#heading && this.#amounts.some(([, at]) => cells[at]?.trim() === label)
    if (label === undefined || !(bare || whole.test(label))) return []
    return this.#amounts.flatMap(([field, at]) => {
      const value = cells[at]?.trim() ?? ''
      return value === '' ? [] : [{ row, field, column: this.#columns[at]!, value }]
    })
  }
}
