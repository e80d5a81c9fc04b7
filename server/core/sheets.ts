import { Readable } from 'node:stream'
import { dayNumber } from './dates.ts'
import { type NewPart, zipOf } from './zip-writer.ts'

/**
 * A column of a list that leaves as a file. Amounts are decimal text ('1234.50'), days are YYYY-MM-DD, so nothing is
 * rounded on the way. `decimals` are those an amount or number is shown with; an amount without is shown with those it has,
 * which are its currency's.
 */
export type SheetColumn = {
  header: string
  kind: 'text' | 'amount' | 'day' | 'number'
  decimals?: number
  /** In characters; else by header and kind. */
  width?: number
  /** Telephone numbers, whose plus is no formula: they stay as they are. */
  phone?: boolean
}
export type SheetCell = string | number | null
type SheetOptions = {
  /** A byte order mark before the CSV: Excel needs it to read UTF-8, some programs stumble over it. */
  mark?: boolean
  /** Name of the workbook's sheet. */
  sheet?: string
  /** Rows on a sheet, its header included, before the next one begins. */
  rowsPerSheet?: number
}

/** Writes rows as they come, in constant memory: who reads the stream sets the pace. */
export function writeSheet(
  format: 'csv' | 'xlsx',
  columns: SheetColumn[],
  rows: AsyncIterable<SheetCell[]> | Iterable<SheetCell[]>,
  options: SheetOptions = {},
): Readable {
  const bytes = format === 'csv' ? csv(columns, rows, options) : zipOf(workbook(columns, rows, options))
  return Readable.from(bytes, { objectMode: false, highWaterMark: 64 * 1024 })
}

const CHUNK_CHARS = 64 * 1024
const decimal = /^-?\d+(?:\.\d+)?$/
const day = /^\d{4}-\d{2}-\d{2}$/

// ---- CSV ------------------------------------------------------------------------------------------------------------

async function* csv(
  columns: SheetColumn[],
  rows: AsyncIterable<SheetCell[]> | Iterable<SheetCell[]>,
  { mark = true }: SheetOptions,
): AsyncGenerator<Buffer> {
  let text = `${mark ? '\ufeff' : ''}${columns.map(({ header }) => csvText(header)).join(',')}\r\n`
  for await (const cells of rows) {
    for (let at = 0; at < columns.length; at++) {
      const cell = cells[at]
      if (at > 0) text += ','
      if (cell === null || cell === undefined) continue
      const plain =
        typeof cell === 'number' ||
        (columns[at]!.kind !== 'text' && (decimal.test(cell) || day.test(cell))) ||
        (columns[at]!.phone && phoneLike.test(cell))
      text += plain ? String(cell) : csvText(cell)
    }
    text += '\r\n'
    if (text.length >= CHUNK_CHARS) {
      yield Buffer.from(text)
      text = ''
    }
  }
  if (text !== '') yield Buffer.from(text)
}

/** A spreadsheet runs what begins like this as a formula: the apostrophe says that it is text. */
const runs = /^[=+\-@\t\r]/
const phoneLike = /^\+?\d[\d ()./-]*$/
function csvText(text: string): string {
  const safe = runs.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe
}

// ---- XLSX -----------------------------------------------------------------------------------------------------------

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const DOCUMENT = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006'
const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml'

/** What Excel holds on a sheet, and in a cell. */
const ROWS_MAX = 1_048_576
const CELL_MAX = 32_767
/** Digits of a number that Excel keeps. */
const DIGITS_MAX = 15

/** Sheets first, as they fill; the parts that count them after. */
async function* workbook(
  columns: SheetColumn[],
  rows: AsyncIterable<SheetCell[]> | Iterable<SheetCell[]>,
  { sheet = 'Sheet', rowsPerSheet = ROWS_MAX }: SheetOptions,
): AsyncGenerator<NewPart> {
  const styles = stylesFor(columns)
  const source = Symbol.asyncIterator in rows ? rows[Symbol.asyncIterator]() : rows[Symbol.iterator]()
  try {
    let next = await source.next()
    let count = 0
    do {
      count++
      yield { name: `xl/worksheets/sheet${count}.xml`, content: oneSheet() }
    } while (!next.done)
    yield* packageParts(sheet, count, styles.xml)

    async function* oneSheet(): AsyncGenerator<Buffer> {
      let text = sheetStart(columns)
      for (let row = 2; row <= rowsPerSheet && !next.done; row++) {
        text += '<row>'
        for (let at = 0; at < columns.length; at++)
          text += xlsxCell(next.value[at], columns[at]!.kind, styles.of(at, next.value[at]))
        text += '</row>'
        if (text.length >= CHUNK_CHARS) {
          yield Buffer.from(text)
          text = ''
        }
        next = await source.next()
      }
      yield Buffer.from(`${text}</sheetData></worksheet>`)
    }
  } finally {
    await source.return?.()
  }
}

