import type { DateColumn, DateOrder } from '../../core/dates.ts'
import type { DecimalSign } from '../../core/money.ts'
import type { Scope } from '../../core/scope.ts'

/** What a cell holds decides how its column is read: days and amounts by the conclusions drawn from the whole file. */
type FieldKind = 'text' | 'code' | 'day' | 'amount'
export type Field = {
  name: string
  kind: FieldKind
  /** Names by which clients may call the field in a mapping. */
  aliases?: readonly string[]
  /**
   * Headers that name the field, folded, by rank: those of the first rank say it beyond doubt, the contents must bear
   * out the others. A higher rank wins over a lower one; among equals the contents decide, or a person.
   */
  headers?: readonly (readonly string[])[]
  /** Headers that may mean the field and are never taken unasked; beside a name of the last rank they make it a question. */
  doubtful?: readonly string[]
  /** What most values look like, where the kind alone says little. */
  looks?: RegExp
  /** Whether it matters enough to ask a person; for other fields the first of equal columns is taken. */
  asks?: boolean
  /** Fields beside which this one is not looked for: one statement of the amount is read. */
  unless?: readonly string[]
  /** What the words of this column can mean: those that are not known are asked. */
  choices?: readonly { value: string; label: string }[]
}

/** An export that is known by its header. */
export type Layout = {
  name: string
  /** Headers, folded, that together identify it. */
  has: readonly string[]
  /** Where it differs from the usual names: field -> header, folded; null for a field that none of its columns feeds. */
  mapping?: Readonly<Record<string, string | null>>
  /** The rows that are of use, where the file holds others as well. */
  only?: { header: string; reads: RegExp }
  /** Its amounts are postings: positive ones charge the invoice, negative ones settle it. */
  postings?: boolean
  /** The customer stands in a heading above its rows. */
  headings?: boolean
}

export const targetNames = ['receivables', 'outstanding'] as const
export type TargetName = (typeof targetNames)[number]

/** What the rows of a file become. A module declares its target; the imports module does the rest. */
export type Target = {
  name: TargetName
  fields: readonly Field[]
  /** The header of a file that needs no mapping: field -> the column's name in its document. */
  standard: Readonly<Record<string, string>>
  /** Fields that a mapping must feed; of a list, any one. */
  needed: readonly (string | readonly string[])[]
  /** The field without which a row is no row: totals and notes have none. */
  key: string
  layouts: readonly Layout[]
  /** Name of the layout in `standard`, whose columns are all required. */
  standard_name: string
  /** Columns of amounts, folded, and the columns of their currency; another currency column is not theirs. */
  pairs: Readonly<Record<string, readonly string[]>>
  /** The field that headings above the rows may feed. */
  heading: string
  /** The staging table: column -> SQL type, in the order of COPY. `row`, `problems` and `cells` are always there. */
  stage: Readonly<Record<string, string>>
  /** Module URL of the target's `readRow`, which runs in the reading thread. */
  rows: string
  books: Books
  /** What a person says beside the file about what it is, made into the day of the import. */
  arrange?(scope: Scope, form: UploadForm, file: FileHead): Promise<{ as_of: string; said: Partial<Said> }>
  /** Where the target itself, not the layout, tells one sender from another. */
  sender?(said: Said, mapping: Readonly<Record<string, string>>): { key: string; name: string }
}
/** Of the form beside a file: what a target may ask for. */
export type UploadForm = {
  as_of?: string | undefined
  month?: string | undefined
  financial_year?: string | undefined
  department?: string | undefined
}
/** Beside what a person says: what the file is called, and the texts of its header and of what stands above, read when asked for. */
export type FileHead = { name: string; texts(): Promise<string[]> }
/** The month that a sheet speaks of, by its first day, and of which department. */
export type Period = { month: string; financial_year: string; department_id: number; department: string }

/** What a target does with its rows; each in one transaction of its own, or all in one. */
export type Books = {
  /** Compares the staged rows with the books and stores what becomes of each as the import's rows. */
  plan(scope: Scope, planning: Planning): Promise<Outcome>
  /** Brings the stored rows into the books. The import is `published` already. */
  publish(scope: Scope, snapshot: Snapshot): Promise<void>
  /** Takes them out again: the books become what they would be had the import never come. It is `reverted` already. */
  revert(scope: Scope, snapshot: Snapshot): Promise<void>
  /** Hears anew what a person decided about invoices that the import did not name. */
  decide(scope: Scope, snapshot: Snapshot, ids: number[]): Promise<void>
}

/** All of a target but what it does: this much goes to the reading thread. */
export type Shape = Omit<Target, 'books' | 'arrange' | 'sender'>
export const shapeOf = ({ books: _, arrange: _a, sender: _s, ...shape }: Target): Shape => shape

/** One import while it runs. */
export type Snapshot = {
  id: number
  as_of: string
  source_id: number | null
  /** null: to be told from the rows. */
  kind: ImportKind | null
  progress(step: 'comparing' | 'writing' | 'settling'): void
}
/** An import whose rows are staged: the fields that have a column, and whether its rows are lines of invoices. */
export type Planning = Snapshot & {
  fields: ReadonlySet<string>
  hasLines: boolean
  said: Said
  mapping: Readonly<Record<string, string>>
}
/** Open items and all invoices are complete: what they cover and do not name is missing. */
export type ImportKind = 'open_items' | 'all_invoices' | 'changes'

