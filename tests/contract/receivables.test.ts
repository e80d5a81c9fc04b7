import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asSystem } from '../../server/core/scope.ts'
import { receivablesJobs } from '../../server/modules/receivables/jobs.ts'
import { type TestApp, testApp } from '../app.ts'
import { call, type Target } from '../call.ts'
import { type Organisation, organisation, type Person, person } from '../given.ts'

// Who owes what: lists, exports, one invoice, comments, assignments and customers, and who sees which of them.

let t: TestApp
beforeAll(async () => {
  t = await testApp()
})
afterAll(() => t.close())

const header =
  'operating_unit,customer_name,customer_id,invoice_number,invoice_date,due_date,invoice_amount,currency,payment_status'
type Line = [
  customer: string,
  number: string,
  due: string,
  amount: string,
  more?: { invoiced?: string; currency?: string; status?: string; name?: string },
]
const csv = (...lines: Line[]) =>
  `${header}\n${lines
    .map(([customer, number, due, amount, more = {}]) =>
      [
        'North',
        more.name ?? `Customer ${customer}`,
        customer,
        number,
        more.invoiced ?? '2026-01-01',
        due,
        amount,
        more.currency ?? 'USD',
        more.status ?? 'Overdue',
      ].join(','),
    )
    .join('\n')}\n`

async function load(by: Person, as_of: string, ...lines: Line[]) {
  const form = new FormData()
  form.set('as_of', as_of)
  // Nothing is missing from a file of changes.
  form.set('kind', 'changes')
  form.set('file', new Blob([csv(...lines)]), `${as_of}.csv`)
  const encoded = new Response(form)
  const raw = await t.app.inject({
    method: 'POST',
    url: '/api/import-ar-data',
    headers: { ...by.headers, 'content-type': encoded.headers.get('content-type')! },
    payload: Buffer.from(await encoded.arrayBuffer()),
  })
  expect(raw.statusCode, raw.body).toBe(200)
  expect(raw.json().rejects, raw.body).toEqual([])
  return raw.json() as { import_id: number }
}

type Office = { org: Organisation; operations: Person; id: (number: string) => Promise<number> }
async function office(...lines: Line[]): Promise<Office> {
  const org = await organisation(t)
  const operations = await person(t, { in: org, roles: ['Operations'], full_name: 'Olga Operations' })
  if (lines.length > 0) await load(operations, '2026-06-30', ...lines)
  const id = async (number: string) =>
    (
      await rows<{ id: number }>(
        org,
        sql`select id from invoices where tenant_id = ${org.id} and number = ${number}`,
      )
    )[0]!.id
  return { org, operations, id }
}
const rows = <R>(org: Organisation, query: ReturnType<typeof sql>) =>
  asSystem(
    t.database,
    'test',
    async (system) => (await query.execute((await system.enter(org.id)).db)).rows as R[],
  )
const get = async (as: Person, path: string) => {
  const answer = await call(t, `GET /api/receivables/${path}` as Target, { as })
  expect(answer.status, answer.raw.body).toBe(200)
  return answer.body
}
const numbers = (page: { items: { invoice_number: string }[] }) =>
  page.items.map((one) => one.invoice_number).sort()
const events = (org: Organisation, kind: string) =>
  rows<{ subject_id: number; data: Record<string, unknown> }>(
    org,
    sql`select subject_id, data from events where tenant_id = ${org.id} and kind = ${kind} order by id`,
  )

