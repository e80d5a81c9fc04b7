// How what people recorded goes together with what files state. A file that says more is settled than the file before it
// includes, as far as that goes, what people recorded meanwhile: it confirms it, and only the rest is a payment of its own.

export type Stated = { n: number; as_of: string; is_absence: boolean; settled: number }
export type Recorded = {
  id: number
  kind: string
  amount: number
  /** Files of earlier days could not include it. */
  counts_from: string
  returned_on: string | null
}
export type Confirmation = {
  /** Statement -> what of its change was recorded before; negative of what was said to be returned. */
  absorbed: Map<number, number>
  /** Marks that a file does not bear out: they hold until its day. */
  reopened: { n: number; id: number; amount: number }[]
  /** The day of the last file, when it should include something recorded and does not. */
  contradicted_on: string | null
}

/** Both in order: statements by day, what was recorded by `counts_from`. Amounts in the direction that settles. */
export function confirm(statements: readonly Stated[], recorded: readonly Recorded[]): Confirmation {
  const absorbed = new Map<number, number>()
  const reopened: Confirmation['reopened'] = []
  const pending = new Map<Recorded, number>()
  const waiting = new Set(recorded)
  const standing = new Set(recorded.filter(({ returned_on }) => returned_on !== null))
  let returning = 0
  let before = 0
  for (const { n, as_of, settled } of statements) {
    for (const each of waiting) {
      if (each.counts_from > as_of) continue
      waiting.delete(each)
      pending.set(each, each.amount)
    }
    for (const each of standing) {
      if (each.returned_on! > as_of) continue
      standing.delete(each)
      // What no file has confirmed until it went back, none needs to take back.
      const confirmed = waiting.delete(each) ? 0 : each.amount - (pending.get(each) ?? 0)
      pending.delete(each)
      returning += confirmed
    }
    let change = settled - before
    before = settled
    if (change < 0) {
      const taken = Math.min(returning, -change)
      returning -= taken
      if (taken > 0) absorbed.set(n, -taken)
    }
    for (const [each, left] of pending) {
      if (change <= 0) break
      const taken = Math.min(left, change)
      change -= taken
      absorbed.set(n, (absorbed.get(n) ?? 0) + taken)
      if (taken === left) pending.delete(each)
      else pending.set(each, left - taken)
    }
    for (const [each, left] of pending) {
      if (each.kind !== 'mark') continue
      reopened.push({ n, id: each.id, amount: left })
      pending.delete(each)
    }
  }
  const last = statements.findLast(({ is_absence }) => !is_absence)
  const isContradicted =
    last !== undefined &&
    (returning > 0 || [...pending.keys()].some(({ counts_from }) => counts_from <= last.as_of))
  return { absorbed, reopened, contradicted_on: isContradicted ? last.as_of : null }
}
