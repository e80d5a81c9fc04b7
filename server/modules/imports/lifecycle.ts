import { isDeepStrictEqual } from 'node:util'
import { sql } from 'kysely'
import type { OwnHttp } from '../../core/api.ts'
import { serverName } from '../../core/database.ts'
import { invalidField, Refusal } from '../../core/errors.ts'
import type { Files, StoredFile } from '../../core/files.ts'
import type { Scope } from '../../core/scope.ts'
import { arranged, type Upload } from './at-once.ts'
import {
  allowedDay,
  booksChanged,
  booksVersion,
  ColumnsMissing,
  checkByIndex,
  dayInside,
  lockBooks,
  openFile,
  planImport,
  prepare,
  publishRows,
  snapshotOf,
  Undecided,
  type Work,
} from './imports.ts'
import { keepsFile, keptImport, requireAllRows } from './kept.ts'
import { revised, saidAlso } from './revision.ts'
import { getImport } from './rows.ts'
import { type Kept, moves, readingText, type Status } from './rules.ts'
import { cancelled, stopRunning, type Watch, watched } from './running.ts'
import type { Revision } from './schemas.ts'
import { rememberedSources, rememberSource } from './sources.ts'
import type { Survey } from './survey.ts'
import type { Question, Target } from './target.ts'
import { inTurn } from './turns.ts'

// An import step by step: read and checked, then published by a person, and undone. Each step is a transaction of its own;
// between them its row says where it stands. Whoever dies half-way leaves the step undone, see `jobs.ts`.

type Step = { http: OwnHttp; target: Target; files: Files }
type Answer = Awaited<ReturnType<typeof getImport>>

const turn = ({ http, target }: Step, work: () => Promise<void>) =>
  inTurn(`${http.who.actor!.tenant_id} ${target.name}`, work)

/** With `Prefer: respond-async` the answer is 202 and the import as it is now, while the work goes on. */
async function answer({ http }: Step, id: number, work: Promise<void>): Promise<Answer> {
  const later = /\brespond-async\b/i.test(String(http.request.headers.prefer ?? ''))
  if (later) {
    work.catch((error: unknown) => {
      if (!(error instanceof Refusal)) http.request.log.error(error, 'An import failed')
    })
    http.reply.status(202).header('preference-applied', 'respond-async')
  } else await work
  return http.inScope((scope) => getImport(scope, id))
}

/**
 * Takes a file in and checks it: what it is, what it would change. The same file for the same day is the same import; what
 * is said with it is taken as long as nothing of it is in the books.
 */
export async function createImport(step: Step, upload: Upload): Promise<Answer & { already: boolean }> {
  const { http, target } = step
  requireAllRows(http.who.actor!)
  const { id, already, reads } = await http.inScope(async (scope) => {
    const { file, file_name } = upload
    const { as_of, as_of_from, as_of_proof, said } = await arranged(scope, target, upload)
    const { rows } = await sql<{ id: number }>`
      insert into imports (tenant_id, target, status, file_sha256, file_name, file_size, as_of, as_of_from, as_of_proof, said, worker, heartbeat_at, created_by, created_at)
      values (${scope.tenantId}, ${target.name}, 'reading', ${file.sha256}, ${file_name}, ${file.size}, ${as_of}, ${as_of_from}, ${as_of_proof},
              ${JSON.stringify(said)}, ${serverName}, ${scope.now}, ${scope.userId > 0 ? scope.userId : null}, ${scope.now})
      on conflict (tenant_id, target, file_sha256, as_of) where status not in ('reverted', 'cancelled', 'failed')
      do update set status = 'reading', said = excluded.said, file_name = excluded.file_name, worker = excluded.worker, heartbeat_at = excluded.heartbeat_at
       where imports.status = 'refused'
      returning id`.execute(scope.db)
    if (rows[0]) {
      await scope.record('import.received', rows[0].id, { file_name, as_of })
      return { id: rows[0].id, already: false, reads: true }
    }
    const { id } = await scope.db
      .selectFrom('imports')
      .select('id')
      .where('target', '=', target.name)
      .where('file_sha256', '=', file.sha256)
      .where('as_of', '=', as_of)
      .where('status', 'not in', ['reverted', 'cancelled', 'failed'])
      .executeTakeFirstOrThrow()
    const kept = await keptImport(scope, id, true)
    const all = saidAlso(kept.said, said)
    if (!moves.revise.includes(kept.status) || isDeepStrictEqual(all, kept.said))
      return { id, already: true, reads: false }
    await moveTo(scope, id, 'revise', 'reading')
    await sql`update imports set said = ${JSON.stringify(all)} where tenant_id = ${scope.tenantId} and id = ${id}`.execute(
      scope.db,
    )
    await scope.record('import.revised', id, { said: Object.keys(said) })
    return { id, already: true, reads: true }
  })
  if (already) http.reply.header('location', `/api/imports/${id}`)
  const one = reads
    ? await answer(step, id, check(step, id))
    : await http.inScope((scope) => getImport(scope, id))
  return { ...one, already }
}

