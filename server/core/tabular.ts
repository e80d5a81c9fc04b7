import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type CsvError, parse } from 'csv-parse'
import { parse as parseAtOnce } from 'csv-parse/sync'

/** A file that cannot be read as a table. The message says what, where and what to do. */
export class Unreadable extends Error {}

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252'
/** A delimited text, and where its table begins. Rows count from 1 as a spreadsheet counts them. */
export type Table = { encoding: Encoding; delimiter: string; header_row: number; columns: string[] }
export type Row = { row: number; cells: string[] }

const SAMPLE_BYTES = 256 * 1024
/** Titles, dates and filters that reports print above their header. */
const HEADER_WITHIN = 60
export const limits = { columns: 500, rows: 2_000_000, record: 256 * 1024 }

const parsing = (delimiter: string) => ({
  delimiter,
  bom: true,
  record_delimiter: ['\r\n', '\n', '\r'],
  // A short or long record is a matter of its row, not of the file; so is a quote inside an unquoted cell.
  relax_column_count: true,
  relax_quotes: true,
  max_record_size: limits.record,
})

/**
 * Finds encoding, delimiter and header of a delimited text file. `score` says how many of the columns that the caller
 * wants a record names: the best such record among the first 60 is the header, and the delimiter is the one that
 * makes it so. Without any such record the first with two cells or more is the header.
 */
export async function openTable(
  path: string,
  score: (cells: string[]) => number,
  options: { sheet?: string; encoding?: Encoding } = {},
): Promise<Table> {
  const encoding = options.encoding ?? (await encodingOf(path))
  const sample = await sampleOf(path, encoding)
  const stated = /^sep=(.)\r?\n/i.exec(sample)?.[1]
  const candidates = (stated ? [stated] : [',', ';', '\t', '|']).map((delimiter) => {
    const records = recordsOf(sample, delimiter)
    const { index, named } = headerAmong(records, score)
    return { delimiter, named, evenness: evenness(records), row: index + 1, columns: records[index] ?? [] }
  })
  candidates.sort((a, b) => b.named - a.named || b.evenness - a.evenness)
  const best = candidates[0]!
  if (best.columns.length === 0) throw new Unreadable('The file is empty. Send one with a header and rows.')
  if (best.columns.length > limits.columns) {
    throw new Unreadable(`The file has ${best.columns.length} columns; at most ${limits.columns} are read.`)
  }
  return {
    encoding,
    delimiter: best.delimiter,
    header_row: best.row,
    columns: best.columns.map((name) => name.trim()),
  }
}

/**
 * The rows under the header, in batches. Blank rows and repetitions of the header (reports print it on every page)
 * are left out. Throws Unreadable at a quote that is never closed and beyond the limits.
 */
export async function* rowsOf(path: string, table: Table): AsyncGenerator<Row[]> {
  const parser = parse(parsing(table.delimiter))
  const fed = pipeline(source(path, table.encoding), parser).catch(() => {})
  const header = table.columns.join('\u0000')
  let row = 0
  let batch: Row[] = []
  try {
    for await (const cells of parser as AsyncIterable<string[]>) {
      row++
      if (row <= table.header_row || isBlank(cells)) continue
      if (cells[0]?.trim() === table.columns[0] && cells.map((cell) => cell.trim()).join('\u0000') === header)
        continue
      if (row > limits.rows)
        throw new Unreadable(`The file has more than ${limits.rows} rows. Split it and import the parts.`)
      batch.push({ row, cells })
      if (batch.length === 500) {
        yield batch
        batch = []
      }
    }
  } catch (error) {
    throw readable(error as CsvError)
  } finally {
    parser.destroy()
    await fed
  }
  if (batch.length > 0) yield batch
}

const isBlank = (cells: string[]) => cells.every((cell) => cell === '' || cell.trim() === '')

function readable(error: CsvError & { lines?: number }) {
  if (error.code === 'CSV_QUOTE_NOT_CLOSED')
    return new Unreadable(
      `A quote (") that opens at or before line ${error.lines} is never closed. Close it, or remove it.`,
    )
  if (error.code === 'CSV_MAX_RECORD_SIZE')
    return new Unreadable(
      `A row near line ${error.lines} is longer than ${limits.record / 1024} KB. Usually a quote (") before it is never closed.`,
    )
  return error
}

