import { decimalCell, decimalText, minorUnits, wireNumber } from '../../core/money.ts'
import type { FoundDay } from './day-of-file.ts'
import { foldHeader, type Mapping } from './mapping.ts'
import type { LeftOut } from './staging.ts'
import type { Survey } from './survey.ts'
import type { Coverage, ImportKind, Outcome, Question, Said, TargetName } from './target.ts'

export type Status =
  | 'reading'
  | 'asking'
  | 'checked'
  | 'publishing'
  | 'published'
  | 'refused'
  | 'failed'
  | 'cancelled'
  | 'reverting'
  | 'reverted'

/** What may be done with an import, by its status; `reading`, `publishing` and `reverting` are at work. */
export const moves: Record<'revise' | 'publish' | 'cancel' | 'revert', readonly Status[]> = {
  revise: ['asking', 'checked', 'failed'],
  publish: ['checked'],
  cancel: ['reading', 'asking', 'checked', 'publishing', 'refused', 'failed'],
  revert: ['published'],
}

type Reconciled = {
  currency: string
  column: string
  row: number
  stated: number
  summed: number
  difference: number
}

/** A row of `imports` as it is read. */
export type Kept = {
  id: number
  target: TargetName
  status: Status
  file_sha256: string
  file_name: string
  file_size: number
  as_of: string
  as_of_from: 'said' | 'name' | 'file' | 'today' | null
  as_of_proof: string | null
  source_id: number | null
  source_name?: string | null
  source_kind?: ImportKind | null
  kind: ImportKind | null
  missing_rule: 'settle' | 'keep'
  mapping: Mapping
  reading: Reading | Record<string, never>
  questions: Question[]
  said: Said
  coverage: Coverage | Record<string, never>
  problem: string | null
  rows: number
  new_count: number
  changed_count: number
  unchanged_count: number
  older_count: number
  repeated_count: number
  missing_count: number
  rejected_count: number
  totals: Outcome['totals']
  difference: Outcome['difference']
  /** In minor units. */
  reconciliation: Reconciled[]
  warnings: string[]
  books_version: number | null
  created_at: string
  created_by_name?: string | null
  published_at: string | null
  reverted_at: string | null
}

/** What was concluded about a file, as far as it is kept and shown. */
export type Reading = Pick<
  Survey,
  | 'table'
  | 'days'
  | 'decimal'
  | 'flipped'
  | 'layout'
  | 'standard'
  | 'proposal'
  | 'evidence'
  | 'unused'
  | 'sample'
>
export const readingText = ({
  table,
  days,
  decimal,
  flipped,
  layout,
  standard,
  proposal,
  evidence,
  unused,
  sample,
}: Survey) =>
  JSON.stringify({
    table,
    days,
    decimal,
    flipped,
    layout: layout && { name: layout.name },
    standard,
    proposal,
    evidence,
    unused,
    sample,
  })

export type Report = {
  import_id: number | null
  status: Status
  as_of: string
  rows: number
  new: number
  changed: number
  /** Rows that leave their invoice as it is: it says so, a later file has spoken, or another row of the file has. */
  unchanged: number
  older: number
  repeated: number
  missing: number
  rejected: number
  totals: { currency: string; amount: number; open_amount: number }[]
  warnings: string[]
  rejects: { row: number; column: string | null; value: string | null; reason: string }[]
}
/** What `POST /api/import-ar-data` answers: the documented keys first. */
export type Answer = Report & {
  message: string
  processed_count: number
  error_count: number
  errors: { invoice_number: string; error: string }[]
}

const problemsOf = (rejects: Outcome['rejects']) =>
  rejects.flatMap(({ row, problems }) => problems.map((problem) => ({ row, ...problem })))
const errorsOf = (rejects: Outcome['rejects']) =>
  rejects.map(({ row, number, problems }) => ({
    invoice_number: number ?? '',
    error: `Row ${row}: ${problems.map(({ column, value, reason }) => `${column ? `${column} ` : ''}${value ? `"${value}" ` : ''}${reason}`).join(' ')}`,
  }))
