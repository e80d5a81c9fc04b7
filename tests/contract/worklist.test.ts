import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addDays } from '../../server/core/dates.ts'
import { asSystem } from '../../server/core/scope.ts'
import { refreshPredictions } from '../../server/modules/collections/prediction/predictions.ts'
import { type TestApp, testApp } from '../app.ts'
import { rowsIn, send } from '../books.ts'
import { call, type Target } from '../call.ts'
import type { Person } from '../given.ts'
import * as given from '../given.ts'

// Whom to call next: every point of every reason is worked out by hand here.

let t: TestApp
let today: string
beforeAll(async () => {
  t = await testApp()
  today = t.clock.now().toISOString().slice(0, 10)
})
afterAll(() => t.close())

type Line = [
  customer: string,
  number: string,
  dueInDays: number,
  open: number,
  more?: { disputed?: boolean; currency?: string },
]

async function office(...lines: Line[]) {
  const org = await given.organisation(t)
  const operations = await given.person(t, { in: org, roles: ['Operations'] })
  const file = [
    'Customer,Invoice no,Invoice date,Due date,Currency,Amount,Open amount,Status',
    ...lines.map(([customer, number, days, open, { disputed = false, currency = 'USD' } = {}]) =>
      [
        customer,
        number,
        addDays(today, Math.min(days, 0) - 30),
        addDays(today, days),
        currency,
        open,
        open,
        disputed ? 'Disputed' : 'Unpaid',
      ].join(','),
    ),
  ].join('\n')
  const sent = await send(t, operations, file, { as_of: today, kind: 'open_items' })
  expect(sent.status, JSON.stringify(sent.body)).toBe(200)
  const customers = await rowsIn<{ id: number; name: string }>(
    t,
    org,
    sql`select id, name from customers where tenant_id = ${org.id}`,
  )
  return {
    org,
    operations,
    id: (name: string) => customers.find((each) => each.name === name)!.id,
    invoice: async (number: string) => {
      const [row] = await rowsIn<{ id: number }>(
        t,
        org,
        sql`select id from invoices where tenant_id = ${org.id} and number = ${number}`,
      )
      return row!.id
    },
    list: async (as: Person = operations, query: Record<string, string> = {}) => {
      const answer = await call(t, 'GET /api/receivables/worklist', { as, query })
      expect(answer.status, answer.raw.body).toBe(200)
      for (const item of answer.body.items)
        expect(
          item.reasons.reduce((sum: number, { points }: { points: number }) => sum + points, 0),
        ).toBeCloseTo(item.score, 5)
      return answer.body
    },
  }
}
type Item = { name: string; score: number; reasons: { kind: string; points: number }[] }
const pointsOf = ({ reasons }: Item) => Object.fromEntries(reasons.map(({ kind, points }) => [kind, points]))
const named = (list: { items: Item[] }, name: string) => list.items.find((each) => each.name === name)!

