import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addDays } from '../../server/core/dates.ts'
import { makeDuePacks, makePackNow } from '../../server/modules/insights/schedules.ts'
import { type TestApp, testApp } from '../app.ts'
import { send } from '../books.ts'
import { call, type Target } from '../call.ts'
import { organisation, type Person, person, signIn } from '../given.ts'

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

describe('in one money', () => {
  let at: Office
  let admin: Person
  beforeAll(async () => {
    at = await office()
    admin = await person(t, { in: at.org })
    await load(at, '2026-03-31', [
      'C1,A1,2026-03-01,2026-03-31,1000,1000,,USD,North',
      'C2,A2,2026-03-01,2026-03-15,200,200,,EUR,South',
      'C3,A3,2026-03-01,2026-03-15,5000,5000,,JPY,South',
    ])
  })
  const put = (json: unknown, status = 200) =>
    call(t, 'POST /api/receivables/insights/rates', { as: admin, json }).then((answer) => {
      expect(answer.status, answer.raw.body).toBe(status)
      return answer.body
    })

  test('nothing is mixed without a rate, and the refusal says which is missing', async () => {
    await put({ currency: 'EUR', day: '2026-01-15', rate: '1.10' })
    const refused = await get(at.director, 'metrics?as_of=2026-03-31&reporting=USD', 422)
    expect(refused).toMatchObject({ code: 'rate_missing', detail: expect.stringContaining('JPY') })
    expect(valuesOf(await get(at.director, 'metrics?as_of=2026-03-31&currency=EUR')).receivables).toBe(200)
  })
  test('the latest rate on or before the day converts, and is shown', async () => {
    const pasted = 'Currency;Day;Rate\nEUR;2026-03-20;1.20\nEUR;2026-04-01;9\nJPY;2026-02-01;0.0065\n'
    const answer = await call(t, 'POST /api/receivables/insights/rates/import', {
      as: admin,
      json: { text: pasted },
    })
    expect(answer.body).toEqual({ added: 3, changed: 0, unchanged: 0 })
    const metrics = await get(at.director, 'metrics?as_of=2026-03-31&reporting=USD')
    // 1,000 + 200 × 1.20 + 5,000 × 0.0065
    expect(valuesOf(metrics)).toMatchObject({ receivables: 1272.5, overdue: 272.5 })
    expect(metrics).toMatchObject({
      currency: 'USD',
      is_converted: true,
      rates: [
        { currency: 'EUR', day: '2026-03-20', rate: '1.2' },
        { currency: 'JPY', day: '2026-02-01', rate: '0.0065' },
      ],
    })
    // In yen, which have no decimals: 1,272.50 ÷ 0.0065
    expect(valuesOf(await get(at.director, 'metrics?as_of=2026-03-31&reporting=JPY')).receivables).toBe(
      Math.round(1000 / 0.0065) + Math.round(240 / 0.0065) + 5000,
    )
  })
  test('a list with a wrong line is not taken at all', async () => {
    const before = (await get(admin, 'rates')).total
    const answer = await call(t, 'POST /api/receivables/insights/rates/import', {
      as: admin,
      json: {
        text: 'GBP,2026-01-01,1.3\nEUR,31.01.2026,1.1\nUSD,2026-01-01,1\nXXQ,2026-01-01,2\nCHF,2026-01-01,-1',
      },
    })
    expect(answer.status).toBe(422)
    expect(answer.body.errors.map((one: { message: string }) => one.message.slice(0, 7))).toEqual([
      'Line 2:',
      'Line 3:',
      'Line 4:',
      'Line 5:',
    ])
    expect((await get(admin, 'rates')).total).toBe(before)
  })
  test('a rate is changed by saying it again, and removed; readers may do neither', async () => {
    expect(await put({ currency: 'GBP', day: '2026-01-01', rate: '1.3' })).toMatchObject({ added: 1 })
    expect(await put({ currency: 'GBP', day: '2026-01-01', rate: '1.31' })).toMatchObject({ changed: 1 })
    const gone = await call(t, 'DELETE /api/receivables/insights/rates/GBP/2026-01-01', { as: admin })
    expect(gone.body).toEqual({ currency: 'GBP', day: '2026-01-01', rate: '1.31' })
    const json = { currency: 'GBP', day: '2026-01-01', rate: '1.3' }
    expect((await call(t, 'POST /api/receivables/insights/rates', { as: at.director, json })).status).toBe(
      403,
    )
  })
})

