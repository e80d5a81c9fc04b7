import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jobs } from '../../server/app.ts'
import { asSystem } from '../../server/core/scope.ts'
import { announceVerdicts } from '../../server/modules/collections/promises/announce.ts'
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
    get: (path: string, query: Record<string, string> = {}) =>
      call(t, `GET ${path}` as never, { as: admin, query }),
    announce: () =>
      asSystem(t.database, 'test', async (system) => announceVerdicts(await system.enter(org.id)), {
        now: t.clock.now(),
      }),
    async verdict(id: number, query: Record<string, string> = {}) {
      const { body } = await call(t, `GET /api/receivables/promises/${id}`, { as: admin, query })
      return body
    },
  }
}

const day = (n: number) => `2026-03-${String(n).padStart(2, '0')}`

describe('an import alone keeps or breaks a promise', () => {
  test('paid in full by the next file: kept, between two days, and an estimate when it may have been late', async () => {
    const s = await story()
    await s.on(day(2))
    await s.snapshot([{ number: 'A-1', amount: 1000, open: 1000 }])
    await s.on(day(4))
    const made = await s.promise({ invoice_ids: [(await s.invoice('A-1')).id], promised_on: day(10) })
    expect(made).toMatchObject({
      amount: 1000,
      verdict: 'open',
      deadline: day(12),
      level: 1,
      tolerance_days: 2,
    })
    await s.on(day(16))
    expect(await s.verdict(made.id)).toMatchObject({ verdict: 'open', is_waiting: true })
    await s.snapshot([
      { number: 'B-1', amount: 5, open: 5 },
      { number: 'A-1', amount: 1000, open: 0 },
    ])
    expect(await s.verdict(made.id)).toMatchObject({
      verdict: 'kept',
      paid: 1000,
      paid_from: day(3),
      paid_by: day(16),
      is_estimate: true,
    })
    expect(await s.verdict(made.id, { as_of: day(15) })).toMatchObject({ verdict: 'open', paid: 0 })
  })

  test('three broken promises in March: each is broken by a file, and the level rises', async () => {
    const s = await story()
    await s.on(day(1))
    await s.snapshot([{ number: 'A-2', amount: 800, open: 800 }])
    const { id } = await s.invoice('A-2')
    const made = []
    for (const [on, by, file] of [
      [day(1), day(3), day(6)],
      [day(7), day(10), day(13)],
      [day(14), day(17), day(20)],
    ] as const) {
      await s.on(on, 14)
      made.push(await s.promise({ invoice_ids: [id], promised_on: by }))
      await s.on(file)
      await s.snapshot([{ number: 'A-2', amount: 800, open: 800 }])
    }
    expect(made.map(({ level }) => level)).toEqual([1, 2, 3])
    for (const each of made) expect(await s.verdict(each.id)).toMatchObject({ verdict: 'broken', paid: 0 })
    expect(await s.verdict(made[0].id)).toMatchObject({
      decided_by: day(6),
      state: 'superseded',
      superseded_by: made[1].id,
    })
    const { body: list } = await s.get('/api/receivables/promises', { verdict: 'broken' })
    expect(list).toMatchObject({
      total: 3,
      totals: [{ currency: 'USD', count: 3, amount: 2400, paid: 0 }],
      counts: { broken: 3, kept: 0 },
    })
    const { body: rates } = await s.get('/api/receivables/promises/rates')
    expect(rates.items).toEqual([
      expect.objectContaining({ name: 'Acme', broken: 3, rate_by_count: 0, rate_by_amount: 0 }),
    ])
  })

  test('a part is partially kept, and counts its share by amount; corrections and credits are no payments', async () => {
    const s = await story()
    await s.on(day(2))
    await s.snapshot([
      { number: 'P-1', amount: 1000, open: 1000 },
      { number: 'P-2', amount: 500, open: 500, customer: 'Beta' },
    ])
    const part = await s.promise({
      invoice_ids: [(await s.invoice('P-1')).id],
      amount: 800,
      promised_on: day(5),
    })
    const restated = await s.promise({ invoice_ids: [(await s.invoice('P-2')).id], promised_on: day(5) })
    await s.on(day(8))
    await s.snapshot([
      { number: 'P-1', amount: 1000, open: 800, paid_on: day(4) },
      // Restated, not paid.
      { number: 'P-2', amount: 100, open: 100, customer: 'Beta' },
    ])
    expect(await s.verdict(part.id)).toMatchObject({
      verdict: 'partially_kept',
      paid: 200,
      needed: 792,
      paid_from: day(4),
      paid_by: day(4),
      is_estimate: false,
    })
    expect(await s.verdict(restated.id)).toMatchObject({ verdict: 'broken', paid: 0 })
    const { body } = await s.get('/api/receivables/promises/rates', { by: 'collector' })
    expect(body.total).toMatchObject({
      count: 2,
      partially_kept: 1,
      broken: 1,
      rate_by_count: 0,
      rate_by_amount: 0.153846,
    })
  })

  test('short by one per cent is kept, by more it is not', async () => {
    const s = await story()
    await s.on(day(2))
    const paid = { kept: 990, partially_kept: 989.99, broken: 0 }
    const open = (number: string, amount: number) => ({
      number,
      amount: 1000,
      open: Math.round((1000 - amount) * 100) / 100,
      paid_on: amount ? day(7) : '',
    })
    await s.snapshot(Object.keys(paid).map((number) => open(number, 0)))
    const made = []
    for (const [verdict, amount] of Object.entries(paid)) {
      const { id } = await s.promise({ invoice_ids: [(await s.invoice(verdict)).id], promised_on: day(5) })
      made.push({ id, verdict, amount })
    }
    await s.on(day(8))
    await s.snapshot(Object.entries(paid).map(([number, amount]) => open(number, amount)))
    for (const { id, verdict, amount } of made)
      expect(await s.verdict(id)).toMatchObject({ verdict, paid: amount })
  })

  test('money after the tolerance is late, even when it is all', async () => {
    const s = await story()
    await s.on(day(2))
    await s.snapshot([{ number: 'L-1', amount: 100, open: 100 }])
    const made = await s.promise({ invoice_ids: [(await s.invoice('L-1')).id], promised_on: day(5) })
    await s.on(day(9))
    await s.snapshot([{ number: 'L-1', amount: 100, open: 0, paid_on: day(8) }])
    expect(await s.verdict(made.id)).toMatchObject({ verdict: 'broken', paid: 0 })
  })

  test('what was known paid when it was given is none of its money', async () => {
    const s = await story()
    await s.on(day(2))
    await s.snapshot([{ number: 'K-1', amount: 1000, open: 1000 }])
    await s.on(day(9), 9)
    await s.snapshot([{ number: 'K-1', amount: 1000, open: 600 }])
    await s.on(day(9), 15)
    const made = await s.promise({ invoice_ids: [(await s.invoice('K-1')).id], promised_on: day(12) })
    expect(made).toMatchObject({ amount: 600, paid: 0, verdict: 'open' })
    await s.on(day(16))
    await s.snapshot([{ number: 'K-1', amount: 1000, open: 600 }])
    expect(await s.verdict(made.id)).toMatchObject({ verdict: 'broken', paid: 0 })
  })

  test('a later snapshot that takes the payment back breaks it, an undone import opens it again, and each verdict is told once', async () => {
    const s = await story()
    await s.on(day(2))
    await s.snapshot([
      { number: 'R-1', amount: 300, open: 300 },
      { number: 'R-2', amount: 9, open: 9 },
    ])
    const made = await s.promise({ invoice_ids: [(await s.invoice('R-1')).id], promised_on: day(5) })
    await s.on(day(8))
    const paid = await s.snapshot([
      { number: 'R-1', amount: 300, open: 0 },
      { number: 'R-2', amount: 9, open: 9 },
    ])
    await s.announce()
    await s.announce()
    expect(await s.verdict(made.id)).toMatchObject({ verdict: 'kept' })
    expect(await call(t, `POST /api/imports/${paid}/revert`, { as: s.admin })).toMatchObject({ status: 200 })
    await s.announce()
    expect(await s.verdict(made.id)).toMatchObject({ verdict: 'open', is_waiting: true, paid: 0 })
    await s.snapshot(
      [
        { number: 'R-1', amount: 300, open: 300 },
        { number: 'R-2', amount: 9, open: 9 },
      ],
      day(8),
    )
    await s.announce()
    const told = await s.verdict(made.id)
    expect(told).toMatchObject({ verdict: 'broken', decided_by: day(8) })
    expect(told.history.map((event: { kind: string }) => event.kind)).toEqual([
      'promise.made',
      'promise.kept',
      'promise.reopened',
      'promise.broken',
    ])
  })

  test('what was known then differs from what is known now', async () => {
    const s = await story()
    await s.on(day(2))
    await s.snapshot([{ number: 'H-1', amount: 70, open: 70 }])
    const made = await s.promise({ invoice_ids: [(await s.invoice('H-1')).id], promised_on: day(5) })
    await s.on(day(9))
    await s.snapshot([{ number: 'H-1', amount: 70, open: 70 }])
    // A file of an earlier day comes late: it was paid all along, and came back.
    await s.on(day(12))
    await s.snapshot([{ number: 'H-1', amount: 70, open: 0, paid_on: day(5) }], day(6))
    expect(await s.verdict(made.id, { as_of: day(8) })).toMatchObject({ verdict: 'kept' })
    expect(await s.verdict(made.id, { as_of: day(9), known: 'then' })).toMatchObject({ verdict: 'broken' })
    expect(await s.verdict(made.id, { as_of: day(8), known: 'then' })).toMatchObject({
      verdict: 'open',
      is_waiting: true,
    })
  })
})

