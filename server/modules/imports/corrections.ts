import type { Row } from '../../core/tabular.ts'
import type { Correction } from './target.ts'

/** Applies a person's corrections to the cells of a row, before anything is concluded or read from them. */
export function correcting(
  corrections: readonly Correction[] | undefined,
  columns: readonly string[],
): (row: Row) => void {
  if (!corrections?.length) return () => {}
  const everywhere = new Map<string, string>()
  const cells = new Map<string, string>()
  for (const { column, from, to, row } of corrections) {
    const at = columns.indexOf(column)
    if (at < 0) continue
    if (row === undefined) everywhere.set(`${at} ${from.trim()}`, to)
    else cells.set(`${row} ${at} ${from.trim()}`, to)
  }
  const places = [...new Set([...everywhere.keys()].map((key) => Number(key.split(' ')[0])))]
  const rows = new Set([...cells.keys()].map((key) => Number(key.split(' ')[0])))
  return ({ row, cells: texts }) => {
    for (const at of places) {
      const to = everywhere.get(`${at} ${texts[at]?.trim() ?? ''}`)
      if (to !== undefined) texts[at] = to
    }
    if (!rows.has(row)) return
    for (const [at, text] of texts.entries()) {
      const to = cells.get(`${row} ${at} ${text.trim()}`)
      if (to !== undefined) texts[at] = to
    }
  }
}