// ---- encoding -------------------------------------------------------------------------------------------------------

const signatures: [string, string][] = [
  ['504b0304', 'an Excel workbook (.xlsx) or another zip file'],
  ['d0cf11e0', 'an old Excel workbook (.xls)'],
  ['25504446', 'a PDF'],
  ['1f8b08', 'a gzip file'],
]

/** A byte order mark; else zero bytes on one side, as UTF-16 has in Western text; else UTF-8 if all of it is; else Windows-1252. */
export async function encodingOf(path: string): Promise<Encoding> {
  const head = await headOf(path, 4096)
  const known = signatures.find(([bytes]) => head.toString('hex', 0, 4).startsWith(bytes))
  if (known)
    throw new Unreadable(
      `The file is named .csv but is ${known[1]}. Save it as CSV (comma separated) and send that.`,
    )
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  const zeros = [0, 0] as [number, number]
  for (let at = 0; at < head.length; at++) if (head[at] === 0) zeros[at % 2 === 0 ? 0 : 1]++
  if (zeros[1] > head.length / 5 && zeros[0] < head.length / 50) return 'utf-16le'
  if (zeros[0] > head.length / 5 && zeros[1] < head.length / 50) return 'utf-16be'
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let valid = true
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    if (chunk.includes(0)) throw noText()
    if (!valid) continue
    try {
      decoder.decode(chunk, { stream: true })
    } catch {
      valid = false
    }
  }
  if (valid) {
    try {
      decoder.decode()
    } catch {
      valid = false
    }
  }
  return valid ? 'utf-8' : 'windows-1252'
}

const noText = () =>
  new Unreadable('The file holds NUL bytes: it is not text. Save it as CSV (comma separated) and send that.')
/** In UTF-16 a zero byte is half of most letters; only the character says that the file is no text. */
const textOnly = (text: string) => {
  if (text.includes('\u0000')) throw noText()
  return text
}

async function headOf(path: string, bytes: number): Promise<Buffer> {
  const file = await open(path)
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(bytes), 0, bytes, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

async function sampleOf(path: string, encoding: Encoding) {
  const bytes = await headOf(path, SAMPLE_BYTES)
  const text = textOnly(new TextDecoder(encoding).decode(bytes))
  // The last record of a cut sample is not whole.
  return bytes.length < SAMPLE_BYTES ? text : text.slice(0, text.lastIndexOf('\n') + 1)
}

/** The parser reads bytes of UTF-8; other encodings are turned into it on the way. */
function source(path: string, encoding: Encoding): Readable {
  const bytes = createReadStream(path, { highWaterMark: 256 * 1024 })
  if (encoding === 'utf-8') return bytes
  const decoder = new TextDecoder(encoding)
  return Readable.from(
    (async function* () {
      for await (const chunk of bytes as AsyncIterable<Buffer>)
        yield Buffer.from(textOnly(decoder.decode(chunk, { stream: true })))
      yield Buffer.from(decoder.decode())
    })(),
  )
}

// ---- delimiter and header -------------------------------------------------------------------------------------------

/** The first records; a mistake further down ends them, and is told when the rows are read. */
function recordsOf(sample: string, delimiter: string): string[][] {
  const records: string[][] = []
  const onRecord = (record: string[]) => {
    records.push(record)
    return record
  }
  try {
    parseAtOnce(sample, { ...parsing(delimiter), to: HEADER_WITHIN, onRecord })
  } catch {}
  return records
}

function headerAmong(records: string[][], score: (cells: string[]) => number) {
  let index = records.findIndex((cells) => cells.filter((cell) => cell.trim() !== '').length > 1)
  let named = 0
  for (const [at, cells] of records.entries()) {
    const count = score(cells)
    if (count > named) [index, named] = [at, count]
  }
  return { index: Math.max(0, index), named }
}

/** How well a delimiter explains the sample: many columns, and the same number of them in most records. */
function evenness(records: string[][]): number {
  const counts = new Map<number, number>()
  for (const cells of records)
    if (!isBlank(cells)) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1)
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const score = [...counts].map(([columns, count]) => (columns < 2 ? 0 : columns * (count / total) ** 2))
  return Math.max(0, ...score)
}
