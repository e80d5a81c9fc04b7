import type { Job, Jobs } from '../../../core/jobs.ts'
import { asSystem } from '../../../core/scope.ts'
import { dueCampaigns, startOnTime } from './campaigns.ts'

const start_campaign: Job = (deps, payload) =>
  asSystem(
    deps.database,
    'a campaign on time',
    async (system) => startOnTime(await system.enter(Number(payload.tenant_id)), Number(payload.campaign_id)),
    { now: deps.now() },
  )

/** Campaigns whose own job was lost: none is forgotten. */
const start_campaigns: Job = async (deps, _payload, log) => {
  const now = deps.now()
  const due = await asSystem(
    deps.database,
    'campaigns whose time has come',
    async (system) => {
      const tenants = await system.db
        .selectFrom('tenants')
        .select('id')
        .where('is_active', '=', true)
        .execute()
      const found: { tenant: number; id: number }[] = []
      for (const { id: tenant } of tenants)
        for (const id of await dueCampaigns(await system.enter(tenant))) found.push({ tenant, id })
      return found
    },
    { now },
  )
  for (const { tenant, id } of due) {
    try {
      await asSystem(
        deps.database,
        'a campaign on time',
        async (system) => startOnTime(await system.enter(tenant), id),
        { now },
      )
    } catch (error) {
      log.error({ err: error, tenant_id: tenant, campaign_id: id }, 'A campaign could not be started')
    }
  }
}

export const reminderJobs: Jobs = {
  tasks: { start_campaign, start_campaigns },
  cron: ['*/5 * * * * start_campaigns'],
}
