export type Load = { count: number; amount: bigint }
export type Weight = Load & { customer_id: number }

/**
 * Who of several people gets which customer. A customer goes to who of them has most of it already; the others, largest first, each to
 * who has least by then. `loads` is what they have, and has what they get added.
 */
export function share(
  weights: readonly Weight[],
  people: readonly number[],
  loads: Map<number, Load>,
  holding: ReadonlyMap<number, ReadonlyMap<number, number>>,
  by: 'count' | 'amount',
): Map<number, number> {
  const chosen = new Map<number, number>()
  const take = (weight: Weight, to: number) => {
    const load = loads.get(to) ?? { count: 0, amount: 0n }
    loads.set(to, { count: load.count + weight.count, amount: load.amount + weight.amount })
    chosen.set(weight.customer_id, to)
  }
  const fresh: Weight[] = []
  for (const weight of weights) {
    const holders = holding.get(weight.customer_id)
    const held = people
      .map((person) => ({ person, count: holders?.get(person) ?? 0 }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count || a.person - b.person)[0]
    if (held) take(weight, held.person)
    else fresh.push(weight)
  }
  const none: Load = { count: 0, amount: 0n }
  /** By money, what is in other currencies still counts as invoices. */
  const compare = (a: Load, b: Load) => {
    const [byAmount, byCount] = [a.amount < b.amount ? -1 : a.amount > b.amount ? 1 : 0, a.count - b.count]
    return by === 'amount' ? byAmount || byCount : byCount || byAmount
  }
  fresh.sort((a, b) => compare(b, a) || a.customer_id - b.customer_id)
  for (const weight of fresh) {
    const least = people.reduce((best, person) =>
      compare(loads.get(person) ?? none, loads.get(best) ?? none) < 0 ? person : best,
    )
    take(weight, least)
  }
  return chosen
}
