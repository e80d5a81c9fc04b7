import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { send } from '../books.ts'
import { call, type Target } from '../call.ts'
import { organisation, type Person, person } from '../given.ts'

// The figures of the books against sums done by hand.

let t: TestApp
beforeAll(async () => {
  t = await testApp()
})
afterAll(() => t.close())

async function office() {
  const org = await organisation(t)
  return {
    org,
    operations: await person(t, { in: org, roles: ['Operations'] }),
    director: await person(t, { in: org, roles: ['Director'] }),
  }
}
type Office = Awaited<ReturnType<typeof office>>

const columns =
  'customer id,invoice number,invoice date,due date,amount,open amount,settled on,currency,region'
async function load(at: Office, as_of: string, lines: string[], kind = 'all_invoices') {
  const answer = await send(t, at.operations, `${columns}\n${lines.join('\n')}\n`, { as_of, kind })
  expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  expect(answer.body.rejects).toEqual([])
  return answer.body.import_id as number
}
async function get(as: Person, path: string, status = 200) {
  const answer = await call(t, `GET /api/receivables/insights/${path}` as Target, { as })
  expect(answer.status, answer.raw.body).toBe(status)
  return answer.body
}
const valuesOf = (metrics: { figures: { figure: string; value: number | null }[] }) =>
  Object.fromEntries(metrics.figures.map(({ figure, value }) => [figure, value]))

describe('a small book', () => {
  // Billed: January 1,000, February 2,000, March 3,000 and a credit note of 500. Each due after 30 days.
  const lines = [
    'C1,A1,2026-01-10,2026-02-09,1000,0,2026-02-19,USD,North', // ten days late, 40 days after it was written
    'C1,A2,2026-02-10,2026-03-12,2000,800,2026-03-02,USD,North', // in part, before it was due
    'C2,A3,2026-03-05,2026-04-04,2000,2000,,USD,South',
    'C2,A4,2026-03-20,2026-04-19,1000,0,2026-03-30,USD,South', // early: late by nothing, 10 days
    'C3,A5,2026-03-25,,-500,-500,,USD,South',
    'C4,E1,2026-03-01,2026-03-31,900,900,,EUR,South',
  ]
  let at: Office
  beforeAll(async () => {
    at = await office()
    await load(at, '2026-03-31', lines)
  })

  test('the figures of the first quarter', async () => {
    const metrics = await get(at.director, 'metrics?as_of=2026-03-31&from=2026-01-01')
    expect(metrics).toMatchObject({ days: 90, currency: 'USD', is_converted: false, rates: [] })
    expect(metrics.parts).toMatchObject({
      opening_receivables: 0,
      receivables: 2800,
      current: 2000,
      overdue: 800,
      unapplied: -500,
      billed: 5500,
      cash: 3200,
      inferred_cash: 0,
      settled_invoices: 2,
    })
    const values = valuesOf(metrics)
    expect(values.overdue_percent).toBeCloseTo((800 / 2800) * 100, 10)
    expect(values.dso).toBeCloseTo((2800 / 5500) * 90, 10)
    expect(values.best_possible_dso).toBeCloseTo((2000 / 5500) * 90, 10)
    expect(values.delinquent_days).toBeCloseTo((800 / 5500) * 90, 10)
    // March billed 2,500 net: all of its 31 days; the other 300 are 300/2000 of February's 28.
    expect(values.count_back_dso).toBeCloseTo(31 + (300 / 2000) * 28, 10)
    // (0 + 5,500 − 2,800) ÷ (0 + 5,500 − 2,000)
    expect(values.collection_effectiveness).toBeCloseTo((2700 / 3500) * 100, 10)
    // (1,000 × 10 + 1,000 × 0) ÷ 2,000, and (1,000 × 40 + 1,000 × 10) ÷ 2,000
    expect(values.average_days_late).toBeCloseTo(5, 10)
    expect(values.days_to_pay).toBeCloseTo(25, 10)
  })

  test('what is undefined is nothing, with the reason', async () => {
    const metrics = await get(at.director, 'metrics?as_of=2027-03-31&from=2027-03-01')
    for (const name of ['dso', 'best_possible_dso', 'delinquent_days', 'average_days_late', 'days_to_pay']) {
      const { value, reason } = metrics.figures.find((one: { figure: string }) => one.figure === name)
      expect([name, value]).toEqual([name, null])
      expect(reason).toMatch(/\w{3}/)
    }
    // It is owed all the same, and counted back: nothing is billed for eleven months, then March and a part of February.
    expect(valuesOf(metrics).receivables).toBe(2800)
  })

  test('month by month', async () => {
    const { months, buckets } = await get(at.director, 'series?as_of=2026-03-31&months=3')
    expect(buckets.map((bucket: { bucket: string }) => bucket.bucket)).toEqual([
      'current',
      '1-30',
      '31-60',
      '61-90',
      '91-120',
      'over-120',
    ])
    expect(
      months.map((month: Record<string, unknown>) => [
        month.day,
        month.receivables,
        month.overdue,
        month.billed,
        month.cash,
        month.unapplied,
      ]),
    ).toEqual([
      ['2026-01-31', 1000, 0, 1000, 0, 0],
      ['2026-02-28', 2000, 0, 2000, 1000, 0],
      ['2026-03-31', 2800, 800, 2500, 2200, -500],
    ])
    expect(months[2].buckets).toEqual([2000, 800, 0, 0, 0, 0])
    // March alone: (2,000 + 2,500 − 2,800) ÷ (2,000 + 2,500 − 2,000)
    expect(months[2].collection_effectiveness).toBeCloseTo((1700 / 2500) * 100, 10)
  })

  test('roll rates follow invoices', async () => {
    const { lines } = await get(at.director, 'roll-rates?from=2026-02-28&as_of=2026-03-31')
    expect(lines[0]).toMatchObject({
      bucket: 'current',
      amount: 2000,
      paid: 1200,
      roll_rate: 0.4,
      paid_share: 0.6,
    })
    expect(lines[0].to[1]).toEqual({ bucket: '1-30', amount: 800, share: 0.4 })
    expect(lines[1]).toMatchObject({ amount: 0, paid_share: null, roll_rate: null })
  })

  test('billing at risk, once its invoices are 90 days past due', async () => {
    const { months } = await get(at.director, 'at-risk?as_of=2026-06-30&months=6')
    expect(months.map((month: Record<string, unknown>) => [month.month, month.billed, month.share])).toEqual([
      ['2026-01', 1000, 0],
      ['2026-02', 2000, 0.4],
      ['2026-03', 3000, null],
    ])
    expect(months[2].reason).toMatch(/2026-07-18/)
  })

  test('who owes most', async () => {
    const debtors = await get(at.director, 'debtors?as_of=2026-03-31')
    expect(debtors).toMatchObject({
      customers: 2,
      total: 2800,
      concentration: { top_5: 100, four_fifths: 2 },
    })
    expect(
      debtors.items.map((one: Record<string, unknown>) => [one.name, one.open, one.overdue, one.oldest_days]),
    ).toEqual([
      ['C2', 2000, 0, null],
      ['C1', 800, 800, 19],
    ])
  })

  test('for who may see director reports', async () => {
    await get(at.operations, 'metrics', 403)
  })
})
