/** A file that cannot be read as a table. The message says what, where and what to do. */
export class Unreadable extends Error {}
/** The workbook can be read, and its sheet of that name cannot: the sheets that one may choose from. */
export class WrongSheet extends Unreadable {
  sheets: string[]
  constructor(message: string, sheets: string[]) {
    super(message)
    this.sheets = sheets
  }
}

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252'
/** Where a table begins in its file. Rows count from 1 as a spreadsheet counts them. */
export type Table = { header_row: number; columns: string[] } & (
  | { format: 'csv'; encoding: Encoding; delimiter: string }
  /** `sheets` are the sheets one sees; a hidden one is read when it is named. */
  | { format: 'xlsx'; sheet: string; sheets: string[] }
)
/** `hidden`: a filter or a person hides the row in the spreadsheet. It is read like the others; whoever counts may say so. */
export type Row = { row: number; cells: string[]; hidden?: true }
/** How many of the columns that the caller wants a record names. */
export type Score = (cells: string[]) => number

/** Titles, dates and filters that reports print above their header. */
export const HEADER_WITHIN = 60
export const limits = {
  columns: 500,
  rows: 2_000_000,
  /** Bytes of a delimited record, characters of a sheet's row: one text may stand in all of its cells. */
  record: 256 * 1024,
  /** Characters of a workbook's cell: four times what Excel lets one hold. */
  cell: 4 * 32_767,
  /** Cells of a workbook's sheet that hold something, and their characters. */
  cells: 30_000_000,
  characters: 512 * 1024 * 1024,
  /** Characters and number of the different texts that a workbook keeps apart from its sheets. */
  texts: 48 * 1024 * 1024,
  textCount: 2_000_000,
}

export const isBlank = (cells: string[]) => cells.every((cell) => cell === '' || cell.trim() === '')

/** The record that names most of what is wanted; without any such record the first with two cells or more. */
export function headerAmong(records: string[][], score: Score) {
  let index = records.findIndex((cells) => cells.filter((cell) => cell.trim() !== '').length > 1)
  let named = 0
  for (const [at, cells] of records.entries()) {
    const count = score(cells)
    if (count > named) [index, named] = [at, count]
  }
  return { index: Math.max(0, index), named, found: index >= 0 }
}

/** Reports print their header on every page. */
export function headerAgain(columns: string[]): (cells: string[]) => boolean {
  const header = columns.join('\u0000')
  return (cells) =>
    cells[0]?.trim() === columns[0] && cells.map((cell) => cell.trim()).join('\u0000') === header
}

export function checkColumns(columns: string[]) {
  if (columns.length > limits.columns)
    throw new Unreadable(`The file has ${columns.length} columns; at most ${limits.columns} are read.`)
  if (columns.reduce((all, name) => all + name.length, 0) > limits.record)
    throw new Unreadable('The names of the columns are longer than any header. Shorten them.')
}

/** A formula instead of what it comes to: its workbook was written by a program that does not calculate. */
export const isFormula = (cell: string) => /^=(?:$|[^=>\s])/.test(cell)
export const noResult =
  'A formula whose result the file does not hold. Open it in a spreadsheet program, save, and send it again.'
