import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addDays } from '../../server/core/dates.ts'
import { asSystem } from '../../server/core/scope.ts'
import { disputedAsOf } from '../../server/modules/collections/disputes/as-of.ts'
import { type TestApp, testApp } from '../app.ts'
import { rowsIn, send } from '../books.ts'
import { call, type Target } from '../call.ts'
import { type Organisation, organisation, type Person, person } from '../given.ts'

// Disputes: who may open, clear and see them, what their states lead to, what of an invoice is in dispute as of a day.

let t: TestApp
beforeAll(async () => {
  t = await testApp()
})
afterAll(() => t.close())

const today = () => t.clock.now().toISOString().slice(0, 10)
const header =
  'operating_unit,customer_id,customer_name,invoice_number,invoice_date,due_date,invoice_amount,currency,payment_status'
const file = (lines: string[]) => `${header}\n${lines.join('\n')}\n`

type Office = {
  org: Organisation
  operations: Person
  collector: Person
  biller: Person
  reasons: Record<string, number>
  id: (number: string) => Promise<number>
}
/** Invoices of 100.00, assigned to the collector. */
async function office(...numbers: string[]): Promise<Office> {
  const org = await organisation(t)
  const operations = await person(t, { in: org, roles: ['Operations'], full_name: 'Olga Operations' })
  const collector = await person(t, { in: org, roles: ['Collector'], full_name: 'Carl Collector' })
  const biller = await person(t, { in: org, roles: ['Biller'], full_name: 'Bea Biller' })
  const lines = numbers.map((number) => `North,C1,Acme,${number},2026-01-01,2026-01-31,100.00,USD,Overdue`)
  await load(operations, '2026-01-10', lines)
  const id = async (number: string) =>
    (
      await rowsIn(
        t,
        org,
        sql<{ id: number }>`select id from invoices where tenant_id = ${org.id} and number = ${number}`,
      )
    )[0]!.id
  await done(operations, 'POST /api/receivables/invoices/assign', { assigned_to: collector.id })
  const { items } = await get(operations, 'dispute-reasons')
  const reasons = Object.fromEntries(items.map((one: { code: string; id: number }) => [one.code, one.id]))
  return { org, operations, collector, biller, reasons, id }
}
async function load(by: Person, as_of: string, lines: string[]): Promise<number> {
  const { status, body } = await send(t, by, file(lines), { as_of, kind: 'changes' })
  expect(status, JSON.stringify(body)).toBe(200)
  return body.import_id
}
async function act(as: Person, target: string, json: unknown = {}) {
  const { status, body } = await call(t, target as Target, { as, json })
  return { status, body }
}
async function done(as: Person, target: string, json: unknown = {}) {
  const answer = await act(as, target, json)
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300)
  return answer.body
}
async function get(as: Person, path: string) {
  const answer = await call(t, `GET /api/receivables/${path}` as Target, { as })
  expect(answer.status, answer.raw.body).toBe(200)
  return answer.body
}
const disputes = 'POST /api/receivables/disputes'
const kinds = (org: Organisation) =>
  rowsIn(
    t,
    org,
    sql<{
      kind: string
    }>`select kind from events where tenant_id = ${org.id} and subject = 'dispute' order by id`,
  ).then((rows) => rows.map(({ kind }) => kind))

