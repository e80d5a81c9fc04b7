import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { sql } from 'kysely'
import { from as copyFrom } from 'pg-copy-streams'
import type { OwnHttp } from '../../core/api.ts'
import { addDays } from '../../core/dates.ts'
import { forbidden, invalidField, notFound, Refusal } from '../../core/errors.ts'
import type { StoredFile } from '../../core/files.ts'
import { paged } from '../../core/schema.ts'
import type { Actor, Scope } from '../../core/scope.ts'
import type { Mapping } from './mapping.ts'
import { ReadingThread } from './reading.ts'
import {
  type Answer,
  detailsOf,
  type Kept,
  publishedAnswer,
  replayAnswer,
  reportOf,
  sameReading,
  unchangedIn,
  warningsOf,
} from './rules.ts'
import type { LeftOut } from './staging.ts'
import type { Survey } from './survey.ts'
import { type Answers, type Outcome, shapeOf, type Target } from './target.ts'
import { inTurn } from './turns.ts'

export type Upload = {
  file: StoredFile
  file_name: string
  as_of?: string
  /** null: the file has the target's standard header. */
  mapping: Mapping | null
  answers: Answers
  dry_run: boolean
}

/** A file speaks of the whole book, so do its totals and its rejected cells: whoever sees a part of it sees no import. */
export function requireAllRows({ row_access }: Actor) {
  if (row_access !== 'all')
    throw forbidden('Imports need a role that sees every invoice of the organisation: yours sees a part.')
}

