import { sql } from 'kysely'
import pino from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { jobs } from '../../server/app.ts'
import { settled } from '../../server/modules/communications/messages.ts'
import { type TestApp, testApp } from '../app.ts'
import { call } from '../call.ts'
import { type Organisation, organisation, type Person, person } from '../given.ts'
import { access, atWork, type Given, pharmacy, report, sendsBy, within } from '../pharmacy.ts'
import { type SendgridStandIn, startSendgrid } from '../stand-ins/sendgrid.ts'

// Campaigns of a pharmacy: what would happen, what happened, and what is done about it.

let t: TestApp
let org: Organisation
let clerk: Person
let admin: Person
let mail: SendgridStandIn
beforeAll(async () => {
  mail = await startSendgrid()
  t = await testApp({}, { SENDGRID_URL: mail.url })
  atWork(t)
  org = await organisation(t, { country: 'ZA', currency: 'ZAR', timezone: 'Africa/Johannesburg' })
})
afterAll(async () => {
  await t.close()
  await mail.close()
})

let shop: number
let ids: Record<string, number>
const debts: Given[] = [
  { acc_no: '1', name: 'Anna', d60: 10_000 },
  { acc_no: '2', name: 'Ben', d90: 20_000 },
  { acc_no: '3', name: 'Cara', d60: 5_000, d120: 30_000 },
  { acc_no: '4', name: 'Dan', d90: 1_000, email: null, phone: null },
  { acc_no: '5', name: 'Eve', current: 9_000 },
  { acc_no: '6', name: 'MEDICAL AID CONTROL', d60: 9_999_999, medical_aid: true },
]
beforeEach(async () => {
  clerk = await person(t, { in: org, roles: ['pharmacy_write'] })
  admin = await person(t, { in: org, roles: ['tenant_admin'] })
  shop = await pharmacy(t, org)
  await access(t, org, clerk, shop, true)
  ids = await report(t, org, shop, debts)
  mail.mails.length = 0
  mail.mood = () => 'well'
  await sendsBy(t, org, shop, 'email', 'sendgrid', { api_key: mail.key })
  await sendsBy(t, org, shop, 'sms', 'outbox')
})
const post = (path: string, json: unknown = {}, as: Person = clerk) =>
  call(t, `POST /pharmacies/${shop}/${path}`, { as, json })
const get = (path: string, as: Person = clerk) => call(t, `GET /pharmacies/${shop}/${path}`, { as })
/** What the background does until everything of a campaign is settled. */
async function sent(campaign: number) {
  const { rows } = await within(t, org, (scope) =>
    sql<{
      id: number
    }>`select id from messages where tenant_id = ${org.id} and campaign_id = ${campaign}`.execute(scope.db),
  )
  await settled(
    t.deps,
    org.id,
    rows.map(({ id }) => id),
    5_000,
  )
  return (await get(`campaigns/${campaign}`)).body
}
const run = (task: string, payload: object = {}) =>
  jobs.tasks[task]!(t.deps, { tenant_id: org.id, ...payload }, pino({ level: 'silent' }))
const members = async (campaign: number, query = '') =>
  Object.fromEntries(
    (await get(`campaigns/${campaign}/members${query}`)).body.items.map(
      (each: { name: string; state: string; reason: string | null }) => [
        each.name,
        each.reason ?? each.state,
      ],
    ),
  )

