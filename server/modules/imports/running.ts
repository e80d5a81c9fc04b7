import type { OwnHttp } from '../../core/api.ts'
import { Refusal } from '../../core/errors.ts'
import type { Scope } from '../../core/scope.ts'
import { tellProgress } from './progress.ts'

// Imports that this process is at: what they have got to, and how they are stopped.

export type Progress = { step: string; rows: number; of: number }
type Running = { progress: Progress; stop: AbortController }
const running = new Map<number, Running>()

export const progressOf = (id: number): Progress | null => running.get(id)?.progress ?? null

/** Stops the work at an import of this process; answers whether there was any. */
export function stopRunning(id: number): boolean {
  const found = running.get(id)
  found?.stop.abort(cancelled())
  return found !== undefined
}
export const cancelled = () =>
  new Refusal(409, 'cancelled', 'The import was cancelled. Nothing of it is in the books.')

/** Longest an import may take, ms. */
export const IMPORT_TIME_MAX = 10 * 60_000
const tookTooLong = () =>
  new Refusal(
    503,
    'took_too_long',
    `The import took longer than ${IMPORT_TIME_MAX / 60_000} minutes and was stopped. Nothing was imported; split the file.`,
  )

export type Watch = {
  signal: AbortSignal
  /** Tells how far the work has got, to whoever listens; goes nowhere else, and holds nothing up. */
  notify(step: string, rows?: number, of?: number): void
  /** Runs a transaction on a connection of its own kind; stopping the work ends the statement under way. */
  inBulk<T>(work: (scope: Scope) => Promise<T>): Promise<T>
}

/** Watches over the work at one import until it is done. */
export async function watched<T>(http: OwnHttp, id: number, work: (watch: Watch) => Promise<T>): Promise<T> {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(tookTooLong()), IMPORT_TIME_MAX)
  const mine: Running = { progress: { step: 'waiting', rows: 0, of: 0 }, stop }
  running.set(id, mine)
  // The work is not to wait for this: it holds the row of its import, and all connections may be with those who wait for that row.
  let telling: Promise<void> | undefined
  async function tell() {
    for (let told: Progress | undefined; told !== mine.progress; ) {
      told = mine.progress
      await http.inScope((scope) => tellProgress(scope, id, told!)).catch(() => {})
    }
  }
  const watch: Watch = {
    signal: stop.signal,
    notify(step, rows = 0, of = mine.progress.of) {
      mine.progress = { step, rows, of }
      telling ??= tell().finally(() => (telling = undefined))
    },
    inBulk: (inside) =>
      http.inScope(
        async (scope) => {
          const pid = (scope.client as unknown as { processID: number }).processID
          let ended: Promise<void> | undefined
          // As the login itself: its role for requests may not end the statements of others.
          const end = () => {
            ended = http
              .inScope(
                async ({ client }) => {
                  await client.query('set local role none')
                  await client.query('select pg_cancel_backend($1)', [pid])
                },
                { bulk: true },
              )
              .catch(() => {})
          }
          stop.signal.addEventListener('abort', end)
          try {
            stop.signal.throwIfAborted()
            const done = await inside(scope)
            stop.signal.throwIfAborted()
            return done
          } finally {
            stop.signal.removeEventListener('abort', end)
            // Coming later it would end what the connection does next, for somebody else.
            await ended
          }
        },
        { bulk: true },
      ),
  }
  try {
    return await work(watch)
  } catch (error) {
    // Whatever the stop made fail, the stop is the reason.
    throw stop.signal.aborted ? stop.signal.reason : error
  } finally {
    clearTimeout(timer)
    await telling
    if (running.get(id) === mine) running.delete(id)
  }
}
