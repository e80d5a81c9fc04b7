import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addDays } from '../../server/core/dates.ts'
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

const today = () => new Date(t.clock.now()).toISOString().slice(0, 10)
const header =
  'operating_unit,customer_id,customer_name,invoice_number,invoice_date,due_date,invoice_amount,currency,payment_status'

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
  const { status, body } = await send(t, operations, `${header}\n${lines.join('\n')}\n`, {
    as_of: '2026-06-30',
    kind: 'changes',
  })
  expect(status, JSON.stringify(body)).toBe(200)
  const id = async (number: string) =>
    (
      await rowsIn(
        t,
        org,
        sql<{ id: number }>`select id from invoices where tenant_id = ${org.id} and number = ${number}`,
      )
    )[0]!.id
  const given = await call(t, 'POST /api/receivables/invoices/assign', {
    as: operations,
    json: { assigned_to: collector.id },
  })
  expect(given.status).toBe(200)
  const { body: known } = await call(t, 'GET /api/receivables/dispute-reasons', { as: operations })
  const reasons = Object.fromEntries(
    known.items.map((one: { code: string; id: number }) => [one.code, one.id]),
  )
  return { org, operations, collector, biller, reasons, id }
}
const act = async (as: Person, target: string, body: unknown = {}) => {
  const answer = await call(t, target as Target, { as, json: body })
  return { status: answer.status, body: answer.body }
}
const done = async (as: Person, target: string, body: unknown = {}) => {
  const answer = await act(as, target, body)
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300)
  return answer.body
}
const get = async (as: Person, path: string) => {
  const answer = await call(t, `GET /api/receivables/${path}` as Target, { as })
  expect(answer.status, answer.raw.body).toBe(200)
  return answer.body
}
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
    const dispute = await done(at.collector, 'POST /api/receivables/disputes', {
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
    expect((await get(at.biller, 'ageing')).totals.disputed).toBe(40)

    await done(at.biller, `POST /api/receivables/disputes/${dispute.id}/move`, { state: 'in_review' })
    const resolved = await done(at.biller, `POST /api/receivables/disputes/${dispute.id}/resolve`, {
      resolution: 'accepted',
      note: 'Line 3 is credited.',
    })
    expect(resolved).toMatchObject({ state: 'resolved', agreed_amount: 40, closed_on: today() })
    expect(await get(at.collector, `invoices/${invoice_id}`)).toMatchObject({ is_disputed: false })
    expect(await kinds(at.org)).toEqual(['dispute.opened', 'dispute.moved', 'dispute.resolved'])
    // Who cleared it can still look at it, and the collector takes it up again.
    expect(await get(at.biller, `disputes/${dispute.id}`)).toMatchObject({
      resolution_note: 'Line 3 is credited.',
    })
    expect(await done(at.collector, `POST /api/receivables/disputes/${dispute.id}/reopen`)).toMatchObject({
      state: 'in_review',
      closed_on: null,
    })
    expect(await get(at.collector, `invoices/${invoice_id}`)).toMatchObject({ is_disputed: true })
  })
})
