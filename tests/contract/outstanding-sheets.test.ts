import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { booksOf, broken, rowsIn, send } from '../books.ts'
import { call } from '../call.ts'
import { type Organisation, organisation, type Person, person, signIn } from '../given.ts'
import { type SheetRow, sheet, uploadSheet } from '../sheets.ts'

// The Outstanding Tracker's monthly sheets: two of them, what lies between, who sees what of it, and what people write into it.

let t: TestApp
let org: Organisation
let country: Person
let admin: Person
let manager: Person
let pune: Person
let delhi: Person
beforeAll(async () => {
  t = await testApp()
})
afterAll(() => t.close())
beforeEach(async () => {
  org = await organisation(t, { currency: 'INR', timezone: 'Asia/Kolkata', country: 'IN' })
  admin = await person(t, { in: org, roles: ['outstanding_admin'] })
  country = await person(t, { in: org, roles: ['Country Manager'] })
  const { body } = await call(t, 'POST /api/admin/regions/preset', { as: admin })
  const region = (code: string) => body.items.find((each: { code: string }) => each.code === code).id
  manager = await person(t, { in: org, roles: ['regional_manager'], region_id: region('pune') })
  pune = await person(t, { in: org, roles: ['Engineer'], full_name: 'Esha Pune', region_id: region('pune') })
  delhi = await person(t, {
    in: org,
    roles: ['Engineer'],
    full_name: 'Dev Delhi',
    region_id: region('delhi'),
  })
})

const may: SheetRow[] = [
  { code: 'A1', region: 'pune', age: '31-90', invoice: 'BP/25-26/0011', open: 1000 },
  { code: 'A1', region: 'pune', age: '>365', invoice: 'BP/25-26/0012', open: 2000 },
  { code: 'A2', region: 'Delhi', age: '0-30', invoice: 'BP/25-26/0021', amount: 5000, open: 4000 },
  { code: 'A3', region: 'banglore', age: '91-180', invoice: 'BP/25-26/0031', open: 300 },
]
// 0012 is gone, of 0021 half is paid, 0041 is new, 0011 grows older.
const june: SheetRow[] = [
  { code: 'A1', region: 'pune', age: '91-180', invoice: 'BP/25-26/0011', open: 1000 },
  { code: 'A2', region: 'Delhi', age: '31-90', invoice: 'BP/25-26/0021', amount: 5000, open: 2000 },
  { code: 'A3', region: 'banglore', age: '91-180', invoice: 'BP/25-26/0031', open: 300 },
  { code: 'A4', region: 'pune', age: '0-30', invoice: 'BP/25-26/0041', open: 700 },
]
const twoMonths = async () => {
  await uploadSheet(t, country, 'May-25', may)
  return (await uploadSheet(t, country, 'Jun-25', june)).body.import_id as number
}
const get = async (path: string, as = country) => {
  const { status, body } = await call(t, `GET ${path}` as 'GET /', { as })
  expect(status).toBe(200)
  return body
}
const dashboard = (month: string, more = '', as = country) =>
  get(`/api/dashboard?month=${month}&department=Batching%20Plant&financialYear=2025-2026${more}`, as)
const customers = (as = country, more = '') =>
  get(`/api/customers?department=Batching%20Plant&financialYear=2025-2026${more}`, as)
type Kpi = { label: string; value: string; change?: string; changeType?: string }
const kpis = (body: { kpis: Kpi[] }) =>
  Object.fromEntries(
    body.kpis.map(({ label, value, change }) => [label, change ? `${value} ${change}` : value]),
  )
const put = (path: string, json: unknown, as = country) => call(t, `PUT ${path}` as 'PUT /', { as, json })
const events = async () =>
  (
    await rowsIn(
      t,
      org,
      sql<{ kind: string }>`select kind from events where tenant_id = ${org.id} order by id`,
    )
  ).map(({ kind }) => kind)
const error = (status: number, code: string) =>
  expect.objectContaining({ error: expect.any(String), detail: expect.any(String), status, code })

