import { wireNumber } from '../../core/money.ts'
import type { Mapping } from './mapping.ts'
import type { LeftOut } from './staging.ts'
import type { Survey } from './survey.ts'
import type { Answers, Coverage, Outcome, Question } from './target.ts'

/** A row of `imports` as it is read. */
export type Kept = {
  id: number
  status: 'asking' | 'refused' | 'published' | 'reverted'
  file_name: string
  file_size: number
  as_of: string
  mapping: Mapping
  reading: { standard: boolean; answers: Answers } & Pick<Survey, 'table' | 'days' | 'decimal'>
  questions: Question[]
  coverage: Coverage | Record<string, never>
  rows: number
  new_count: number
  changed_count: number
  unchanged_count: number
  missing_count: number
  rejected_count: number
  totals: Outcome['totals']
  warnings: string[]
  created_at: string
  created_by_name?: string | null
}

export type Report = {
  import_id: number | null
  status: Kept['status'] | 'checked'
  as_of: string
  rows: number
  new: number
  changed: number
  unchanged: number
  missing: number
  rejected: number
  totals: { currency: string; amount: number; open_amount: number }[]
  warnings: string[]
  rejects: { row: number; column: string | null; value: string | null; reason: string }[]
}
/** What `POST /api/import-ar-data` answers: the documented keys first. */
export type Answer = Report & {
  /** Of the unchanged: left as a later file says, and said before by another row. */
  older: number
  repeated: number
  message: string
  processed_count: number
  error_count: number
  errors: { invoice_number: string; error: string }[]
}

const decimals = (totals: Outcome['totals']) =>
  totals.map(({ currency, amount, open_amount }) => ({
    currency,
    amount: wireNumber(amount, currency),
    open_amount: wireNumber(open_amount, currency),
  }))
const problemsOf = (rejects: Outcome['rejects']) =>
  rejects.flatMap(({ row, problems }) => problems.map((problem) => ({ row, ...problem })))
const errorsOf = (rejects: Outcome['rejects']) =>
  rejects.map(({ row, number, problems }) => ({
    invoice_number: number ?? '',
    error: `Row ${row}: ${problems.map(({ column, value, reason }) => `${column ? `${column} ` : ''}${value ? `"${value}" ` : ''}${reason}`).join(' ')}`,
  }))
