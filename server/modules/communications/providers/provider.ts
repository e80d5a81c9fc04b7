import type { Config } from '../../../core/config.ts'
import type { Kind } from '../address.ts'
import type { ChannelSettings } from '../messages.ts'

/** A channel with its keys in the open, for the time of a call. */
export type OpenChannel = {
  tenant_id: number
  id: number
  kind: Kind
  provider: 'sendgrid' | 'smsportal' | 'smtp' | 'outbox'
  settings: ChannelSettings
  secrets: Readonly<Record<string, string>>
  from: { email: string; name: string }
}

export type Outgoing = {
  id: number
  attempt: number
  /** E-mail, or digits with the country's. */
  address: string
  recipient_name: string
  subject: string
  text: string
  html: string | null
  headers: Record<string, string>
  files: { name: string; mime: string; path: string }[]
}

/**
 * What became of a message. `again`: the provider did not take it, for certain, and may later. `unknown`: it may have taken it, so
 * nothing but a report of the provider or a person settles it. `fault`: the channel itself is refused; others would be too.
 */
export type Result = { id: number; attempt: number } & (
  | { outcome: 'sent'; external_id: string | null; parts?: number; cost?: number }
  | { outcome: 'failed'; error: string; fault?: boolean; opted_out?: boolean }
  | { outcome: 'again'; error: string; after_ms: number | null }
  | { outcome: 'unknown'; error: string }
)
type Fate = Result extends infer R ? (R extends unknown ? Omit<R, 'id' | 'attempt'> : never) : never

export type Provider = {
  /** Messages of one call. */
  batch: number
  send(channel: OpenChannel, messages: Outgoing[], config: Config): Promise<Result[]>
  /** Asks whether the keys are good, without telling anybody anything. */
  test(channel: OpenChannel, config: Config): Promise<{ ok: boolean; detail: string }>
}

export const all = (messages: Outgoing[], fate: Fate): Result[] =>
  messages.map(({ id, attempt }) => ({ id, attempt, ...fate }) as Result)

export type Called =
  | { answered: true; status: number; headers: Headers; body: unknown; text: string }
  /** `reached` false: no connection came about, so nothing was taken. */
  | { answered: false; reached: boolean; why: string }

const NEVER_REACHED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

export async function callProvider(
  { messages: { timeoutMs } }: Config,
  url: string,
  init: RequestInit,
): Promise<Called> {
  try {
    const response = await fetch(url, {
      ...init,
      // A redirect would carry the key to wherever it leads.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    const text = (await response.text()).slice(0, 1_000_000)
    return {
      answered: true,
      status: response.status,
      headers: response.headers,
      body: readJson(text),
      text,
    }
  } catch (error) {
    const { name, cause } = error as Error & { cause?: { code?: string } }
    const code = cause?.code ?? ''
    if (NEVER_REACHED.has(code))
      return { answered: false, reached: false, why: `The provider cannot be reached (${code}).` }
    return {
      answered: false,
      reached: true,
      why:
        name === 'TimeoutError'
          ? `The provider did not answer within ${timeoutMs / 1000} s.`
          : `The connection broke before the provider answered${code ? ` (${code})` : ''}.`,
    }
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** No call that ended without an answer says whether the message was taken, unless nothing was reached at all. */
export const unanswered = (
  messages: Outgoing[],
  { reached, why }: { reached: boolean; why: string },
): Result[] =>
  reached
    ? all(messages, { outcome: 'unknown', error: `${why} Whether it was taken is not known.` })
    : all(messages, { outcome: 'again', error: why, after_ms: null })

/** How long the provider asks to wait. */
export function waitAsked(headers: Headers, now = Date.now()): number | null {
  const after = headers.get('retry-after')
  if (after && /^\d+$/.test(after)) return Math.min(Number(after), 3600) * 1000
  const reset = Number(headers.get('x-ratelimit-reset'))
  // Seconds since 1970.
  if (reset > 1e9) return Math.min(Math.max(reset * 1000 - now, 1000), 3_600_000)
  return null
}
