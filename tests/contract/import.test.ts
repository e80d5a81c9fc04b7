import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { asSystem } from '../../server/core/scope.ts'
import { receivablesTarget } from '../../server/modules/receivables/import/target.ts'
import { type TestApp, testApp } from '../app.ts'
import { call } from '../call.ts'
import { type Organisation, organisation, type Person, person } from '../given.ts'

// POST /api/import-ar-data of the AR Tracker, what it leaves in the books, and what the ageing and the list say of it.

let t: TestApp
const dataDir = mkdtempSync(join(tmpdir(), 'import-'))
beforeAll(async () => {
  t = await testApp({ dataDir })
})
afterAll(async () => {
  await t.close()
  rmSync(dataDir, { recursive: true })
})

type Office = { org: Organisation; operations: Person }
async function office(input: { currency?: string; timezone?: string } = {}): Promise<Office> {
  const org = await organisation(t, input)
  return { org, operations: await person(t, { in: org, roles: ['Operations'] }) }
}

const nine =
  'operating_unit,customer_name,customer_id,invoice_number,invoice_date,due_date,invoice_amount,currency,payment_status'
/** A file in the nine columns; a row says what differs from an ordinary overdue invoice. */
type Line = Partial<{
  unit: string
  name: string
  customer: string
  number: string
  invoiced: string
  due: string
  amount: string
  currency: string
  status: string
}>
const line = ({
  unit = 'North',
  customer = 'C1',
  name = `Customer ${customer}`,
  number = 'A1',
  invoiced = '2026-05-01',
  due = '2026-05-31',
  amount = '100.00',
  currency = 'USD',
  status = 'Overdue',
}: Line) => [unit, name, customer, number, invoiced, due, amount, currency, status].join(',')
const file = (...lines: Line[]) => `${nine}\n${lines.map(line).join('\n')}\n`

async function upload(
  by: Person,
  content: string | Buffer,
  fields: Record<string, string> = {},
  name = 'ar.csv',
) {
  const form = new FormData()
  for (const [key, value] of Object.entries(fields)) form.set(key, value)
  form.set('file', new Blob([content as never]), name)
  return post(by, form)
}
async function post(by: Person | null, form: FormData) {
  const encoded = new Response(form)
  const raw = await t.app.inject({
    method: 'POST',
    url: '/api/import-ar-data',
    headers: { ...by?.headers, 'content-type': encoded.headers.get('content-type')! },
    payload: Buffer.from(await encoded.arrayBuffer()),
  })
  return { status: raw.statusCode, body: raw.json() }
}
const ageing = async (by: Person, query = '') =>
  (await call(t, `GET /api/receivables/ageing${query}`, { as: by })).body
const invoices = async (by: Person, query = '') =>
  (await call(t, `GET /api/receivables/invoices${query}`, { as: by })).body
/** Bucket -> amount, without those that are empty. */
const amounts = (part: { buckets: { bucket: string; amount: number }[] }) =>
  Object.fromEntries(
    part.buckets.filter(({ amount }) => amount !== 0).map(({ bucket, amount }) => [bucket, amount]),
  )
const rows = <R>({ org }: Office, query: ReturnType<typeof sql<R>>) =>
  asSystem(t.database, 'test', async (system) => (await query.execute((await system.enter(org.id)).db)).rows)
/** Every open amount is the sum of its entries. */
const ledgerHolds = async (at: Office) =>
  expect(
    await rows(
      at,
      sql`select i.id from invoices i left join invoice_entries e on e.tenant_id = i.tenant_id and e.invoice_id = i.id
           where i.tenant_id = ${at.org.id} group by i.id, i.open_amount having i.open_amount <> coalesce(sum(e.amount), 0)`,
    ),
  ).toEqual([])

describe('the documented answer', () => {
  test('of a file in the nine columns', async () => {
    const { operations } = await office()
    const content = file(
      { number: 'A1' },
      { number: 'A2', status: 'Paid' },
      { number: 'A3', amount: 'abc' },
      { number: 'A4', status: 'Strange' },
    )
    const { status, body } = await upload(operations, content, { as_of: '2026-06-30' })
    expect(status).toBe(200)
    expect(body).toEqual({
      message: 'Imported 2 rows as of 2026-06-30: 2 new, 0 changed, 0 unchanged, 2 rejected.',
      processed_count: 2,
      error_count: 2,
      errors: [
        { invoice_number: 'A3', error: 'Row 4: invoice_amount "abc" Not an amount.' },
        { invoice_number: 'A4', error: expect.stringContaining('Row 5: payment_status "Strange"') },
      ],
      import_id: expect.any(Number),
      status: 'published',
      as_of: '2026-06-30',
      rows: 4,
      new: 2,
      changed: 0,
      unchanged: 0,
      older: 0,
      repeated: 0,
      missing: 0,
      rejected: 2,
      totals: [{ currency: 'USD', amount: 200, open_amount: 100 }],
      warnings: [],
      rejects: [
        { row: 4, column: 'invoice_amount', value: 'abc', reason: 'Not an amount.' },
        { row: 5, column: 'payment_status', value: 'Strange', reason: expect.any(String) },
      ],
    })
  })
  test('whatever the case and spaces of the header, and with columns of your own', async () => {
    const { operations } = await office()
    const header = nine.split(',').map((name) => name.replaceAll('_', ' ').toUpperCase())
    const { body } = await upload(operations, `extra,${header.join(', ')}\nx,${line({})}\n`)
    expect(body).toMatchObject({ processed_count: 1, error_count: 0 })
  })
  test('today is the day, in the time zone of the organisation', async () => {
    const { operations } = await office({ timezone: 'Pacific/Kiritimati' })
    const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'Pacific/Kiritimati' }).format(t.clock.now())
    expect((await upload(operations, file({}))).body.as_of).toBe(today)
  })
  test('a file of which nothing can be taken leaves nothing, and may come again', async () => {
    const at = await office()
    const bad = file({ amount: 'x' })
    expect((await upload(at.operations, bad)).body).toMatchObject({
      processed_count: 0,
      error_count: 1,
      status: 'refused',
      rows: 1,
    })
    expect((await upload(at.operations, bad)).body).toMatchObject({ processed_count: 0, status: 'refused' })
    expect((await upload(at.operations, `${nine}\n`)).body).toMatchObject({ processed_count: 0, rows: 0 })
    expect((await invoices(at.operations)).total).toBe(0)
  })
})