describe('a dispute from its opening to its end', () => {
  test('a collector disputes a part; the biller sees the invoice from then on, and clears it', async () => {
    const at = await office('A1', 'A2')
    const invoice_id = await at.id('A1')
    expect((await get(at.biller, 'invoices')).total).toBe(0)
    const dispute = await done(at.collector, disputes, {
      invoice_id,
      reason_id: at.reasons.po_mismatch,
      amount: 40,
      line: 'Line 3',
      note: 'Wrong PO on line 3.',
      owner_id: at.biller.id,
    })
    expect(dispute).toMatchObject({
      state: 'new',
      reason: 'PO mismatch',
      amount: 40,
      disputed_amount: 40,
      owner_name: 'Bea Biller',
      assigned_to_name: 'Carl Collector',
      opened_on: today(),
    })
    // The biller sees this invoice, and no other of the collector.
    expect((await get(at.biller, 'invoices')).items).toMatchObject([
      { invoice_number: 'A1', is_disputed: true },
    ])
    expect((await get(at.biller, 'disputes')).items).toMatchObject([{ id: dispute.id }])
    // The age goes on, the whole is owed, and 40 of it is disputed.
    expect((await get(at.biller, 'ageing')).totals).toMatchObject({ total: 100, disputed: 40 })
    expect((await get(at.collector, 'ageing')).totals).toMatchObject({ total: 200, disputed: 40 })
    expect(
      (await call(t, 'GET /api/profile/notifications' as Target, { as: at.biller })).body.items,
    ).toMatchObject([{ kind: 'dispute_opened', invoice_id }])

    const path = `${disputes}/${dispute.id}`
    await done(at.biller, `${path}/move`, { state: 'in_review' })
    const resolved = await done(at.biller, `${path}/resolve`, {
      resolution: 'accepted',
      note: 'Line 3 is credited.',
    })
    expect(resolved).toMatchObject({ state: 'resolved', agreed_amount: 40, closed_on: today() })
    expect(await get(at.collector, `invoices/${invoice_id}`)).toMatchObject({ is_disputed: false })
    expect(await kinds(at.org)).toEqual(['dispute.opened', 'dispute.moved', 'dispute.resolved'])
    const { body: told } = await call(t, 'GET /api/profile/notifications' as Target, { as: at.collector })
    expect(told.items[0]).toMatchObject({ kind: 'dispute_answered', data: { resolution: 'accepted' } })

    // Who cleared it can still look at the dispute, though not at the invoice; the collector takes it up again.
    expect(await get(at.biller, `disputes/${dispute.id}`)).toMatchObject({
      resolution_note: 'Line 3 is credited.',
    })
    expect((await get(at.biller, 'disputes?mine=true&state=closed')).total).toBe(1)
    expect((await get(at.biller, 'invoices')).total).toBe(0)
    expect(await done(at.collector, `${path}/reopen`)).toMatchObject({ state: 'in_review', closed_on: null })
    expect(await get(at.collector, `invoices/${invoice_id}`)).toMatchObject({ is_disputed: true })
  })

  test('states have acts of their own: a plain PUT never sets one', async () => {
    const at = await office('B1')
    const invoice_id = await at.id('B1')
    const { id } = await done(at.collector, disputes, { invoice_id, reason_id: at.reasons.other })
    const put = (state: string) => act(at.collector, `PUT /api/receivables/disputes/${id}`, { state })
    expect((await put('new')).status).toBe(200)
    for (const state of ['in_review', 'waiting', 'resolved', 'withdrawn'])
      expect(await put(state)).toMatchObject({ status: 409, body: { code: 'state_has_own_action' } })
    expect(await act(at.collector, `${disputes}/${id}/move`, { state: 'resolved' })).toMatchObject({
      status: 409,
      body: { code: 'state_has_own_action' },
    })
    await done(at.collector, `${disputes}/${id}/withdraw`)
    for (const path of ['move', 'resolve', 'withdraw', 'take'])
      expect(
        (await act(at.collector, `${disputes}/${id}/${path}`, { state: 'waiting', resolution: 'rejected' }))
          .status,
      ).toBe(409)
    expect(await act(at.collector, `PUT /api/receivables/disputes/${id}`, { note: 'Late' })).toMatchObject({
      status: 409,
      body: { code: 'dispute_closed' },
    })
  })

  test('the clock counts business days and stands still while the customer is waited for', async () => {
    const at = await office('C1')
    const invoice_id = await at.id('C1')
    // A Thursday; three business days are Friday, Monday, Tuesday.
    const { id, due_on } = await done(at.collector, disputes, {
      invoice_id,
      reason_id: at.reasons.billing_error,
      opened_on: '2026-10-01',
    })
    expect(due_on).toBe('2026-10-06')
    expect((await get(at.collector, 'disputes?late=true')).total).toBe(1)
    const waiting = await done(at.collector, `${disputes}/${id}/move`, { state: 'waiting' })
    expect(waiting).toMatchObject({ waiting_since: today(), days_left: null })
    expect((await get(at.collector, 'disputes?late=true')).total).toBe(0)
    await rowsIn(
      t,
      at.org,
      sql`update disputes set waiting_since = ${addDays(today(), -14)} where tenant_id = ${at.org.id} and id = ${id}`,
    )
    // Two weeks are ten business days.
    expect(await done(at.collector, `${disputes}/${id}/move`, { state: 'in_review' })).toMatchObject({
      waiting_since: null,
      due_on: '2026-10-20',
    })
  })
})

