import type { Config } from '../../../core/config.ts'
import { sha256 } from '../../../core/crypto.ts'
import {
  all,
  type Called,
  callProvider,
  type OpenChannel,
  type Outgoing,
  type Provider,
  type Result,
  unanswered,
  waitAsked,
} from './provider.ts'

// SMSPortal REST. An answer of 200 may still mean that nothing was sent: its counters and faults are read. One event covers a whole
// call, so reports are told apart by customerId, which is the message's number and attempt.

const tokens = new Map<string, { token: string; until: number }>()
const keyOf = ({ tenant_id, id, secrets }: OpenChannel, { messages }: Config) =>
  sha256(`${messages.smsportalUrl} ${tenant_id} ${id} ${secrets.client_id} ${secrets.api_secret}`).toString(
    'base64',
  )

type Entry = { token: string } | Called

async function signIn(channel: OpenChannel, config: Config, anew = false): Promise<Entry> {
  const key = keyOf(channel, config)
  const known = tokens.get(key)
  if (known && !anew && known.until > Date.now()) return { token: known.token }
  const basic = Buffer.from(`${channel.secrets.client_id}:${channel.secrets.api_secret}`).toString('base64')
  const called = await callProvider(config, `${config.messages.smsportalUrl}/v3/Authentication`, {
    headers: { authorization: `Basic ${basic}` },
  })
  if (!called.answered || called.status !== 200) return called
  const { token, expiresInMinutes } = (called.body ?? {}) as { token?: string; expiresInMinutes?: number }
  if (!token) return { ...called, status: 502 }
  // A minute before it runs out, so that none runs out on its way.
  tokens.set(key, { token, until: Date.now() + ((expiresInMinutes ?? 60) - 1) * 60_000 })
  return { token }
}

type Problem = { errorCode?: string; errorMessage?: string }
const problemOf = (body: unknown): Problem => {
  const { errors, ...bare } = (body ?? {}) as Problem & { errors?: Problem[] }
  return errors?.[0] ?? bare
}

type SendResponse = {
  cost?: number
  eventId?: number | string
  messages?: number
  parts?: number
  errorReport?: {
    noNetwork?: number
    noContents?: number
    contentToLong?: number
    duplicates?: number
    optedOuts?: number
    faults?: {
      rawDestination?: string
      scrubbedDestination?: string
      customerId?: string
      errorMessage?: string
      status?: string
    }[]
  }
}

async function bulk(
  channel: OpenChannel,
  config: Config,
  messages: Outgoing[],
  token: string,
): Promise<Called> {
  return callProvider(config, `${config.messages.smsportalUrl}/v3/BulkMessages`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      sendOptions: {
        ...(channel.settings.sender_id ? { senderId: channel.settings.sender_id } : {}),
        duplicateCheck: 'none',
        checkOptOuts: true,
      },
      messages: messages.map(({ id, attempt, text, address }) => ({
        content: text,
        destination: address,
        customerId: `${id}-${attempt}`,
      })),
    }),
  })
}

function refused(messages: Outgoing[], called: Called): Result[] {
  if (!called.answered) return unanswered(messages, called)
  const { status, headers, body } = called
  const { errorCode = '', errorMessage = '' } = problemOf(body)
  const why = (errorMessage || errorCode).slice(0, 300)
  if (status === 429)
    return all(messages, {
      outcome: 'again',
      error: 'SMSPortal asks to send more slowly.',
      after_ms: waitAsked(headers) ?? 5_000,
    })
  if (status === 401)
    return all(messages, {
      outcome: 'failed',
      fault: true,
      error: `SMSPortal refuses the client id and secret${why ? `: ${why}` : ''}. Enter valid ones in the channel.`,
    })
  if (status === 403)
    return all(messages, {
      outcome: 'failed',
      fault: true,
      error: /credit|balance/i.test(why)
        ? 'The SMSPortal account has no credits left. Top it up, then send again.'
        : `SMSPortal does not let this key send${why ? `: ${why}` : ''}.`,
    })
  if (status >= 500)
    return all(messages, {
      outcome: 'unknown',
      error: `SMSPortal answered ${status}. Whether it took the text is not known.`,
    })
  return all(messages, {
    outcome: 'failed',
    error: `SMSPortal refused the text (${status})${why ? `: ${why}` : ''}`,
  })
}

