import { sql } from 'kysely'
import type { ApiDeps } from '../../core/api.ts'
import type { Jobs } from '../../core/jobs.ts'
import { asSystem, type Scope } from '../../core/scope.ts'
import type { Status } from './rules.ts'
import { IMPORT_TIME_MAX } from './running.ts'

/**
 * Puts back what a server that died was at: nothing of it is in the books. `before` spares what another server may be at.
 * Answers how many there were.
 */
async function recoverImports(scope: Scope, before: Date): Promise<number> {
  const { rows } = await sql<{ id: number; status: Status }>`
    update imports
       set status = case status when 'reading' then 'failed' when 'publishing' then 'checked' else 'published' end,
           problem = case status when 'reading' then 'The server stopped while it read this file. Read it anew, or send it again.'
                                 when 'publishing' then 'The server stopped while it published this file. Nothing was written; publish it again.'
                                 else 'The server stopped while it undid this import. Nothing was changed; undo it again.' end
     where tenant_id = ${scope.tenantId} and status in ('reading', 'publishing', 'reverting') and heartbeat_at < ${before}
    returning id, status`.execute(scope.db)
  await scope.recordEach(
    'import.moved',
    rows.map(({ id, status }) => ({ subject_id: id, data: { to: status } })),
  )
  return rows.length
}

/** Puts back the imports of all organisations that a server left half-way before `before`. */
export async function recoverAll(deps: ApiDeps, before: Date): Promise<number> {
  const tenants = await asSystem(deps.database, 'imports left half-way', ({ db }) =>
    db.selectFrom('tenants').select('id').where('is_active', '=', true).execute(),
  )
  let recovered = 0
  for (const { id } of tenants)
    recovered += await asSystem(
      deps.database,
      'imports left half-way',
      async (system) => recoverImports(await system.enter(id), before),
      { now: deps.now() },
    )
  return recovered
}

export const importJobs: Jobs = {
  tasks: {
    // Another server may be at an import for as long as one may take, and others may wait their turn before it.
    async recover_imports(deps, _payload, log) {
      const recovered = await recoverAll(deps, new Date(deps.now().getTime() - 6 * IMPORT_TIME_MAX))
      if (recovered > 0) log.warn({ recovered }, 'Imports that were left half-way were put back')
    },
  },
  cron: ['*/5 * * * * recover_imports'],
}
