import type { Column } from './columns.ts'
import { isBucket } from './labels.ts'
import type { Group, Prepared } from './prepare.ts'
import { BUCKETS, type ColumnMeaning } from './types.ts'
import { viewOf } from './views.ts'

// Columns of amounts that their label does not explain, told by arithmetic where the accounts of the whole report leave no
// doubt, and asked about otherwise.

export function choose(prepared: Prepared): Prepared {
  for (const [at, group] of prepared.groups.entries()) settle(prepared, group, at)
  return prepared
}

function settle({ placed }: Prepared, group: Group, number: number) {
  const { columns } = group.columns
  const rows = placed
    .filter((each) => each.group === number && !each.header && !each.beforeHeader)
    .map(({ line }) => viewOf(line, group).amounts)
    .filter((amounts) => amounts.size >= 2)
  const of = (amounts: Map<number, number>, at: number) => amounts.get(at) ?? 0
  const buckets = () => columns.flatMap((column, at) => (isBucket(column.meaning) ? [at] : []))
  const fits = (balance: number, ages: number[]) =>
    rows.filter((amounts) => ages.reduce((sum, at) => sum + of(amounts, at), 0) === of(amounts, balance))
      .length
  const holds = (count: number) => rows.length > 0 && count >= rows.length * 0.9
  const set = (at: number, meaning: ColumnMeaning | null) => {
    columns[at]!.meaning = meaning
    if (at < group.meanings.length) group.meanings[at] = meaning
    else group.meanings.push(meaning)
  }
  while (group.meanings.length < columns.length) group.meanings.push(columns[group.meanings.length]!.meaning)

  // Two columns that may be the balance: the one that is the sum of the ages; else the last.
  const balances = columns.flatMap((column, at) => (column.meaning === 'balance' ? [at] : []))
  if (balances.length > 1) {
    const best = [...balances].sort((a, b) => fits(b, buckets()) - fits(a, buckets()) || b - a)[0]!
    for (const at of balances) if (at !== best) set(at, 'other')
  }
  const unknown = columns.flatMap((column, at) =>
    column.meaning === null && column.at !== null && column.amounts >= Math.max(1, rows.length * 0.05)
      ? [at]
      : [],
  )
  if (unknown.length === 0) return
  let balance = columns.findIndex(({ meaning }) => meaning === 'balance')
  if (balance < 0) {
    const sum = unknown.find((at) =>
      holds(fits(at, [...buckets(), ...unknown.filter((other) => other !== at)])),
    )
    const alone = unknown.find((at) => holds(fits(at, buckets())))
    const guess = alone ?? sum
    if (guess !== undefined) {
      balance = guess
      ask(columns[guess]!, 'balance')
      set(guess, 'balance')
    }
  }
  const rest = unknown.filter((at) => at !== balance)
  if (rest.length === 0) return
  // All accounts add up without it: it is no age, whatever it is.
  if (balance >= 0 && holds(fits(balance, buckets())) && buckets().length >= 3) {
    for (const at of rest) set(at, 'other')
    return
  }
  const free = BUCKETS.filter((bucket) => !columns.some(({ meaning }) => meaning === bucket))
  for (const at of rest) {
    const without = [...buckets(), ...rest.filter((other) => other !== at)]
    const guess: ColumnMeaning | null =
      balance >= 0 && holds(fits(balance, without))
        ? 'other'
        : (neighbour(columns, at) ?? free.shift() ?? null)
    ask(columns[at]!, guess)
    set(at, guess)
  }
}

const ask = (column: Column, guess: ColumnMeaning | null) => {
  column.question = { guess }
}

/** The age between its neighbours' ages. */
function neighbour(columns: Column[], at: number): ColumnMeaning | null {
  const ordered = columns
    .map((column, index) => ({ column, index }))
    .sort((a, b) => a.column.x0 - b.column.x0)
  const place = ordered.findIndex(({ index }) => index === at)
  const step = (other: number) => BUCKETS.indexOf(ordered[other]?.column.meaning as (typeof BUCKETS)[number])
  const [left, right] = [step(place - 1), step(place + 1)]
  if (left >= 0 && right - left === 2) return BUCKETS[left + 1]!
  if (left >= 0 && left - right === 2) return BUCKETS[right + 1]!
  if (left >= 0 && right < 0) return BUCKETS[left + 1] ?? null
  if (right > 0) return BUCKETS[right - 1]!
  return null
}
