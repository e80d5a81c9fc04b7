import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { call, type Target } from '../call.ts'
import { account, drop, letIn, paper, pharmacy } from '../debtors.ts'
import { type Organisation, organisation, type Person, person } from '../given.ts'

// The endpoints of the debtors' document: what each answers, and each error that it lists.

let t: TestApp
let org: Organisation
let admin: Person
let writer: Person
let reader: Person
let stranger: Person
let shop: number
let other: number
const october = [
  account(
    '123456',
    'John Doe',
    { 0: 100.5, 1: 200, 2: 150, 3: 75, 4: 50, 5: 25, 6: 10 },
    { email: 'john@example.com', phone: '0821234567' },
  ),
  account('000777', 'Mary Nkosi', { 0: 40, 2: 60.25 }, { email: null, phone: '0831112222' }),
  account('100300', 'Sam Pillay', { 3: 500 }, { email: 'sam@example.com', phone: null }),
  account('100400', '=HYPERLINK', { 0: -20 }, { email: null, phone: null }),
  account('900001', 'MEDICAL AID CONTROL ACC', { 0: 90_000, 3: 1_000 }, { email: null, phone: null }),
]
beforeAll(async () => {
  t = await testApp()
  org = await organisation(t, { currency: 'ZAR', timezone: 'Africa/Johannesburg', country: 'ZA' })
  ;[admin, writer, reader, stranger] = [
    await person(t, { in: org }),
    await person(t, { in: org, roles: ['pharmacy_write'] }),
    await person(t, { in: org, roles: ['pharmacy_read'] }),
    await person(t, { in: org, roles: ['pharmacy_write'] }),
  ]
  shop = await pharmacy(t, admin)
  other = await pharmacy(t, admin, 'Station Road Pharmacy')
  await letIn(t, admin, writer, shop)
  await letIn(t, admin, reader, shop, false)
  await letIn(t, admin, stranger, other)
  const sent = await drop(t, writer, shop, await paper(october))
  expect(sent.status, JSON.stringify(sent.body)).toBe(200)
})
afterAll(() => t.close())

const at = (path: string, id = shop) => `/pharmacies/${id}/debtors${path}`
const list = (query: Record<string, string> = {}, as: Person = reader) =>
  call(t, `GET ${at('')}` as Target, { as, query })
const names = ({ body }: Awaited<ReturnType<typeof list>>) =>
  body.debtors.map((each: { name: string }) => each.name)

describe('upload', () => {
  test('answers the document’s keys; totals leave medical-aid accounts out, the debtors hold them', async () => {
    const mine = await pharmacy(t, admin, 'Upload Pharmacy')
    const { status, body } = await drop(t, admin, mine, await paper(october))
    expect(status).toBe(200)
    expect(body).toMatchObject({
      report_id: expect.any(Number),
      total_accounts: 4,
      total_outstanding: 1190.75,
      status: 'completed',
      report_date: '2026-10-31',
      disagreements: [],
      questions: [],
      changes: { previous_id: null, new: 4, settled: 0, moved: 0 },
    })
    expect(body.debtors).toHaveLength(5)
    expect(body.debtors.find((each: { acc_no: string }) => each.acc_no === '123456')).toEqual({
      id: expect.any(Number),
      pharmacy_id: mine,
      report_id: body.report_id,
      acc_no: '123456',
      name: 'John Doe',
      current: 100.5,
      d30: 200,
      d60: 150,
      d90: 75,
      d120: 50,
      d150: 25,
      d180: 10,
      balance: 610.5,
      email: 'john@example.com',
      phone: '0821234567',
      is_medical_aid_control: false,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    })
    expect(
      body.debtors.find((each: { acc_no: string }) => each.acc_no === '900001').is_medical_aid_control,
    ).toBe(true)
  })

  test('a CSV of the same is the same', async () => {
    const mine = await pharmacy(t, admin, 'CSV Pharmacy')
    const csv =
      'Account No,Name,Current,30 Days,60 Days,90 Days,120 Days,150 Days,180 Days,Balance,Email,Phone\n' +
      '123456,John Doe,100.50,200.00,150.00,75.00,50.00,25.00,10.00,610.50,john@example.com,0821234567\n' +
      '000777,Mary Nkosi,40.00,0.00,60.25,0.00,0.00,0.00,0.00,100.25,,0831112222\n'
    const { status, body } = await drop(t, admin, mine, csv, { name: 'debtors.csv' })
    expect([status, body.total_accounts, body.total_outstanding]).toEqual([200, 2, 710.75])
    expect(body.debtors[0]).toMatchObject({
      acc_no: '123456',
      balance: 610.5,
      email: 'john@example.com',
      phone: '0821234567',
    })
  })

  test('no file, an empty one, another kind of file: 400 {detail}, and nothing changes', async () => {
    const before = (await list()).body
    const none = await call(t, `POST ${at('/upload')}` as Target, { as: writer, json: {} })
    expect([none.status, none.body.detail]).toEqual([400, expect.stringMatching(/No file/)])
    for (const [file, name] of [
      ['', 'empty.pdf'],
      ['hello', 'report.pdf'],
      ['hello', 'picture.png'],
      ['%PDF-1.4\n%%EOF', 'broken.pdf'],
    ] as const) {
      const { status, body } = await drop(t, writer, shop, file, { name })
      expect([status, body.detail], name).toEqual([400, expect.any(String)])
    }
    expect((await list()).body).toEqual(before)
  })

  test('no account in it: 400, and the list stays', async () => {
    const before = (await list()).body
    const { status, body } = await drop(t, writer, shop, await paper([]))
    expect([status, body.detail]).toEqual([400, expect.any(String)])
    expect((await list()).body).toEqual(before)
    const failed = (await call(t, `GET ${at('/reports')}` as Target, { as: reader })).body[0]
    expect(failed).toMatchObject({ status: 'failed', is_current: false, error_message: body.detail })
  })

  test('without write access 403, of an unknown pharmacy 404, without a token 401', async () => {
    const pdf = await paper(october)
    expect((await drop(t, reader, shop, pdf)).status).toBe(403)
    expect((await drop(t, stranger, shop, pdf)).status).toBe(403)
    const unknown = await drop(t, writer, 999_999, pdf)
    expect([unknown.status, unknown.body.detail]).toEqual([404, 'Pharmacy not found.'])
    expect((await drop(t, { headers: {} }, shop, pdf)).status).toBe(401)
  })
})

