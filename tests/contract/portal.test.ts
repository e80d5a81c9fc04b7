import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { rowsIn, send } from '../books.ts'
import { call } from '../call.ts'
import * as given from '../given.ts'
import { pdfText } from '../pdf-text.ts'

// What a customer owes, on paper and behind a link: they promise, they dispute, and whoever works the account hears of it.

let t: TestApp
beforeAll(async () => {
  t = await testApp()
})
afterAll(() => t.close())

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

type Row = {
  customer?: string
  number: string
  amount: number
  open?: number
  due?: string
  currency?: string
  kind?: string
}
const file = (rows: Row[]) =>
  [
    'Customer,Invoice no,Document type,Invoice date,Due date,Currency,Amount,Open amount',
    ...rows.map(
      ({
        customer = 'Acme',
        number,
        amount,
        open = amount,
        due = inDays(-40),
        currency = 'INR',
        kind = 'Invoice',
      }) => [customer, number, kind, inDays(-70), due, currency, amount, open].join(','),
    ),
  ].join('\n')

async function story(rows: Row[]) {
  const org = await given.organisation(t, { name: 'Harbour Traders', currency: 'INR', country: 'IN' })
  const admin = await given.person(t, { in: org })
  const collector = await given.person(t, { in: org, roles: ['collector'], full_name: 'Cora Collector' })
  const sent = await send(t, admin, file(rows), { as_of: inDays(0), kind: 'open_items', missing: 'settle' })
  expect(sent.status, JSON.stringify(sent.body)).toBe(200)
  const invoices = await rowsIn<{ id: number; number: string; customer_id: number }>(
    t,
    org,
    sql`select id, number, customer_id from invoices where tenant_id = ${org.id} order by id`,
  )
  const invoice = (number: string) => invoices.find((each) => each.number === number)!
  const customer = invoices[0]!.customer_id
  const link = async (json: object = {}, as = admin) => {
    const { status, body } = await call(t, `POST /api/receivables/customers/${customer}/links`, { as, json })
    expect(status, JSON.stringify(body)).toBe(201)
    return { ...body, token: body.link.split('/p/')[1] as string }
  }
  return { org, admin, collector, invoice, customer, link }
}

const acme: Row[] = [
  { number: 'A-1', amount: 1000 },
  { number: 'A-2', amount: 500, open: 200, due: inDays(10) },
  { number: 'A-3', amount: -150, kind: 'Credit note' },
  { number: 'B-1', amount: 77, customer: 'Bolt' },
]

test('a statement lists the open items with their age, credits apart, and its lines add up to the balance', async () => {
  const { admin, customer, invoice } = await story(acme)
  await call(t, 'POST /api/receivables/promises', {
    as: admin,
    json: { invoice_ids: [invoice('A-2').id], promised_on: inDays(5) },
  })
  const reasons = await call(t, 'GET /api/receivables/dispute-reasons', { as: admin })
  await call(t, 'POST /api/receivables/disputes', {
    as: admin,
    json: { invoice_id: invoice('A-1').id, reason_id: reasons.body.items[0].id, amount: 300 },
  })
  const { raw, status, headers } = await call(t, `GET /api/receivables/customers/${customer}/statement`, {
    as: admin,
  })
  expect(status).toBe(200)
  expect(headers['content-type']).toBe('application/pdf')
  const text = pdfText(raw.rawPayload)
  for (const words of [
    'Harbour Traders',
    'Statement of account',
    'Acme',
    'A-1',
    'A-2',
    'A-3',
    'Credit note',
    '40 days',
    'not due',
    'disputed ₹300.00',
    'promised by',
    '1 / 1',
  ])
    expect(text).toContain(words)
  // 1000 + 200 - 150
  expect(text).toContain('₹1,200.00')
  expect(text).toContain('-₹150.00')
  expect(text).toContain('₹1,050.00')
  expect(text).not.toContain('B-1')
})

