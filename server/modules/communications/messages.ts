import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { ApiDeps } from '../../core/api.ts'
import type { Keyring } from '../../core/crypto.ts'
import { cut } from '../../core/schema.ts'
import { asSystem, type Scope } from '../../core/scope.ts'
import { addressOf, type Kind } from './address.ts'
import { heldWords, isSettled, type MessageState } from './rules.ts'
import { startSending } from './sending.ts'
import { partsOf } from './sms.ts'

// What other modules need: is there a way to send, put messages into the outbox, and wait for what became of them.

/** Files of a message lie in the folder of packs, or in the one of messages (`files.ts`). */
export type MessageFile = {
  store: 'packs' | 'messages'
  sha256: string
  name: string
  mime: string
  size: number
}

export type Draft = {
  /** Names the intent, once in the organisation: `campaign 4 customer 12 email`. The same again is the same message. */
  dedupe_key: string
  kind: Kind
  /** What for: reminder, campaign, dunning, invitation, password_reset, report_pack, statement … */
  purpose: string
  recipient: string
  recipient_name?: string | null
  subject?: string | null
  text: string
  html?: string | null
  campaign_id?: number | null
  outlet_id?: number | null
  customer_id?: number | null
  /** The member it goes to, when it goes to one of ours. */
  user_id?: number | null
  /** Whoever gets it can refuse further ones: it carries an unsubscribe link, and is held for those who did. */
  refusable?: boolean
  /** Holds a link into an account: its words are kept sealed until they left, and shown to nobody. */
  confidential?: boolean
  files?: MessageFile[]
  send_after?: Date | null
}

export type Enqueued = {
  id: number
  dedupe_key: string
  state: MessageState
  /** Why it is held, in a word and in a sentence. */
  reason: string | null
  error: string | null
  /** False where the same intent was there before. */
  is_new: boolean
}

export type ChannelSettings = {
  from_name?: string
  from_email?: string
  reply_to?: string
  region?: 'global' | 'eu'
  host?: string
  port?: number
  security?: 'tls' | 'starttls' | 'none'
  sender_id?: string
  /** Price of one part of a text, in minor units of the organisation's currency; what a dry run shows. */
  part_price?: number
  /** The provider's own check: SendGrid's public key, the names of SMSPortal's headers and how its signature is written. */
  webhook_key?: string
  signature_header?: string
  timestamp_header?: string
  signature_encoding?: 'hex' | 'base64'
  /** Reports that carry no signature (SMSPortal's older ones) count by the secret in their address alone. */
  unsigned_reports?: boolean
}
export type Channel = {
  id: number
  outlet_id: number | null
  kind: Kind
  provider: 'sendgrid' | 'smsportal' | 'smtp' | 'outbox'
  settings: ChannelSettings
  /** False while a key is missing: nothing can be sent by it. */
  is_ready: boolean
  /** The provider said: not before. */
  paused_until: string | null
}

/** What is needed before anything can leave. */
export const neededSecrets = {
  sendgrid: ['api_key'],
  smsportal: ['client_id', 'api_secret'],
  smtp: [],
  outbox: [],
  shared: [],
} as const

/**
 * By what a message of an outlet (or of the organisation itself: null) leaves now, or null where nobody chose. An outlet does not
 * write through the organisation's channel unless its own says `shared`.
 */
export async function channelOf(scope: Scope, kind: Kind, outletId: number | null): Promise<Channel | null> {
  const { rows } = await sql<
    Omit<Channel, 'is_ready' | 'provider'> & {
      provider: Channel['provider'] | 'shared'
      secret_names: string[]
    }
  >`
    select id, outlet_id, kind, provider, settings, secret_names, paused_until from channels
     where tenant_id = ${scope.tenantId} and kind = ${kind} and outlet_id is not distinct from ${outletId}::bigint`.execute(
    scope.db,
  )
  const [row] = rows
  if (!row) return null
  const { provider, secret_names, ...channel } = row
  if (provider === 'shared') return channelOf(scope, kind, null)
  const isReady =
    neededSecrets[provider].every((name) => secret_names.includes(name)) &&
    (provider !== 'smtp' || Boolean(channel.settings.host))
  return { ...channel, provider, is_ready: isReady }
}

const CONFIDENTIAL = 'This message held a link for its recipient alone. Its words are not kept.'

/**
 * Puts messages into the outbox, in the caller's transaction: once that commits they are sent, however the server fares. Held at once
 * is what cannot or may not be sent, with its reason. Answers in the order of the drafts.
 */
