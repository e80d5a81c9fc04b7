import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { sql } from 'kysely'
import { from as copyFrom } from 'pg-copy-streams'
import type { OwnHttp } from '../../core/api.ts'
import { addDays } from '../../core/dates.ts'
import { invalidField, Refusal } from '../../core/errors.ts'
import type { StoredFile } from '../../core/files.ts'
import type { Scope } from '../../core/scope.ts'
import type { Encoding } from '../../core/tabular.ts'
import { dayInName, type FoundDay } from './day-of-file.ts'
import { ReadingThread } from './reading.ts'
import { type Kept, readingText, reconcile, warningsOf } from './rules.ts'
import type { Watch } from './running.ts'
import { rememberedSources, sourceOf } from './sources.ts'
import type { LeftOut } from './staging.ts'
import type { Survey } from './survey.ts'
import {
  type Evidence,
  type Outcome,
  type Question,
  type Said,
  type Snapshot,
  shapeOf,
  type Target,
} from './target.ts'

// Reading a file, comparing it with the books, and bringing it into them: the three acts that every way of importing is
// made of. `at-once.ts` does all of them in one transaction, `lifecycle.ts` one after the other.

// A day of grace, for senders whose day begins before the organisation's.
const isFuture = (scope: Scope, day: string) => day > addDays(scope.today, 1)

export function allowedDay(scope: Scope, as_of: string) {
  if (isFuture(scope, as_of))
    throw invalidField(
      'as_of',
      `The day ${as_of} is in the future. Give the day the file shows, at most tomorrow.`,
    )
  return as_of
}

/** The day of a file, who or what says so, and the words that prove it. */
export type DayOf = Pick<Kept, 'as_of' | 'as_of_from' | 'as_of_proof'>

/** A file is of the day that was said, else of the one in its name, else of today. */
export function dayOf(scope: Scope, said: string | undefined, fileName: string): DayOf {
  if (said !== undefined) return { as_of: allowedDay(scope, said), as_of_from: 'said', as_of_proof: null }
  const named = dayInName(fileName)
  return named && !isFuture(scope, named.day)
    ? { as_of: named.day, as_of_from: 'name', as_of_proof: named.proof }
    : { as_of: scope.today, as_of_from: 'today', as_of_proof: null }
}

/** The day that the file itself gives, where nobody and no name has said another. */
export function dayInside(scope: Scope, day: FoundDay | null, before: DayOf): DayOf | undefined {
  if (!day || before.as_of_from !== 'today' || isFuture(scope, day.day)) return undefined
  return { as_of: day.day, as_of_from: 'file', as_of_proof: day.proof }
}

/** A file for a day, and what people said about it. */
export type Work = DayOf & {
  target: Target
  id: number
  file: StoredFile
  file_name: string
  said: Said
  watch: Watch
}

/** Something in the file needs a person; nothing of it is in the books. */
export class Undecided extends Error {
  survey: Survey
  questions: Question[]
  constructor(survey: Survey, questions: Question[]) {
    super('undecided')
    this.survey = survey
    this.questions = questions
  }
}
/** The file lacks columns, or they cannot be found. */
export class ColumnsMissing extends Error {
  survey: Survey
  constructor(survey: Survey) {
    super('columns missing')
    this.survey = survey
  }
}

/** Starts to read the file and answers what it is. The caller stops the thread. Throws Undecided and ColumnsMissing. */
export async function openFile(
  http: OwnHttp,
  { target, file, as_of, said, watch }: Work,
): Promise<{ thread: ReadingThread; survey: Survey }> {
  watch.notify('looking')
  const remembered = await http.inScope((scope) => rememberedSources(scope, target, said.source_id))
  const thread = new ReadingThread(
    {
      path: file.path,
      shape: shapeOf(target),
      wanted: said.wanted ? { ...said.wanted } : null,
      remembered,
      answers: said.answers,
      sheet: said.sheet ?? undefined,
      encoding: (said.encoding as Encoding | null) ?? undefined,
      corrections: said.corrections,
      month: said.period?.month,
      home_currency: http.who.tenant!.currency,
      as_of,
    },
    watch.signal,
  )
  try {
    const survey = await thread.survey()
    if (survey.questions.length > 0) throw new Undecided(survey, survey.questions)
    if (survey.errors.length > 0) throw new ColumnsMissing(survey)
    return { thread, survey }
  } catch (error) {
    await thread.stop()
    throw error
  }
}