test('of a day before, what was open then; a name in Devanagari is there to be read', async () => {
  const org = await given.organisation(t, { currency: 'INR', country: 'IN' })
  const admin = await given.person(t, { in: org })
  const day = inDays(-20)
  await send(t, admin, file([{ number: 'N-1', amount: 900, customer: 'श्री राम Traders' }]), {
    as_of: day,
    kind: 'open_items',
    missing: 'settle',
  })
  await send(
    t,
    admin,
    file([{ number: 'N-2', amount: 5, customer: 'श्री राम Traders' }]),
    { as_of: inDays(0), kind: 'open_items', missing: 'settle' },
    { name: 'b.csv' },
  )
  const [{ id }] = (await rowsIn<{ id: number }>(
    t,
    org,
    sql`select id from customers where tenant_id = ${org.id}`,
  )) as [{ id: number }]
  const read = async (query: Record<string, string>) =>
    pdfText(
      (await call(t, `GET /api/receivables/customers/${id}/statement`, { as: admin, query })).raw.rawPayload,
    )
  const now = await read({})
  const then = await read({ as_of: day })
  const settled = await read({ open_only: 'false' })
  expect([now.includes('N-1'), then.includes('N-1'), settled.includes('N-1')]).toEqual([false, true, true])
  expect(then).toContain('Traders')
  expect(then).toMatch(/\p{Script=Devanagari}/u)
  const ahead = await call(t, `GET /api/receivables/customers/${id}/statement`, {
    as: admin,
    query: { as_of: inDays(3) },
  })
  expect([ahead.status, ahead.body.code]).toEqual([422, 'in_future'])
})

test('a customer opens the link, promises and disputes, and the collector and whoever made the link are told', async () => {
  const { org, admin, collector, invoice, customer, link } = await story(acme)
  await call(t, 'POST /api/receivables/invoices/assign', {
    as: admin,
    json: { assigned_to: collector.id, invoice_ids: [invoice('A-1').id, invoice('A-2').id] },
  })
  const operations = await given.person(t, { in: org, roles: ['operations'] })
  const made = await link({ days: 14, note: 'Accounts, Mr Rao' }, operations)
  const page = await call(t, `GET /api/portal/${made.token}`)
  expect(page.status).toBe(200)
  expect(page.body).toMatchObject({ organisation: 'Harbour Traders', customer: 'Acme' })
  expect(page.body.parts).toHaveLength(1)
  const [part] = page.body.parts
  expect(part.items.map((each: { number: string }) => each.number)).toEqual(['A-1', 'A-2'])
  expect([part.open_amount, part.unapplied, part.balance, part.overdue_amount]).toEqual([
    1200, -150, 1050, 1000,
  ])

  expect((await call(t, `POST /api/portal/${made.token}/opened`)).status).toBe(204)
  expect((await call(t, `POST /api/portal/${made.token}/opened`)).status).toBe(204)
  const links = await call(t, `GET /api/receivables/customers/${customer}/links`, { as: operations })
  expect(links.body.items[0]).toMatchObject({ state: 'open', opened_count: 1, note: 'Accounts, Mr Rao' })
  expect(links.raw.body).not.toContain(made.token)

  const headers = { 'idempotency-key': 'promise-once' }
  const json = { invoice_ids: [invoice('A-2').id], promised_on: inDays(7) }
  const promised = await call(t, `POST /api/portal/${made.token}/promises`, { json, headers })
  const again = await call(t, `POST /api/portal/${made.token}/promises`, { json, headers })
  expect(promised.body).toEqual({ amount: 200, currency: 'INR', promised_on: inDays(7) })
  expect([again.body, again.headers['idempotency-replayed']]).toEqual([promised.body, 'true'])
  const disputed = await call(t, `POST /api/portal/${made.token}/disputes`, {
    json: {
      invoice_id: invoice('A-1').id,
      reason: 'delivery_issue',
      text: 'Two boxes were empty',
      amount: 250,
    },
  })
  expect(disputed.body).toEqual({ invoice_number: 'A-1', amount: 250, currency: 'INR' })
  const twice = await call(t, `POST /api/portal/${made.token}/disputes`, {
    json: { invoice_id: invoice('A-1').id, reason: 'other', text: 'All of it' },
  })
  expect([twice.status, twice.body.code, twice.body.dispute_id]).toEqual([409, 'disputed_already', undefined])

  const after = (await call(t, `GET /api/portal/${made.token}`)).body.parts[0]
  expect(
    after.items.map((each: { disputed_amount: number; promised_on: string }) => [
      each.disputed_amount,
      each.promised_on,
    ]),
  ).toEqual([
    [250, null],
    [0, inDays(7)],
  ])
  const promises = await call(t, 'GET /api/receivables/promises', { as: admin })
  expect(promises.body.items[0]).toMatchObject({ source: 'customer', made_by: null, amount: 200 })
  const disputes = await call(t, 'GET /api/receivables/disputes', { as: admin })
  expect(disputes.body.items[0]).toMatchObject({
    source: 'customer',
    disputed_amount: 250,
    note: 'Two boxes were empty',
    opened_by: null,
  })
  for (const who of [collector, operations]) {
    const told = await call(t, 'GET /api/profile/notifications', { as: who })
    const kinds = told.body.items.map((each: { kind: string }) => each.kind)
    expect(kinds).toContain('customer_promised')
    expect(kinds).toContain(who === collector ? 'dispute_opened' : 'customer_disputed')
  }
  const events = await rowsIn<{ kind: string; data: object }>(
    t,
    org,
    sql`select kind, data from events where tenant_id = ${org.id}`,
  )
  const recorded = events.map(({ kind }) => kind)
  for (const kind of ['statement_link.made', 'statement_link.opened', 'promise.made', 'dispute.opened'])
    expect(recorded).toContain(kind)
  expect(JSON.stringify(events)).not.toContain(made.token)
})

