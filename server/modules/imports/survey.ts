import {
  DateColumnReader,
  type DateConclusion,
  type DateEvidence,
  dateOrders,
  isBlankDate,
  orderText,
} from '../../core/dates.ts'
import { type DecimalConclusion, DecimalReader, decimalCell } from '../../core/money.ts'
import { openTable, type Row, rowsOf, type Table } from '../../core/tabular.ts'
import { headerScore, type Mapping, type Places, placeColumns } from './mapping.ts'
import type { Answers, Field, Question } from './target.ts'

/** What the columns of a file say about how their cells are written, and what they leave open. */
export type Conclusions = {
  days: Record<string, DateConclusion>
  decimal: DecimalConclusion
  questions: Question[]
}
export type Survey = Conclusions & {
  table: Table
  places: Places
  mapping: Mapping
  /** Columns that are wanted and not there; nothing else was looked at. */
  errors: string[]
  /** An estimate unless the whole file was read. */
  rows: number
}

/** Rows that are read before the first conclusion. It is a draft: the staging of the rows watches on and confirms it. */
const DRAFT_ROWS = 5_000

/** Watches the columns of days and amounts while the rows of a file go by. */
export class ColumnWatch {
  #table: Table
  #mapping: Mapping
  #days: [field: string, place: number, reader: DateColumnReader][] = []
  #amounts: number[] = []
  #decimal = new DecimalReader()

  constructor(
    fields: readonly Field[],
    { table, mapping, places }: Pick<Survey, 'table' | 'mapping' | 'places'>,
  ) {
    this.#table = table
    this.#mapping = mapping
    for (const { name, kind } of fields) {
      const place = places[name]
      if (place === undefined) continue
      if (kind === 'day') this.#days.push([name, place, new DateColumnReader()])
      if (kind === 'amount') this.#amounts.push(place)
    }
  }

  add({ row, cells }: Row) {
    for (const [, place, reader] of this.#days) {
      const cell = cells[place]?.trim() ?? ''
      if (!isBlankDate(cell)) reader.add(cell, row)
    }
    for (const place of this.#amounts) {
      const cell = cells[place]?.trim() ?? ''
      if (cell !== '') this.#decimal.add(cell, row)
    }
  }

  conclude(answers: Answers): Conclusions {
    const days = concludeDays(this.#days, answers)
    const decimal = this.#decimal.conclude(answers.decimal)
    const questions = Object.entries(days)
      .filter(([, conclusion]) => conclusion.undecided)
      .map(([field, conclusion]) => dateQuestion(this.#mapping[field]!, conclusion))
    if (decimal.undecided) {
      const columns = this.#amounts.map((place) => this.#table.columns[place]!)
      questions.push(decimalQuestion(columns, decimal))
    }
    return { days, decimal, questions }
  }
}

/** Whether rows that were read by the one could stay as they are by the other. */
export function agree(a: Conclusions, b: Conclusions): boolean {
  const essence = ({ days, decimal, questions }: Conclusions) =>
    JSON.stringify([
      decimal.decimal,
      questions.length,
      Object.entries(days).map(([field, { order, mangled }]) => [field, order, mangled]),
    ])
  return essence(a) === essence(b)
}

/**
 * Finds the table and its columns, and reads on until nothing is undecided: usually for 5,000 rows, and to the end of
 * a file that leaves something open. `wanted` says which column feeds which field.
 */
export async function surveyFile(
  path: string,
  fields: readonly Field[],
  wanted: Mapping,
  answers: Answers,
): Promise<Survey> {
  const table = await openTable(path, headerScore(wanted))
  const found = { table, ...placeColumns(wanted, table.columns) }
  const watch = new ColumnWatch(fields, found)
  let rows = 0
  let drafted = found.errors.length > 0
  if (!drafted) {
    for await (const batch of rowsOf(path, table)) {
      for (const row of batch) watch.add(row)
      rows += batch.length
      drafted = rows >= DRAFT_ROWS && watch.conclude(answers).questions.length === 0
      if (drafted) break
    }
  }
  return { ...found, ...watch.conclude(answers), rows }
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

const dateQuestion = (column: string, conclusion: DateConclusion): Question => ({
  id: 'date_order',
  column,
  message: conclusion.proof.some((evidence) => Object.values(evidence.means).filter(Boolean).length === 1)
    ? `The days in column ${column} are written in more than one order. Which one holds? Rows that contradict it will be rejected.`
    : `Every day in column ${column} can be read in more than one order. Which one is meant?`,
  options: conclusion.candidates.map((order) => ({ value: order, label: orderText[order] })),
  examples: conclusion.proof.map(({ row, value, means }: DateEvidence) => ({
    row,
    value,
    means: Object.fromEntries(Object.entries(means).filter(([, day]) => day)),
  })),
})

const decimalQuestion = (columns: string[], conclusion: DecimalConclusion): Question => ({
  id: 'decimal',
  column: columns.join(', '),
  message: 'The amounts do not show whether the point or the comma separates decimals. Which one does?',
  options: [
    { value: '.', label: 'point, as in 1,234.56' },
    { value: ',', label: 'comma, as in 1.234,56' },
  ],
  examples: conclusion.proof.map(({ row, value }) => ({
    row,
    value,
    means: Object.fromEntries(
      (['.', ','] as const).flatMap((sign) => {
        const amount = decimalCell(value, sign)
        return amount === undefined ? [] : [[sign, amount]]
      }),
    ),
  })),
})
