import type { Style } from './amounts.ts'
import { type Columns, columnsOf } from './columns.ts'
import { type Header, headerAt } from './header.ts'
import { meaningsOf } from './labels.ts'
import { type Line, tokensOf } from './tokens.ts'
import type { ColumnMeaning } from './types.ts'
import { type Page, rowsOf, type Word } from './words.ts'

// Pages to lines in reading order, each knowing the header it stands under.

export type Group = {
  header: Header
  columns: Columns
  pages: Set<number>
  meanings: (ColumnMeaning | null)[]
}
export type Placed = { line: Line; group: number | null; header: boolean; beforeHeader: boolean }

export type Prepared = {
  placed: Placed[]
  groups: Group[]
  /** Pages that have a header of their own. */
  headed: Set<number>
}

export function lineOf(
  words: Word[],
  page: number,
  panel: number,
  style: Style,
  pitch: number | null,
  minus: boolean,
): Line {
  return {
    page,
    panel,
    pitch,
    shifted: 0,
    y: words[0]!.y,
    h: Math.max(...words.map(({ h }) => h)),
    x0: words[0]!.x0,
    x1: Math.max(...words.map(({ x1 }) => x1)),
    words,
    tokens: tokensOf(words, style, pitch, minus),
    text: words.map(({ text }) => text).join(' '),
  }
}

const sameHeader = (a: Header, b: Header) =>
  a.cells.length === b.cells.length &&
  a.tiers === b.tiers &&
  (a.split === null) === (b.split === null) &&
  a.cells.every(
    (cell, at) =>
      cell.label.toLowerCase() === b.cells[at]!.label.toLowerCase() &&
      Math.abs(cell.x0 - b.cells[at]!.x0) < 4,
  )

export function prepare(
  pages: Page[],
  style: Style,
  leadingMinus: boolean,
  reportDate: string | null,
  answers: Map<string, ColumnMeaning>,
): Prepared {
  const headers: Header[] = []
  const headed = new Set<number>()
  const placed: Placed[] = []
  const labels = new Set(answers.keys())
  let current: number | null = null

  for (const page of pages) {
    const rows = rowsOf(page.words, (word) => ({ x: word.x0, y: word.y, h: word.h }))
    const make = (words: Word[], panel: number) =>
      lineOf(words, page.page, panel, style, page.pitch, leadingMinus)
    const lines = rows.map((words) => make(words, 0))
    const found: Header[] = []
    for (let at = 0; at < lines.length; at++) {
      const header = headerAt(lines, at, page.pitch, labels)
      if (!header) continue
      found.push(header)
      at += header.lines - 1
    }
    if (found.length > 0) headed.add(page.page)
    let segment = { from: 0, header: current, own: false }
    const close = (to: number) => {
      const some = lines.slice(segment.from, to)
      const split = segment.header === null ? null : headers[segment.header]!.split
      const put = (line: Line) =>
        placed.push({
          line,
          group: segment.header,
          header: false,
          beforeHeader: !segment.own && found.length > 0,
        })
      if (split === null || (!segment.own && found.length > 0)) {
        for (const line of some) put(line)
        return
      }
      const halves: [Line[], Line[]] = [[], []]
      for (const line of some) {
        const left = line.words.filter((word) => word.x0 < split)
        const right = line.words.filter((word) => word.x0 >= split)
        // Text that runs through the gap is a title or a foot of the whole page.
        const across = left.length > 0 && right.length > 0 && right[0]!.x0 - left.at(-1)!.x1 < line.h * 0.8
        if (across && line.tokens.filter(({ sure }) => sure).length < 2) halves[0].push(line)
        else {
          if (left.length > 0) halves[0].push(make(left, 0))
          if (right.length > 0) {
            const by = headers[segment.header!]!.repeat
            halves[1].push({
              ...make(
                right.map((word) => shift(word, -by)),
                1,
              ),
              shifted: by,
            })
          }
        }
      }
      for (const line of [...halves[0], ...halves[1]]) put(line)
    }
    for (const header of found) {
      close(header.line)
      let at = headers.findIndex((other) => sameHeader(other, header))
      if (at < 0) at = headers.push(header) - 1
      current = at
      for (const line of lines.slice(header.line, header.line + header.lines))
        placed.push({ line, group: at, header: true, beforeHeader: false })
      segment = { from: header.line + header.lines, header: at, own: true }
    }
    close(lines.length)
  }
  // What stands above the first header of all may be totals printed first.
  for (const each of placed) if (each.group === null && headers.length > 0) each.group = 0

  const groups = headers.map((header, at): Group => {
    const own = placed.filter((each) => each.group === at && !each.header)
    const meanings = meaningsOf(
      header.cells.map(({ is }) => is),
      reportDate,
    ).map((meaning, cell) => answers.get(header.cells[cell]!.label.toLowerCase()) ?? meaning)
    once(meanings)
    const lines = own.filter(({ beforeHeader }) => !beforeHeader).map(({ line }) => line)
    return {
      header,
      meanings,
      columns: columnsOf(
        header.cells,
        meanings,
        lines.length > 0 ? lines : own.map(({ line }) => line),
        header.tiers,
      ),
      pages: new Set(own.map(({ line }) => line.page)),
    }
  })
  return { placed, groups, headed }
}

/** One column each for account, name and balance: the first, and for the balance the last. */
function once(meanings: (ColumnMeaning | null)[]) {
  for (const meaning of ['account', 'name'] as const) {
    const first = meanings.indexOf(meaning)
    for (let at = first + 1; first >= 0 && at < meanings.length; at++)
      if (meanings[at] === meaning) meanings[at] = 'other'
  }
}

const shift = (word: Word, by: number): Word => ({
  ...word,
  x0: word.x0 + by,
  x1: word.x1 + by,
  xs: word.xs.map((x) => x + by),
})
