import type { ImportDetails, ImportOutcome, ImportReject } from '../wire.ts'

export type Counts = Pick<
  ImportDetails,
  'rows' | 'new' | 'changed' | 'unchanged' | 'older' | 'repeated' | 'missing' | 'rejected'
>

/** Rows of one outcome. On the wire `unchanged` holds the older and the repeated too. */
export function countOf(one: Counts, outcome: ImportOutcome): number {
  return outcome === 'unchanged' ? one.unchanged - one.older - one.repeated : one[outcome]
}

/** The outcomes that every row of the file has exactly one of; missing invoices are no rows. */
export const ofRows = ['new', 'changed', 'unchanged', 'older', 'repeated', 'rejected'] as const

/** Every row of the file is counted once; when the counts do not add up the page says so instead of hiding it. */
export function unaccounted(one: Counts): number {
  return one.rows - ofRows.reduce((sum, outcome) => sum + countOf(one, outcome), 0)
}

/** Rows that go into the books. */
export const taken = (one: Counts) => one.new + one.changed + one.unchanged

/** The reasons for which rows were rejected, the most frequent first, with the number of rows of each. */
export function reasonsOf(
  rejects: ImportReject[],
): { reason: string; column: string | null; rows: number }[] {
  const found = new Map<string, { reason: string; column: string | null; rows: Set<number> }>()
  for (const { reason, column, row } of rejects) {
    const key = `${column}:${reason}`
    const one = found.get(key) ?? { reason, column, rows: new Set() }
    one.rows.add(row)
    found.set(key, one)
  }
  return [...found.values()]
    .map((one) => ({ ...one, rows: one.rows.size }))
    .toSorted((a, b) => b.rows - a.rows)
    .slice(0, 5)
}
