import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type CsvError, parse } from 'csv-parse'
import { parse as parseAtOnce } from 'csv-parse/sync'
import {
  checkColumns,
  type Encoding,
  HEADER_WITHIN,
  headerAgain,
  headerAmong,
  isBlank,
  limits,
  type Row,
  type Score,
  type Table,
  Unreadable,
} from './table.ts'

/** A delimited text. */
type Text = Extract<Table, { format: 'csv' }>

const SAMPLE_BYTES = 256 * 1024

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
 * Finds encoding, delimiter and header of a delimited text file. The delimiter is the one with which a record names
 * most of what is wanted; without any such record the one that cuts the lines most evenly. `encoding` is a person's word.
 */
export async function openDelimited(path: string, score: Score, encoding?: Encoding): Promise<Text> {
  const read = encoding ?? (await encodingOf(path))
  const sample = await sampleOf(path, read)
  const stated = /^sep=(.)\r?\n/i.exec(sample)?.[1]
  const candidates = (stated ? [stated] : [',', ';', '\t', '|']).map((delimiter) => {
    const records = recordsOf(sample, delimiter)
    const { index, named } = headerAmong(records, score)
    return { delimiter, named, evenness: evenness(records), row: index + 1, columns: records[index] ?? [] }
  })
  candidates.sort((a, b) => b.named - a.named || b.evenness - a.evenness)
  const best = candidates[0]!
  if (best.columns.length === 0) throw new Unreadable('The file is empty. Send one with a header and rows.')
  checkColumns(best.columns)
  return {
    format: 'csv',
    encoding: read,
    delimiter: best.delimiter,
    header_row: best.row,
    columns: best.columns.map((name) => name.trim()),
  }
}

/** The rows of tabular.ts, of a text. Throws Unreadable at a quote that is never closed. */
export async function* delimitedRows(path: string, table: Text): AsyncGenerator<Row[]> {
  const isHeader = headerAgain(table.columns)
  let row = 0
  let batch: Row[] = []
  for await (const records of recordsIn(path, table)) {
    for (const cells of records) {
      row++
      if (row <= table.header_row || isBlank(cells) || isHeader(cells)) continue
      if (row > limits.rows)
        throw new Unreadable(`The file has more than ${limits.rows} rows. Split it and import the parts.`)
      batch.push({ row, cells })
    }
    if (batch.length >= 500) {
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}

/**
 * The records of a file. Up to its first quote lines are records and separators cut them, which needs no parser and takes
 * a third of its time; from there on the parser reads.
 */
async function* recordsIn(path: string, { encoding, delimiter }: Text): AsyncGenerator<string[][]> {
  const texts = textOf(path, encoding)
  let rest = ''
  let lines = 0
  for await (const text of texts) {
    if (text.includes('"')) {
      yield* parsedRecords(rest + text, texts, delimiter, lines)
      return
    }
    const parts = (rest + text).split(lineEnd)
    // The last line may go on in the next piece, and so may a line end of two characters.
    rest = parts.pop()!
    if (text.endsWith('\r') && rest === '') rest = `${parts.pop()!}\r`
    lines += parts.length
    if (rest.length > limits.record) throw tooLong(lines)
    yield parts.map((line) => line.split(delimiter))
  }
  if (rest !== '' && rest !== '\r') yield [rest.replace(lineEnd, '').split(delimiter)]
  else if (rest === '\r') yield [['']]
}
const lineEnd = /\r\n|\n|\r/

async function* parsedRecords(
  first: string,
  more: AsyncIterable<string>,
  delimiter: string,
  linesBefore: number,
): AsyncGenerator<string[][]> {
  const parser = parse(parsing(delimiter))
  const whole = async function* () {
    yield Buffer.from(first)
    for await (const text of more) yield Buffer.from(text)
  }
  const fed = pipeline(Readable.from(whole()), parser).catch(() => {})
  let records: string[][] = []
  try {
    for await (const cells of parser as AsyncIterable<string[]>) {
      records.push(cells)
      if (records.length === 200) {
        yield records
        records = []
      }
    }
  } catch (error) {
    throw readable(error as CsvError, linesBefore)
  } finally {
    parser.destroy()
    await fed
  }
  if (records.length > 0) yield records
}

function readable(error: CsvError & { lines?: number }, linesBefore: number) {
  const line = (error.lines ?? 0) + linesBefore
  if (error.code === 'CSV_QUOTE_NOT_CLOSED')
    return new Unreadable(
      `A quote (") that opens at or before line ${line} is never closed. Close it, or remove it.`,
    )
  if (error.code === 'CSV_MAX_RECORD_SIZE') return tooLong(line)
  return error
}
const tooLong = (line: number) =>
  new Unreadable(
    `A row near line ${line} is longer than ${limits.record / 1024} KB. Usually a quote (") before it is never closed.`,
  )

// ---- encoding -------------------------------------------------------------------------------------------------------

/** A byte order mark; else zero bytes on one side, as UTF-16 has in Western text; else UTF-8 if all of it is; else Windows-1252. */
async function encodingOf(path: string): Promise<Encoding> {
  const head = await headOf(path, 4096)
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

/** The text of a file, in pieces. */
async function* textOf(path: string, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding)
  const bytes = createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>
  for await (const chunk of bytes) yield textOnly(decoder.decode(chunk, { stream: true }))
  yield decoder.decode()
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

/** How well a delimiter explains the sample: many columns, and the same number of them in most records. */
function evenness(records: string[][]): number {
  const counts = new Map<number, number>()
  for (const cells of records)
    if (!isBlank(cells)) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1)
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const score = [...counts].map(([columns, count]) => (columns < 2 ? 0 : columns * (count / total) ** 2))
  return Math.max(0, ...score)
}