describe('POST /api/upload', () => {
  test('counts the customers of the sheet, and tells what was left out', async () => {
    const { status, body } = await uploadSheet(t, country, 'May-25', [
      ...may,
      { code: '', invoice: 'X', open: 10 },
    ])
    expect([status, body]).toEqual([
      200,
      {
        count: 3,
        message: 'Upload successful.',
        import_id: expect.any(Number),
        month: 'May-25',
        financialYear: '2025-2026',
        department: 'Batching Plant',
        rows: 4,
        rejected: 0,
        warnings: expect.arrayContaining([
          'Left out as totals: row 7.',
          'Left out as rows of another kind: row 6.',
        ]),
        errors: [],
      },
    ])
  })

  test('a region that is a number or missing rejects its row, with the reason', async () => {
    const { body } = await uploadSheet(t, country, 'May-25', [
      ...may,
      { code: 'A5', region: '4711', invoice: 'N1', open: 10 },
      { code: 'A6', region: '', invoice: 'N2', open: 20 },
      { code: 'A7', invoice: 'N3', amount: 50, open: '' },
    ])
    expect(body).toMatchObject({ count: 3, rejected: 3 })
    expect(body.errors.map((each: { error: string }) => each.error)).toEqual([
      'Row 6: Region "4711" A number is no region.',
      'Row 7: Region The region is missing.',
      'Row 8: May.Outstg.Amt The outstanding amount is missing.',
    ])
  })

  test.each([
    ['nobody', () => undefined, 401],
    ['an engineer', () => pune, 403],
    ['a manager', () => manager, 403],
    ['the admin', () => admin, 200],
  ])('%s', async (_who, who, status) => {
    const by = who() ?? ({ headers: {} } as Person)
    const answer = await uploadSheet(t, by, 'May-25', may)
    expect(answer.status).toBe(status)
    if (status !== 200) expect(answer.body.error).toEqual(expect.any(String))
  })

  test.each([
    ['no month of any year', { month: 'Smarch-25' }],
    ['a month outside of the year', { month: 'May-26', financialYear: '2025-2026' }],
    ['a month that has not begun', { month: 'May-90', financialYear: '' }],
    ['a year that is none', { financialYear: '2025-2029' }],
    ['a department that is not there', { department: 'Cranes' }],
  ])('%s: 400 {error}', async (_what, fields) => {
    const { status, body } = await uploadSheet(t, country, 'May-25', may, fields)
    expect([status, body]).toEqual([400, error(400, 'invalid_input')])
  })

  test.each([
    ['no file', 'file_missing', undefined, 'x'],
    ['another kind of file', 'wrong_extension', 'x', 'sheet.pdf'],
    ['a file without the columns', 'columns_missing', 'a,b\n1,2\n', 'sheet.csv'],
  ])('%s: 400 {error}', async (_what, code, content, name) => {
    const form = new FormData()
    form.set('month', 'May-25')
    if (content) form.set('file', new Blob([content]), name)
    const encoded = new Response(form)
    const raw = await t.app.inject({
      method: 'POST',
      url: '/api/upload',
      headers: { ...country.headers, 'content-type': encoded.headers.get('content-type')! },
      payload: Buffer.from(await encoded.arrayBuffer()),
    })
    expect([raw.statusCode, raw.json().code]).toEqual([400, code])
    expect(raw.json().error).toEqual(expect.any(String))
  })

  test('of the columns of several months the chosen one is read', async () => {
    const csv =
      'Accode,Party Name,Region,Age,Inv.No,Inv.Amt,May.Outstg.Amt,June.Outstg.Amt\nA1,One,pune,0-30,I1,100,90,40\n'
    await send(
      t,
      country,
      csv,
      { month: 'June', financialYear: '2025-26' },
      { name: 's.csv', url: '/api/upload' },
    )
    expect(kpis(await dashboard('Jun-25'))['Total Outstanding']).toBe('₹40')
  })

  test('a column that names another month is taken, and told', async () => {
    const { body } = await send(
      t,
      country,
      sheet('June', june),
      { month: 'May-25' },
      { name: 's.xlsx', url: '/api/upload' },
    )
    expect(body.warnings).toContain(
      'The outstanding column names another month than May-25: "June.Outstg.Amt".',
    )
  })

  test('an organisation without regions and departments begins with those of the document', async () => {
    const bare = await organisation(t, { currency: 'INR', country: 'IN' })
    const who = await person(t, { in: bare, roles: ['Country Manager'] })
    await uploadSheet(t, who, 'May-25', may)
    const choices = await get('/api/outstanding/choices', who)
    expect(choices.departments).toEqual(['Batching Plant', 'Pump'])
    expect(choices.regions).toHaveLength(18)
    expect(choices.regions).toContainEqual({ code: 'banglore', name: 'Bangalore' })
    expect(choices).toMatchObject({ nextMonth: 'Jun-25', mayUpload: true, months: [{ month: 'May-25' }] })
  })

  test('the same sheet again is the same upload; of the other department it is refused until the first is undone', async () => {
    const first = await uploadSheet(t, country, 'May-25', may)
    const again = await uploadSheet(t, country, 'May-25', may)
    expect(again.body).toMatchObject({ count: 3, import_id: first.body.import_id })
    await call(t, 'POST /api/admin/departments', { as: admin, json: { name: 'Cranes' } })
    const other = await uploadSheet(t, country, 'May-25', may, { department: 'Cranes' })
    expect([other.status, other.body]).toEqual([409, error(409, 'imported_otherwise')])
  })
})

