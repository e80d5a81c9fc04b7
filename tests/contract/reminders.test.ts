import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { call } from '../call.ts'
import { type Organisation, organisation, type Person, person } from '../given.ts'
import { access, atWork, type Given, pharmacy, report, sendsBy, within } from '../pharmacy.ts'
import { type SendgridStandIn, startSendgrid } from '../stand-ins/sendgrid.ts'
import { type SmsportalStandIn, startSmsportal } from '../stand-ins/smsportal.ts'

// Endpoints 4, 5 and 8 of the document, against stand-ins of the providers.

let t: TestApp
let org: Organisation
let clerk: Person
let reader: Person
let mail: SendgridStandIn
let texts: SmsportalStandIn
beforeAll(async () => {
  mail = await startSendgrid()
  texts = await startSmsportal()
  t = await testApp({}, { SENDGRID_URL: mail.url, SMSPORTAL_URL: texts.url })
  atWork(t)
  org = await organisation(t, { country: 'ZA', currency: 'ZAR', timezone: 'Africa/Johannesburg' })
  clerk = await person(t, { in: org, roles: ['pharmacy_write'] })
  reader = await person(t, { in: org, roles: ['pharmacy_read'] })
})
afterAll(async () => {
  await t.close()
  await mail.close()
  await texts.close()
})

let shop: number
let ids: Record<string, number>
const debts: Given[] = [
  {
    acc_no: '100001',
    name: 'John Doe',
    d30: 9_900,
    d60: 15_000,
    d90: 7_500,
    d120: 5_000,
    email: 'john@example.com',
    phone: '0821234567',
  },
  { acc_no: '100002', name: 'No Address', d60: 20_000, email: null, phone: null },
  { acc_no: '100003', name: 'MEDICAL AID CONTROL', d60: 900_000, medical_aid: true },
  { acc_no: '100004', name: 'Nothing Late', current: 5_000 },
  { acc_no: '100005', name: 'Anna Nel', d180: 123_456, email: 'anna@example.com', phone: '0839876543' },
]
beforeEach(async () => {
  shop = await pharmacy(t, org)
  await access(t, org, clerk, shop, true)
  await access(t, org, reader, shop, false)
  ids = await report(t, org, shop, debts)
  mail.mails.length = 0
  texts.texts.length = 0
  mail.mood = () => 'well'
  texts.mood = () => 'well'
})
const ready = async () => {
  await sendsBy(t, org, shop, 'email', 'sendgrid', { api_key: mail.key })
  await sendsBy(t, org, shop, 'sms', 'smsportal', { client_id: texts.clientId, api_secret: texts.secret })
}
const of = (...accounts: string[]) => accounts.map((each) => ids[each]!)
const send = (kind: 'email' | 'sms', json: unknown, as: Person = clerk, at = shop) =>
  call(t, `POST /pharmacies/${at}/debtors/send-${kind}`, { as, json })