function* packageParts(sheet: string, count: number, styles: string): Generator<NewPart> {
  const part = (name: string, text: string): NewPart => ({ name, content: [Buffer.from(XML + text)] })
  const each = (write: (number: number) => string) =>
    Array.from({ length: count }, (_, at) => write(at + 1)).join('')
  // A name of at most 31 characters, without those that mean something in a formula.
  const safe =
    sheet
      .replace(/[[\]:*?/\\']/g, ' ')
      .slice(0, 25)
      .trim() || 'Sheet'
  const name = (number: number) => xmlText(number === 1 ? safe : `${safe} ${number}`)
  yield part(
    'xl/workbook.xml',
    `<workbook xmlns="${MAIN}" xmlns:r="${DOCUMENT}"><sheets>${each((number) => `<sheet name="${name(number)}" sheetId="${number}" r:id="rId${number}"/>`)}</sheets></workbook>`,
  )
  yield part(
    'xl/_rels/workbook.xml.rels',
    `<Relationships xmlns="${PACKAGE}/relationships">${each((number) => `<Relationship Id="rId${number}" Type="${DOCUMENT}/worksheet" Target="worksheets/sheet${number}.xml"/>`)}<Relationship Id="rId${count + 1}" Type="${DOCUMENT}/styles" Target="styles.xml"/></Relationships>`,
  )
  yield part('xl/styles.xml', styles)
  yield part(
    '_rels/.rels',
    `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  )
  yield part(
    '[Content_Types].xml',
    `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${TYPE}.styles+xml"/>${each((number) => `<Override PartName="/xl/worksheets/sheet${number}.xml" ContentType="${TYPE}.worksheet+xml"/>`)}</Types>`,
  )
}

/** Decimals that a currency may have. */
const PLACES_MAX = 4
const formatOf = (places: number) => `#,##0${places > 0 ? `.${'0'.repeat(places)}` : ''}`
const placesIn = (cell: SheetCell | undefined) => {
  const text = String(cell)
  const point = text.indexOf('.')
  return point < 0 ? 0 : Math.min(text.length - point - 1, PLACES_MAX)
}

/** Style 1 is the header; each format has one of its own after it. */
function stylesFor(columns: SheetColumn[]) {
  const free = ({ kind, decimals }: SheetColumn) => kind === 'amount' && decimals === undefined
  const formats = columns.map((column) => {
    const { kind, decimals } = column
    if (kind === 'day') return 'yyyy\\-mm\\-dd'
    return kind === 'text' || decimals === undefined ? undefined : formatOf(decimals)
  })
  const places = columns.some(free) ? Array.from({ length: PLACES_MAX + 1 }, (_, at) => formatOf(at)) : []
  const used = [...new Set([...formats.filter((format) => format !== undefined), ...places])]
  const styleOf = (format: string | undefined) => (format === undefined ? 0 : 2 + used.indexOf(format))
  const fixed = columns.map((column, at) => (free(column) ? undefined : styleOf(formats[at])))
  const byPlaces = places.map(styleOf)
  const numFmts = used.map((format, at) => `<numFmt numFmtId="${164 + at}" formatCode="${format}"/>`).join('')
  const xfs = used.map(
    (_, at) =>
      `<xf numFmtId="${164 + at}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>`,
  )
  return {
    of: (at: number, cell: SheetCell | undefined): number => fixed[at] ?? byPlaces[placesIn(cell)]!,
    xml:
      `<styleSheet xmlns="${MAIN}">${used.length > 0 ? `<numFmts count="${used.length}">${numFmts}</numFmts>` : ''}` +
      '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>' +
      '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>' +
      '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>' +
      '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>' +
      `<cellXfs count="${2 + used.length}"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
      `<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>${xfs.join('')}</cellXfs>` +
      '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
  }
}

const widths = { text: 18, amount: 16, day: 12, number: 12 }

function sheetStart(columns: SheetColumn[]): string {
  const cols = columns.map(({ header, kind, width }, at) => {
    const wide = width ?? Math.min(40, Math.max(widths[kind], header.length + 2))
    return `<col min="${at + 1}" max="${at + 1}" width="${wide}" customWidth="1"/>`
  })
  const header = columns.map(({ header }) => textCell(header, 1)).join('')
  return `${XML}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>${cols.length > 0 ? `<cols>${cols.join('')}</cols>` : ''}<sheetData><row>${header}</row>`
}

/** What is not of the column's kind is written as text, never changed to fit. */
function xlsxCell(cell: SheetCell | undefined, kind: SheetColumn['kind'], style: number): string {
  if (cell === null || cell === undefined || cell === '') return '<c/>'
  if (kind !== 'text') {
    const text = String(cell)
    const number = kind === 'day' ? serialOf(text) : isNumber(text) ? text : undefined
    if (number !== undefined) return `<c s="${style}"><v>${number}</v></c>`
  } else if (typeof cell === 'number' && Number.isFinite(cell)) return `<c><v>${cell}</v></c>`
  return textCell(String(cell), 0)
}

const isNumber = (text: string) =>
  decimal.test(text) && text.replace(/[-.]/g, '').replace(/^0+/, '').length <= DIGITS_MAX

/** Days from March 1900 on, before which Excel's calendar is wrong. */
function serialOf(text: string): number | undefined {
  const serial = day.test(text) ? dayNumber(text) + 25_569 : Number.NaN
  return serial >= 61 ? serial : undefined
}

const textCell = (text: string, style: number) =>
  `<c${style > 0 ? ` s="${style}"` : ''} t="inlineStr"><is><t xml:space="preserve">${xmlText(text.length > CELL_MAX ? `${text.slice(0, CELL_MAX - 1)}…` : text)}</t></is></c>`

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML cannot hold
const unsafe = /[&<>"\u0000-\u0008\u000b\u000c\r\u000e-\u001f\ud800-\udfff\ufffe\uffff]|_x[0-9a-f]{4}_/i
const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
/** Text of XML; what XML cannot hold is written as workbooks do, _x0001_. */
function xmlText(text: string): string {
  if (!unsafe.test(text)) return text
  return text
    .toWellFormed()
    .replace(/_(?=x[0-9a-f]{4}_)/gi, '_x005F_')
    .replace(/[&<>"]/g, (each) => entities[each]!)
    .replace(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML cannot hold
      /[\u0000-\u0008\u000b\u000c\r\u000e-\u001f\ufffe\uffff]/g,
      (each) => `_x${each.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`,
    )
}