describe('GET /api/dashboard', () => {
  test('the month beside the month before', async () => {
    await twoMonths()
    const body = await dashboard('Jun-25')
    expect(kpis(body)).toEqual({
      'Total Outstanding': '₹4,000 -45.2%',
      'Recovered Amount': '₹4,000',
      'New Outstanding': '₹700',
      'Total Invoices': '4 +0',
      'Disputed Invoices': '0 +0',
      'Total Customers': '4',
    })
    expect(body.kpis.every((kpi: { description: string }) => kpi.description.length > 0)).toBe(true)
    expect(body.outstandingByAge).toContainEqual({
      region: 'pune',
      department: 'Batching Plant',
      '0-30': 700,
      '31-90': 0,
      '91-180': 1000,
      '181-365': 0,
      '>365': 0,
      total: 1700,
    })
    expect(body.regionDistribution).toEqual([
      { region: 'delhi', amount: 2000 },
      { region: 'pune', amount: 1700 },
      { region: 'banglore', amount: 300 },
    ])
    expect(body.monthlyTrends).toEqual([
      { month: 'May-25', pune: 3000, delhi: 4000, banglore: 300 },
      { month: 'Jun-25', pune: 1700, delhi: 2000, banglore: 300 },
    ])
    expect(body.outstandingRecoveryTrend.at(-1)).toEqual({
      month: 'Jun-25',
      new: 700,
      recovered: 4000,
      department: 'Batching Plant',
    })
  })

  test('a region alone; large amounts as lakh and crore; a month without a sheet is empty', async () => {
    await twoMonths()
    await uploadSheet(t, country, 'Jul-25', [{ code: 'A1', region: 'pune', invoice: 'BIG', open: 12345678 }])
    expect(kpis(await dashboard('Jul-25', '&region=pune'))['Total Outstanding']).toMatch(/^₹1,23,45,678 /)
    expect(kpis(await dashboard('Jun-25', '&region=Bangalore'))['Total Outstanding']).toBe('₹300 +0.0%')
    expect(kpis(await dashboard('Aug-25'))['Total Outstanding']).toBe('₹0')
    expect((await dashboard('Jun-25', '&region=All')).regionDistribution).toHaveLength(3)
  })

  test('sheets in any order lead to the same figures', async () => {
    await uploadSheet(t, country, 'Jun-25', june)
    await uploadSheet(t, country, 'May-25', may)
    expect(kpis(await dashboard('Jun-25'))).toMatchObject({
      'Total Outstanding': '₹4,000 -45.2%',
      'Recovered Amount': '₹4,000',
      'New Outstanding': '₹700',
    })
    expect(await broken(t, org)).toEqual([])
  })

  test('engineers by what came in and what came to them', async () => {
    await uploadSheet(t, country, 'May-25', may)
    await put('/api/customers/A1/assign-engineer', { engineerId: String(pune.id) })
    await put('/api/customers/A2/assign-engineer', { engineerName: 'Dev Delhi' })
    await uploadSheet(t, country, 'Jun-25', june)
    const { engineerPerformance } = await dashboard('Jun-25')
    expect(engineerPerformance).toEqual([
      {
        name: 'Dev Delhi',
        region: 'delhi',
        outstandingCollected: 2000,
        newOutstandingAssigned: 0,
        netChange: 2000,
      },
      {
        name: 'Esha Pune',
        region: 'pune',
        outstandingCollected: 2000,
        newOutstandingAssigned: 0,
        netChange: 2000,
      },
    ])
  })
})