type Planned = {
  survey: Survey
  outcome: Outcome
  warnings: string[]
  taken: number
  source_id: number
  /** What the difference leaves open: whether so much may go missing. */
  question: Question | undefined
}

/**
 * Stages the rows, compares them with the books and stores what becomes of each; the import's own row tells the result.
 * Nothing of the books is changed.
 */
export async function planImport(
  scope: Scope,
  work: Work,
  opened: { thread: ReadingThread; survey: Survey },
): Promise<Planned> {
  const { target, id, as_of, said, watch } = work
  await prepare(scope, opened.survey.rows)
  const { survey, leftOut, rows } = await stage(scope, work, opened)
  watch.notify('comparing', rows, rows)
  const { source, missing_rule } = await sourceOf(scope, target, survey, said, work.file_name)
  const kind = said.kind ?? source.kind
  // Before they are compared: what another server changes meanwhile makes the comparison an old one.
  const version = await booksVersion(scope)
  const outcome = await target.books.plan(scope, {
    id,
    as_of,
    source_id: source.id,
    kind,
    progress: (step) => watch.notify(step, rows),
    fields: new Set(Object.keys(survey.places)),
    said,
    mapping: survey.mapping,
    hasLines: survey.places.line_amount !== undefined || survey.layout?.postings === true,
  })
  const unchanged = outcome.unchanged + outcome.older + outcome.repeated
  const taken = outcome.new + outcome.changed + unchanged
  if (taken + outcome.rejected !== outcome.rows)
    throw new Error(
      `Of ${outcome.rows} rows ${taken + outcome.rejected} are accounted for: nothing was imported`,
    )
  const question = missingQuestion(outcome, said, missing_rule)
  const rule = said.missing ?? missing_rule
  const reconciliation = reconcile(leftOut, outcome, survey)
  const warnings = warningsOf(outcome, leftOut, as_of, { rule, reconciliation, day: survey.day })
  await sql`
    update imports
       set source_id = ${source.id}, kind = ${outcome.kind}, missing_rule = ${rule}, mapping = ${JSON.stringify(survey.mapping)},
           reading = ${readingText(survey)}, questions = '[]', problem = null, rows = ${outcome.rows}, new_count = ${outcome.new},
           changed_count = ${outcome.changed}, unchanged_count = ${unchanged}, older_count = ${outcome.older},
           repeated_count = ${outcome.repeated}, missing_count = ${outcome.missing}, rejected_count = ${outcome.rejected},
           coverage = ${JSON.stringify(outcome.coverage)}, totals = ${JSON.stringify(outcome.totals)},
           difference = ${JSON.stringify(outcome.difference)}, reconciliation = ${JSON.stringify(reconciliation)},
           warnings = ${JSON.stringify(warnings)},
           books_version = ${version}
     where tenant_id = ${scope.tenantId} and id = ${id}`.execute(scope.db)
  return { survey, outcome, warnings, taken, source_id: source.id, question }
}

/**
 * Fresh tables have stale statistics: planned for one row, a nested loop over a large file never ends, and a merge sorts all of it by
 * text and looks every row up where it lies, where a hash reads it once.
 */
export const prepare = (scope: Scope, rows: number) => {
  const allowed = rows > 2_000 ? 'off' : 'on'
  return scope.client.query(
    `set local enable_nestloop = ${allowed}; set local enable_mergejoin = ${allowed}; set local work_mem = '64MB'; set local jit = off`,
  )
}

/**
 * Before rows are written whose foreign keys are checked: a connection keeps the plan of such a check, and one that was made
 * while a table was small reads all of it for each row (6,000 invoices: 10 s).
 */
export const checkByIndex = (scope: Scope) =>
  scope.client.query('set local enable_seqscan = off; discard plans')

/** One change of the books at a time in an organisation; whoever waits sees what the one before has done. */
export const lockBooks = (scope: Scope) =>
  sql`select pg_advisory_xact_lock(hashtextextended('imports', ${scope.tenantId}))`.execute(scope.db)
/** For small changes beside each other, none of them beside an import that is being written. */
export const shareBooks = (scope: Scope) =>
  sql`select pg_advisory_xact_lock_shared(hashtextextended('imports', ${scope.tenantId}))`.execute(scope.db)