describe('the list of invoices', () => {
  let at: Office
  let importId: number
  beforeAll(async () => {
    at = await office()
    importId = (
      await load(
        at.operations,
        '2026-06-30',
        ['C1', 'A1', '2026-06-20', '100.00'],
        ['C1', 'A2', '2026-05-20', '250.00', { status: 'Disputed' }],
        ['C2', 'A3', '2026-01-20', '75.50', { name: 'Riverside Traders' }],
        ['C2', 'A4', '2026-01-20', '40.00', { status: 'Paid', name: 'Riverside Traders' }],
        ['C3', 'A5', '2026-07-30', '9000', { currency: 'JPY' }],
        ['C3', 'A6', '', '-30.00'],
      )
    ).import_id
    await load(at.operations, '2026-07-01', [
      'C4',
      'B1',
      '2026-06-20',
      '10.00',
      { name: 'Later Ltd', invoiced: '2026-07-01' },
    ])
  })

  test.each([
    ['status=unpaid,paid', ['A1', 'A2', 'A3', 'A4', 'A5', 'A6', 'B1']],
    ['status=disputed,credit', ['A2', 'A6']],
    ['amount_min=100', ['A1', 'A2']],
    ['amount_min=100&amount_max=100.00', ['A1']],
    ['currency=JPY&amount_min=9000', ['A5']],
    ['due_from=2026-05-01&due_to=2026-06-20', ['A1', 'A2', 'B1']],
    ['customer=riverside', ['A3', 'A4']],
    ['customer=c3', ['A5', 'A6']],
    ['as_of=2026-06-30&bucket=1-30,31-60', ['A1', 'A2']],
    ['as_of=2026-06-30&bucket=current,over-120', ['A3', 'A5']],
    ['as_of=2026-06-30&basis=invoice&bucket=over-120', ['A1', 'A2', 'A3', 'A5']],
    ['unassigned=true&status=credit', ['A6']],
    ['unassigned=false', []],
  ])('%s', async (query, expected) => {
    expect(numbers(await get(at.operations, `invoices?page_size=100&${query}`))).toEqual(expected)
  })
  test('of one import, and what became of them there', async () => {
    const of = async (query: string) => numbers(await get(at.operations, `invoices?${query}`))
    expect(await of(`import_id=${importId}`)).toEqual(['A1', 'A2', 'A3', 'A4', 'A5', 'A6'])
    expect(await of(`import_id=${importId}&import_outcome=changed,older`)).toEqual([])
    expect(await of('import_id=900000')).toEqual([])
  })
  test('counts in buckets follow every other filter, and not the choice of buckets', async () => {
    const count = async (query: string) =>
      Object.fromEntries(
        (await get(at.operations, `invoices?facets=true&as_of=2026-06-30&${query}`)).buckets
          .filter((bucket: { count: number }) => bucket.count > 0)
          .map((bucket: { bucket: string; count: number }) => [bucket.bucket, bucket.count]),
      )
    expect(await count('')).toEqual({ current: 1, '1-30': 1, '31-60': 1, 'over-120': 1 })
    expect(await count('bucket=1-30')).toEqual(await count(''))
    expect(await count('customer=riverside')).toEqual({ 'over-120': 1 })
    expect(await count('status=paid')).toEqual({})
    expect((await get(at.operations, 'invoices')).buckets).toBeUndefined()
  })
  test('sums are per currency', async () => {
    expect((await get(at.operations, 'invoices?status=unpaid')).totals).toEqual([
      { currency: 'JPY', amount: 9000, open_amount: 9000, count: 1 },
      { currency: 'USD', amount: 405.5, open_amount: 405.5, count: 5 },
    ])
  })
  test('refuses what it does not know, in words', async () => {
    const wrong = async (query: string) => {
      const { status, body } = await call(t, `GET /api/receivables/invoices?${query}` as Target, {
        as: at.operations,
      })
      return [status, body.errors?.[0].path]
    }
    expect(await wrong('bucket=1-30,1-31')).toEqual([422, 'bucket'])
    expect(await wrong('status=unpaid,lost')).toEqual([422, expect.stringMatching(/^status/)])
    expect(await wrong('amount_min=10.005')).toEqual([422, 'amount_min'])
    expect(await wrong('sort=notes')).toEqual([422, 'sort'])
    expect(await wrong('page_size=501')).toEqual([422, 'page_size'])
  })
  test('every cell of the ageing leads to as many invoices, and the same sum', async () => {
    for (const basis of ['due', 'invoice']) {
      const ageing = await get(at.operations, `ageing?as_of=2026-07-01&group_by=customer&basis=${basis}`)
      for (const group of ageing.groups) {
        const search = `as_of=2026-07-01&currency=USD&customer_id=${group.key}`
        for (const { bucket, count, amount } of group.buckets) {
          const { total, totals } = await get(
            at.operations,
            `invoices?${search}&basis=${basis}&bucket=${bucket}`,
          )
          expect([bucket, total, totals[0]?.open_amount ?? 0]).toEqual([bucket, count, amount])
        }
        const credit = await get(at.operations, `invoices?${search}&status=credit`)
        expect(credit.totals[0]?.open_amount ?? 0).toBe(group.unapplied)
        expect((await get(at.operations, `invoices?${search}&status=unpaid`)).totals[0].open_amount).toBe(
          group.total,
        )
      }
    }
  })
})