describe('a second sheet of a month', () => {
  test('takes the place of the first, and its undoing brings that back', async () => {
    await twoMonths()
    const before = [await dashboard('Jun-25'), await customers()]
    const books = await booksOf(t, org)
    const second = await uploadSheet(t, country, 'Jun-25', june.slice(0, 2))
    expect(kpis(await dashboard('Jun-25'))['Total Outstanding']).toBe('₹3,000 -58.9%')
    expect((await call(t, `POST /api/imports/${second.body.import_id}/revert`, { as: country })).status).toBe(
      200,
    )
    expect([await dashboard('Jun-25'), await customers()]).toEqual(before)
    expect(await booksOf(t, org)).toEqual(books)
    expect(await broken(t, org)).toEqual([])
  })

  test('of the other department stands beside it', async () => {
    await twoMonths()
    await uploadSheet(t, country, 'Jun-25', [{ code: 'P1', region: 'goa', invoice: 'P/1', open: 50 }], {
      department: 'Pump',
    })
    expect(kpis(await dashboard('Jun-25'))['Total Outstanding']).toBe('₹4,000 -45.2%')
    const pump = await get('/api/dashboard?month=Jun-25&department=Pump&financialYear=2025-2026')
    expect(kpis(pump)['Total Outstanding']).toBe('₹50')
    const all = await get('/api/dashboard?month=Jun-25')
    expect(kpis(all)['Total Outstanding']).toMatch(/^₹4,050/)
  })
})

describe('a sheet by customer', () => {
  const balances: SheetRow[] = [
    { code: 'A1', region: 'pune', age: '0-30', open: 100 },
    { code: 'A1', region: 'pune', age: '31-90', open: 50 },
    { code: 'A2', region: 'delhi', age: '>365', open: 400 },
  ]
  test('is a stated balance per age band, and never invoices', async () => {
    const { body } = await uploadSheet(t, country, 'May-25', balances)
    expect(body).toMatchObject({ count: 2, rows: 3, rejected: 0 })
    const [first] = await customers()
    expect(first).toMatchObject({
      customerCode: 'A1',
      outstandingAmount: 150,
      agePeriod: '31-90',
      invoices: [],
      ages: { '0-30': 100, '31-90': 50, total: 150 },
    })
    expect((await booksOf(t, org)).invoices).toEqual([])
    await uploadSheet(t, country, 'Jun-25', [{ ...balances[0]!, open: 30 }, balances[2]!])
    expect(kpis(await dashboard('Jun-25'))).toMatchObject({
      'Total Outstanding': '₹430 -21.8%',
      'Recovered Amount': '₹120',
      'New Outstanding': '₹0',
      'Total Customers': '2',
    })
  })

  test('undone it leaves nothing', async () => {
    const { body } = await uploadSheet(t, country, 'May-25', balances)
    await call(t, `POST /api/imports/${body.import_id}/revert`, { as: country })
    expect(await customers()).toEqual([])
    expect((await booksOf(t, org)).customers).toEqual([])
  })
})

describe('GET /api/customers', () => {
  test('customers with their invoices, and what was outstanding in each month', async () => {
    await twoMonths()
    const body = await customers()
    expect(body.map((each: { customerCode: string }) => each.customerCode)).toEqual(['A1', 'A2', 'A3', 'A4'])
    expect(body[1]).toEqual({
      id: expect.stringMatching(/^\d+$/),
      customerCode: 'A2',
      customerName: 'Party A2',
      region: 'delhi',
      department: 'Batching Plant',
      agePeriod: '31-90',
      outstandingAmount: 2000,
      remarks: 'none',
      notes: '',
      assignedEngineer: null,
      assignedEngineerId: null,
      ages: { '0-30': 0, '31-90': 2000, '91-180': 0, '181-365': 0, '>365': 0, total: 2000 },
      outstandings: [
        { month: 'May-25', amount: 4000, agePeriod: '0-30' },
        { month: 'Jun-25', amount: 2000, agePeriod: '31-90' },
      ],
      invoices: [
        {
          id: expect.stringMatching(/^\d+$/),
          customerId: body[1].id,
          invoiceNumber: 'BP/25-26/0021',
          invoiceAmount: 5000,
          invoiceDate: '2025-05-31',
          status: 'unpaid',
          outstandings: [
            { month: 'May-25', amount: 4000, agePeriod: '0-30' },
            { month: 'Jun-25', amount: 2000, agePeriod: '31-90' },
          ],
        },
      ],
    })
    expect(body[0].invoices.map((each: { status: string }) => each.status)).toEqual(['unpaid', 'paid'])
    expect(await customers(country, '&month=Jun-25')).toHaveLength(4)
    expect(await get('/api/customers?financialYear=2024-2025')).toEqual([])
  })
})

