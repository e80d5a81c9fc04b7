import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Refusal } from '../../server/core/errors.ts'
import { openPdf } from '../../server/modules/debtors/report/pdf.ts'
import { readReport } from '../../server/modules/debtors/report/reading.ts'
import { readFileOf } from '../../server/modules/debtors/report/sources.ts'
import type { Reading, ReadOptions } from '../../server/modules/debtors/report/types.ts'
import { seeded } from '../seeded.ts'
import { type Drawn, layouts } from './layouts.ts'
import { paper } from './paper.ts'
import { account, ages, draw, named } from './table.ts'
import { AGES, debtors, prints, total } from './truth.ts'

// Reports of every layout we know, drawn with what is true of them: each is read to the cent.

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reports-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const put = (name: string, bytes: Buffer | string) => {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return { path, name }
}
const read = (
  bytes: Buffer | string,
  options: Partial<ReadOptions> = {},
  name = 'report.pdf',
): Promise<Reading> => readFileOf(put(name, bytes), { exponent: 2, ...options }, () => {})
const refusal = async (reading: Promise<unknown>) => {
  const error = await reading.then(
    () => null,
    (error: unknown) => error,
  )
  expect(error).toBeInstanceOf(Refusal)
  const { status, code, detail } = error as Refusal
  return { status, code, detail }
}
const same = ({ rows, contacts }: Pick<Drawn, 'rows' | 'contacts'>, reading: Reading) => {
  const told = reading.rows.map(
    ({ acc_no, name, buckets, balance, is_medical_aid_control, sub_of, email, phone }) => ({
      acc_no,
      name,
      buckets,
      balance,
      is_medical_aid_control,
      sub_of,
      ...(contacts ? { email, phone } : {}),
    }),
  )
  expect(told).toEqual(
    rows.map(({ acc_no, name, buckets, balance, is_medical_aid_control, sub_of = null, email, phone }) => ({
      acc_no,
      name,
      buckets,
      balance,
      is_medical_aid_control,
      sub_of,
      ...(contacts ? { email, phone } : {}),
    })),
  )
}

describe('a report is read to the cent, whatever its layout', () => {
  test.each(layouts)('$name', async ({ make }) => {
    const drawn = await make(seeded(1))
    const reading = await read(drawn.pdf)
    same(drawn, reading)
    expect({ agrees: reading.agrees, warnings: reading.warnings }).toEqual({ agrees: true, warnings: [] })
    // Every line of the document is there, with what it was taken for.
    expect(reading.lines.map(({ line }) => line)).toEqual(reading.lines.map((_, at) => at))
    expect(reading.lines.filter(({ kind }) => kind === 'rejected' || kind === 'flagged')).toEqual([])
  })
})

const columns = [
  account(24),
  named(80),
  ...ages(300, 66, [
    'Current',
    '30 Days',
    '60 Days',
    '90 Days',
    '120 Days',
    '150 Days',
    '180 Days',
    'Balance',
  ]),
]
const rows = debtors(seeded(3), { count: 12, contacts: false })

describe('what a report cannot show is said', () => {
  test('an amount printed as #### is flagged, not guessed', async () => {
    const print = (minor: number) => (minor === rows[4]!.balance ? '######' : prints.plain(minor))
    const reading = await read(await draw({ rows, columns, print }))
    expect(reading.agrees).toBe(false)
    expect(reading.rows).toHaveLength(12)
    expect(reading.lines.filter(({ kind }) => kind === 'flagged')).toEqual([
      expect.objectContaining({ row: 4, reason: 'The amount under Balance cannot be read.' }),
    ])
  })

  test('without a total of the whole report nothing shows that it is complete', async () => {
    const reading = await read(await draw({ rows, columns, grand: null }))
    expect(reading.agrees).toBe(false)
    expect(reading.warnings).toEqual([
      'No total of the whole report was found: nothing shows that it is complete.',
    ])
  })

  test('columns whose labels say nothing known are asked about, and answers are remembered by label', async () => {
    const odd = columns.map((column) =>
      column.label === '60 Days' ? { ...column, label: 'Zweimonat' } : column,
    )
    const pdf = await draw({ rows, columns: odd })
    const reading = await read(pdf)
    expect(reading.agrees).toBe(false)
    expect(reading.questions).toEqual([expect.objectContaining({ label: 'Zweimonat', guess: 'd60' })])
    const answered = await read(pdf, { columns: { Zweimonat: 'd60' }, layout: reading.layout })
    expect({ agrees: answered.agrees, questions: answered.questions, warnings: answered.warnings }).toEqual({
      agrees: true,
      questions: [],
      warnings: [],
    })
    same({ rows }, answered)
  })

  test('a tenant names its own medical-aid accounts', async () => {
    const reading = await read(await draw({ rows, columns }), { medical_aid: [rows[2]!.acc_no] })
    expect(reading.rows[2]!.is_medical_aid_control).toBe(true)
  })
})

