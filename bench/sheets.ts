import { execFile } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { addDays, dayNumber } from '../server/core/dates.ts'
import { type SheetCell, type SheetColumn, writeSheet } from '../server/core/sheets.ts'
import { openZip } from '../server/core/zip.ts'
import { type NewPart, zipOf } from '../server/core/zip-writer.ts'
import type { Measured } from './run.ts'

const ROWS = 100_000

/** Columns of an export of receivables, as the mapping of imports knows their names. */
export const receivableColumns: SheetColumn[] = [
  { header: 'invoice_number', kind: 'text' },
  { header: 'customer_code', kind: 'text' },
  { header: 'customer_name', kind: 'text' },
  { header: 'email', kind: 'text' },
  { header: 'invoice_date', kind: 'day' },
  { header: 'due_date', kind: 'day' },
  { header: 'currency', kind: 'text' },
  { header: 'amount', kind: 'amount' },
  { header: 'open_amount', kind: 'amount' },
  { header: 'operating_unit', kind: 'text' },
  { header: 'region', kind: 'text' },
  { header: 'po_number', kind: 'text' },
  { header: 'notes', kind: 'text' },
]

const firsts = [
  'Aster',
  'Blue Harbour',
  'Côte',
  'Delta',
  'Eastern',
  'Fjord',
  'Grünwald',
  'Hillside',
  'Indus',
  'Jade',
]
const lasts = ['Trading', 'Pharma', 'Logistics', 'Foods', 'Textiles', 'Motors', 'Supplies', 'Engineering']
const forms = ['Ltd', 'GmbH', 'Inc.', 'Pvt Ltd', 'SARL']
const remarks = [
  '',
  '',
  '',
  'Call before delivery',
  'Disputed: short delivery',
  'Pays at month end',
  'See mail of 12 May',
]

/** Invoices of a thousand customers: the same rows at every call. */
export function* receivableRows(count: number, asOf = '2026-06-30'): Generator<SheetCell[]> {
  let seed = 42
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((seed / 2 ** 32) * below)
  }
  for (let number = 1; number <= count; number++) {
    const customer = random(1000)
    const name = `${firsts[customer % 10]} ${lasts[customer % 8]} ${forms[customer % 5]} ${Math.floor(customer / 40)}`
    const invoiced = addDays(asOf, -random(400))
    const cents = 1_000 + random(5_000_000)
    const open = random(3) === 0 ? random(cents) : cents
    yield [
      `INV-${String(2_600_000 + number)}`,
      `C${String(10_000 + customer)}`,
      name,
      `accounts${customer}@example.com`,
      invoiced,
      addDays(invoiced, [14, 30, 45, 60][random(4)]!),
      ['USD', 'EUR', 'GBP'][customer % 3]!,
      (cents / 100).toFixed(2),
      (open / 100).toFixed(2),
      ['North Plant', 'South Plant', 'Services'][customer % 3]!,
      ['EMEA', 'APAC', 'Americas', 'India'][customer % 4]!,
      random(2) === 0 ? `PO-${random(1_000_000)}` : '',
      remarks[random(remarks.length)]!,
    ]
  }
}

/** Writes the rows as Excel itself does: places on every cell, texts kept apart from the sheet, typed days and amounts. */
export async function writeLikeExcel(path: string, columns: SheetColumn[], rows: Iterable<SheetCell[]>) {
  await pipeline(Readable.from(zipOf(excelParts(columns, rows))), createWriteStream(path))
}