describe('GET /api/invoice-tracker', () => {
  test('month by month, newest first', async () => {
    await twoMonths()
    expect(
      await get('/api/invoice-tracker?region=All&department=Batching%20Plant&financialYear=2025-2026'),
    ).toEqual([
      {
        monthYear: 'Jun-25',
        department: 'Batching Plant',
        previousMonthInvoices: 4,
        previousMonthAmount: 7300,
        currentMonthInvoices: 4,
        currentMonthAmount: 4000,
        invoiceCountChange: 0,
        disputedInvoices: 0,
      },
      {
        monthYear: 'May-25',
        department: 'Batching Plant',
        previousMonthInvoices: 0,
        previousMonthAmount: 0,
        currentMonthInvoices: 4,
        currentMonthAmount: 7300,
        invoiceCountChange: 4,
        disputedInvoices: 0,
      },
    ])
    expect(await get('/api/invoice-tracker?region=delhi')).toMatchObject([
      { currentMonthInvoices: 1, currentMonthAmount: 2000, previousMonthAmount: 4000 },
      { currentMonthInvoices: 1 },
    ])
  })
})

describe('what people write into the sheet', () => {
  beforeEach(async () => {
    await twoMonths()
    await put('/api/customers/A1/assign-engineer', { engineerId: String(pune.id) })
  })

  test('a manager sees whose debts have no remark, what was said in the timeline, and the customers who owe most by age', async () => {
    await twoMonths()
    const missing = async (as: Person, remark = 'missing') =>
      (
        await get(`/api/receivables/customers?remark=${encodeURIComponent(remark)}&sort=open_amount`, as)
      ).items.map(({ code, remark: said }: { code: string; remark: string | null }) => [code, said])
    expect(await missing(manager)).toEqual([
      ['A1', null],
      ['A4', null],
    ])
    await put('/api/customers/A1/remark', { newRemark: 'under follow-up' }, manager)
    expect([await missing(manager), await missing(manager, 'under follow-up')]).toEqual([
      [['A4', null]],
      [['A1', 'under follow-up']],
    ])
    expect((await missing(country)).map(([code]: [string]) => code)).toEqual(['A2', 'A4', 'A3'])
    const ageing = await get('/api/receivables/ageing?group_by=customer&top=1', country)
    expect([ageing.groups.length, ageing.groups[0].total, ageing.totals.total]).toEqual([1, 2000, 4000])
    const { items } = await get(`/api/receivables/customers?search=A1`, manager)
    const { items: told } = await get(`/api/receivables/customers/${items[0].id}/timeline`, manager)
    expect(told[0]).toMatchObject({ kind: 'customer.remarked', data: { from: null, to: 'under follow-up' } })
  })

  test('remark and notes, by code or by id, with an event and what was there before', async () => {
    const [{ id }] = await customers()
    expect((await put('/api/customers/A1/remark', { newRemark: 'payment received' })).body).toEqual({
      success: true,
    })
    expect((await put(`/api/customers/${id}/notes`, { newNotes: 'Pays by EOD.' }, pune)).body).toEqual({
      success: true,
    })
    expect((await customers())[0]).toMatchObject({ remarks: 'payment received', notes: 'Pays by EOD.' })
    expect((await put('/api/customers/A1/remark', { newRemark: 'none' })).status).toBe(200)
    expect((await customers())[0].remarks).toBe('none')
    expect((await events()).filter((kind) => /remarked|noted/.test(kind))).toEqual([
      'customer.remarked',
      'customer.noted',
      'customer.remarked',
    ])
  })

  test.each([
    ['/api/customers/A1/remark', { newRemark: 'sleeping' }],
    ['/api/customers/A1/remark', {}],
    ['/api/customers/A1/notes', { newNotes: 5 }],
    ['/api/customers/A1/assign-engineer', {}],
    ['/api/customers/A1/assign-engineer', { engineerName: 'Nobody' }],
    ['/api/customers/A1/invoices/BP%2F25-26%2F0011/dispute', { newStatus: 'lost' }],
  ])('%s with %j: 400 {error}', async (path, json) => {
    const { status, body } = await put(path, json)
    expect([status, body.error]).toEqual([400, expect.any(String)])
  })

  test('engineers see and change their customers alone, managers those of their region', async () => {
    expect((await customers(pune)).map((each: { customerCode: string }) => each.customerCode)).toEqual(['A1'])
    expect(await customers(delhi)).toEqual([])
    expect((await customers(manager)).map((each: { customerCode: string }) => each.customerCode)).toEqual([
      'A1',
      'A4',
    ])
    expect(kpis(await dashboard('Jun-25', '', pune))['Total Outstanding']).toMatch(/^₹1,000/)
    expect(kpis(await dashboard('Jun-25', '', manager))['Total Outstanding']).toMatch(/^₹1,700/)
    expect(await get('/api/invoice-tracker', delhi)).toMatchObject([{ currentMonthAmount: 0 }, {}])
    for (const [what, json] of [
      ['remark', { newRemark: 'dispute' }],
      ['notes', { newNotes: 'mine' }],
      ['invoices/BP%2F25-26%2F0011/dispute', { newStatus: 'dispute' }],
    ] as const) {
      const refused = await put(`/api/customers/A1/${what}`, json, delhi)
      expect([refused.status, refused.body]).toEqual([404, error(404, 'not_found')])
    }
    expect((await put('/api/customers/A2/remark', { newRemark: 'dispute' }, manager)).status).toBe(404)
    expect((await put('/api/customers/A4/remark', { newRemark: 'dispute' }, manager)).status).toBe(200)
    expect(
      (await put('/api/customers/A1/remark', { newRemark: 'dispute' }, { headers: {} } as Person)).status,
    ).toBe(401)
  })

  test('managers and above assign, among the engineers of the region; the open invoices go along', async () => {
    expect(
      (await put('/api/customers/A1/assign-engineer', { engineerId: String(pune.id) }, pune)).status,
    ).toBe(403)
    expect((await put('/api/customers/A4/assign-engineer', { engineerId: pune.id }, manager)).status).toBe(
      200,
    )
    const other = await put('/api/customers/A4/assign-engineer', { engineerName: 'Dev Delhi' }, manager)
    expect([other.status, other.body]).toEqual([400, error(400, 'another_region')])
    const [, , , last] = await customers()
    expect(last).toMatchObject({ assignedEngineer: 'Esha Pune', assignedEngineerId: String(pune.id) })
    const assigned = await rowsIn(
      t,
      org,
      sql`select number from invoices where tenant_id = ${org.id} and assigned_to = ${pune.id} order by 1`,
    )
    expect(assigned).toEqual([{ number: 'BP/25-26/0011' }, { number: 'BP/25-26/0041' }])
    await put('/api/customers/A4/assign-engineer', { engineerId: null }, manager)
    expect((await customers(pune)).map((each: { customerCode: string }) => each.customerCode)).toEqual(['A1'])
  })

  test('dispute, unpaid and paid, in the books and in the figures', async () => {
    const path = '/api/customers/A1/invoices/BP/25-26/0011/dispute'
    const status = async () => (await customers())[0].invoices[0].status
    expect((await put(path, { newStatus: 'dispute' }, pune)).body).toEqual({ success: true })
    expect(await status()).toBe('dispute')
    expect(kpis(await dashboard('Jun-25'))['Disputed Invoices']).toBe('1 +1')
    expect((await get('/api/invoice-tracker'))[0].disputedInvoices).toBe(1)
    await put(path, { newStatus: 'unpaid' }, pune)
    expect(await status()).toBe('unpaid')
    const encoded = '/api/customers/A1/invoices/BP%2F25-26%2F0011/dispute'
    await put(encoded, { newStatus: 'paid' }, pune)
    expect(await status()).toBe('paid')
    await put(encoded, { newStatus: 'unpaid' }, pune)
    expect(await status()).toBe('unpaid')
    expect((await events()).filter((kind) => /dispute\.|settled/.test(kind))).toEqual([
      'dispute.opened',
      'dispute.withdrawn',
      'invoice.settled',
      'invoice.unsettled',
    ])
    expect((await put('/api/customers/A1/invoices/NONE/dispute', { newStatus: 'paid' })).status).toBe(404)
    expect(await broken(t, org)).toEqual([])
  })

  test('managers are told of engineers, country managers of managers, everybody of a sheet', async () => {
    await put('/api/customers/A1/notes', { newNotes: 'Pays on Friday.' }, pune)
    await put('/api/customers/A1/remark', { newRemark: 'under follow-up' }, manager)
    const [latest] = await get('/api/notifications', manager)
    expect(latest).toEqual({
      id: expect.stringMatching(/^\d+$/),
      from: { name: 'Esha Pune', role: 'Engineer' },
      to: 'Manager',
      message: 'Notes of Party A1: Pays on Friday.',
      timestamp: expect.any(String),
      isRead: false,
    })
    expect((await get('/api/notifications'))[0].message).toBe('Remark of Party A1: under follow-up')
    expect(await get('/api/notifications', delhi)).toMatchObject([
      { to: 'all', message: 'The outstanding sheet of Jun-25 for Batching Plant is there.' },
      { to: 'all', message: 'The outstanding sheet of May-25 for Batching Plant is there.' },
    ])
    expect((await put(`/api/notifications/${latest.id}/read`, {}, manager)).body).toEqual({ success: true })
    expect((await get('/api/notifications', manager))[0].isRead).toBe(true)
    const foreign = await put(`/api/notifications/${latest.id}/read`, {}, delhi)
    expect([foreign.status, foreign.body]).toEqual([404, error(404, 'not_found')])
  })

  test('another organisation sees nothing of it', async () => {
    const other = await organisation(t, { currency: 'INR' })
    const stranger = await person(t, { in: other, roles: ['Country Manager'] })
    expect(await get('/api/customers', stranger)).toEqual([])
    expect(kpis(await get('/api/dashboard', stranger))['Total Outstanding']).toBe('₹0')
    expect((await put('/api/customers/A1/remark', { newRemark: 'none' }, stranger)).status).toBe(404)
  })
})

