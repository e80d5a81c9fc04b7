import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asSystem } from '../../server/core/scope.ts'
import { settleInvoice, unsettleInvoice } from '../../server/modules/receivables/cash/settle.ts'
import { type TestApp, testApp } from '../app.ts'
import { broken, rowsIn, send } from '../books.ts'
import { call, type Target } from '../call.ts'
import { type Organisation, organisation, type Person, person } from '../given.ts'

// Money that people record themselves, and how it goes together with what files say of the same money.

let t: TestApp
beforeAll(async () => {
  t = await testApp()
})
afterAll(() => t.close())

type Line = [number: string, amount: number, open: number, more?: { customer?: string; invoiced?: string }]
/** A complete file of open items as of a day. */
const fileOf = (lines: Line[]) =>
  `number,customer,name,invoiced,due,amount,open\n${lines
    .map(([number, amount, open, { customer = 'C1', invoiced = '2026-01-01' } = {}]) =>
      [
        number,
        customer,
        `Customer ${customer}`,
        invoiced,
        '2026-01-31',
        amount.toFixed(2),
        open.toFixed(2),
      ].join(','),
    )
    .join('\n')}\n`
const mapping = JSON.stringify({
  invoice_number: 'number',
  customer_code: 'customer',
  customer_name: 'name',
  invoice_date: 'invoiced',
  due_date: 'due',
  amount: 'amount',
  open_amount: 'open',
})

type Office = Awaited<ReturnType<typeof office>>
async function office() {
  const org = await organisation(t)
  const operations = await person(t, { in: org, roles: ['Operations'], full_name: 'Olga Operations' })
  const id = async (number: string) =>
    (
      (await rowsIn(
        t,
        org,
        sql`select id from invoices where tenant_id = ${org.id} and number = ${number}`,
      )) as {
        id: number
      }[]
    )[0]!.id
  const customer = async (code = 'C1') =>
    (
      (await rowsIn(
        t,
        org,
        sql`select id from customers where tenant_id = ${org.id} and code = ${code}`,
      )) as {
        id: number
      }[]
    )[0]!.id
  return { org, operations, id, customer }
}
async function load({ operations }: Office, as_of: string, ...lines: Line[]): Promise<number> {
  const { status, body } = await send(t, operations, fileOf(lines), {
    as_of,
    mapping,
    kind: 'open_items',
    missing: 'settle',
  })
  expect(status, JSON.stringify(body)).toBe(200)
  return body.import_id
}
const undo = async ({ operations }: Office, id: number) => {
  const { status, body } = await call(t, `POST /api/imports/${id}/revert`, { as: operations })
  expect(status, JSON.stringify(body)).toBe(200)
}
async function post(as: Person, path: string, json: unknown = {}, expected = 200) {
  const answer = await call(t, `POST /api/receivables/${path}` as Target, { as, json })
  expect(answer.status, answer.raw.body).toBe(expected)
  return answer.body
}
async function get(as: Person, path: string) {
  const answer = await call(t, `GET /api/receivables/${path}` as Target, { as })
  expect(answer.status, answer.raw.body).toBe(200)
  return answer.body
}
const pay = async (
  at: Office,
  received_on: string,
  amount: number,
  lines: [string, number][],
  by = at.operations,
) =>
  post(
    by,
    'payments',
    {
      customer_id: await at.customer(),
      amount,
      received_on,
      reference: 'UTR 4711',
      allocations: await Promise.all(
        lines.map(async ([number, of]) => ({ invoice_id: await at.id(number), amount: of })),
      ),
    },
    201,
  )
const open = async ({ org }: Office, number: string) =>
  (
    (await rowsIn(
      t,
      org,
      sql`select open_amount from invoices where tenant_id = ${org.id} and number = ${number} and not retracted`,
    )) as { open_amount: number }[]
  ).map(({ open_amount }) => open_amount / 100)[0]
