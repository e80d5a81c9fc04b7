import { columnAt } from './columns.ts'
import { isBucket } from './labels.ts'
import type { Group } from './prepare.ts'
import type { Line, Token } from './tokens.ts'
import { BUCKETS, type Bucket } from './types.ts'
import { spaceOf } from './words.ts'

// A line seen through the columns it stands under.

export type View = {
  line: Line
  group: Group | null
  /** By column: amounts, and those that can no longer be read. */
  amounts: Map<number, number>
  unreadable: number[]
  /** Amounts that stand between the columns. */
  strays: string[]
  account: string
  name: string
  /** Where the name begins and ends. */
  nameX: number
  nameEnd: number
  /** Text of the columns of telephone numbers and addresses. */
  phone: string
  email: string
  other: string
  /** All that is no amount of a column. */
  text: string
  /** Amounts of a bucket or the balance. */
  figures: number
  percent: boolean
}

const isFigure = (group: Group, at: number) => {
  const { meaning } = group.columns.columns[at]!
  return isBucket(meaning) || meaning === 'balance'
}

export function viewOf(line: Line, group: Group | null, tier = 0): View {
  const view: View = {
    line,
    group,
    amounts: new Map(),
    unreadable: [],
    strays: [],
    account: '',
    name: '',
    nameX: 0,
    nameEnd: 0,
    phone: '',
    email: '',
    other: '',
    text: '',
    figures: 0,
    percent: line.words.filter(({ text }) => text.includes('%')).length >= 2,
  }
  if (!group) return { ...view, text: line.text }
  const { columns } = group.columns
  const figures = columns.filter(
    ({ meaning, tier: of }) => of === tier && (isBucket(meaning) || meaning === 'balance'),
  )
  const [low, high] = [
    Math.min(...figures.map(({ from, at, x0 }) => (at === null ? x0 : from))),
    Math.max(...figures.map(({ to, x1 }) => Math.max(to, x1))),
  ]
  const texts = columns
    .map((column, at) => ({ column, at }))
    .filter(({ column }) => column.tier === tier || column.tier === 0)
    .map(({ column, at }) => ({
      at,
      column,
      start:
        column.at !== null && column.amounts > 0 && isFigure(group, at)
          ? column.from - line.h * 0.4
          : column.start,
    }))
    .sort((a, b) => a.start - b.start)
  const said: string[] = []
  const by = new Map<number, string[]>()
  let last: { token: Token; at: number | null } | null = null
  for (const token of line.tokens) {
    if (token.amount !== null) {
      const at = columnAt(token, group.columns, tier)
      const meaning = at === null ? null : columns[at]!.meaning
      const textual =
        meaning === 'account' || meaning === 'name' || meaning === 'phone' || meaning === 'email'
      // A whole number right behind text is part of it: "082 555 1234", "12 Main Road".
      const behind = last?.at != null && token.x0 - last.token.x1 < spaceOf(line.h, line.pitch) * 1.7
      if (
        at !== null &&
        !textual &&
        columns[at]!.at !== null &&
        (token.sure || (!behind && fits(token, line, low)))
      ) {
        if (token.amount === 'unreadable' || view.amounts.has(at)) view.unreadable.push(at)
        else view.amounts.set(at, token.amount.minor)
        if (isFigure(group, at) && (/\d/.test(token.text) || token.amount === 'unreadable')) view.figures++
        last = { token, at: null }
        continue
      }
      if (token.amount === 'unreadable' && token.x1 > low && token.x0 < high + line.h) {
        // Too wide for its column: the column is the one it covers.
        const near = nearest(token, group, tier)
        if (near !== null) {
          view.unreadable.push(near)
          view.figures++
          last = { token, at: null }
          continue
        }
      }
      if (token.sure && token.x0 > low && token.x1 < high + line.h) {
        view.strays.push(token.text)
        said.push(token.text)
        continue
      }
    }
    said.push(token.text)
    const own = texts.findLast(({ start }) => start <= token.x0 + 0.1)
    let at = own?.at ?? texts[0]?.at ?? null
    const gap = last ? token.x0 - last.token.x1 : Number.POSITIVE_INFINITY
    const atStart = own && Math.abs(own.start + 0.8 - token.x0) < 2
    // A phrase goes on into the next column when it is too long for its own.
    if (last?.at != null && last.at !== at && gap < spaceOf(line.h, line.pitch) * 1.7 && !atStart)
      at = last.at
    if (at !== null && isFigure(group, at)) at = last?.at ?? at
    if (at !== null) {
      const list = by.get(at) ?? []
      list.push(token.text)
      by.set(at, list)
      if (columns[at]!.meaning === 'name') {
        if (list.length === 1) view.nameX = token.x0
        view.nameEnd = token.x1
      }
    }
    last = { token, at }
  }
  for (const [at, words] of by) {
    const text = words.join(' ')
    const meaning = columns[at]!.meaning
    if (meaning === 'account') view.account = text
    else if (meaning === 'name') view.name = text
    else if (meaning === 'phone') view.phone = join(view.phone, text)
    else if (meaning === 'email') view.email = join(view.email, text)
    else view.other = join(view.other, text)
  }
  view.text = said.join(' ')
  return view
}

const join = (a: string, b: string) => (a === '' ? b : `${a} ${b}`)

/** A whole number is an amount only where amounts stand, and not far left of them. */
const fits = (token: Token, line: Line, low: number) => token.x1 > low - line.h || line.tokens.length === 1

function nearest(token: Token, group: Group, tier: number): number | null {
  let best: { at: number; distance: number } | null = null
  for (const [at, column] of group.columns.columns.entries()) {
    if (column.tier !== tier || column.at === null || !isFigure(group, at)) continue
    const overlap = Math.min(column.to, token.x1) - Math.max(column.from, token.x0)
    const distance = -overlap
    if (!best || distance < best.distance) best = { at, distance }
  }
  return best && best.distance < 15 ? best.at : null
}

export type Figures = {
  buckets: Record<Bucket, number>
  balance: number | null
  printed: Set<Bucket | 'balance'>
}

/** Columns of the same age are added. */
export function figuresOf(amounts: Map<number, number>, group: Group): Figures {
  const buckets = Object.fromEntries(BUCKETS.map((bucket) => [bucket, 0])) as Record<Bucket, number>
  const printed = new Set<Bucket | 'balance'>()
  let balance: number | null = null
  for (const [at, minor] of amounts) {
    const { meaning } = group.columns.columns[at]!
    if (isBucket(meaning)) {
      buckets[meaning] += minor
      printed.add(meaning)
    } else if (meaning === 'balance') {
      balance = minor
      printed.add('balance')
    }
  }
  return { buckets, balance, printed }
}

export const sumOf = (buckets: Record<Bucket, number>) =>
  BUCKETS.reduce((sum, bucket) => sum + buckets[bucket], 0)