/** Says more about a file, and checks it anew. */
export async function reviseImport(step: Step, id: number, revision: Revision): Promise<Answer> {
  const { http, target } = step
  requireAllRows(http.who.actor!)
  await http.inScope(async (scope) => {
    // A source that is not there would refuse the file, and with it all that was said before.
    if (revision.source_id) await rememberedSources(scope, target, revision.source_id)
    const kept = await moveTo(scope, id, 'revise', 'reading')
    if (kept.said.period && revision.as_of && revision.as_of !== kept.as_of)
      throw invalidField(
        'as_of',
        'The day of a monthly sheet is the end of its month. For another month discard this import, and send the sheet anew.',
      )
    const said = revised(target, kept.said, revision)
    await sql`
      update imports
         set said = ${JSON.stringify(said)}, as_of = ${revision.as_of ? allowedDay(scope, revision.as_of) : kept.as_of},
             as_of_from = ${revision.as_of ? 'said' : kept.as_of_from}, as_of_proof = ${revision.as_of ? null : kept.as_of_proof}
       where tenant_id = ${scope.tenantId} and id = ${id}`
      .execute(scope.db)
      .catch(sameFile)
    await scope.record('import.revised', id, { said: Object.keys(revision) })
  })
  return answer(step, id, check(step, id))
}

/** Brings a checked import into the books. Doing it again answers the same. */
export const publishImport = (step: Step, id: number): Promise<Answer> =>
  changeBooks(step, id, 'publish', async (scope, kept, watch) => {
    if ((await booksVersion(scope)) !== kept.books_version) throw booksChangedMeanwhile()
    await publishRows(scope, step.target, kept, watch)
    if (kept.source_id) await rememberSource(scope, kept.source_id, kept.mapping, kept.said)
  })

/** Takes an import out of the books. Doing it again answers the same. */
export const revertImport = (step: Step, id: number): Promise<Answer> =>
  changeBooks(step, id, 'revert', async (scope, kept, watch) => {
    watch.notify('reverting', 0, kept.rows)
    await sql`
      update imports set status = 'reverted', reverted_at = ${scope.now}, reverted_by = ${scope.userId > 0 ? scope.userId : null}
       where tenant_id = ${scope.tenantId} and id = ${id}`.execute(scope.db)
    await checkByIndex(scope)
    await step.target.books.revert(scope, snapshotOf(kept, watch))
    await booksChanged(scope)
    await scope.record('import.reverted', id, { file_name: kept.file_name, as_of: kept.as_of })
  })

const ways = {
  publish: { from: 'checked', at: 'publishing', to: 'published' },
  revert: { from: 'published', at: 'reverting', to: 'reverted' },
} as const

/** One change of the books: all of it is done, or the import is back where it stood. */
async function changeBooks(
  step: Step,
  id: number,
  move: keyof typeof ways,
  change: (scope: Scope, kept: Kept, watch: Watch) => Promise<void>,
): Promise<Answer> {
  const { http } = step
  const { from, at, to } = ways[move]
  requireAllRows(http.who.actor!)
  const done = await http.inScope(async (scope) => {
    const { status } = await keptImport(scope, id, true)
    if (status === at || status === to) return true
    await moveTo(scope, id, move, at)
    return false
  })
  if (done) return http.inScope((scope) => getImport(scope, id))
  const work = turn(step, () =>
    watched(http, id, async (watch) => {
      try {
        await watch.inBulk(async (scope) => {
          await lockBooks(scope)
          const kept = await keptImport(scope, id, true)
          if (kept.status === 'cancelled') throw cancelled()
          requireMove(kept, move, [at])
          await prepare(scope, kept.rows)
          await change(scope, kept, watch)
        })
      } catch (error) {
        await http.inScope((scope) => back(scope, id, at, isOutdated(error) ? 'reading' : from))
        throw error
      }
    }),
  ).catch(async (error) => {
    // What it would change is not what was looked at: it is compared anew, and waits for another look.
    if (isOutdated(error)) await check(step, id)
    throw error
  })
  return answer(step, id, work)
}

const booksChangedMeanwhile = () =>
  new Refusal(
    409,
    'books_changed',
    'The books have changed since this file was compared with them. It was compared anew: look at the difference again, then publish.',
  )
const isOutdated = (error: unknown) => error instanceof Refusal && error.code === 'books_changed'