describe('before', () => {
  test('a dry run tells text, parts, cost and everybody left out with the reason, and writes nothing', async () => {
    const { status, body } = await post('reminders/dry-run', { kind: 'sms' })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      messages: 3,
      left_out: 2,
      amount: 650,
      parts: 3,
      one_part: 3,
      cost: 0.75,
      currency: 'ZAR',
      language: 'en',
      channel: { provider: 'outbox', is_ready: true },
      gates: expect.arrayContaining([
        { gate: 'no_address', count: 1 },
        { gate: 'paid', count: 1 },
      ]),
    })
    expect(body.items.find((each: { name: string }) => each.name === 'Cara')).toMatchObject({
      recipient: '0821111113',
      amount: 350,
      parts: 1,
      text: expect.stringContaining('Cara, R350.00 is overdue'),
      stops: [],
    })
    const only = await post('reminders/dry-run', { kind: 'sms', show: 'left_out', gate: 'no_address' })
    expect(only.body.items.map((each: { name: string }) => each.name)).toEqual(['Dan'])
    expect((await get('campaigns')).body.total).toBe(0)
  })

  test('filters choose as they do in the list', async () => {
    const chosen = async (filters: object) =>
      (await post('reminders/dry-run', { kind: 'email', filters })).body.items.map(
        (each: { name: string }) => each.name,
      )
    expect(await chosen({ ageing_buckets: 'd90,d120' })).toEqual(['Cara', 'Ben', 'Dan'])
    expect(await chosen({ search: 'ann' })).toEqual(['Anna'])
    expect(await chosen({ min_balance: 150 })).toEqual(['Cara', 'Ben'])
    expect(await chosen({ oldest_bucket: 'd90' })).toEqual(['Ben', 'Dan'])
    expect(await chosen({ has_email: false })).toEqual(['Dan'])
  })

  test('a preview shows the mail of one debtor; a language changes words and amounts', async () => {
    const { body } = await post('reminders/preview', { kind: 'email', debtor_id: ids['2'], language: 'af' })
    expect(body).toMatchObject({
      recipient: 'd2@example.com',
      subject: 'Herinnering: rekening agterstallig by Sunrise Pharmacy',
      text: expect.stringContaining('R 200,00'),
      html: expect.stringContaining('lang="af"'),
      stops: [],
    })
    const text = await post('reminders/preview', { kind: 'sms', debtor_id: ids['2'], language: 'hi' })
    expect(text.body).toMatchObject({ encoding: 'UCS-2', parts: 1 })
    expect((await post('reminders/preview', { kind: 'sms', debtor_id: 999_999 })).status).toBe(404)
  })

  test('a test goes to me alone, and no debtor’s log shows it', async () => {
    const { body } = await post('reminders/test', { kind: 'email', debtor_id: ids['1'] })
    expect(body).toMatchObject({ recipient: clerk.email, state: 'pending' })
    await run('send_messages')
    expect((await get(`debtors/${ids['1']}/communications`)).body).toEqual([])
  })

  test('words of the pharmacy win over the organisation’s, and those over ours', async () => {
    const write = (json: object, as: Person) =>
      call(t, 'PUT /api/communications/templates', { as, json: { kind: 'sms', body: 'x', ...json } })
    const words = async () =>
      (await post('reminders/preview', { kind: 'sms', debtor_id: ids['1'] })).body.text
    expect((await write({ body: 'Hi {{name}}' }, clerk)).status).toBe(403)
    expect((await write({ outlet_id: shop, body: 'Hi {{nobody}}' }, clerk)).status).toBe(422)
    const ours = await write({ body: 'Org {{name}}' }, admin)
    expect(await words()).toBe('Org Anna')
    const own = await write({ outlet_id: shop, body: 'Shop {{name}}' }, clerk)
    expect(await words()).toBe('Shop Anna')
    for (const [id, as, expected] of [
      [own.body.id, clerk, 'Org Anna'],
      [ours.body.id, admin, expect.stringContaining('is overdue')],
    ] as const) {
      await call(t, `DELETE /api/communications/templates/${id}`, { as })
      expect(await words()).toEqual(expected)
    }
  })

  test('hours are the country’s until somebody says otherwise, and never before six or after nine', async () => {
    const path = `/api/communications/sending-rules?outlet_id=${shop}` as const
    const rules = await call(t, `GET ${path}`, { as: clerk })
    expect(rules.body).toMatchObject({ is_own: false, country: 'ZA', repeat_days: 7, closed_now: null })
    expect(rules.body.week[6]).toEqual({ from: '09:00', until: '13:00' })
    const week = (from: string, until: string) => Array(7).fill({ from, until })
    expect((await call(t, `PUT ${path}`, { as: clerk, json: { week: week('05:00', '21:00') } })).status).toBe(
      422,
    )
    const wide = await call(t, `PUT ${path}`, {
      as: clerk,
      json: { week: week('06:00', '21:00'), repeat_days: 0 },
    })
    expect(wide.body).toMatchObject({ is_own: true, repeat_days: 0 })
    expect((await call(t, `DELETE ${path}`, { as: clerk })).body.is_own).toBe(false)
  })
})