describe('POST send-email', () => {
  test('sends to whom it may, and says of everybody else why not', async () => {
    await ready()
    const { status, body } = await send('email', {
      debtor_ids: [...of('100001', '100002', '100003', '100004', '100005'), 999_999],
    })
    expect(status).toBe(200)
    expect(body).toEqual({
      sent: expect.arrayContaining([
        {
          debtor_id: ids['100001'],
          email: 'john@example.com',
          status: 'sent',
          external_id: expect.any(String),
        },
        {
          debtor_id: ids['100005'],
          email: 'anna@example.com',
          status: 'sent',
          external_id: expect.any(String),
        },
      ]),
      errors: expect.arrayContaining([
        { debtor_id: ids['100002'], error: 'No email address' },
        { debtor_id: ids['100003'], error: 'Medical aid control account' },
        { debtor_id: ids['100004'], error: 'Nothing is owed in the chosen buckets' },
        { debtor_id: 999_999, error: 'Debtor not found at this pharmacy' },
      ]),
    })
    expect([body.sent.length, body.errors.length]).toEqual([2, 4])
    const john = mail.mails.find(({ to }) => to === 'john@example.com')!
    expect(john.id).toBe(
      body.sent.find((each: { debtor_id: number }) => each.debtor_id === ids['100001']).external_id,
    )
    expect(john.subject).toBe('Reminder: Account Overdue at Sunrise Pharmacy')
    // d60 + d90 + d120; d30 is no arrears.
    for (const said of [
      'John Doe',
      'R275.00',
      'R374.00',
      'FNB',
      '62001234567',
      '100001',
      'accounts@sunrise.example',
      '0115551234',
    ]) {
      expect(john.text).toContain(said)
      expect(john.html).toContain(said)
    }
    expect(john.headers['List-Unsubscribe']).toMatch(/^<http/)
  })

  test('the amount is that of the requested buckets among those of sixty days and older', async () => {
    await ready()
    await send('email', { debtor_ids: of('100001'), ageing_buckets: ['current', 'd30', 'd90', 'nonsense'] })
    expect(mail.mails[0]!.text).toContain('R75.00')
  })

  test('own words for one call, filled in; words that nobody fills in are refused and nothing goes', async () => {
    await ready()
    const debtor_ids = of('100001')
    const wrong = await send('email', { debtor_ids, message: 'Dear {{nmae}}' })
    expect(wrong.status).toBe(422)
    expect(mail.mails).toEqual([])
    await send('email', {
      debtor_ids,
      subject: 'About {{acc_no}}',
      message: 'Dear {{name}}, {{amount}} <b>please</b>.',
    })
    expect(mail.mails[0]).toMatchObject({
      subject: 'About 100001',
      text: expect.stringContaining('Dear John Doe, R275.00 <b>please</b>.'),
    })
    expect(mail.mails[0]!.html).toContain('&lt;b&gt;please')
  })

  test('a provider that refuses: each is told with its words, and the log shows them', async () => {
    await sendsBy(t, org, shop, 'email', 'sendgrid', { api_key: 'SG.wrong' })
    const { status, body } = await send('email', { debtor_ids: of('100001') })
    expect([status, body.sent]).toEqual([200, []])
    expect(body.errors).toEqual([{ debtor_id: ids['100001'], error: expect.stringMatching(/SendGrid/) }])
    const log = await call(t, `GET /pharmacies/${shop}/debtors/${ids['100001']}/communications`, {
      as: reader,
    })
    expect(log.body[0]).toMatchObject({
      status: 'failed',
      error_message: body.errors[0].error,
      sent_at: null,
    })
  })

  test('what is not known to have gone is not sent again, and waits in the log with its error', async () => {
    await ready()
    mail.mood = () => 'broken'
    const { body } = await send('email', { debtor_ids: of('100001') })
    expect([body.sent, body.errors.length]).toEqual([[], 1])
    mail.mood = () => 'well'
    const again = await send('email', { debtor_ids: of('100001') })
    expect(again.body).toEqual({
      sent: [],
      errors: [{ debtor_id: ids['100001'], error: expect.stringMatching(/^Reminded already/) }],
    })
    expect(mail.mails).toHaveLength(1)
    const log = await call(t, `GET /pharmacies/${shop}/debtors/${ids['100001']}/communications`, {
      as: reader,
    })
    expect(log.body).toHaveLength(1)
    expect(log.body[0]).toMatchObject({ status: 'pending', error_message: expect.any(String) })
  })
})

describe('POST send-sms', () => {
  test('sends one part to the number as it is in the books', async () => {
    await ready()
    const { status, body } = await send('sms', { debtor_ids: of('100001', '100002') })
    expect(status).toBe(200)
    expect(body).toEqual({
      sent: [
        { debtor_id: ids['100001'], phone: '0821234567', status: 'sent', external_id: expect.any(String) },
      ],
      errors: [{ debtor_id: ids['100002'], error: 'No phone number' }],
    })
    expect(texts.texts).toMatchObject([{ to: '27821234567', parts: 1 }])
    expect(texts.texts[0]!.text).toMatch(
      /^Sunrise Pharmacy: John Doe, R275\.00 is overdue\. Pay FNB 62001234567 ref 100001/,
    )
  })

  test('an odd success that sent nothing is a failure', async () => {
    await ready()
    texts.mood = () => 'fault'
    const { body } = await send('sms', { debtor_ids: of('100001') })
    expect([body.sent, body.errors.length]).toEqual([[], 1])
  })
})

