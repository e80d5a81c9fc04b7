import type { FastifyBaseLogger } from 'fastify'
import pg from 'pg'

/** What a commit announces: ids only. `id` is the event's number within the organisation; progress has none. */
export type Notice = {
  tenant_id: number
  id: number | null
  kind: string
  subject: string
  subject_id: number | null
  [detail: string]: unknown
}
type Listener = (notice: Notice) => void

/** One LISTEN connection per server; whoever subscribes gets the notices of one organisation. */
export type Hub = {
  subscribe(tenantId: number, listener: Listener): () => void
  subscriberCount(): number
  close(): Promise<void>
}

const CHANNEL = 'duebook'
const RETRY_MS = [100, 500, 1_000, 2_000, 5_000]

export function openHub(config: pg.ClientConfig, log: FastifyBaseLogger): Hub {
  const listeners = new Map<number, Set<Listener>>()
  let client: pg.Client | undefined
  let closed = false
  let attempt = 0
  let retry: NodeJS.Timeout | undefined

  function hear(payload: string | undefined) {
    let notice: Notice
    try {
      notice = JSON.parse(payload ?? '') as Notice
    } catch {
      log.warn('A notification that is not JSON was passed over')
      return
    }
    for (const listener of listeners.get(notice.tenant_id) ?? []) listener(notice)
  }

  async function connect() {
    const made = new pg.Client({ ...config, application_name: 'duebook realtime', keepAlive: true })
    client = made
    made.on('notification', (message) => hear(message.payload))
    made.on('error', () => {})
    made.on('end', () => {
      if (closed || client !== made) return
      const wait = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]!
      attempt += 1
      retry = setTimeout(() => void connect(), wait)
    })
    try {
      await made.connect()
      await made.query(`listen ${CHANNEL}`)
      attempt = 0
    } catch (error) {
      if (!closed) log.warn({ err: error }, 'Realtime: cannot listen to the database, trying again')
      await made.end().catch(() => {})
    }
  }
  void connect()

  return {
    subscribe(tenantId, listener) {
      const set = listeners.get(tenantId) ?? new Set()
      listeners.set(tenantId, set.add(listener))
      return () => {
        set.delete(listener)
        if (set.size === 0) listeners.delete(tenantId)
      }
    },
    subscriberCount: () => [...listeners.values()].reduce((sum, set) => sum + set.size, 0),
    async close() {
      closed = true
      clearTimeout(retry)
      await client?.end().catch(() => {})
    },
  }
}
