import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asSystem } from '../../server/core/scope.ts'
import { settleInvoice, unsettleInvoice } from '../../server/modules/receivables/cash/settle.ts'
import { type TestApp, testApp } from '../app.ts'
import { broken, rowsIn, send } from '../books.ts'
import { call, type Target } from '../call.ts'
import { organisation, type Person, person } from '../given.ts'

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

const today = () => new Date().toISOString().slice(0, 10)
const events = async ({ org }: Office, kind: string) =>
  (await rowsIn(
    t,
    org,
    sql`select subject_id, data from events where tenant_id = ${org.id} and kind = ${kind} order by id`,
  )) as { subject_id: number; data: Record<string, unknown> }[]

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
    expect((await get(at.operations, 'ageing')).totals).toMatchObject({ unapplied: -20, total: 20 })
    // The evening before, it had not come yet.
    expect((await get(at.operations, 'ageing?as_of=2026-04-09')).totals).toMatchObject({
      unapplied: 0,
      total: 150,
    })
    const [customer] = (await get(at.operations, `customers/${await at.customer()}`)).currencies
    expect(customer).toMatchObject({ open_amount: 20, unapplied: -20, last_payment_on: '2026-04-10' })
    const invoice = await get(at.operations, `invoices/${await at.id('A')}`)
    expect(invoice.entries.at(-1)).toMatchObject({
      kind: 'payment',
      amount: -100,
      effective_on: '2026-04-10',
      payment_id: payment.id,
      user: { full_name: 'Olga Operations' },
    })
    expect((await events(at, 'payment.recorded')).map(({ subject_id }) => subject_id)).toEqual([payment.id])
    expect((await events(at, 'invoice.payment_recorded')).map(({ data }) => data.amount)).toEqual([
      10_000, 1_000,
    ])
    const list = await get(at.operations, 'payments?unapplied=true&search=4711')
    expect(list.items).toMatchObject([
      { id: payment.id, unapplied: 20, created_by: { full_name: 'Olga Operations' } },
    ])
    expect(list.totals).toEqual([{ currency: 'USD', count: 1, amount: 130, unapplied: 20 }])
    const file = await call(t, 'GET /api/receivables/payments/export', { as: at.operations })
    expect(file.raw.body).toContain(
      '2026-04-10,UTR 4711,C1,Customer C1,bank transfer,USD,130.00,20.00,active',
    )
    await sound(at)
  })

  test('takes the oldest debts first, and what is left is allocated later', async () => {
    const at = await office()
    await load(at, '2026-03-31', ['A', 100, 100, { invoiced: '2026-01-02' }], ['B', 50, 50])
    const said = { customer_id: await at.customer(), amount: 60, received_on: '2026-04-10' }
    const first = await post(at.operations, 'payments', { ...said, strategy: 'oldest_first' }, 201)
    expect(first.allocations.map((each: { amount: number }) => each.amount)).toEqual([60])
    const second = await post(at.operations, 'payments', said, 201)
    expect(second).toMatchObject({ allocated: 0, unapplied: 60 })
    expect((await get(at.operations, 'credits')).items).toMatchObject([
      { payment_id: second.id, unapplied: 60, owed: 90 },
    ])
    const later = await post(at.operations, `payments/${second.id}/allocate`, { strategy: 'oldest_first' })
    expect(later).toMatchObject({ allocated: 60, unapplied: 0 })
    expect((await open(at, 'A'))! + (await open(at, 'B'))!).toBe(30)
    const again = await call(t, `POST /api/receivables/payments/${second.id}/allocate`, {
      as: at.operations,
      json: { strategy: 'oldest_first' },
    })
    expect([again.status, again.body.code]).toEqual([409, 'nothing_left'])
    await sound(at)
  })

  test('never settles more than is open or more than it is, another customer, or a day that has not come', async () => {
    const at = await office()
    await load(at, '2026-03-31', ['A', 100, 100], ['X', 70, 70, { customer: 'C2' }])
    const refused = async (amount: number, lines: { number: string; amount: number }[], more = {}) => {
      const answer = await call(t, 'POST /api/receivables/payments', {
        as: at.operations,
        json: {
          customer_id: await at.customer(),
          amount,
          received_on: '2026-04-10',
          allocations: await Promise.all(
            lines.map(async (line) => ({ invoice_id: await at.id(line.number), amount: line.amount })),
          ),
          ...more,
        },
      })
      return [answer.status, answer.body.code, answer.body.errors?.[0].path]
    }
    expect(await refused(200, [{ number: 'A', amount: 100.01 }])).toEqual([
      422,
      'more_than_open',
      'allocations.0.amount',
    ])
    expect(await refused(50, [{ number: 'A', amount: 60 }])).toEqual([
      422,
      'more_than_there_is',
      'allocations',
    ])
    expect(await refused(100, [{ number: 'X', amount: 60 }])).toEqual([
      422,
      'invalid',
      'allocations.0.invoice_id',
    ])
    expect(await refused(100.001, [])).toEqual([422, 'invalid', 'amount'])
    expect(await refused(100, [], { received_on: '2199-01-01' })).toEqual([422, 'invalid', 'received_on'])
    expect(await open(at, 'A')).toBe(100)
  })

  test('recorded in error is taken back as if it had never been; one that went back stands until that day', async () => {
    const at = await office()
    await load(at, '2026-03-31', ['A', 100, 100], ['B', 50, 50])
    const wrong = await pay(at, '2026-04-10', 100, [['A', 100]])
    const reversed = await post(at.operations, `payments/${wrong.id}/reverse`, { reason: 'Twice' })
    expect(reversed).toMatchObject({ state: 'reversed', unapplied: 0, reversal_reason: 'Twice' })
    expect(await ledger(at, 'A')).toEqual(['2026-01-01 invoice 100'])
    const cheque = await pay(at, '2026-04-10', 120, [['B', 50]])
    await post(at.operations, `payments/${cheque.id}/reverse`, { returned_on: '2026-04-20' })
    expect([await open(at, 'A'), await open(at, 'B'), (await get(at.operations, 'credits')).total]).toEqual([
      100, 50, 0,
    ])
    expect((await get(at.operations, 'ageing?as_of=2026-04-19')).totals).toMatchObject({
      unapplied: -70,
      total: 30,
    })
    expect((await get(at.operations, 'ageing?as_of=2026-04-20')).totals).toMatchObject({
      unapplied: 0,
      total: 150,
    })
    const twice = await call(t, `POST /api/receivables/payments/${cheque.id}/reverse`, {
      as: at.operations,
      json: {},
    })
    expect([twice.status, twice.body.code]).toEqual([409, 'already_reversed'])
    await sound(at)
  })

  test('gives one line back: the invoice is open, the money unapplied', async () => {
    const at = await office()
    await load(at, '2026-03-31', ['A', 100, 100], ['B', 50, 50])
    const payment = await pay(at, '2026-04-10', 150, [
      ['A', 100],
      ['B', 50],
    ])
    await post(at.operations, `allocations/${payment.allocations[1].id}/reverse`)
    expect([await open(at, 'A'), await open(at, 'B')]).toEqual([0, 50])
    expect(await get(at.operations, `payments/${payment.id}`)).toMatchObject({
      allocated: 100,
      unapplied: 50,
    })
    await sound(at)
  })

  test('of an invoice dated later is credit until then', async () => {
    const at = await office()
    await load(at, '2026-03-31', ['A', 100, 100, { invoiced: '2026-03-20' }])
    await pay(at, '2026-03-01', 100, [['A', 100]])
    expect((await get(at.operations, 'ageing?as_of=2026-03-19')).totals).toMatchObject({
      unapplied: -100,
      total: -100,
    })
    expect((await get(at.operations, 'ageing?as_of=2026-03-20')).totals).toMatchObject({
      unapplied: 0,
      total: 0,
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

  test('does not know it yet: the payment holds and the invoice says so, until a file includes it', async () => {
    const at = await office()
    await load(at, '2026-03-31', ['A', 100, 100])
    const payment = await pay(at, '2026-04-10', 40, [['A', 40]])
    expect(await get(at.operations, `invoices/${await at.id('A')}`)).toMatchObject({
      unconfirmed: 40,
      contradicted_on: null,
    })
    const april = await load(at, '2026-04-30', ['A', 100, 100])
    expect(await open(at, 'A')).toBe(60)
    expect(await get(at.operations, `invoices/${await at.id('A')}`)).toMatchObject({
      open_amount: 60,
      unconfirmed: 40,
      contradicted_on: '2026-04-30',
    })
    expect((await get(at.operations, 'invoices?contradicted=true')).items).toMatchObject([
      { invoice_number: 'A' },
    ])
    expect((await events(at, 'invoice.contradicted')).map(({ data }) => data)).toEqual([
      { as_of: '2026-04-30', amount: 4000, import_id: april },
    ])
    const may = await load(at, '2026-05-31', ['A', 100, 60])
    expect([await open(at, 'A'), (await get(at.operations, 'invoices?contradicted=true')).total]).toEqual([
      60, 0,
    ])
    await undo(at, may)
    expect([await open(at, 'A'), (await get(at.operations, 'invoices?contradicted=true')).total]).toEqual([
      60, 1,
    ])
    // It turns out that the file was right.
    await post(at.operations, `payments/${payment.id}/reverse`)
    expect([await open(at, 'A'), (await get(at.operations, 'invoices?contradicted=true')).total]).toEqual([
      100, 0,
    ])
    await sound(at)
  })

  test('does not know it, and somebody keeps what was recorded: nobody is asked again until a file says something else', async () => {
    const at = await office()
    await load(at, '2026-03-31', ['A', 100, 100])
    await pay(at, '2026-04-10', 40, [['A', 40]])
    const id = await at.id('A')
    const keep = (kept: boolean, as = at.operations) =>
      call(t, `PUT /api/receivables/invoices/${id}/kept-mine`, { as, json: { kept } })
    const asked = async () => (await get(at.operations, 'invoices?contradicted=true')).total
    expect(await keep(true)).toMatchObject({ status: 409, body: { code: 'not_contradicted' } })
    await load(at, '2026-04-30', ['A', 100, 100])
    expect(await asked()).toBe(1)
    expect(await keep(true, await person(t, { in: at.org, roles: ['Biller'] }))).toMatchObject({
      status: 403,
    })
    expect((await keep(true)).body).toMatchObject({ kept: true })
    expect(await get(at.operations, `invoices/${id}`)).toMatchObject({
      open_amount: 60,
      contradicted_on: '2026-04-30',
      kept_mine: { by: { id: at.operations.id } },
    })
    // The next file says the same, and nobody is told of it again.
    await load(at, '2026-05-31', ['A', 100, 100])
    expect([await asked(), await open(at, 'A')]).toEqual([0, 60])
    expect(await events(at, 'invoice.contradicted')).toHaveLength(1)
    expect((await keep(false)).status).toBe(200)
    expect(await asked()).toBe(1)
    await keep(true)
    // One that says something else is asked about.
    await load(at, '2026-06-30', ['A', 100, 90])
    expect([await asked(), await open(at, 'A')]).toEqual([1, 60])
    expect(await events(at, 'invoice.contradicted')).toHaveLength(2)
    await sound(at)
  })

  test('was known from the start, so what it counts as paid is another payment', async () => {
    const at = await office()
    await load(at, '2026-03-31', ['A', 100, 100])
    await load(at, '2026-04-30', ['A', 100, 60])
    // Whoever looks at 60 and records 40 means 20.
    await pay(at, '2026-04-10', 40, [['A', 40]])
    expect(await open(at, 'A')).toBe(20)
    await load(at, '2026-05-31', ['A', 100, 20])
    expect([await open(at, 'A'), await ledger(at, 'A')]).toEqual([
      20,
      ['2026-01-01 invoice 100', '2026-04-10 payment -40', '2026-04-30 payment -40'],
    ])
    await sound(at)
  })

  test('does not name it any more: it is missing, and only the rest was paid by then', async () => {
    const at = await office()
    await load(at, '2026-03-31', ['A', 100, 100], ['B', 50, 50])
    await pay(at, '2026-04-10', 140, [
      ['A', 100],
      ['B', 40],
    ])
    await load(at, '2026-04-30', ['C', 10, 10])
    expect(await ledger(at, 'A')).toEqual(['2026-01-01 invoice 100', '2026-04-10 payment -100'])
    expect(await ledger(at, 'B')).toEqual([
      '2026-01-01 invoice 50',
      '2026-04-10 payment -40',
      '2026-04-30 payment -10',
    ])
    await sound(at)
  })

  test('is undone, and with it the invoice: the money stays, unapplied, until the invoice is back', async () => {
    const at = await office()
    const march = await load(at, '2026-03-31', ['A', 100, 100])
    const payment = await pay(at, '2026-04-10', 100, [['A', 100]])
    await undo(at, march)
    expect(await get(at.operations, `payments/${payment.id}`)).toMatchObject({
      unapplied: 100,
      customer_name: 'Customer C1',
      allocations: [{ in_books: false }],
    })
    expect((await get(at.operations, 'ageing')).totals).toMatchObject({ unapplied: -100, total: -100 })
    expect((await get(at.operations, 'customers')).items).toMatchObject([{ open_amount: -100 }])
    await load(at, '2026-03-31', ['A', 100, 100])
    expect(await get(at.operations, `payments/${payment.id}`)).toMatchObject({ unapplied: 0, allocated: 100 })
    expect(await open(at, 'A')).toBe(0)
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
  expect(await act((scope) => settleInvoice(scope, id))).toBe(null)
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
  expect((await events(at, 'invoice.reopened')).map(({ data }) => data)).toEqual([
    { as_of: '2026-05-31', amount: 7000, import_id: may },
  ])
  await undo(at, may)
  expect(await open(at, 'A')).toBe(0)
  await sound(at)
})

describe('a credit note', () => {
  test('is set off against invoices, by itself or beside a payment; one undo takes both back', async () => {
    const at = await office()
    await load(at, '2026-03-31', ['A', 100, 100], ['B', 50, 50], ['CN', -30, -30])
    const credit = await post(at.operations, `credits/${await at.id('CN')}/allocate`, {
      allocations: [{ invoice_id: await at.id('B'), amount: 10 }],
    })
    expect(credit).toMatchObject({
      unapplied: 20,
      allocations: [{ invoice_number: 'B', amount: 10, kind: 'credit' }],
    })
    expect([await open(at, 'B'), await open(at, 'CN')]).toEqual([40, -20])
    const payment = await post(
      at.operations,
      'payments',
      {
        customer_id: await at.customer(),
        amount: 80,
        received_on: '2026-04-10',
        allocations: [{ invoice_id: await at.id('A'), amount: 100 }],
        credits: [{ credit_id: await at.id('CN'), amount: 20 }],
      },
      201,
    )
    expect(payment).toMatchObject({ allocated: 80, unapplied: 0 })
    expect([await open(at, 'A'), await open(at, 'CN')]).toEqual([0, 0])
    // The ERP books both in its own way.
    await load(at, '2026-04-30', ['B', 50, 40])
    expect([await open(at, 'A'), await open(at, 'B'), await open(at, 'CN')]).toEqual([0, 40, 0])
    await post(at.operations, `payments/${payment.id}/reverse`)
    // By then the file has counted them as settled.
    expect([await open(at, 'A'), await open(at, 'CN')]).toEqual([0, 0])
    await sound(at)
  })
})

describe('a write-off', () => {
  const limits = async (at: Office, admin: Person, role: string, amount: number) => {
    const policy = await get(admin, 'write-offs/policy')
    const { role_id } = policy.limits.find((each: { role: string }) => each.role === role)
    const answer = await call(t, 'PUT /api/receivables/write-offs/policy', {
      as: admin,
      json: { limits: [{ role_id, amount }] },
    })
    expect(answer.status, answer.raw.body).toBe(200)
    return at
  }
  const ask = async (at: Office, by: Person, number: string, amount: number, status = 201) =>
    post(
      by,
      'write-offs',
      { invoice_id: await at.id(number), amount, reason: 'bad_debt', note: 'Insolvent' },
      status,
    )

  test('within the own limit needs nobody else; above it somebody else approves', async () => {
    const at = await office()
    const admin = await person(t, { in: at.org, full_name: 'Ada Admin' })
    await load(at, '2026-03-31', ['A', 100, 100])
    await limits(at, admin, 'Operations', 15)
    expect(await ask(at, at.operations, 'A', 10)).toMatchObject({ state: 'approved', self_approved: true })
    expect(await open(at, 'A')).toBe(90)
    // Small ones of one invoice count together.
    const asked = await ask(at, at.operations, 'A', 10)
    expect(asked).toMatchObject({ state: 'requested', may_approve: false, may_reject: true })
    expect(await open(at, 'A')).toBe(90)
    const own = await call(t, `POST /api/receivables/write-offs/${asked.id}/approve`, {
      as: at.operations,
      json: {},
    })
    expect([own.status, own.body.detail]).toEqual([
      403,
      'You asked for this write-off: somebody else who may approve write-offs has to approve it.',
    ])
    expect((await get(admin, 'write-offs?state=requested')).items).toMatchObject([
      { id: asked.id, may_approve: true },
    ])
    const approved = await post(admin, `write-offs/${asked.id}/approve`, { note: 'Agreed' })
    expect(approved).toMatchObject({
      state: 'approved',
      decided_by: { full_name: 'Ada Admin' },
      written_off_on: today(),
    })
    expect(await open(at, 'A')).toBe(80)
    expect(
      (await events(at, 'invoice.written_off')).map(({ data }) => [data.amount, data.self_approved]),
    ).toEqual([
      [1000, true],
      [1000, false],
    ])
    const twice = await call(t, `POST /api/receivables/write-offs/${asked.id}/approve`, {
      as: admin,
      json: {},
    })
    expect([twice.status, twice.body.code]).toEqual([409, 'not_requested'])
    await post(admin, `write-offs/${asked.id}/reverse`)
    expect(await open(at, 'A')).toBe(90)
    await sound(at)
  })

  test('is approved by who asks only where nobody else could, or where the organisation says so', async () => {
    const at = await office()
    await load(at, '2026-03-31', ['A', 100, 100], ['B', 50, 50])
    expect(await ask(at, at.operations, 'A', 100)).toMatchObject({ state: 'approved', self_approved: true })
    const admin = await person(t, { in: at.org })
    expect(await ask(at, at.operations, 'B', 50)).toMatchObject({ state: 'requested' })
    const off = await call(t, 'PUT /api/receivables/write-offs/policy', {
      as: admin,
      json: { limits: [], segregation_of_duties: false },
    })
    expect(off.body).toMatchObject({ in_force: false, approvers: 2 })
    const [{ id }] = (await get(at.operations, 'write-offs?state=requested')).items
    expect(await post(at.operations, `write-offs/${id}/approve`)).toMatchObject({
      state: 'approved',
      self_approved: true,
    })
  })

  test('needs a reason and no more than is open; a collector asks, withdraws, and approves nothing', async () => {
    const at = await office()
    const collector = await person(t, { in: at.org, roles: ['Collector'] })
    await load(at, '2026-03-31', ['A', 100, 100], ['B', 10, 10])
    await rowsIn(
      t,
      at.org,
      sql`update invoices set assigned_to = ${collector.id} where tenant_id = ${at.org.id} and number = 'A'`,
    )
    const bare = await call(t, 'POST /api/receivables/write-offs', {
      as: collector,
      json: { invoice_id: await at.id('A'), reason: 'other', note: ' ' },
    })
    expect([bare.status, bare.body.errors[0].path]).toEqual([422, 'note'])
    await ask(at, collector, 'A', 100.01, 422)
    const asked = await ask(at, collector, 'A', 100)
    expect(asked.state).toBe('requested')
    const approve = await call(t, `POST /api/receivables/write-offs/${asked.id}/approve`, {
      as: collector,
      json: {},
    })
    expect(approve.status).toBe(403)
    expect(await post(collector, `write-offs/${asked.id}/reject`)).toMatchObject({ state: 'rejected' })
    // An invoice that is not theirs is not there.
    await ask(at, collector, 'B', 5, 404)
    await ask(at, at.operations, 'B', 5)
    expect((await get(collector, 'write-offs')).items).toHaveLength(1)
  })
})

describe('who sees which payments', () => {
  test('a collector those on invoices that are theirs; a biller may not record any', async () => {
    const at = await office()
    const collector = await person(t, { in: at.org, roles: ['Collector'] })
    const biller = await person(t, { in: at.org, roles: ['Biller'] })
    await load(at, '2026-03-31', ['A', 100, 100], ['X', 70, 70, { customer: 'C2' }])
    await rowsIn(
      t,
      at.org,
      sql`update invoices set assigned_to = ${collector.id} where tenant_id = ${at.org.id} and number = 'A'`,
    )
    const own = await pay(at, '2026-04-10', 40, [['A', 40]], collector)
    const other = await post(
      at.operations,
      'payments',
      { customer_id: await at.customer('C2'), amount: 5, received_on: '2026-04-10' },
      201,
    )
    const list = await get(collector, 'payments')
    expect([list.items.map((each: { id: number }) => each.id), list.totals[0].amount]).toEqual([[own.id], 40])
    expect((await get(collector, 'credits')).total).toBe(0)
    for (const path of [
      `payments/${other.id}`,
      `payments/${other.id}/reverse`,
      `payments/${other.id}/allocate`,
    ]) {
      const method = path.endsWith(String(other.id)) ? 'GET' : 'POST'
      const answer = await call(t, `${method} /api/receivables/${path}` as Target, {
        as: collector,
        ...(method === 'POST' ? { json: {} } : {}),
      })
      expect([path, answer.status]).toEqual([path, 404])
    }
    expect((await call(t, 'POST /api/receivables/payments', { as: biller, json: {} })).status).toBe(403)
    expect((await get(at.operations, 'payments')).total).toBe(2)
    await sound(at)
  })
})

test('a pasted remittance is proposed, confirmed as a payment, and taken back in one', async () => {
  const at = await office()
  await load(at, '2026-03-31', ['INV-1001', 100, 100], ['INV-1002', 50, 50], ['INV-1003', 80, 80])
  const proposal = await post(at.operations, 'remittances/propose', {
    text: 'Customer C1 paid on 2026-04-09, UTR AB12345678\nINV-1001 100.00\nINV-1002 49.00 less TDS\nINV-1003 80.00\nTotal 229.00',
  })
  expect(proposal).toMatchObject({
    customer: { name: 'Customer C1' },
    amount: 229,
    received_on: '2026-04-09',
    reference: 'AB12345678',
    allocated: 229,
    unapplied: 0,
    lines: [
      { number: 'INV-1001', amount: 100, reasons: ['number', 'amount_exact'] },
      { number: 'INV-1002', amount: 49, difference: 1, difference_reason: 'withholding_tax' },
      { number: 'INV-1003', amount: 80 },
    ],
  })
  expect(await open(at, 'INV-1001')).toBe(100)
  const payment = await post(
    at.operations,
    'payments',
    {
      customer_id: proposal.customer.id,
      amount: proposal.amount,
      received_on: proposal.received_on,
      reference: proposal.reference,
      allocations: proposal.lines.map((line: { document_id: number; amount: number }) => ({
        invoice_id: line.document_id,
        amount: line.amount,
      })),
    },
    201,
  )
  expect([await open(at, 'INV-1001'), await open(at, 'INV-1002')]).toEqual([0, 1])
  await post(at.operations, `payments/${payment.id}/reverse`)
  expect([await open(at, 'INV-1001'), await open(at, 'INV-1002'), await open(at, 'INV-1003')]).toEqual([
    100, 50, 80,
  ])
  await sound(at)
})