describe('the order of checks', () => {
  const without = (kind: 'email' | 'sms') =>
    kind === 'email'
      ? 'SendGrid API key not configured for pharmacy'
      : 'SMS Portal credentials not configured for pharmacy'
  test.each(['email', 'sms'] as const)('%s: pharmacy, then debtors, then credentials', async (kind) => {
    const other = await organisation(t)
    const theirs = await pharmacy(t, other)
    for (const place of [999_999, theirs])
      expect((await send(kind, { debtor_ids: [1] }, clerk, place)).status).toBe(404)
    for (const debtor_ids of [[999_999], [], of('100003')]) {
      const none = await send(kind, { debtor_ids })
      expect([none.status, none.body.detail]).toEqual([404, expect.stringContaining('No debtors found')])
    }
    const { status, body } = await send(kind, { debtor_ids: of('100001') })
    expect([status, body.detail]).toEqual([400, without(kind)])
  })
  test('reading is not sending, and another pharmacy is none of theirs', async () => {
    await ready()
    expect((await send('email', { debtor_ids: of('100001') }, reader)).status).toBe(403)
    await access(t, org, clerk, shop, false)
    const { status, body } = await send('email', { debtor_ids: of('100001') })
    expect([status, body.detail]).toEqual([403, expect.any(String)])
    const elsewhere = await pharmacy(t, org, 'Elsewhere')
    expect((await send('email', { debtor_ids: [1] }, clerk, elsewhere)).status).toBe(403)
  })
  test('ids that are none: 422 in the document’s shape', async () => {
    const { status, body } = await send('email', { debtor_ids: ['x'] })
    expect(status).toBe(422)
    expect(body.detail[0].loc).toEqual(['body', 'debtor_ids', '0'])
  })
})

describe('never twice, never wrong', () => {
  test('the same call again, two at once, and one key: one message', async () => {
    await ready()
    const json = { debtor_ids: of('100001', '100005') }
    const both = await Promise.all([send('sms', json), send('sms', json)])
    expect(both.map(({ status }) => status)).toEqual([200, 200])
    expect(both.reduce((sum, { body }) => sum + body.sent.length, 0)).toBe(2)
    expect(texts.texts).toHaveLength(2)
    const keyed = () =>
      call(t, `POST /pharmacies/${shop}/debtors/send-email`, {
        as: clerk,
        json,
        headers: { 'idempotency-key': `k${shop}` },
      })
    const [first, second] = [await keyed(), await keyed()]
    expect(second.body).toEqual(first.body)
    expect(mail.mails).toHaveLength(2)
  })

  test('a refusal on one way counts on both', async () => {
    await ready()
    await within(t, org, (scope) =>
      sql`insert into suppressions (tenant_id, kind, address, reason, since) values (${org.id}, 'sms', '27821234567', 'opted_out', ${scope.now})`.execute(
        scope.db,
      ),
    )
    for (const kind of ['sms', 'email'] as const) {
      const { body } = await send(kind, { debtor_ids: of('100001') })
      expect(body).toEqual({
        sent: [],
        errors: [{ debtor_id: ids['100001'], error: 'They asked not to be written to' }],
      })
    }
    await within(t, org, (scope) =>
      sql`delete from suppressions where tenant_id = ${org.id}`.execute(scope.db),
    )
  })

  test('whoever is gone from the newest report, promised, or is blocked gets nothing', async () => {
    await ready()
    await within(t, org, async (scope) => {
      await sql`insert into dunning_blocks (tenant_id, customer_id, until, reason, created_at) values (${org.id}, ${ids['100005']}, ${scope.today}, 'talks', ${scope.now})`.execute(
        scope.db,
      )
      await sql`insert into promises (tenant_id, customer_id, currency, amount, promised_on, tolerance_days, made_on, made_at)
                values (${org.id}, ${ids['100002']}, 'ZAR', 100, ${scope.today}, 2, ${scope.today}, ${scope.now})`.execute(
        scope.db,
      )
    })
    await report(t, org, shop, [
      ...debts.filter(({ acc_no }) => acc_no !== '100001' && acc_no !== '100002'),
      { acc_no: '100002', d60: 1, email: 'x@example.com' },
    ])
    const { body } = await send('email', { debtor_ids: of('100001', '100002', '100005') })
    expect(body.sent).toEqual([])
    expect(
      Object.fromEntries(
        body.errors.map((each: { debtor_id: number; error: string }) => [each.debtor_id, each.error]),
      ),
    ).toEqual({
      [ids['100001']!]: 'Not on the current report any more',
      [ids['100002']!]: expect.stringMatching(/^Promised to pay by/),
      [ids['100005']!]: expect.stringMatching(/^No reminders until/),
    })
  })

  test('at night nobody is reminded, and the next hour is told', async () => {
    await ready()
    t.clock.ahead(12 * 3_600_000)
    const fresh = { ...clerk, headers: (await person(t, { in: org, roles: ['tenant_admin'] })).headers }
    const { body } = await send('sms', { debtor_ids: of('100001') }, fresh)
    expect(body).toEqual({
      sent: [],
      errors: [{ debtor_id: ids['100001'], error: expect.stringMatching(/^Quiet hours .* next from/) }],
    })
    t.clock.ahead(12 * 3_600_000)
    clerk = await person(t, { in: org, roles: ['pharmacy_write'] })
    reader = await person(t, { in: org, roles: ['pharmacy_read'] })
  })
})

