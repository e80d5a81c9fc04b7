import { DecimalReader } from '../../core/money.ts'
import { cut, wordKey } from '../../core/schema.ts'
import { type Encoding, openTable, type Row, rowsOf, type Table, WrongSheet } from '../../core/tabular.ts'
import { autoMap, findLayout, isEvident, knownHeaders } from './auto-map.ts'
import { correcting } from './corrections.ts'
import { dayInColumn, dayInTitles, type FoundDay } from './day-of-file.ts'
import {
  currencyInHeader,
  foldHeader,
  headerScore,
  type Mapping,
  monthIn,
  nameOf,
  type Places,
  placeColumns,
} from './mapping.ts'
import { headingOfTotal, RowSorter } from './no-rows.ts'
import { sheetQuestion } from './questions.ts'
import { concludeWith, type Remembered, recognise } from './recognise.ts'
import type { Answers, Correction, Layout, MappingProposal, Question, RowReader, Shape } from './target.ts'
import { ColumnWatch, type Conclusions, meant } from './watch.ts'

export { ColumnWatch, type Conclusions } from './watch.ts'

export type Survey = Conclusions & {
  table: Table
  places: Places
  mapping: Mapping
  /** Columns that are wanted and not there; nothing else was looked at. */
  errors: string[]
  /** An estimate unless the whole file was read. */
  rows: number
  /** The export that the header was recognised as. */
  layout: Layout | null
  /** The file has the header that the target's own document asks for. */
  standard: boolean
  /** The field that the headings above the rows feed. */
  heading: string | null
  proposal: MappingProposal
  /** Columns that feed nothing. */
  unused: string[]
  /** The currency in the header of the amounts. */
  currency?: string
  /** What a person said the words of a column mean: field -> word in lower case -> choice. */
  words: Record<string, Record<string, string>>
  /** The source that the header was recognised as, and what was decided for its last file. */
  source_id: number | null
  remembered: Answers
  /** The first rows. */
  sample: Row[]
  /** The day that the file itself gives. */
  day: FoundDay | null
}

/** Rows that are read before the first conclusion. It is a draft: the staging of the rows watches on and confirms it. */
const DRAFT_ROWS = 5_000
/** Rows from whose contents the columns are told apart. */
const SAMPLE_ROWS = 500
/** Rows that are shown. */
const SHOWN_ROWS = 8
const SHOWN_CHARS = 1000

/** Whether rows that were read by the one could stay as they are by the other. */
export function agree(a: Conclusions, b: Conclusions): boolean {
  const essence = ({ days, decimal, flipped, questions }: Conclusions) =>
    JSON.stringify([
      decimal.decimal,
      flipped,
      questions.length,
      Object.entries(days).map(([field, { order, mangled }]) => [field, order, mangled]),
    ])
  return essence(a) === essence(b)
}

export type Asked = {
  path: string
  /** A mapping as the sender wants it: it wins over everything. */
  wanted: Mapping | null
  /** The senders that are known, and what was decided for their last files. */
  remembered?: readonly Remembered[]
  answers: Answers
  sheet?: string
  encoding?: Encoding
  corrections?: readonly Correction[]
  /** The month that the file is for: of columns that each name a month, its own is read. */
  month?: string
}

/**
 * Finds the table and its columns, and reads on until nothing is undecided: usually for 5,000 rows, and to the end of
 * a file that leaves something open.
 */
