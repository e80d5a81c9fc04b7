import sendgridMail from '@sendgrid/mail'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { asSystem, type Scope } from '../../server/core/scope.ts'
import { loseSight } from '../../server/modules/communications/jobs.ts'
import { channelOf, type Draft, enqueue, settled } from '../../server/modules/communications/messages.ts'
import { unsubscribeLink } from '../../server/modules/communications/unsubscribe.ts'
import { type TestApp, testApp } from '../app.ts'
import { call } from '../call.ts'
import { type Organisation, organisation, type Person, person } from '../given.ts'
import { type SendgridStandIn, startSendgrid } from '../stand-ins/sendgrid.ts'
import { type SmsportalStandIn, startSmsportal } from '../stand-ins/smsportal.ts'
import { type SmtpStandIn, startSmtp } from '../stand-ins/smtp.ts'

// Messages against providers that behave as theirs are documented, and misbehave as theirs are known to.

let t: TestApp
let mail: SendgridStandIn
let texts: SmsportalStandIn
let smtp: SmtpStandIn
let org: Organisation
let admin: Person
beforeAll(async () => {
  ;[mail, texts, smtp] = await Promise.all([startSendgrid(), startSmsportal(), startSmtp()])
  t = await testApp({
    messages: { sendgridUrl: mail.url, smsportalUrl: texts.url, privateSmtp: true, timeoutMs: 700 },
  })
})
afterAll(async () => {
  await t.close()
  await Promise.all([mail.close(), texts.close(), smtp.close()])
})
beforeEach(async () => {
  org = await organisation(t, { country: 'ZA', timezone: 'Africa/Johannesburg', currency: 'ZAR' })
  admin = await person(t, { in: org })
  mail.mood = () => 'well'
  texts.mood = () => 'well'
  smtp.mood = () => 'well'
  mail.mails.length = 0
  texts.texts.length = 0
  smtp.mails.length = 0
})

const inside = <T>(work: (scope: Scope) => Promise<T>) =>
  asSystem(t.deps.database, 'given', async (system) => work(await system.enter(org.id)), {
    now: t.clock.now(),
  })
const setChannel = async (json: Record<string, unknown>) => {
  const { status, body } = await call(t, 'PUT /api/communications/channels', { as: admin, json })
  expect(status, JSON.stringify(body)).toBe(200)
  return body as { id: number }
}
const byMail = () =>
  setChannel({
    kind: 'email',
    provider: 'sendgrid',
    settings: { from_email: 'accounts@apteek.example', from_name: 'Apteek', webhook_key: mail.publicKey },
    secrets: { api_key: mail.key },
  })
const byText = (settings: Record<string, unknown> = {}) =>
  setChannel({
    kind: 'sms',
    provider: 'smsportal',
    settings: { from_name: 'Apteek', ...settings },
    secrets: { client_id: texts.clientId, api_secret: texts.secret, webhook_secret: texts.webhookSecret },
  })

let n = 0
const draft = (more: Partial<Draft> = {}): Draft => {
  n += 1
  return {
    dedupe_key: `test ${n}`,
    kind: 'email',
    purpose: 'reminder',
    recipient: `debtor.${n}@example.com`,
    subject: 'Your account',
    text: `Please pay ${n}.`,
    ...more,
  }
}
const sms = (more: Partial<Draft> = {}) =>
  draft({ kind: 'sms', recipient: `082 123 ${String(1000 + n)}`, ...more })
const send = async (drafts: Draft[], waitMs = 8_000) => {
  const queued = await inside((scope) => enqueue(scope, drafts, t.deps.keys))
  return settled(
    t.deps,
    org.id,
    queued.map(({ id }) => id),
    waitMs,
  )
}
const read = async (id: number) =>
  (await call(t, `GET /api/communications/messages/${id}`, { as: admin })).body
const customer = () =>
  inside(async (scope) => {
    const { rows } = await sql<{ id: number }>`
      insert into customers (tenant_id, key, code, name) values (${org.id}, ${`k${++n}`}, ${`C${n}`}, 'Debtor') returning id`.execute(
      scope.db,
    )
    return rows[0]!.id
  })