describe('what is retracted', () => {
  test('is nowhere', async () => {
    const { org, operations, id } = await office(
      ['C1', 'A1', '2026-06-20', '100.00', { status: 'Paid' }],
      ['C2', 'A2', '2026-06-20', '50.00'],
    )
    const gone = await id('A1')
    await rows(org, sql`update invoices set retracted = true where tenant_id = ${org.id} and id = ${gone}`)
    const [customer] = await rows<{ id: number }>(
      org,
      sql`update customers set retracted = true where tenant_id = ${org.id} and key = 'C1' returning id`,
    )
    expect(numbers(await get(operations, 'invoices'))).toEqual(['A2'])
    expect(numbers(await get(operations, 'invoices?status=paid'))).toEqual([])
    expect((await get(operations, 'customers?status=all')).items).toHaveLength(1)
    for (const path of [
      `invoices/${gone}`,
      `invoices/${gone}/comments`,
      `invoices/${gone}/timeline`,
      `customers/${customer!.id}`,
    ])
      expect((await call(t, `GET /api/receivables/${path}` as Target, { as: operations })).status, path).toBe(
        404,
      )
    expect(
      (
        await call(t, `PUT /api/receivables/invoices/${gone}/assignment`, {
          as: operations,
          json: { assigned_to: null },
        })
      ).status,
    ).toBe(404)
  })
})

describe('an export', () => {
  const raw = async (as: Person, path: string) => {
    const answer = await t.app.inject({ url: `/api/receivables/${path}`, headers: as.headers })
    return {
      status: answer.statusCode,
      headers: answer.headers,
      lines: answer.body.split('\r\n'),
      bytes: answer.rawPayload,
    }
  }
  test('holds every row in exact amounts, and no text that a spreadsheet would run', async () => {
    const { operations } = await office(
      ['C1', 'A1', '2026-06-20', '90071992547.09', { name: '@SUM(A1)' }],
      ['C2', '+A2', '2026-06-20', '0.10'],
      ['C3', 'A3', '2026-07-20', '1000', { currency: 'JPY' }],
    )
    const { status, headers, lines } = await raw(
      operations,
      'invoices/export?as_of=2026-06-30&sort=customer_name&order=desc',
    )
    expect([status, headers['content-type'], headers['content-disposition']]).toEqual([
      200,
      'text/csv; charset=utf-8',
      'attachment; filename="invoices-2026-06-30.csv"',
    ])
    expect(lines[0]).toContain('Invoice number,Document type,Customer code,Customer name')
    expect(lines.slice(1)).toEqual([
      `A3,invoice,C3,Customer C3,2026-01-01,2026-07-20,JPY,1000,1000,-20,Current,open,no,,,,,,,,`,
      `'+A2,invoice,C2,Customer C2,2026-01-01,2026-06-20,USD,0.10,0.10,10,1-30 days,open,no,,,,,,,,`,
      `A1,invoice,C1,'@SUM(A1),2026-01-01,2026-06-20,USD,90071992547.09,90071992547.09,10,1-30 days,open,no,,,,,,,,`,
      '',
    ])
  })
  test('takes the filters of the list, as a workbook too', async () => {
    const { operations } = await office(
      ['C1', 'A1', '2026-06-20', '5.00'],
      ['C2', 'A2', '2026-06-20', '7.00'],
    )
    const { lines } = await raw(operations, 'invoices/export?customer=C2')
    expect(lines).toHaveLength(3)
    const workbook = await raw(operations, 'invoices/export?format=xlsx')
    expect(workbook.headers['content-disposition']).toMatch(
      /^attachment; filename="invoices-\d{4}-\d\d-\d\d\.xlsx"$/,
    )
    expect(workbook.bytes.subarray(0, 2).toString()).toBe('PK')
  })
  test('says what is wrong before it begins', async () => {
    const { operations } = await office()
    const answer = await call(t, 'GET /api/receivables/invoices/export?bucket=nonsense', { as: operations })
    expect([answer.status, answer.body.code]).toEqual([422, 'unknown_bucket'])
  })
  test('of more rows than a batch of the cursor holds', async () => {
    const at = await office()
    const many = Array.from({ length: 2_345 }, (_, n): Line => [`C${n % 700}`, `N${n}`, '2026-06-20', '1.00'])
    await load(at.operations, '2026-06-30', ...many)
    expect(new Set((await raw(at.operations, 'invoices/export')).lines).size).toBe(2_345 + 2)
    expect(new Set((await raw(at.operations, 'customers/export')).lines).size).toBe(700 + 2)
  })
  test('is one of four at once in an organisation, so that slow readers do not hold up the others', async () => {
    const at = await office()
    const many = Array.from({ length: 3_000 }, (_, n): Line => [`C${n % 700}`, `N${n}`, '2026-06-20', '1.00'])
    await load(at.operations, '2026-06-30', ...many)
    const begin = (as: Person) =>
      t.app.inject({ url: '/api/receivables/invoices/export', headers: as.headers, payloadAsStream: true })
    const under = await Promise.all([1, 2, 3, 4].map(() => begin(at.operations)))
    expect(under.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200])
    const fifth = await raw(at.operations, 'invoices/export')
    expect([fifth.status, fifth.headers['retry-after'], fifth.lines[0]]).toEqual([
      429,
      expect.stringMatching(/^\d+$/),
      expect.stringContaining('downloading 4 lists already'),
    ])
    for (const one of under) for await (const _ of one.stream());
    expect((await raw(at.operations, 'invoices/export')).lines).toHaveLength(3_000 + 2)
  })
  test('of customers and of the ageing', async () => {
    const { operations } = await office(['C1', 'A1', '2026-06-20', '100.00'], ['C1', 'A2', '', '-30.00'])
    const customers = await raw(operations, 'customers/export?as_of=2026-06-30')
    expect(customers.lines.slice(1)).toEqual(['C1,Customer C1,USD,70.00,100.00,-30.00,1,10,,', ''])
    const ageing = await raw(operations, 'ageing/export?as_of=2026-06-30&group_by=customer')
    expect(ageing.lines.slice(1)).toEqual([
      'Customer C1,0,100,0,0,0,0,-30,70',
      'Total,0,100,0,0,0,0,-30,70',
      '',
    ])
    expect(ageing.headers['content-disposition']).toBe('attachment; filename="ageing-2026-06-30-USD.csv"')
  })
})