test('a mark that the next sheet does not bear out is reopened by it', async () => {
  await twoMonths()
  await put('/api/customers/A3/invoices/BP%2F25-26%2F0031/dispute', { newStatus: 'paid' })
  t.clock.ahead(40 * 86_400_000)
  country = { ...country, headers: { authorization: `Bearer ${await signIn(t, country.username)}` } }
  const month = new Date(t.clock.now())
    .toLocaleString('en', { month: 'short', year: '2-digit' })
    .replace(' ', '-')
  await uploadSheet(t, country, month, june, { financialYear: '' })
  const [, , third] = await get('/api/customers')
  expect(third.invoices[0].status).toBe('unpaid')
  expect(await events()).toContain('invoice.reopened')
})

describe('the wizard takes sheets as well', () => {
  test('it compares first, then publishes, with month and department', async () => {
    const { status, body } = await send(
      t,
      country,
      sheet('May', may),
      { target: 'outstanding', month: 'May-25', financial_year: '2025-2026', department: '' },
      { name: 'May.xlsx', url: '/api/imports' },
    )
    expect([status, body]).toMatchObject([
      201,
      { target: 'outstanding', status: 'checked', as_of: '2025-05-31', new: 4, kind: 'open_items' },
    ])
    expect(body.said.period).toMatchObject({ month: '2025-05-01', financial_year: '2025-2026' })
    expect(await customers()).toEqual([])
    await call(t, `POST /api/imports/${body.id}/publish`, { as: country })
    expect(await customers()).toHaveLength(3)
  })

  test('a sheet needs a month, said or written', async () => {
    const create = (name: string, header: string) =>
      send(t, country, sheet(header, may), { target: 'outstanding' }, { name, url: '/api/imports' })
    expect((await create('sheet.xlsx', 'Total')).status).toBe(400)
    expect((await create('sheet May-25.xlsx', 'Total')).body.said.period.month).toBe('2025-05-01')
  })
})

