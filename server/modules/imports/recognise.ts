import { type Mapping, nameOf } from './mapping.ts'
import type { Answers } from './target.ts'
import type { ColumnWatch, Conclusions } from './watch.ts'

/** What is known of a source, a sender and the layout of its files. */
export type Remembered = { id: number; mapping: Mapping; answers: Answers }

/** The fields whose headers say which document of which customer is about how much: they tell one layout from another. */
export const coreFields = [
  'invoice_number',
  'customer_code',
  'customer_name',
  'amount',
  'line_amount',
  'open_amount',
] as const

/** The source whose layout the header has, as far as its core goes; of several the one with most of its columns there. */
export function recognise(
  sources: readonly Remembered[],
  columns: readonly string[],
): Remembered | undefined {
  // Some headers name the month: the next file of the sender has another.
  const there = new Set(columns.map(nameOf))
  const has = (header: string) => there.has(nameOf(header))
  const count = ({ mapping }: Remembered) => Object.values(mapping).filter(has).length
  return sources
    .filter(({ mapping }) => {
      const core = coreFields.map((field) => mapping[field]).filter((header) => header !== undefined)
      return core.length > 0 && core.every(has)
    })
    .toSorted((a, b) => count(b) - count(a))[0]
}

/** What the columns say; where they leave something open, the answer that was given for the last file of the source holds. */
export function concludeWith(watch: ColumnWatch, said: Answers, remembered: Answers): Conclusions {
  const answers: Answers = { ...said, status: { ...remembered.status, ...said.status } }
  const first = watch.conclude(answers)
  const open = (['date_order', 'decimal', 'sign'] as const).filter(
    (id) => remembered[id] !== undefined && first.questions.some((question) => question.id === id),
  )
  if (open.length === 0) return first
  return watch.conclude({ ...answers, ...Object.fromEntries(open.map((id) => [id, remembered[id]])) })
}