const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`

/** Rows that leave their invoice as it is: it says so, a later file has spoken, or another row of the file has. */
export const unchangedIn = ({ unchanged, older, repeated }: Outcome) => unchanged + older + repeated

export function publishedAnswer(done: {
  id: number
  status: 'published' | 'refused'
  as_of: string
  survey: Survey
  outcome: Outcome
  warnings: string[]
}): Answer {
  const { outcome } = done
  const unchanged = unchangedIn(outcome)
  const taken = outcome.new + outcome.changed + unchanged
  return {
    message:
      taken === 0
        ? `Nothing was imported: ${outcome.rows === 0 ? 'the file has no rows' : `all ${plural(outcome.rows, 'row')} were rejected`}.`
        : `Imported ${plural(taken, 'row')} as of ${done.as_of}: ${outcome.new} new, ${outcome.changed} changed, ${unchanged} unchanged, ${outcome.rejected} rejected.`,
    processed_count: taken,
    error_count: outcome.rejected,
    errors: errorsOf(outcome.rejects),
    import_id: done.id,
    status: done.status,
    as_of: done.as_of,
    rows: outcome.rows,
    new: outcome.new,
    changed: outcome.changed,
    unchanged,
    older: outcome.older,
    repeated: outcome.repeated,
    missing: outcome.missing,
    rejected: outcome.rejected,
    totals: decimals(outcome.totals),
    warnings: done.warnings,
    rejects: problemsOf(outcome.rejects),
  }
}

/** The answer to a file that is in the books already: the same import, of which everything is unchanged now. */
export function replayAnswer(
  kept: Kept,
  rejects: Outcome['rejects'],
  apart: Pick<Outcome, 'older' | 'repeated'>,
): Answer {
  const taken = kept.new_count + kept.changed_count + kept.unchanged_count
  return {
    message: `This file is already imported as of ${kept.as_of} (import ${kept.id}). Nothing was changed.`,
    processed_count: taken,
    error_count: kept.rejected_count,
    errors: errorsOf(rejects),
    ...reportOf(kept),
    new: 0,
    changed: 0,
    unchanged: taken,
    ...apart,
    rejects: problemsOf(rejects),
  }
}

export function reportOf(kept: Kept) {
  return {
    id: kept.id,
    import_id: kept.id,
    status: kept.status,
    as_of: kept.as_of,
    file_name: kept.file_name,
    created_at: kept.created_at,
    created_by: kept.created_by_name ?? null,
    rows: kept.rows,
    new: kept.new_count,
    changed: kept.changed_count,
    unchanged: kept.unchanged_count,
    missing: kept.missing_count,
    rejected: kept.rejected_count,
    totals: decimals(kept.totals),
    warnings: kept.warnings,
    rejects: [] as Report['rejects'],
  }
}

type Missing = {
  invoice_id: number
  invoice_number: string
  customer_name: string
  currency: string
  open_amount: number | null
}

export function detailsOf(
  kept: Kept,
  rejects: Outcome['rejects'],
  missing: Missing[],
  apart: Pick<Outcome, 'older' | 'repeated'>,
) {
  return {
    ...reportOf(kept),
    ...apart,
    rejects: problemsOf(rejects),
    file_size: kept.file_size,
    mapping: kept.mapping,
    reading: kept.reading,
    questions: kept.questions,
    coverage: kept.coverage,
    missing_invoices: missing.map((each) => ({
      ...each,
      open_amount: wireNumber(each.open_amount ?? 0, each.currency),
    })),
  }
}

/** Whether an upload asks for the reading that was published: what it leaves open, it agrees to. */
export function sameReading(kept: Kept, asked: { mapping: Mapping | null; answers: Answers }): boolean {
  const { date_order, decimal } = asked.answers
  if (
    date_order &&
    Object.values(kept.reading.days).some(({ order }) => order && order !== 'ymd' && order !== date_order)
  )
    return false
  if (decimal && decimal !== kept.reading.decimal.decimal) return false
  if (!asked.mapping) return true
  const fold = (mapping: Mapping) =>
    JSON.stringify(
      Object.entries(mapping)
        .map(([field, header]) => [field, header.toLowerCase()])
        .sort(),
    )
  return fold(asked.mapping) === fold(kept.mapping)
}

/** Sentences about what the counts alone do not say. */
export function warningsOf(outcome: Outcome, leftOut: LeftOut, as_of: string): string[] {
  const rows = (numbers: number[]) =>
    `${numbers.length === 1 ? 'row' : 'rows'} ${numbers.slice(0, 10).join(', ')}${numbers.length > 10 ? ' …' : ''}`
  return [
    leftOut.totals.length && `Left out as totals: ${rows(leftOut.totals)}.`,
    leftOut.notes.length && `Left out because no column that is read holds anything: ${rows(leftOut.notes)}.`,
    outcome.repeated && `Said before by another row, and counted once: ${plural(outcome.repeated, 'row')}.`,
    outcome.older && `Left as the file of a later day says: ${plural(outcome.older, 'invoice')}.`,
    outcome.future &&
      `With a day after ${as_of}: ${plural(outcome.future, 'row')}. Check the day of the file.`,
    outcome.missing &&
      `Covered by this file and not in it: ${plural(outcome.missing, 'open invoice')}. What is missing stays open.`,
    outcome.unknown_regions.length &&
      `Not among your regions, and left without: ${outcome.unknown_regions.map((region) => `"${region}"`).join(', ')}.`,
    outcome.rejects.length < outcome.rejected &&
      `The first ${outcome.rejects.length} rejected rows are listed.`,
  ].filter((warning) => typeof warning === 'string')
}