describe('beside the invoices', () => {
  test('the list finds invoices by their promise, and the pages of invoice and customer tell of it', async () => {
    const s = await story()
    await s.on(day(2))
    const rows = [
      { number: 'I-1', amount: 100, open: 100 },
      { number: 'I-2', amount: 200, open: 200 },
    ]
    await s.snapshot(rows)
    const { id, customer_id } = await s.invoice('I-1')
    const made = await s.promise({ invoice_ids: [id], promised_on: day(5) })
    const found = async (promise: string) => {
      const { body } = await s.get('/api/receivables/invoices', { promise })
      return body.items.map((each: { invoice_number: string }) => each.invoice_number)
    }
    expect([await found('open'), await found('any'), await found('none'), await found('broken')]).toEqual([
      ['I-1'],
      ['I-1'],
      ['I-2'],
      [],
    ])
    await s.on(day(9))
    expect(await found('waiting')).toEqual(['I-1'])
    await s.snapshot(rows)
    expect([await found('open'), await found('broken')]).toEqual([[], ['I-1']])
    const { body: invoice } = await s.get(`/api/receivables/invoices/${id}`)
    expect(invoice.promise).toEqual({
      id: made.id,
      promised_on: day(5),
      verdict: 'broken',
      is_waiting: false,
      amount: 100,
      open_amount: 0,
    })
    await s.announce()
    for (const path of [`invoices/${id}`, `customers/${customer_id}`]) {
      const { body } = await s.get(`/api/receivables/${path}/timeline`)
      const kinds = body.items
        .map((event: { kind: string }) => event.kind)
        .filter((kind: string) => kind.startsWith('promise.'))
      expect(kinds, path).toEqual(['promise.broken', 'promise.made'])
    }
  })

  test('list and file say how much of a promise is still to come, and find it by its day', async () => {
    const s = await story()
    await s.on(day(2))
    await s.snapshot([
      { number: 'I-1', amount: 100, open: 100 },
      { number: 'I-2', amount: 200, open: 200 },
    ])
    const ids = [(await s.invoice('I-1')).id, (await s.invoice('I-2')).id]
    await s.promise({ invoice_ids: ids, promised_on: day(20) })
    await s.on(day(9))
    await s.snapshot([
      { number: 'I-1', amount: 100, open: 40 },
      { number: 'I-2', amount: 200, open: 200 },
    ])
    const { body } = await s.get('/api/receivables/invoices', {
      promised_from: day(20),
      promised_to: day(20),
      sort: 'invoice_number',
    })
    expect(body.items.map(({ promise }: { promise: object }) => promise)).toMatchObject([
      { amount: 100, open_amount: 40, verdict: 'open' },
      { amount: 200, open_amount: 200, verdict: 'open' },
    ])
    expect((await s.get('/api/receivables/invoices', { promised_from: day(21) })).body.total).toBe(0)
    const { raw } = await s.get('/api/receivables/invoices/export', { sort: 'invoice_number' })
    const lines = raw.body.trim().split('\r\n')
    expect(lines[0]).toContain('Promised on,Promised amount,"Promised, still open",Promise')
    expect(lines[1]).toContain(`${day(20)},100.00,40.00,open`)
    await s.on(day(25))
    expect((await s.get('/api/receivables/invoices/export', { promise: 'waiting' })).raw.body).toContain(
      `${day(20)},200.00,200.00,waiting`,
    )
  })

  test('who took a broken promise is notified, once; the work is begun by the import itself', async () => {
    const s = await story()
    await s.on(day(2))
    await s.snapshot([{ number: 'N-1', amount: 100, open: 100 }])
    const collector = await given.person(t, { in: s.org, roles: ['Collector'] })
    const { id } = await s.invoice('N-1')
    await call(t, `PUT /api/receivables/invoices/${id}/assignment`, {
      as: s.admin,
      json: { assigned_to: collector.id },
    })
    const json = { invoice_ids: [id], promised_on: day(5) }
    const headers = { 'idempotency-key': 'one-promise' }
    const [first, again] = [
      await call(t, 'POST /api/receivables/promises', { as: collector, json, headers }),
      await call(t, 'POST /api/receivables/promises', { as: collector, json, headers }),
    ]
    expect([first.status, again.body.id]).toEqual([201, first.body.id])
    await s.on(day(9))
    await s.snapshot([{ number: 'N-1', amount: 100, open: 100 }])
    const client = new pg.Client(t.testDatabase.jobs)
    await client.connect()
    const { rows: waiting } = await client.query(
      'select key from graphile_worker._private_jobs where key = $1',
      [`books_changed ${s.org.id}`],
    )
    await client.end()
    expect(waiting).toHaveLength(1)
    for (let n = 0; n < 2; n++) await jobs.tasks.books_changed!(t.deps, { tenant_id: s.org.id }, t.app.log)
    const { body } = await call(t, 'GET /api/profile/notifications', { as: await s.as(collector) })
    expect(body.items).toEqual([
      expect.objectContaining({ kind: 'promise_broken', subject: 'promise', subject_id: first.body.id }),
      expect.objectContaining({ kind: 'assignment', subject: 'invoice', subject_id: id }),
    ])
  })

  test('money that somebody records keeps a promise as a file does, which the work that it begins tells at once', async () => {
    const s = await story()
    await s.on(day(2))
    await s.snapshot([{ number: 'H-1', amount: 100, open: 100 }])
    const { id, customer_id } = await s.invoice('H-1')
    const made = await s.promise({ invoice_ids: [id], promised_on: day(5) })
    await s.on(day(4))
    const client = new pg.Client(t.testDatabase.jobs)
    await client.connect()
    const key = `books_changed ${s.org.id}`
    await client.query('delete from graphile_worker._private_jobs where key = $1', [key])
    const paid = await call(t, 'POST /api/receivables/payments', {
      as: s.admin,
      json: {
        customer_id,
        currency: 'USD',
        amount: 100,
        received_on: day(4),
        allocations: [{ invoice_id: id, amount: 100 }],
      },
    })
    expect(paid.status, JSON.stringify(paid.body)).toBe(201)
    const { rows } = await client.query('select 1 from graphile_worker._private_jobs where key = $1', [key])
    await client.end()
    expect(rows).toHaveLength(1)
    await jobs.tasks.books_changed!(t.deps, { tenant_id: s.org.id }, t.app.log)
    expect(await s.verdict(made.id)).toMatchObject({ verdict: 'kept', paid: 100 })
    const { body } = await s.get(`/api/receivables/invoices/${id}/timeline`)
    expect(body.items.map(({ kind }: { kind: string }) => kind)).toContain('promise.kept')
  })

  test('the tolerance of the organisation holds for promises that are taken from then on', async () => {
    const s = await story()
    await s.on(day(2))
    await s.snapshot([{ number: 'O-1', amount: 100, open: 100 }])
    const { body: settings } = await s.get('/api/admin/organisation')
    expect(settings.promise_tolerance_days).toBe(2)
    const changed = await call(t, 'PUT /api/admin/organisation', {
      as: s.admin,
      json: { ...settings, version: undefined, promise_tolerance_days: 5 },
    })
    expect(changed.body.promise_tolerance_days).toBe(5)
    expect(
      await s.promise({ invoice_ids: [(await s.invoice('O-1')).id], promised_on: day(10) }),
    ).toMatchObject({ deadline: day(15) })
  })
})

