import { createHmac, createPublicKey, verify } from 'node:crypto'
import { sql } from 'kysely'
import type { ApiDeps } from '../../core/api.ts'
import { sameBytes, sha256 } from '../../core/crypto.ts'
import { Refusal } from '../../core/errors.ts'
import type { Scope, SystemScope } from '../../core/scope.ts'
import { openChannel } from './channels.ts'
import type { OpenChannel } from './providers/provider.ts'

// Who reports: the address carries a secret that names the channel, and the provider's signature says that the bytes are its own.

/** Older reports are somebody's recording. */
const AGE_MAX_S = 300

export type Told = {
  /** As the message was given to the provider: number and attempt. */
  message_id: number
  attempt: number
  kind: import('./rules.ts').ReportKind
  detail: string | null
  at: Date
  report_key: string
}

export async function enterByWebhook(
  system: SystemScope,
  deps: Pick<ApiDeps, 'keys' | 'config'>,
  provider: 'sendgrid' | 'smsportal',
  token: string,
): Promise<{ scope: Scope; channel: OpenChannel }> {
  const unknown = new Refusal(
    404,
    'not_found',
    'This address is not one of ours. Copy it anew from the channel.',
  )
  const tenantId = Number(/^(\d{1,15})\.[A-Za-z0-9_-]{32}$/.exec(token)?.[1] ?? 0)
  const { rows: tenants } = await sql`select 1 from tenants where id = ${tenantId} and is_active`.execute(
    system.db,
  )
  if (tenants.length === 0) throw unknown
  const scope = await system.enter(tenantId)
  const { rows } = await sql<{ id: number }>`
    select id from channels where tenant_id = ${tenantId} and webhook_hash = ${sha256(token)} and provider = ${provider}`.execute(
    scope.db,
  )
  if (!rows[0]) throw unknown
  return { scope, channel: (await openChannel(scope, deps, rows[0].id)).channel }
}

const forged = (why: string) => new Refusal(403, 'signature_invalid', why)

/** ECDSA over the time and the bytes as they came: a body that was read and written again does not verify. */
export function verifySendgrid(
  channel: OpenChannel,
  headers: Record<string, string | string[] | undefined>,
  raw: Buffer,
  now: Date,
) {
  const key = channel.settings.webhook_key
  if (!key)
    throw forged(
      'Reports count once their signature can be checked. Enter the verification key in the channel.',
    )
  const signature = headers['x-twilio-email-event-webhook-signature']
  const timestamp = headers['x-twilio-email-event-webhook-timestamp']
  if (typeof signature !== 'string' || typeof timestamp !== 'string' || !/^\d{1,12}$/.test(timestamp))
    throw forged('The signature is missing. Switch on the signed event webhook.')
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > AGE_MAX_S)
    throw forged('The signature is of another time.')
  let isGood = false
  try {
    const publicKey = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' })
    isGood = verify(
      'sha256',
      Buffer.concat([Buffer.from(timestamp), raw]),
      publicKey,
      Buffer.from(signature, 'base64'),
    )
  } catch {
    isGood = false
  }
  if (!isGood) throw forged('The signature does not fit the bytes.')
}

/** HMAC-SHA256 over `v1:{timestamp}|{METHOD}|{url}|{body}`. The names of the headers are not published, so they are settings. */
export function verifySmsportal(
  channel: OpenChannel,
  request: {
    method: string
    url: string
    headers: Record<string, string | string[] | undefined>
    raw: Buffer
  },
  now: Date,
) {
  const { settings, secrets } = channel
  if (!secrets.webhook_secret) {
    if (settings.unsigned_reports) return
    throw forged(
      'Reports count once their signature can be checked. Enter the secret of the webhook in the channel, or allow reports without signature there.',
    )
  }
  const signature = request.headers[(settings.signature_header ?? 'X-Signature').toLowerCase()]
  const timestamp = request.headers[(settings.timestamp_header ?? 'X-Timestamp').toLowerCase()]
  if (typeof signature !== 'string' || typeof timestamp !== 'string')
    throw forged('The signature is missing.')
  const time = /^\d{9,13}$/.test(timestamp)
    ? Number(timestamp) * (timestamp.length > 11 ? 1 : 1000)
    : Date.parse(timestamp)
  if (!(Math.abs(now.getTime() - time) <= AGE_MAX_S * 1000)) throw forged('The signature is of another time.')
  const wanted = createHmac('sha256', secrets.webhook_secret)
    .update(`v1:${timestamp}|${request.method}|${request.url}|`)
    .update(request.raw)
    .digest()
  const given = Buffer.from(signature.replace(/^v1=/, ''), settings.signature_encoding ?? 'hex')
  if (!sameBytes(wanted, given)) throw forged('The signature does not fit the bytes.')
}

const sendgridKinds: Record<string, Told['kind']> = {
  processed: 'accepted',
  deferred: 'deferred',
  delivered: 'delivered',
  bounce: 'bounced',
  dropped: 'dropped',
  open: 'opened',
  click: 'clicked',
  spamreport: 'spam',
  unsubscribe: 'unsubscribed',
  group_unsubscribe: 'unsubscribed',
}

