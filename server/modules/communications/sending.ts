import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import { sql } from 'kysely'
import type { ApiDeps } from '../../core/api.ts'
import type { Database } from '../../core/database.ts'
import { asSystem, type Scope } from '../../core/scope.ts'
import type { Kind } from './address.ts'
import { openChannel } from './channels.ts'
import { type Claimed, claim, holdWithoutWay, type Way } from './claim.ts'
import { prepare } from './letter.ts'
import { failTheRest, mark } from './mark.ts'
import { channelOf } from './messages.ts'
import { providers } from './providers/all.ts'
import { all, type OpenChannel, type Result } from './providers/provider.ts'

// Choose (a scope: pending becomes sending, committed), send (none), mark (a scope). Each channel has so many lanes; what a lane marks
// and what it takes next share a transaction.

/** Shorter waits that a provider asks for are sat out; after longer ones a job comes back. */
const PATIENCE_MS = 20_000

type Running = { done: Promise<void>; again: boolean }
const runs = new WeakMap<Database, { tenants: Map<number, Running>; stop: AbortController }>()
const runsOf = (database: Database) => {
  const known = runs.get(database)
  if (known) return known
  const made = { tenants: new Map<number, Running>(), stop: new AbortController() }
  runs.set(database, made)
  return made
}

/** Begins to send what is due in an organisation, or has the one at work look once more. */
export function startSending(deps: ApiDeps, tenantId: number, log?: FastifyBaseLogger): Promise<void> {
  const { tenants, stop } = runsOf(deps.database)
  if (stop.signal.aborted) return Promise.resolve()
  const known = tenants.get(tenantId)
  if (known) {
    known.again = true
    return known.done
  }
  const running: Running = { done: Promise.resolve(), again: true }
  running.done = (async () => {
    try {
      while (running.again && !stop.signal.aborted) {
        running.again = false
        await sendDue(deps, tenantId, stop.signal)
      }
    } catch (error) {
      // What was taken stays `sending` until its lease ends, and is `unknown` then; the rest is due still.
      log?.error({ err: error, tenant_id: tenantId }, 'Sending messages broke off')
    } finally {
      tenants.delete(tenantId)
    }
  })()
  tenants.set(tenantId, running)
  return running.done
}

/** Lets the calls under way end and their outcomes be written; nothing more is taken. */
export async function stopSending(database: Database): Promise<void> {
  const { tenants, stop } = runsOf(database)
  stop.abort()
  await Promise.all([...tenants.values()].map(({ done }) => done))
}

type Within = <T>(work: (scope: Scope) => Promise<T>) => Promise<T>

async function sendDue(deps: ApiDeps, tenantId: number, stop: AbortSignal): Promise<void> {
  const within: Within = (work) =>
    asSystem(deps.database, 'sending messages', async (system) => work(await system.enter(tenantId)), {
      now: deps.now(),
    })
  let idle = 0
  while (!stop.aborted) {
    const ways = await within(waysDue)
    const byChannel = Map.groupBy(ways, ({ channel_id }) => channel_id)
    const ended = await Promise.allSettled(
      [...byChannel].map(([channelId, of]) => sendBy(deps, within, tenantId, channelId, of, stop)),
    )
    const broken = ended.find((end) => end.status === 'rejected')
    if (broken) throw broken.reason
    const taken = ended.reduce((sum, end) => sum + (end.status === 'fulfilled' ? end.value : 0), 0)
    idle = taken > 0 ? 0 : idle + 1
    const wait = await within(nextDue)
    // Another server has all of a channel's lanes: it goes on without us.
    if (wait === null || idle > 20) return
    if (wait > PATIENCE_MS) {
      await within((scope) =>
        scope.enqueue(
          'send_messages',
          {},
          { key: `send messages later ${tenantId}`, runAt: new Date(scope.now.getTime() + wait) },
        ),
      )
      return
    }
    const pause = taken > 0 ? wait : Math.max(wait, 250)
    if (pause > 0) await sleep(pause, undefined, { signal: stop }).catch(() => {})
  }
}

