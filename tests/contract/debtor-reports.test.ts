import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { rowsIn } from '../books.ts'
import { call, type Target } from '../call.ts'
import { account, drop, letIn, paper, pharmacy } from '../debtors.ts'
import { type Organisation, organisation, type Person, person } from '../given.ts'

// Report after report: who keeps their id, what waits for a person, what may be taken back.

let t: TestApp
let org: Organisation
let admin: Person
let clerk: Person
beforeAll(async () => {
  t = await testApp()
  org = await organisation(t, { currency: 'ZAR', timezone: 'Africa/Johannesburg', country: 'ZA' })
  admin = await person(t, { in: org })
  clerk = await person(t, { in: org, roles: ['pharmacy_write'] })
})
afterAll(() => t.close())

const shopOf = async (name: string) => {
  const id = await pharmacy(t, admin, name)
  await letIn(t, admin, clerk, id)
  return id
}
const get = async (shop: number, path: string, query: Record<string, string> = {}) =>
  (await call(t, `GET /pharmacies/${shop}/debtors${path}` as Target, { as: clerk, query })).body
const act = (shop: number, path: string, json?: unknown) =>
  call(t, `POST /pharmacies/${shop}/debtors${path}` as Target, { as: clerk, ...(json ? { json } : {}) })
const byAccount = (debtors: { acc_no: string; id: number; balance: number }[]) =>
  Object.fromEntries(debtors.map((each) => [each.acc_no, each]))

const october = [
  account('100001', 'Ann Able', { 0: 100, 1: 50 }, { email: 'ann@example.com', phone: '0821110001' }),
  account('100002', 'Ben Bold', { 2: 300 }, { email: 'ben@example.com', phone: '0821110002' }),
  account('100003', 'Cara Calm', { 0: 80 }, { email: null, phone: '0821110003' }),
]
const november = [
  account('100001', 'Ann Able', { 1: 100, 2: 50 }, { email: 'ann@example.com', phone: '0821110001' }),
  account('100003', 'Cara Calm', { 0: 80 }, { email: null, phone: '0821110003' }),
  account('100004', 'Dan Dare', { 0: 20 }, { email: 'dan@example.com', phone: null }),
]

describe('the next month’s report', () => {
  let shop: number
  let first: Awaited<ReturnType<typeof drop>>['body']
  let second: Awaited<ReturnType<typeof drop>>['body']
  beforeAll(async () => {
    shop = await shopOf('Monthly')
    first = (await drop(t, clerk, shop, await paper(october, { day: '2026-10-31' }))).body
    second = (await drop(t, clerk, shop, await paper(november, { day: '2026-11-30' }))).body
  })

  test('keeps every debtor’s id, and says who is new, settled and moved', async () => {
    const [was, is] = [byAccount(first.debtors), byAccount(second.debtors)]
    expect(is['100001']!.id).toBe(was['100001']!.id)
    expect(is['100003']!.id).toBe(was['100003']!.id)
    expect(second.changes).toEqual({
      previous_id: first.report_id,
      new: 1,
      settled: 1,
      moved: 1,
      unchanged: 1,
      new_amount: 20,
      settled_amount: -300,
      moved_amount: 0,
      contacts: 0,
    })
    const settled = await get(shop, `/reports/${second.report_id}/changes`, { kind: 'settled' })
    expect(settled.items).toMatchObject([
      { acc_no: '100002', kind: 'settled', before: { balance: 300, d60: 300 }, after: null, moved_by: -300 },
    ])
  })

  test('lists its own accounts; who is absent keeps their page and history', async () => {
    const listed = await get(shop, '')
    expect(listed.debtors.map((each: { acc_no: string }) => each.acc_no).sort()).toEqual([
      '100001',
      '100003',
      '100004',
    ])
    const ben = await get(shop, `/${byAccount(first.debtors)['100002']!.id}`)
    expect(ben).toMatchObject({ acc_no: '100002', report_id: null, balance: 0, is_absent: true })
    expect(ben.history).toMatchObject([{ report_id: first.report_id, balance: 300, is_current: false }])
    const ann = await get(shop, `/${byAccount(first.debtors)['100001']!.id}`)
    expect(ann.history.map((each: { d60: number }) => each.d60)).toEqual([50, 0])
  })

  test('the earlier one can be looked at, restored, and the later restored again', async () => {
    expect((await get(shop, `/reports/${first.report_id}/debtors`)).debtors).toHaveLength(3)
    const restored = await act(shop, `/reports/${first.report_id}/restore`)
    expect([restored.status, restored.body.is_current]).toEqual([200, true])
    expect((await get(shop, '/statistics')).total_outstanding).toBe(530)
    await act(shop, `/reports/${second.report_id}/restore`)
    expect((await get(shop, '/statistics')).total_outstanding).toBe(250)
    const listed = await get(shop, '/reports')
    expect(listed.map((each: { id: number; is_current: boolean }) => [each.id, each.is_current])).toEqual([
      [second.report_id, true],
      [first.report_id, false],
    ])
  })

  test('the very same file again is the same report', async () => {
    const again = await drop(t, clerk, shop, await paper(november, { day: '2026-11-30' }))
    // A PDF made anew carries its own time: the bytes decide.
    expect(again.status).toBe(200)
    const [newest] = await get(shop, '/reports')
    const file = await call(t, `GET /pharmacies/${shop}/debtors/reports/${newest.id}/file`, { as: clerk })
    expect(file.headers['content-type']).toBe('application/pdf')
    const repeated = await drop(t, clerk, shop, file.raw.rawPayload)
    expect(repeated.body.report_id).toBe(newest.id)
  })
})

