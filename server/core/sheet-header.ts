import type { Merge } from './sheet-rows.ts'
import { headerAmong, isBlank, type Row, type Score } from './table.ts'

/**
 * The header among the first rows of a sheet. Where it takes two rows, "Amount" merged over "Open" and "Total", the
 * names are joined: "Amount Open". `mergesOf` costs a pass over the sheet and is asked only when a row could be half of
 * such a header.
 */
export async function stackedHeader(
  rows: Row[],
  score: Score,
  mergesOf: () => Promise<Merge[]>,
): Promise<{ found: boolean; header_row: number; columns: string[] }> {
  const records = rows.map(({ cells }) => cells.map((cell) => cell.trim()))
  const { index, named, found } = headerAmong(records, score)
  const single = { found, header_row: rows[index]!.row, columns: trimmed(records[index]!) }
  let merges: Merge[] | undefined
  let best: { header_row: number; columns: string[]; named: number } | undefined
  // The row found may be the lower half or the upper one.
  for (const lower of [index, index + 1]) {
    const upper = lower - 1
    if (upper < 0 || lower >= rows.length || rows[lower]!.row !== rows[upper]!.row + 1) continue
    if (!couldStack(records[upper]!, records[lower]!)) continue
    // A row that was found and lacks nothing needs no bands of titles before its names.
    if (lower === index && !lacksNames(records[lower]!, records[upper]!.length)) continue
    merges ??= await mergesOf()
    const spans = spansIn(rows[upper]!.row, merges)
    const columns = stack(records[upper]!, records[lower]!, spans, 'all names')
    const count = columns ? score(columns) : -1
    if (columns && count >= named) {
      if (count > (best?.named ?? -1)) best = { header_row: rows[lower]!.row, columns, named: count }
    } else if (lower === index) {
      // What was found by name stays as it is; names that are there twice serve nobody until they are told apart.
      const apart = stack(records[upper]!, records[lower]!, spans, 'names there twice')
      if (apart) best = { header_row: rows[lower]!.row, columns: apart, named }
    }
  }
  return best ? { found, header_row: best.header_row, columns: best.columns } : single
}

const trimmed = (columns: string[]) => columns.slice(0, columns.findLastIndex((name) => name !== '') + 1)
const filled = (cells: string[]) => cells.filter((cell) => cell !== '').length
const isName = (cell: string) => cell === '' || !/^[-+\d.,:/% =]+$/.test(cell)

const lacksNames = (cells: string[], width: number) =>
  width > cells.length || cells.includes('') || new Set(cells).size < cells.length

/** A row of names over a row of names, one of which leaves out what the other has. */
function couldStack(upper: string[], lower: string[]): boolean {
  if (filled(upper) < 2 || isBlank(lower) || !upper.every(isName) || !lower.every(isName)) return false
  return lacksNames(upper, lower.length) || lacksNames(lower, upper.length)
}

/** Column -> the columns that one merged cell of the row covers. */
function spansIn(row: number, merges: Merge[]): Map<number, [left: number, right: number]> {
  const spans = new Map<number, [number, number]>()
  for (const { top, bottom, left, right } of merges) {
    if (row < top || row > bottom || right === left) continue
    for (let at = left; at <= Math.min(right, left + 500); at++) spans.set(at, [left, right])
  }
  return spans
}

/** The names with those above them, or undefined when the rows are not the two halves of one header. */
function stack(
  upper: string[],
  lower: string[],
  spans: Map<number, [number, number]>,
  join: 'all names' | 'names there twice',
): string[] | undefined {
  const width = Math.max(upper.length, lower.length)
  const counts = new Map<string, number>()
  for (const name of lower) counts.set(name, (counts.get(name) ?? 0) + 1)
  const columns: string[] = []
  let joined = 0
  for (let at = 0; at < width; at++) {
    const span = spans.get(at)
    const above = upper[span ? span[0] : at] ?? ''
    const name = lower[at] ?? ''
    // A name over another one without a merged cell: two rows that say something of their own.
    if (!span && above !== '' && name !== '') return undefined
    const both = above !== '' && name !== '' && (join === 'all names' || counts.get(name)! > 1)
    if (both) joined++
    columns.push(both ? `${above} ${name}` : name || above)
  }
  const names = columns.filter((name) => name !== '')
  return joined >= 2 && new Set(names).size === names.length ? trimmed(columns) : undefined
}