/** The values found in the file: only what a file covers can be missing from it. */
export type Coverage = {
  currencies: string[]
  operating_units: string[]
  regions: string[]
  outlets: string[]
}

/** What became of the rows: rows = new + changed + unchanged + older + repeated + rejected. Amounts in minor units. */
export type Outcome = {
  rows: number
  new: number
  changed: number
  unchanged: number
  older: number
  repeated: number
  /** Of the repeated: lines that are part of another row's invoice. */
  folded: number
  rejected: number
  kind: ImportKind
  /** Invoices that the file covers and does not name, and the largest share of a currency's open money they are. */
  missing: number
  missing_share: number
  /** New and open here, and not named by later complete files of its source. */
  missed_later: { currency: string; count: number; open_amount: number }[]
  /** Rows with a day after the snapshot's. */
  future: number
  totals: { currency: string; amount: number; open_amount: number }[]
  difference: {
    outcome: string
    currency: string
    count: number
    amount: number
    open_amount: number
    open_before: number
  }[]
  rejects: { row: number; number: string | null; problems: Problem[] }[]
  coverage: Coverage
  /** Words of the file that name nothing of the organisation: kind of thing -> words. */
  unknown: { kind: string; words: string[] }[]
}

/** One thing wrong with one cell. */
export type Problem = { column: string | null; value: string | null; reason: string }
export type Staged = Record<string, string | number | bigint | boolean | null>

/** What a row is read with: the organisation, the day, and what was concluded from the columns. */
export type Reading = {
  home_currency: string
  as_of: string
  standard: boolean
  /** Fields that have a column in this file. */
  places: Readonly<Record<string, number>>
  days: Readonly<Record<string, DateColumn>>
  decimal: DecimalSign
  /** Debts are written as negative amounts in this file. */
  flipped?: boolean
  /** Amounts are postings: see Layout. */
  postings?: boolean
  /** The currency that the header of the amounts gives. */
  currency?: string
  /** What a person said the words of a column mean: field -> word in lower case -> choice. */
  words?: Readonly<Record<string, Readonly<Record<string, string>>>>
}
/** What a row was taken as, which people may want to know; `money` where it is the amount that they should. */
export type Notice = { text: string; money?: bigint }
/** Reads one row. `cell` answers the trimmed text of a field's column, '' when there is none. */
export type ReadRow = (
  cell: (field: string) => string,
  reading: Reading,
) => {
  staged: Staged
  problems: { field: string | null; value?: string; reason: string }[]
  /** What was taken in a way that people may want to know; told once for all rows. */
  notices?: Notice[]
}
/** What the module of `rows` exports. */
export type RowReader = {
  readRow: ReadRow
  /** Whether a word of a column with choices is known without asking. */
  knows(field: string, word: string): boolean
  /** Whether a document of this type lowers what is owed; undefined when the word says nothing. */
  lowers(documentType: string): boolean | undefined
}

/** What a person may decide where the file does not. */
export type Sign = 'as_written' | 'flipped'
export type Answers = {
  date_order?: DateOrder
  decimal?: DecimalSign
  sign?: Sign
  /** Field -> header; '' for a field without a column. Unlike a mapping it leaves the other fields as concluded. */
  mapping?: Readonly<Record<string, string>>
  /** The currency of amounts beside which the file gives none. */
  currency?: string
  /** Word of the status column -> choice. */
  status?: Readonly<Record<string, string>>
}

export type Question = {
  id: 'sheet' | 'date_order' | 'decimal' | 'mapping' | 'sign' | 'status_words' | 'missing'
  column: string
  /** Of a mapping: the field whose column is asked. */
  field?: string
  /** The words whose meaning is asked, each to be answered by one of the options. */
  words?: string[]
  message: string
  options: { value: string; label: string }[]
  examples: { row: number; value: string; means: Record<string, string> }[]
}

/** What a person corrects before a file is read: one cell, or every cell of the column that reads so. */
export type Correction = { column: string; from: string; to: string; row?: number }

/** Which column feeds a field, and how that is known. */
export type MappingProposal = {
  field: string
  column: string | null
  certainty: 'known' | 'asked' | 'none'
  why: string
  /** Columns that may be meant, the likeliest first. */
  candidates: string[]
}[]

/** What was concluded from a column, with rows that prove it and rows that speak against it. */
export type Evidence = {
  field: string
  column: string | null
  concluded: string
  proof: { row: number; value: string }[]
  counter: { row: number; value: string }[]
}

/** What people said about a file, beside the file itself. */
export type Said = {
  /** A whole mapping: nothing else is looked for. */
  wanted?: Readonly<Record<string, string>> | null
  answers: Answers
  sheet?: string | null
  encoding?: string | null
  kind?: ImportKind | null
  missing?: 'settle' | 'keep' | null
  source_id?: number | null
  corrections?: readonly Correction[]
  period?: Period | null
}