describe('the outbox', () => {
  test('one intent is one message, however often it is queued and whoever sends', async () => {
    await byMail()
    const one = draft({ dedupe_key: 'campaign 1 customer 1 email' })
    const first = await inside((scope) => enqueue(scope, [one]))
    const again = await inside((scope) => enqueue(scope, [one, one]))
    expect([first[0]!.is_new, again[0]!.is_new, again[1]!.id]).toEqual([true, false, first[0]!.id])
    const [[outcome]] = await Promise.all([
      settled(t.deps, org.id, [first[0]!.id], 8_000),
      settled(t.deps, org.id, [first[0]!.id], 8_000),
    ])
    expect(outcome).toMatchObject({ state: 'sent', external_id: mail.mails[0]!.id, error: null })
    expect(mail.mails).toHaveLength(1)
    expect(mail.mails[0]).toMatchObject({
      to: one.recipient,
      text: one.text,
      from: { email: 'accounts@apteek.example', name: 'Apteek' },
      args: { duebook_message: String(first[0]!.id), duebook_attempt: '1' },
    })
  })

  test('without a channel a message is held and says so; once there is one it can be sent again', async () => {
    const [held] = await inside((scope) => enqueue(scope, [draft()]))
    expect(held).toMatchObject({ state: 'held', reason: 'no_channel', error: /channel/ })
    await byMail()
    const { body } = await call(t, 'POST /api/communications/messages/resend', {
      as: admin,
      json: { message_ids: [held!.id] },
    })
    expect(body).toEqual({ resent: 1, skipped: [] })
    expect((await settled(t.deps, org.id, [held!.id], 8_000))[0]!.state).toBe('sent')
  })

  test('an outlet has its own channel and no other; a channel without its key is not ready', async () => {
    await byMail()
    const outlet = (
      await call(t, 'POST /api/admin/outlets', { as: admin, json: { name: 'Kloof', kind: 'pharmacy' } })
    ).body.id
    expect(await inside((scope) => channelOf(scope, 'email', outlet))).toBeNull()
    await setChannel({ outlet_id: outlet, kind: 'email', provider: 'sendgrid' })
    expect(await inside((scope) => channelOf(scope, 'email', outlet))).toMatchObject({ is_ready: false })
    const [held] = await inside((scope) => enqueue(scope, [draft({ outlet_id: outlet })]))
    expect(held!.reason).toBe('no_channel')
    await setChannel({ outlet_id: outlet, kind: 'email', provider: 'shared' })
    expect(await inside((scope) => channelOf(scope, 'email', outlet))).toMatchObject({
      outlet_id: null,
      is_ready: true,
    })
    expect((await send([draft({ outlet_id: outlet })]))[0]!.state).toBe('sent')
  })

  test('the outbox keeps and shows, and nothing leaves', async () => {
    await setChannel({ kind: 'email', provider: 'outbox' })
    const [outcome] = await send([draft({ subject: 'Shown', text: 'Words' })])
    expect(outcome!.state).toBe('sent')
    expect(await read(outcome!.id)).toMatchObject({ subject: 'Shown', text: 'Words', provider: 'outbox' })
    expect(mail.calls + smtp.mails.length).toBe(mail.calls)
    expect(mail.mails).toEqual([])
  })

  test('a message for later waits for its time', async () => {
    await byMail()
    const later = new Date(t.clock.now().getTime() + 2 * 3_600_000)
    const [queued] = await inside((scope) => enqueue(scope, [draft({ send_after: later })]))
    expect((await settled(t.deps, org.id, [queued!.id], 150))[0]!.state).toBe('pending')
    t.clock.ahead(2 * 3_600_000 + 1)
    admin = await person(t, { in: org })
    expect((await settled(t.deps, org.id, [queued!.id], 8_000))[0]!.state).toBe('sent')
  })

  test('what waits can be cancelled, and then is not sent', async () => {
    await byMail()
    const later = new Date(t.clock.now().getTime() + 60_000)
    const [queued] = await inside((scope) => enqueue(scope, [draft({ send_after: later })]))
    const answer = await call(t, `POST /api/communications/messages/${queued!.id}/cancel`, { as: admin })
    expect(answer.body.state).toBe('cancelled')
    const twice = await call(t, `POST /api/communications/messages/${queued!.id}/cancel`, { as: admin })
    expect([twice.status, twice.body.code]).toEqual([409, 'too_late'])
  })

  test('words with a link into an account are sealed, shown to nobody, and gone once they left', async () => {
    await byMail()
    const later = new Date(t.clock.now().getTime() + 60_000)
    const one = draft({
      purpose: 'password_reset',
      text: 'https://x/reset/secret-1',
      confidential: true,
      send_after: later,
    })
    const [queued] = await inside((scope) => enqueue(scope, [one], t.deps.keys))
    const stored = async () =>
      (
        await inside((scope) =>
          sql<{
            all: string
            sealed: string | null
          }>`select m::text as all, sealed from messages m where tenant_id = ${org.id} and id = ${queued!.id}`.execute(
            scope.db,
          ),
        )
      ).rows[0]!
    expect((await stored()).all).not.toContain('secret-1')
    expect((await read(queued!.id)).text).not.toContain('secret-1')
    t.clock.ahead(61_000)
    await settled(t.deps, org.id, [queued!.id], 8_000)
    expect(mail.mails[0]!.text).toContain('secret-1')
    expect((await stored()).sealed).toBeNull()
  })
})