/** Whether the file of this name is of use to an import: what was refused comes again with its next upload. */
export async function keepsFile(scope: Scope, sha256: string): Promise<boolean> {
  const row = await scope.db
    .selectFrom('imports')
    .select('id')
    .where('file_sha256', '=', sha256)
    .where('status', '<>', 'refused')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Longest an import may take, ms. */
export const IMPORT_TIME_MAX = 10 * 60_000

/**
 * The whole life of an import in one call: read, conclude, compare, publish. All of it is one transaction, so that a
 * server that dies at any moment leaves all or nothing; and one import per file and day, however often it is sent.
 */
export async function importFile(http: OwnHttp, target: Target, upload: Upload): Promise<Answer> {
  const { actor, tenant } = http.who
  requireAllRows(actor!)
  const as_of = await http.inScope(async (scope) => dayOf(scope, upload.as_of))
  const signal = AbortSignal.timeout(IMPORT_TIME_MAX)
  return inTurn(`${actor!.tenant_id} ${target.name}`, async () => {
    const { id, published } = await http.inScope((scope) => findSame(scope, target, upload, as_of))
    if (published && !upload.dry_run) return published

    const thread = new ReadingThread(
      {
        path: upload.file.path,
        shape: shapeOf(target),
        wanted: upload.mapping,
        answers: upload.answers,
        home_currency: tenant!.currency,
        as_of,
      },
      signal,
    )
    try {
      const survey = await thread.survey()
      if (survey.errors.length > 0) throw columnsMissing(survey.errors)
      if (survey.questions.length > 0) throw new Undecided(survey)
      const notify: Notify = (step, rows = 0) =>
        http.inScope((scope) => tellProgress(scope, id, step, rows)).catch(() => {})
      const work = { target, upload, as_of, id, survey, thread, notify }
      return await http.inScope((scope) => publish(scope, work), { bulk: true })
    } catch (error) {
      if (signal.aborted)
        throw new Refusal(
          503,
          'took_too_long',
          `The import took longer than ${IMPORT_TIME_MAX / 60_000} minutes and was stopped. Nothing was imported; split the file.`,
        )
      if (error instanceof DryRun) return error.answer
      if (error instanceof Undecided) {
        const { survey } = error
        if (!upload.dry_run)
          await http.inScope((scope) => keepQuestions(scope, target, upload, as_of, id, survey))
        throw questionsOf(survey, upload.dry_run ? null : id)
      }
      throw error
    } finally {
      await thread.stop()
    }
  })
}

function dayOf(scope: Scope, as_of: string | undefined) {
  if (as_of === undefined) return scope.today
  // A day of grace, for senders whose day begins before the organisation's.
  if (as_of > addDays(scope.today, 1))
    throw invalidField(
      'as_of',
      `The day ${as_of} is in the future. Give the day the file shows, at most tomorrow.`,
    )
  return as_of
}

/** Ends the transaction of a dry run: its answer is known, and nothing of it stays. */
class DryRun extends Error {
  answer: Answer
  constructor(answer: Answer) {
    super('dry run')
    this.answer = answer
  }
}

/** Something in the file needs a person; nothing of it is written. */
class Undecided extends Error {
  survey: Survey
  constructor(survey: Survey) {
    super('undecided')
    this.survey = survey
  }
}

type Notify = (step: string, rows?: number) => Promise<void>
type Work = {
  target: Target
  upload: Upload
  as_of: string
  id: number
  survey: Survey
  thread: ReadingThread
  notify: Notify
}

async function publish(scope: Scope, work: Work): Promise<Answer> {
  const { target, upload, as_of, id, notify } = work
  // Fresh tables have stale statistics: planned for one row, a nested loop over a large file never ends.
  await scope.client.query(
    `set local enable_nestloop = ${work.survey.rows > 2_000 ? 'off' : 'on'}; set local work_mem = '64MB'`,
  )
  const published = await claim(scope, work)
  if (published) return published
  const { survey, leftOut, rows } = await stage(scope, work)
  await notify('comparing', rows)
  const outcome = await target.apply(scope, {
    id,
    as_of,
    dry_run: upload.dry_run,
    progress: (step) => notify(step, rows),
  })
  const unchanged = unchangedIn(outcome)
  const accounted = outcome.new + outcome.changed + unchanged + outcome.rejected
  if (accounted !== outcome.rows)
    throw new Error(`Of ${outcome.rows} rows ${accounted} are accounted for: nothing was imported`)
  const status = outcome.rows > outcome.rejected ? 'published' : 'refused'
  const warnings = warningsOf(outcome, leftOut, as_of)
  const answer = publishedAnswer({ id, status, as_of, outcome, warnings, survey })
  if (upload.dry_run) throw new DryRun({ ...answer, import_id: null, status: 'checked' })
  await sql`
    update imports
       set status = ${status}, reading = ${readingText(survey, upload)}, rows = ${outcome.rows}, new_count = ${outcome.new}, changed_count = ${outcome.changed},
           unchanged_count = ${unchanged}, missing_count = ${outcome.missing},
           rejected_count = ${outcome.rejected}, coverage = ${JSON.stringify(outcome.coverage)},
           totals = ${JSON.stringify(outcome.totals)}, warnings = ${JSON.stringify(warnings)},
           published_at = ${status === 'published' ? scope.now : null}
     where tenant_id = ${scope.tenantId} and id = ${id}`.execute(scope.db)
  await scope.record(`import.${status}`, id, {
    file_name: upload.file_name,
    as_of,
    new: outcome.new,
    changed: outcome.changed,
    rejected: outcome.rejected,
  })
  return answer
}

/**
 * Claims the file for its day. Another server that is at the same file makes this one wait, and then it answers what
 * that one has published.
 */
async function claim(scope: Scope, { target, upload, as_of, id, survey }: Work): Promise<Answer | null> {
  await sql`select pg_advisory_xact_lock(hashtextextended('imports', ${scope.tenantId}))`.execute(scope.db)
  if (upload.dry_run || (await keep(scope, target, upload, as_of, id, survey, 'refused'))) return null
  return (await findSame(scope, target, upload, as_of)).published
}

/** Streams the rows into a temporary table: COPY is refused on tables with row-level security. */
async function stage(scope: Scope, { target, thread, survey, notify }: Work) {
  const columns = Object.entries({ row: 'int', ...target.stage, problems: 'jsonb', cells: 'text[]' })
  const definition = columns.map(([name, type]) => `${name} ${type}`).join(', ')
  await scope.client.query(`create temp table staged (${definition}) on commit drop`)
  const names = columns.map(([name]) => name).join(', ')
  for (;;) {
    const chunks = thread.chunks()
    let rows = 0
    let told = 0
    let end: { left_out: LeftOut } | { survey: Survey } | undefined
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
          await notify('reading', rows)
        }
        yield next.value.bytes
      }
    }
    await pipeline(
      Readable.from(bytes(), { objectMode: true, highWaterMark: 1 }),
      scope.client.query(copyFrom(`copy staged (${names}) from stdin`)),
    )
    if (end && 'left_out' in end) return { survey, leftOut: end.left_out, rows }
    survey = end!.survey
    if (survey.questions.length > 0) throw new Undecided(survey)
    await scope.client.query('truncate staged')
  }
}