describe('taking promises', () => {
  test('over several invoices, oldest first; a second one supersedes, withdrawing is not breaking, and both can be undone', async () => {
    const s = await story()
    await s.on(day(2))
    await s.snapshot([
      { number: 'M-1', amount: 100, open: 100, due: '2026-02-10' },
      { number: 'M-2', amount: 100, open: 100, due: '2026-01-10' },
      { number: 'M-3', amount: 100, open: 100, due: '2026-03-10' },
    ])
    const ids = [(await s.invoice('M-1')).id, (await s.invoice('M-2')).id, (await s.invoice('M-3')).id]
    const first = await s.promise({
      invoice_ids: ids,
      amount: 150,
      promised_on: day(5),
      note: 'after payday',
    })
    expect(
      first.invoices.map((each: { invoice_number: string; amount: number }) => [
        each.invoice_number,
        each.amount,
      ]),
    ).toEqual([
      ['M-2', 100],
      ['M-1', 50],
    ])
    const second = await s.promise({
      invoices: [
        { invoice_id: ids[0], amount: 40 },
        { invoice_id: ids[2], amount: 60 },
      ],
      promised_on: day(6),
      tolerance_days: 0,
    })
    expect(second).toMatchObject({ amount: 100, supersedes: [first.id], deadline: day(6), level: 1 })
    expect(await s.verdict(first.id)).toMatchObject({
      state: 'superseded',
      verdict: 'superseded',
      superseded_by: second.id,
    })
    const undone = await call(t, `POST /api/receivables/promises/${second.id}/undo`, { as: s.admin })
    expect(undone.body).toMatchObject({ state: 'withdrawn' })
    expect(await call(t, `GET /api/receivables/promises/${second.id}`, { as: s.admin })).toMatchObject({
      status: 404,
    })
    expect(await s.verdict(first.id)).toMatchObject({ state: 'active', verdict: 'open', superseded_by: null })
    const withdrawn = await call(t, `POST /api/receivables/promises/${first.id}/withdraw`, {
      as: s.admin,
      json: { reason: 'a misunderstanding' },
    })
    expect(withdrawn.body).toMatchObject({
      state: 'withdrawn',
      verdict: 'withdrawn',
      withdrawn_because: 'a misunderstanding',
      may_undo: true,
    })
    expect(
      (await call(t, `POST /api/receivables/promises/${first.id}/undo`, { as: s.admin })).body,
    ).toMatchObject({ state: 'active' })
    await call(t, `POST /api/receivables/promises/${first.id}/withdraw`, {
      as: s.admin,
      json: { reason: 'again' },
    })
    await s.on(day(9))
    await s.snapshot([
      { number: 'M-1', amount: 100, open: 100, due: '2026-02-10' },
      { number: 'M-2', amount: 100, open: 100, due: '2026-01-10' },
      { number: 'M-3', amount: 100, open: 100, due: '2026-03-10' },
    ])
    expect(await s.verdict(first.id)).toMatchObject({ verdict: 'withdrawn' })
    const late = await call(t, `POST /api/receivables/promises/${first.id}/undo`, { as: s.admin })
    expect(late).toMatchObject({ status: 409, body: { code: 'too_late' } })
    const { body: rates } = await s.get('/api/receivables/promises/rates')
    expect(rates.total).toMatchObject({ count: 0, rate_by_count: null, rate_by_amount: null })
  })

  test('refusals say what is wrong and where', async () => {
    const s = await story()
    await s.on(day(2))
    await s.snapshot([
      { number: 'F-1', amount: 100, open: 100 },
      { number: 'F-2', amount: 100, open: 100, customer: 'Beta' },
      { number: 'F-3', amount: 100, open: 0 },
    ])
    const [a, b, c] = [(await s.invoice('F-1')).id, (await s.invoice('F-2')).id, (await s.invoice('F-3')).id]
    const refused = async (json: object) => {
      const { status, body } = await call(t, 'POST /api/receivables/promises', { as: s.admin, json })
      return [status, body.errors?.[0]?.path ?? body.code, body.errors?.[0]?.code]
    }
    expect(await refused({ invoice_ids: [a], amount: 101, promised_on: day(5) })).toEqual([
      422,
      'amount',
      'more_than_open',
    ])
    expect(await refused({ invoice_ids: [a], amount: 0.001, promised_on: day(5) })).toEqual([
      422,
      'amount',
      'invalid_amount',
    ])
    expect(await refused({ invoice_ids: [a, b], promised_on: day(5) })).toEqual([
      422,
      'invoice_ids',
      'other_customer',
    ])
    expect(await refused({ invoice_ids: [c], promised_on: day(5) })).toEqual([
      422,
      'invoice_ids',
      'nothing_open',
    ])
    expect(await refused({ invoice_ids: [a], promised_on: day(1) })).toEqual([
      422,
      'promised_on',
      'before_made',
    ])
    expect(await refused({ invoice_ids: [a], promised_on: day(9), made_on: day(3) })).toEqual([
      422,
      'made_on',
      'in_future',
    ])
    expect(
      await refused({ invoices: [{ invoice_id: a, amount: 10 }], amount: 20, promised_on: day(9) }),
    ).toEqual([422, 'amount', 'does_not_add_up'])
    expect(await refused({ invoice_ids: [a, 900_000_000], promised_on: day(9) })).toEqual([
      404,
      'not_found',
      undefined,
    ])
    expect(await refused({ promised_on: day(9) })).toEqual([422, 'customer_id', 'required'])
    const made = await s.promise({ invoice_ids: [a], promised_on: day(5) })
    await s.on(day(9))
    await s.snapshot([
      { number: 'F-1', amount: 100, open: 100 },
      { number: 'F-2', amount: 100, open: 100, customer: 'Beta' },
    ])
    const { status, body } = await call(t, `POST /api/receivables/promises/${made.id}/withdraw`, {
      as: s.admin,
      json: { reason: 'too late' },
    })
    expect([status, body.code, body.verdict]).toEqual([409, 'decided', 'broken'])
  })

  test('two at once about one invoice: one stands', async () => {
    const s = await story()
    await s.on(day(2))
    await s.snapshot([{ number: 'C-1', amount: 100, open: 100 }])
    const { id } = await s.invoice('C-1')
    const answers = await Promise.all(
      [5, 6, 7].map((each) =>
        call(t, 'POST /api/receivables/promises', {
          as: s.admin,
          json: { invoice_ids: [id], promised_on: day(each) },
        }),
      ),
    )
    for (const answer of answers) expect([201, 409]).toContain(answer.status)
    const { body } = await s.get('/api/receivables/promises', { state: 'active' })
    expect(body.total).toBe(1)
  })

  test('a collector sees and takes promises about their own invoices alone', async () => {
    const s = await story()
    await s.on(day(2))
    await s.snapshot([
      { number: 'V-1', amount: 100, open: 100 },
      { number: 'V-2', amount: 200, open: 200, customer: 'Beta' },
    ])
    const collector = await given.person(t, { in: s.org, roles: ['Collector'], full_name: 'Cora' })
    const [mine, other] = [await s.invoice('V-1'), await s.invoice('V-2')]
    await call(t, `PUT /api/receivables/invoices/${mine.id}/assignment`, {
      as: s.admin,
      json: { assigned_to: collector.id },
    })
    const hidden = await s.promise({ invoice_ids: [other.id], promised_on: day(5) })
    const take = (id: number) =>
      call(t, 'POST /api/receivables/promises', {
        as: collector,
        json: { invoice_ids: [id], promised_on: day(5) },
      })
    expect((await take(other.id)).status).toBe(404)
    const made = await take(mine.id)
    expect(made).toMatchObject({ status: 201, body: { made_by: { full_name: 'Cora' } } })
    expect((await call(t, `GET /api/receivables/promises/${hidden.id}`, { as: collector })).status).toBe(404)
    expect(
      (
        await call(t, `POST /api/receivables/promises/${hidden.id}/withdraw`, {
          as: collector,
          json: { reason: 'x' },
        })
      ).status,
    ).toBe(404)
    const { body } = await call(t, 'GET /api/receivables/promises', { as: collector })
    expect(body).toMatchObject({ total: 1, totals: [{ amount: 100 }], counts: { open: 1 } })
    const rates = await call(t, 'GET /api/receivables/promises/rates', { as: collector })
    expect(rates.body.total.open).toBe(1)
    const file = await call(t, 'GET /api/receivables/promises/export', { as: collector })
    expect(file.body).toContain('Acme')
    expect(file.body).not.toContain('Beta')
    expect((await s.get('/api/receivables/promises')).body.total).toBe(2)
  })
})
