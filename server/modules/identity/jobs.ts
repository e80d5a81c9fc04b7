import { sql } from 'kysely'
import type { Jobs } from '../../core/jobs.ts'
import { asSystem } from '../../core/scope.ts'

/** Removes what has run its time: tickets, counters, answers kept for repeated calls, refresh tokens of ended sessions. */
export const identityJobs: Jobs = {
  tasks: {
    async sweep(deps, _payload, log) {
      const now = deps.now()
      const ago = (hours: number) => new Date(now.getTime() - hours * 3_600_000)
      await asSystem(
        deps.database,
        'sweep',
        async ({ db }) => {
          const gone = await Promise.all([
            db.deleteFrom('realtime_tickets').where('expires_at', '<', now.toISOString()).executeTakeFirst(),
            db
              .deleteFrom('sign_in_failures')
              .where('window_started_at', '<', ago(1).toISOString())
              .executeTakeFirst(),
            db
              .deleteFrom('idempotency_keys')
              .where('created_at', '<', ago(48).toISOString())
              .executeTakeFirst(),
            sql`delete from refresh_tokens r using sessions s
                 where s.id = r.session_id and (s.expires_at < ${ago(24)} or s.ended_at < ${ago(24)})`.execute(
              db,
            ),
          ])
          log.debug({ kinds: gone.length }, 'swept')
        },
        { now },
      )
    },
  },
  cron: ['17 * * * * sweep'],
}