/** Stops what is under way, and discards what is not in the books. */
export async function cancelImport(step: Step, id: number): Promise<Answer> {
  const { http, files } = step
  requireAllRows(http.who.actor!)
  const before = await http.inScope((scope) => keptImport(scope, id))
  if (before.status === 'publishing' && stopRunning(id)) {
    // Nothing is written; the preview stays.
    return http.inScope((scope) => getImport(scope, id))
  }
  const kept = await http.inScope(async (scope) => {
    const moved = await moveTo(scope, id, 'cancel', 'cancelled')
    await scope.record('import.cancelled', id, { file_name: moved.file_name })
    return moved
  })
  stopRunning(id)
  await releaseFile(step, kept)
  await http.inScope((scope) => sql`select discard_import_rows(${id}::bigint)`.execute(scope.db))
  return http.inScope((scope) => getImport(scope, id))

  async function releaseFile({ http }: Step, { file_sha256, file_size }: Kept) {
    const held = files.hold(http.who.actor!.tenant_id, file_sha256, file_size)
    if (held) await files.release(held, () => http.inScope((scope) => keepsFile(scope, file_sha256)))
  }
}

// ---- steps ----------------------------------------------------------------------------------------------------------

const words: Record<keyof typeof moves, string> = {
  revise: 'read anew',
  publish: 'published',
  cancel: 'cancelled',
  revert: 'undone',
}

/** A status as a sentence says it, where it is another word than the one on the wire. */
const statusWords: Record<Status, string> = {
  reading: 'being read',
  asking: 'waiting for an answer',
  checked: 'checked',
  publishing: 'being published',
  published: 'published',
  refused: 'refused',
  failed: 'failed',
  cancelled: 'cancelled',
  reverting: 'being undone',
  reverted: 'undone',
}

/** Moves an import on, if where it stands allows that. */
async function moveTo(scope: Scope, id: number, move: keyof typeof moves, to: Status): Promise<Kept> {
  const kept = await keptImport(scope, id, true)
  requireMove(kept, move)
  await scope.db
    .updateTable('imports')
    .set({ status: to, problem: null, worker: serverName, heartbeat_at: scope.now })
    .where('id', '=', id)
    .execute()
    .catch(sameFile)
  return { ...kept, status: to }
}

function requireMove(
  { status, rows, rejected_count }: Kept,
  move: keyof typeof moves,
  from: readonly Status[] = moves[move],
) {
  if (move === 'publish' && status === 'checked' && rows === rejected_count)
    throw new Refusal(409, 'nothing_to_publish', 'No row of this file can be taken: correct its rows first.')
  if (from.includes(status)) return
  const allowed = (Object.keys(moves) as (keyof typeof moves)[]).filter((each) =>
    moves[each].includes(status),
  )
  throw new Refusal(
    409,
    'wrong_state',
    `This import is ${statusWords[status]} and cannot be ${words[move]}.${allowed.length > 0 ? ` It can be: ${allowed.map((each) => words[each]).join(', ')}.` : ''}`,
    { body: { status, allowed } },
  )
}

/** One import per file and day; one that failed does not count until it is read anew. */
function sameFile(error: { code?: string }): never {
  if (error.code !== '23505') throw error
  throw new Refusal(409, 'same_file', 'This file is there already for that day.')
}

/** Puts an import back where it stood, unless somebody has moved it meanwhile. */
async function back(scope: Scope, id: number, from: Status, to: Status, problem: string | null = null) {
  const moved = await scope.db
    .updateTable('imports')
    .set({ status: to, problem, worker: serverName, heartbeat_at: scope.now })
    .where('id', '=', id)
    .where('status', '=', from)
    .executeTakeFirst()
  if (Number(moved.numUpdatedRows) > 0) await scope.record('import.moved', id, { to, problem })
}

/** Reads a file and compares it with the books. Where it leaves something open, the import asks. */
async function check(step: Step, id: number): Promise<void> {
  const { http, target, files } = step
  const tenant = http.who.actor!.tenant_id
  await turn(step, () =>
    watched(http, id, async (watch) => {
      let file: StoredFile | undefined
      try {
        const kept = await http.inScope((scope) => keptImport(scope, id))
        if (kept.status !== 'reading') throw cancelled()
        file = files.hold(tenant, kept.file_sha256, kept.file_size)
        if (!file)
          throw new Refusal(
            410,
            'file_gone',
            'The file is not kept any more. Send it again, as a new import.',
          )
        const { file_name, as_of, as_of_from, as_of_proof, said } = kept
        await checkFile(http, { target, id, file, file_name, as_of, as_of_from, as_of_proof, said, watch })
      } catch (error) {
        const refusal = watch.signal.aborted ? watch.signal.reason : error
        const status = refusal instanceof Refusal ? 'refused' : 'failed'
        const problem =
          refusal instanceof Refusal
            ? refusal.detail
            : 'The file could not be read to its end: a fault of the server. Read it anew, or send it again.'
        await http.inScope((scope) => back(scope, id, 'reading', status, problem))
        // Why a file is refused is told by the import itself; a stop and faults are told to whoever waits, too.
        if (!(refusal instanceof Refusal) || watch.signal.aborted) throw refusal
      } finally {
        if (file) {
          const { sha256 } = file
          await files.release(file, () => http.inScope((scope) => keepsFile(scope, sha256)))
        }
      }
    }),
  )
}