describe('whom to call next', () => {
  test('by money and age, with every point to be seen', async () => {
    const at = await office(
      ['Small and young', 'S-1', -6, 100],
      ['Middling', 'M-1', -60, 300],
      ['Large and old', 'L-1', -240, 2000],
      ['Large and old', 'L-2', 40, 500],
      ['Not due', 'N-1', 30, 9000],
    )
    const list = await at.list()
    expect(list.items.map(({ name }: Item) => name)).toEqual(['Large and old', 'Middling', 'Small and young'])
    // The median of 100, 300 and 2,000 is 300: 30 × 2000 ÷ 2300, 20 × 120 ÷ 120; nobody was called: 10.
    expect(pointsOf(list.items[0])).toEqual({ amount: 26.1, age: 20, silence: 10 })
    expect(pointsOf(list.items[1])).toEqual({ amount: 15, age: 10, silence: 10 })
    expect(pointsOf(list.items[2])).toEqual({ amount: 7.5, age: 1, silence: 10 })
    expect(list.items[0]).toMatchObject({
      collectable: 2000,
      overdue: 2000,
      open_amount: 2500,
      overdue_count: 1,
      oldest_days: 240,
      currency: 'USD',
      state: 'todo',
    })
    expect(list.totals).toEqual([{ currency: 'USD', count: 3, collectable: 2400 }])
    expect(list.counts).toEqual({ todo: 3, worked: 0, paused: 0 })
  })

  test('what is disputed or promised is not collectable, and currencies stand apart', async () => {
    const at = await office(
      ['Disputing', 'D-1', -12, 300, { disputed: true }],
      ['Disputing', 'D-2', -12, 100],
      ['Promising', 'P-1', -30, 500],
      ['Promising', 'P-2', -30, 100],
      ['Promising', 'P-3', -30, 70, { currency: 'EUR' }],
    )
    const promised = await call(t, 'POST /api/receivables/promises', {
      as: at.operations,
      json: { invoice_ids: [await at.invoice('P-1')], promised_on: addDays(today, 3) },
    })
    expect(promised.status, promised.raw.body).toBe(201)
    const list = await at.list()
    // A quarter of the overdue is collectable; three quarters are disputed: 20 × 300 ÷ 400 are taken off.
    expect(named(list, 'Disputing')).toMatchObject({ collectable: 100, disputed: 300, overdue: 400 })
    expect(pointsOf(named(list, 'Disputing'))).toEqual({ amount: 15, age: 2, silence: 10, disputed: -15 })
    const promising = list.items.filter(({ name }: Item) => name === 'Promising')
    expect(
      promising.map((each: { currency: string; collectable: number }) => [each.currency, each.collectable]),
    ).toEqual(
      expect.arrayContaining([
        ['USD', 100],
        ['EUR', 70],
      ]),
    )
    expect(list.totals.map((each: { currency: string }) => each.currency)).toEqual(['EUR', 'USD'])
    expect((await at.list(at.operations, { currency: 'EUR' })).items).toHaveLength(1)
  })

  test('a promise that falls due today comes to the front, as does a task of today', async () => {
    const at = await office(['Word', 'W-1', -30, 100], ['Task', 'T-1', 60, 100], ['Other', 'O-1', -30, 100])
    await call(t, 'POST /api/receivables/promises', {
      as: at.operations,
      json: { invoice_ids: [await at.invoice('W-1')], promised_on: today },
    })
    await call(t, 'POST /api/receivables/tasks', {
      as: at.operations,
      json: { customer_id: at.id('Task'), title: 'Send the copy', due_on: today, owner_id: at.operations.id },
    })
    const list = await at.list()
    expect(pointsOf(named(list, 'Word'))).toEqual({ promise_due: 15 })
    expect(pointsOf(named(list, 'Task'))).toEqual({ follow_up: 15 })
    expect(pointsOf(named(list, 'Other'))).toEqual({ amount: 15, age: 5, silence: 10 })
  })

  test('who was called today is done with, and whom one puts off is back on the day', async () => {
    const at = await office(
      ['Called', 'C-1', -30, 100],
      ['Snoozed', 'S-1', -30, 100],
      ['Skipped', 'K-1', -30, 100],
    )
    const called = await call(t, `POST /api/receivables/customers/${at.id('Called')}/attempts` as Target, {
      as: at.operations,
      json: { channel: 'call', outcome: 'spoke' },
    })
    expect(called.status, called.raw.body).toBe(201)
    const pause = (name: string, json: object) =>
      call(t, `PUT /api/receivables/worklist/${at.id(name)}/pause` as Target, { as: at.operations, json })
    expect((await pause('Snoozed', { kind: 'snooze', reason: 'On holiday' })).status).toBe(422)
    expect(
      (await pause('Snoozed', { kind: 'snooze', reason: 'On holiday', until_on: addDays(today, -1) })).status,
    ).toBe(422)
    expect(
      (await pause('Snoozed', { kind: 'snooze', reason: 'On holiday', until_on: addDays(today, 5) })).status,
    ).toBe(200)
    expect((await pause('Skipped', { kind: 'skip', reason: 'Line busy' })).body.until_on).toBe(today)
    const names = async (state: string, as?: Person) =>
      (await at.list(as, { state })).items.map(({ name }: Item) => name).sort()
    expect(await names('todo')).toEqual([])
    expect(await names('worked')).toEqual(['Called'])
    expect(await names('paused')).toEqual(['Skipped', 'Snoozed'])
    // One's own pause is nobody else's.
    const colleague = await given.person(t, { in: at.org, roles: ['Operations'] })
    expect(await names('todo', colleague)).toEqual(['Skipped', 'Snoozed'])
    const resumed = await call(t, `DELETE /api/receivables/worklist/${at.id('Snoozed')}/pause` as Target, {
      as: at.operations,
    })
    expect(resumed.status).toBe(204)
    expect(await names('todo')).toEqual(['Snoozed'])
  })

  test('a collector sees the invoices that are theirs, and puts off nobody else', async () => {
    const at = await office(['Mine', 'M-1', -30, 100], ['Others', 'O-1', -30, 100])
    const collector = await given.person(t, { in: at.org, roles: ['Collector'] })
    await call(t, `PUT /api/receivables/invoices/${await at.invoice('M-1')}/assignment` as Target, {
      as: at.operations,
      json: { assigned_to: collector.id },
    })
    const list = await at.list(collector)
    expect(list.items.map(({ name }: Item) => name)).toEqual(['Mine'])
    expect(list.counts.todo).toBe(1)
    const pause = await call(t, `PUT /api/receivables/worklist/${at.id('Others')}/pause` as Target, {
      as: collector,
      json: { kind: 'skip', reason: 'x' },
    })
    expect(pause.status).toBe(404)
    expect((await at.list(at.operations, { assigned_to: String(collector.id) })).items).toHaveLength(1)
    expect((await at.list(at.operations, { assigned_to: '0' })).items).toHaveLength(1)
    const weights = await call(t, 'PUT /api/receivables/worklist/weights', {
      as: collector,
      json: { age: 1 },
    })
    expect(weights.status).toBe(403)
  })

  test('the organisation says what weighs how much', async () => {
    const at = await office(['One', 'O-1', -60, 100])
    const changed = await call(t, 'PUT /api/receivables/worklist/weights', {
      as: at.operations,
      json: { age: 50, silence: 0 },
    })
    expect(changed.body.weights).toMatchObject({ age: 50, silence: 0, amount: 30 })
    expect(pointsOf((await at.list()).items[0])).toEqual({ amount: 15, age: 25 })
    const refused = await call(t, 'PUT /api/receivables/worklist/weights', {
      as: at.operations,
      json: { disputed: 10 },
    })
    expect(refused.status).toBe(422)
  })
})