describe('an invoice', () => {
  test('tells its ledger with running balances, and what each file said', async () => {
    const at = await office(['C1', 'A1', '2026-05-31', '100.00', { invoiced: '2026-05-01' }])
    await load(at.operations, '2026-07-31', [
      'C1',
      'A1',
      '2026-06-15',
      '100.00',
      { invoiced: '2026-05-01', status: 'Paid' },
    ])
    const { body, headers } = await call(t, `GET /api/receivables/invoices/${await at.id('A1')}`, {
      as: at.operations,
    })
    expect(headers.etag).toBe(`"${body.version}"`)
    expect(body).toMatchObject({
      invoice_number: 'A1',
      open_amount: 0,
      status: 'paid',
      bucket: null,
      days_overdue: null,
    })
    expect(body.entries).toMatchObject([
      {
        kind: 'invoice',
        amount: 100,
        effective_on: '2026-05-01',
        effective_after: null,
        balance: 100,
        file_name: '2026-06-30.csv',
      },
      {
        kind: 'payment',
        amount: -100,
        effective_on: '2026-07-31',
        effective_after: '2026-06-30',
        balance: 0,
        file_name: '2026-07-31.csv',
      },
    ])
    expect(body.snapshots).toMatchObject([
      { as_of: '2026-07-31', outcome: 'changed', open_amount: 0, row: 2 },
      { as_of: '2026-06-30', outcome: 'new', open_amount: 100, row: 2, changes: [] },
    ])
    expect(body.snapshots[0].changes).toEqual(
      expect.arrayContaining([
        { field: 'due_date', before: '2026-05-31', after: '2026-06-15' },
        { field: 'open_amount', before: 100, after: 0 },
      ]),
    )
    const timeline = await get(at.operations, `invoices/${body.id}/timeline`)
    expect(timeline.items[0]).toMatchObject({ kind: 'invoice.changed', data: { open_amount: [100, 0] } })
  })
  test('counts what else the customer owes', async () => {
    const { operations, id } = await office(
      ['C1', 'A1', '2026-05-31', '100.00'],
      ['C1', 'A2', '2099-12-31', '50.00'],
      ['C2', 'A3', '2026-05-31', '7.00'],
    )
    expect((await get(operations, `invoices/${await id('A1')}`)).customer).toMatchObject({
      code: 'C1',
      open_amount: 150,
      overdue_amount: 100,
      open_count: 2,
    })
  })
})

