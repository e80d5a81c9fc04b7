import { isoText, numberText, type Shown, unquoted } from './cells.ts'
import { isBlank, limits, type Row, Unreadable } from './table.ts'
import { attributeOf, eachAttribute, readXml, type XmlWatch, xmlSteps } from './xml.ts'

/** What the cells of a workbook refer to. */
export type Book = { texts: string[]; styles: Shown[]; since1904: boolean }

const ROW_MAX = 1_048_576
const COLUMN_MAX = 16_384

/** The rows of a sheet that hold something, by their numbers in the sheet, as they stream by. */
export async function* rowsOfSheet(bytes: AsyncIterable<Buffer>, book: Book): AsyncGenerator<Row[]> {
  const { watch, take } = sheetWatch(book)
  for await (const _ of xmlSteps(bytes, watch)) {
    const rows = take()
    if (rows.length > 0) yield rows
  }
}

function sheetWatch({ texts, styles, since1904 }: Book): { watch: XmlWatch; take: () => Row[] } {
  let rows: Row[] = []
  let inData = false
  let number = 0
  let hidden = false
  let cells: string[] = []
  let filled = 0
  let inRow = 0
  let inSheet = 0
  // The cell that is open.
  let column = -1
  let type = ''
  let style = 0
  let value = ''
  let formula: string | undefined
  let hasValue = false
  // What text belongs to: v and t are value, f is formula; a phonetic run is neither.
  let reading: 'value' | 'formula' | '' = ''
  let phonetic = false

  function openRow(attributes: string) {
    let stated: string | undefined
    hidden = false
    eachAttribute(attributes, (name, text) => {
      if (name === 'r') stated = text
      else if (name === 'hidden') hidden = text === '1' || text === 'true'
    })
    const next = stated === undefined ? number + 1 : Number(stated)
    if (!(Number.isInteger(next) && next > number))
      throw new Unreadable(
        `The workbook is damaged: after row ${number} of the sheet comes row ${stated?.slice(0, 20)}. Open it in a spreadsheet program and save it again.`,
      )
    number = next
    if (number > ROW_MAX)
      throw new Unreadable(
        `The sheet has more rows than a workbook can have (${ROW_MAX}). Split it and import the parts.`,
      )
    cells = []
    inRow = 0
    column = -1
  }

  function openCell(attributes: string) {
    column++
    type = 'n'
    style = 0
    value = ''
    formula = undefined
    hasValue = false
    eachAttribute(attributes, cellAttribute)
  }
  function cellAttribute(name: string, text: string) {
    if (name === 'r') column = columnOf(text)
    else if (name === 't') type = text
    else if (name === 's') style = Number(text)
  }

  const place = () => `${lettersOf(column)}${number}`

  function closeCell() {
    const text = cellText()
    if (text === '') return
    if (column >= limits.columns)
      throw new Unreadable(
        `Cell ${place()} of the sheet holds something; at most ${limits.columns} columns are read. Remove what stands right of the table.`,
      )
    if (++filled > limits.cells)
      throw new Unreadable(`The sheet has more than ${limits.cells} cells. Split it and import the parts.`)
    inRow += text.length
    inSheet += text.length
    if (inRow > limits.record)
      throw new Unreadable(
        `Row ${number} of the sheet holds more than ${limits.record} characters. Shorten its texts.`,
      )
    if (inSheet > limits.characters) throw tooMany()
    while (cells.length < column) cells.push('')
    cells[column] = text
  }

  function cellText(): string {
    if (formula !== undefined && value === '' && type !== 'str' && type !== 'inlineStr')
      return `=${formula.trim()}`
    if (!hasValue) return ''
    if (type === 'n') return numberText(value.trim(), styles[style] ?? 'number', since1904)
    if (type === 's') {
      if (value.trim() === '') return ''
      const text = texts[Number(value)]
      if (text === undefined)
        throw new Unreadable(
          `The workbook is damaged: cell ${place()} refers to text ${value.slice(0, 20)}, which is not there. Save it again.`,
        )
      return text
    }
    if (type === 'b') return value.trim() === '1' || value.trim() === 'true' ? 'TRUE' : 'FALSE'
    if (type === 'd') return isoText(value.trim())
    return type === 'e' ? value.trim() : unquoted(value)
  }

  return {
    watch: {
      open(name, attributes) {
        if (!inData) inData = name === 'sheetData'
        else if (name === 'c') openCell(attributes)
        else if (name === 'v' || (name === 't' && !phonetic)) {
          reading = 'value'
          hasValue = true
        } else if (name === 'f') {
          reading = 'formula'
          formula = ''
        } else if (name === 'row') openRow(attributes)
        else if (name === 'rPh') phonetic = true
      },
      close(name) {
        if (!inData) return
        if (name === 'c') closeCell()
        else if (name === 'row') {
          if (!isBlank(cells)) rows.push(hidden ? { row: number, cells, hidden } : { row: number, cells })
          cells = []
        } else if (name === 'sheetData') inData = false
        else if (name === 'rPh') phonetic = false
        else reading = ''
      },
      text(text) {
        if (reading === 'value') value += text
        else if (reading === 'formula') formula += text
        else return
        if (value.length > limits.cell || (formula?.length ?? 0) > limits.cell)
          throw new Unreadable(`Cell ${place()} of the sheet holds more than ${limits.cell} characters.`)
      },
    },
    take() {
      const taken = rows
      rows = []
      return taken
    },
  }
}