test('more than a hundred are queued, and go on by themselves', async () => {
  await ready()
  const many = Array.from(
    { length: 130 },
    (_, n): Given => ({ acc_no: String(200_000 + n), d60: 10_000 + n }),
  )
  ids = await report(t, org, shop, many)
  const { body } = await send('email', { debtor_ids: Object.values(ids) })
  expect(body.errors).toEqual([])
  expect(body.sent).toHaveLength(130)
  expect(body.sent[0]).toEqual({ debtor_id: expect.any(Number), email: expect.any(String), status: 'queued' })
  const log = () => call(t, `GET /pharmacies/${shop}/debtors/${ids['200000']}/communications`, { as: reader })
  expect((await log()).body[0]).toMatchObject({
    status: 'pending',
    external_id: null,
    sent_at: null,
    error_message: null,
  })
})

test('the log has every key of the document, newest first, and none of another pharmacy', async () => {
  await ready()
  await send('email', { debtor_ids: of('100001') })
  await send('sms', { debtor_ids: of('100001') })
  const log = (place: number, id: number, as = reader) =>
    call(t, `GET /pharmacies/${place}/debtors/${id}/communications`, { as })
  const { status, body } = await log(shop, ids['100001']!)
  expect(status).toBe(200)
  const common = {
    id: expect.any(Number),
    pharmacy_id: shop,
    debtor_id: ids['100001'],
    status: 'sent',
    external_id: expect.any(String),
    error_message: null,
    sent_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  }
  expect(body).toEqual([
    {
      ...common,
      communication_type: 'sms',
      recipient: '0821234567',
      subject: null,
      message: expect.stringContaining('John Doe'),
    },
    {
      ...common,
      communication_type: 'email',
      recipient: 'john@example.com',
      subject: 'Reminder: Account Overdue at Sunrise Pharmacy',
      message: expect.stringMatching(/^<!doctype html>[\s\S]*<\/html>$/),
    },
  ])
  expect((await log(shop, ids['100002']!)).body).toEqual([])
  expect((await log(shop, 999_999)).status).toBe(404)
  expect((await log(999_999, ids['100001']!)).status).toBe(404)
  const elsewhere = await pharmacy(t, org, 'Elsewhere')
  expect((await log(elsewhere, ids['100001']!)).status).toBe(403)
  await access(t, org, reader, elsewhere, false)
  reader = await person(t, { in: org, roles: ['tenant_admin'] })
  expect((await log(elsewhere, ids['100001']!)).status).toBe(404)
})