describe('parts of an invoice', () => {
  test('never are in dispute twice, and never are more than the invoice', async () => {
    const at = await office('D1')
    const invoice_id = await at.id('D1')
    const open = (part: object) =>
      act(at.collector, disputes, { invoice_id, reason_id: at.reasons.other, ...part })
    expect(await open({ line: 'Line 1' })).toMatchObject({ status: 422, body: { code: 'missing_amount' } })
    expect((await open({ amount: 30, line: 'Line 1' })).status).toBe(201)
    expect(await open({ amount: 5, line: 'LINE 1' })).toMatchObject({
      status: 409,
      body: { code: 'part_disputed' },
    })
    expect(await open({ amount: 70.01 })).toMatchObject({ status: 422, body: { code: 'too_much' } })
    expect((await open({ amount: 70 })).status).toBe(201)
    expect(await open({})).toMatchObject({ status: 409, body: { code: 'part_disputed' } })
    expect(await open({ amount: 0.001 })).toMatchObject({ status: 422, body: { code: 'invalid_amount' } })
    expect(await open({ opened_on: addDays(today(), 1), amount: 1 })).toMatchObject({ status: 422 })
    expect((await get(at.collector, 'ageing')).totals.disputed).toBe(100)
  })

  test('a whole that was closed cannot be opened again for days on which it was in dispute', async () => {
    const at = await office('E1')
    const invoice_id = await at.id('E1')
    const open = (opened_on: string) =>
      act(at.collector, disputes, { invoice_id, reason_id: at.reasons.other, opened_on })
    const { body } = await open('2026-02-01')
    await done(at.collector, `${disputes}/${body.id}/resolve`, {
      resolution: 'rejected',
      closed_on: '2026-02-10',
    })
    expect(await open('2026-02-09')).toMatchObject({ status: 409, body: { code: 'part_disputed' } })
    expect((await open('2026-02-10')).status).toBe(201)
  })

  test('many at once: first what would be opened and what left out, then the same', async () => {
    const at = await office('F1', 'F2', 'F3')
    const ids = await Promise.all(['F1', 'F2', 'F3'].map(at.id))
    await done(at.collector, disputes, { invoice_id: ids[0], reason_id: at.reasons.other })
    const bulk = (dry_run: boolean) =>
      done(at.collector, `${disputes}/bulk`, {
        reason_id: at.reasons.delivery_issue,
        invoice_ids: ids,
        dry_run,
      })
    const said = {
      opened: 2,
      totals: [{ currency: 'USD', count: 2, amount: 200 }],
      skipped: [{ why: 'in dispute already', count: 1 }],
    }
    expect(await bulk(true)).toMatchObject(said)
    expect((await get(at.collector, 'disputes')).total).toBe(1)
    expect(await bulk(false)).toMatchObject(said)
    expect(await get(at.collector, 'disputes?sort=disputed_amount')).toMatchObject({
      total: 3,
      totals: [{ currency: 'USD', count: 3, disputed_amount: 300 }],
    })
    const report = await get(at.operations, 'disputes/report')
    expect(report).toMatchObject({ totals: { opened: 3, opened_amount: 300, open: 3 } })
    expect(report.reasons[0]).toMatchObject({ reason: 'Delivery issue', opened: 2, cumulative_share: 0.666 })
    const csv = await call(t, 'GET /api/receivables/disputes/export' as Target, { as: at.collector })
    expect(csv.raw.body.trim().split('\r\n')).toHaveLength(4)
  })

  test('many at once are taken back as if they had never been, but what a colleague works by now stays', async () => {
    const at = await office('K1', 'K2', 'K3')
    const { dispute_ids } = await done(at.collector, `${disputes}/bulk`, {
      reason_id: at.reasons.delivery_issue,
      opened_on: '2026-02-01',
    })
    expect(dispute_ids).toHaveLength(3)
    await done(at.collector, `${disputes}/${dispute_ids[1]}/move`, { state: 'in_review' })
    const undo = (as: Person, ids: number[]) => act(as, `${disputes}/bulk/undo`, { dispute_ids: ids })
    // Somebody else opened them; the biller does not even see them.
    expect((await undo(at.operations, dispute_ids)).body).toEqual({ undone: 0, kept: 3 })
    expect((await undo(at.biller, dispute_ids)).status).toBe(404)
    expect((await undo(at.collector, dispute_ids)).body).toEqual({ undone: 2, kept: 1 })
    expect((await get(at.collector, 'disputes')).total).toBe(1)
    expect((await get(at.collector, 'ageing?as_of=2026-02-10')).totals.disputed).toBe(100)
    // A second time there is nothing left to take back.
    expect((await undo(at.collector, dispute_ids)).body).toEqual({ undone: 0, kept: 3 })
  })
})

