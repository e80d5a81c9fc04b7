import type { HeaderCell } from './header.ts'
import { isBucket } from './labels.ts'
import type { Line, Token } from './tokens.ts'
import type { ColumnMeaning } from './types.ts'
import { medianOf } from './words.ts'

// Where the columns are: not where their labels stand but where the amounts of the whole document do, under each header.

export type Column = {
  label: string
  meaning: ColumnMeaning | null
  tier: number
  /** Label. */
  x0: number
  x1: number
  /** Where its amounts line up: null where it holds none. */
  at: number | null
  /** How far its amounts reach. */
  from: number
  to: number
  /** Left edge of its text. */
  start: number
  amounts: number
  /** Its meaning is a guess that a person has to confirm. */
  question?: { guess: ColumnMeaning | null }
}
export type Edge = 'right' | 'left' | 'center'
export type Columns = { columns: Column[]; edge: Edge; tolerance: number; nameLimit: number }

export const edgeOf = (token: Token, edge: Edge) =>
  edge === 'right' ? token.right : edge === 'left' ? token.left : (token.x0 + token.x1) / 2

type Cluster = { at: number; count: number; x0: number; x1: number }

function clustersOf(tokens: Token[], edge: Edge, h: number): Cluster[] {
  const sorted = tokens
    .map((token) => ({ value: edgeOf(token, edge), token }))
    .sort((a, b) => a.value - b.value)
  const groups: (typeof sorted)[] = []
  for (const each of sorted) {
    const group = groups.at(-1)
    if (group && each.value - group.at(-1)!.value <= h * 0.18) group.push(each)
    else groups.push([each])
  }
  const clusters = groups.map((group) => ({
    at: medianOf(group.map(({ value }) => value)),
    count: group.length,
    x0: Math.min(...group.map(({ token }) => token.x0)),
    x1: Math.max(...group.map(({ token }) => token.x1)),
  }))
  // Amounts whose sign takes a place of its own stand a letter beside the others.
  const merged: Cluster[] = []
  for (const cluster of [...clusters].sort((a, b) => b.count - a.count)) {
    const near = merged.find(
      (other) => Math.abs(other.at - cluster.at) < h * 0.95 && other.count >= cluster.count,
    )
    if (near) {
      near.count += cluster.count
      near.x0 = Math.min(near.x0, cluster.x0)
      near.x1 = Math.max(near.x1, cluster.x1)
    } else merged.push({ ...cluster })
  }
  return merged.sort((a, b) => a.at - b.at)
}

/** Pairs clusters with labels from left to right, at the least distance. */
function pair(clusters: Cluster[], cells: HeaderCell[], textual: (cell: HeaderCell) => boolean, edge: Edge) {
  const top = Math.max(1, ...clusters.map(({ count }) => count))
  const distance = (cluster: Cluster, cell: HeaderCell) => {
    const apart = Math.max(0, cell.x0 - cluster.x1, cluster.x0 - cell.x1)
    const [l, c, r] = [cell.x0, (cell.x0 + cell.x1) / 2, cell.x1]
    const edges =
      edge === 'right'
        ? Math.min(Math.abs(cluster.at - r), Math.abs(cluster.at - c) + 4)
        : edge === 'left'
          ? Math.abs(cluster.at - l)
          : Math.abs(cluster.at - c)
    return apart + 0.25 * edges
  }
  const [n, m] = [clusters.length, cells.length]
  const cost = Array.from({ length: n + 1 }, () => new Float64Array(m + 1).fill(Infinity))
  const step = Array.from({ length: n + 1 }, () => new Uint8Array(m + 1))
  cost[0]![0] = 0
  for (let i = 0; i <= n; i++)
    for (let j = 0; j <= m; j++) {
      if (i === 0 && j === 0) continue
      const offer = (value: number, how: number) => {
        if (value < cost[i]![j]!) {
          cost[i]![j] = value
          step[i]![j] = how
        }
      }
      if (j > 0) offer(cost[i]![j - 1]! + (textual(cells[j - 1]!) ? 0 : 9), 1)
      if (i > 0) offer(cost[i - 1]![j]! + 6 + 40 * (clusters[i - 1]!.count / top), 2)
      if (i > 0 && j > 0)
        offer(
          cost[i - 1]![j - 1]! +
            distance(clusters[i - 1]!, cells[j - 1]!) +
            (textual(cells[j - 1]!) ? 12 : 0),
          3,
        )
    }
  const pairs = new Map<number, number>()
  for (let i = n, j = m; i > 0 || j > 0; ) {
    const how = step[i]![j]!
    if (how === 3) pairs.set(--j, --i)
    else if (how === 2) i--
    else j--
  }
  return { pairs, cost: cost[n]![m]! }
}