export async function enqueue(scope: Scope, drafts: Draft[], keys?: Keyring): Promise<Enqueued[]> {
  if (drafts.length === 0) return []
  const ways = new Map<string, boolean>()
  for (const { kind, outlet_id = null } of drafts) {
    const way = `${kind} ${outlet_id}`
    if (!ways.has(way)) ways.set(way, (await channelOf(scope, kind, outlet_id))?.is_ready ?? false)
  }
  const rows = drafts.map((draft, n) => ({
    n,
    dedupe_key: draft.dedupe_key,
    kind: draft.kind,
    purpose: draft.purpose,
    campaign_id: draft.campaign_id ?? null,
    outlet_id: draft.outlet_id ?? null,
    customer_id: draft.customer_id ?? null,
    user_id: draft.user_id ?? null,
    recipient: cut(draft.recipient.trim(), 254),
    recipient_name: cut(draft.recipient_name ?? '', 200),
    address: addressOf(draft.kind, draft.recipient, scope.tenant.country),
    subject: draft.subject ? cut(draft.subject, 400) : null,
    ...words(scope, draft, keys),
    files: draft.files ?? [],
    refusable: draft.refusable ?? false,
    has_way: ways.get(`${draft.kind} ${draft.outlet_id ?? null}`),
    parts: draft.kind === 'sms' ? partsOf(draft.text).parts : null,
    send_after: draft.send_after ?? scope.now,
  }))
  const { rows: made } = await sql<{ dedupe_key: string }>`
    with judged as (
      select d.*, case
               when d.address = '' then 'no_address'
               when s.reason <> 'opted_out' or (s.reason = 'opted_out' and d.refusable) then s.reason
               -- Whoever refused on one way is not written to on another.
               when d.refusable and d.customer_id is not null and exists (
                 select from messages m join suppressions o on o.tenant_id = ${scope.tenantId} and o.kind = m.kind and o.address = m.address and o.reason = 'opted_out'
                  where m.tenant_id = ${scope.tenantId} and m.customer_id = d.customer_id) then 'opted_out'
               when not d.has_way then 'no_channel' end as reason
        from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
          as d(dedupe_key text, kind text, purpose text, campaign_id bigint, outlet_id bigint, customer_id bigint, user_id bigint, recipient text,
               recipient_name text, address text, subject text, "text" text, html text, sealed text, files jsonb, refusable boolean, has_way boolean,
               parts int, send_after timestamptz, n int)
        left join suppressions s on s.tenant_id = ${scope.tenantId} and s.kind = d.kind and s.address = d.address
    )
    insert into messages (tenant_id, dedupe_key, kind, purpose, campaign_id, outlet_id, customer_id, user_id, created_by, recipient, recipient_name,
                          address, subject, text, html, sealed, files, refusable, state, reason, send_after, parts, created_at, updated_at)
    select ${scope.tenantId}, dedupe_key, kind, purpose, campaign_id, outlet_id, customer_id, user_id, ${scope.userId > 0 ? scope.userId : null}::bigint,
           recipient, recipient_name, address, subject, "text", html, sealed, files, refusable, case when reason is null then 'pending' else 'held' end,
           reason, send_after, parts, ${scope.now}, ${scope.now}
      from judged order by n
    on conflict (tenant_id, dedupe_key) do nothing returning dedupe_key`.execute(scope.db)
  const fresh = new Set(made.map(({ dedupe_key }) => dedupe_key))
  const { rows: found } = await sql<Omit<Enqueued, 'is_new'> & { send_after: string }>`
    select id, dedupe_key, state, reason, error, send_after from messages
     where tenant_id = ${scope.tenantId} and dedupe_key = any(${drafts.map(({ dedupe_key }) => dedupe_key)})`.execute(
    scope.db,
  )
  const byKey = new Map(found.map((row) => [row.dedupe_key, row]))
  const fresher = found.filter(({ dedupe_key }) => fresh.has(dedupe_key))
  if (fresher.length > 0) {
    await scope.record('message.queued', fresher.length === 1 ? fresher[0]!.id : null, {
      count: fresher.length,
      held: fresher.filter(({ state }) => state === 'held').length,
      purpose: drafts[0]!.purpose,
      kind: drafts[0]!.kind,
    })
  }
  if (fresher.some(({ state, send_after }) => state === 'pending' && new Date(send_after) <= scope.now))
    await scope.enqueue('send_messages', {}, { key: `send messages ${scope.tenantId}` })
  return drafts.map(({ dedupe_key }) => {
    const { send_after: _, error, ...row } = byKey.get(dedupe_key)!
    return {
      ...row,
      error: error ?? (row.reason ? (heldWords[row.reason] ?? null) : null),
      is_new: fresh.has(dedupe_key),
    }
  })
}

function words(scope: Scope, draft: Draft, keys: Keyring | undefined) {
  if (!draft.confidential) return { text: draft.text, html: draft.html ?? null, sealed: null }
  if (!keys) throw new Error('Confidential messages are sealed: pass the keys')
  const body = JSON.stringify({ text: draft.text, html: draft.html ?? null })
  return {
    text: CONFIDENTIAL,
    html: null,
    sealed: keys.seal(body, sealContext(scope.tenantId, draft.dedupe_key)),
  }
}
export const sealContext = (tenantId: number, dedupeKey: string) => `message ${tenantId} ${dedupeKey}`

export type Outcome = {
  id: number
  state: MessageState
  external_id: string | null
  error: string | null
  sent_at: string | null
}

/**
 * Sends what is due and waits until these messages are settled, at most `waitMs`; then answers how they stand. Called outside any
 * scope: others hold no connection while providers think.
 */
export async function settled(
  deps: ApiDeps,
  tenantId: number,
  ids: number[],
  waitMs: number,
): Promise<Outcome[]> {
  const until = Date.now() + waitMs
  void startSending(deps, tenantId)
  for (let pause = 20; ; pause = Math.min(pause * 1.5, 500)) {
    const now = await outcomes(deps, tenantId, ids)
    if (now.every(({ state }) => isSettled(state)) || Date.now() >= until) return now
    await sleep(Math.min(pause, Math.max(1, until - Date.now())))
  }
}

async function outcomes(deps: ApiDeps, tenantId: number, ids: number[]): Promise<Outcome[]> {
  return asSystem(
    deps.database,
    'outcomes of messages',
    async (system) => {
      const scope = await system.enter(tenantId)
      const { rows } = await sql<Outcome & { reason: string | null }>`
        select id, state, external_id, error, sent_at, reason from messages where tenant_id = ${tenantId} and id = any(${ids}) order by id`.execute(
        scope.db,
      )
      return rows.map(({ reason, error, ...row }) => ({
        ...row,
        error: error ?? (reason ? (heldWords[reason] ?? null) : null),
      }))
    },
    { now: deps.now() },
  )
}
