import { type DateConclusion, type DateEvidence, orderText } from '../../core/dates.ts'
import { type DecimalConclusion, decimalCell } from '../../core/money.ts'
import { cut } from '../../core/schema.ts'
import type { Field, Question } from './target.ts'

// What is asked when neither header nor contents decide: with the choices, and rows on which they differ.

export const dateQuestion = (column: string, conclusion: DateConclusion): Question => ({
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

export const decimalQuestion = (columns: string[], conclusion: DecimalConclusion): Question => ({
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

export const signQuestion = (column: string, examples: { row: number; value: string }[]): Question => ({
  id: 'sign',
  column,
  message: `The amounts in column ${column} are negative. Are these credits, or are debts written as negative amounts here?`,
  options: [
    { value: 'as_written', label: 'credits: keep the signs as they are written' },
    { value: 'flipped', label: 'debts: turn every sign around' },
  ],
  examples: examples.map(({ row, value }) => ({
    row,
    value,
    means: { as_written: 'a credit', flipped: 'a debt' },
  })),
})

export const sheetQuestion = (message: string, sheets: string[]): Question => ({
  id: 'sheet',
  column: '',
  message: `${message} Which one holds the table?`,
  options: sheets.map((sheet) => ({ value: sheet, label: sheet })),
  examples: [],
})

/** More words than these are no words of a status. */
const WORDS = 50
export const wordsQuestion = (
  field: Field,
  column: string,
  words: { row: number; word: string; count: number }[],
): Question => ({
  id: 'status_words',
  field: field.name,
  column,
  words: words.slice(0, WORDS).map(({ word }) => word),
  message: `The column ${column} says ${words
    .slice(0, 5)
    .map(({ word }) => `"${cut(word, 40)}"`)
    .join(', ')}${words.length > 5 ? ' …' : ''}. What does each of these words mean?`,
  options: [...field.choices!],
  examples: words
    .slice(0, WORDS)
    .map(({ row, word, count }) => ({ row, value: word, means: { rows: String(count) } })),
})