/** `tokensOfTier` yields the amounts of the lines of each tier. */
export function columnsOf(
  cells: HeaderCell[],
  meanings: (ColumnMeaning | null)[],
  lines: Line[],
  tiers: number,
): Columns {
  const h = medianOf(lines.map((line) => line.h)) || 8
  const isText = (at: number) => ['account', 'name', 'phone', 'email'].includes(meanings[at] ?? '')
  const firstAmount = Math.min(
    ...cells.filter((_, at) => isBucket(meanings[at]!) || meanings[at] === 'balance').map(({ x0 }) => x0),
  )
  // With whole amounts, what stands left of the first age may be an account number.
  const tokens = lines.flatMap((line) =>
    line.tokens.filter(
      (token) =>
        token.amount !== null &&
        token.amount !== 'unreadable' &&
        /\d/.test(token.text) &&
        (token.sure || token.x1 > firstAmount - h * 2),
    ),
  )
  const sure = tokens.filter((token) => token.sure)
  const used = sure.length > tokens.length * 0.3 ? sure : tokens
  let best: { edge: Edge; clusters: Cluster[]; held: number } | null = null
  for (const edge of ['right', 'center', 'left'] as const) {
    const clusters = clustersOf(used, edge, h)
    const wanted = cells.length + 1
    const counts = clusters.map(({ count }) => count).sort((a, b) => b - a)
    const held = counts.slice(0, wanted).reduce((sum, count) => sum + count, 0) / Math.max(1, used.length)
    const score = held + (edge === 'right' ? 0.08 : 0) - clusters.length * 0.004
    if (!best || score > best.held) best = { edge, clusters, held: score }
  }
  const { edge, clusters } = best!
  const floor = Math.max(1, lines.length * 0.012)
  const columns: Column[] = cells.map((cell, at) => ({
    label: cell.label,
    meaning: meanings[at]!,
    tier: cell.tier,
    x0: cell.x0,
    x1: cell.x1,
    at: null,
    from: cell.x0,
    to: cell.x1,
    start: cell.x0,
    amounts: 0,
  }))
  const strays: Column[] = []
  for (let tier = 0; tier < tiers; tier++) {
    const mine = columns.map((column, at) => ({ column, at })).filter(({ column }) => column.tier === tier)
    const { pairs } = pair(
      clusters,
      mine.map(({ at }) => cells[at]!),
      (cell) => isText(cells.indexOf(cell)),
      edge,
    )
    const offsets: number[] = []
    const labelEdge = (column: Column) =>
      edge === 'right' ? column.x1 : edge === 'left' ? column.x0 : (column.x0 + column.x1) / 2
    for (const [cell, cluster] of pairs) {
      const { column } = mine[cell]!
      const { at, x0, x1, count } = clusters[cluster]!
      Object.assign(column, { at, from: x0, to: x1, amounts: count })
      offsets.push(at - labelEdge(column))
    }
    const offset = medianOf(offsets)
    for (const { column, at } of mine)
      if (column.at === null && !isText(at)) column.at = labelEdge(column) + offset
    // Amounts that stand under no label at all.
    if (tiers === 1)
      for (const [at, cluster] of clusters.entries())
        if (
          ![...pairs.values()].includes(at) &&
          cluster.count > Math.max(floor * 8, lines.length * 0.15) &&
          sure.length > 0
        )
          strays.push({
            label: '',
            meaning: null,
            tier,
            x0: cluster.x0,
            x1: cluster.x1,
            at: cluster.at,
            from: cluster.x0,
            to: cluster.x1,
            start: cluster.x0,
            amounts: cluster.count,
          })
  }
  columns.push(...strays)
  const places = columns
    .flatMap(({ at, tier }) => (at === null || tier > 0 ? [] : [at]))
    .sort((a, b) => a - b)
  const spacing = places.slice(1).map((place, i) => place - places[i]!)
  const tolerance = Math.min(
    Math.max(h * 1.3, edge === 'right' ? 0 : 12),
    Math.max(h * 0.6, Math.min(...spacing, 60) * 0.48),
  )
  const nameLimit = startsOf(columns, lines, h)
  return { columns, edge, tolerance, nameLimit }
}

