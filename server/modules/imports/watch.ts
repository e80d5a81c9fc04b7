import {
  DateColumnReader,
  type DateConclusion,
  dateOrders,
  isBlankDate,
  orderText,
} from '../../core/dates.ts'
import { currencyBeside, type DecimalConclusion, DecimalReader } from '../../core/money.ts'
import { cut, wordKey, wordOf } from '../../core/schema.ts'
import type { Row } from '../../core/tabular.ts'
import { currencyInHeader } from './mapping.ts'
import { dateQuestion, decimalQuestion, signQuestion, wordsQuestion } from './questions.ts'
import type { Survey } from './survey.ts'
import type { Answers, Evidence, Field, Question, RowReader } from './target.ts'

/** What the columns of a file say about how their cells are written, and what they leave open. */
export type Conclusions = {
  days: Record<string, DateConclusion>
  decimal: DecimalConclusion
  /** Debts are written as negative amounts in this file. */
  flipped: boolean
  questions: Question[]
  evidence: Evidence[]
}

type Example = { row: number; value: string }
const EXAMPLES = 3
const keep = (examples: Example[], row: number, value: string) => {
  if (examples.length < EXAMPLES) examples.push({ row, value })
}
const negative = /^\s*[-−–(]|[-−–]\s*$|\bcr\.?\s*$/i

/** Which sign the debts of a file have: read from its kinds of documents, or asked when every amount is negative. */
class SignReader {
  counts = { negative: 0, positive: 0, against: 0, along: 0 }
  lower: Example[] = []
  higher: Example[] = []
  against: Example[] = []
  along: Example[] = []

  add(amount: string, row: number, lowers: boolean | undefined) {
    if (/^[^1-9]*$/.test(amount)) return
    const below = negative.test(amount)
    this.counts[below ? 'negative' : 'positive']++
    keep(below ? this.lower : this.higher, row, amount)
    if (lowers === undefined) return
    const against = lowers !== below
    this.counts[against ? 'against' : 'along']++
    keep(against ? this.against : this.along, row, amount)
  }

  conclude(chosen: Answers['sign']): { flipped: boolean; undecided: boolean } {
    const { negative, positive, against, along } = this.counts
    if (chosen) return { flipped: chosen === 'flipped', undecided: false }
    // Credits are often written without a minus, debts never with one: only debts below zero turn the file around.
    if (negative > positive && against >= 3 && along <= against / 20)
      return { flipped: true, undecided: false }
    return { flipped: false, undecided: negative >= 3 && positive <= negative / 10 && along === 0 }
  }
}

/** Codes that a spreadsheet took for numbers. */
class CodeReader {
  floats: Example[] = []
  zeros: Example[] = []
  shortened: Example[] = []
  add(cell: string, row: number) {
    if (cell.charCodeAt(0) === 48 && cell.length > 1) keep(this.zeros, row, cell)
    if (!cell.includes('.') && !cell.includes('+')) return
    if (/^\d+\.0+$/.test(cell)) keep(this.floats, row, cell)
    else if (/^\d[.,]\d+E\+\d+$/i.test(cell)) keep(this.shortened, row, cell)
  }
}

const isDigit = (code: number) => code >= 48 && code <= 57
/** Most amounts have nothing beside their digits. */
const bare = (cell: string) => isDigit(cell.charCodeAt(0)) && isDigit(cell.charCodeAt(cell.length - 1))

type WordCount = { row: number; word: string; count: number }
const WORDS_MAX = 200
const LONG = 200

type Watched = Pick<Survey, 'table' | 'mapping' | 'places' | 'standard' | 'layout'>

/** Watches the columns while the rows of a file go by. */
export class ColumnWatch {
  #found: Watched
  #reader: Pick<RowReader, 'knows' | 'lowers'>
  #days: [field: string, place: number, reader: DateColumnReader][] = []
  #codes: [field: string, place: number, reader: CodeReader][] = []
  #amounts: [field: string, place: number][] = []
  #words: [field: Field, place: number, words: Map<string, WordCount>][] = []
  #decimal = new DecimalReader()
  #sign: { at: number; type: number | undefined; reader: SignReader } | undefined
  #besides: Example[] = []

  constructor(fields: readonly Field[], found: Watched, reader: Pick<RowReader, 'knows' | 'lowers'>) {
    this.#found = found
    this.#reader = reader
    const { places, standard, layout } = found
    for (const field of fields) {
      const { name, kind } = field
      const place = places[name]
      if (place === undefined) continue
      if (kind === 'day') this.#days.push([name, place, new DateColumnReader()])
      if (kind === 'code') this.#codes.push([name, place, new CodeReader()])
      if (kind === 'amount') this.#amounts.push([name, place])
      if (field.choices && !standard) this.#words.push([field, place, new Map()])
    }
    const at = places.amount ?? places.open_amount
    if (at !== undefined && !standard && places.side === undefined && !layout?.postings)
      this.#sign = { at, type: places.document_type, reader: new SignReader() }
  }

  add({ row, cells }: Row) {
    for (const [, place, reader] of this.#days) {
      const cell = cells[place]?.trim() ?? ''
      if (!isBlankDate(cell)) reader.add(cell, row)
    }
    for (const [, place, reader] of this.#codes) {
      const cell = cells[place]
      if (cell) reader.add(cell, row)
    }
    for (const [, place] of this.#amounts) {
      const cell = cells[place]?.trim() ?? ''
      if (cell === '') continue
      this.#decimal.add(cell, row)
      if (this.#besides.length < EXAMPLES && !bare(cell) && currencyBeside(cell))
        this.#besides.push({ row, value: cell })
    }
    for (const [field, place, words] of this.#words) {
      const text = cells[place]?.trim() ?? ''
      if (text === '') continue
      const word = wordOf(text)
      const known = words.get(word)
      if (known) known.count++
      else if (words.size < WORDS_MAX && !this.#reader.knows(field.name, text))
        words.set(word, { row, word, count: 1 })
    }
    if (this.#sign) {
      const { at, type, reader } = this.#sign
      const cell = cells[at]
      if (cell)
        reader.add(cell, row, type === undefined ? undefined : this.#reader.lowers(cells[type]?.trim() ?? ''))
    }
  }

  conclude(answers: Answers): Conclusions {
    const { mapping } = this.#found
    const days = concludeDays(this.#days, answers)
    const decimal = this.#decimal.conclude(answers.decimal)
    const questions = Object.entries(days)
      .filter(([, conclusion]) => conclusion.undecided)
      .map(([field, conclusion]) => dateQuestion(mapping[field]!, conclusion))
    if (decimal.undecided) {
      const columns = this.#amounts.map(([field]) => mapping[field]!)
      questions.push(decimalQuestion(columns, decimal))
    }
    const sign = this.#sign?.reader.conclude(answers.sign)
    if (sign?.undecided) questions.push(signQuestion(this.#column(this.#sign!.at), this.#sign!.reader.lower))
    for (const [field, place, words] of this.#words) {
      const unknown = [...words.values()].filter(({ word }) => meant(answers, field.name, word) === undefined)
      if (unknown.length > 0) questions.push(wordsQuestion(field, this.#column(place), unknown))
    }
    return {
      days,
      decimal,
      flipped: sign?.flipped ?? false,
      questions,
      evidence: this.#evidence(days, decimal, sign?.flipped ?? false),
    }
  }

  #column = (at: number) => this.#found.table.columns[at]!

  #evidence(days: Conclusions['days'], decimal: DecimalConclusion, flipped: boolean): Evidence[] {
    const { mapping, places } = this.#found
    const evidence: Evidence[] = []
    const tell = (
      field: string,
      column: string | null,
      concluded: string,
      proof: Example[],
      counter: Example[] = [],
    ) => evidence.push({ field, column, concluded, proof: proof.map(shown), counter: counter.map(shown) })
    for (const [field, , reader] of this.#days) {
      const { order, mangled, undecided } = days[field]!
      if (undecided || (order === null && !mangled)) continue
      const counter = dateOrders.flatMap((other) => (other === order ? [] : reader.proofs[other]))
      tell(
        field,
        mapping[field]!,
        mangled
          ? 'A spreadsheet has rewritten part of this column: its days cannot be trusted.'
          : `Days are written ${orderText[order!]}.`,
        order ? reader.proofs[order] : [],
        counter,
      )
    }
    const [amount] = this.#amounts
    if (amount && !decimal.undecided && decimal.proof.length > 0) {
      const { '.': point, ',': comma } = this.#decimal.proofs
      const [proof, counter] = decimal.decimal === '.' ? [point, comma] : [comma, point]
      tell(
        amount[0],
        mapping[amount[0]]!,
        `The ${decimal.decimal === '.' ? 'point' : 'comma'} separates decimals.`,
        proof,
        counter,
      )
    }
    if (flipped && this.#sign)
      tell(
        'amount',
        this.#column(this.#sign.at),
        'What is owed is written as a negative amount: every sign is turned around.',
        this.#sign.reader.against,
        this.#sign.reader.along,
      )
    for (const [field, , { floats, zeros, shortened }] of this.#codes) {
      const column = mapping[field]!
      if (floats.length > 0)
        tell(field, column, 'A spreadsheet has added .0 to codes: they are read without it.', floats)
      if (zeros.length > 0)
        tell(field, column, 'Leading zeros are kept as written, and do not make two codes of one.', zeros)
      if (shortened.length > 0)
        tell(
          field,
          column,
          'A spreadsheet has shortened codes and their digits are lost: these rows are rejected.',
          shortened,
        )
    }
    const header = amount && currencyInHeader(mapping[amount[0]]!)
    if (places.currency !== undefined)
      tell('currency', mapping.currency!, 'The currency stands in its own column.', [])
    else if (this.#besides.length > 0)
      tell(
        'currency',
        amount ? mapping[amount[0]]! : null,
        'The currency stands beside the amounts.',
        this.#besides,
      )
    else if (header)
      tell('currency', mapping[amount[0]]!, `The header of the amounts gives the currency: ${header}.`, [])
    else
      tell('currency', null, 'The file names no currency: the amounts are in that of the organisation.', [])
    return evidence
  }
}

const shown = ({ row, value }: Example) => ({ row, value: cut(value, LONG) })

/** What a person said a word means. */
export const meant = (answers: Answers, field: string, word: string): string | undefined => {
  const said = field === 'status' ? answers.status : undefined
  if (!said) return undefined
  const wanted = wordKey(word)
  return Object.entries(said).find(([each]) => wordKey(each) === wanted)?.[1]
}

/** A column without proof of its own takes the order that all proven columns of the file share. */
function concludeDays(
  columns: readonly [string, number, DateColumnReader][],
  answers: Answers,
): Record<string, DateConclusion> {
  const proven = new Set(
    columns
      .filter(([, , reader]) => dateOrders.some((order) => reader.proven[order] > 0))
      .map(([, , reader]) => reader.conclude(answers.date_order))
      .map((conclusion) => (conclusion.undecided ? null : conclusion.order)),
  )
  const [shared] = proven
  const elsewhere = proven.size === 1 && shared ? shared : undefined
  return Object.fromEntries(
    columns.map(([field, , reader]) => [field, reader.conclude(answers.date_order, elsewhere)]),
  )
}
