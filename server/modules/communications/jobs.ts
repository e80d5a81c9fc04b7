import { sql } from 'kysely'
import type { ApiDeps } from '../../core/api.ts'
import type { Jobs } from '../../core/jobs.ts'
import { asSystem } from '../../core/scope.ts'
import { expireLeases } from './claim.ts'
import { startSending } from './sending.ts'

/** Words with links into accounts that did not leave are of no use after this. */
const SEALED_DAYS = 15

const organisations = (deps: ApiDeps) =>
  asSystem(
    deps.database,
    'messages',
    ({ db }) => db.selectFrom('tenants').select('id').where('is_active', '=', true).orderBy('id').execute(),
    { now: deps.now() },
  )

/** What servers that died were at; `all` when no other server can be at any. Answers how many are unknown now. */
export async function loseSight(deps: ApiDeps, { all }: { all: boolean }): Promise<number> {
  let lost = 0
  for (const { id } of await organisations(deps))
    lost += await asSystem(
      deps.database,
      'messages left half-way',
      async (system) => expireLeases(await system.enter(id), all),
      { now: deps.now() },
    )
  return lost
}

export const communicationJobs: Jobs = {
  tasks: {
    /** Sending goes on beside the queue, which has few places: what is due is kept in its own table, and looked at every minute. */
    async send_messages(deps, payload, log) {
      void startSending(deps, Number(payload.tenant_id), log)
    },
    async send_due_messages(deps, _payload, log) {
      const lost = await loseSight(deps, { all: false })
      if (lost > 0) log.warn({ lost }, 'Of messages that a server was at it is not known whether they left')
      for (const { id } of await organisations(deps)) {
        const isDue = await asSystem(
          deps.database,
          'due messages',
          async (system) => {
            const scope = await system.enter(id)
            await sql`
              update messages set sealed = null
               where tenant_id = ${id} and state in ('failed', 'held') and sealed is not null and created_at < ${new Date(scope.now.getTime() - SEALED_DAYS * 86_400_000)}`.execute(
              scope.db,
            )
            const { rows } = await sql`
              select 1 from messages where tenant_id = ${id} and state = 'pending' and send_after <= ${scope.now} limit 1`.execute(
              scope.db,
            )
            return rows.length > 0
          },
          { now: deps.now() },
        )
        if (isDue) void startSending(deps, id, log)
      }
    },
  },
  cron: ['* * * * * send_due_messages'],
}
