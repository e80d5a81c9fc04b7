import { sql } from 'kysely'
import type { ApiDeps } from '../../core/api.ts'
import type { Jobs } from '../../core/jobs.ts'
import { asSystem, type Scope } from '../../core/scope.ts'
import type { Status } from './rules.ts'
import { IMPORT_TIME_MAX } from './running.ts'

/** A server that is about to begin, or whose connections have just broken, is not taken for dead. */
const PATIENCE_MS = 60_000

/**
 * Puts back what a server that died was at: nothing of it is in the books. What a server is at that has connections stays,
 * unless it has taken longer than any import may. Answers how many there were.
 */
async function recoverImports(scope: Scope, all: boolean): Promise<number> {
  const ago = (ms: number) => new Date(scope.now.getTime() - ms)
  const left = all
    ? sql`true`
    : sql`(heartbeat_at < ${ago(PATIENCE_MS)} and not exists (select from pg_stat_activity a where a.application_name = worker)
           or heartbeat_at < ${ago(6 * IMPORT_TIME_MAX)})`
  const { rows } = await sql<{ id: number; status: Status }>`
    update imports
       set status = case status when 'reading' then 'failed' when 'publishing' then 'checked' else 'published' end,
           problem = case status when 'reading' then 'The server stopped while it read this file. Read it anew, or send it again.'
                                 when 'publishing' then 'The server stopped while it published this file. Nothing was written; publish it again.'
                                 else 'The server stopped while it undid this import. Nothing was changed; undo it again.' end
     where tenant_id = ${scope.tenantId} and status in ('reading', 'publishing', 'reverting') and ${left}
    returning id, status`.execute(scope.db)
  await scope.recordEach(
    'import.moved',
    rows.map(({ id, status }) => ({ subject_id: id, data: { to: status } })),
  )
  return rows.length
}

/** Puts back the imports of all organisations that servers have left half-way; `all` when no other server can be at one. */
export async function recoverAll(deps: ApiDeps, { all }: { all: boolean }): Promise<number> {
  const tenants = await asSystem(deps.database, 'imports left half-way', ({ db }) =>
    db.selectFrom('tenants').select('id').where('is_active', '=', true).execute(),
  )
  let recovered = 0
  for (const { id } of tenants)
    recovered += await asSystem(
      deps.database,
      'imports left half-way',
      async (system) => recoverImports(await system.enter(id), all),
      { now: deps.now() },
    )
  return recovered
}

export const importJobs: Jobs = {
  tasks: {
    async recover_imports(deps, _payload, log) {
      const recovered = await recoverAll(deps, { all: false })
      if (recovered > 0) log.warn({ recovered }, 'Imports that were left half-way were put back')
    },
  },
  cron: ['*/2 * * * * recover_imports'],
}
