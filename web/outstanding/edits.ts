import type { SheetCustomer } from '../wire.ts'

// What is written into the cells of the sheet: one step of it can be taken back at a time.

export type Field = 'remark' | 'notes' | 'engineer'
/** The editable columns, in the order in which they stand. */
export const fields: readonly Field[] = ['remark', 'notes', 'engineer']
export type Edit = { customer: string; field: Field; before: string; after: string }

/** What a cell holds: the remark's word, the notes, the engineer's id. */
export function cellOf(row: SheetCustomer, field: Field): string {
  if (field === 'remark') return row.remarks
  return field === 'notes' ? row.notes : (row.assignedEngineerId ?? '')
}

/** The row as it is with an edit. */
export function withEdit(
  row: SheetCustomer,
  field: Field,
  value: string,
  engineer: string | null,
): SheetCustomer {
  if (field === 'remark') return { ...row, remarks: value as SheetCustomer['remarks'] }
  if (field === 'notes') return { ...row, notes: value }
  return { ...row, assignedEngineerId: value || null, assignedEngineer: engineer }
}

/** Cells as spreadsheets put them on the clipboard: tabs between columns, lines between rows, quotes around both. */
export function cellsOf(text: string): string[][] {
  const rows: string[][] = [[]]
  let cell = ''
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!
    if (quoted) {
      if (sign !== '"') cell += sign
      else if (text[at + 1] === '"') {
        cell += '"'
        at++
      } else quoted = false
    } else if (sign === '"' && cell === '') quoted = true
    else if (sign === '\t' || sign === '\n') {
      rows.at(-1)!.push(cell)
      cell = ''
      if (sign === '\n') rows.push([])
    } else if (sign !== '\r') cell += sign
  }
  rows.at(-1)!.push(cell)
  // What is copied ends with a line break, which begins no row.
  if (rows.length > 1 && rows.at(-1)!.every((each) => each === '')) rows.pop()
  return rows
}

type Known = {
  /** What a word of a cell means; undefined when it means nothing there. */
  read(field: Field, text: string): string | undefined
  mayEdit(field: Field): boolean
}

/** The edits that a pasted block makes from a cell on, and the words that mean nothing. A single cell fills no more than one. */
export function pasted(
  block: string[][],
  from: { row: number; field: Field },
  rows: readonly SheetCustomer[],
  { read, mayEdit }: Known,
): { edits: Edit[]; wrong: string[] } {
  const edits: Edit[] = []
  const wrong: string[] = []
  const start = fields.indexOf(from.field)
  for (const [down, cells] of block.entries()) {
    const row = rows[from.row + down]
    if (!row) break
    for (const [right, text] of cells.entries()) {
      const field = fields[start + right]
      if (!field) break
      if (!mayEdit(field)) continue
      const after = read(field, text.trim())
      const before = cellOf(row, field)
      if (after === undefined) wrong.push(text.trim())
      else if (after !== before) edits.push({ customer: row.id, field, before, after })
    }
  }
  return { edits, wrong }
}