function* excelParts(columns: SheetColumn[], rows: Iterable<SheetCell[]>): Generator<NewPart> {
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
  const document = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
  const types = 'application/vnd.openxmlformats-officedocument.spreadsheetml'
  const part = (name: string, text: string): NewPart => ({
    name,
    content: [Buffer.from(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n${text}`)],
  })
  const texts = new Map<string, number>()
  const textAt = (text: string) => {
    const known = texts.get(text)
    if (known !== undefined) return known
    texts.set(text, texts.size)
    return texts.size - 1
  }
  function* sheet() {
    let xml = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="${main}"><sheetData>`
    let row = 0
    for (const cells of withHeader()) {
      row++
      xml += `<row r="${row}" spans="1:${columns.length}">`
      for (const [at, cell] of cells.entries()) {
        if (cell === null || cell === '') continue
        const place = `${String.fromCharCode(65 + at)}${row}`
        const kind = row === 1 ? 'text' : columns[at]!.kind
        if (kind === 'text') xml += `<c r="${place}" t="s"><v>${textAt(String(cell))}</v></c>`
        else if (kind === 'day') xml += `<c r="${place}" s="1"><v>${dayNumber(String(cell)) + 25_569}</v></c>`
        else xml += `<c r="${place}" s="2"><v>${Number(cell)}</v></c>`
      }
      xml += '</row>'
      if (xml.length > 64 * 1024) {
        yield Buffer.from(xml)
        xml = ''
      }
    }
    yield Buffer.from(`${xml}</sheetData></worksheet>`)
  }
  function* withHeader(): Generator<SheetCell[]> {
    yield columns.map(({ header }) => header)
    yield* rows
  }
  function* sharedStrings() {
    let xml = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<sst xmlns="${main}">`
    for (const text of texts.keys()) {
      xml += `<si><t>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</t></si>`
      if (xml.length > 64 * 1024) {
        yield Buffer.from(xml)
        xml = ''
      }
    }
    yield Buffer.from(`${xml}</sst>`)
  }
  const relation = (id: number, type: string, target: string) =>
    `<Relationship Id="rId${id}" Type="${document}/${type}" Target="${target}"/>`
  const relations = (list: string) =>
    `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${list}</Relationships>`
  yield part(
    '[Content_Types].xml',
    `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${types}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${types}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${types}.styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="${types}.sharedStrings+xml"/></Types>`,
  )
  yield part('_rels/.rels', relations(relation(1, 'officeDocument', 'xl/workbook.xml')))
  yield part(
    'xl/workbook.xml',
    `<workbook xmlns="${main}" xmlns:r="${document}"><sheets><sheet name="Open items" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  )
  yield part(
    'xl/_rels/workbook.xml.rels',
    relations(
      relation(1, 'worksheet', 'worksheets/sheet1.xml') +
        relation(2, 'styles', 'styles.xml') +
        relation(3, 'sharedStrings', 'sharedStrings.xml'),
    ),
  )
  yield part(
    'xl/styles.xml',
    `<styleSheet xmlns="${main}"><fonts count="1"><font><sz val="11"/></font></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf numFmtId="0"/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="4" applyNumberFormat="1"/></cellXfs></styleSheet>`,
  )
  yield { name: 'xl/worksheets/sheet1.xml', content: sheet() }
  yield { name: 'xl/sharedStrings.xml', content: sharedStrings() }
}

/** Reading and writing 100,000 rows of 13 columns, beside inflating the same bytes and deflating them. */
export async function measureSheets(): Promise<Measured[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sheets-'))
  try {
    const path = join(folder, 'open-items.xlsx')
    await writeLikeExcel(path, receivableColumns, receivableRows(ROWS))
    const script = new URL('./sheets-reader.ts', import.meta.url).pathname
    const read = JSON.parse((await promisify(execFile)(process.execPath, [script, path])).stdout) as {
      rows: number
      ms: number
      rss: number
    }
    if (read.rows !== ROWS) throw new Error(`${read.rows} of ${ROWS} rows were read`)
    const inflate = await timed(async () => {
      const zip = await openZip(path)
      for (const part of ['xl/sharedStrings.xml', 'xl/worksheets/sheet1.xml'])
        for await (const _ of zip.read(part));
      zip.close()
    })
    const csv = await written('csv', join(folder, 'out.csv'))
    const xlsx = await written('xlsx', join(folder, 'out.xlsx'))
    console.log(
      `  read ${read.ms.toFixed(0)} ms, peak ${read.rss.toFixed(0)} MB of which Node itself is about 50; inflated alone ${inflate.toFixed(0)} ms`,
    )
    console.log(
      `  written: csv ${csv.ms.toFixed(0)} ms, ${csv.mb.toFixed(1)} MB; xlsx ${xlsx.ms.toFixed(0)} ms, ${xlsx.mb.toFixed(1)} MB`,
    )
    return [
      {
        what: 'xlsx of 100,000 x 13 read',
        ours: `${read.ms.toFixed(0)} ms`,
        limit: `${inflate.toFixed(0)} ms to inflate`,
        ratio: read.ms / inflate,
        wanted: '<= 12',
        ok: read.ms / inflate <= 12,
      },
      {
        what: 'memory of reading it',
        ours: `${read.rss.toFixed(0)} MB`,
        limit: '300 MB',
        ratio: read.rss / 300,
        wanted: '<= 0.60',
        ok: read.rss / 300 <= 0.6,
      },
    ]
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function written(format: 'csv' | 'xlsx', path: string) {
  const ms = await timed(() =>
    pipeline(writeSheet(format, receivableColumns, receivableRows(ROWS)), createWriteStream(path)),
  )
  return { ms, mb: (await stat(path)).size / 1024 / 1024 }
}

async function timed(work: () => Promise<void>) {
  const start = performance.now()
  await work()
  return performance.now() - start
}