const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`

export function reportOf(kept: Kept, rejects: Outcome['rejects'] = []): Report {
  return {
    import_id: kept.id,
    status: kept.status,
    as_of: kept.as_of,
    rows: kept.rows,
    new: kept.new_count,
    changed: kept.changed_count,
    unchanged: kept.unchanged_count,
    older: kept.older_count,
    repeated: kept.repeated_count,
    missing: kept.missing_count,
    rejected: kept.rejected_count,
    totals: kept.totals.map(({ currency, amount, open_amount }) => ({
      currency,
      amount: wireNumber(amount, currency),
      open_amount: wireNumber(open_amount, currency),
    })),
    warnings: kept.warnings,
    rejects: problemsOf(rejects),
  }
}

/** The answer to an import in one call. */
export function answerOf(kept: Kept, rejects: Outcome['rejects']): Answer {
  const report = reportOf(kept, rejects)
  const taken = report.new + report.changed + report.unchanged
  return {
    message:
      taken === 0
        ? `Nothing was imported: ${kept.rows === 0 ? 'the file has no rows' : `all ${plural(kept.rows, 'row')} were rejected`}.`
        : `Imported ${plural(taken, 'row')} as of ${kept.as_of}: ${report.new} new, ${report.changed} changed, ${report.unchanged} unchanged, ${report.rejected} rejected.`,
    processed_count: taken,
    error_count: kept.rejected_count,
    errors: errorsOf(rejects),
    ...report,
  }
}

/** The answer to a file that is in the books already: the same import, of which everything is unchanged now. */
export function replayOf(kept: Kept, rejects: Outcome['rejects']): Answer {
  const answer = answerOf(kept, rejects)
  return {
    ...answer,
    message: `This file is already imported as of ${kept.as_of} (import ${kept.id}). Nothing was changed.`,
    new: 0,
    changed: 0,
    unchanged: answer.processed_count,
  }
}

/** An import in a list. */
export const listed = (kept: Kept) => ({
  ...reportOf(kept),
  id: kept.id,
  target: kept.target,
  file_name: kept.file_name,
  file_size: kept.file_size,
  source_name: kept.source_name ?? null,
  created_at: kept.created_at,
  created_by: kept.created_by_name ?? null,
  published_at: kept.published_at,
  reverted_at: kept.reverted_at,
})

/** Money of each group of the difference, per currency. */
export function differenceOf(difference: Outcome['difference']) {
  const groups: Record<string, { count: number; totals: ReturnType<typeof money>[] }> = {}
  const money = ({ currency, amount, open_amount, open_before }: Outcome['difference'][number]) => ({
    currency,
    amount: wireNumber(amount, currency),
    open_amount: wireNumber(open_amount, currency),
    open_before: wireNumber(open_before, currency),
  })
  for (const each of difference) {
    groups[each.outcome] ??= { count: 0, totals: [] }
    const group = groups[each.outcome]!
    group.count += each.count
    group.totals.push(money(each))
  }
  return groups
}

export const reconciliationOf = (reconciliation: Reconciled[]) =>
  reconciliation.map(({ currency, column, row, stated, summed, difference }) => ({
    currency,
    column,
    row,
    stated: wireNumber(stated, currency),
    summed: wireNumber(summed, currency),
    difference: wireNumber(difference, currency),
  }))

/** Whether an upload asks for the reading that was published: what it leaves open, it agrees to. */
export function sameReading(kept: Kept, { wanted, answers, period }: Said): boolean {
  if (period && kept.said.period && period.department_id !== kept.said.period.department_id) return false
  const { date_order, decimal } = answers
  const { days = {}, decimal: concluded } = kept.reading
  if (date_order && Object.values(days).some(({ order }) => order && order !== 'ymd' && order !== date_order))
    return false
  if (decimal && concluded && decimal !== concluded.decimal) return false
  if (!wanted) return true
  const fold = (mapping: Mapping) =>
    JSON.stringify(
      Object.entries(mapping)
        .map(([field, header]) => [field, foldHeader(header)])
        .sort(),
    )
  return fold(wanted) === fold(kept.mapping)
}

/** The totals that the file prints for the whole of it, beside the sums of its rows; only of files in one currency. */
export function reconcile(leftOut: LeftOut, outcome: Outcome, { decimal }: Survey): Reconciled[] {
  const [total, second] = outcome.totals
  if (!total || second) return []
  const sums: Record<string, number> = {
    amount: total.amount,
    line_amount: total.amount,
    open_amount: total.open_amount,
  }
  return leftOut.stated_totals.flatMap(({ row, field, column, value }) => {
    const text = decimalCell(value, decimal.decimal)
    const stated = text === undefined ? undefined : minorUnits(text, total.currency)
    const summed = sums[field]
    if (stated === undefined || summed === undefined) return []
    const difference = Number(stated) - summed
    return [{ currency: total.currency, column, row, stated: Number(stated), summed, difference }]
  })
}

/** Sentences about what the counts alone do not say. */
export function warningsOf(
  outcome: Outcome,
  leftOut: LeftOut,
  as_of: string,
  {
    rule,
    reconciliation,
    day,
  }: { rule: 'settle' | 'keep'; reconciliation: Reconciled[]; day: FoundDay | null },
): string[] {
  const rows = (numbers: number[], count = numbers.length) =>
    `${count === 1 ? 'row' : 'rows'} ${numbers.slice(0, 10).join(', ')}${count > 10 ? ' …' : ''}`
  const said = outcome.repeated - outcome.folded
  const missing = plural(outcome.missing, 'open invoice')
  const taken = outcome.kind === 'all_invoices' ? 'withdrawn' : 'paid'
  const unknown = {
    region: 'Not among your regions, and left without',
    outlet: 'Not among your outlets, and left without',
    assigned_to: 'Nobody of this name may work here, so nobody was assigned',
  } as Record<string, string>
  return [
    day &&
      day.day !== as_of &&
      `The file itself speaks of ${day.day} (${day.proof}); it is taken as of ${as_of}. Correct the day if that is wrong.`,
    ...reconciliation
      .filter(({ difference }) => difference !== 0)
      .map(
        ({ currency, column, row, stated, summed, difference }) =>
          `The file's own total of ${column} in row ${row} is ${decimalText(stated, currency)} ${currency}, its rows that were taken add up to ${decimalText(summed, currency)}: ${decimalText(Math.abs(difference), currency)} ${difference > 0 ? 'less' : 'more'}.`,
      ),
    leftOut.totals.length && `Left out as totals: ${rows(leftOut.totals, leftOut.counts.totals)}.`,
    leftOut.notes.length &&
      `Left out because no column that is read holds anything: ${rows(leftOut.notes, leftOut.counts.notes)}.`,
    leftOut.others.length &&
      `Left out as rows of another kind: ${rows(leftOut.others, leftOut.counts.others)}.`,
    ...Object.entries(leftOut.notices).map(
      ([text, { count, rows: numbers, money }]) =>
        `${text}: ${[
          plural(count, 'row'),
          ...Object.entries(money).map(([currency, sum]) => `${decimalText(sum, currency)} ${currency}`),
        ].join(', ')} (${rows(numbers, count)}).`,
    ),
    said && `Said before by another row, and counted once: ${plural(said, 'row')}.`,
    outcome.folded && `Lines that are part of an invoice of another row: ${plural(outcome.folded, 'row')}.`,
    outcome.older && `Left as the file of a later day says: ${plural(outcome.older, 'invoice')}.`,
    outcome.future &&
      `With a day after ${as_of}: ${plural(outcome.future, 'row')}. Check the day of the file.`,
    outcome.missing &&
      (rule === 'settle'
        ? `Covered by this file and not in it: ${missing}, taken as ${taken} by ${as_of}. Decide otherwise under "Paid or withdrawn?".`
        : `Covered by this file and not in it: ${missing}. What is missing stays open.`),
    outcome.missed_later.length > 0 &&
      `New here, and not in later files of this source: ${outcome.missed_later
        .map(
          ({ currency, count, open_amount }) =>
            `${plural(count, 'open invoice')}, ${decimalText(open_amount, currency)} ${currency}`,
        )
        .join(
          '; ',
        )}. They are settled by the days of those files. Decide otherwise under "Paid or withdrawn?".`,
    ...outcome.unknown.map(
      ({ kind, words }) => `${unknown[kind] ?? kind}: ${words.map((word) => `"${word}"`).join(', ')}.`,
    ),
    outcome.rejects.length < outcome.rejected &&
      `The first ${outcome.rejects.length} rejected rows are listed.`,
  ].filter((warning) => typeof warning === 'string')
}