describe('refusals', () => {
  let at: Office
  beforeAll(async () => {
    at = await office()
  })
  test.each([
    ['ar.xls', /\.xls workbooks are not read/],
    ['ar.txt', /A spreadsheet is needed, not \.txt/],
    ['ar', /A spreadsheet is needed/],
  ])('400 for %s', async (name, detail) => {
    const { status, body } = await upload(at.operations, file({}), {}, name)
    expect(status).toBe(400)
    expect(body).toMatchObject({ code: 'wrong_extension', detail: expect.stringMatching(detail) })
  })
  test('400 for columns that are missing, named', async () => {
    const { status, body } = await upload(
      at.operations,
      'invoice_number,customer_id,due_date\nA1,C1,2026-01-01\n',
    )
    expect(status).toBe(400)
    expect(body.detail).toEqual({
      message: expect.any(String),
      errors: [
        'operating_unit',
        'customer_name',
        'invoice_date',
        'invoice_amount',
        'currency',
        'payment_status',
      ].map((name) => `Missing column: ${name}`),
    })
  })
  test('400 without a file, with an empty one, and with one that is no text', async () => {
    expect((await post(at.operations, new FormData())).status).toBe(400)
    const named = new FormData()
    named.set('document', new Blob(['x']), 'ar.csv')
    expect(await post(at.operations, named)).toMatchObject({ status: 400, body: { code: 'file_missing' } })
    expect(await upload(at.operations, '')).toMatchObject({ status: 400, body: { code: 'file_empty' } })
    expect(await upload(at.operations, Buffer.from('PK\u0003\u0004zip'))).toMatchObject({
      status: 400,
      body: { code: 'file_unreadable' },
    })
    for (const content of [file({ name: 'a\u0000b' }), file({}).replace('unit', 'un\u0000it')])
      expect(await upload(at.operations, Buffer.from(`\ufeff${content}`, 'utf16le'))).toMatchObject({
        status: 400,
        body: { code: 'file_unreadable', detail: expect.stringContaining('NUL') },
      })
    expect(await upload(at.operations, `${nine}\n"never closed`)).toMatchObject({
      status: 400,
      body: { code: 'file_unreadable' },
    })
  })
  test('413 for a file beyond IMPORT_MAX_SIZE', async () => {
    const small = await testApp({ dataDir, importMaxSize: 1000 })
    const by = await person(small, { in: await organisation(small), roles: ['Operations'] })
    const form = new FormData()
    form.set('file', new Blob([file({}) + 'x'.repeat(2000)]), 'ar.csv')
    const encoded = new Response(form)
    const { statusCode } = await small.app.inject({
      method: 'POST',
      url: '/api/import-ar-data',
      headers: { ...by.headers, 'content-type': encoded.headers.get('content-type')! },
      payload: Buffer.from(await encoded.arrayBuffer()),
    })
    expect(statusCode).toBe(413)
    await small.close()
  })
  test.each([
    [{ as_of: 'soon' }, 'as_of'],
    [{ as_of: '2999-01-01' }, 'as_of'],
    [{ as_of: '0001-01-01' }, 'as_of'],
    [{ mapping: '{' }, 'mapping'],
    [{ mapping: '{"colour":"x"}' }, 'mapping'],
    [{ date_order: 'myd' }, 'date_order'],
  ])('422 for %j', async (fields, path) => {
    const { status, body } = await upload(at.operations, file({}), fields)
    expect(status).toBe(422)
    expect(body.errors).toEqual([expect.objectContaining({ path })])
  })
  test('401 and 403 for those who may not', async () => {
    expect((await post(null, new FormData())).status).toBe(401)
    for (const role of ['Biller', 'Collector']) {
      expect((await upload(await person(t, { in: at.org, roles: [role] }), file({}))).status).toBe(403)
    }
    expect((await upload(await person(t, { in: at.org, roles: ['Director'] }), file({}))).status).toBe(200)
  })
})