describe('who sees what', () => {
  test('nobody sees a dispute of an invoice that is not theirs', async () => {
    const at = await office('G1')
    const { id } = await done(at.collector, disputes, {
      invoice_id: await at.id('G1'),
      reason_id: at.reasons.other,
    })
    const region = await person(t, { in: at.org, roles: ['Manager'] })
    for (const stranger of [at.biller, region]) {
      expect((await get(stranger, 'disputes?state=all')).total).toBe(0)
      expect((await get(stranger, 'disputes/report')).totals.open).toBe(0)
      for (const path of ['', '/comments'])
        expect(
          (await call(t, `GET /api/receivables/disputes/${id}${path}` as Target, { as: stranger })).status,
        ).toBe(404)
      expect((await act(stranger, `${disputes}/${id}/take`)).status).toBe(404)
      expect((await act(stranger, `${disputes}/${id}/resolve`, { resolution: 'rejected' })).status).toBe(404)
    }
    expect((await get(at.operations, 'disputes')).total).toBe(1)
    // Given to somebody else, the biller does not see it any more.
    await done(at.operations, `PUT /api/receivables/disputes/${id}/owner`, { owner_id: at.biller.id })
    expect((await get(at.biller, 'disputes')).total).toBe(1)
    await done(at.operations, `PUT /api/receivables/disputes/${id}/owner`, { owner_id: at.operations.id })
    expect((await get(at.biller, 'disputes')).total).toBe(0)
    expect((await call(t, `GET /api/receivables/disputes/${id}` as Target, { as: at.biller })).status).toBe(
      404,
    )
  })

  test('reasons are a tree of three levels that administrators keep', async () => {
    const at = await office('H1')
    const admin = await person(t, { in: at.org })
    const add = (name: string, parent_id?: number, as = admin) =>
      act(as, 'POST /api/receivables/dispute-reasons', { name, parent_id, sla_days: 1 })
    expect((await add('Mine', undefined, at.collector)).status).toBe(403)
    const second = (await add('Price', at.reasons.billing_error)).body
    const third = (await add('Discount', second.id)).body
    expect(third).toMatchObject({ path: 'Billing error / Price / Discount', level: 3 })
    expect(await add('Deeper', third.id)).toMatchObject({ status: 422, body: { code: 'too_deep' } })
    expect((await add('discount', second.id)).status).toBe(409)
    await done(at.collector, disputes, { invoice_id: await at.id('H1'), reason_id: third.id })
    expect((await get(at.collector, `disputes?reason_id=${at.reasons.billing_error}`)).total).toBe(1)
    expect((await get(at.collector, `disputes?reason_id=${at.reasons.other}`)).total).toBe(0)
  })

  test('reasons stand in the order that administrators give them, and one that is retired takes no new disputes', async () => {
    const at = await office('L1')
    const admin = await person(t, { in: at.org })
    const names = async () =>
      (await get(at.collector, 'dispute-reasons')).items.map(({ name }: { name: string }) => name)
    const before = await names()
    const order = (as: Person, reason_ids: number[]) =>
      act(as, 'POST /api/receivables/dispute-reasons/order', { reason_ids })
    const { other, delivery_issue } = at.reasons as { other: number; delivery_issue: number }
    expect((await order(at.collector, [other])).status).toBe(403)
    expect((await order(admin, [900_000_000_001])).status).toBe(404)
    expect((await order(admin, [other, delivery_issue])).status).toBe(200)
    const after = await names()
    expect(after.slice(0, 2)).toEqual(['Other', 'Delivery issue'])
    expect([...after].sort()).toEqual([...before].sort())
    await done(admin, `PUT /api/receivables/dispute-reasons/${other}`, {
      name: 'Something else',
      sla_days: 3,
      is_active: false,
    })
    expect((await names())[0]).toBe('Something else')
    expect(
      await act(at.collector, disputes, { invoice_id: await at.id('L1'), reason_id: other }),
    ).toMatchObject({ status: 409, body: { code: 'reason_inactive' } })
  })
})