describe('SendGrid', () => {
  test.each([
    ['refused', 'failed', /refused the mail \(400\)/],
    ['no credits', 'failed', /no credits left/],
    ['unverified sender', 'failed', /sender/],
    ['broken', 'unknown', /not known/],
    ['taken and 503', 'unknown', /not known/],
    ['503', 'unknown', /not known/],
    ['hanging', 'unknown', /did not answer/],
  ] as const)('when it is "%s" the message is %s', async (mood, state, error) => {
    await byMail()
    mail.mood = () => mood
    const [outcome] = await send([draft()])
    expect(outcome).toMatchObject({ state, error })
  })

  test('what may have left is never sent again by itself, nor when somebody asks', async () => {
    await byMail()
    mail.mood = () => 'broken'
    const [outcome] = await send([draft()])
    mail.mood = () => 'well'
    await settled(t.deps, org.id, [outcome!.id], 300)
    const { body } = await call(t, 'POST /api/communications/messages/resend', {
      as: admin,
      json: { message_ids: [outcome!.id] },
    })
    expect(body).toMatchObject({ resent: 0, skipped: [{ id: outcome!.id, why: /not known/ }] })
    expect(mail.mails).toHaveLength(1)
    const said = await call(t, `POST /api/communications/messages/${outcome!.id}/settle`, {
      as: admin,
      json: { state: 'failed', note: 'Not in their activity log' },
    })
    expect(said.body).toMatchObject({ state: 'failed', error: 'Not in their activity log' })
    const resent = await call(t, 'POST /api/communications/messages/resend', {
      as: admin,
      json: { message_ids: [outcome!.id] },
    })
    expect(resent.body.resent).toBe(1)
    expect((await settled(t.deps, org.id, [outcome!.id], 8_000))[0]!.state).toBe('sent')
  })

  test('asked to slow down, it waits and goes on; nothing is lost or doubled', async () => {
    await byMail()
    let refusals = 0
    mail.mood = () => (refusals++ < 3 ? 'slow down' : 'well')
    const outcomes = await send(
      Array.from({ length: 12 }, () => draft()),
      15_000,
    )
    expect(outcomes.map(({ state }) => state)).toEqual(Array(12).fill('sent'))
    expect(new Set(mail.mails.map(({ to }) => to)).size).toBe(12)
    expect(mail.mails).toHaveLength(12)
  })

  test('a key that is refused is not tried a thousand times', async () => {
    await setChannel({ kind: 'email', provider: 'sendgrid', secrets: { api_key: 'SG.wrong-key-1234' } })
    const before = mail.calls
    const outcomes = await send(Array.from({ length: 40 }, () => draft()))
    expect(new Set(outcomes.map(({ state }) => state))).toEqual(new Set(['failed']))
    expect(mail.calls - before).toBeLessThan(10)
    const { body } = await call(t, 'GET /api/communications/channels', { as: admin })
    expect(body.items[0].last_error).toMatch(/refuses the API key/)
    expect(JSON.stringify(body)).not.toContain('SG.wrong')
  })

  test('its official client is understood by the stand-in, so the stand-in answers as it does', async () => {
    sendgridMail.setApiKey(mail.key)
    const client = (
      sendgridMail as unknown as { client: { setDefaultRequest(key: string, value: string): void } }
    ).client
    client.setDefaultRequest('baseUrl', mail.url)
    const [answer] = await sendgridMail.send({
      to: { email: 'a@example.com', name: 'A' },
      from: 'accounts@apteek.example',
      subject: 'Hello',
      text: 'Plain',
      html: '<b>Rich</b>',
      customArgs: { duebook_message: '7' },
    })
    expect(answer.statusCode).toBe(202)
    expect(answer.headers['x-message-id']).toBe(mail.mails[0]!.id)
    expect(mail.mails[0]).toMatchObject({
      to: 'a@example.com',
      text: 'Plain',
      html: '<b>Rich</b>',
      args: { duebook_message: '7' },
    })
    await expect(
      sendgridMail.send({ to: 'a@example.com', from: 'b@example.com', subject: 'x', text: '' }),
    ).rejects.toThrow()
    mail.mood = () => 'no credits'
    await expect(
      sendgridMail.send({ to: 'a@example.com', from: 'b@example.com', subject: 'x', text: 'y' }),
    ).rejects.toMatchObject({
      code: 401,
      response: { body: { errors: [{ message: 'Maximum credits exceeded' }] } },
    })
  })
})

