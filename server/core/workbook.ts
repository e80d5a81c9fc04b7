import { readStyles, type Shown } from './cells.ts'
import { stackedHeader } from './sheet-header.ts'
import { type Book, readMerges, readTexts, rowsOfSheet } from './sheet-rows.ts'
import {
  checkColumns,
  HEADER_WITHIN,
  headerAgain,
  isBlank,
  type Row,
  type Score,
  type Table,
  Unreadable,
  WrongSheet,
} from './table.ts'
import { attributeOf, eachAttribute, readXml } from './xml.ts'
import { openZip, type Zip } from './zip.ts'

type SheetTable = Extract<Table, { format: 'xlsx' }>
type Sheet = { name: string; part: string; hidden: boolean }
type Workbook = { zip: Zip; sheets: Sheet[]; since1904: boolean; stylesPart?: string; textsPart?: string }

/** The first visible sheet with a table, or the sheet named `wanted`, and where its table begins. */
export async function openSheet(path: string, score: Score, wanted?: string): Promise<SheetTable> {
  const workbook = await openWorkbook(path)
  try {
    const visible = workbook.sheets.filter(({ hidden }) => !hidden)
    const sheets = visible.map(({ name }) => name)
    const asked = wanted === undefined ? visible : workbook.sheets.filter(({ name }) => name === wanted)
    if (wanted !== undefined && asked.length === 0)
      throw new WrongSheet(`The workbook has no sheet "${wanted}". Its sheets: ${listed(sheets)}.`, sheets)
    const book = await readBook(workbook)
    let lonely: SheetTable | undefined
    for (const { name, part } of asked) {
      const first = await firstRows(workbook.zip.read(part), book)
      if (first.length === 0) continue
      const { found, header_row, columns } = await stackedHeader(first, score, () =>
        readMerges(workbook.zip.read(part), first.at(-1)!.row),
      )
      checkColumns(columns)
      const table: SheetTable = { format: 'xlsx', sheet: name, sheets, header_row, columns }
      if (found) return table
      // A title page, or a list of one column: the table if no other sheet has one.
      lonely ??= table
    }
    if (lonely) return lonely
    if (wanted === undefined) throw new Unreadable('The workbook is empty. Send one with a header and rows.')
    throw new WrongSheet(`The sheet "${wanted}" is empty. The sheets: ${listed(sheets)}.`, sheets)
  } finally {
    workbook.zip.close()
  }
}

/** The rows of tabular.ts, of a sheet. What stands right of the header's last column is left out. */
export async function* sheetRows(path: string, table: SheetTable): AsyncGenerator<Row[]> {
  const workbook = await openWorkbook(path)
  try {
    const sheet = workbook.sheets.find(({ name }) => name === table.sheet)
    if (!sheet) throw new Unreadable(`The workbook has no sheet "${table.sheet}".`)
    const isHeader = headerAgain(table.columns)
    const width = table.columns.length
    for await (const rows of rowsOfSheet(workbook.zip.read(sheet.part), await readBook(workbook))) {
      const batch = rows.filter((each) => {
        if (each.row <= table.header_row) return false
        if (each.cells.length > width) each.cells.length = width
        return !isBlank(each.cells) && !isHeader(each.cells)
      })
      if (batch.length > 0) yield batch
    }
  } finally {
    workbook.zip.close()
  }
}

async function firstRows(bytes: AsyncIterable<Buffer>, book: Book): Promise<Row[]> {
  const first: Row[] = []
  for await (const rows of rowsOfSheet(bytes, book)) {
    first.push(...rows)
    if (first.length >= HEADER_WITHIN) break
  }
  return first.slice(0, HEADER_WITHIN)
}

const listed = (names: string[]) =>
  `${names
    .slice(0, 20)
    .map((name) => `"${name.slice(0, 60)}"`)
    .join(', ')}${names.length > 20 ? ' …' : ''}`

async function readBook({ zip, stylesPart, textsPart, since1904 }: Workbook): Promise<Book> {
  const styles: Shown[] = stylesPart ? await readStyles(zip.read(stylesPart)) : []
  const texts = textsPart ? await readTexts(zip.read(textsPart)) : []
  return { styles, texts, since1904 }
}

// ---- the parts of a workbook ----------------------------------------------------------------------------------------

