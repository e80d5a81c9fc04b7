import { forbiddenCharacter } from '../../core/schema.ts'
import { rowsOf } from '../../core/tabular.ts'
import type { ColumnWatch, Survey } from './survey.ts'
import type { Reading, ReadRow, Staged } from './target.ts'

/** What became of the rows that are no rows of the table: totals that reports print, and notes under it. */
export type LeftOut = { totals: number[]; notes: number[] }
export type Chunk = { bytes: Uint8Array<ArrayBuffer>; rows: number }

const CHUNK_CHARS = 128 * 1024
const LISTED = 20
/** Characters of a bad value that are shown. */
const SHOWN = 200

/**
 * Turns the rows of a file into text for COPY, in the order of `columns`. A row with a problem travels too, with its
 * problems and its cells, so that every row of the file is accounted for. `watch` sees every row.
 */
export async function* stageRows(
  path: string,
  survey: Survey,
  columns: readonly string[],
  key: string,
  readRow: ReadRow,
  reading: Reading,
  watch: ColumnWatch,
  leftOut: LeftOut,
): AsyncGenerator<Chunk> {
  const { places, mapping, table } = survey
  const used = Object.values(places)
  const encoder = new TextEncoder()
  let lines = ''
  let rows = 0
  let cells: string[] = []
  const cell = (field: string) => {
    const at = places[field]
    const text = at === undefined ? undefined : cells[at]
    return text === undefined ? '' : plain.test(text) ? text.trim() : text.normalize('NFC').trim()
  }
  for await (const batch of rowsOf(path, survey.table)) {
    for (const each of batch) {
      cells = each.cells
      watch.add(each)
      const why = isNoRow(cells, used, cell(key))
      if (why) {
        if (leftOut[why].length < LISTED) leftOut[why].push(each.row)
        continue
      }
      const damage = damageOf(cells, used, table.columns)
      const { staged, problems } = damage ? { staged: {}, problems: [damage] } : readRow(cell, reading)
      const told = problems.map(({ field, value, reason }) => ({
        column: field && (mapping[field] ?? null),
        value: (value ?? (field ? cell(field) : null))?.slice(0, SHOWN) ?? null,
        reason,
      }))
      staged.row = each.row
      if (told.length > 0) {
        staged.problems = JSON.stringify(told)
        staged.cells = textArray(cells)
      }
      lines += line(columns, staged)
      rows++
      if (lines.length >= CHUNK_CHARS) {
        yield { bytes: encoder.encode(lines), rows }
        lines = ''
        rows = 0
      }
    }
  }
  if (rows > 0) yield { bytes: encoder.encode(lines), rows }
}

const plain = /^[\x20-\x7e]*$/
const total = /\b(?:sub|grand\s*)?-?totals?\b/i

/** A row of totals has no key and says so; a note has nothing in the columns that are read. */
function isNoRow(cells: string[], used: number[], key: string): keyof LeftOut | undefined {
  if (key === '') {
    if (cells.some((text) => total.test(text))) return 'totals'
    if (used.every((at) => (cells[at]?.trim() ?? '') === '')) return 'notes'
  } else if (/^(?:grand\s*|sub-?)?totals?:?$/i.test(key)) return 'totals'
  return undefined
}

function damageOf(cells: string[], used: number[], columns: string[]) {
  if (cells.length > columns.length && cells.slice(columns.length).some((text) => text.trim() !== '')) {
    const reason = `The row has ${cells.length} cells and the header ${columns.length}: a cell that holds the separator is not in quotes.`
    return { field: null, reason }
  }
  for (const at of used) {
    const text = cells[at]
    if (text === undefined || plain.test(text)) continue
    const character = forbiddenCharacter(text)
    if (character)
      return {
        field: null,
        value: text,
        reason: `The column ${columns[at]} holds the character ${character}, which is not allowed in text.`,
      }
  }
  return undefined
}

const special = /[\\\t\n\r]/
const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

function line(columns: readonly string[], staged: Staged): string {
  let text = ''
  for (const column of columns) {
    const value = staged[column]
    if (text !== '') text += '\t'
    if (value === undefined || value === null) text += '\\N'
    else if (typeof value === 'string')
      text += special.test(value) ? value.replace(/[\\\t\n\r]/g, (each) => escapes[each]!) : value
    else text += String(value)
  }
  return `${text}\n`
}

/** A PostgreSQL text[] literal; what text columns cannot hold is left out. */
const textArray = (cells: string[]) =>
  `{${cells.map((text) => `"${text.replaceAll('\u0000', '').replace(/["\\]/g, '\\$&')}"`).join(',')}}`
