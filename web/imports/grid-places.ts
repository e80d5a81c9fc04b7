import type { ImportLine } from '../wire.ts'

export type Place = { row: number; column: number }
type Limits = { rows: number; columns: number }

/** The places of the columns: those with a bad cell in any row first, each group in the order of the file. */
export function badFirst(columns: string[], rows: Pick<ImportLine, 'problems'>[]): number[] {
  const bad = new Set(rows.flatMap(({ problems }) => problems.map(({ column }) => column)))
  const places = columns.map((_, place) => place)
  const isBad = (place: number) => bad.has(columns[place]!)
  return [...places.filter(isBad), ...places.filter((place) => !isBad(place))]
}

const moves: Record<string, [row: number, column: number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
}

/** Where a key goes from here; null when it is none of the grid's keys. Stays inside. */
export function step({ row, column }: Place, key: string, limits: Limits): Place | null {
  if (key === 'Home') return { row, column: 0 }
  if (key === 'End') return { row, column: limits.columns - 1 }
  const move = moves[key]
  if (!move) return null
  return {
    row: Math.min(limits.rows - 1, Math.max(0, row + move[0])),
    column: Math.min(limits.columns - 1, Math.max(0, column + move[1])),
  }
}

/** The next bad cell in the order of reading; null at the end, where Tab leaves the grid. */
export function stepBad(
  from: Place,
  by: 1 | -1,
  limits: Limits,
  isBad: (place: Place) => boolean,
): Place | null {
  const count = limits.rows * limits.columns
  for (let at = from.row * limits.columns + from.column + by; at >= 0 && at < count; at += by) {
    const place = { row: Math.floor(at / limits.columns), column: at % limits.columns }
    if (isBad(place)) return place
  }
  return null
}