describe('SMSPortal', () => {
  test('texts leave together, each by its own number; an expired token is renewed', async () => {
    await byText()
    const first = await send([sms(), sms(), sms()])
    expect(first.map(({ state }) => state)).toEqual(['sent', 'sent', 'sent'])
    expect(texts.texts.map(({ to }) => to)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^2782123\d{4}$/)]),
    )
    texts.expireTokens()
    expect((await send([sms()]))[0]!.state).toBe('sent')
    expect(texts.texts).toHaveLength(4)
    expect(await read(first[0]!.id)).toMatchObject({ parts: 1, cost: 1 })
  })

  test.each([
    ['fault', 'failed', /Invalid destination/],
    ['duplicate', 'failed', /sent nothing: a duplicate/],
    ['no credits', 'failed', /no credits left/],
    ['bad request', 'failed', /refused the text/],
    ['503', 'unknown', /not known/],
    ['half and 503', 'unknown', /not known/],
    ['broken', 'unknown', /not known/],
  ] as const)('when it is "%s" the text is %s', async (mood, state, error) => {
    await byText()
    texts.mood = () => mood
    expect((await send([sms()]))[0]).toMatchObject({ state, error })
  })

  test('one bad number among ten spoils none of the others', async () => {
    await byText()
    const drafts = Array.from({ length: 10 }, () => sms())
    const bad = drafts[4]!.recipient.replace(/\D/g, '').replace(/^0/, '27')
    texts.mood = (to) => (to === bad ? 'bad request' : 'well')
    const outcomes = await send(drafts)
    expect(outcomes.filter(({ state }) => state === 'sent')).toHaveLength(9)
    expect(outcomes[4]!.state).toBe('failed')
    expect(texts.texts).toHaveLength(9)
  })

  test('200 that sent some of a call and does not say which is unknown, not a success', async () => {
    await byText()
    const drafts = [sms(), sms(), sms()]
    let nth = 0
    texts.mood = () => (nth++ === 1 ? 'duplicate' : 'well')
    const outcomes = await send(drafts)
    expect(outcomes.map(({ state }) => state)).toEqual(['unknown', 'unknown', 'unknown'])
  })

  test('a landline takes no texts, and who is on the list of the provider comes on ours', async () => {
    await byText()
    const [held] = await inside((scope) => enqueue(scope, [sms({ recipient: '011 784 1234' })]))
    expect(held).toMatchObject({ state: 'held', reason: 'no_address' })
    texts.mood = () => 'opted out'
    const one = sms()
    await send([one])
    const again = await inside((scope) =>
      enqueue(scope, [sms({ recipient: one.recipient, refusable: true })]),
    )
    expect(again[0]!.reason).toBe('opted_out')
  })
})

