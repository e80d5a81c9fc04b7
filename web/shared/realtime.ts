import type { QueryClient } from '@tanstack/react-query'
import { api } from '../api.ts'

// What follows from the balances of invoices, wherever it stands on screen.
const books = ['invoices', 'ageing', 'customers', 'outstanding', 'inbox', 'team', 'worklist']

/** First part of an event's kind -> what may have changed on screen (first part of query keys). */
const touched: Record<string, string[]> = {
  // People and places.
  user: ['users', 'session', 'roles', 'assignees'],
  membership: ['users', 'session', 'join-requests', 'assignees'],
  invitation: ['invitations', 'users'],
  join_request: ['join-requests'],
  role: ['roles', 'users', 'session'],
  profile: ['session'],
  session: ['sessions'],
  api_key: ['api-keys'],
  organisation: ['organisation', 'session', 'ageing'],
  tenant: ['organisation', 'session', 'tenants', 'ageing'],
  region: ['regions', 'outlets', 'users'],
  department: ['departments', 'users'],
  outlet: ['outlets', 'users'],
  demo: ['demo', 'ageing', 'invoices', 'imports', 'users'],
  // Files, and the books that follow from them.
  import: [...books, 'imports', 'disputes', 'promises', 'dunning', 'insights', 'forecast'],
  import_source: ['imports'],
  invoice: [...books, 'assignees', 'attachments', 'credits', 'write-offs', 'promises', 'dunning'],
  payment: ['payments', 'credits'],
  write_off_policy: ['write-offs'],
  rate: ['insights'],
  report_schedule: ['insights'],
  report_pack: ['insights'],
  // The work with customers.
  customer: [...books, 'assignees', 'attempts', 'tasks', 'attachments', 'dunning', 'debtors'],
  // The lists of pharmacies.
  debtor_report: ['debtors'],
  debtor: ['debtors'],
  pharmacy: ['debtors'],
  dispute: [...books, 'disputes', 'attachments', 'dunning'],
  dispute_reason: ['disputes'],
  promise: ['promises', 'invoices', 'customers', 'dunning', 'worklist'],
  worklist: ['worklist'],
  absence: ['absences', 'team'],
  assignment_rule: ['assignment-rules', 'team'],
  dunning_policy: ['dunning'],
  dunning_message: ['dunning'],
  dunning_block: ['dunning'],
  dead_address: ['dunning'],
  // What is sent.
  message: ['messages', 'campaigns'],
  campaign: ['campaigns', 'messages', 'reminders'],
  channel: ['channels', 'reminders'],
  suppression: ['suppressions', 'reminders'],
  sending_rules: ['sending-rules', 'reminders'],
  message_template: ['message-templates', 'reminders'],
  escalation: ['escalation'],
  notification: ['notifications'],
}

/** Query key roots to read again after an event; every event is also a line of the audit trail. */
export function rootsOf(kind: string): string[] {
  const noun = kind.split('.')[0] ?? ''
  return [...(touched[noun] ?? []), 'audit']
}

/** Milliseconds before attempt n (0-based): 1 s doubling to 30 s, with up to a quarter of jitter either way. */
export function backoff(attempt: number, random = Math.random()): number {
  return Math.round(Math.min(30_000, 1_000 * 2 ** attempt) * (0.75 + random / 2))
}

export type Progress = { type: 'progress'; kind: string; subject_id: number; step: string; rows: number }
const listeners = new Set<(progress: Progress) => void>()

/** Hears how far long work is; progress is written nowhere, so it changes no query. */
export function onProgress(listener: (progress: Progress) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Keeps a socket open and marks what changed as old. Returns how to stop. */
export function followEvents(client: QueryClient): () => void {
  let socket: WebSocket | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let attempt = 0
  let stopped = false
  const pending = new Set<string>()
  let flushing: ReturnType<typeof setTimeout> | undefined

  // An import sends many events at once: one round of reading for all of them.
  const flush = () => {
    flushing = undefined
    const roots = new Set(pending)
    pending.clear()
    void client.invalidateQueries({ predicate: (query) => roots.has(String(query.queryKey[0])) })
  }

  const again = () => {
    if (stopped) return
    timer = setTimeout(connect, backoff(attempt++))
  }

  const connect = async () => {
    try {
      const { ticket } = await api<{ ticket: string }>('POST', '/api/realtime/ticket')
      if (stopped) return
      const address = new URL(`/ws/events?ticket=${encodeURIComponent(ticket)}`, location.href)
      address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
      socket = new WebSocket(address)
    } catch {
      return again()
    }
    socket.onopen = () => {
      // What happened while the line was down is unknown: read the visible again.
      if (attempt > 0) void client.invalidateQueries({ type: 'active' })
      attempt = 0
    }
    socket.onmessage = (message) => {
      const event = parse(message.data)
      if (event?.type === 'progress') for (const listener of listeners) listener(event as Progress)
      if (event?.type !== 'event') return
      for (const root of rootsOf(event.kind)) pending.add(root)
      flushing ??= setTimeout(flush, 150)
    }
    socket.onclose = again
  }

  void connect()
  return () => {
    stopped = true
    clearTimeout(timer)
    clearTimeout(flushing)
    socket?.close()
  }
}

function parse(data: unknown): { type: string; kind: string } | null {
  try {
    return JSON.parse(String(data))
  } catch {
    return null
  }
}