const ledger = async ({ org }: Office, number: string) =>
  (
    (await rowsIn(
      t,
      org,
      sql`select e.kind, e.effective_on, sum(e.amount)::bigint as amount
            from invoice_entries e join invoices i on i.tenant_id = e.tenant_id and i.id = e.invoice_id
           where e.tenant_id = ${org.id} and i.number = ${number}
           group by 1, 2 having sum(e.amount) <> 0 order by 2, 3 desc`,
    )) as { kind: string; effective_on: string; amount: number }[]
  ).map(({ kind, effective_on, amount }) => `${effective_on} ${kind} ${amount / 100}`)
const sound = async ({ org }: Office) => expect(await broken(t, org)).toEqual([])

describe('a payment', () => {
  test('settles invoices, and what is left stays apart as unapplied credit', async () => {
    const at = await office()
    await load(at, '2026-03-31', ['A', 100, 100], ['B', 50, 50])
    const payment = await pay(at, '2026-04-10', 130, [
      ['A', 100],
      ['B', 10],
    ])
    expect(payment).toMatchObject({ amount: 130, allocated: 110, unapplied: 20, state: 'active' })
    expect([await open(at, 'A'), await open(at, 'B'), await open(at, 'UTR 4711')]).toEqual([0, 40, -20])
    const ageing = await get(at.operations, 'ageing')
    expect(ageing.totals).toMatchObject({ unapplied: -20, total: 20 })
    // The evening before, it had not come yet.
    expect((await get(at.operations, 'ageing?as_of=2026-04-09')).totals).toMatchObject({
      unapplied: 0,
      total: 150,
    })
    await sound(at)
  })
})

describe('a file that comes after a payment was recorded', () => {
  test('includes it: the payment is not counted twice, in whatever order they come', async () => {
    const at = await office()
    await load(at, '2026-03-31', ['A', 100, 100])
    await pay(at, '2026-04-10', 40, [['A', 40]])
    const april = await load(at, '2026-04-30', ['A', 100, 60])
    expect(await open(at, 'A')).toBe(60)
    expect(await ledger(at, 'A')).toEqual(['2026-01-01 invoice 100', '2026-04-10 payment -40'])
    await undo(at, april)
    expect(await open(at, 'A')).toBe(60)
    await load(at, '2026-05-31', ['A', 100, 25])
    expect(await open(at, 'A')).toBe(25)
    // The file of April comes late.
    await load(at, '2026-04-30', ['A', 100, 60])
    expect(await open(at, 'A')).toBe(25)
    expect(await ledger(at, 'A')).toEqual([
      '2026-01-01 invoice 100',
      '2026-04-10 payment -40',
      '2026-05-31 payment -35',
    ])
    await sound(at)
  })

  test('does not know it yet: the payment holds, and the invoice says that the file differs', async () => {
    const at = await office()
    await load(at, '2026-03-31', ['A', 100, 100])
    await pay(at, '2026-04-10', 40, [['A', 40]])
    await load(at, '2026-04-30', ['A', 100, 100])
    expect(await open(at, 'A')).toBe(60)
    await load(at, '2026-05-31', ['A', 100, 60])
    expect(await open(at, 'A')).toBe(60)
    await sound(at)
  })
})

test('an invoice taken as paid is reopened by the next file that disagrees, with an event', async () => {
  const at = await office()
  await load(at, '2026-03-31', ['A', 100, 100])
  const act = <T>(work: (scope: Parameters<typeof settleInvoice>[0]) => Promise<T>) =>
    asSystem(t.database, 'test', async (system) => work(await system.enter(at.org.id)), {
      now: new Date('2026-04-10T12:00:00Z'),
    })
  const id = await at.id('A')
  await act((scope) => settleInvoice(scope, id))
  expect(await open(at, 'A')).toBe(0)
  await act((scope) => unsettleInvoice(scope, id))
  expect(await open(at, 'A')).toBe(100)
  await act((scope) => settleInvoice(scope, id))
  const may = await load(at, '2026-05-31', ['A', 100, 70])
  expect(await open(at, 'A')).toBe(70)
  expect(await ledger(at, 'A')).toEqual([
    '2026-01-01 invoice 100',
    '2026-04-10 payment -100',
    '2026-05-31 reversal 70',
  ])
  await undo(at, may)
  expect(await open(at, 'A')).toBe(0)
  await sound(at)
})

export type { Organisation }