/** The texts that cells refer to by number. Rich text is put together; how it is pronounced is left out. */
export async function readTexts(bytes: AsyncIterable<Buffer>): Promise<string[]> {
  const texts: string[] = []
  let all = 0
  let text = ''
  let reading = false
  let phonetic = false
  await readXml(bytes, {
    open(name) {
      if (name === 'si') text = ''
      else if (name === 't') reading = !phonetic
      else if (name === 'rPh') phonetic = true
    },
    close(name) {
      if (name === 't') reading = false
      else if (name === 'rPh') phonetic = false
      else if (name === 'si') {
        if (texts.length >= limits.textCount) throw tooMany()
        texts.push(unquoted(text))
        text = ''
      }
    },
    text(piece) {
      if (!reading) return
      text += piece
      all += piece.length
      if (text.length > limits.cell)
        throw new Unreadable(`A text of the workbook has more than ${limits.cell} characters.`)
      if (all > limits.texts) throw tooMany()
    },
  })
  return texts
}
const tooMany = () =>
  new Unreadable(
    'The workbook holds too much text to be read. Split it and import the parts, or send it as CSV.',
  )

export type Merge = { top: number; left: number; bottom: number; right: number }
const MERGES_MAX = 10_000

/** The merged cells of the first rows. They are listed after all rows, so the whole sheet goes by. */
export async function readMerges(bytes: AsyncIterable<Buffer>, lastRow: number): Promise<Merge[]> {
  const merges: Merge[] = []
  await readXml(bytes, {
    open(name, attributes) {
      if (name !== 'mergeCell' || merges.length >= MERGES_MAX) return
      const match = /^\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})$/.exec(
        attributeOf(attributes, 'ref') ?? '',
      )
      if (!match || Number(match[2]) > lastRow) return
      const [, left, top, right, bottom] = match
      merges.push({
        top: Number(top),
        left: columnOf(left!),
        bottom: Number(bottom),
        right: columnOf(right!),
      })
    },
    close() {},
    text() {},
  })
  return merges
}

/** AB12 -> 27 */
function columnOf(place: string): number {
  let column = 0
  let at = 0
  for (; at < place.length; at++) {
    const letter = place.charCodeAt(at) - 64
    if (letter < 1 || letter > 26) break
    column = column * 26 + letter
  }
  if (column < 1 || column > COLUMN_MAX)
    throw new Unreadable(
      `The workbook is damaged: a cell of it stands at ${place.slice(0, 20)}. Save it again.`,
    )
  return column - 1
}

function lettersOf(column: number): string {
  let letters = ''
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / 26))
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters
  return letters
}