describe('what is no report is refused, with what to do', () => {
  test('a password is asked for, and opens', async () => {
    const pdf = await draw({ rows, columns, paper: { password: 'sesame' } })
    expect(await refusal(read(pdf))).toMatchObject({ status: 422, code: 'password_needed' })
    expect(await refusal(read(pdf, { password: 'wrong' }))).toMatchObject({
      status: 422,
      code: 'password_needed',
    })
    same({ rows }, await read(pdf, { password: 'sesame' }))
  })

  test('a letter is no report; a header without accounts has none; a torn file is damaged', async () => {
    const letter = paper()
    letter.put('Dear Sir, your account of 30 days is due. Please pay R 1 234.50.', 40, 40)
    expect(await refusal(read(await letter.end()))).toMatchObject({ status: 400, code: 'not_a_report' })
    expect(await refusal(read(await draw({ rows: [], columns, grand: null })))).toMatchObject({
      status: 400,
      code: 'no_accounts',
    })
    const torn = await draw({ rows, columns })
    expect(
      await refusal(read(Buffer.concat([Buffer.from('%PDF-1.4\n'), torn.subarray(900, 1500)]))),
    ).toMatchObject({
      status: 400,
      code: 'not_a_report',
    })
  })

  test('the thread answers like the engine, tells its pages, and stops when told to', async () => {
    const pdf = await draw({ rows: debtors(seeded(4), { count: 90, contacts: false }), columns })
    const pages: string[] = []
    const file = put('threaded.pdf', pdf)
    const reading = await readReport(file, { exponent: 2 }, new AbortController().signal, (page, of) =>
      pages.push(`${page}/${of}`),
    )
    expect(reading.agrees).toBe(true)
    expect(pages).toEqual(['1/3', '2/3', '3/3'])
    expect(
      await refusal(readReport(put('none.pdf', '%PDF-1.4'), { exponent: 2 }, new AbortController().signal)),
    ).toMatchObject({ code: 'not_a_report' })
    const stop = new AbortController()
    const stopped = readReport(file, { exponent: 2 }, stop.signal)
    stop.abort(new Error('enough'))
    await expect(stopped).rejects.toThrow('enough')
  })
})

test('a scan is recognised, and always asks for a look', { timeout: 120_000 }, async () => {
  const few = debtors(seeded(5), {
    count: 8,
    contacts: false,
    controls: false,
    negatives: 0,
    account: (n) => String(204_511 + n * 137),
  })
  const pdf = put('printed.pdf', await draw({ rows: few, columns, paper: { size: 9 } }))
  expect(
    await refusal(readFileOf(put('scan.pdf', await scanOf(pdf)), { exponent: 2, ocr: false }, () => {})),
  ).toMatchObject({ code: 'not_a_report' })
  const reading = await readFileOf(put('scan.pdf', await scanOf(pdf)), { exponent: 2 }, () => {})
  expect(reading.how).toBe('ocr')
  expect(reading.agrees).toBe(false)
  expect(reading.rows.map(({ acc_no, balance }) => ({ acc_no, balance }))).toEqual(
    few.map(({ acc_no, balance }) => ({ acc_no, balance })),
  )
})

/** The pages of a PDF as pictures. */
async function scanOf(file: { path: string; name: string }): Promise<Buffer> {
  const pdf = await openPdf(file.path, file.name)
  const sheet = paper()
  for (let at = 0; at < pdf.pages; at++) {
    if (at > 0) sheet.newPage()
    const { width, height, gray } = pdf.render(at, 200 / 72)
    sheet.doc.image(png(width, height, gray), 0, 0, { width: sheet.width, height: sheet.height })
  }
  pdf.close()
  return sheet.end()
}

function png(width: number, height: number, gray: Buffer): Buffer {
  const lines = Buffer.alloc((width + 1) * height)
  for (let y = 0; y < height; y++) gray.copy(lines, y * (width + 1) + 1, y * width, (y + 1) * width)
  const chunk = (type: string, data: Buffer) => {
    const head = Buffer.alloc(8)
    head.writeUInt32BE(data.length)
    head.write(type, 4, 'latin1')
    return Buffer.concat([head, data, Buffer.alloc(4)])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width)
  header.writeUInt32BE(height, 4)
  header.writeUInt8(8, 8)
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

test('a file of cells is read like a printed report', async () => {
  const money = (minor: number) => (minor / 100).toFixed(2)
  const csv = [
    'EXAMPLE PHARMACY;;;;;;;;;',
    'Age analysis as at 2025-01-31;;;;;;;;;',
    'Acc No;Name;Current;30 Days;60 Days;90 Days;120 Days;150 Days;180 Days;Balance;Tel',
    ...rows.map((row) =>
      [
        row.acc_no,
        row.name,
        ...AGES.map((age) => money(row.buckets[age])),
        money(row.balance),
        '082 555 1234',
      ].join(';'),
    ),
    ['', 'Totals', ...AGES.map((age) => money(total(rows, age))), money(total(rows, 'balance'))].join(';'),
  ].join('\r\n')
  const reading = await read(csv, {}, 'report.csv')
  same({ rows }, reading)
  expect(reading).toMatchObject({ how: 'sheet', agrees: true, report_date: '2025-01-31' })
  expect(new Set(reading.rows.map(({ phone }) => phone))).toEqual(new Set(['0825551234']))
})