type Json = Record<string, unknown>
const words = (value: unknown) =>
  typeof value === 'string' ? value.replace(/\s+/g, ' ').trim().slice(0, 500) : ''
const whole = (value: unknown) => {
  const number = Number(typeof value === 'string' || typeof value === 'number' ? value : Number.NaN)
  return Number.isSafeInteger(number) && number > 0 ? number : 0
}

/** Events that do not name one of our messages are of mails that somebody else sent by the same account. */
export function readSendgrid(raw: Buffer): Told[] {
  const events = parsed(raw)
  if (!Array.isArray(events)) throw new Refusal(400, 'invalid_json', 'SendGrid reports in a list of events.')
  return events.flatMap((event: Json): Told[] => {
    const message_id = whole(event?.duebook_message)
    const attempt = whole(event?.duebook_attempt)
    const kind = sendgridKinds[words(event?.event)]
    const seconds = whole(event?.timestamp)
    if (!message_id || !attempt || !kind || !seconds) return []
    const isBlocked = kind === 'bounced' && words(event.type) === 'blocked'
    return [
      {
        message_id,
        attempt,
        kind: isBlocked ? 'blocked' : kind,
        detail: words(event.reason) || words(event.response) || null,
        at: new Date(seconds * 1000),
        // Not by sg_event_id: it changes when the same report is sent again.
        report_key: key(
          'sendgrid',
          event.sg_message_id,
          event.event,
          event.timestamp,
          message_id,
          attempt,
          event.url,
        ),
      },
    ]
  })
}
const key = (...parts: unknown[]) =>
  `${parts[0]} ${sha256(JSON.stringify(parts.map((part) => String(part ?? '')))).toString('base64url')}`

function parsed(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString('utf8'))
  } catch {
    throw new Refusal(400, 'invalid_json', 'The body is not valid JSON.')
  }
}

const smsStates: Record<string, Told['kind']> = {
  DELIVRD: 'delivered',
  DELIVERED: 'delivered',
  ACCEPTD: 'accepted',
  ACCEPTED: 'accepted',
  SENT: 'accepted',
  ENROUTE: 'accepted',
  SUBMITTED: 'accepted',
  EXPIRED: 'expired',
  UNDELIV: 'bounced',
  UNDELIVERED: 'bounced',
  UNDELIVERABLE: 'bounced',
  FAILED: 'dropped',
  REJECTD: 'dropped',
  REJECTED: 'dropped',
  DELETED: 'dropped',
  BLIST: 'dropped',
  NOROUTE: 'dropped',
}

export type Reply = {
  message_id: number | null
  attempt: number | null
  phone: string
  text: string
  report_key: string
}
export type SmsTold = { reports: Told[]; replies: Reply[] }

/** Reports of delivery and replies, by POST with JSON or (older) by GET with a query; names in any case. */
export function readSmsportal(raw: Buffer, query: Json, now: Date): SmsTold {
  const body = raw.length > 0 ? parsed(raw) : query
  const told: SmsTold = { reports: [], replies: [] }
  for (const each of Array.isArray(body) ? body : [body]) {
    if (!each || typeof each !== 'object') continue
    const fields = new Map(Object.entries(each as Json).map(([name, value]) => [name.toLowerCase(), value]))
    const field = (...names: string[]) =>
      names.map((name) => fields.get(name)).find((value) => value !== undefined)
    const reference = /^(\d{1,15})-(\d{1,9})$/.exec(words(String(field('userreference', 'customerid') ?? '')))
    const message_id = reference ? Number(reference[1]) : null
    const attempt = reference ? Number(reference[2]) : null
    const phone = String(field('msisdn', 'phonenumber') ?? '').replace(/\D/g, '')
    const reply = field('incomingdata', 'replydata', 'message')
    if (
      field('incomingid', 'replyid') !== undefined ||
      (reply !== undefined && field('status') === undefined)
    ) {
      told.replies.push({
        message_id,
        attempt,
        phone,
        text: words(reply),
        report_key: key(
          'smsportal reply',
          field('incomingid', 'replyid', 'id'),
          phone,
          reply,
          reference?.[0],
        ),
      })
      continue
    }
    const status = words(field('status')).toUpperCase()
    const kind = smsStates[status]
    if (!message_id || !attempt || !kind) continue
    const stamp = field('received', 'receivedutc', 'statustime', 'date')
    told.reports.push({
      message_id,
      attempt,
      kind,
      detail: kind === 'delivered' || kind === 'accepted' ? null : `The network says ${status}.`,
      at: timeOf(stamp) ?? now,
      report_key: key('smsportal', field('eventid', 'id'), status, stamp, reference?.[0]),
    })
  }
  return told
}

function timeOf(value: unknown): Date | null {
  const text = String(value ?? '')
  const ms = /^\d{9,11}$/.test(text)
    ? Number(text) * 1000
    : /^\d{4}-/.test(text)
      ? Date.parse(text)
      : Number.NaN
  return Number.isFinite(ms) ? new Date(ms) : null
}