describe('a report whose totals disagree', () => {
  let shop: number
  let wrong: Awaited<ReturnType<typeof drop>>
  beforeAll(async () => {
    shop = await shopOf('Doubtful')
    await drop(t, clerk, shop, await paper(october))
    const totals = [12_000, 10_000, 5_000, 0, 0, 0, 0, 27_000]
    wrong = await drop(t, clerk, shop, await paper(november, { day: '2026-11-30', totals }))
  })

  test('answers 200 with the document’s keys, needs_review and the difference; the list before stays', async () => {
    expect(wrong.status).toBe(200)
    expect(wrong.body).toMatchObject({
      status: 'needs_review',
      total_accounts: 3,
      total_outstanding: 250,
      difference: 20,
    })
    expect(wrong.body.disagreements[0]).toMatchObject({ what: 'grand', agrees: false })
    expect(wrong.body.debtors).toHaveLength(3)
    expect((await get(shop, '/statistics')).total_outstanding).toBe(530)
    const details = await get(shop, `/reports/${wrong.body.report_id}`)
    expect(details).toMatchObject({ status: 'needs_review', agrees: false, is_current: false })
    const lines = await get(shop, `/reports/${wrong.body.report_id}/lines`, { kind: 'account' })
    expect(lines.items[0]).toMatchObject({
      kind: 'account',
      page: 1,
      debtor_id: byAccount(wrong.body.debtors)['100001']!.id,
      box: {
        x: expect.any(Number),
        y: expect.any(Number),
        width: expect.any(Number),
        height: expect.any(Number),
      },
    })
  })

  test('left out by a person it changes nothing; accepted it is the list', async () => {
    const rejected = await act(shop, `/reports/${wrong.body.report_id}/reject`)
    expect([rejected.status, rejected.body.status]).toEqual([200, 'rejected'])
    expect((await get(shop, '/statistics')).total_outstanding).toBe(530)
    expect((await act(shop, `/reports/${wrong.body.report_id}/restore`)).status).toBe(409)
    const accepted = await act(shop, `/reports/${wrong.body.report_id}/accept`)
    expect([accepted.status, accepted.body]).toMatchObject([
      200,
      { status: 'completed', is_current: true, decided_by: clerk.username },
    ])
    expect((await get(shop, '/statistics')).total_outstanding).toBe(250)
    expect((await act(shop, `/reports/${wrong.body.report_id}/accept`)).status).toBe(409)
    const events = await rowsIn(
      t,
      org,
      sql<{
        kind: string
      }>`select kind from events where tenant_id = ${org.id} and subject = 'debtor_report' and subject_id = ${wrong.body.report_id} order by id`,
    )
    expect(events.map(({ kind }) => kind)).toEqual([
      'debtor_report.uploaded',
      'debtor_report.held',
      'debtor_report.rejected',
      'debtor_report.accepted',
    ])
  })
})

