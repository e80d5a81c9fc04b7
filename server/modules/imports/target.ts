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
  /** Brings the staged rows into the books, in the transaction that staged them. */
  apply(scope: Scope, snapshot: Snapshot): Promise<Outcome>
}

/** One import while it runs. A dry run plans the same and writes nothing. */
export type Snapshot = {
  id: number
  as_of: string
  dry_run: boolean
  progress(step: 'comparing' | 'writing'): Promise<void>
}

/** The values found in the file: only what a file covers can be missing from it. */
export type Coverage = { currencies: string[]; operating_units: string[]; regions: string[] }

/** What became of the rows: rows = new + changed + unchanged + older + repeated + rejected. Amounts in minor units. */
export type Outcome = {
  rows: number
  new: number
  changed: number
  unchanged: number
  older: number
  repeated: number
  rejected: number
  /** Invoices that the file covers and does not name. */
  missing: number
  /** Rows with a day after the snapshot's. */
  future: number
  totals: { currency: string; amount: number; open_amount: number }[]
  rejects: { row: number; number: string | null; problems: Problem[] }[]
  coverage: Coverage
  unknown_regions: string[]
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