export async function surveyFile(asked: Asked, shape: Shape, reader: RowReader): Promise<Survey> {
  const { path, wanted } = asked
  const known = knownHeaders(shape)
  // Columns that a person has named tell the header as well, under names that nobody knows.
  const named = headerScore(asked.answers.mapping ?? {})
  const opened = await openTable(
    path,
    wanted ? headerScore(wanted) : (cells) => known(cells) + named(cells),
    {
      sheet: asked.sheet,
      encoding: asked.encoding,
    },
  ).catch((error: unknown) => {
    if (error instanceof WrongSheet && error.sheets.length > 0) return error
    throw error
  })
  if (opened instanceof WrongSheet) return unopened(asked, opened)
  const table = opened
  const correct = correcting(asked.corrections, table.columns)
  const batches = rowsOf(path, table)
  const seen: Row[] = []
  while (seen.length < SAMPLE_ROWS) {
    const { value, done } = await batches.next()
    if (done) break
    for (const row of value) correct(row)
    seen.push(...value)
  }
  const source = recognise(asked.remembered ?? [], table.columns)
  const remembered = source?.answers ?? {}
  const answers: Answers = { ...asked.answers, status: { ...remembered.status, ...asked.answers.status } }
  const found = placed(asked, source?.mapping, shape, table, seen)
  const words = Object.fromEntries(
    shape.fields
      .filter((field) => field.choices && field.name === 'status')
      .map((field) => [
        field.name,
        Object.fromEntries(
          Object.keys(answers.status ?? {}).map((word) => [wordKey(word), meant(answers, field.name, word)!]),
        ),
      ]),
  )
  const watch = new ColumnWatch(shape.fields, found, reader)
  const questions = () => [...found.questions, ...concludeWith(watch, answers, remembered).questions]
  const sorter = new RowSorter(shape, found)
  let rows = seen.length
  for (const row of seen) if (!sorter.kindOf(row.cells)) watch.add(row)
  try {
    let drafted =
      found.errors.length > 0 ||
      found.questions.length > 0 ||
      (rows >= DRAFT_ROWS && questions().length === 0)
    while (!drafted) {
      const { value, done } = await batches.next()
      if (done) break
      for (const row of value) {
        correct(row)
        if (!sorter.kindOf(row.cells)) watch.add(row)
      }
      rows += value.length
      drafted = rows >= DRAFT_ROWS && questions().length === 0
    }
  } finally {
    await batches.return(undefined)
  }
  const { questions: open, ...conclusions } = concludeWith(watch, answers, remembered)
  return {
    ...found,
    ...conclusions,
    questions: [...found.questions, ...open],
    rows,
    words,
    source_id: source?.id ?? null,
    remembered,
    sample: seen
      .slice(0, SHOWN_ROWS)
      .map((each) => ({ ...each, cells: each.cells.map((text) => cut(text, SHOWN_CHARS)) })),
    day: dayInTitles(await rowsAbove(path, table)) ?? dayInColumn(table.columns, seen) ?? null,
  }
}

/** Titles that a report prints above its header. */
async function rowsAbove(path: string, table: Table): Promise<Row[]> {
  if (table.header_row <= 1) return []
  const batches = rowsOf(path, { ...table, header_row: 0 })
  const { value } = await batches.next()
  await batches.return(undefined)
  return (value ?? []).filter(({ row }: Row) => row < table.header_row)
}

/** Nothing is known but the sheets to choose from. */
const unopened = ({ sheet, answers }: Asked, { message, sheets }: WrongSheet): Survey => ({
  table: { format: 'xlsx', sheet: sheet ?? '', sheets, header_row: 1, columns: [] },
  places: {},
  mapping: {},
  errors: [],
  rows: 0,
  layout: null,
  standard: false,
  heading: null,
  proposal: [],
  unused: [],
  words: {},
  source_id: null,
  remembered: answers,
  sample: [],
  day: null,
  days: {},
  decimal: new DecimalReader().conclude(undefined),
  flipped: false,
  questions: [sheetQuestion(message, sheets)],
  evidence: [],
})

type Found = Omit<
  Survey,
  keyof Conclusions | 'rows' | 'words' | 'source_id' | 'remembered' | 'sample' | 'day'
> & {
  questions: Question[]
}

