import type { ApiDeps } from '../../core/api.ts'
import type { Jobs } from '../../core/jobs.ts'
import { asSystem } from '../../core/scope.ts'
import { recoverImports } from './lifecycle.ts'
import { IMPORT_TIME_MAX } from './running.ts'

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
    // Another server may be at an import for as long as one may take.
    async recover_imports(deps, _payload, log) {
      const recovered = await recoverAll(deps, new Date(deps.now().getTime() - IMPORT_TIME_MAX - 60_000))
      if (recovered > 0) log.warn({ recovered }, 'Imports that were left half-way were put back')
    },
  },
  cron: ['*/5 * * * * recover_imports'],
}