test('what a customer may not promise here: a day that is past or far off, more than is open', async () => {
  const { invoice, link } = await story(acme)
  const { token } = await link()
  const promise = async (json: object) => {
    const { status, body } = await call(t, `POST /api/portal/${token}/promises`, {
      json: { invoice_ids: [invoice('A-1').id], promised_on: inDays(3), ...json },
    })
    return [status, body.code]
  }
  expect(await promise({ promised_on: inDays(-1) })).toEqual([422, 'out_of_range'])
  expect(await promise({ promised_on: inDays(120) })).toEqual([422, 'out_of_range'])
  expect(await promise({ amount: 1000.5 })).toEqual([422, 'more_than_open'])
  expect(await promise({ invoice_ids: [] })).toEqual([422, 'invalid_input'])
})

test('a link of one currency shows that one alone', async () => {
  const { invoice, link } = await story([...acme, { number: 'U-1', amount: 60, currency: 'USD' }])
  const both = await link()
  const { token } = await link({ currency: 'USD' })
  const codes = async (of: string) =>
    (await call(t, `GET /api/portal/${of}`)).body.parts.map((part: { currency: string }) => part.currency)
  expect([await codes(both.token), await codes(token)]).toEqual([['INR', 'USD'], ['USD']])
  const other = await call(t, `POST /api/portal/${token}/promises`, {
    json: { invoice_ids: [invoice('A-1').id], promised_on: inDays(3) },
  })
  expect(other.status).toBe(404)
  expect(pdfText((await call(t, `GET /api/portal/${token}/statement`)).raw.rawPayload)).not.toContain('A-1')
})

test('who sees a part of an account makes no link to all of it, and their statement says that it is a part', async () => {
  const { admin, collector, customer, invoice } = await story(acme)
  await call(t, 'POST /api/receivables/invoices/assign', {
    as: admin,
    json: { assigned_to: collector.id, invoice_ids: [invoice('A-1').id] },
  })
  const refused = await call(t, `POST /api/receivables/customers/${customer}/links`, {
    as: collector,
    json: {},
  })
  expect([refused.status, refused.body.code]).toEqual([403, 'part_of_account'])
  const part = pdfText(
    (await call(t, `GET /api/receivables/customers/${customer}/statement`, { as: collector })).raw.rawPayload,
  )
  expect([part.includes('A-1'), part.includes('A-2'), part.includes('a part of the account')]).toEqual([
    true,
    false,
    true,
  ])
  expect(
    (
      await call(t, `GET /api/receivables/customers/${invoice('B-1').customer_id}/statement`, {
        as: collector,
      })
    ).status,
  ).toBe(404)
})