describe('SMTP', () => {
  const bySmtp = (password = smtp.password) =>
    setChannel({
      kind: 'email',
      provider: 'smtp',
      settings: {
        host: '127.0.0.1',
        port: smtp.port,
        security: 'none',
        from_email: 'accounts@apteek.example',
      },
      secrets: { username: smtp.user, password },
    })

  test('mail arrives with its words and the way to refuse more', async () => {
    await bySmtp()
    const [outcome] = await send([draft({ refusable: true })])
    expect(outcome!.state).toBe('sent')
    expect(smtp.mails[0]!.raw).toMatch(/List-Unsubscribe-Post: List-Unsubscribe=One-Click/)
    expect(smtp.mails[0]!.raw).toMatch(/Please pay/)
  })
  test('a mailbox that is none is a failure, a broken connection after the words is unknown', async () => {
    await bySmtp()
    smtp.mood = () => 'no such mailbox'
    expect((await send([draft()]))[0]).toMatchObject({ state: 'failed', error: /No such mailbox/ })
    smtp.mood = () => 'broken'
    expect((await send([draft()]))[0]).toMatchObject({ state: 'unknown' })
    expect(smtp.mails).toHaveLength(1)
  })
  test('asked to try later, it does', async () => {
    await bySmtp()
    smtp.mood = () => 'try later'
    const [outcome] = await send([draft()], 400)
    expect(outcome).toMatchObject({ state: 'pending', error: /Greylisted/ })
  })
  test('a wrong password is told without it', async () => {
    await bySmtp('quite-wrong-password')
    const [outcome] = await send([draft()])
    expect(outcome).toMatchObject({ state: 'failed', error: /user name and password/ })
    expect(outcome!.error).not.toContain('quite-wrong')
  })
  test('unless it is allowed, no mail server within this network is called', async () => {
    const { smtp: provider } = await import('../../server/modules/communications/providers/smtp.ts')
    const channel = {
      settings: { host: 'localhost', port: 25 },
      secrets: {},
      from: { email: 'a@b.example', name: '' },
    } as never
    const config = { ...t.deps.config, messages: { ...t.deps.config.messages, privateSmtp: false } }
    expect(await provider.test(channel, config)).toMatchObject({ ok: false, detail: /private network/ })
  })
})

describe('channels', () => {
  test('secrets go in and never come out; what is not named stays; another provider begins without', async () => {
    const { id } = await byMail()
    const read = await call(t, `GET /api/communications/channels/${id}`, { as: admin })
    expect(read.body).toMatchObject({ secret_names: ['api_key'], is_ready: true, missing: [] })
    const kept = await call(t, 'PUT /api/communications/channels', {
      as: admin,
      json: { kind: 'email', provider: 'sendgrid', settings: { from_name: 'Other' } },
    })
    expect(kept.body).toMatchObject({ secret_names: ['api_key'], settings: { from_name: 'Other' } })
    const { rows } = await inside((scope) =>
      sql<{
        all: string
      }>`select c::text as all from channels c where tenant_id = ${org.id} union all select e::text from events e where tenant_id = ${org.id}`.execute(
        scope.db,
      ),
    )
    for (const said of [JSON.stringify(read.body), JSON.stringify(kept.body), ...rows.map(({ all }) => all)])
      expect(said).not.toContain(mail.key)
    const moved = await call(t, 'PUT /api/communications/channels', {
      as: admin,
      json: { kind: 'email', provider: 'smtp', settings: { host: 'mail.example.com' } },
    })
    expect(moved.body.secret_names).toEqual([])
  })

  test('sealed keys that are copied to another channel do not open there', async () => {
    await byMail()
    const outlet = (
      await call(t, 'POST /api/admin/outlets', { as: admin, json: { name: 'Kloof', kind: 'pharmacy' } })
    ).body.id
    const other = await setChannel({
      outlet_id: outlet,
      kind: 'email',
      provider: 'sendgrid',
      secrets: { api_key: 'SG.other-key' },
    })
    await inside((scope) =>
      sql`update channels set secret = (select secret from channels where tenant_id = ${org.id} and outlet_id is null) where tenant_id = ${org.id} and id = ${other.id}`.execute(
        scope.db,
      ),
    )
    const tested = await call(t, `POST /api/communications/channels/${other.id}/test`, {
      as: admin,
      json: {},
    })
    expect(tested.body).toMatchObject({ ok: false, detail: /another SECRET_KEY/ })
  })

  test('the test button says whether the keys are good, tells nobody, and sends one message if asked', async () => {
    const channel = await byMail()
    const test = (json: unknown, id = channel.id) =>
      call(t, `POST /api/communications/channels/${id}/test`, { as: admin, json })
    expect((await test({})).body).toMatchObject({ ok: true, message_id: null })
    expect(mail.mails).toEqual([])
    expect((await test({ to: 'clerk@example.com' })).body).toMatchObject({ ok: true })
    expect(mail.mails.map(({ to }) => to)).toEqual(['clerk@example.com'])
    const sms = await byText()
    expect((await test({}, sms.id)).body).toMatchObject({ ok: true, detail: /balance is/ })
    await setChannel({ kind: 'email', provider: 'sendgrid', secrets: { api_key: 'SG.not-good-at-all' } })
    expect((await test({})).body).toMatchObject({ ok: false, detail: /refuses the API key/ })
  })
})