describe('why a figure changed', () => {
  let at: Office
  beforeAll(async () => {
    at = await office()
    await load(at, '2026-01-31', [
      'C1,A1,2026-01-05,2026-02-05,1000,1000,,USD,North',
      'C2,A2,2026-01-10,2026-04-10,500,500,,USD,South',
    ])
    await load(at, '2026-02-28', [
      'C1,A1,2026-01-05,2026-02-05,1000,400,2026-02-20,USD,North',
      'C2,A2,2026-01-10,2026-04-10,450,450,,USD,South',
      'C2,A3,2026-02-15,2026-04-15,300,300,,USD,South',
    ])
  })
  const groups = (why: { groups: { group: string; amount: number }[] }) =>
    Object.fromEntries(why.groups.map(({ group, amount }) => [group, amount]))

  test('from one day to another, group by group', async () => {
    const why = await get(at.director, 'why?figure=receivables&from=2026-01-31&to=2026-02-28')
    expect(why).toMatchObject({
      opening: { amount: 1500 },
      closing: { amount: 1150 },
      change: -350,
      explained: -350,
    })
    expect(groups(why)).toEqual({ invoices: 300, payments: -600, corrections: -50 })
    expect(groups(await get(at.director, 'why?figure=overdue&from=2026-01-31&to=2026-02-28'))).toEqual({
      fell_due: 1000,
      payments: -600,
    })
    expect(groups(await get(at.director, 'why?figure=current&from=2026-01-31&to=2026-02-28'))).toEqual({
      fell_due: -1000,
      invoices: 300,
      corrections: -50,
    })
  })
  test('each group leads to its rows', async () => {
    const rows = await get(
      at.director,
      'why/rows?figure=receivables&from=2026-01-31&to=2026-02-28&group=payments',
    )
    expect(rows).toMatchObject({ total: 1, amount: -600 })
    expect(rows.items[0]).toMatchObject({
      invoice_number: 'A1',
      amount: -600,
      kind: 'payment',
      effective_on: '2026-02-20',
    })
  })
  test('both points must differ, in the order of time', async () => {
    await get(at.director, 'why?from=2026-01-31', 422)
    await get(at.director, 'why?from=2026-02-28&to=2026-01-31', 422)
  })
  test('who sees a part is told of that part', async () => {
    const collector = await person(t, { in: at.org, roles: ['Collector'] })
    expect(await get(collector, 'why?from=2026-01-31&to=2026-02-28')).toMatchObject({ change: 0, groups: [] })
  })
})

describe('packs', () => {
  let at: Office
  beforeAll(async () => {
    at = await office()
    await load(at, '2026-03-31', ['Ромашка,A1,2026-03-01,2026-03-10,1000,1000,,USD,North'])
  })
  const file = async (as: Person, path: string) => {
    const answer = await call(t, `GET /api/receivables/insights/${path}` as Target, { as })
    expect(answer.status, answer.raw.body.slice(0, 300)).toBe(200)
    return answer.raw
  }
  test('the dashboard on paper, and its tables as files', async () => {
    const paper = await file(at.director, 'pack?as_of=2026-03-31')
    expect(paper.headers['content-type']).toBe('application/pdf')
    expect(paper.rawPayload.subarray(0, 5).toString()).toBe('%PDF-')
    expect(paper.rawPayload.length).toBeGreaterThan(10_000)
    for (const table of [
      'figures',
      'months',
      'changes',
      'roll_rates',
      'at_risk',
      'regions',
      'debtors',
      'disputes',
      'promises',
      'team',
      'collectors',
    ]) {
      const sheet = await file(at.director, `export?table=${table}&format=csv&as_of=2026-03-31`)
      expect(sheet.body.split('\n').length, table).toBeGreaterThan(1)
    }
    expect((await file(at.director, 'export?table=debtors&format=csv&as_of=2026-03-31')).body).toContain(
      'Ромашка,1000,1000,21,100',
    )
  })

  test('are made by schedule, kept, told of, and wait for mail', async () => {
    const colleague = await person(t, { in: at.org, roles: ['Director'] })
    const json = { name: 'Every morning', every: 'day', user_ids: [colleague.id] }
    const strangers = await call(t, 'POST /api/receivables/insights/schedules', {
      as: at.director,
      json: { ...json, user_ids: [at.operations.id] },
    })
    expect(strangers.status).toBe(422)
    const made = await call(t, 'POST /api/receivables/insights/schedules', { as: at.director, json })
    expect(made.status, made.raw.body).toBe(201)
    expect(await makeDuePacks(t.deps, at.org.id)).toBe(0)
    // The server stood still for two mornings: one pack, of the last evening.
    t.clock.ahead(3 * 86_400_000)
    for (const one of [at.director, colleague])
      one.headers = { authorization: `Bearer ${await signIn(t, one.username)}` }
    expect(await makeDuePacks(t.deps, at.org.id)).toBe(1)
    expect(await makeDuePacks(t.deps, at.org.id)).toBe(0)
    const packs = await get(colleague, 'packs')
    const today = t.clock.now().toISOString().slice(0, 10)
    expect(packs.items).toMatchObject([
      {
        as_of: addDays(today, -1),
        name: 'Every morning',
        deliveries: [{ user_id: colleague.id, mail: 'waiting' }],
      },
    ])
    const kept = await file(colleague, `packs/${packs.items[0].id}/file`)
    expect(kept.rawPayload.subarray(0, 5).toString()).toBe('%PDF-')
    const told = await call(t, 'GET /api/profile/notifications', { as: colleague })
    expect(told.body.items[0]).toMatchObject({ kind: 'report', subject_id: packs.items[0].id })
    const schedules = await get(at.director, 'schedules')
    expect(schedules.items).toMatchObject([{ waiting: 1, next_on: addDays(today, 1) }])
    const asked = await call(t, `POST /api/receivables/insights/schedules/${made.body.id}/run` as Target, {
      as: at.director,
    })
    expect(asked.status).toBe(202)
    await makePackNow(t.deps, at.org.id, made.body.id)
    expect((await get(colleague, 'packs')).items[0]).toMatchObject({ as_of: today })
    const rests = await call(t, `PUT /api/receivables/insights/schedules/${made.body.id}` as Target, {
      as: at.director,
      json: { is_active: false },
    })
    expect(rests.body).toMatchObject({ is_active: false, version: 2 })
    await call(t, 'GET /api/receivables/insights/packs', { as: at.operations })
  })
})