describe('the list', () => {
  test('orders by balance, leaves medical-aid accounts out, and counts', async () => {
    const { status, body } = await list()
    expect(status).toBe(200)
    expect(body).toMatchObject({ total: 4, page: 1, per_page: 100, pages: 1 })
    expect(body.debtors.map((each: { balance: number }) => each.balance)).toEqual([610.5, 500, 100.25, -20])
    expect(Object.keys(body).sort()).toEqual(['debtors', 'page', 'pages', 'per_page', 'total'])
  })

  test.each([
    ['arrears of sixty days and older above', { min_balance: '310' }, ['Sam Pillay']],
    ['exactly the arrears is not above', { min_balance: '500' }, []],
    ['any of the buckets', { ageing_buckets: 'd60,d120' }, ['John Doe', 'Mary Nkosi']],
    ['current too', { ageing_buckets: 'current' }, ['John Doe', 'Mary Nkosi']],
    [
      'buckets it does not know ask for nothing',
      { ageing_buckets: 'd200' },
      ['John Doe', 'Sam Pillay', 'Mary Nkosi', '=HYPERLINK'],
    ],
    [
      'all seven ask for nothing',
      { ageing_buckets: 'current,d30,d60,d90,d120,d150,d180' },
      ['John Doe', 'Sam Pillay', 'Mary Nkosi', '=HYPERLINK'],
    ],
    ['with e-mail', { has_email: 'true' }, ['John Doe', 'Sam Pillay']],
    ['without e-mail', { has_email: 'false' }, ['Mary Nkosi', '=HYPERLINK']],
    ['with phone', { has_phone: 'true' }, ['John Doe', 'Mary Nkosi']],
    ['without phone', { has_phone: 'false' }, ['Sam Pillay', '=HYPERLINK']],
    ['search in names', { search: 'PILL' }, ['Sam Pillay']],
    ['search in account numbers', { search: '0007' }, ['Mary Nkosi']],
    ['search in e-mails', { search: 'john@' }, ['John Doe']],
    ['search in phones', { search: '083111' }, ['Mary Nkosi']],
    ['search takes signs as they are', { search: '%' }, []],
    [
      'medical aid included',
      { exclude_medical_aid: 'false', min_balance: '900' },
      ['MEDICAL AID CONTROL ACC'],
    ],
    [
      'sorted by name',
      { sort_by: 'name', sort_order: 'desc' },
      ['Sam Pillay', 'Mary Nkosi', 'John Doe', '=HYPERLINK'],
    ],
    [
      'sorted by a bucket',
      { sort_by: 'd60', sort_order: 'desc' },
      ['John Doe', 'Mary Nkosi', 'Sam Pillay', '=HYPERLINK'],
    ],
    [
      'sorted by account',
      { sort_by: 'acc_no', sort_order: 'asc' },
      ['Mary Nkosi', 'Sam Pillay', '=HYPERLINK', 'John Doe'],
    ],
    [
      'blank filters ask for nothing',
      { search: '', min_balance: '', has_email: '' },
      ['John Doe', 'Sam Pillay', 'Mary Nkosi', '=HYPERLINK'],
    ],
  ])('%s', async (_what, query, expected) => {
    const answer = await list(query as Record<string, string>)
    expect([answer.status, names(answer)]).toEqual([200, expected])
    expect(answer.body.total).toBe(expected.length)
  })

  test('comes in pages', async () => {
    const second = await list({ per_page: '3', page: '2' })
    expect(second.body).toMatchObject({ total: 4, page: 2, per_page: 3, pages: 2 })
    expect(names(second)).toEqual(['=HYPERLINK'])
    for (const query of [{ page: '0' }, { per_page: '0' }, { per_page: '1001' }, { min_balance: 'x' }])
      expect((await list(query as never)).status).toBe(422)
  })

  test('403 for who may not read it, 404 for an unknown one and for another organisation’s', async () => {
    expect((await list({}, stranger)).status).toBe(403)
    expect((await call(t, `GET ${at('', 999_999)}` as Target, { as: reader })).status).toBe(404)
    const elsewhere = await person(t, { in: await organisation(t) })
    const foreign = await list({}, elsewhere)
    expect([foreign.status, foreign.body.detail]).toEqual([404, 'Pharmacy not found.'])
  })

  test('is answered under /api too, as older pages ask', async () => {
    const { status, body } = await call(t, `GET /api${at('')}` as Target, { as: reader })
    expect([status, body]).toEqual([200, (await list()).body])
  })
})