describe('a campaign', () => {
  const add = async (json: object) => {
    const { status, body } = await post('campaigns', { name: 'March', kind: 'email', ...json })
    expect([status, body.detail]).toEqual([201, undefined])
    return body
  }

  test('waits until it is started, then tells what became of everybody', async () => {
    mail.mood = (to) => (to === 'd1@example.com' ? 'refused' : 'well')
    const { id, state } = await add({})
    expect(state).toBe('draft')
    expect((await post(`campaigns/${id}/start`)).body.state).toMatch(/sending|done/)
    const body = await sent(id)
    expect(body).toMatchObject({
      state: 'done',
      counts: { members: 5, left_out: 2, waiting: 0, sent: 2, failed: 1, unknown: 0, held: 0 },
      amount: 650,
    })
    expect(await members(id)).toEqual({
      Anna: expect.stringMatching(/SendGrid/),
      Ben: 'sent',
      Cara: 'sent',
      Dan: 'No email address',
      Eve: 'Nothing is owed in the chosen buckets',
    })
    expect((await post(`campaigns/${id}/start`)).status).toBe(409)
    expect((await post(`campaigns/${id}/cancel`)).status).toBe(409)

    // Once more to whom it failed, and nobody else.
    mail.mood = () => 'well'
    mail.mails.length = 0
    const again = await post(`campaigns/${id}/resend`)
    expect(again.body).toMatchObject({ source: 'resend', resend_of: id, counts: { members: 1 } })
    expect((await sent(again.body.id)).counts).toMatchObject({ sent: 1, failed: 0 })
    expect(mail.mails.map(({ to }) => to)).toEqual(['d1@example.com'])
    expect((await post(`campaigns/${again.body.id}/resend`)).status).toBe(409)
  })

  test('goes at its time, once, whichever job comes first', async () => {
    const at = new Date(t.clock.now().getTime() + 3_600_000)
    const { id, state } = await add({ send_at: at.toISOString() })
    expect(state).toBe('scheduled')
    await run('start_campaigns')
    expect((await get(`campaigns/${id}`)).body.state).toBe('scheduled')
    t.clock.ahead(3_600_000)
    await Promise.all([run('start_campaigns'), run('start_campaign', { campaign_id: id })])
    clerk = await person(t, { in: org, roles: ['tenant_admin'] })
    expect((await sent(id)).counts).toMatchObject({ members: 5, sent: 3 })
    expect(mail.mails).toHaveLength(3)
  })

  test('is not scheduled for the night or the past, and a cancelled one never goes', async () => {
    const at = (hours: number) => new Date(t.clock.now().getTime() + hours * 3_600_000).toISOString()
    for (const send_at of [at(-1), at(12)]) {
      const { status } = await post('campaigns', { name: 'x', kind: 'email', send_at })
      expect(status).toBe(422)
    }
    const { id } = await add({ send_at: at(1) })
    expect((await post(`campaigns/${id}/cancel`)).body.state).toBe('cancelled')
    t.clock.ahead(3_600_000)
    await run('start_campaigns')
    clerk = await person(t, { in: org, roles: ['tenant_admin'] })
    expect((await get(`campaigns/${id}`)).body).toMatchObject({ state: 'cancelled', counts: { members: 0 } })
  })

  test('one whose time passed while the server was away waits for a person', async () => {
    const { id } = await add({ send_at: new Date(t.clock.now().getTime() + 3_600_000).toISOString() })
    t.clock.ahead(49 * 3_600_000)
    await run('start_campaigns')
    clerk = await person(t, { in: org, roles: ['tenant_admin'] })
    expect((await get(`campaigns/${id}`)).body).toMatchObject({
      state: 'draft',
      note: expect.stringContaining('not running'),
    })
    expect(mail.mails).toEqual([])
    t.clock.ahead(119 * 3_600_000)
  })

  test('the gates are asked again as each message leaves', async () => {
    // Nothing leaves while the provider is slow: meanwhile things change.
    await sendsBy(t, org, shop, 'email', 'sendgrid', { api_key: mail.key })
    await within(t, org, (scope) =>
      sql`update channels set paused_until = ${new Date(scope.now.getTime() + 600_000)} where tenant_id = ${org.id} and outlet_id = ${shop} and kind = 'email'`.execute(
        scope.db,
      ),
    )
    const { id } = await add({})
    await post(`campaigns/${id}/start`)
    await within(t, org, (scope) =>
      sql`insert into dunning_blocks (tenant_id, customer_id, until, reason, created_at) values (${org.id}, ${ids['1']}, ${scope.today}, 'talks', ${scope.now})`.execute(
        scope.db,
      ),
    )
    // Ben paid all, Cara a part.
    await report(t, org, shop, [
      debts[0]!,
      { acc_no: '2', name: 'Ben', current: 100 },
      { acc_no: '3', name: 'Cara', d60: 4_000, d120: 30_000 },
    ])
    await within(t, org, (scope) =>
      sql`update channels set paused_until = null where tenant_id = ${org.id}`.execute(scope.db),
    )
    expect((await sent(id)).counts).toMatchObject({ sent: 0, held: 3 })
    expect(await members(id, '?state=held')).toEqual({
      Anna: expect.stringMatching(/^No reminders until/),
      Ben: 'Nothing is owed in the chosen buckets',
      Cara: 'Less is owed by now than it asks for',
    })
    expect(mail.mails).toEqual([])
  })

  test('what did not leave by evening waits for the morning', async () => {
    await within(t, org, (scope) =>
      sql`update channels set paused_until = ${new Date(scope.now.getTime() + 600_000)} where tenant_id = ${org.id} and outlet_id = ${shop} and kind = 'email'`.execute(
        scope.db,
      ),
    )
    const { id } = await add({})
    await post(`campaigns/${id}/start`)
    t.clock.ahead(12 * 3_600_000)
    await run('send_messages')
    clerk = await person(t, { in: org, roles: ['tenant_admin'] })
    expect((await sent(id)).counts).toMatchObject({ sent: 0, waiting: 3 })
    t.clock.ahead(12 * 3_600_000)
    clerk = await person(t, { in: org, roles: ['tenant_admin'] })
    expect((await sent(id)).counts).toMatchObject({ sent: 3, waiting: 0 })
  })
})

