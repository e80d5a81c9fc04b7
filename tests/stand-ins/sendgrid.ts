import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { listen, type StandIn, say } from './http.ts'

// SendGrid v3 as its documents and the threads about it describe it: POST /v3/mail/send, its errors, its odd successes, and its events
// with their signature.

export type Mail = {
  /** The first part of sg_message_id. */
  id: string
  to: string
  subject: string
  text: string
  html: string | null
  from: { email: string; name?: string }
  headers: Record<string, string>
  args: Record<string, string>
  attachments: { filename: string; type: string; content: string }[]
}

/** `broken`: taken, and the connection breaks before the answer; `hanging`: taken, and no answer ever. */
export type Mood =
  | 'well'
  | 'broken'
  | 'hanging'
  | 'taken and 503'
  | '503'
  | 'slow down'
  | 'no credits'
  | 'unverified sender'
  | 'refused'

export type SendgridStandIn = StandIn & {
  key: string
  /** Mails that it took, in order. */
  mails: Mail[]
  calls: number
  /** How it feels about a mail; by its address and how many calls there were. */
  mood: (to: string, nth: number) => Mood
  latency: () => number
  /** What is entered as the verification key. */
  publicKey: string
  event(mail: Mail, event: string, at: Date, more?: Record<string, unknown>): Record<string, unknown>
  /** A request as SendGrid makes it: the bytes end in CRLF, and are signed with it. */
  signed(events: unknown[], at: Date): { payload: string; headers: Record<string, string> }
}

type Body = {
  personalizations?: {
    to?: { email?: string; name?: string }[]
    subject?: string
    custom_args?: Record<string, string>
    headers?: Record<string, string>
  }[]
  custom_args?: Record<string, string>
  from?: { email?: string; name?: string }
  subject?: string
  content?: { type: string; value: string }[]
  attachments?: Mail['attachments']
  mail_settings?: { sandbox_mode?: { enable?: boolean } }
}

export async function startSendgrid(): Promise<SendgridStandIn> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const error = (message: string, field: string | null = null) => ({
    errors: [{ message, field, help: null }],
  })
  const server = await listen(async ({ method, path, headers, json }, response) => {
    self.calls += 1
    if (path !== '/v3/mail/send' || method !== 'POST') return say(response, 404, error('not found'))
    if (headers.authorization !== `Bearer ${self.key}`)
      return say(response, 401, error('The provided authorization grant is invalid, expired, or revoked'))
    const body = json as Body | null
    if (!body) return say(response, 400, error('Bad Request'))
    const wrong = problem(body)
    if (wrong) return say(response, 400, error(...wrong))
    const [personal] = body.personalizations!
    const to = personal!.to![0]!.email!
    if (body.mail_settings?.sandbox_mode?.enable) return say(response, 200)
    const mood = self.mood(to, self.calls)
    const wait = self.latency()
    if (wait > 0) await sleep(wait)
    switch (mood) {
      case 'no credits':
        return say(response, 401, error('Maximum credits exceeded'))
      case 'unverified sender':
        return say(
          response,
          403,
          error('The from address does not match a verified Sender Identity.', 'from'),
        )
      case 'refused':
        return say(response, 400, error('Does not contain a valid address.', 'personalizations.0.to.0.email'))
      case 'slow down':
        return say(response, 429, error('too many requests'), { 'retry-after': '1' })
      case '503':
        return say(response, 503, error('Service Unavailable'))
    }
    const id = randomBytes(12).toString('base64url')
    self.mails.push({
      id,
      to,
      subject: personal!.subject ?? body.subject!,
      text: body.content!.find(({ type }) => type === 'text/plain')?.value ?? '',
      html: body.content!.find(({ type }) => type === 'text/html')?.value ?? null,
      from: body.from as Mail['from'],
      headers: personal!.headers ?? {},
      args: { ...body.custom_args, ...personal!.custom_args },
      attachments: body.attachments ?? [],
    })
    if (mood === 'broken') return void response.socket?.destroy()
    if (mood === 'hanging') return
    if (mood === 'taken and 503') return say(response, 503, error('Service Unavailable'))
    response.writeHead(202, { 'x-message-id': id }).end()
  })
  const self: SendgridStandIn = {
    ...server,
    key: `SG.${randomBytes(16).toString('base64url')}`,
    mails: [],
    calls: 0,
    mood: () => 'well',
    latency: () => 0,
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
    event: (mail, event, at, more = {}) => ({
      email: mail.to,
      timestamp: Math.floor(at.getTime() / 1000),
      'smtp-id': `<${mail.id}@ismtpd>`,
      event,
      sg_event_id: randomBytes(16).toString('base64url'),
      sg_message_id: `${mail.id}.filter0001.1-2.0`,
      ...mail.args,
      ...more,
    }),
    signed(events, at) {
      const payload = `${JSON.stringify(events)}\r\n`
      const timestamp = String(Math.floor(at.getTime() / 1000))
      return {
        payload,
        headers: {
          'content-type': 'application/json',
          'x-twilio-email-event-webhook-timestamp': timestamp,
          'x-twilio-email-event-webhook-signature': sign(
            'sha256',
            Buffer.from(timestamp + payload),
            privateKey,
          ).toString('base64'),
        },
      }
    },
  }
  return self
}

/** What the documents say is asked of a mail, in their words. */
function problem(body: Body): [string, string] | null {
  const personal = body.personalizations
  if (!personal?.length)
    return [
      'The personalizations field is required and must have at least one personalization.',
      'personalizations',
    ]
  if (personal.length > 1000) return ['Too many personalizations.', 'personalizations']
  for (const [at, { to }] of personal.entries())
    if (!to?.length || to.some(({ email }) => !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email ?? '')))
      return [
        'The to array is required for all personalization objects, and must have at least one email object with a valid email address.',
        `personalizations.${at}.to`,
      ]
  if (!body.from?.email) return ['The from object must be provided for every email send.', 'from.email']
  if (!body.subject && personal.some(({ subject }) => !subject))
    return ['The subject is required.', 'subject']
  if (!body.content?.length || body.content.some(({ value }) => !value))
    return ['The content value must be a string at least one character in length.', 'content.0.value']
  const plain = body.content.findIndex(({ type }) => type === 'text/plain')
  if (plain > 0)
    return ['If present, text/plain and text/html may only be provided once, text/plain first.', 'content']
  return null
}