async function checkFile(http: OwnHttp, upload: Work): Promise<void> {
  const { id } = upload
  let work = upload
  try {
    let opened = await openFile(http, work)
    try {
      work = await takeDay(http, work, opened.survey)
      if (work.as_of !== upload.as_of) {
        await opened.thread.stop()
        opened = await openFile(http, work)
      }
      await work.watch.inBulk(async (scope) => {
        await sql`select discard_import_rows(${id}::bigint)`.execute(scope.db)
        const { taken, question } = await planImport(scope, work, opened)
        const problem = taken > 0 ? null : 'No row of this file can be taken.'
        await settle(scope, work, question ? 'asking' : 'checked', question ? [question] : [], problem)
        await scope.record('import.checked', id, { file_name: work.file_name, as_of: work.as_of })
      })
    } finally {
      await opened.thread.stop()
    }
  } catch (error) {
    if (!(error instanceof Undecided || error instanceof ColumnsMissing)) throw error
    work = await takeDay(http, work, error.survey)
    if (error instanceof Undecided) await ask(http, work, error.survey, error.questions)
    else await ask(http, work, error.survey, [], lacking(error.survey))
  }

  async function ask(
    http: OwnHttp,
    work: Work,
    survey: Survey,
    questions: Question[],
    problem: string | null = null,
  ) {
    await http.inScope(async (scope) => {
      await settle(scope, work, 'asking', questions, problem)
      await sql`
        update imports set reading = ${readingText(survey)}, mapping = ${JSON.stringify(survey.mapping)}, rows = ${survey.rows}
         where tenant_id = ${scope.tenantId} and id = ${id}`.execute(scope.db)
      await scope.record('import.questioned', id, {
        file_name: work.file_name,
        questions: questions.map((each) => each.id),
      })
    })
  }
}

/** The day that the file itself gives holds, where nobody and no name has said another. */
async function takeDay(http: OwnHttp, work: Work, survey: Survey): Promise<Work> {
  return http.inScope(async (scope) => {
    const day = dayInside(scope, survey.day, work)
    if (!day) return work
    const same = await scope.db
      .selectFrom('imports')
      .select(['id', 'status'])
      .where('target', '=', work.target.name)
      .where('file_sha256', '=', work.file.sha256)
      .where('as_of', '=', day.as_of)
      .where('status', 'not in', ['reverted', 'cancelled', 'failed'])
      .where('id', '<>', work.id)
      .executeTakeFirst()
    if (same)
      throw new Refusal(
        409,
        'same_file',
        `This file is of ${day.as_of} (${day.as_of_proof}), and is there already for that day: import ${same.id}.`,
      )
    await scope.db.updateTable('imports').set(day).where('id', '=', work.id).execute().catch(sameFile)
    return { ...work, ...day }
  })
}

/** Who does not send the standard header is not told to: what was recognised is shown, and the rest is asked for. */
const lacking = ({ standard, mapping, errors }: Survey) =>
  standard && Object.keys(mapping).length < 6
    ? 'The columns that are needed were not all recognised. Choose below what feeds them, or discard this import and send another file.'
    : errors.join('. ')

/** The end of a check; what was cancelled meanwhile stays cancelled. */
async function settle(
  scope: Scope,
  { id }: Work,
  status: Status,
  questions: Question[],
  problem: string | null,
) {
  const moved = await scope.db
    .updateTable('imports')
    .set({ status, problem, questions: JSON.stringify(questions) })
    .where('id', '=', id)
    .where('status', '=', 'reading')
    .executeTakeFirst()
  if (Number(moved.numUpdatedRows) === 0) throw cancelled()
}

/** Work of one act that needs no file, such as a decision about missing invoices. */
export async function inOneStep<T>(
  { http, target }: Step,
  id: number,
  work: (scope: Scope, watch: Watch) => Promise<T>,
): Promise<T> {
  // Whoever is watched can be stopped by this id: it must be an import of the caller's.
  await http.inScope((scope) => keptImport(scope, id))
  return inTurn(`${http.who.actor!.tenant_id} ${target.name}`, () =>
    watched(http, id, (watch) => watch.inBulk((scope) => work(scope, watch))),
  )
}
