import { cut, forbiddenCharacter } from '../../core/schema.ts'
import { rowsOf } from '../../core/tabular.ts'
import { correcting } from './corrections.ts'
import { giveNotice, type LeftOut, leaveOut, RowSorter } from './no-rows.ts'
import type { ColumnWatch, Survey } from './survey.ts'
import type { Correction, Reading, ReadRow, Shape, Staged } from './target.ts'

export { type LeftOut, noneLeftOut } from './no-rows.ts'
export type Chunk = { bytes: Uint8Array<ArrayBuffer>; rows: number }

const CHUNK_CHARS = 128 * 1024
/** Characters of a bad value that are shown. */
const SHOWN = 200

/** Columns of the staging table in the order of COPY. */
export const stagingColumns = ({ stage }: Pick<Shape, 'stage'>): string[] => [
  'row',
  ...Object.keys(stage),
  'problems',
  'cells',
]

/**
 * Turns the rows of a file into text for COPY, in the order of `stagingColumns`. A row with a problem travels too, with its
 * problems and its cells, so that every row of the file is accounted for. `watch` sees all of them.
 */
export async function* stageRows(
  path: string,
  survey: Survey,
  shape: Shape,
  readRow: ReadRow,
  reading: Reading,
  watch: ColumnWatch,
  leftOut: LeftOut,
  corrections?: readonly Correction[],
): AsyncGenerator<Chunk> {
  const { places, mapping, table, heading } = survey
  const columns = stagingColumns(shape)
  const used = Object.values(places)
  const encoder = new TextEncoder()
  const sorter = new RowSorter(shape, survey)
  const correct = correcting(corrections, table.columns)
  let lines = ''
  let rows = 0
  // The cells that feed a field, as it is read; looked at once, since one is asked for several times.
  const texts: string[] = []
  const cell = (field: string) => {
    const at = places[field]
    if (at !== undefined) return texts[at]!
    return field === heading ? composed(sorter.heading) : ''
  }
  for await (const batch of rowsOf(path, survey.table)) {
    for (const each of batch) {
      correct(each)
      const { cells } = each
      const why = sorter.kindOf(cells)
      if (why) {
        leaveOut(leftOut, why, each.row)
        if (why === 'totals') leftOut.stated_totals.push(...sorter.statedTotals(each))
        continue
      }
      watch.add(each)
      let odd = false
      for (const at of used) {
        const text = cells[at] ?? ''
        const isPlain = plain.test(text)
        texts[at] = isPlain ? text.trim() : composed(text)
        odd ||= !isPlain
      }
      const damage = damageOf(cells, odd ? used : [], table.columns)
      const { staged, problems, notices } = damage
        ? { staged: {} as Staged, problems: [damage], notices: undefined }
        : readRow(cell, reading)
      const told = problems.map(({ field, value, reason }) => ({
        column: field && (mapping[field] ?? null),
        value: shown(value ?? (field ? cell(field) : null)),
        reason,
      }))
      staged.row = each.row
      if (told.length > 0) {
        staged.problems = JSON.stringify(told)
        staged.cells = textArray(cells)
      } else if (notices)
        for (const notice of notices) giveNotice(leftOut, notice, each.row, String(staged.currency))
      if (each.hidden)
        giveNotice(leftOut, { text: 'Rows that the sheet hides were read like all others' }, each.row)
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

const shown = (value: string | null) => (value === null ? null : cut(value, SHOWN))
const plain = /^[\x20-\x7e]*$/
const composed = (text: string) => text.normalize('NFC').trim()
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
  // Joined, not added up: of a text that was added up each piece lives until it is encoded.
  const values: string[] = Array(columns.length)
  for (let at = 0; at < columns.length; at++) {
    const value = staged[columns[at]!]
    values[at] =
      value === undefined || value === null
        ? '\\N'
        : typeof value !== 'string'
          ? String(value)
          : special.test(value)
            ? value.replace(/[\\\t\n\r]/g, (each) => escapes[each]!)
            : value
  }
  return `${values.join('\t')}\n`
}

/** A PostgreSQL text[] literal; what text columns cannot hold is left out. */
const textArray = (cells: string[]) =>
  `{${cells.map((text) => `"${text.replaceAll('\u0000', '').replace(/["\\]/g, '\\$&')}"`).join(',')}}`