/** What an answer of 200 says of each message. */
export function readAnswer(messages: Outgoing[], body: unknown): Result[] {
  const whole = (body ?? {}) as SendResponse & {
    statusCode?: number
    errors?: Problem[]
    sendResponse?: SendResponse
  }
  const answer = whole.sendResponse ?? whole
  const first = whole.errors?.[0]
  if (answer.eventId === undefined || answer.eventId === null || (whole.statusCode ?? 200) >= 400) {
    if (first)
      return all(messages, {
        outcome: 'failed',
        error: `SMSPortal sent nothing: ${(first.errorMessage ?? first.errorCode ?? '').slice(0, 300)}`,
      })
    return all(messages, {
      outcome: 'unknown',
      error: 'SMSPortal answered in a way that does not say what it did.',
    })
  }
  const report = answer.errorReport ?? {}
  const faults = report.faults ?? []
  const results: Result[] = []
  const left = messages.filter((message) => {
    const fault = faults.find(
      ({ customerId, rawDestination, scrubbedDestination }) =>
        customerId === `${message.id}-${message.attempt}` ||
        (!customerId && (rawDestination === message.address || scrubbedDestination === message.address)),
    )
    if (!fault) return true
    const why = fault.errorMessage || fault.status || 'no reason given'
    results.push({
      id: message.id,
      attempt: message.attempt,
      outcome: 'failed',
      error: `SMSPortal did not send it: ${why.slice(0, 300)}`,
      opted_out: /opt(?:ed)?[\s-]?out/i.test(why),
    })
    return false
  })
  const counted = Object.entries(counters)
    .filter(([name]) => Number(report[name as keyof typeof counters] ?? 0) > 0)
    .map(([, word]) => word)
  const sent = answer.messages ?? left.length
  if (left.length > 0 && sent === 0)
    results.push(
      ...all(left, {
        outcome: 'failed',
        error: `SMSPortal answered 200 and sent nothing${counted.length > 0 ? `: ${counted.join(', ')}` : ''}.`,
        ...(report.optedOuts === left.length ? { opted_out: true } : {}),
      }),
    )
  else if (sent < left.length)
    results.push(
      ...all(left, {
        outcome: 'unknown',
        error: `SMSPortal sent ${sent} of ${left.length} and does not say which${counted.length > 0 ? ` (${counted.join(', ')})` : ''}.`,
      }),
    )
  else {
    const credits = left.length > 0 ? Math.round(((answer.cost ?? 0) * 100) / left.length) : 0
    results.push(
      ...all(left, {
        outcome: 'sent',
        external_id: String(answer.eventId),
        cost: credits,
        ...(left.length === 1 && answer.parts ? { parts: answer.parts } : {}),
      }),
    )
  }
  return results
}
const counters = {
  noNetwork: 'no network for the number',
  noContents: 'no words',
  contentToLong: 'too long',
  duplicates: 'a duplicate',
  optedOuts: 'the recipient opted out',
}

async function send(channel: OpenChannel, messages: Outgoing[], config: Config): Promise<Result[]> {
  let entry = await signIn(channel, config)
  // Without a token nothing was handed over.
  if (!('token' in entry)) return notSignedIn(messages, entry)
  let called = await bulk(channel, config, messages, entry.token)
  if (called.answered && called.status === 401) {
    entry = await signIn(channel, config, true)
    if (!('token' in entry)) return notSignedIn(messages, entry)
    called = await bulk(channel, config, messages, entry.token)
  }
  if (!called.answered || called.status !== 200) {
    // One number that is none makes it refuse the whole call: each goes alone then.
    if (called.answered && called.status === 400 && messages.length > 1) {
      const results: Result[] = []
      for (const message of messages) results.push(...(await send(channel, [message], config)))
      return results
    }
    return refused(messages, called)
  }
  return readAnswer(messages, called.body)
}

function notSignedIn(messages: Outgoing[], called: Called): Result[] {
  if (!called.answered || called.status >= 500)
    return all(messages, {
      outcome: 'again',
      error: called.answered ? `SMSPortal answered ${called.status} at its sign-in.` : called.why,
      after_ms: null,
    })
  return refused(messages, called)
}

export const smsportal: Provider = {
  batch: 10,
  send,
  async test(channel, config) {
    const entry = await signIn(channel, config, true)
    if (!('token' in entry)) {
      if (!entry.answered) return { ok: false, detail: entry.why }
      const [result] = refused([{ id: 0, attempt: 0 } as Outgoing], entry)
      return { ok: false, detail: 'error' in result! ? result.error : `SMSPortal answered ${entry.status}.` }
    }
    const called = await callProvider(config, `${config.messages.smsportalUrl}/v3/Balance`, {
      headers: { authorization: `Bearer ${entry.token}` },
    })
    if (!called.answered) return { ok: false, detail: called.why }
    const balance = (called.body as { balance?: number } | null)?.balance
    if (called.status !== 200 || balance === undefined)
      return { ok: false, detail: `SMSPortal answered ${called.status} when asked for the balance.` }
    return balance > 0
      ? { ok: true, detail: `SMSPortal knows this key; its balance is ${balance}.` }
      : { ok: false, detail: 'SMSPortal knows this key; it has no credits left.' }
  },
}