/** Which column feeds which field: as the sender wants it, as last time, as a known layout has it, or as the columns say. */
function placed(
  asked: Asked,
  remembered: Mapping | undefined,
  shape: Shape,
  table: Table,
  sample: Row[],
): Found {
  const { wanted, answers } = asked
  const { columns } = table
  const finish = (mapping: Mapping, rest: Partial<Found>, why = 'The mapping says so.'): Found => {
    const found = placeColumns(mapping, columns)
    const amounts = shape.fields.filter(({ kind, name }) => kind === 'amount' && found.mapping[name])
    const used = new Set(Object.values(found.places))
    return {
      table,
      ...found,
      layout: null,
      standard: false,
      heading: null,
      proposal: shape.fields.map(({ name }) => ({
        field: name,
        column: found.mapping[name] ?? null,
        certainty: found.mapping[name] ? 'known' : 'none',
        why: found.mapping[name] ? why : 'No column feeds it.',
        candidates: [],
      })),
      unused: columns.filter((column, at) => column !== '' && !used.has(at)),
      currency: amounts[0] && currencyInHeader(found.mapping[amounts[0].name]!),
      questions: [],
      ...rest,
    }
  }
  const layout = findLayout(shape.layouts, columns) ?? null
  if (wanted) {
    const heading = wanted[shape.heading] || feeds(shape, wanted) ? null : headingsIn(shape, layout, sample)
    return finish(wanted, { layout, heading })
  }
  const folded = new Set(columns.map(foldHeader))
  const lacking = Object.values(shape.standard).filter((header) => !folded.has(foldHeader(header)))
  if (lacking.length === 0)
    return finish(
      shape.standard,
      { standard: true, layout: { name: shape.standard_name, has: [] } },
      `The header is that of the ${shape.standard_name}.`,
    )
  const named = new Set(columns.map(nameOf))
  const known = Object.entries(remembered ?? {}).filter(([, header]) => named.has(nameOf(header)))
  const asBefore = known.length > 0 && known.length === Object.keys(remembered!).length
  const fixed: Record<string, { column: string | null; why: string }> = {}
  if (asBefore)
    for (const { name } of shape.fields)
      fixed[name] = { column: null, why: 'The last file of this sender had none.' }
  for (const [field, header] of known)
    fixed[field] = { column: headerAs(columns, header), why: 'As in the last file of this sender.' }
  const ofMonth = asked.month
    ? columns.filter((column) => monthIn(column) === Number(asked.month!.slice(5, 7)))
    : []
  if (ofMonth.length === 1) fixed.open_amount = { column: ofMonth[0]!, why: 'It is that of the month.' }
  for (const [field, header] of Object.entries(answers.mapping ?? {}))
    fixed[field] = { column: header === '' ? null : headerAs(columns, header), why: 'You said so.' }
  const heading = headingsIn(shape, layout, sample)
  let auto = autoMap(shape, columns, sample, layout ?? undefined, fixed, null)
  // Headings are looked for only where no column names what they would.
  const headed = heading !== null && !feeds(shape, auto.mapping) ? heading : null
  if (headed) auto = autoMap(shape, columns, sample, layout ?? undefined, fixed, headed)
  const isTold = asBefore || answers.mapping !== undefined
  if (!isEvident(shape, auto) || (!isTold && resembles(shape, columns) && !isWhole(shape, auto.mapping)))
    return finish(shape.standard, {
      standard: true,
      ...(resembles(shape, columns) ? {} : { proposal: auto.proposal }),
    })
  // Between two columns of one name nobody can choose: they are refused by name.
  const isTwice = (header: string) => columns.indexOf(header) !== columns.lastIndexOf(header)
  for (const { field, candidates } of auto.proposal) {
    const header = candidates.find(isTwice)
    if (header !== undefined) auto.mapping[field] = header
  }
  // A column that a person names and the file lacks is told to be missing, not left out in silence.
  for (const field of Object.keys(answers.mapping ?? {})) {
    const column = fixed[field]?.column
    if (column && !columns.includes(column)) auto.mapping[field] = column
  }
  const twice = Object.values(auto.mapping).filter(isTwice)
  return finish(auto.mapping, {
    layout,
    heading: headed,
    proposal: auto.proposal,
    questions: twice.length > 0 ? [] : auto.questions,
  })
}

const headerAs = (columns: readonly string[], header: string) =>
  columns.find((column) => column === header.trim()) ??
  columns.find((column) => foldHeader(column) === foldHeader(header)) ??
  columns.find((column) => nameOf(column) === nameOf(header)) ??
  header.trim()

/** Whether a column names whom the rows are about. */
const feeds = (shape: Shape, mapping: Mapping) =>
  shape.needed.some(
    (need) => Array.isArray(need) && need.includes(shape.heading) && need.some((field) => mapping[field]),
  )

/** A file that is meant to have the standard header and lacks some of it is told what is missing. */
function resembles(shape: Shape, columns: readonly string[]): boolean {
  const exact = Object.values(shape.standard).filter((header) =>
    columns.some((column) => column.toLowerCase() === header),
  )
  return exact.length >= 6
}

/** What the standard header asks for is there under other names; what is open says as much as a status. */
const isWhole = (shape: Shape, mapping: Mapping) =>
  Object.keys(shape.standard).every(
    (field) =>
      mapping[field] !== undefined ||
      (field === 'status' && ['open_amount', 'paid_amount', 'settled_on'].some((each) => mapping[each])),
  )

/** The headings of a report: rows of one cell, whose text the total at their end repeats. */
function headingsIn(shape: Shape, layout: Layout | null, sample: readonly Row[]): string | null {
  if (layout?.headings) return shape.heading
  const headings = new Set<string>()
  for (const { cells } of sample) {
    const texts = cells.map((cell) => cell.trim()).filter((text) => text !== '')
    if (texts.length === 1) headings.add(texts[0]!)
    else if (texts.length > 1) {
      const ended = headingOfTotal(texts[0]!)
      if (ended !== undefined && headings.has(ended)) return shape.heading
    }
  }
  return null
}