test('the ageing puts undated invoices into the bucket that holds their stated band, else under "No date"', async () => {
  await uploadSheet(t, country, 'May-25', may)
  const { totals } = await get('/api/receivables/ageing?group_by=customer')
  const amounts = Object.fromEntries(
    totals.buckets.map((each: { bucket: string; amount: number }) => [each.bucket, each.amount]),
  )
  // 31-90 and 91-180 lie across two of the organisation's buckets each.
  expect(amounts).toEqual({
    current: 0,
    '1-30': 4000,
    '31-60': 0,
    '61-90': 0,
    '91-120': 0,
    'over-120': 2000,
    undated: 1300,
  })
  const list = async (bucket: string) =>
    (await get(`/api/receivables/invoices?bucket=${bucket}`)).items.map(
      (each: { invoice_number: string }) => each.invoice_number,
    )
  expect(await list('over-120')).toEqual(['BP/25-26/0012'])
  expect((await list('undated')).sort()).toEqual(['BP/25-26/0011', 'BP/25-26/0031'])
})

describe('what a sheet says besides', () => {
  test('its month, where nobody says it: by the name of the file, else by its header; two months say none', async () => {
    const upload = (name: string, month: string, fields: Record<string, string> = {}) =>
      send(t, country, sheet(month, may), fields, { name, url: '/api/upload' })
    expect((await upload('BP sheet Apr-25.xlsx', 'Apr')).body).toMatchObject({ month: 'Apr-25' })
    expect((await upload('sheet.xlsx', 'May', { financialYear: '2025-2026' })).body).toMatchObject({
      month: 'May-25',
      financialYear: '2025-2026',
    })
    const unclear = await upload('from May to June.xlsx', 'Outst')
    expect([unclear.status, unclear.body.code]).toEqual([400, 'invalid_input'])
    expect(unclear.body.error ?? unclear.body.detail).toContain('Say which month')
  })

  test.each(['invoice', 'customer'])(
    'the engineer, in a sheet by %s: it proposes, and whoever assigns accepts and takes back',
    async (level) => {
      const rows = [
        { code: 'A1', region: 'pune', open: 1000, invoice: 'I-1', engineer: 'esha pune' },
        { code: 'A2', region: 'delhi', open: 500, invoice: 'I-2', engineer: 'Dev Delhi' },
        // Of another region, and nobody at all.
        { code: 'A3', region: 'pune', open: 70, invoice: 'I-3', engineer: 'Dev Delhi' },
        { code: 'A4', region: 'pune', open: 60, invoice: 'I-4', engineer: 'Nobody Known' },
        { code: 'A5', region: 'pune', open: 50, invoice: 'I-5', engineer: '' },
      ].map(({ invoice, ...each }) => (level === 'invoice' ? { ...each, invoice } : each))
      expect((await uploadSheet(t, country, 'May-25', rows)).status).toBe(200)
      const proposals = (as = country) => get('/api/outstanding/engineer-proposals', as)
      const said = async (as = country) =>
        (await proposals(as)).items.map(
          (each: { code: string; engineer: string | null; said: string; now: string | null }) => [
            each.code,
            each.engineer,
            each.now,
          ],
        )
      const all = [
        ['A1', 'Esha Pune', null],
        ['A2', 'Dev Delhi', null],
        ['A3', null, null],
        ['A4', null, null],
      ]
      expect(await said()).toEqual(all)
      expect((await said(manager)).map(([code]: [string]) => code)).toEqual(['A1', 'A3', 'A4'])
      const accept = (as: Person) =>
        call(t, 'POST /api/outstanding/engineer-proposals/accept', { as, json: {} })
      expect((await accept(pune)).status).toBe(403)
      const { body } = await accept(country)
      expect(body).toMatchObject({ customers: 2, invoices: level === 'invoice' ? 2 : 0 })
      expect((await said()).map(([code]: [string]) => code)).toEqual(['A3', 'A4'])
      expect(await customers(pune)).toHaveLength(1)
      const undone = await call(t, `POST /api/receivables/assignments/${body.act_id}/undo`, { as: country })
      expect(undone.body).toMatchObject({ customers: 2, kept: 0 })
      expect(await said()).toEqual(all)
    },
  )
})
