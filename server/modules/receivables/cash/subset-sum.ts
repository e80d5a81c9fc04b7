// Which of a customer's open invoices add up to what was paid, to the cent. Up to six of them, all but six, or a run of
// consecutive ones are found for certain; other choices as far as a bounded search goes.

export type Item = { id: number; amount: number }
export type Found = {
  ids: number[]
  /** How they belong together, which says how likely it is that they are meant. */
  how: 'single' | 'all' | 'oldest' | 'run' | 'few' | 'all_but' | 'search'
}

export const ITEMS_MAX = 60
const FEW = 3
const NODES_MAX = 100_000
const FOUND_MAX = 12
const rank: Record<Found['how'], number> = {
  all: 0,
  single: 1,
  oldest: 2,
  run: 3,
  few: 4,
  all_but: 5,
  search: 6,
}

/** Choices that add up to `target`, the likeliest first. Items are in the order of their age, the oldest first. */
export function subsetsOf(all: readonly Item[], target: number): Found[] {
  const items = all.slice(0, ITEMS_MAX).filter(({ amount }) => amount > 0)
  const found = new Map<string, Found>()
  const add = (indexes: readonly number[], how: Found['how']) => {
    const ids = indexes.map((index) => items[index]!.id)
    const key = [...ids].sort((a, b) => a - b).join(' ')
    const known = found.get(key)
    if (!known || rank[how] < rank[known.how]) found.set(key, { ids, how })
  }
  const total = items.reduce((sum, { amount }) => sum + amount, 0)
  if (target <= 0 || target > total) return []
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n)
  if (target === total) add(range(0, items.length), items.length === 1 ? 'single' : 'all')
  for (const [index, { amount }] of items.entries()) if (amount === target) add([index], 'single')
  for (let from = 0; from < items.length; from++) {
    let sum = 0
    for (let to = from; to < items.length && sum < target; to++) {
      sum += items[to]!.amount
      if (sum === target && to > from) add(range(from, to + 1), from === 0 ? 'oldest' : 'run')
    }
  }
  const sums = sumsOfFew(items)
  for (const each of few(sums, target)) add(each, 'few')
  for (const each of few(sums, total - target)) {
    const left = new Set(each)
    add(
      range(0, items.length).filter((index) => !left.has(index)),
      'all_but',
    )
  }
  if (found.size === 0) for (const each of search(items, target)) add(each, 'search')
  return [...found.values()]
    .sort((a, b) => rank[a.how] - rank[b.how] || a.ids.length - b.ids.length)
    .slice(0, FOUND_MAX)
}

type Few = { items: readonly Item[]; places: Map<number, number[]>; sorted: Float64Array[] }
/** The sums of one, two and three items, sorted: which items they are of is looked up where a sum is of use, which is rare. */
function sumsOfFew(items: readonly Item[]): Few {
  const n = items.length
  const amounts = Float64Array.from(items, ({ amount }) => amount)
  const two = new Float64Array((n * (n - 1)) / 2)
  const three = new Float64Array((n * (n - 1) * (n - 2)) / 6)
  let [at2, at3] = [0, 0]
  for (let a = 0; a < n; a++)
    for (let b = a + 1; b < n; b++) {
      const sum = amounts[a]! + amounts[b]!
      two[at2++] = sum
      for (let c = b + 1; c < n; c++) three[at3++] = sum + amounts[c]!
    }
  const places = new Map<number, number[]>()
  for (const [index, { amount }] of items.entries())
    places.set(amount, [...(places.get(amount) ?? []), index])
  return { items, places, sorted: [Float64Array.of(0), amounts.slice().sort(), two.sort(), three.sort()] }
}

/** Items of this number and sum; the last of them is looked up. */
function* chosen(sums: Few, size: number, sum: number, from = 0): Generator<number[]> {
  const { items, places } = sums
  if (size === 0) {
    if (sum === 0) yield []
  } else if (size === 1) {
    for (const index of places.get(sum) ?? []) if (index >= from) yield [index]
  } else
    for (let index = from; index < items.length; index++)
      for (const others of chosen(sums, size - 1, sum - items[index]!.amount, index + 1))
        yield [index, ...others]
}

/** Choices of up to six: of one to three, and of three beside one to three others. The smallest first. */
function* few(sums: Few, target: number): Generator<number[]> {
  const { sorted } = sums
  const seen = new Set<string>()
  for (const [more, size] of [
    [0, 1],
    [0, 2],
    [0, FEW],
    [1, FEW],
    [2, FEW],
    [FEW, FEW],
  ] as const) {
    const [small, large] = [sorted[more]!, sorted[size]!]
    let high = large.length - 1
    let last = -1
    for (const low of small) {
      while (high >= 0 && low + large[high]! > target) high--
      // Of two threes the smaller is looked for once.
      if (high < 0 || (more === size && low * 2 > target)) break
      if (low + large[high]! !== target || low === last) continue
      last = low
      for (const one of chosen(sums, size, target - low))
        for (const other of chosen(sums, more, low)) {
          if (other.some((index) => one.includes(index))) continue
          const both = [...one, ...other].sort((a, b) => a - b)
          const key = both.join(' ')
          if (seen.has(key)) continue
          seen.add(key)
          yield both
          if (seen.size >= FOUND_MAX) return
        }
    }
  }
}

/** The largest first, cut off where the rest is too little or too much; gives up after so many steps. */
function search(items: readonly Item[], target: number): number[][] {
  const order = items.map((_, index) => index).sort((a, b) => items[b]!.amount - items[a]!.amount)
  const rest = Array<number>(order.length + 1).fill(0)
  for (let at = order.length - 1; at >= 0; at--) rest[at] = rest[at + 1]! + items[order[at]!]!.amount
  const found: number[][] = []
  const taken: number[] = []
  let nodes = 0
  const walk = (at: number, left: number) => {
    if (left === 0) {
      found.push([...taken].sort((a, b) => a - b))
      return
    }
    if (at === order.length || left > rest[at]! || found.length >= FOUND_MAX || ++nodes > NODES_MAX) return
    const amount = items[order[at]!]!.amount
    if (amount <= left) {
      taken.push(order[at]!)
      walk(at + 1, left - amount)
      taken.pop()
    }
    walk(at + 1, left)
  }
  walk(0, target)
  return found
}