describe('comments', () => {
  test('are written by whoever sees the invoice, and changed by their author alone', async () => {
    const { org, operations, id } = await office(['C1', 'A1', '2026-05-31', '100.00'])
    const director = await person(t, { in: org, roles: ['Director'] })
    const invoice = await id('A1')
    const path = `/api/receivables/invoices/${invoice}/comments` as const
    const made = await call(t, `POST ${path}`, { as: operations, json: { body: ' The PO was wrong. ' } })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({
      body: 'The PO was wrong.',
      user: { full_name: 'Olga Operations' },
      is_own: true,
    })
    const target = `/api/receivables/comments/${made.body.id}` as const

    expect((await call(t, `PUT ${target}`, { as: director, json: { body: 'Not so' } })).status).toBe(403)
    const changed = await call(t, `PUT ${target}`, {
      as: operations,
      json: { body: 'The PO is fixed.' },
      headers: { 'if-match': '"1"' },
    })
    expect([changed.status, changed.body.version, changed.headers.etag]).toEqual([200, 2, '"2"'])
    const late = await call(t, `PUT ${target}`, {
      as: operations,
      json: { body: 'x' },
      headers: { 'if-match': '"1"' },
    })
    expect([late.status, late.body.current.body]).toEqual([412, 'The PO is fixed.'])
    expect(await events(org, 'invoice.comment_edited')).toMatchObject([
      { subject_id: invoice, data: { before: 'The PO was wrong.', after: 'The PO is fixed.' } },
    ])

    expect((await call(t, `DELETE ${target}`, { as: director })).status).toBe(403)
    expect((await call(t, `DELETE ${target}`, { as: operations })).status).toBe(200)
    const { items } = (await call(t, `GET ${path}`, { as: director })).body
    expect(items).toMatchObject([{ body: '', is_deleted: true, is_own: false }])
    expect((await call(t, `PUT ${target}`, { as: operations, json: { body: 'again' } })).status).toBe(409)
    // The timeline says that there was a comment, not what it said.
    const timeline = await call(t, `GET /api/receivables/invoices/${invoice}/timeline`, { as: director })
    expect(timeline.body.items.map((event: { kind: string }) => event.kind)).toEqual([
      'invoice.comment_deleted',
      'invoice.comment_edited',
      'invoice.commented',
    ])
    expect(timeline.raw.body).not.toContain('The PO')
  })
  test('may not be empty or endless', async () => {
    const { operations, id } = await office(['C1', 'A1', '2026-05-31', '100.00'])
    for (const body of ['  ', 'x'.repeat(4001)])
      expect(
        (
          await call(t, `POST /api/receivables/invoices/${await id('A1')}/comments`, {
            as: operations,
            json: { body },
          })
        ).status,
      ).toBe(422)
  })
})