describe('as known then', () => {
  test('what came to light later is not there, and why says so', async () => {
    const at = await office()
    await load(at, '2026-03-31', ['C1,A1,2026-03-01,2026-03-10,1000,1000,,USD,North'], 'changes')
    const evening = t.clock.now().toISOString().slice(0, 10)
    t.clock.ahead(86_400_000)
    for (const one of [at.director, at.operations])
      one.headers = { authorization: `Bearer ${await signIn(t, one.username)}` }
    await load(at, '2026-04-30', ['C1,A1,2026-03-01,2026-03-10,1000,0,2026-03-20,USD,North'], 'changes')
    expect(valuesOf(await get(at.director, 'metrics?as_of=2026-03-31')).receivables).toBe(0)
    expect(valuesOf(await get(at.director, `metrics?as_of=2026-03-31&known_on=${evening}`)).receivables).toBe(
      1000,
    )
    const list = await call(
      t,
      `GET /api/receivables/invoices?status=unpaid&as_of=2026-03-31&known_on=${evening}` as Target,
      { as: at.director },
    )
    expect(list.body).toMatchObject({ total: 1, known_on: evening, totals: [{ open_amount: 1000 }] })
    const why = await get(at.director, `why?figure=receivables&from=2026-03-31&from_known_on=${evening}`)
    expect(why).toMatchObject({
      opening: { amount: 1000, known_on: evening },
      closing: { amount: 0, known_on: null },
    })
    expect(why.groups).toEqual([{ group: 'payments', amount: -1000, count: 1 }])
  })

  test('due date and region are those that were known, wherever the books are asked, and after an undo as well', async () => {
    const at = await office()
    const admin = await person(t, { in: at.org })
    const regions: Record<string, number> = {}
    for (const name of ['North', 'South']) {
      const made = await call(t, 'POST /api/admin/regions', { as: admin, json: { name, code: name } })
      expect(made.status, made.raw.body).toBe(201)
      regions[name] = made.body.id
    }
    await load(
      at,
      '2026-03-31',
      ['C1,A1,2026-01-01,2026-01-31,1000,1000,,USD,North', 'C2,A2,2026-01-01,2026-02-28,70,70,,USD,North'],
      'changes',
    )
    const evening = t.clock.now().toISOString().slice(0, 10)
    t.clock.ahead(86_400_000)
    for (const one of [at.director, at.operations])
      one.headers = { authorization: `Bearer ${await signIn(t, one.username)}` }
    // More time to pay, and another region.
    const later = await load(
      at,
      '2026-04-02',
      ['C1,A1,2026-01-01,2026-06-30,1000,1000,,USD,South'],
      'changes',
    )
    const ask = async (path: string) =>
      (await call(t, `GET /api/receivables/${path}` as Target, { as: at.director })).body
    const asked = async (known: string) => {
      const ageing = await ask(`ageing?as_of=2026-04-05&group_by=region${known}`)
      const list = await ask(`invoices?as_of=2026-04-05&status=unpaid&search=A1${known}`)
      const [invoice] = list.items
      return {
        regions: Object.fromEntries(
          ageing.groups.map(({ label, total }: { label: string; total: number }) => [label, total]),
        ),
        invoice: [invoice.due_date, invoice.region, invoice.bucket],
        inNorth: (await ask(`invoices?as_of=2026-04-05&region_id=${regions.North}${known}`)).total,
        dueByMarch: (await ask(`invoices?as_of=2026-04-05&due_to=2026-03-31${known}`)).total,
        late: (await ask(`customers?as_of=2026-04-05&search=C1${known}`)).items[0].overdue_amount,
        overdue: valuesOf(await get(at.director, `metrics?as_of=2026-04-05${known}`)).overdue,
      }
    }
    const then = {
      regions: { North: 1070 },
      invoice: ['2026-01-31', 'North', '61-90'],
      inNorth: 2,
      dueByMarch: 2,
      late: 1000,
      overdue: 1070,
    }
    expect(await asked(`&known_on=${evening}`)).toEqual(then)
    expect(await asked('')).toEqual({
      regions: { North: 70, South: 1000 },
      invoice: ['2026-06-30', 'South', 'current'],
      inNorth: 1,
      dueByMarch: 1,
      late: 0,
      overdue: 70,
    })
    await call(t, `POST /api/imports/${later}/revert`, { as: at.operations })
    expect([await asked(`&known_on=${evening}`), await asked('')]).toEqual([then, then])
  })
})
