import type { Jobs } from '../../../core/jobs.ts'
import { asSystem } from '../../../core/scope.ts'
import { refreshPredictions } from './predictions.ts'

export const predictionJobs: Jobs = {
  tasks: {
    /** Learns anew from the books of one organisation, or of every one. */
    async refresh_predictions(deps, payload) {
      const now = deps.now()
      const named = Number(payload.tenant_id)
      const tenants = named
        ? [{ id: named }]
        : await asSystem(
            deps.database,
            'predictions',
            ({ db }) => db.selectFrom('tenants').select('id').orderBy('id').execute(),
            { now },
          )
      for (const { id } of tenants)
        await asSystem(
          deps.database,
          'predictions',
          async (system) => refreshPredictions(await system.enter(id)),
          { now },
        )
    },
  },
  cron: ['7 2 * * * refresh_predictions'],
}