describe('rows', () => {
  test('every row is accounted for: totals, notes, repetitions and contradictions', async () => {
    const at = await office()
    const content = [
      'Open items of Acme',
      '',
      nine,
      line({ number: 'A1' }),
      line({ number: 'A1' }),
      line({ number: 'A2', amount: '5.00' }),
      line({ number: 'A2', amount: '6.00' }),
      line({ number: '00A3' }),
      line({ number: 'A3' }),
      '',
      ',,,,,,300.00,,',
      'Grand total,,,,,,300.00,,',
      `${line({ number: 'A4' })},surplus`,
      line({ number: 'A5', name: 'bad \u0007 bell' }),
    ].join('\n')
    const { body } = await upload(at.operations, content, { as_of: '2026-06-30' })
    expect(body).toMatchObject({ rows: 9, new: 2, unchanged: 2, rejected: 5, processed_count: 4 })
    expect(body).toMatchObject({ older: 0, repeated: 2 })
    expect(body.rows).toBe(body.new + body.changed + body.unchanged + body.rejected)
    expect(body.rejects).toEqual([
      expect.objectContaining({ row: 6, value: 'A2', reason: expect.stringContaining('rows 6, 7') }),
      expect.objectContaining({ row: 7 }),
      expect.objectContaining({
        row: 11,
        column: 'invoice_number',
        reason: expect.stringContaining('missing'),
      }),
      expect.objectContaining({ row: 11, column: 'customer_id' }),
      expect.objectContaining({ row: 11, column: 'payment_status' }),
      expect.objectContaining({ row: 13, reason: expect.stringContaining('10 cells and the header 9') }),
      expect.objectContaining({ row: 14, reason: expect.stringContaining('U+0007') }),
    ])
    expect(body.warnings).toEqual([
      "The file's own total of invoice_amount in row 12 is 300.00 USD, its rows that were taken add up to 200.00: 100.00 less.",
      'Left out as totals: row 12.',
      'Said before by another row, and counted once: 2 rows.',
    ])
    const kept = (await call(t, `GET /api/imports/${body.import_id}`, { as: at.operations })).body
    expect(kept).toMatchObject({
      rows: 9,
      repeated: 2,
      rejected: 5,
      rejects: body.rejects,
      mapping: { amount: 'invoice_amount' },
    })
  })
  test('a file whose rows do not add up is not imported', async () => {
    const at = await office()
    const { plan } = receivablesTarget.books
    const wrong = vi
      .spyOn(receivablesTarget.books, 'plan')
      .mockImplementation(async (...given) => ({ ...(await plan(...given)), unchanged: 1 }))
    expect((await upload(at.operations, file({}))).status).toBe(500)
    wrong.mockRestore()
    expect((await invoices(at.operations)).total).toBe(0)
    expect((await upload(at.operations, file({}))).body).toMatchObject({ rows: 1, new: 1, unchanged: 0 })
  })
  test('of another country: semicolons, decimal commas, Windows-1252, days first, a mapping', async () => {
    const at = await office({ currency: 'EUR' })
    const content = Buffer.from(
      'Beleg;Kunde;Datum;Fällig;Betrag;Offen\nR-1;Müller;03.04.2026;25.04.2026;1.234,50;1.000,00\nR-2;Müller;04.04.2026;04.05.2026;99,00;99,00\n',
      'latin1',
    )
    const mapping = JSON.stringify({
      invoice_number: 'Beleg',
      customer_name: 'Kunde',
      invoice_date: 'Datum',
      due_date: 'Fällig',
      amount: 'Betrag',
      open_amount: 'Offen',
    })
    const { body } = await upload(at.operations, content, { mapping, as_of: '2026-05-04' })
    expect(body).toMatchObject({ new: 2, totals: [{ currency: 'EUR', amount: 1333.5, open_amount: 1099 }] })
    const { items } = await invoices(at.operations, '?sort=invoice_number')
    expect(items[0]).toMatchObject({
      customer_name: 'Müller',
      invoice_date: '2026-04-03',
      due_date: '2026-04-25',
      amount: 1234.5,
      open_amount: 1000,
      status: 'partial',
    })
    await ledgerHolds(at)
  })
})

describe('what a file leaves open is asked', () => {
  const ambiguous = file({ invoiced: '01/02/2026', due: '03/04/2026' })
  test('nothing is published; the answer publishes the kept import', async () => {
    const at = await office()
    const asked = await upload(at.operations, ambiguous, { as_of: '2026-06-30' })
    expect(asked.status).toBe(422)
    expect(asked.body).toMatchObject({
      code: 'undecided',
      import_id: expect.any(Number),
      questions: [
        {
          id: 'date_order',
          column: 'invoice_date',
          options: [{ value: 'dmy' }, { value: 'mdy' }],
          examples: [{ row: 2, means: { dmy: '2026-02-01', mdy: '2026-01-02' } }],
        },
        { id: 'date_order', column: 'due_date' },
      ],
    })
    const listed = (await call(t, 'GET /api/imports', { as: at.operations })).body
    expect(listed.items).toEqual([expect.objectContaining({ id: asked.body.import_id, status: 'asking' })])
    expect((await invoices(at.operations)).total).toBe(0)
    const answered = await upload(at.operations, ambiguous, { as_of: '2026-06-30', date_order: 'mdy' })
    expect(answered.body).toMatchObject({ status: 'published', import_id: asked.body.import_id, new: 1 })
    expect((await invoices(at.operations)).items[0]).toMatchObject({
      invoice_date: '2026-01-02',
      due_date: '2026-03-04',
    })
  })
  test('also when only the end of a long file contradicts its beginning', async () => {
    const at = await office()
    const many = Array.from({ length: 6_000 }, (_, n) => ({
      number: `A${n}`,
      invoiced: '15/01/2026',
      due: '16/01/2026',
    }))
    const end = { number: 'Z', invoiced: '15/01/2026', due: '01/16/2026' }
    // One slip among thousands is a bad row; a hundred are a second order.
    expect((await upload(at.operations, file(...many, end))).body).toMatchObject({
      rows: 6001,
      new: 6000,
      rejected: 1,
    })
    const other = await office()
    const hundred = Array.from({ length: 100 }, (_, n) => ({ ...end, number: `Z${n}` }))
    expect(await upload(other.operations, file(...many, ...hundred))).toMatchObject({
      status: 422,
      body: { code: 'undecided' },
    })
    expect((await invoices(other.operations)).total).toBe(0)
  })
  test('what only the end of a long file proves holds for its beginning', async () => {
    const at = await office()
    const many = Array.from({ length: 6_000 }, (_, n) => ({
      number: `A${n}`,
      invoiced: '01/01/2026',
      due: '02/02/2026',
    }))
    const { body } = await upload(
      at.operations,
      file(...many, { number: 'Z', invoiced: '01/01/2026', due: '03/15/2026' }),
    )
    expect(body).toMatchObject({ rows: 6001, new: 6001, rejected: 0 })
    expect((await invoices(at.operations, '?search=Z')).items[0]).toMatchObject({ due_date: '2026-03-15' })
  })
})