describe('what is expected to come', () => {
  test('nothing is said while too little is known', async () => {
    const at = await office(['One', 'O-1', -60, 100])
    const { body } = await call(t, 'GET /api/receivables/forecast', {
      as: at.operations,
      query: { currency: 'USD' },
    })
    expect(body).toMatchObject({ open_amount: 100, weeks: [], later: null, past: [] })
    const quality = await call(t, 'GET /api/receivables/predictions/quality', { as: at.operations })
    expect(quality.body).toEqual({ trained_on: null, invoices: 0, back_test: null })
  })

  test('customers who keep their habits: the forecast adds up to what is open, and says how it did', async () => {
    const org = await given.organisation(t)
    const operations = await given.person(t, { in: org, roles: ['Operations'] })
    // For two years, one invoice a week to each of two customers: one pays five days early, the other twenty days late.
    const rows = Array.from({ length: 208 }, (_, n) => {
      const punctual = n % 2 === 0
      const issued = addDays(today, -728 + Math.floor(n / 2) * 7)
      const due = addDays(issued, 30)
      const paid = addDays(due, punctual ? -5 : 20)
      const isPaid = paid < today
      return [
        punctual ? 'Punctual' : 'Late',
        `I-${n}`,
        issued,
        due,
        'USD',
        100,
        isPaid ? 0 : 100,
        isPaid ? paid : '',
      ].join(',')
    })
    const sent = await send(
      t,
      operations,
      ['Customer,Invoice no,Invoice date,Due date,Currency,Amount,Open amount,Paid on', ...rows].join('\n'),
      { as_of: today, kind: 'all_invoices' },
    )
    expect(sent.status, JSON.stringify(sent.body)).toBe(200)
    await asSystem(t.database, 'test', async (system) => refreshPredictions(await system.enter(org.id)), {
      now: t.clock.now(),
    })
    const { body } = await call(t, 'GET /api/receivables/forecast', {
      as: operations,
      query: { currency: 'USD', weeks: '8' },
    })
    expect(body.weeks).toHaveLength(8)
    const expected = body.weeks.reduce((sum: number, { p50 }: { p50: number }) => sum + p50, 0)
    expect(expected + body.later).toBeCloseTo(body.open_amount, 1)
    // Everything open is paid within eight weeks by these habits: at most 50 days after the invoice.
    expect(expected).toBeGreaterThan(body.open_amount * 0.85)
    for (const week of body.weeks) expect(week.p80).toBeLessThanOrEqual(week.p50)
    expect(body.past.length).toBeGreaterThan(2)
    for (const { expected: said, came } of body.past) expect(Math.abs(said - came) / came).toBeLessThan(0.4)
    const quality = await call(t, 'GET /api/receivables/predictions/quality', { as: operations })
    expect(quality.body.back_test.ours.accuracy).toBeGreaterThan(0.9)
    const list = await call(t, 'GET /api/receivables/worklist', { as: operations })
    const late = named(list.body, 'Late') as Item & { late_risk: number }
    expect(late.late_risk).toBeGreaterThan(0.8)
  })
})
