import type { ImportCorrection, ImportReject } from '../wire.ts'

// Cells that a person mends. A correction without a row holds for every cell of its column that reads the same.

const same = (a: ImportCorrection, b: ImportCorrection) =>
  a.column === b.column && a.row === b.row && (a.row !== undefined || a.from.trim() === b.from.trim())

/** What a cell will read. */
export function mended(
  corrections: ImportCorrection[],
  row: number,
  column: string,
  from: string,
): ImportCorrection | undefined {
  return (
    corrections.find((each) => each.row === row && each.column === column) ??
    corrections.find((each) => each.row === undefined && each.column === column && each.from === from)
  )
}

/** Takes a new value of one cell; the old one again takes the correction back. */
export function withCell(
  corrections: ImportCorrection[],
  made: Required<ImportCorrection>,
): ImportCorrection[] {
  const others = corrections.filter((each) => !same(each, made))
  return made.to === mended(others, made.row, made.column, made.from)?.to || made.to === made.from
    ? others
    : [...others, made]
}

/** The same value for every cell like it. */
export function forAll(
  corrections: ImportCorrection[],
  { column, from, to }: ImportCorrection,
): ImportCorrection[] {
  const others = corrections.filter((each) => each.column !== column || each.from !== from)
  return [...others, { column, from, to }]
}

/** How many rejected cells of a column read the same. */
export const alike = (rejects: ImportReject[], column: string, from: string) =>
  new Set(
    rejects
      .filter((each) => each.column === column && (each.value ?? '') === from.trim())
      .map(({ row }) => row),
  ).size

/**
 * What was said before, with what is said now. The server reads the file anew and applies each correction once: those
 * for a whole column first, then those for one row. A cell that was corrected before shows what it was made to read, so
 * the earlier correction takes the new value.
 */
export function combined(before: ImportCorrection[], made: ImportCorrection[]): ImportCorrection[] {
  let all = before
  for (const one of made) {
    const continues = (each: ImportCorrection) =>
      each.column === one.column &&
      each.to.trim() === one.from.trim() &&
      (one.row === undefined || one.row === each.row)
    const taken = one.row !== undefined && all.some(continues)
    all = [
      ...all
        .map((each) => (continues(each) ? { ...each, to: one.to } : each))
        .filter((each) => !same(each, one) || taken),
      ...(taken ? [] : [one]),
    ]
  }
  return all.filter((each) => each.to !== each.from)
}