describe('again', () => {
  test('the same file for the same day is the same import; for the next day all of it is unchanged', async () => {
    const at = await office()
    const content = file({ number: '0001' }, { number: '2.0', customer: '007' })
    const first = (await upload(at.operations, content, { as_of: '2026-06-01' })).body
    const again = (await upload(at.operations, content, { as_of: '2026-06-01' })).body
    expect(again).toMatchObject({
      import_id: first.import_id,
      processed_count: 2,
      new: 0,
      changed: 0,
      unchanged: 2,
    })
    // Codes in another dress are the same codes.
    const dressed = file(
      { number: '1.0', customer: 'c1', name: 'Customer C1' },
      { number: '002', customer: '7', name: 'Customer 007' },
    )
    expect((await upload(at.operations, dressed, { as_of: '2026-06-02' })).body).toMatchObject({
      new: 0,
      changed: 0,
      unchanged: 2,
    })
    expect((await invoices(at.operations)).total).toBe(2)
    expect(
      await rows(at, sql`select count(*)::int as n from invoice_entries where tenant_id = ${at.org.id}`),
    ).toEqual([{ n: 2 }])
    expect(
      await rows(
        at,
        sql`select kind from events where tenant_id = ${at.org.id} and subject in ('import', 'invoice') order by id`,
      ),
    ).toEqual([{ kind: 'import.published' }, { kind: 'import.published' }])
  })
  test('the same file with another mapping is refused: it was read otherwise', async () => {
    const { operations } = await office()
    const content = 'n,c,a,b\nA1,C1,5,6\n'
    const mapping = (amount: string) => JSON.stringify({ invoice_number: 'n', customer_code: 'c', amount })
    expect((await upload(operations, content, { mapping: mapping('a') })).status).toBe(200)
    expect((await upload(operations, content, { mapping: mapping('b') })).body).toMatchObject({
      status: 409,
      code: 'imported_otherwise',
    })
    expect((await upload(operations, content, { mapping: mapping('a') })).body).toMatchObject({
      unchanged: 1,
    })
  })
  test('twenty uploads at once are one import', async () => {
    const at = await office()
    const content = file(
      ...Array.from({ length: 300 }, (_, n) => ({ number: `A${n}`, customer: `C${n % 7}` })),
    )
    const answers = await Promise.all(Array.from({ length: 20 }, () => upload(at.operations, content)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(new Set(answers.map(({ body }) => body.import_id)).size).toBe(1)
    expect(answers.filter(({ body }) => body.new === 300)).toHaveLength(1)
    expect((await invoices(at.operations)).total).toBe(300)
    expect((await call(t, 'GET /api/imports', { as: at.operations })).body.total).toBe(1)
    await ledgerHolds(at)
  })
  test('a dry run answers the same and writes nothing', async () => {
    const at = await office()
    const content = file({ number: 'A1' }, { number: 'A2', amount: 'x' })
    const dry = (await upload(at.operations, content, { dry_run: 'true' })).body
    expect(dry).toMatchObject({ import_id: null, status: 'checked', new: 1, rejected: 1 })
    expect((await invoices(at.operations)).total).toBe(0)
    expect((await call(t, 'GET /api/imports', { as: at.operations })).body.total).toBe(0)
    const real = (await upload(at.operations, content)).body
    expect({ ...real, import_id: null, status: 'checked' }).toEqual(dry)
  })
})

describe('the next snapshot', () => {
  test('what changed is a dated entry; the days before stay as they were', async () => {
    const at = await office()
    const columns = 'number,customer,date,due,amount,open,settled'
    const mapping = JSON.stringify({
      invoice_number: 'number',
      customer_code: 'customer',
      invoice_date: 'date',
      due_date: 'due',
      amount: 'amount',
      open_amount: 'open',
      settled_on: 'settled',
    })
    const june = `${columns}\nA1,C1,2026-05-01,2026-05-31,100,100,\nA2,C1,2026-05-10,2026-06-09,50,50,\nA3,C1,2026-06-01,2026-07-01,30,30,\n`
    const july = `${columns}\nA1,C1,2026-05-01,2026-05-31,100,40,\nA2,C1,2026-05-10,2026-06-09,50,0,2026-06-20\nA3,C1,2026-06-01,2026-07-15,35,35,\n`
    await upload(at.operations, june, { mapping, as_of: '2026-06-10' })
    const { body } = await upload(at.operations, july, { mapping, as_of: '2026-07-10' })
    expect(body).toMatchObject({ new: 0, changed: 3, unchanged: 0 })
    expect(
      await rows(
        at,
        sql`select i.number, e.kind, e.amount, e.effective_on, e.effective_after from invoice_entries e
              join invoices i on i.tenant_id = e.tenant_id and i.id = e.invoice_id
             where e.tenant_id = ${at.org.id} and e.import_id = ${body.import_id} order by i.number`,
      ),
    ).toEqual([
      {
        number: 'A1',
        kind: 'payment',
        amount: -6000,
        effective_on: '2026-07-10',
        effective_after: '2026-06-10',
      },
      { number: 'A2', kind: 'payment', amount: -5000, effective_on: '2026-06-20', effective_after: null },
      { number: 'A3', kind: 'correction', amount: 500, effective_on: '2026-07-10', effective_after: null },
    ])
    expect((await ageing(at.operations, '?as_of=2026-06-10')).totals).toMatchObject({ total: 180 })
    expect((await ageing(at.operations, '?as_of=2026-06-19')).totals).toMatchObject({ total: 180 })
    expect((await ageing(at.operations, '?as_of=2026-06-20')).totals).toMatchObject({ total: 130 })
    expect((await ageing(at.operations, '?as_of=2026-07-10')).totals).toMatchObject({ total: 75 })
    expect(
      await rows(
        at,
        sql`select e.data from events e join invoices i on i.tenant_id = e.tenant_id and i.id = e.subject_id
             where e.tenant_id = ${at.org.id} and e.kind = 'invoice.changed' and i.number = 'A1'`,
      ),
    ).toEqual([{ data: { open_amount: [10000, 4000] } }])
    await ledgerHolds(at)
  })
  test('a day of invoice or payment that is restated moves its entry', async () => {
    const at = await office()
    const mapping = JSON.stringify({
      invoice_number: 'n',
      customer_code: 'c',
      invoice_date: 'd',
      amount: 'a',
      settled_on: 's',
    })
    await upload(at.operations, 'n,c,d,a,s\nA1,C1,,100,\nA2,C1,2026-01-01,50,2026-02-01\n', {
      mapping,
      as_of: '2026-03-01',
    })
    expect((await ageing(at.operations, '?as_of=2026-02-28')).totals.total).toBe(0)
    await upload(at.operations, 'n,c,d,a,s\nA1,C1,2026-02-01,100,\nA2,C1,2026-01-01,50,2026-02-15\n', {
      mapping,
      as_of: '2026-04-01',
    })
    expect((await ageing(at.operations, '?as_of=2026-02-14')).totals.total).toBe(150)
    expect((await ageing(at.operations, '?as_of=2026-02-15')).totals.total).toBe(100)
    expect((await ageing(at.operations, '?as_of=2026-01-15')).totals.total).toBe(50)
    // An invoice that is dated later than its payment was is paid on its own day.
    await upload(at.operations, 'n,c,d,a,s\nA2,C1,2026-02-20,50,2026-02-15\n', {
      mapping,
      as_of: '2026-05-01',
    })
    expect((await ageing(at.operations, '?as_of=2026-02-19')).totals).toMatchObject({
      total: 100,
      unapplied: 0,
    })
    expect((await ageing(at.operations, '?as_of=2026-02-20')).totals).toMatchObject({
      total: 100,
      unapplied: 0,
    })
    await ledgerHolds(at)
  })
  test('what a file says is open is told as of its day, also when it knows what came later', async () => {
    const at = await office()
    const mapping = JSON.stringify({
      invoice_number: 'n',
      customer_code: 'c',
      invoice_date: 'd',
      amount: 'a',
      settled_on: 's',
    })
    const history =
      'n,c,d,a,s\nA1,C1,2026-01-10,100,2026-02-10\nA2,C1,2026-01-20,50,2026-04-01\nA3,C1,2026-03-20,30,2026-04-02\n'
    const { body } = await upload(at.operations, history, { mapping, as_of: '2026-02-28' })
    expect(body.totals).toEqual([{ currency: 'USD', amount: 180, open_amount: 50 }])
    expect((await ageing(at.operations, '?as_of=2026-02-28')).totals.total).toBe(50)
  })
  test('what it covers and does not name is missing, listed, and stays open when it is to', async () => {
    const at = await office()
    await upload(
      at.operations,
      file(
        { number: 'A1' },
        { number: 'A2' },
        { number: 'A3' },
        { number: 'A4', unit: 'South' },
        { number: 'A5', currency: 'EUR' },
      ),
      { as_of: '2026-06-01' },
    )
    const { body } = await upload(at.operations, file({ number: 'A1' }, { number: 'A3', amount: 'x' }), {
      as_of: '2026-07-01',
      missing: 'keep',
    })
    expect(body).toMatchObject({ unchanged: 1, rejected: 1, missing: 1 })
    expect(body.warnings).toEqual([
      'Covered by this file and not in it: 1 open invoice. What is missing stays open.',
    ])
    const kept = (await call(t, `GET /api/imports/${body.import_id}`, { as: at.operations })).body
    expect(kept).toMatchObject({
      missing_invoices: [{ invoice_number: 'A2', currency: 'USD', open_amount: 100 }],
      coverage: { currencies: ['USD'], operating_units: ['North'], regions: [] },
      missing_rule: 'keep',
    })
    expect((await ageing(at.operations, '?as_of=2026-07-01')).totals.total).toBe(400)
  })
  test('an older file does not undo what a later one said, and adds what nobody knew', async () => {
    for (const [kind, owed] of [
      ['changes', 180],
      // The later file names all that was open: what it does not name was settled by then.
      ['open_items', 80],
    ] as const) {
      const at = await office()
      const two = (amount: string) => file({ number: 'A1', amount }, { number: 'A2', amount })
      await upload(at.operations, file({ number: 'A1', amount: '80.00' }), { as_of: '2026-07-01', kind })
      const { body } = await upload(at.operations, two('100.00'), { as_of: '2026-06-01', kind })
      expect(body).toMatchObject({ new: 1, changed: 0, unchanged: 1, older: 1, repeated: 0 })
      expect(body.warnings).toContain('Left as the file of a later day says: 1 invoice.')
      expect((await ageing(at.operations, '?as_of=2026-06-01')).totals.total).toBe(200)
      expect((await ageing(at.operations, '?as_of=2026-07-01')).totals.total).toBe(owed)
      await ledgerHolds(at)
    }
  })
  test('a currency does not change under an invoice', async () => {
    const at = await office()
    await upload(at.operations, file({}), { as_of: '2026-06-01' })
    const { body } = await upload(at.operations, file({ currency: 'EUR' }, { number: 'A2' }), {
      as_of: '2026-06-02',
    })
    expect(body).toMatchObject({
      new: 1,
      rejected: 1,
      rejects: [{ row: 2, reason: 'This invoice is in the books in USD.' }],
    })
  })
  test('the balances of every snapshot are what its file said, whatever came after', async () => {
    const cents = fc.integer({ min: -5_000, max: 100_000 })
    const invoice = fc.record({ amount: cents, opens: fc.array(cents, { minLength: 3, maxLength: 3 }) })
    const mapping = JSON.stringify({
      invoice_number: 'n',
      customer_code: 'c',
      invoice_date: 'd',
      amount: 'a',
      open_amount: 'o',
    })
    const days = ['2026-03-31', '2026-04-30', '2026-05-31']
    await fc.assert(
      fc.asyncProperty(fc.array(invoice, { minLength: 1, maxLength: 12 }), async (all) => {
        const at = await office()
        for (const [when, as_of] of days.entries()) {
          const lines = all.map(
            ({ amount, opens }, n) =>
              `N${n},C${n % 3},2026-01-${10 + n},${amount / 100},${opens[when]! / 100}`,
          )
          expect(
            (await upload(at.operations, `n,c,d,a,o\n${lines.join('\n')}\n`, { mapping, as_of })).status,
          ).toBe(200)
        }
        for (const [when, as_of] of days.entries()) {
          const open = all.reduce((sum, { opens }) => sum + opens[when]!, 0)
          const { totals } = await ageing(at.operations, `?as_of=${as_of}`)
          expect(totals.total).toBe(open / 100)
          expect((await invoices(at.operations, `?as_of=${as_of}`)).totals[0].open_amount).toBe(open / 100)
        }
        await ledgerHolds(at)
      }),
      { numRuns: 4 },
    )
  })
})

describe('the ageing', () => {
  test('each day overdue has its bucket; credits stand apart; the undated are shown', async () => {
    const at = await office()
    const due = {
      'not due': '2026-07-01',
      today: '2026-06-30',
      1: '2026-06-29',
      30: '2026-05-31',
      31: '2026-05-30',
      120: '2026-03-02',
      121: '2026-03-01',
    }
    const lines = Object.entries(due).map(([number, due]) => ({
      number,
      due,
      invoiced: '2026-01-01',
      amount: '1.00',
    }))
    const content = file(
      ...lines,
      { number: 'credit', amount: '-0.25' },
      { number: 'undated', invoiced: '', due: '', amount: '10.00' },
      { number: 'eur', currency: 'EUR' },
    )
    await upload(at.operations, content, { as_of: '2026-06-30' })
    const report = await ageing(at.operations, '?as_of=2026-06-30')
    expect(report).toMatchObject({
      as_of: '2026-06-30',
      basis: 'due',
      currency: 'USD',
      currencies: ['EUR', 'USD'],
    })
    expect(amounts(report.totals)).toEqual({
      current: 2,
      '1-30': 2,
      '31-60': 1,
      '91-120': 1,
      'over-120': 1,
      undated: 10,
    })
    expect(report.totals).toMatchObject({ unapplied: -0.25, total: 16.75 })
    expect(
      report.totals.buckets.map(({ from_days, to_days }: Record<string, number>) => [from_days, to_days]),
    ).toEqual([
      [null, 0],
      [1, 30],
      [31, 60],
      [61, 90],
      [91, 120],
      [121, null],
      [null, null],
    ])
    expect(amounts((await ageing(at.operations, '?as_of=2026-06-30&basis=invoice')).totals)).toMatchObject({
      'over-120': 7,
    })
    expect((await ageing(at.operations, '?as_of=2026-06-30&currency=eur')).totals.total).toBe(100)
    for (const { bucket, count, amount } of report.totals.buckets) {
      const listed = await invoices(at.operations, `?as_of=2026-06-30&currency=USD&bucket=${bucket}`)
      expect([listed.total, listed.totals[0]?.open_amount ?? 0]).toEqual([count, amount])
    }
    expect(await invoices(at.operations, '?status=credit')).toMatchObject({
      total: 1,
      items: [{ open_amount: -0.25, bucket: null, days_overdue: null }],
    })
  })
  test('groups add up to the totals', async () => {
    const at = await office()
    await upload(
      at.operations,
      file(
        ...Array.from({ length: 40 }, (_, n) => ({
          number: `A${n}`,
          customer: `C${n % 6}`,
          amount: `${n}.10`,
          due: `2026-0${1 + (n % 6)}-15`,
        })),
      ),
      { as_of: '2026-06-30' },
    )
    for (const group of ['none', 'customer', 'region', 'collector', 'currency']) {
      const { groups, totals } = await ageing(at.operations, `?as_of=2026-06-30&group_by=${group}`)
      expect(groups).toHaveLength(group === 'customer' ? 6 : 1)
      const sum = (of: (part: typeof totals) => number) =>
        groups.reduce((all: number, each: typeof totals) => all + of(each), 0)
      expect(sum((part) => part.total)).toBeCloseTo(totals.total, 6)
      for (const at of totals.buckets.keys())
        expect(sum((part) => part.buckets[at].amount)).toBeCloseTo(totals.buckets[at].amount, 6)
    }
    expect((await ageing(at.operations, '?group_by=customer')).groups[0].label).toMatch(/^Customer C\d$/)
  })
  test('in a currency without decimals', async () => {
    const at = await office({ currency: 'JPY' })
    await upload(
      at.operations,
      file({ currency: 'JPY', amount: '1500' }, { number: 'A2', currency: 'JPY', amount: '1.5' }),
    )
    expect((await ageing(at.operations)).totals.total).toBe(1500)
  })
  test('sums beyond what a number holds exactly: no import brings them, and no past day fails on them', async () => {
    const at = await office()
    const amount = '1000000000000.00'
    const many = (letter: string, more: Line = {}) =>
      Array.from({ length: 60 }, (_, n) => ({ number: `${letter}${n}`, amount, ...more }))
    const june = { as_of: '2026-06-30' }
    expect((await upload(at.operations, file(...many('A')), june)).status).toBe(200)
    for (const content of [file(...many('B')), file(...many('C', { status: 'Paid' }), ...many('D'))]) {
      const { status, body } = await upload(at.operations, content, june)
      expect([status, body.code]).toEqual([422, 'book_too_large'])
      expect(body.detail).toContain('USD')
    }
    expect((await invoices(at.operations)).total).toBe(60)
    // Settled in July, while as much of June became known.
    for (const content of [file(...many('A', { status: 'Paid' })), file(...many('B'))])
      expect((await upload(at.operations, content, { as_of: '2026-07-31' })).status).toBe(200)
    expect((await ageing(at.operations)).totals.total).toBe(60e12)
    expect((await ageing(at.operations, '?as_of=2026-07-15')).totals.total).toBe(120e12)
    expect((await invoices(at.operations)).totals).toMatchObject([{ amount: 120e12, open_amount: 60e12 }])
  })
  test('an organisation without invoices owes nothing', async () => {
    const { operations } = await office()
    expect(await ageing(operations)).toMatchObject({ groups: [], currencies: [], totals: { total: 0 } })
  })
})

describe('files on disk', () => {
  const stored = ({ org }: Office) => {
    try {
      const found = readdirSync(join(dataDir, 'files', String(org.id)), {
        recursive: true,
        withFileTypes: true,
      })
      return found.filter((each) => each.isFile()).length
    } catch {
      return 0
    }
  }
  test('what is refused leaves none, what is published or asks leaves its own', async () => {
    const at = await office()
    const { operations } = at
    await upload(operations, 'no,columns\n1,2\n')
    await upload(operations, file({ amount: 'abc' }))
    await upload(operations, file({}), { as_of: 'soon' })
    await upload(operations, file({}), { dry_run: 'true' })
    await upload(operations, '')
    expect(stored(at)).toBe(0)
    await Promise.all(Array.from({ length: 5 }, () => upload(operations, file({}))))
    expect(stored(at)).toBe(1)
    await upload(operations, file({}), { as_of: 'soon' })
    expect(stored(at)).toBe(1)
    expect((await upload(operations, file({ due: '01/02/2026' }))).status).toBe(422)
    expect(stored(at)).toBe(2)
  })
  test('the same bytes refused in one organisation stay in another', async () => {
    const [at, other] = [await office(), await office()]
    await upload(at.operations, file({}))
    await upload(other.operations, file({}), { as_of: 'soon' })
    expect([stored(at), stored(other)]).toEqual([1, 0])
  })
})

test('the document says what the form holds', async () => {
  const { body } = await call(t, 'GET /openapi.json')
  const form = body.paths['/api/import-ar-data'].post.requestBody.content['multipart/form-data'].schema
  expect(form.properties.file).toMatchObject({ type: 'string', format: 'binary' })
  expect(Object.keys(form.properties)).toEqual(
    expect.arrayContaining(['as_of', 'mapping', 'dry_run', 'date_order', 'decimal']),
  )
})

describe('who sees what', () => {
  test('somebody who imports but sees a part of the book sees no import, and no currency but their own', async () => {
    const at = await office()
    await rows(at, sql`insert into regions (tenant_id, code, name) values (${at.org.id}, 'west', 'West')`)
    await rows(
      at,
      sql`insert into roles (tenant_id, code, name, family, permissions, row_access)
          select tenant_id, 'part', 'Part', family, array['receivables.import', 'receivables.read'], 'region'
            from roles where tenant_id = ${at.org.id} and code = 'regional_manager'`,
    )
    const [region] = await rows<{ id: number }>(
      at,
      sql`select id from regions where tenant_id = ${at.org.id}`,
    )
    const part = await person(t, { in: at.org, roles: ['part'], region_id: region!.id })
    const mapping = JSON.stringify({
      invoice_number: 'n',
      customer_code: 'c',
      amount: 'a',
      region: 'r',
      currency: 'u',
    })
    const content = 'n,c,a,r,u\nA1,C1,1,West,USD\nA2,C1,10,East,EUR\n'
    const { body } = await upload(at.operations, content, { mapping })
    for (const path of ['/api/imports', `/api/imports/${body.import_id}`] as const)
      expect((await call(t, `GET ${path}`, { as: part })).status).toBe(403)
    expect((await upload(part, content, { mapping })).status).toBe(403)
    expect((await ageing(part)).currencies).toEqual(['USD'])
    expect((await ageing(at.operations)).currencies).toEqual(['EUR', 'USD'])
    expect((await invoices(at.operations, '?region_id=&assigned_to=%20')).total).toBe(2)
    expect((await invoices(at.operations, '?region_id=0')).total).toBe(1)
  })
  test('collectors what is assigned to them, managers their region, other organisations nothing', async () => {
    const at = await office()
    await rows(at, sql`insert into regions (tenant_id, code, name) values (${at.org.id}, 'west', 'West')`)
    const [region] = await rows<{ id: number }>(
      at,
      sql`select id from regions where tenant_id = ${at.org.id}`,
    )
    const collector = await person(t, { in: at.org, roles: ['Collector'] })
    const manager = await person(t, { in: at.org, roles: ['regional_manager'], region_id: region!.id })
    const mapping = JSON.stringify({ invoice_number: 'n', customer_code: 'c', amount: 'a', region: 'r' })
    const { body } = await upload(at.operations, 'n,c,a,r\nA1,C1,1,West\nA2,C1,10,West\nA3,C1,100,East\n', {
      mapping,
    })
    expect(body.warnings).toEqual(['Not among your regions, and left without: "East".'])
    await rows(
      at,
      sql`update invoices set assigned_to = ${collector.id} where tenant_id = ${at.org.id} and number = 'A2'`,
    )
    for (const [who, total] of [
      [at.operations, 111],
      [manager, 11],
      [collector, 10],
    ] as const) {
      expect((await ageing(who)).totals.total).toBe(total)
      expect((await invoices(who)).totals).toMatchObject([{ open_amount: total }])
    }
    expect(
      (await ageing(at.operations, '?group_by=collector')).groups.map(
        ({ label }: { label: string }) => label,
      ),
    ).toContain('Nobody')
    expect((await call(t, `GET /api/imports/${body.import_id}`, { as: collector })).status).toBe(403)

    const other = await office()
    expect((await invoices(other.operations)).total).toBe(0)
    expect((await call(t, `GET /api/imports/${body.import_id}`, { as: other.operations })).status).toBe(404)
    // The same file is an import of its own in each organisation.
    expect(
      (await upload(other.operations, 'n,c,a,r\nA1,C1,1,West\nA2,C1,10,West\nA3,C1,100,East\n', { mapping }))
        .body,
    ).toMatchObject({ new: 3 })
  })
})

test('an import that is cut off leaves nothing, and runs when it comes again', async () => {
  const at = await office()
  const content = file(
    ...Array.from({ length: 20_000 }, (_, n) => ({ number: `A${n}`, customer: `C${n % 500}` })),
  )
  const admin = new pg.Client({ ...inject('testServer').admin })
  await admin.connect()
  try {
    for (const at_work of ['copy staged', 'with fresh as', 'insert into import_rows']) {
      let isOver = false
      const sent = upload(at.operations, content).finally(() => (isOver = true))
      for (let killed = 0; killed === 0; ) {
        expect(isOver, `over before it was seen at ${at_work}`).toBe(false)
        const { rowCount } = await admin.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and ltrim(query, E' \\n') like $2 and state = $3",
          [t.testDatabase.name, `${at_work}%`, 'active'],
        )
        killed = rowCount ?? 0
        if (!killed) await new Promise((resolve) => setTimeout(resolve, 2))
      }
      expect((await sent).status).toBe(503)
      expect((await invoices(at.operations)).total).toBe(0)
      expect((await call(t, 'GET /api/imports', { as: at.operations })).body.total).toBe(0)
    }
  } finally {
    await admin.end()
  }
  expect((await upload(at.operations, content)).body).toMatchObject({ new: 20_000 })
  await ledgerHolds(at)
}, 60_000)