describe('what files say', () => {
  test('is in dispute from the file that says so to the one that does not, in any order', async () => {
    const at = await office('I1')
    const line = (status: string) => `North,C1,Acme,I1,2026-01-01,2026-01-31,100.00,USD,${status}`
    await load(at.operations, '2026-03-10', [line('Overdue')])
    const disputed = await load(at.operations, '2026-02-10', [line('Disputed')])
    const on = async (day: string) => (await get(at.operations, `ageing?as_of=${day}`)).totals.disputed
    const status = async (day: string) => (await get(at.operations, `invoices?as_of=${day}`)).items[0].status
    expect(await Promise.all(['2026-02-09', '2026-02-10', '2026-03-09', '2026-03-10'].map(on))).toEqual([
      0, 100, 100, 0,
    ])
    expect(await Promise.all(['2026-02-09', '2026-03-09', '2026-03-10'].map(status))).toEqual([
      'open',
      'disputed',
      'open',
    ])
    const revert = await call(t, `POST /api/imports/${disputed}/revert`, { as: at.operations })
    expect(revert.status).toBe(200)
    expect(await on('2026-03-09')).toBe(0)
  })

  test('waits to be taken up, and a dispute by hand does not end with it', async () => {
    const at = await office('J1')
    const line = (status: string) => `North,C1,Acme,J1,2026-01-01,2026-01-31,100.00,USD,${status}`
    await load(at.operations, '2026-02-10', [line('Disputed')])
    expect((await get(at.operations, 'disputes')).items).toMatchObject([
      { id: null, state: 'stated', source: 'import', opened_on: '2026-02-10', disputed_amount: 100 },
    ])
    const { id, source } = await done(at.operations, disputes, {
      invoice_id: await at.id('J1'),
      reason_id: at.reasons.other,
      amount: 25,
    })
    expect(source).toBe('import')
    expect((await get(at.operations, 'disputes')).items).toMatchObject([{ id, state: 'new' }])
    await load(at.operations, '2026-02-20', [line('Overdue')])
    expect((await get(at.operations, 'ageing')).totals.disputed).toBe(25)
    await done(at.operations, `${disputes}/${id}/resolve`, { resolution: 'rejected' })
    expect((await get(at.operations, 'ageing')).totals.disputed).toBe(0)
  })
})

// ---- any history ----------------------------------------------------------------------------------------------------

