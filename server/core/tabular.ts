import { open } from 'node:fs/promises'
import { delimitedRows, openDelimited } from './delimited.ts'
import { type Encoding, type Row, type Score, type Table, Unreadable } from './table.ts'
import { openSheet, sheetRows } from './workbook.ts'

export { type Encoding, limits, type Row, type Table, Unreadable, WrongSheet } from './table.ts'

/**
 * Finds the table in a file: a delimited text or an Excel workbook, told by what the file holds and not by its name.
 * `score` says how many of the columns that the caller wants a record names: the best such record among the first 60
 * is the header. A workbook's table is on its first visible sheet that has one, or on the sheet that is named.
 */
export async function openTable(
  path: string,
  score: Score,
  options: { sheet?: string; encoding?: Encoding } = {},
): Promise<Table> {
  return (await formatOf(path)) === 'xlsx'
    ? openSheet(path, score, options.sheet)
    : openDelimited(path, score, options.encoding)
}

/**
 * The rows under the header, in batches. Blank rows and repetitions of the header (reports print it on every page)
 * are left out. Throws Unreadable where the file is damaged and beyond the limits.
 */
export const rowsOf = (path: string, table: Table): AsyncGenerator<Row[]> =>
  table.format === 'xlsx' ? sheetRows(path, table) : delimitedRows(path, table)

const CONTAINER = 'd0cf11e0'
const signatures: [bytes: string, what: string][] = [
  ['25504446', 'a PDF'],
  ['1f8b08', 'a gzip file'],
  ['52617221', 'a RAR file'],
  ['377abcaf', 'a 7z file'],
  ['89504e47', 'a picture'],
  ['ffd8ff', 'a picture'],
]

/** Whether the file is a workbook or a text. */
async function formatOf(path: string): Promise<'csv' | 'xlsx'> {
  const file = await open(path)
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(4096), 0, 4096, 0)
    const head = buffer.subarray(0, bytesRead)
    const first = head.toString('hex', 0, 4)
    if (first === '504b0304' || first === '504b0506') return 'xlsx'
    if (first === CONTAINER) {
      // The directory of such a file names what is in it, in UTF-16.
      const at = head.length < 512 ? 0 : (head.readUInt32LE(48) + 1) * 2 ** head.readUInt16LE(30)
      const length = Math.min(64 * 1024, Math.max(0, (await file.stat()).size - at))
      const directory = (await file.read(Buffer.alloc(length), 0, length, at)).buffer
      if (directory.includes(Buffer.from('EncryptionInfo', 'utf16le')))
        throw new Unreadable(
          'The workbook is protected with a password. Remove the password in Excel (File, Info, Protect Workbook) and send it again.',
        )
      throw new Unreadable('The file is an old Excel workbook (.xls). Save it as .xlsx and send that.')
    }
    const known = signatures.find(([bytes]) => first.startsWith(bytes))
    if (known)
      throw new Unreadable(
        `The file is ${known[1]}, not a table. Send it as CSV or as an Excel workbook (.xlsx).`,
      )
    return 'csv'
  } finally {
    await file.close()
  }
}