/** Heard at once and written nowhere: progress is no fact of the books. */
async function tellProgress(scope: Scope, id: number, step: string, rows: number) {
  const notice = {
    tenant_id: scope.tenantId,
    id: null,
    kind: 'import.progressed',
    subject: 'import',
    subject_id: id,
    step,
    rows,
  }
  await sql`select pg_notify('duebook', ${JSON.stringify(notice)})`.execute(scope.db)
}

// ---- the kept rows --------------------------------------------------------------------------------------------------

/** The import of the same file for the same day: its answer when it is published, else only its id, or a new one. */
async function findSame(
  scope: Scope,
  target: Target,
  upload: Upload,
  as_of: string,
): Promise<{ id: number; published: Answer | null }> {
  const same = (await scope.db
    .selectFrom('imports')
    .selectAll()
    .where('target', '=', target.name)
    .where('file_sha256', '=', upload.file.sha256)
    .where('as_of', '=', as_of)
    .where('status', '<>', 'reverted')
    .executeTakeFirst()) as Kept | undefined
  if (!same) {
    const { rows } = await sql<{ id: number }>`select nextval('imports_id_seq') as id`.execute(scope.db)
    return { id: rows[0]!.id, published: null }
  }
  if (same.status !== 'published' || upload.dry_run) return { id: same.id, published: null }
  if (!sameReading(same, upload)) {
    throw new Refusal(
      409,
      'imported_otherwise',
      `This file is already imported for ${as_of} with another mapping (import ${same.id}). Give another as_of day to import it again.`,
      { body: { import_id: same.id } },
    )
  }
  return {
    id: same.id,
    published: replayAnswer(same, await rejectsOf(scope, same.id), await apartOf(scope, same.id)),
  }
}

const readingText = ({ table, days, decimal }: Survey, { mapping, answers }: Upload) =>
  JSON.stringify({ table, days, decimal, standard: mapping === null, answers })

/** Writes the import's own row; false when the file is published for the day already. */
async function keep(
  scope: Scope,
  target: Target,
  upload: Upload,
  as_of: string,
  id: number,
  survey: Survey,
  status: 'asking' | 'refused',
): Promise<boolean> {
  const { rows } = await sql`
    insert into imports (tenant_id, id, target, status, file_sha256, file_name, file_size, as_of, mapping, reading, questions,
                         rows, created_by, created_at)
    values (${scope.tenantId}, ${id}, ${target.name}, ${status}, ${upload.file.sha256}, ${upload.file_name},
            ${upload.file.size}, ${as_of}, ${JSON.stringify(survey.mapping)}, ${readingText(survey, upload)},
            ${JSON.stringify(survey.questions)}, ${survey.rows}, ${scope.userId > 0 ? scope.userId : null}, ${scope.now})
    on conflict (tenant_id, target, file_sha256, as_of) where status <> 'reverted'
    do update set status = excluded.status, mapping = excluded.mapping, reading = excluded.reading,
                  questions = excluded.questions, rows = excluded.rows, file_name = excluded.file_name
     where imports.status in ('asking', 'refused')
    returning id`.execute(scope.db)
  return rows.length > 0
}