const dayOf = (n: number) => addDays('2026-03-01', n)
const step = fc.oneof(
  fc.record({
    do: fc.constant('open' as const),
    invoice: fc.nat(1),
    day: fc.nat(40),
    cents: fc.option(fc.integer({ min: 1, max: 6_000 }), { nil: null }),
  }),
  fc.record({ do: fc.constantFrom('close' as const, 'reopen' as const), nth: fc.nat(5), day: fc.nat(60) }),
  fc.record({
    do: fc.constant('import' as const),
    day: fc.nat(40),
    said: fc.tuple(
      fc.constantFrom('Disputed', 'Overdue', null),
      fc.constantFrom('Disputed', 'Overdue', null),
    ),
  }),
  fc.record({ do: fc.constant('undo' as const), nth: fc.nat(5) }),
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never
type Interval = { invoice: number; cents: number | null; from: string; to: string | null; id: number }
type Statement = { day: string; id: number; said: (string | null)[]; undone: boolean }

test(
  'as of any day that is in dispute which the history says, whatever the order of files and acts',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps: Step[]) => {
        const at = await office('K1', 'K2')
        const ids = [await at.id('K1'), await at.id('K2')]
        const intervals: Interval[] = []
        const files: Statement[] = []
        const line = (n: number, status: string) =>
          `North,C1,Acme,K${n + 1},2026-01-01,2026-01-31,100.00,USD,${status}`
        for (const [at_step, one] of steps.entries()) {
          if (one.do === 'open') {
            const body = {
              invoice_id: ids[one.invoice],
              reason_id: at.reasons.other,
              opened_on: dayOf(one.day),
              ...(one.cents === null ? {} : { amount: one.cents / 100 }),
            }
            const { status, body: opened } = await act(at.operations, disputes, body)
            // Refused where it would be twice, or too much: then nothing was opened.
            expect([201, 409, 422]).toContain(status)
            if (status === 201) intervals.push({ ...one, from: dayOf(one.day), to: null, id: opened.id })
          } else if (one.do === 'close') {
            const open = intervals.filter(({ to }) => to === null)
            const which = open[one.nth % Math.max(1, open.length)]
            if (!which) continue
            const day = dayOf(one.day) < which.from ? which.from : dayOf(one.day)
            await done(at.operations, `${disputes}/${which.id}/withdraw`, { closed_on: day })
            which.to = day
          } else if (one.do === 'reopen') {
            const last = intervals.filter(
              ({ id, to }) => to !== null && !intervals.some((each) => each.id === id && each.to === null),
            )
            const which = last[one.nth % Math.max(1, last.length)]
            if (!which) continue
            const { status } = await act(at.operations, `${disputes}/${which.id}/reopen`)
            expect([200, 409, 422]).toContain(status)
            if (status === 200) intervals.push({ ...which, from: today(), to: null })
          } else if (one.do === 'import') {
            const lines = one.said.flatMap((status, n) => (status ? [line(n, status)] : []))
            // A line of its own, so that no two files are the same.
            lines.push(`North,C9,Other,X${at_step},2026-01-01,2026-01-31,1.00,USD,Overdue`)
            const id = await load(at.operations, dayOf(one.day), lines)
            files.push({ day: dayOf(one.day), id, said: one.said, undone: false })
          } else {
            const inBooks = files.filter(({ undone }) => !undone)
            const which = inBooks[one.nth % Math.max(1, inBooks.length)]
            if (!which) continue
            const { status } = await call(t, `POST /api/imports/${which.id}/revert`, { as: at.operations })
            expect(status).toBe(200)
            which.undone = true
          }
        }
        const naive = (n: number, day: string): number => {
          const said = files
            .filter((each) => !each.undone && each.said[n] && each.day <= day)
            .sort((a, b) => (a.day === b.day ? a.id - b.id : a.day < b.day ? -1 : 1))
            .at(-1)?.said[n]
          const open = intervals.filter(
            ({ invoice, from, to }) => invoice === n && from <= day && (to === null || to > day),
          )
          if (said === 'Disputed' || open.some(({ cents }) => cents === null)) return 10_000
          return open.reduce((sum, { cents }) => sum + cents!, 0)
        }
        for (const day of [0, 7, 15, 23, 31, 40, 50, 60].map(dayOf).concat(today())) {
          const told = await asSystem(
            t.database,
            'test',
            async (system) => {
              const scope = await system.enter(at.org.id)
              const { rows } = await sql<{ invoice_id: number; amount: string }>`
                select invoice_id, least(amount, 10000)::text as amount from (${disputedAsOf(scope, day)}) d`.execute(
                scope.db,
              )
              return new Map(rows.map(({ invoice_id, amount }) => [invoice_id, Number(amount)]))
            },
            { now: t.clock.now() },
          )
          const expected = [0, 1].map((n) => naive(n, day))
          expect(
            ids.map((id) => told.get(id) ?? 0),
            day,
          ).toEqual(expected)
          const { totals } = await get(at.operations, `ageing?as_of=${day}`)
          expect(Math.round(totals.disputed * 100), day).toBe(expected[0]! + expected[1]!)
        }
        // What is cached is what holds today.
        const { items } = await get(at.operations, 'invoices?search=K')
        for (const item of items as { invoice_number: string; is_disputed: boolean }[])
          expect(item.is_disputed).toBe(naive(item.invoice_number === 'K1' ? 0 : 1, today()) > 0)
      }),
      { numRuns: Number(process.env.DISPUTE_RUNS ?? 6), endOnFailure: true },
    )
  },
  Number(process.env.DISPUTE_RUNS ?? 6) * 20_000,
)