type DueWay = Way & { channel_id: number; paused_until: string | null }
/** By what the due messages leave. Those without a channel are held: nobody waits for something that does not come. */
async function waysDue(scope: Scope): Promise<DueWay[]> {
  const { rows } = await sql<{ kind: Kind; outlet_id: number | null }>`
    select distinct kind, outlet_id from messages where tenant_id = ${scope.tenantId} and state = 'pending' and send_after <= ${scope.now}`.execute(
    scope.db,
  )
  const ways: DueWay[] = []
  for (const way of rows) {
    const channel = await channelOf(scope, way.kind, way.outlet_id)
    if (channel?.is_ready) ways.push({ ...way, channel_id: channel.id, paused_until: channel.paused_until })
    else await holdWithoutWay(scope, way)
  }
  return ways
}

/** Milliseconds until something can be sent again; null when nothing waits for the next hour. */
async function nextDue(scope: Scope): Promise<number | null> {
  const now = scope.now.getTime()
  const { rows } = await sql<{ next: string | null }>`
    select min(send_after) as next from messages
     where tenant_id = ${scope.tenantId} and state = 'pending' and send_after > ${scope.now} and send_after <= ${new Date(now + 3_600_000)}`.execute(
    scope.db,
  )
  const later = rows[0]?.next ? [new Date(rows[0].next).getTime() - now] : []
  const due = (await waysDue(scope)).map(({ paused_until }) =>
    paused_until ? Math.max(0, new Date(paused_until).getTime() - now) : 0,
  )
  return later.length + due.length === 0 ? null : Math.min(...later, ...due)
}

async function sendBy(
  deps: ApiDeps,
  within: Within,
  tenantId: number,
  channelId: number,
  ways: Way[],
  stop: AbortSignal,
): Promise<number> {
  const { channel, concurrency, locked } = await within((scope) => openChannel(scope, deps, channelId))
  if (locked) {
    await within((scope) => failTheRest(scope, channel, ways, locked))
    return 0
  }
  const { batch, send } = providers[channel.provider]
  let isRefused = false
  let taken = 0
  const lane = async () => {
    let results: Result[] = []
    for (;;) {
      const claimed = await within(async (scope) => {
        await mark(scope, channel, results)
        return stop.aborted || isRefused ? [] : claim(scope, channel, ways, { batch, concurrency })
      })
      if (claimed.length === 0) return
      taken += claimed.length
      results = await deliver(deps, tenantId, channel, claimed, send)
      const fault = results.find((result) => result.outcome === 'failed' && result.fault)
      if (fault?.outcome === 'failed' && !isRefused) {
        // Whoever refuses one key refuses it a thousand times.
        isRefused = true
        await within((scope) => failTheRest(scope, channel, ways, fault.error))
      }
    }
  }
  const lanes = await Promise.allSettled(Array.from({ length: concurrency }, lane))
  const broken = lanes.find((end) => end.status === 'rejected')
  if (broken) throw broken.reason
  return taken
}

async function deliver(
  deps: ApiDeps,
  tenantId: number,
  channel: OpenChannel,
  claimed: Claimed[],
  send: (typeof providers)[keyof typeof providers]['send'],
): Promise<Result[]> {
  const letters = claimed.map((message) => prepare(deps, tenantId, message))
  const whole = letters.filter((letter) => 'id' in letter)
  const broken = letters.filter((letter) => 'result' in letter).map(({ result }) => result)
  if (whole.length === 0) return broken
  try {
    return [...broken, ...(await send(channel, whole, deps.config))]
  } catch {
    // A mistake of ours in the middle of a call: nobody knows how far it came.
    return [
      ...broken,
      ...all(whole, { outcome: 'unknown', error: 'Sending broke off. Whether it left is not known.' }),
    ]
  }
}
