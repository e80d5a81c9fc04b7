import { foldHeader, type Mapping } from './mapping.ts'
import type { Answers } from './target.ts'
import type { ColumnWatch, Conclusions } from './watch.ts'

/** What is known of a source, a sender and the layout of its files. */
export type Remembered = { id: number; mapping: Mapping; answers: Answers }

/** The source whose columns are all in the header, the one with the most of them. */
export function recognise(sources: readonly Remembered[], columns: readonly string[]): Remembered | undefined {
  const there = new Set(columns.map(foldHeader))
  return sources
    .filter(({ mapping }) => {
      const headers = Object.values(mapping)
      return headers.length > 0 && headers.every((header) => there.has(foldHeader(header)))
    })
    .toSorted((a, b) => Object.keys(b.mapping).length - Object.keys(a.mapping).length)[0]
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
