import type { ImportCorrection, ImportReject } from '../wire.ts'

// Cells that a person mends before they are sent. A correction without a row holds for every cell of its column that reads the same.

export const correctionKey = ({ row, column, from }: Pick<ImportCorrection, 'row' | 'column' | 'from'>) =>
  row === undefined ? `all:${column}:${from}` : `${row}:${column}`

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
export function withCell(corrections: ImportCorrection[], made: Required<ImportCorrection>): ImportCorrection[] {
  const others = corrections.filter((each) => correctionKey(each) !== correctionKey(made))
  return made.to === made.from ? others : [...others, made]
}

/** The same value for every cell like it. */
export function forAll(corrections: ImportCorrection[], { column, from, to }: ImportCorrection): ImportCorrection[] {
  const others = corrections.filter((each) => each.column !== column || each.from !== from)
  return [...others, { column, from, to }]
}

/** How many rejected cells of a column read the same. */
export const alike = (rejects: ImportReject[], column: string, from: string) =>
  new Set(rejects.filter((each) => each.column === column && (each.value ?? '') === from).map(({ row }) => row)).size