describe('reports of providers', () => {
  const webhookOf = async (id: number) =>
    new URL((await call(t, `POST /api/communications/channels/${id}/webhook`, { as: admin })).body.url)
  const post = (url: URL, { payload, headers }: { payload: string; headers: Record<string, string> }) =>
    t.app.inject({ method: 'POST', url: url.pathname, payload, headers })

  test('a message of which nothing was known finds out, and a bounce keeps the next one back', async () => {
    const { id } = await byMail()
    const url = await webhookOf(id)
    mail.mood = () => 'broken'
    const [one, two] = [draft(), draft()]
    const outcomes = await send([one, two])
    expect(outcomes.map(({ state }) => state)).toEqual(['unknown', 'unknown'])
    const at = t.clock.now()
    const of = (to: string) => mail.mails.find((each) => each.to === to)!
    const told = await post(
      url,
      mail.signed(
        [
          mail.event(of(one.recipient), 'delivered', at),
          mail.event(of(two.recipient), 'bounce', at, { type: 'bounce', reason: '550 no such user' }),
        ],
        at,
      ),
    )
    expect(told.statusCode, told.body).toBe(200)
    expect(await read(outcomes[0]!.id)).toMatchObject({ state: 'delivered', error: null })
    expect(await read(outcomes[1]!.id)).toMatchObject({ state: 'failed', error: '550 no such user' })
    const [held] = await inside((scope) => enqueue(scope, [draft({ recipient: two.recipient })]))
    expect(held).toMatchObject({ state: 'held', reason: 'bounced' })
  })

  test('forged, altered, old and foreign reports are refused and change nothing', async () => {
    const { id } = await byMail()
    const url = await webhookOf(id)
    const [outcome] = await send([draft()])
    const at = t.clock.now()
    const good = mail.signed([mail.event(mail.mails[0]!, 'bounce', at)], at)
    const old = mail.signed([mail.event(mail.mails[0]!, 'bounce', at)], new Date(at.getTime() - 600_000))
    const answers = [
      await post(url, { ...good, payload: good.payload.trimEnd() }),
      await post(url, { ...good, payload: good.payload.replace('bounce', 'dropped') }),
      await post(url, { ...good, headers: { 'content-type': 'application/json' } }),
      await post(url, old),
    ]
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([403, 403, 403, 403])
    const elsewhere = new URL(url)
    elsewhere.pathname = url.pathname.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
    expect((await post(elsewhere, good)).statusCode).toBe(404)
    expect((await read(outcome!.id)).state).toBe('sent')
    expect((await post(url, good)).statusCode).toBe(200)
    expect((await read(outcome!.id)).state).toBe('failed')
  })

  test('SMSPortal reports what became of a text, and STOP ends texts and reminders by mail', async () => {
    const { id } = await byText()
    await byMail()
    const url = await webhookOf(id)
    const debtor = await customer()
    const one = sms({ customer_id: debtor, refusable: true })
    const [outcome] = await send([one])
    const at = t.clock.now()
    const text = texts.texts[0]!
    const report = texts.signed(texts.report(text, 'DELIVRD', at), url.href, at)
    expect((await post(url, report)).statusCode).toBe(200)
    expect(await read(outcome!.id)).toMatchObject({ state: 'delivered' })
    expect(
      (await post(url, { ...report, payload: report.payload.replace('DELIVRD', 'UNDELIV') })).statusCode,
    ).toBe(403)
    const stop = texts.signed(texts.reply(text, ' Stop! '), url.href, at)
    expect((await post(url, stop)).statusCode).toBe(200)
    expect((await post(url, stop)).statusCode).toBe(200)
    const held = await inside((scope) =>
      enqueue(scope, [
        sms({ recipient: one.recipient, refusable: true }),
        draft({ customer_id: debtor, refusable: true }),
        draft({ customer_id: debtor }),
      ]),
    )
    expect(held.map(({ reason }) => reason)).toEqual(['opted_out', 'opted_out', null])
    await settled(t.deps, org.id, [held[2]!.id], 8_000)
    // Confirmed once, though the reply came twice.
    expect(
      texts.texts.map(({ text }) => text).filter((text) => text.includes('no more text messages')),
    ).toHaveLength(1)
    const start = texts.signed(texts.reply(text, 'START'), url.href, at)
    await post(url, start)
    const [free] = await inside((scope) =>
      enqueue(scope, [sms({ recipient: one.recipient, refusable: true })]),
    )
    expect(free!.state).toBe('pending')
  })
})

