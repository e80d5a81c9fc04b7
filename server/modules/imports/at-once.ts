import { sql } from 'kysely'
import type { OwnHttp } from '../../core/api.ts'
import { Refusal } from '../../core/errors.ts'
import type { StoredFile } from '../../core/files.ts'
import type { Scope } from '../../core/scope.ts'
import {
  ColumnsMissing,
  columnsMissing,
  type DayOf,
  dayOf,
  lockBooks,
  openFile,
  planImport,
  publishRows,
  questionsOf,
  Undecided,
  type Work,
} from './imports.ts'
import { keptImport, requireAllRows } from './kept.ts'
import { ReadingThread } from './reading.ts'
import { rejectsOf } from './rows.ts'
import { type Answer, answerOf, type Kept, readingText, replayOf, sameReading } from './rules.ts'
import { watched } from './running.ts'
import { rememberSource } from './sources.ts'
import type { Survey } from './survey.ts'
import { type Question, type Said, shapeOf, type Target, type UploadForm } from './target.ts'
import { inTurn } from './turns.ts'

export type Upload = {
  target: Target
  form: UploadForm
  file: StoredFile
  file_name: string
  as_of?: string | undefined
  said: Said
  dry_run: boolean
}

/**
 * The whole life of an import in one call: read, conclude, compare, publish. All of it is one transaction, so that a
 * server that dies at any moment leaves all or nothing; and one import per file and day, however often it is sent.
 */
export async function importFile(http: OwnHttp, target: Target, upload: Upload): Promise<Answer> {
  const { actor } = http.who
  requireAllRows(actor!)
  const { said, ...day } = await http.inScope((scope) => arranged(scope, target, upload))
  const { as_of } = day
  upload = { ...upload, said }
  return inTurn(`${actor!.tenant_id} ${target.name}`, async () => {
    const same = await http.inScope((scope) => findSame(scope, target, upload, as_of))
    if (same.answer && !upload.dry_run) return same.answer
    const { id } = same
    return watched(http, id, async (watch) => {
      const { file, file_name, said } = upload
      const work: Work = { target, id, file, file_name, ...day, said, watch }
      try {
        const opened = await openFile(http, work)
        try {
          return await watch.inBulk((scope) => readAndPublish(scope, work, opened, upload.dry_run))
        } finally {
          await opened.thread.stop()
        }
      } catch (error) {
        if (error instanceof DryRun) return error.answer
        if (error instanceof ColumnsMissing) throw columnsMissing(error.survey)
        if (!(error instanceof Undecided)) throw error
        const { survey, questions } = error
        if (!upload.dry_run) await http.inScope((scope) => keepQuestions(scope, work, survey, questions))
        throw questionsOf(questions, upload.dry_run ? null : id)
      }
    })
  })
}

/** The day of a file, and all that is said about it: a target may have a say of its own. */
export async function arranged(
  scope: Scope,
  target: Target,
  { as_of, file, file_name, form, said }: Upload,
): Promise<DayOf & { said: Said }> {
  const texts = () => headOf(scope, target, file.path)
  const more = await target.arrange?.(scope, form, { name: file_name, texts })
  return more
    ? { as_of: more.as_of, as_of_from: 'said', as_of_proof: null, said: { ...said, ...more.said } }
    : { ...dayOf(scope, as_of, file_name), said }
}

const HEAD_TIME_MS = 15_000

/** What a file's header says, and the day that stands above it; nothing where it cannot be read: that is told when it is. */
async function headOf(scope: Scope, target: Target, path: string): Promise<string[]> {
  const job = { path, shape: shapeOf(target), wanted: null, answers: {}, as_of: scope.today }
  const thread = new ReadingThread(
    { ...job, home_currency: scope.tenant.currency },
    AbortSignal.timeout(HEAD_TIME_MS),
  )
  try {
    const { table, day } = await thread.survey()
    return day ? [day.day.slice(0, 7)] : table.columns
  } catch {
    return []
  } finally {
    await thread.stop()
  }
}

/** Ends the transaction of a dry run: its answer is known, and nothing of it stays. */
class DryRun extends Error {
  answer: Answer
  constructor(answer: Answer) {
    super('dry run')
    this.answer = answer
  }
}

