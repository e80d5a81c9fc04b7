import type { FastifyInstance } from 'fastify'
import type { ApiDeps } from '../../server/core/api.ts'
import { asSystem } from '../../server/core/scope.ts'
import { saveChannel } from '../../server/modules/communications/channels.ts'

/** A pharmacy of the demo that reminds by an outbox, where nothing leaves, and a campaign that has gone into it. */
export async function loadDemoReminders(
  app: FastifyInstance,
  deps: ApiDeps,
  clerk: Record<string, string>,
  pharmacyId: number,
) {
  await asSystem(deps.database, 'demo reminders', async (system) => {
    const tenant = await system.db
      .selectFrom('tenants')
      .select('id')
      .where('is_demo', '=', true)
      .executeTakeFirstOrThrow()
    const scope = await system.enter(tenant.id)
    for (const kind of ['email', 'sms'] as const)
      await saveChannel(scope, deps.keys, {
        outlet_id: pharmacyId,
        kind,
        provider: 'outbox',
        settings: kind === 'sms' ? { part_price: 25 } : {},
      })
  })
  const post = async (path: string, payload: object) => {
    const answer = await app.inject({
      method: 'POST',
      url: `/pharmacies/${pharmacyId}/${path}`,
      headers: clerk,
      payload,
    })
    if (answer.statusCode >= 300)
      throw new Error(`The demo's reminders answered ${answer.statusCode}: ${answer.body}`)
    return answer.json()
  }
  const { id } = await post('campaigns', {
    name: 'Ninety days and older',
    kind: 'email',
    filters: { ageing_buckets: 'd90,d120,d150,d180' },
  })
  await post(`campaigns/${id}/start`, {})
}