/** Left edges of the text columns: where phrases begin most often near the label. */
function startsOf(columns: Column[], lines: Line[], h: number): number {
  const places = new Map<number, number>()
  for (const line of lines) {
    let end = Number.NEGATIVE_INFINITY
    for (const word of line.words) {
      // The account number may stand one blank before the name: any word may begin a column.
      const far = word.x0 - end > h * 0.3
      const key = Math.round(word.x0 * 2)
      places.set(key, (places.get(key) ?? 0) + (far ? 1 : 0.5))
      end = word.x1
    }
  }
  const ordered = [...columns].sort((a, b) => a.x0 - b.x0)
  for (const [at, column] of ordered.entries()) {
    const isAmount = column.at !== null && (isBucket(column.meaning) || column.meaning === 'balance')
    if (isAmount) continue
    const before = ordered
      .slice(0, at)
      .reverse()
      .find((other) => other.tier === column.tier)
    const after = ordered.slice(at + 1).find((other) => other.tier === column.tier)
    // A label may be centred over its column, or indented.
    const low = Math.max(
      before
        ? before.at !== null && before.amounts > 0
          ? before.to
          : before.x0 + h
        : Number.NEGATIVE_INFINITY,
      column.x0 - h * 12,
    )
    const high = Math.min(column.x1, after ? after.x0 - 1 : column.x1)
    let best: { x: number; count: number } | null = null
    for (const [key, count] of places) {
      const x = key / 2
      if (x < low || x > Math.max(high, column.x0 + 1)) continue
      const near = count + (places.get(key - 1) ?? 0) + (places.get(key + 1) ?? 0)
      const weight = near * (Math.abs(x - column.x0) < 1.5 ? 2 : 1)
      if (!best || weight > best.count) best = { x, count: weight }
    }
    column.start =
      best && best.count >= Math.max(2, lines.length * 0.08)
        ? best.x - 0.8
        : Math.min(column.x0, column.from) - 0.8
  }
  const name =
    columns.find(({ meaning }) => meaning === 'name') ?? columns.find(({ meaning }) => meaning === 'account')
  const amounts = columns.filter(({ meaning }) => isBucket(meaning) || meaning === 'balance')
  const limit = Math.min(...amounts.filter(({ from }) => from > (name?.start ?? 0)).map(({ from }) => from))
  const ends: number[] = []
  if (name)
    for (const line of lines) {
      const words = line.words.filter((word) => word.x0 >= name.start && word.x1 <= limit)
      if (words.length > 0 && words.length < line.words.length) ends.push(words.at(-1)!.x1)
    }
  return ends.length > 0 ? Math.max(...ends) : limit
}

/** The column an amount stands in. */
export function columnAt(token: Token, { columns, edge, tolerance }: Columns, tier: number): number | null {
  let best: { at: number; distance: number } | null = null
  for (const [at, column] of columns.entries()) {
    if (column.tier !== tier || column.at === null) continue
    const distance = Math.abs(edgeOf(token, edge) - column.at)
    if (distance <= tolerance && (!best || distance < best.distance)) best = { at, distance }
  }
  return best?.at ?? null
}