describe('whom not to write to', () => {
  test('the link in a mail: looking changes nothing, one click ends it, and it can be taken back', async () => {
    await byMail()
    const one = draft({ refusable: true })
    await send([one])
    const link = new URL(/<(.*)>/.exec(mail.mails[0]!.headers['List-Unsubscribe']!)![1]!)
    expect(mail.mails[0]!.text).toContain(link.href)
    expect(link.href).not.toContain('debtor')
    const page = await t.app.inject({ method: 'GET', url: link.pathname })
    expect([page.statusCode, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
    const again = () =>
      inside((scope) => enqueue(scope, [draft({ recipient: one.recipient, refusable: true })]))
    expect((await again())[0]!.reason).toBeNull()
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const out = await t.app.inject({
      method: 'POST',
      url: link.pathname,
      payload: 'List-Unsubscribe=One-Click',
      headers: form,
    })
    expect(out.statusCode).toBe(200)
    expect((await again())[0]!.reason).toBe('opted_out')
    await t.app.inject({ method: 'POST', url: link.pathname, payload: 'choice=again', headers: form })
    expect((await again())[0]!.reason).toBeNull()
    const foreign = unsubscribeLink(t.deps, org.id + 1, one.recipient)
      .split('/u/')[1]!
      .split('.')[1]
    const mixed = await t.app.inject({
      method: 'POST',
      url: `/u/${org.id}.${foreign}`,
      payload: '',
      headers: form,
    })
    expect(mixed.statusCode).toBe(404)
  })

  test('whoever refuses while a message waits does not get it', async () => {
    await byMail()
    const later = new Date(t.clock.now().getTime() + 60_000)
    const one = draft({ refusable: true, send_after: later })
    const [queued] = await inside((scope) => enqueue(scope, [one]))
    await call(t, 'POST /api/communications/suppressions', {
      as: admin,
      json: { kind: 'email', address: one.recipient.toUpperCase(), note: 'asked on the telephone' },
    })
    t.clock.ahead(61_000)
    expect((await settled(t.deps, org.id, [queued!.id], 8_000))[0]).toMatchObject({ state: 'held' })
    expect(mail.mails).toEqual([])
  })

  test('an address is put on the list and taken off it by hand', async () => {
    const added = await call(t, 'POST /api/communications/suppressions', {
      as: admin,
      json: { kind: 'sms', address: '082 555 0101' },
    })
    expect(added.body).toMatchObject({ address: '27825550101', reason: 'manual' })
    const list = await call(t, 'GET /api/communications/suppressions', {
      as: admin,
      query: { search: '5550101' },
    })
    expect(list.body.total).toBe(1)
    await call(t, `DELETE /api/communications/suppressions/${added.body.id}`, { as: admin })
    expect((await call(t, 'GET /api/communications/suppressions', { as: admin })).body.total).toBe(0)
  })
})

describe('the log', () => {
  test('is filtered, counted by state, and tells the whole of one message', async () => {
    await byMail()
    mail.mood = (to) => (to.startsWith('bad') ? 'refused' : 'well')
    await send([draft({ recipient: 'bad@example.com' }), draft(), draft({ purpose: 'statement' })])
    const list = (query: Record<string, string> = {}) =>
      call(t, 'GET /api/communications/messages', { as: admin, query })
    const all = (await list()).body
    expect([all.total, all.states]).toEqual([3, { failed: 1, sent: 2 }])
    expect((await list({ states: 'failed' })).body.items).toMatchObject([
      { recipient: 'bad@example.com', error: /refused/ },
    ])
    expect((await list({ purposes: 'statement' })).body.total).toBe(1)
    expect((await list({ search: 'BAD@' })).body.total).toBe(1)
  })

  test('people of outlets see what went to their outlet, and members without the right nothing', async () => {
    await byMail()
    const outlet = (
      await call(t, 'POST /api/admin/outlets', { as: admin, json: { name: 'Kloof', kind: 'pharmacy' } })
    ).body.id
    await setChannel({ outlet_id: outlet, kind: 'email', provider: 'outbox' })
    const debtor = await customer()
    const outcomes = await send([
      draft({ outlet_id: outlet, customer_id: debtor }),
      draft({ customer_id: debtor }),
      draft(),
    ])
    const clerk = await person(t, { in: org, roles: ['pharmacy_write'] })
    const stranger = await person(t, { in: org, roles: ['agent'] })
    const list = (as: Person) => call(t, 'GET /api/communications/messages', { as })
    expect((await list(clerk)).body.total).toBe(0)
    await inside((scope) =>
      sql`insert into outlet_access (tenant_id, user_id, outlet_id) values (${org.id}, ${clerk.id}, ${outlet})`.execute(
        scope.db,
      ),
    )
    const fresh = { headers: { authorization: `Bearer ${await signedIn(clerk.username)}` } } as Person
    expect((await list(fresh)).body.items.map(({ id }: { id: number }) => id)).toEqual([outcomes[0]!.id])
    expect((await call(t, `GET /api/communications/messages/${outcomes[1]!.id}`, { as: fresh })).status).toBe(
      404,
    )
    expect((await list(stranger)).status).toBe(403)
  })
  const signedIn = async (username: string) => (await import('../given.ts')).signIn(t, username)

  test('a text is measured before it is paid for', async () => {
    const { body } = await call(t, 'POST /api/communications/sms/measure', {
      as: admin,
      json: { text: `R\u00a01\u00a0234,50 ${'x'.repeat(100)}` },
    })
    expect(body).toMatchObject({
      encoding: 'UCS-2',
      parts: 2,
      foreign: '\u00a0',
      transliterated: { encoding: 'GSM-7', parts: 1 },
    })
  })

  test('what a server was at when it died is unknown once its lease is over, and listed', async () => {
    await byMail()
    mail.mood = () => 'hanging'
    const [queued] = await inside((scope) => enqueue(scope, [draft()]))
    await inside((scope) =>
      sql`update messages set state = 'sending', lease_until = ${new Date(t.clock.now().getTime() + 1000)}, attempts = 1 where tenant_id = ${org.id} and id = ${queued!.id}`.execute(
        scope.db,
      ),
    )
    expect(await loseSight(t.deps, { all: false })).toBe(0)
    t.clock.ahead(2_000)
    expect(await loseSight(t.deps, { all: false })).toBe(1)
    const list = await call(t, 'GET /api/communications/messages', {
      as: admin,
      query: { states: 'unknown' },
    })
    expect(list.body.items).toMatchObject([{ id: queued!.id, error: /server stopped/ }])
  })
})