describe('an assignment', () => {
  test('of one invoice is by hand, and versioned', async () => {
    const { org, operations, id } = await office(['C1', 'A1', '2026-05-31', '100.00'])
    const collector = await person(t, { in: org, roles: ['Collector'], full_name: 'Carla Collector' })
    const path = `/api/receivables/invoices/${await id('A1')}/assignment` as const
    const put = (to: number | null, match?: string) =>
      call(t, `PUT ${path}`, { as: operations, json: { assigned_to: to }, headers: { 'if-match': match } })
    expect((await get(collector, 'invoices')).total).toBe(0)
    const answer = await put(collector.id, '"1"')
    expect(answer.body).toMatchObject({
      assigned_to_name: 'Carla Collector',
      assigned_by_hand: true,
      version: 2,
    })
    expect((await put(null, '"1"')).status).toBe(412)
    expect(numbers(await get(collector, 'invoices'))).toEqual(['A1'])
    expect(await events(org, 'invoice.assigned')).toMatchObject([{ data: { from: null, to: collector.id } }])
    expect((await get(operations, `invoices/${await id('A1')}/timeline`)).items[0].data).toEqual({
      from: null,
      to: 'Carla Collector',
    })
    // Again the same is no change.
    expect((await put(collector.id)).body.version).toBe(2)
    expect((await put(null)).body).toMatchObject({ assigned_to: null, assigned_by_hand: true })
  })
  test('goes to members who may see receivables only', async () => {
    const { org, operations, id } = await office(['C1', 'A1', '2026-05-31', '100.00'])
    const stranger = await person(t, { in: await organisation(t), roles: ['Collector'] })
    const agent = await person(t, { in: org, roles: ['Agent'] })
    for (const to of [stranger.id, agent.id, 900_000_000])
      expect(
        (
          await call(t, `PUT /api/receivables/invoices/${await id('A1')}/assignment`, {
            as: operations,
            json: { assigned_to: to },
          })
        ).body.code,
      ).toBe('not_assignable')
    const { items } = await get(operations, 'assignees')
    expect(items.map((one: { id: number }) => one.id)).toEqual([operations.id])
  })
  test('of many is tried first, then done, and told', async () => {
    const { org, operations, id } = await office(
      ['C1', 'A1', '2026-05-31', '100.00'],
      ['C1', 'A2', '2026-05-31', '50.00'],
      ['C2', 'A3', '2026-05-31', '7.00'],
      ['C2', 'A4', '2026-05-31', '70', { currency: 'JPY' }],
    )
    const asha = await person(t, { in: org, roles: ['Collector'], full_name: 'Asha' })
    const bela = await person(t, { in: org, roles: ['Biller'], full_name: 'Bela' })
    const assign = async (json: object, query = '') =>
      (await call(t, `POST /api/receivables/invoices/assign${query}` as Target, { as: operations, json }))
        .body
    await assign({ assigned_to: asha.id, invoice_ids: [await id('A1'), await id('A1')] })
    const tried = await assign({ assigned_to: bela.id, dry_run: true }, '?status=unpaid')
    expect(tried).toEqual({
      dry_run: true,
      act_id: null,
      invoices: 4,
      changed: 4,
      unchanged: 0,
      totals: [
        { currency: 'JPY', count: 1, open_amount: 70 },
        { currency: 'USD', count: 3, open_amount: 157 },
      ],
      from: expect.arrayContaining([
        { id: null, full_name: '', count: 3 },
        { id: asha.id, full_name: 'Asha', count: 1 },
      ]),
    })
    expect((await get(bela, 'invoices')).total).toBe(0)
    expect(await assign({ assigned_to: bela.id }, '?customer=C2')).toMatchObject({
      dry_run: false,
      changed: 2,
    })
    expect(numbers(await get(bela, 'invoices'))).toEqual(['A3', 'A4'])
    expect(await assign({ assigned_to: bela.id }, '?customer=C2')).toMatchObject({ changed: 0, unchanged: 2 })
    expect(await events(org, 'invoice.assigned')).toHaveLength(3)
    expect((await get(operations, 'assignees')).items).toMatchObject([
      { full_name: 'Asha', count: 1, roles: ['Collector'], open: [{ currency: 'USD', open_amount: 100 }] },
      { full_name: 'Bela', count: 2 },
      { full_name: 'Olga Operations', count: 0, open: [] },
    ])
    // One id that is nobody's refuses all.
    const refused = await call(t, 'POST /api/receivables/invoices/assign', {
      as: operations,
      json: { assigned_to: null, invoice_ids: [await id('A1'), 900_000_000] },
    })
    expect(refused.status).toBe(404)
    expect(numbers(await get(asha, 'invoices'))).toEqual(['A1'])
  })
})

