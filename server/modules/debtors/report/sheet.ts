import { Refusal } from '../../../core/errors.ts'
import { openTable, rowsOf, Unreadable } from '../../../core/tabular.ts'
import { isAge, labelOf } from './labels.ts'
import type { ReadOptions } from './types.ts'
import type { Page, Word } from './words.ts'

// The cells of a CSV or workbook as words on one long page, each column a hundred points wide: read like any other report.

const WIDTH = 100
const HEIGHT = 12
const score = (cells: string[]) =>
  cells.filter((cell) => labelOf(cell) !== null).length + cells.filter((cell) => isAge(labelOf(cell))).length

export async function sheetPages(
  file: { path: string; name: string },
  { exponent }: ReadOptions,
): Promise<Page[]> {
  try {
    const table = await openTable(file.path, score)
    const words: Word[] = []
    let columns = 1
    // From the first row: titles, dates and totals stand above the header as well.
    for await (const batch of rowsOf(file.path, { ...table, header_row: 0, columns: ['\u0000'] }))
      for (const { row, cells } of batch) {
        columns = Math.max(columns, cells.length)
        for (const [at, cell] of cells.entries()) {
          const text = printed(cell, exponent)
          if (text !== '') words.push(wordOf(text, at, row))
        }
      }
    return [
      {
        page: 1,
        width: columns * WIDTH,
        height: (words.at(-1)?.y ?? 0) + HEIGHT,
        rotation: 0,
        turned: 0,
        words,
        aslant: [],
        pitch: null,
      },
    ]
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    throw new Refusal(400, 'not_a_report', error.message)
  }
}

/** Workbooks keep 12.3 as 12.300000000000001. */
const printed = (cell: string, exponent: number) => {
  const text = cell.replaceAll(/\s+/g, ' ').trim()
  return /^-?\d+\.\d{5,}(?:e-\d+)?$/i.test(text) ? Number(text).toFixed(exponent) : text
}

function wordOf(text: string, column: number, row: number): Word {
  const x0 = column * WIDTH
  // Every cell is as wide as its column, so that edges line up; its letters share the width.
  const x1 = x0 + WIDTH - 20
  const step = (x1 - x0) / text.length
  return {
    text,
    x0,
    x1,
    y: row * HEIGHT,
    h: HEIGHT * 0.7,
    xs: Array.from({ length: text.length + 1 }, (_, at) => x0 + at * step),
  }
}