/** The zip of a workbook that may be read, and its sheets. */
async function openWorkbook(path: string): Promise<Workbook> {
  const zip = await openZip(path)
  try {
    refuseOthers(zip)
    const root = (await relationsOf(zip, '')).find(({ type }) => type === 'officeDocument')?.target
    const main = root && zip.has(root) ? root : 'xl/workbook.xml'
    if (!zip.has(main)) throw notAWorkbook()
    const { listed, since1904 } = await sheetsOf(zip, main)
    const relations = await relationsOf(zip, main)
    const sheets = listed.flatMap(({ name, id, hidden }) => {
      const relation = relations.find((each) => each.id === id)
      // Sheets of charts and old dialogs hold no cells.
      return relation?.type === 'worksheet' ? [{ name, hidden, part: relation.target }] : []
    })
    if (sheets.length === 0) throw new Unreadable('The workbook has no sheet with cells.')
    const partOf = (wanted: string) => {
      const part = relations.find(({ type }) => type === wanted)?.target
      return part && zip.has(part) ? part : undefined
    }
    return { zip, sheets, since1904, stylesPart: partOf('styles'), textsPart: partOf('sharedStrings') }
  } catch (error) {
    zip.close()
    throw error
  }
}

const notAWorkbook = () =>
  new Unreadable(
    'The file is a zip file, not a workbook. Unpack it and send the table inside, as CSV or as an Excel workbook (.xlsx).',
  )

/** Formats that come in a zip as well, and workbooks with programs in them. */
function refuseOthers(zip: Zip) {
  if (zip.names().some((name) => name.endsWith('vbaproject.bin') || name.startsWith('xl/macrosheets/')))
    throw new Unreadable(
      'The workbook holds macros (.xlsm). Files with programs in them are not read: save it as .xlsx and send that.',
    )
  const other = (
    [
      ['xl/workbook.bin', 'a binary Excel workbook (.xlsb)'],
      ['content.xml', 'an OpenDocument file (.ods)'],
      ['index/document.iwa', 'an Apple Numbers document'],
      ['word/document.xml', 'a Word document'],
      ['ppt/presentation.xml', 'a presentation'],
    ] as const
  ).find(([part]) => zip.has(part))
  if (other) throw new Unreadable(`The file is ${other[1]}. Save the table as .xlsx or CSV and send that.`)
}

const SHEETS_MAX = 1_000
const RELATIONS_MAX = 10_000

type Relation = { id: string; type: string; target: string }

/** What a part refers to; '' is the package itself. Types are told by their last word, which both editions share. */
async function relationsOf(zip: Zip, part: string): Promise<Relation[]> {
  const slash = part.lastIndexOf('/') + 1
  const folder = part.slice(0, slash)
  const list = `${folder}_rels/${part.slice(slash)}.rels`
  const relations: Relation[] = []
  if (!zip.has(list)) return relations
  await readXml(zip.read(list), {
    open(name, attributes) {
      if (name !== 'Relationship' || attributeOf(attributes, 'TargetMode') === 'External') return
      const target = attributeOf(attributes, 'Target') ?? ''
      if (relations.length >= RELATIONS_MAX) throw notAWorkbook()
      relations.push({
        id: attributeOf(attributes, 'Id') ?? '',
        type: (attributeOf(attributes, 'Type') ?? '').replace(/^.*\//, ''),
        target: partAt(folder, target),
      })
    },
    close() {},
    text() {},
  })
  return relations
}

/** Where a target leads, seen from a folder: `../sharedStrings.xml`, `/xl/styles.xml`. */
function partAt(folder: string, target: string): string {
  const steps: string[] = []
  for (const step of (target.startsWith('/') ? target : folder + target).split('/')) {
    if (step === '..') steps.pop()
    else if (step !== '' && step !== '.') steps.push(step)
  }
  return steps.join('/')
}

async function sheetsOf(zip: Zip, part: string) {
  const sheets: { name: string; id: string; hidden: boolean }[] = []
  let since1904 = false
  await readXml(zip.read(part), {
    open(name, attributes) {
      if (name === 'sheet') {
        const sheet = { name: '', id: '', hidden: false }
        eachAttribute(attributes, (key, value) => {
          if (key === 'name') sheet.name = value
          else if (key === 'state') sheet.hidden = value !== 'visible'
          else if (key.endsWith(':id')) sheet.id = value
        })
        sheets.push(sheet)
        if (sheets.length > SHEETS_MAX)
          throw new Unreadable(
            `The workbook has more than ${SHEETS_MAX} sheets. Send the one with the table.`,
          )
      } else if (name === 'workbookPr')
        since1904 = /^(?:1|true)$/.test(attributeOf(attributes, 'date1904') ?? '')
    },
    close() {},
    text() {},
  })
  return { listed: sheets, since1904 }
}