describe('customers', () => {
  test('with what they owe, per currency', async () => {
    const at = await office(
      ['C1', 'A1', '2026-06-20', '100.00'],
      ['C1', 'A2', '2026-08-20', '50.00'],
      ['C1', 'A3', '', '-30.00'],
      ['C1', 'A4', '2026-06-10', '1000', { currency: 'JPY' }],
      ['C2', 'B1', '2026-07-20', '60.00', { name: 'Riverside Traders' }],
      ['C3', 'D1', '2026-06-20', '60.00', { status: 'Paid' }],
    )
    const page = await get(at.operations, 'customers?as_of=2026-06-30')
    expect(page.items).toMatchObject([
      {
        name: 'Customer C1',
        currency: 'USD',
        open_amount: 120,
        overdue_amount: 100,
        unapplied: -30,
        oldest_days: 10,
        open_count: 2,
        next_due: '2026-08-20',
      },
      {
        name: 'Riverside Traders',
        open_amount: 60,
        overdue_amount: 0,
        oldest_days: null,
        next_due: '2026-07-20',
      },
      {
        name: 'Customer C1',
        currency: 'JPY',
        open_amount: 1000,
        overdue_amount: 1000,
        oldest_days: 20,
        open_count: 1,
      },
    ])
    expect(page.totals).toMatchObject([
      { currency: 'JPY', count: 1, open_amount: 1000 },
      { currency: 'USD', count: 2, open_amount: 180, overdue_amount: 100, unapplied: -30 },
    ])
    const names = async (query: string) =>
      (await get(at.operations, `customers?as_of=2026-06-30&currency=USD&${query}`)).items.map(
        (one: { name: string }) => one.name,
      )
    expect(await names('status=overdue')).toEqual(['Customer C1'])
    expect(await names('search=river')).toEqual(['Riverside Traders'])
    expect(await names('sort=name&order=desc')).toEqual(['Riverside Traders', 'Customer C1'])
    expect(await names('status=all&sort=name')).toEqual(['Customer C1', 'Customer C3', 'Riverside Traders'])
    expect(await names('sort=oldest_days')).toEqual(['Customer C1', 'Riverside Traders'])
  })
  test('one customer: ages, the course of a year, files, and what happened', async () => {
    const at = await office(['C1', 'A1', '2026-06-20', '100.00', { invoiced: '2026-06-01' }])
    await load(
      at.operations,
      '2026-07-31',
      ['C1', 'A1', '2026-06-20', '100.00', { invoiced: '2026-06-01', status: 'Paid' }],
      ['C1', 'A2', '2026-07-20', '40.00', { invoiced: '2026-07-01' }],
    )
    const { items } = await get(at.operations, 'customers')
    const customer = await get(at.operations, `customers/${items[0].id}`)
    const [usd] = customer.currencies
    expect(customer).toMatchObject({
      code: 'C1',
      imports: [
        { as_of: '2026-07-31', invoices: 2 },
        { as_of: '2026-06-30', invoices: 1 },
      ],
    })
    expect(usd).toMatchObject({
      currency: 'USD',
      open_amount: 40,
      open_count: 1,
      overdue_amount: 40,
      last_payment_on: '2026-07-31',
    })
    expect(usd.history).toHaveLength(13)
    expect(
      Object.fromEntries(
        usd.history.map((point: { day: string; open_amount: number }) => [point.day, point.open_amount]),
      ),
    ).toMatchObject({
      '2026-05-31': 0,
      '2026-06-30': 100,
      '2026-07-31': 40,
    })
    expect(
      usd.buckets.reduce((sum: number, bucket: { amount: number }) => sum + bucket.amount, 0) + usd.unapplied,
    ).toBe(40)
    expect((await get(at.operations, `customers/${customer.id}/timeline`)).items[0]).toMatchObject({
      kind: 'invoice.changed',
      invoice_number: 'A1',
    })
  })
})