async function keepQuestions(
  scope: Scope,
  target: Target,
  upload: Upload,
  as_of: string,
  id: number,
  survey: Survey,
) {
  if (!(await keep(scope, target, upload, as_of, id, survey, 'asking'))) return
  await scope.record('import.questioned', id, {
    file_name: upload.file_name,
    questions: survey.questions.map((each) => each.id),
  })
}

const columnsMissing = (errors: string[]) => {
  const message = 'The file does not have the columns that it needs. Correct the header, or send a mapping.'
  return new Refusal(400, 'columns_missing', message, { body: { detail: { message, errors } } })
}

const questionsOf = (survey: Survey, id: number | null) =>
  new Refusal(
    422,
    'undecided',
    `${survey.questions[0]!.message} Send the file again with the answer: ${[...new Set(survey.questions.map((each) => each.id))].join(', ')}.`,
    { body: { import_id: id, status: 'asking', questions: survey.questions } },
  )

const rejectsOf = (scope: Scope, id: number) =>
  scope.db
    .selectFrom('import_rows')
    .select(['row', 'number', 'problems'])
    .where('import_id', '=', id)
    .where('outcome', '=', 'rejected')
    .orderBy('row')
    .limit(1000)
    .execute() as Promise<Outcome['rejects']>

/** Rows that left their invoice as it was, without saying what the books say. */
async function apartOf(scope: Scope, id: number): Promise<Pick<Outcome, 'older' | 'repeated'>> {
  const { rows } = await sql<Pick<Outcome, 'older' | 'repeated'>>`
    select count(*) filter (where outcome = 'older')::int as older,
           count(*) filter (where outcome = 'repeated')::int as repeated
      from import_rows where tenant_id = ${scope.tenantId} and import_id = ${id}`.execute(scope.db)
  return rows[0]!
}

export async function listImports(scope: Scope, query: { page: number; page_size: number }) {
  requireAllRows(scope.actor)
  const [rows, { count }] = await Promise.all([
    scope.db
      .selectFrom('imports')
      .leftJoin('users', 'users.id', 'imports.created_by')
      .selectAll('imports')
      .select(['users.full_name as created_by_name'])
      .orderBy('imports.id', 'desc')
      .limit(query.page_size)
      .offset((query.page - 1) * query.page_size)
      .execute(),
    scope.db
      .selectFrom('imports')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow(),
  ])
  return paged(
    rows.map((row) => reportOf(row as Kept)),
    count,
    query,
  )
}

/** One import with its rejected rows and the invoices that it did not name, up to a thousand of each. */
export async function getImport(scope: Scope, id: number) {
  requireAllRows(scope.actor)
  const [row, rejects, missing, apart] = await Promise.all([
    scope.db
      .selectFrom('imports')
      .leftJoin('users', 'users.id', 'imports.created_by')
      .selectAll('imports')
      .select(['users.full_name as created_by_name'])
      .where('imports.id', '=', id)
      .executeTakeFirst(),
    rejectsOf(scope, id),
    scope.db
      .selectFrom('import_rows as r')
      .innerJoin('invoices as i', (join) => join.onRef('i.id', '=', 'r.invoice_id'))
      .innerJoin('customers as c', (join) => join.onRef('c.id', '=', 'i.customer_id'))
      .select([
        'i.id as invoice_id',
        'i.number as invoice_number',
        'c.name as customer_name',
        'i.currency',
        'r.open_amount',
      ])
      .where('r.import_id', '=', id)
      .where('r.outcome', '=', 'missing')
      .orderBy('r.row', 'desc')
      .limit(1000)
      .execute(),
    apartOf(scope, id),
  ])
  if (!row) throw notFound('This import')
  return detailsOf(row as Kept, rejects, missing, apart)
}
