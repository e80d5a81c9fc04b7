import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync, crc32 as sumOf } from 'node:zlib'
import { openTable, type Row, rowsOf } from '../server/core/tabular.ts'

// Workbooks as tests need them, sound and broken, built part by part in memory.

type SheetMade = { name?: string; state?: string; rows: string; after?: string }
type WorkbookMade = {
  sheets?: SheetMade[]
  /** Number formats of the cell styles, in order: a number is built in, a text is a custom format. */
  formats?: (number | string)[]
  /** Inside of the shared texts, `<si>…</si>`. */
  texts?: string
  since1904?: boolean
  /** Parts that replace or join the usual ones; null takes one away. */
  parts?: Record<string, string | Buffer | null>
}
export type PartMade = {
  name: string
  content: string | Buffer
  /** What the directory says instead of the truth. */
  size?: number
  sum?: number
  stored?: boolean
}

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const document = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const relations = (list: string) =>
  `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${list}</Relationships>`
const relation = (id: string, type: string, target: string) =>
  `<Relationship Id="${id}" Type="${document}/${type}" Target="${target}"/>`

/** The bytes of a workbook; a text alone is the rows of its one sheet. */
export function workbook(made: WorkbookMade | string): Buffer {
  const {
    sheets = [],
    formats = [],
    texts,
    since1904,
    parts = {},
  } = typeof made === 'string' ? { sheets: [{ rows: made }] } : made
  const all: Record<string, string | Buffer | null> = {
    '_rels/.rels': relations(relation('rId1', 'officeDocument', 'xl/workbook.xml')),
    'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="${document}"><workbookPr${since1904 ? ' date1904="1"' : ''}/><sheets>${sheets
      .map(
        ({ name, state }, at) =>
          `<sheet name="${name ?? `Sheet${at + 1}`}" sheetId="${at + 1}"${state ? ` state="${state}"` : ''} r:id="rId${at + 1}"/>`,
      )
      .join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relations(
      sheets.map((_, at) => relation(`rId${at + 1}`, 'worksheet', `worksheets/sheet${at + 1}.xml`)).join('') +
        relation('rIdS', 'styles', 'styles.xml') +
        relation('rIdT', 'sharedStrings', '/xl/sharedStrings.xml'),
    ),
    'xl/styles.xml': stylesOf(formats),
  }
  if (texts !== undefined) all['xl/sharedStrings.xml'] = `<sst xmlns="${main}">${texts}</sst>`
  for (const [at, { rows, after = '' }] of sheets.entries())
    all[`xl/worksheets/sheet${at + 1}.xml`] =
      `<?xml version="1.0" encoding="UTF-8"?>\r\n<worksheet xmlns="${main}"><sheetData>${rows}</sheetData>${after}</worksheet>`
  return zip(
    Object.entries({ ...all, ...parts }).flatMap(([name, content]) =>
      content === null ? [] : [{ name, content }],
    ),
  )
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
function stylesOf(formats: (number | string)[]) {
  const custom = formats.map((format, at) =>
    typeof format === 'string' ? `<numFmt numFmtId="${200 + at}" formatCode="${escaped(format)}"/>` : '',
  )
  const xfs = formats.map(
    (format, at) => `<xf numFmtId="${typeof format === 'string' ? 200 + at : format}"/>`,
  )
  return `<styleSheet xmlns="${main}"><numFmts>${custom.join('')}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>${xfs.join('')}</cellXfs></styleSheet>`
}

/** A row of texts in place: `row(3, 'a', 'b')` is A3 and B3. An empty text leaves its cell out. */
export const row = (number: number, ...cells: (string | number)[]) =>
  `<row r="${number}">${cells
    .map((cell, at) => {
      const place = `${String.fromCharCode(65 + at)}${number}`
      if (cell === '') return ''
      return typeof cell === 'number'
        ? `<c r="${place}"><v>${cell}</v></c>`
        : `<c r="${place}" t="inlineStr"><is><t>${escaped(cell)}</t></is></c>`
    })
    .join('')}</row>`

/** A zip file whose directory may lie. */
export function zip(parts: PartMade[]): Buffer {
  const bodies: Buffer[] = []
  const entries: Buffer[] = []
  let at = 0
  for (const { name, content, size, sum, stored } of parts) {
    const bytes = Buffer.from(content as string)
    const packed = stored ? bytes : deflateRawSync(bytes)
    const head = Buffer.alloc(26)
    head.writeUInt16LE(20, 0)
    head.writeUInt16LE(0x0800, 2)
    head.writeUInt16LE(stored ? 0 : 8, 4)
    head.writeUInt32LE(sum ?? sumOf(bytes), 10)
    head.writeUInt32LE(packed.length, 14)
    head.writeUInt32LE(size ?? bytes.length, 18)
    head.writeUInt16LE(Buffer.byteLength(name), 22)
    const body = Buffer.concat([Buffer.from('PK\u0003\u0004'), head, Buffer.from(name), packed])
    const tail = Buffer.alloc(16)
    tail.writeUInt32LE(at, 12)
    entries.push(
      Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0000'), head, tail.subarray(2), Buffer.from(name)]),
    )
    bodies.push(body)
    at += body.length
  }
  const directory = Buffer.concat(entries)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(parts.length, 4)
  end.writeUInt16LE(parts.length, 6)
  end.writeUInt32LE(directory.length, 8)
  end.writeUInt32LE(at, 12)
  return Buffer.concat([...bodies, directory, Buffer.from('PK\u0005\u0006'), end])
}

/** Puts files where readers find them, and takes them away again. */
export function scratchFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'workbook-'))
  let count = 0
  return {
    put(bytes: Buffer) {
      const path = join(folder, `${count++}`)
      writeFileSync(path, bytes)
      return path
    },
    remove: () => rmSync(folder, { recursive: true }),
  }
}

/** All rows of a file, and where its table was found. */
export async function readAll(path: string, names: string[] = [], options: { sheet?: string } = {}) {
  const score = (cells: string[]) => new Set(cells.filter((cell) => names.includes(cell))).size
  const table = await openTable(path, score, options)
  const rows: Row[] = []
  for await (const batch of rowsOf(path, table)) rows.push(...batch)
  return { table, rows }
}