describe('who sees what', () => {
  test('every page holds the invoices of the role, and nothing of the others', async () => {
    const at = await office(
      ['C1', 'ALL', '2026-05-31', '1.00'],
      ['C2', 'REGION', '2026-05-31', '20.00'],
      ['C3', 'MINE', '2026-05-31', '300.00'],
      ['C3', 'OTHERS', '2026-05-31', '4000.00'],
    )
    const [region] = await rows<{ id: number }>(
      at.org,
      sql`insert into regions (tenant_id, code, name) values (${at.org.id}, 'N', 'North') returning id`,
    )
    await rows(
      at.org,
      sql`update invoices set region_id = ${region!.id} where tenant_id = ${at.org.id} and number = 'REGION'`,
    )
    const manager = await person(t, { in: at.org, roles: ['Manager'], region_id: region!.id })
    const collector = await person(t, { in: at.org, roles: ['Collector'] })
    const pharmacy = await person(t, { in: at.org, roles: ['Pharmacy Read'] })
    await call(t, `PUT /api/receivables/invoices/${await at.id('MINE')}/assignment`, {
      as: at.operations,
      json: { assigned_to: collector.id },
    })
    const customers = Object.fromEntries(
      (await get(at.operations, 'customers')).items.map((one: { code: string; id: number }) => [
        one.code,
        one.id,
      ]),
    )
    const sees: [Person, string[], Record<string, number>][] = [
      [at.operations, ['ALL', 'MINE', 'OTHERS', 'REGION'], { C1: 1, C2: 20, C3: 4300 }],
      [manager, ['REGION'], { C2: 20 }],
      [collector, ['MINE'], { C3: 300 }],
    ]
    for (const [who, invoices, owing] of sees) {
      expect(numbers(await get(who, 'invoices'))).toEqual(invoices)
      for (const status of ['open', 'all'])
        expect(
          Object.fromEntries(
            (await get(who, `customers?status=${status}`)).items.map(
              (one: { code: string; open_amount: number }) => [one.code, one.open_amount],
            ),
          ),
        ).toEqual(owing)
      const exported = await t.app.inject({ url: '/api/receivables/invoices/export', headers: who.headers })
      expect(
        exported.body
          .split('\r\n')
          .slice(1, -1)
          .map((line) => line.split(',')[0])
          .sort(),
      ).toEqual(invoices)
      for (const number of ['ALL', 'REGION', 'MINE', 'OTHERS']) {
        const id = await at.id(number)
        const allowed = invoices.includes(number) ? 200 : 404
        for (const path of [`invoices/${id}`, `invoices/${id}/comments`, `invoices/${id}/timeline`])
          expect((await call(t, `GET /api/receivables/${path}` as Target, { as: who })).status, path).toBe(
            allowed,
          )
      }
      for (const [code, id] of Object.entries(customers)) {
        const answer = await call(t, `GET /api/receivables/customers/${id}` as Target, { as: who })
        expect(answer.status).toBe(code in owing ? 200 : 404)
        if (code in owing) expect(answer.body.currencies[0].open_amount).toBe(owing[code])
      }
    }
    for (const path of [
      'invoices',
      'invoices/export',
      'customers',
      'assignees',
      `invoices/${await at.id('ALL')}`,
    ])
      expect((await call(t, `GET /api/receivables/${path}` as Target, { as: pharmacy })).status).toBe(403)
    // A collector works invoices and assigns none; a manager assigns those of the region.
    const assign = (as: Person, id: number) =>
      call(t, `PUT /api/receivables/invoices/${id}/assignment`, { as, json: { assigned_to: collector.id } })
    expect((await assign(collector, await at.id('MINE'))).status).toBe(403)
    expect((await assign(manager, await at.id('REGION'))).status).toBe(200)
    expect((await assign(manager, await at.id('ALL'))).status).toBe(404)
  })
  test('who may assign but sees only their own gives an invoice away for good', async () => {
    const at = await office(['C1', 'A1', '2026-05-31', '100.00'])
    await rows(
      at.org,
      sql`insert into roles (tenant_id, code, name, family, description, permissions, row_access)
          values (${at.org.id}, 'lead', 'Lead', 'ours', '', '{receivables.read,receivables.assign}', 'assigned')`,
    )
    const lead = await person(t, { in: at.org, roles: ['lead'] })
    const path = `PUT /api/receivables/invoices/${await at.id('A1')}/assignment` as const
    await call(t, path, { as: at.operations, json: { assigned_to: lead.id } })
    expect((await call(t, path, { as: lead, json: { assigned_to: at.operations.id } })).status).toBe(200)
    expect((await get(lead, 'invoices')).total).toBe(0)
  })
})

test('the nightly check tells open amounts that the ledger does not bear out', async () => {
  const { org, id } = await office(['C1', 'A1', '2026-05-31', '100.00'], ['C1', 'A2', '2026-05-31', '5.00'])
  const told: unknown[] = []
  const log = { error: (what: unknown) => told.push(what) }
  const check = () => receivablesJobs.tasks.receivables_check!(t.deps, {}, log as never)
  await check()
  expect(told).toEqual([])
  await rows(
    org,
    sql`update invoices set open_amount = open_amount + 1 where tenant_id = ${org.id} and number = 'A2'`,
  )
  await check()
  expect(told).toEqual([{ tenant_id: org.id, invoice_ids: [await id('A2')] }])
  expect(await events(org, 'invoice.misstated')).toMatchObject([{ data: { invoice_ids: [await id('A2')] } }])
})