test('escalation: a campaign per bucket, by the oldest debt, with its own words', async () => {
  const steps = [
    { bucket: 'd60', kind: 'sms' },
    { bucket: 'd90', kind: 'email', subject: 'Second reminder', min_amount: 50 },
    { bucket: 'd120', kind: 'email', subject: 'Third reminder', message: 'Dear {{name}}, {{amount}}.' },
  ]
  expect((await post('escalation/campaigns')).status).toBe(409)
  const put = (json: object) => call(t, `PUT /pharmacies/${shop}/escalation`, { as: clerk, json })
  expect((await put({ steps: [steps[0], steps[0]] })).status).toBe(422)
  expect((await put({ steps })).body.steps).toHaveLength(3)
  const { status, body } = await post('escalation/campaigns')
  expect(status).toBe(201)
  const who = []
  for (const { id } of body.campaigns) {
    await post(`campaigns/${id}/start`)
    await sent(id)
    who.push(await members(id))
  }
  expect(who).toEqual([{ Anna: 'sent' }, { Ben: 'sent' }, { Cara: 'sent' }])
  expect(mail.mails.map(({ subject, to }) => [to, subject])).toEqual([
    ['d2@example.com', 'Second reminder'],
    ['d3@example.com', 'Third reminder'],
  ])
})

test('a thousand reminders are taken in one call, and leave later', async () => {
  ids = await report(
    t,
    org,
    shop,
    Array.from({ length: 1_000 }, (_, n): Given => ({ acc_no: String(300_000 + n), d60: 10_000 + n })),
  )
  const { body } = await post('debtors/send-email', { debtor_ids: Object.values(ids) })
  expect([body.sent.length, body.errors.length]).toEqual([1_000, 0])
  const { rows } = await within(t, org, (scope) =>
    sql<{
      n: number
    }>`select count(*)::int as n from messages where tenant_id = ${org.id} and outlet_id = ${shop} and state = 'pending'`.execute(
      scope.db,
    ),
  )
  expect(rows[0]!.n).toBe(1_000)
})