describe('statistics', () => {
  test('sum by age without medical-aid accounts', async () => {
    const { status, body } = await call(t, `GET ${at('/statistics')}` as Target, { as: reader })
    expect([status, body]).toEqual([
      200,
      {
        total_accounts: 4,
        total_outstanding: 1190.75,
        current: 120.5,
        d30: 200,
        d60: 210.25,
        d90: 575,
        d120: 50,
        d150: 25,
        d180: 10,
      },
    ])
  })
  test('and over what filters find, medical aid included where asked', async () => {
    const of = async (query: Record<string, string>) =>
      (await call(t, `GET ${at('/statistics')}` as Target, { as: reader, query })).body
    expect(await of({ has_email: 'true' })).toMatchObject({
      total_accounts: 2,
      total_outstanding: 1110.5,
      d90: 575,
    })
    expect(await of({ exclude_medical_aid: 'false' })).toMatchObject({
      total_accounts: 5,
      total_outstanding: 92190.75,
    })
  })
  test('403 and 404', async () => {
    expect((await call(t, `GET ${at('/statistics')}` as Target, { as: stranger })).status).toBe(403)
    expect((await call(t, `GET ${at('/statistics', 999_999)}` as Target, { as: reader })).status).toBe(404)
  })
})

describe('downloads', () => {
  const download = (kind: string, json?: unknown, as: Person = reader, id = shop) =>
    call(t, `POST ${at(`/download-${kind}`, id)}` as Target, { as, ...(json === undefined ? {} : { json }) })

  test('CSV to the letter: no formula runs, no phone number is changed', async () => {
    const mine = await pharmacy(t, admin, 'Letters')
    const sent = await drop(t, admin, mine, await paper([october[0]!, october[3]!]))
    const john = sent.body.debtors.find((each: { acc_no: string }) => each.acc_no === '123456').id
    await call(t, `PATCH ${at(`/${john}`, mine)}` as Target, { as: admin, json: { phone: '+27821234567' } })
    const { status, headers, raw } = await download('csv', {}, admin, mine)
    expect(status).toBe(200)
    expect(headers['content-type']).toMatch(/^text\/csv/)
    expect(headers['content-disposition']).toBe(`attachment; filename=debtors_${mine}.csv`)
    expect(raw.body.split('\r\n')).toEqual([
      'Account No,Name,Current,30 Days,60 Days,90 Days,120 Days,150 Days,180 Days,Balance,Email,Phone',
      '123456,John Doe,100.50,200.00,150.00,75.00,50.00,25.00,10.00,610.50,john@example.com,+27821234567',
      "100400,'=HYPERLINK,-20.00,0.00,0.00,0.00,0.00,0.00,0.00,-20.00,,",
      '',
    ])
  })
  test('CSV of chosen debtors, and of arrears above an amount; without a body all of them', async () => {
    const { debtors } = (await list()).body
    const rows = async (json?: unknown) =>
      (await download('csv', json)).raw.body
        .trim()
        .split('\r\n')
        .slice(1)
        .map((line: string) => line.split(',')[0])
    expect(await rows({ debtor_ids: [debtors[0].id, debtors[2].id] })).toEqual(['123456', '000777'])
    expect(await rows({ min_balance: 100 })).toEqual(['123456', '100300'])
    expect(await rows()).toEqual(['123456', '100300', '000777', '100400'])
  })
  test('PDF and workbook', async () => {
    const pdf = await download('pdf', { ageing_buckets: ['d60', 'd90'] })
    expect([pdf.status, pdf.headers['content-type'], pdf.headers['content-disposition']]).toEqual([
      200,
      'application/pdf',
      `attachment; filename=debtors_${shop}.pdf`,
    ])
    expect(pdf.raw.rawPayload.subarray(0, 5).toString()).toBe('%PDF-')
    const xlsx = await download('xlsx', {})
    expect([xlsx.status, xlsx.raw.rawPayload.subarray(0, 2).toString()]).toEqual([200, 'PK'])
  })
  test('403 and 404', async () => {
    for (const kind of ['csv', 'pdf', 'xlsx']) {
      expect((await download(kind, {}, stranger)).status, kind).toBe(403)
      expect((await download(kind, {}, reader, 999_999)).status, kind).toBe(404)
    }
  })
})
