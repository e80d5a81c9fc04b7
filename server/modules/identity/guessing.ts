import { sql } from 'kysely'
import { networkOf } from '../../core/address.ts'
import { Refusal } from '../../core/errors.ts'
import type { SystemScope } from '../../core/scope.ts'

/** Attempts under one key, and how many a quarter of an hour allows. */
export type Counter = { key: string; limit: number }

const WINDOW_MS = 15 * 60_000

/**
 * Sign-ins are counted for the account at one address, for the account from anywhere, and for the address over all
 * accounts, in one table that every door shares. A name nobody has is counted like any other; somebody with two names
 * (user name and e-mail) is counted once.
 */
export const signInCounters = (account: string, ip: string): Counter[] => [
  { key: `pair ${account} ${networkOf(ip)}`, limit: 10 },
  { key: `account ${account}`, limit: 50 },
  { key: `address ${networkOf(ip)}`, limit: 100 },
]

/** Tries of somebody who is signed in, or sits at their screen, at their present password or second factor. */
export const ownCounter = (userId: number): Counter => ({ key: `own ${userId}`, limit: 10 })

/** Counts an attempt before it is judged, so that parallel guesses cannot slip past the limit together. */
export async function countAttempt(system: SystemScope, counters: readonly Counter[]) {
  const windowStart = new Date(system.now.getTime() - WINDOW_MS)
  for (const { key, limit } of counters) {
    const { rows } = await sql<{ failures: number; window_started_at: string }>`
      insert into sign_in_failures as f (key, failures, window_started_at) values (${key}, 1, ${system.now})
      on conflict (key) do update set
        failures = case when f.window_started_at < ${windowStart} then 1 else f.failures + 1 end,
        window_started_at = case when f.window_started_at < ${windowStart} then ${system.now} else f.window_started_at end
      returning failures, window_started_at`.execute(system.db)
    const row = rows[0]!
    if (row.failures > limit) {
      const began = new Date(row.window_started_at).getTime()
      const wait = Math.max(1, Math.ceil((began + WINDOW_MS - system.now.getTime()) / 1000))
      const minutes = Math.ceil(wait / 60)
      throw new Refusal(
        429,
        'too_many_attempts',
        `Too many failed attempts. Wait ${minutes === 1 ? 'a minute' : `${minutes} minutes`}, or reset your password.`,
        { headers: { 'retry-after': String(wait) }, keep: true },
      )
    }
  }
}

/** A right answer: the account starts anew; the address only gets this attempt back. */
export async function forgetAttempts(system: SystemScope, counters: readonly Counter[]) {
  const address = counters.filter(({ key }) => key.startsWith('address '))
  const rest = counters.filter((counter) => !address.includes(counter)).map(({ key }) => key)
  await system.db.deleteFrom('sign_in_failures').where('key', 'in', rest).execute()
  await uncountAttempt(system, address)
}

/** Takes back one counted attempt: the password was right, only the code was not sent yet. */
export async function uncountAttempt(system: SystemScope, counters: readonly Counter[]) {
  const keys = counters.map(({ key }) => key)
  await sql`update sign_in_failures set failures = greatest(0, failures - 1) where key = any(${keys})`.execute(
    system.db,
  )
}
