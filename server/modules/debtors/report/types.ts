// What a debtor report says, once it is read. No database here: who keeps a reading decides what to do with it.

/** Ages a balance is divided by, youngest first. What is older than 180 days stands in the last one. */
export const BUCKETS = ['current', 'd30', 'd60', 'd90', 'd120', 'd150', 'd180'] as const
export type Bucket = (typeof BUCKETS)[number]

/** One account of the report. Amounts are minor units. */
export type ReportRow = {
  acc_no: string
  name: string
  buckets: Record<Bucket, number>
  /** As printed; where the report prints none, the sum of the buckets. */
  balance: number
  email: string | null
  /** Digits: South African numbers with their leading 0, those of other countries with the + that is printed. */
  phone: string | null
  is_medical_aid_control: boolean
  /** A control account of any kind: the medical aids' own included. */
  is_control: boolean
  page: number
  /** Index into the lines of the reading. */
  line: number
  /** Account (or name) of the customer that this one is a branch or a job of. */
  sub_of: string | null
  /** 0 to 1: how sure the reading is of this row. */
  confidence: number
  /** What a person should look at, in sentences. */
  notes: string[]
}

export type LineKind =
  | 'account'
  | 'detail'
  | 'contact'
  | 'continuation'
  | 'header'
  | 'section'
  | 'total'
  | 'noise'
  | 'flagged'
  | 'rejected'

/** Every line of the document is one of these: nothing is dropped silently. */
export type ReportLine = {
  page: number
  line: number
  text: string
  /** In PDF points of the page as it is shown, origin top left. */
  box: { x: number; y: number; width: number; height: number }
  kind: LineKind
  reason: string | null
  /** Index into the rows, of the account it belongs to. */
  row: number | null
}

/** A figure that the report prints and the reading works out for itself. */
export type Check = {
  what: 'row' | 'page' | 'section' | 'grand' | 'carried'
  label: string
  page: number
  line: number
  column: Bucket | 'balance'
  printed: number
  summed: number
  agrees: boolean
}

export type ColumnMeaning = Bucket | 'balance' | 'account' | 'name' | 'phone' | 'email' | 'other'
export type ReportColumn = {
  label: string
  meaning: ColumnMeaning | null
  page: number
  x0: number
  x1: number
}

export type Reading = {
  rows: ReportRow[]
  lines: ReportLine[]
  checks: Check[]
  /** Every row adds up, every printed total agrees, and there is nothing a person has to decide. */
  agrees: boolean
  columns: ReportColumn[]
  /** Columns that hold amounts but whose label says nothing known: `column` is the index into the columns. */
  questions: { column: number; label: string; guess: ColumnMeaning | null }[]
  /** Fingerprint of the layout: the same for next month's report of the same program. */
  layout: string
  report_date: string | null
  title: string | null
  pages: { page: number; width: number; height: number; rotation: number }[]
  how: 'text' | 'ocr' | 'sheet'
  /** Why a person should look at it, in sentences: all that keeps `agrees` from being true, and more. */
  warnings: string[]
}

export type ReadOptions = {
  password?: string
  /** Answers to earlier questions, and what people confirmed: label as printed → meaning. */
  columns?: Record<string, ColumnMeaning>
  /** The fingerprint kept from the last report of this pharmacy: a change is warned of. */
  layout?: string
  /** Names or account numbers of this tenant's medical-aid control accounts, beyond those told by their words. */
  medical_aid?: string[]
  /** Decimals of the currency. */
  exponent: number
  /** Decimal mark, where the report leaves it open. */
  decimal?: '.' | ','
  /** OCR is slow: false refuses scans instead. */
  ocr?: boolean
}
