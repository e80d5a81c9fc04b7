import type { Jobs } from '../../core/jobs.ts'
import { asSystem } from '../../core/scope.ts'
import { makeDuePacks, makePackNow } from './schedules.ts'

export const insightJobs: Jobs = {
  tasks: {
    /** Packs whose day has come, in every organisation; days begin at different hours, so this looks every hour. */
    async report_packs(deps, _payload, log) {
      const tenants = await asSystem(
        deps.database,
        'report packs',
        ({ db }) =>
          db.selectFrom('tenants').select('id').where('is_active', '=', true).orderBy('id').execute(),
        { now: deps.now() },
      )
      for (const { id } of tenants) {
        try {
          await makeDuePacks(deps, id)
        } catch (error) {
          // One organisation's missing rate keeps no other waiting; it is tried again within the hour.
          log.error({ err: error, tenant_id: id }, 'A report pack could not be made')
        }
      }
    },
    /** One that somebody asked for. */
    async report_pack_now(deps, payload) {
      await makePackNow(deps, Number(payload.tenant_id), Number(payload.schedule_id))
    },
  },
  cron: ['21 * * * * report_packs'],
}