async function readAndPublish(
  scope: Scope,
  work: Work,
  opened: Awaited<ReturnType<typeof openFile>>,
  dryRun: boolean,
): Promise<Answer> {
  const { target, id, watch, said } = work
  await lockBooks(scope)
  // Another server that was at the same file has published it meanwhile.
  if (!(await claim(scope, work, opened.survey, dryRun)))
    return replayOf(await keptImport(scope, id), await rejectsOf(scope, id))
  const { outcome, taken, source_id, survey, question } = await planImport(scope, work, opened)
  if (question) throw new Undecided(survey, [question])
  const kept = await keptImport(scope, id)
  if (taken > 0 && !dryRun) {
    await publishRows(scope, target, kept, watch)
    await rememberSource(scope, source_id, survey.mapping, said)
    return answerOf({ ...kept, status: 'published' }, outcome.rejects)
  }
  if (dryRun)
    throw new DryRun({ ...answerOf({ ...kept, status: 'checked' }, outcome.rejects), import_id: null })
  await sql`select discard_import_rows(${id}::bigint)`.execute(scope.db)
  await scope.record('import.refused', id, {
    file_name: work.file_name,
    as_of: work.as_of,
    rejected: outcome.rejected,
  })
  return answerOf(kept, outcome.rejects)
}

/** Writes the import's own row; false when the file is published for the day already. */
async function claim(scope: Scope, work: Work, survey: Survey, dryRun: boolean): Promise<boolean> {
  if (dryRun) {
    // A row of its own beside whatever is there, for as long as the transaction lasts.
    await writeRow(scope, work, survey, 'refused', [], `dry run ${work.id}`)
    return true
  }
  return writeRow(scope, work, survey, 'refused', [])
}

async function writeRow(
  scope: Scope,
  { target, id, file, file_name, as_of, as_of_from, as_of_proof, said }: Work,
  survey: Survey,
  status: 'asking' | 'refused',
  questions: Question[],
  dryRun?: string,
): Promise<boolean> {
  const hash = dryRun ? dryRun.padEnd(64, ' ') : file.sha256
  const { rows } = await sql`
    insert into imports (tenant_id, id, target, status, file_sha256, file_name, file_size, as_of, as_of_from, as_of_proof, mapping, reading, questions, said,
                         rows, created_by, created_at)
    values (${scope.tenantId}, ${id}, ${target.name}, ${status}, ${hash}, ${file_name}, ${file.size}, ${as_of}, ${as_of_from}, ${as_of_proof}, ${JSON.stringify(survey.mapping)},
            ${readingText(survey)}, ${JSON.stringify(questions)}, ${JSON.stringify(said)}, ${survey.rows}, ${scope.userId > 0 ? scope.userId : null}, ${scope.now})
    on conflict (tenant_id, target, file_sha256, as_of) where status not in ('reverted', 'cancelled', 'failed')
    do update set status = excluded.status, mapping = excluded.mapping, reading = excluded.reading, said = excluded.said,
                  questions = excluded.questions, rows = excluded.rows, file_name = excluded.file_name
     where imports.status in ('asking', 'refused', 'checked', 'reading')
    returning id`.execute(scope.db)
  if (rows.length > 0) await sql`select discard_import_rows(${id}::bigint)`.execute(scope.db)
  return rows.length > 0
}

/** The import of the same file for the same day: its answer when it is published, else only its id, or a new one. */
async function findSame(
  scope: Scope,
  target: Target,
  upload: Upload,
  as_of: string,
): Promise<{ id: number; answer: Answer | null }> {
  const same = (await scope.db
    .selectFrom('imports')
    .selectAll()
    .where('target', '=', target.name)
    .where('file_sha256', '=', upload.file.sha256)
    .where('as_of', '=', as_of)
    .where('status', 'not in', ['reverted', 'cancelled', 'failed'])
    .executeTakeFirst()) as Kept | undefined
  if (!same || upload.dry_run) {
    const { rows } = await sql<{ id: number }>`select nextval('imports_id_seq') as id`.execute(scope.db)
    return { id: rows[0]!.id, answer: null }
  }
  if (same.status === 'publishing' || same.status === 'reverting')
    throw new Refusal(
      409,
      'at_work',
      `This file is at work already (import ${same.id}). Look at it in a moment.`,
    )
  if (same.status !== 'published') return { id: same.id, answer: null }
  if (!sameReading(same, upload.said)) {
    throw new Refusal(
      409,
      'imported_otherwise',
      `This file is already imported for ${as_of} with another mapping or department (import ${same.id}). Give another as_of day to import it again.`,
      { body: { import_id: same.id } },
    )
  }
  return { id: same.id, answer: replayOf(same, await rejectsOf(scope, same.id)) }
}

async function keepQuestions(scope: Scope, work: Work, survey: Survey, questions: Question[]) {
  if (!(await writeRow(scope, work, survey, 'asking', questions))) return
  await scope.record('import.questioned', work.id, {
    file_name: work.file_name,
    questions: questions.map((each) => each.id),
  })
}
