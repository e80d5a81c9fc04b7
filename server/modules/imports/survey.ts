import {
  DateColumnReader,
  type DateConclusion,
  type DateEvidence,
  dateOrders,
  isBlankDate,
  orderText,
} from '../../core/dates.ts'
import { type DecimalConclusion, DecimalReader, decimalCell } from '../../core/money.ts'
import { openTable, rowsOf, type Table } from '../../core/tabular.ts'
import { headerScore, type Mapping, type Places, placeColumns } from './mapping.ts'
import type { Answers, Field, Question } from './target.ts'

/** What a file is, concluded from all its rows before any of them is taken. */
export type Survey = {
  table: Table
  places: Places
  mapping: Mapping
  /** Columns that are wanted and not there; nothing else was looked at. */
  errors: string[]
  days: Record<string, DateConclusion>
  decimal: DecimalConclusion
  questions: Question[]
  rows: number
}

/** Reads the whole file once. `wanted` says which column feeds which field. */
export async function surveyFile(
  path: string,
  fields: readonly Field[],
  wanted: Mapping,
  answers: Answers,
): Promise<Survey> {
  const table = await openTable(path, headerScore(wanted))
  const { places, mapping, errors } = placeColumns(wanted, table.columns)
  const days = new Map<string, DateColumnReader>()
  const decimal = new DecimalReader()
  const amounts: number[] = []
  for (const { name, kind } of fields) {
    if (places[name] === undefined) continue
    if (kind === 'day') days.set(name, new DateColumnReader())
    if (kind === 'amount') amounts.push(places[name])
  }
  let rows = 0
  if (errors.length === 0) {
    for await (const batch of rowsOf(path, table)) {
      rows += batch.length
      for (const { row, cells } of batch) {
        for (const [field, reader] of days) {
          const cell = cells[places[field]!]?.trim() ?? ''
          if (!isBlankDate(cell)) reader.add(cell, row)
        }
        for (const at of amounts) {
          const cell = cells[at]?.trim() ?? ''
          if (cell !== '') decimal.add(cell, row)
        }
      }
    }
  }
  const dayConclusions = concludeDays(days, answers)
  const decimalConclusion = decimal.conclude(answers.decimal)
  const questions = Object.entries(dayConclusions)
    .filter(([, conclusion]) => conclusion.undecided)
    .map(([field, conclusion]) => dateQuestion(mapping[field]!, conclusion))
  if (decimalConclusion.undecided)
    questions.push(
      decimalQuestion(
        amounts.map((at) => table.columns[at]!),
        decimalConclusion,
      ),
    )
  return { table, places, mapping, errors, days: dayConclusions, decimal: decimalConclusion, questions, rows }
}

/** A column without proof of its own takes the order that all proven columns of the file share. */
function concludeDays(
  readers: Map<string, DateColumnReader>,
  answers: Answers,
): Record<string, DateConclusion> {
  const proven = new Set(
    [...readers.values()]
      .filter((reader) => dateOrders.some((order) => reader.proven[order] > 0))
      .map((reader) => reader.conclude(answers.date_order))
      .map((conclusion) => (conclusion.undecided ? null : conclusion.order)),
  )
  const [shared] = proven
  const elsewhere = proven.size === 1 && shared ? shared : undefined
  return Object.fromEntries(
    [...readers].map(([field, reader]) => [field, reader.conclude(answers.date_order, elsewhere)]),
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
