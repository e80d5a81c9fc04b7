import type { DateColumn, DateOrder } from '../../core/dates.ts'
import type { DecimalSign } from '../../core/money.ts'
import type { Scope } from '../../core/scope.ts'

/** What a cell holds decides how its column is read: days and amounts by the conclusions drawn from the whole file. */
export type FieldKind = 'text' | 'code' | 'day' | 'amount'
export type Field = {
  name: string
  kind: FieldKind
  /** Names by which clients may call the field in a mapping. */
  aliases?: readonly string[]
}

/** What the rows of a file become. A module declares its target; the imports module does the rest. */
export type Target = {
  name: 'receivables'
  fields: readonly Field[]
  /** The header of a file that needs no mapping: field -> the column's name in its document. */
  standard: Readonly<Record<string, string>>
  /** Fields that a mapping must feed; of a list, any one. */
  needed: readonly (string | readonly string[])[]
  /** The field without which a row is no row: totals and notes have none. */
  key: string
  /** The staging table: column -> SQL type, in the order of COPY. `row`, `problems` and `cells` are always there. */
  stage: Readonly<Record<string, string>>
  /** Module URL of the target's `readRow`, which runs in the reading thread. */
  rows: string
  books: Books
}

/** What a target does with its rows; each in one transaction of its own, or all in one. */
export type Books = {
  /** Compares the staged rows with the books and stores what becomes of each as the import's rows. */
  plan(scope: Scope, snapshot: Snapshot): Promise<Outcome>
  /** Brings the stored rows into the books. The import is `published` already. */
  publish(scope: Scope, snapshot: Snapshot): Promise<void>
  /** Takes them out again: the books become what they would be had the import never come. It is `reverted` already. */
  revert(scope: Scope, snapshot: Snapshot): Promise<void>
  /** Hears anew what a person decided about invoices that the import did not name. */
  decide(scope: Scope, snapshot: Snapshot, ids: number[]): Promise<void>
}

/** One import while it runs. */
export type Snapshot = {
  id: number
  as_of: string
  source_id: number | null
  /** null: to be told from the rows. */
  kind: ImportKind | null
  progress(step: 'comparing' | 'writing' | 'settling'): Promise<void>
}
/** Open items and all invoices are complete: what they cover and do not name is missing. */
export type ImportKind = 'open_items' | 'all_invoices' | 'changes'

/** The values found in the file: only what a file covers can be missing from it. */
export type Coverage = {
  currencies: string[]
  operating_units: string[]
  regions: string[]
  outlets: string[]
  region_ids: number[]
  outlet_ids: number[]
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
}
/** Reads one row. `cell` answers the trimmed text of a field's column, '' when there is none. */
export type ReadRow = (
  cell: (field: string) => string,
  reading: Reading,
) => { staged: Staged; problems: { field: string | null; value?: string; reason: string }[] }

/** What a person may decide where the file does not. */
export type Answers = { date_order?: DateOrder; decimal?: DecimalSign }

export type Question = {
  id: 'date_order' | 'decimal'
  column: string
  message: string
  options: { value: string; label: string }[]
  examples: { row: number; value: string; means: Record<string, string> }[]
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
}