export async function booksVersion(scope: Scope): Promise<number> {
  const row = await scope.db.selectFrom('import_books').select('version').executeTakeFirst()
  return row?.version ?? 0
}
/** Counts the change, and lets everybody who concludes from the books know of it; app.ts names them. */
export async function booksChanged(scope: Scope) {
  await sql`insert into import_books (tenant_id, version) values (${scope.tenantId}, 1)
      on conflict (tenant_id) do update set version = import_books.version + 1`.execute(scope.db)
  await concludeFromBooks(scope)
}
/** The work of those who conclude from the books, once however often it is asked for meanwhile. */
export const concludeFromBooks = (scope: Scope) =>
  scope.enqueue('books_changed', {}, { key: `books_changed ${scope.tenantId}` })

/** Brings the stored rows of an import into the books. */
export async function publishRows(scope: Scope, target: Target, kept: Kept, watch: Watch): Promise<void> {
  await sql`
    update imports set status = 'published', published_at = ${scope.now}
     where tenant_id = ${scope.tenantId} and id = ${kept.id}`.execute(scope.db)
  watch.notify('writing', 0, kept.rows)
  await checkByIndex(scope)
  await target.books.publish(scope, snapshotOf(kept, watch))
  await booksChanged(scope)
  await scope.record('import.published', kept.id, {
    file_name: kept.file_name,
    as_of: kept.as_of,
    new: kept.new_count,
    changed: kept.changed_count,
    rejected: kept.rejected_count,
  })
}

export const snapshotOf = (kept: Kept, watch: Watch): Snapshot => ({
  id: kept.id,
  as_of: kept.as_of,
  source_id: kept.source_id,
  kind: kept.kind,
  progress: (step) => watch.notify(step, 0, kept.rows),
})

/** More than this share of what is covered may not go missing unasked. */
const MISSING_SHARE_MAX = 0.2

function missingQuestion(outcome: Outcome, said: Said, rule: 'settle' | 'keep'): Question | undefined {
  if (said.missing || rule === 'keep' || outcome.missing_share <= MISSING_SHARE_MAX) return undefined
  const share = Math.round(outcome.missing_share * 100)
  return {
    id: 'missing',
    column: '',
    message: `${outcome.missing} open invoices, ${share} % of the money that this file covers, are not in it. Were they settled, or is the file a part of the whole?`,
    options: [
      { value: 'settle', label: 'settled: take them as paid or withdrawn as of the day of the file' },
      { value: 'keep', label: 'not in this file: they stay open and are listed' },
    ],
    examples: [],
  }
}

/** Streams the rows into a temporary table: COPY is refused on tables with row-level security. */
async function stage(
  scope: Scope,
  { target, watch }: Work,
  opened: { thread: ReadingThread; survey: Survey },
): Promise<{ survey: Survey; leftOut: LeftOut; rows: number }> {
  const columns = Object.entries({ row: 'int', ...target.stage, problems: 'jsonb', cells: 'text[]' })
  const definition = columns.map(([name, type]) => `${name} ${type}`).join(', ')
  await scope.client.query(`create temp table staged (${definition}) on commit drop`)
  const names = columns.map(([name]) => name).join(', ')
  let { survey } = opened
  for (;;) {
    const chunks = opened.thread.chunks()
    let rows = 0
    let told = 0
    let end: { left_out: LeftOut; evidence: Evidence[] } | { survey: Survey } | undefined
    const bytes = async function* () {
      for (;;) {
        const next = await chunks.next()
        if (next.done) {
          end = next.value
          return
        }
        rows += next.value.rows
        if (rows - told >= 10_000) {
          told = rows
          watch.notify('reading', rows)
        }
        yield next.value.bytes
      }
    }
    await pipeline(
      Readable.from(bytes(), { objectMode: true, highWaterMark: 1 }),
      scope.client.query(copyFrom(`copy staged (${names}) from stdin`)),
    )
    if (end && 'left_out' in end)
      return { survey: { ...survey, evidence: end.evidence }, leftOut: end.left_out, rows }
    survey = end!.survey
    if (survey.questions.length > 0) throw new Undecided(survey, survey.questions)
    await scope.client.query('truncate staged')
  }
}

export const columnsMissing = ({ errors }: Survey) => {
  const message = 'The file does not have the columns that it needs. Correct the header, or send a mapping.'
  return new Refusal(400, 'columns_missing', message, { body: { detail: { message, errors } } })
}

export const questionsOf = (questions: Question[], id: number | null) =>
  new Refusal(
    422,
    'undecided',
    `${questions[0]!.message} Send the file again with the answer: ${[...new Set(questions.map((each) => each.id))].join(', ')}.`,
    { body: { import_id: id, status: 'asking', questions } },
  )
