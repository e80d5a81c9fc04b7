import { createHmac, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { listen, type StandIn, say } from './http.ts'

// SMSPortal REST as its documents and the clients people wrote describe it: Authentication, BulkMessages, Balance; answers of 200 that
// sent nothing; tokens that run out; reports of delivery and replies.

export type Sms = { to: string; text: string; customerId: string; eventId: number; parts: number }

/** About a text. `half and 503`: the first half of the call is taken, then it breaks off. */
export type Mood =
  | 'well'
  | 'fault'
  | 'opted out'
  | 'duplicate'
  | 'broken'
  | 'half and 503'
  | 'no credits'
  | '503'
  | 'bad request'

export type SmsportalStandIn = StandIn & {
  clientId: string
  secret: string
  texts: Sms[]
  calls: number
  balance: number
  mood: (to: string, nth: number) => Mood
  latency: () => number
  /** Every token given so far ends now. */
  expireTokens(): void
  webhookSecret: string
  report(sms: Sms, status: string, at: Date): Record<string, unknown>
  reply(sms: Sms, text: string): Record<string, unknown>
  signed(body: unknown, url: string, at: Date): { payload: string; headers: Record<string, string> }
}

type Bulk = { messages?: { content?: string; destination?: string; customerId?: string }[] }

export async function startSmsportal(): Promise<SmsportalStandIn> {
  const tokens = new Map<string, boolean>()
  let nextEvent = 12_345_678_901
  const problem = (errorCode: string, errorMessage: string) => ({ errors: [{ errorCode, errorMessage }] })
  const server = await listen(async ({ method, path, headers, json }, response) => {
    self.calls += 1
    const [, version = '', place = ''] = /^(?:\/(v[123]))?\/(\w+)$/i.exec(path) ?? []
    const authorization = headers.authorization ?? ''
    const basic = `Basic ${Buffer.from(`${self.clientId}:${self.secret}`).toString('base64')}`
    if (!authorization)
      return say(
        response,
        401,
        problem('AuthenticationHeader.Missing', 'The authentication header is missing.'),
      )
    if (/^authentication$/i.test(place) && method === 'GET') {
      if (authorization !== basic)
        return say(response, 401, { errorCode: 'InvalidCredentials', errorMessage: 'Invalid credentials.' })
      const token = randomBytes(12).toString('hex')
      tokens.set(token, true)
      return say(response, 200, { token, schema: 'JWT', expiresInMinutes: 1440 })
    }
    if (authorization !== basic) {
      const isGood = tokens.get(authorization.replace('Bearer ', ''))
      if (isGood === undefined)
        return say(response, 401, problem('AuthenticationToken.Invalid', 'The token is invalid.'))
      if (!isGood) return say(response, 401, problem('AuthenticationToken.Expired', 'The token has expired.'))
    }
    if (/^balance$/i.test(place)) return say(response, 200, { balance: self.balance })
    if (!/^bulkmessages$/i.test(place) || method !== 'POST')
      return say(response, 400, problem('EntityNotFound', 'Not found.'))
    const wait = self.latency()
    if (wait > 0) await sleep(wait)
    return bulk(version, json as Bulk | null, response)
  })

  function bulk(version: string, body: Bulk | null, response: Parameters<typeof say>[0]) {
    const messages = body?.messages ?? []
    if (messages.length === 0 || messages.length > 100)
      return say(response, 400, problem('RequiredParameter.Missing', 'messages takes 1 to 100 elements.'))
    const moods = messages.map(({ destination = '' }) => self.mood(destination, self.calls))
    if (
      moods.includes('bad request') ||
      messages.some(({ destination = '' }) => !/^\d{8,15}$/.test(destination))
    )
      return say(response, 400, problem('InvalidParameter.Format', 'destination is not a number.'))
    if (moods.includes('no credits'))
      return say(response, 403, problem('InsufficientCredits', 'Insufficient credits to send.'))
    if (moods.includes('503')) return say(response, 503, problem('Unavailable', 'Try again later.'))
    const eventId = nextEvent++
    const errorReport = {
      noNetwork: 0,
      noContents: 0,
      contentToLong: 0,
      duplicates: 0,
      optedOuts: 0,
      faults: [] as Record<string, unknown>[],
    }
    const half = moods.includes('half and 503') ? Math.ceil(messages.length / 2) : messages.length
    let sent = 0
    let parts = 0
    for (const [at, { content = '', destination = '', customerId = '' }] of messages
      .slice(0, half)
      .entries()) {
      const mood = moods[at]
      if (mood === 'opted out') errorReport.optedOuts += 1
      else if (mood === 'duplicate') errorReport.duplicates += 1
      else if (content === '') errorReport.noContents += 1
      else if (mood === 'fault')
        errorReport.faults.push({
          rawDestination: destination,
          scrubbedDestination: destination,
          customerId,
          errorMessage: 'Invalid destination',
          status: 'Invalid',
        })
      else {
        sent += 1
        const took = chargedParts(content)
        parts += took
        self.texts.push({ to: destination, text: content, customerId, eventId, parts: took })
      }
    }
    if (moods.includes('half and 503')) return say(response, 503, problem('Unavailable', 'Try again later.'))
    if (moods.includes('broken')) return void response.socket?.destroy()
    self.balance -= parts
    const answer = {
      cost: parts,
      remainingBalance: self.balance,
      eventId,
      sample: messages[0]!.content,
      costBreakdown: [{ quantity: sent, cost: parts, network: 'Local' }],
      messages: sent,
      parts,
      errorReport,
    }
    // The latest version wraps what the earlier ones answer.
    return say(
      response,
      200,
      /^v[12]$/i.test(version) ? answer : { statusCode: 200, errors: [], sendResponse: answer },
    )
  }

  const self: SmsportalStandIn = {
    ...server,
    clientId: randomBytes(8).toString('hex'),
    secret: randomBytes(16).toString('hex'),
    texts: [],
    calls: 0,
    balance: 1_000_000,
    mood: () => 'well',
    latency: () => 0,
    expireTokens() {
      for (const token of tokens.keys()) tokens.set(token, false)
    },
    webhookSecret: randomBytes(16).toString('hex'),
    report: (sms, status, at) => ({
      Status: status,
      EventId: sms.eventId,
      Mcc: 655,
      Mnc: '01',
      MsgCount: sms.parts,
      Msisdn: sms.to,
      Received: Math.floor(at.getTime() / 1000),
      UserReference: sms.customerId,
    }),
    reply: (sms, text) => ({
      IncomingID: String(randomBytes(4).readUInt32BE()),
      Phonenumber: sms.to,
      IncomingData: text,
      SentID: '1',
      EventID: sms.eventId,
      CustomerID: sms.customerId,
    }),
    signed(body, url, at) {
      const payload = JSON.stringify(body)
      const timestamp = String(Math.floor(at.getTime() / 1000))
      const signature = createHmac('sha256', self.webhookSecret)
        .update(`v1:${timestamp}|POST|${url}|${payload}`)
        .digest('hex')
      return {
        payload,
        headers: { 'content-type': 'application/json', 'x-timestamp': timestamp, 'x-signature': signature },
      }
    },
  }
  return self
}

/** How a network charges, written by the words of GSM 03.38 and on purpose not as the product counts: the longest text that still fits. */
const ALPHABET =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'
const ESCAPED = '^{}\\[~]|€\f'
export function chargedParts(text: string): number {
  const signs = Array.from(text)
  const isGsm = signs.every((sign) => ALPHABET.includes(sign) || ESCAPED.includes(sign))
  const widthOf = (from: number, to: number) =>
    signs
      .slice(from, to)
      .reduce((sum, sign) => sum + (isGsm ? (ESCAPED.includes(sign) ? 2 : 1) : sign.length), 0)
  if (widthOf(0, signs.length) <= (isGsm ? 160 : 70)) return 1
  let parts = 0
  let from = 0
  while (from < signs.length) {
    let to = from
    while (to < signs.length && widthOf(from, to + 1) <= (isGsm ? 153 : 67)) to += 1
    from = to
    parts += 1
  }
  return parts
}
