// Imports of one organisation run one after the other, and two at a time on the whole server: they wait here, holding
// nothing, not on a database connection each.

const AT_ONCE = 2
const last = new Map<string, Promise<unknown>>()
let running = 0
const waiting: (() => void)[] = []

/** Runs `work` when everything of the same `key` that came before is done and a place is free. */
export async function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
  const before = last.get(key) ?? Promise.resolve()
  const mine = before.catch(() => {}).then(() => inPlace(work))
  last.set(key, mine)
  try {
    return await mine
  } finally {
    if (last.get(key) === mine) last.delete(key)
  }
}

async function inPlace<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve))
  else running++
  try {
    return await work()
  } finally {
    // A place is handed on, not given back: nobody who comes later takes it first.
    const next = waiting.shift()
    if (next) next()
    else running--
  }
}
