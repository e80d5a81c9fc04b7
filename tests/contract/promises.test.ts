import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { send } from '../books.ts'
import { call } from '../call.ts'
import * as given from '../given.ts'

// Promises to pay: nothing but files come in, and each promise is kept or broken by what they say. The days pass.

let t: TestApp
beforeAll(async () => {
  t = await testApp()
})
afterAll(() => t.close())

/** Noon of a day, in every test's organisation. */
const noon = (day: string, hour = 12) => new Date(`${day}T${String(hour).padStart(2, '0')}:00:00Z`).getTime()
const travel = (day: string, hour?: number) => t.clock.ahead(noon(day, hour) - t.clock.now().getTime())

type Row = {
  number: string
  amount: number
  open: number
  customer?: string
  due?: string
  paid_on?: string
  region?: string
}
const file = (rows: Row[]) =>
  [
    'Customer,Invoice no,Invoice date,Due date,Currency,Amount,Open amount,Paid on,Region',
    ...rows.map(
      ({ number, amount, open, customer = 'Acme', due = '2026-02-15', paid_on = '', region = '' }) =>
        [customer, number, '2026-01-15', due, 'USD', amount, open, paid_on, region].join(','),
    ),
  ].join('\n')

/** An organisation in which days pass: `on` moves the clock, and the caller is signed in again. */
async function story() {
  const org = await given.organisation(t)
  const admin = await given.person(t, { in: org })
  const as = async (who = admin) => ({
    headers: { authorization: `Bearer ${await given.signIn(t, who.username)}` },
  })
  return {
    org,
    admin,
    as,
    async on(day: string, hour?: number) {
      travel(day, hour)
      admin.headers = (await as()).headers
    },
    async snapshot(rows: Row[], as_of = t.clock.now().toISOString().slice(0, 10)) {
      const sent = await send(
        t,
        admin,
        file(rows),
        { as_of, kind: 'open_items', missing: 'settle' },
        { name: `open-${as_of}.csv` },
      )
      expect(sent.status, JSON.stringify(sent.body)).toBe(200)
      return sent.body.import_id as number
    },
    async invoice(number: string) {
      const { body } = await call(t, 'GET /api/receivables/invoices', {
        as: admin,
        query: { search: number, status: 'open,paid,partial,unpaid' },
      })
      return body.items.find((each: { invoice_number: string }) => each.invoice_number === number)
    },
    async promise(json: object) {
      const answer = await call(t, 'POST /api/receivables/promises', { as: admin, json })
      expect(answer.status, JSON.stringify(answer.body)).toBe(201)
      return answer.body
    },
    async verdict(id: number, query: Record<string, string> = {}) {
      const { body } = await call(t, `GET /api/receivables/promises/${id}`, { as: admin, query })
      return body
    },
  }
}

describe('an import alone keeps or breaks a promise', () => {
  test('paid in full by the next file: kept, between two days', async () => {
    const s = await story()
    await s.on('2026-03-02')
    await s.snapshot([{ number: 'A-1', amount: 1000, open: 1000 }])
    await s.on('2026-03-04')
    const made = await s.promise({ invoice_ids: [(await s.invoice('A-1')).id], promised_on: '2026-03-10' })
    expect(made).toMatchObject({
      amount: 1000,
      verdict: 'open',
      deadline: '2026-03-12',
      level: 1,
      tolerance_days: 2,
    })
    await s.on('2026-03-16')
    expect(await s.verdict(made.id)).toMatchObject({ verdict: 'open', is_waiting: true })
    await s.snapshot([
      { number: 'B-1', amount: 5, open: 5 },
      { number: 'A-1', amount: 1000, open: 0 },
    ])
    expect(await s.verdict(made.id)).toMatchObject({
      verdict: 'kept',
      paid: 1000,
      paid_from: '2026-03-03',
      paid_by: '2026-03-16',
      is_estimate: true,
    })
    expect(await s.verdict(made.id, { as_of: '2026-03-15' })).toMatchObject({ verdict: 'open', paid: 0 })
  })
})