describe('a contact written by hand', () => {
  test('wins over the next report, which shows the difference, until it is given back', async () => {
    const shop = await shopOf('Contacts')
    const { body } = await drop(t, clerk, shop, await paper(october))
    const { id } = byAccount(body.debtors)['100001']!
    const before = await get(shop, `/${id}`)
    const patch = (json: object, version?: number) =>
      call(t, `PATCH /pharmacies/${shop}/debtors/${id}`, {
        as: clerk,
        json,
        headers: version === undefined ? {} : { 'if-match': `"${version}"` },
      })
    const patched = await patch({ email: 'ann.new@example.com' }, before.version)
    expect([patched.status, patched.body]).toMatchObject([
      200,
      { email: 'ann.new@example.com', stated_email: 'ann@example.com', email_by_hand: true },
    ])
    expect((await patch({ phone: '0840000000' }, before.version)).status).toBe(412)
    expect((await get(shop, '', { search: 'ann.new@' })).total).toBe(1)

    const next = await drop(t, clerk, shop, await paper(november, { day: '2026-11-30' }))
    expect(byAccount(next.body.debtors)['100001']).toMatchObject({
      email: 'ann.new@example.com',
      phone: '0821110001',
    })
    expect(next.body.changes.contacts).toBe(1)
    const differing = await get(shop, `/reports/${next.body.report_id}/changes`, { kind: 'contact' })
    expect(differing.items).toMatchObject([
      { acc_no: '100001', email: 'ann.new@example.com', stated_email: 'ann@example.com' },
    ])

    const back = await patch({ as_reported: ['email'] })
    expect(back.body).toMatchObject({ email: 'ann@example.com', email_by_hand: false })
    expect((await patch({})).status).toBe(422)
    expect((await patch({ email: 'no address' })).status).toBe(422)
    expect(
      (await call(t, `PATCH /pharmacies/${shop}/debtors/999999`, { as: clerk, json: { email: null } }))
        .status,
    ).toBe(404)
  })

  test('a report that prints no contacts takes none away', async () => {
    const shop = await shopOf('Silent')
    await drop(t, clerk, shop, await paper(october))
    const silent = october.map(({ acc_no, name, ages }) => ({ acc_no, name, ages }))
    const { body } = await drop(t, clerk, shop, await paper(silent, { day: '2026-11-30' }))
    expect(byAccount(body.debtors)['100002']).toMatchObject({ email: 'ben@example.com', phone: '0821110002' })
  })
})

describe('medical-aid accounts of the pharmacy’s own list', () => {
  test('are marked in the current report and in the next ones', async () => {
    const shop = await shopOf('Schemes')
    await drop(t, clerk, shop, await paper(october))
    const put = await call(t, `PUT /pharmacies/${shop}`, {
      as: clerk,
      json: { medical_aid: ['Bold', '100003'] },
    })
    expect([put.status, put.body.medical_aid]).toEqual([200, ['Bold', '100003']])
    expect(await get(shop, '/statistics')).toMatchObject({ total_accounts: 1, total_outstanding: 150 })
    const next = await drop(t, clerk, shop, await paper(november, { day: '2026-11-30' }))
    expect(next.body.total_accounts).toBe(2)
    await call(t, `PUT /pharmacies/${shop}`, { as: clerk, json: { medical_aid: [] } })
    expect((await get(shop, '/statistics')).total_accounts).toBe(3)
  })
})

test('without a report, open invoices of the pharmacy’s customers are its debtors, by days overdue', async () => {
  const shop = await shopOf('Invoices')
  const today = new Date().toISOString().slice(0, 10)
  const due = (days: number) => new Date(Date.parse(today) - days * 86_400_000).toISOString().slice(0, 10)
  await rowsIn(
    t,
    org,
    sql`with c as (insert into customers (tenant_id, outlet_id, key, code, name, phone) values (${org.id}, ${shop}, '500', '500', 'Zoe Zest', '0820000500') returning id)
        insert into invoices (tenant_id, customer_id, outlet_id, number, number_key, currency, amount, open_amount, invoice_date, due_date)
        select ${org.id}, c.id, ${shop}, n.number, n.number, 'ZAR', n.amount, n.amount, n.due::date, n.due::date from c,
          (values ('1', 10000, ${due(-3)}), ('2', 2000, ${due(5)}), ('3', 300, ${due(75)}), ('4', 40, ${due(400)}), ('5', -1000, ${due(50)})) as n(number, amount, due)`,
  )
  const { debtors, total } = await get(shop, '')
  expect(total).toBe(1)
  expect(debtors[0]).toMatchObject({
    acc_no: '500',
    report_id: null,
    current: 90,
    d30: 20,
    d60: 3,
    d90: 0,
    d180: 0.4,
    balance: 113.4,
    phone: '0820000500',
  })
  expect(await get(shop, '/statistics')).toMatchObject({
    total_accounts: 1,
    total_outstanding: 113.4,
    d60: 3,
  })
  expect(await get(shop, '', { min_balance: '3' })).toMatchObject({ total: 1 })
  expect(await get(shop, '', { min_balance: '3.40' })).toMatchObject({ total: 0 })
})
