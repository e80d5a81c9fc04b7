import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import type { ApiDeps } from '../../server/core/api.ts'
import { asSystem } from '../../server/core/scope.ts'
import { demoPasswordFor } from '../../server/modules/tenancy/demo.ts'

// Messages of the demo: everything stays in the outbox. Hillside Pharmacy reminded some of its debtors three weeks ago; of two it is known that
// it failed, of one it is not known, one does not want to be written to any more.

const DAYS_AGO = 23

export async function loadDemoReminders(app: FastifyInstance, deps: ApiDeps) {
  const password = demoPasswordFor(deps)
  const signIn = async (username: string) => {
    const answer = await app.inject({ method: 'POST', url: '/auth/login', payload: { username, password } })
    return { authorization: `Bearer ${answer.json<{ access_token: string }>().access_token}` }
  }
  const asks =
    (headers: Record<string, string>) =>
    async <Answer>(method: 'GET' | 'POST' | 'PUT', url: string, payload?: object): Promise<Answer> => {
      const answer = await app.inject({ method, url, headers, ...(payload ? { payload } : {}) })
      if (answer.statusCode >= 300)
        throw new Error(`The demo's ${method} ${url} answered ${answer.statusCode}: ${answer.body}`)
      return answer.json<Answer>()
    }
  const admin = asks(await signIn('admin'))
  const clerk = asks(await signIn('pharmacy'))
  const pharmacies = await admin<{ pharmacy_id: number; name: string }[]>('GET', '/pharmacies')
  const channel = (kind: 'email' | 'sms', outlet_id: number | null) =>
    admin('PUT', '/api/communications/channels', {
      kind,
      outlet_id,
      provider: 'outbox',
      ...(kind === 'sms' ? { settings: { part_price: 22 } } : {}),
    })
  for (const outlet of [null, ...pharmacies.map(({ pharmacy_id }) => pharmacy_id)])
    for (const kind of ['email', 'sms'] as const) await channel(kind, outlet)

  const hillside = pharmacies.find(({ name }) => name === 'Hillside Pharmacy')!.pharmacy_id
  const root = `/pharmacies/${hillside}`
  await clerk('PUT', `${root}/escalation`, {
    steps: [
      { bucket: 'd60', kind: 'email', min_amount: 50 },
      { bucket: 'd90', kind: 'sms', min_amount: 50 },
      { bucket: 'd120', kind: 'sms', min_amount: 0 },
    ],
  })
  const { debtors } = await clerk<{ debtors: { id: number }[] }>(
    'GET',
    `${root}/debtors?ageing_buckets=d60,d90,d120,d150,d180&has_email=true&per_page=12`,
  )
  const campaign = await clerk<{ id: number }>('POST', `${root}/campaigns`, {
    name: 'Reminders after the month end',
    kind: 'email',
    debtor_ids: debtors.map(({ id }) => id),
  })
  await clerk('POST', `${root}/campaigns/${campaign.id}/start`)
  await asSystem(deps.database, 'demo reminders', async (system) => {
    const tenant = await system.db
      .selectFrom('tenants')
      .select('id')
      .where('is_demo', '=', true)
      .executeTakeFirstOrThrow()
    const { db, tenantId, now } = await system.enter(tenant.id)
    const then = new Date(now.getTime() - DAYS_AGO * 86_400_000)
    await sql`
      update campaigns set created_at = ${then}, started_at = ${then} where tenant_id = ${tenantId} and id = ${campaign.id}`.execute(
      db,
    )
    // What a provider would have said of them.
    const { rows } = await sql<{ id: number; address: string; state: string }>`
      with numbered as (
        select id, row_number() over (order by id) as n from messages where tenant_id = ${tenantId} and campaign_id = ${campaign.id}
      )
      update messages m
         set state = case when n in (3, 7) then 'failed' when n = 5 then 'unknown' when n in (4, 8) then 'sent' else 'delivered' end,
             error = case when n in (3, 7) then 'The mail server did not answer.' when n = 5 then 'The connection broke while it was being sent.' end,
             provider = 'outbox', attempts = 1, created_at = ${then}, updated_at = ${then}, send_after = ${then},
             sent_at = case when n in (3, 5, 7) then null else ${then}::timestamptz + interval '9 seconds' end,
             delivered_at = case when n in (3, 4, 5, 7, 8) then null else ${then}::timestamptz + interval '64 seconds' end
        from numbered where m.tenant_id = ${tenantId} and m.id = numbered.id
      returning m.id, m.address, m.state`.execute(db)
    const refused = rows.filter(({ state }) => state === 'delivered').at(-1)
    if (refused)
      await sql`
        insert into suppressions (tenant_id, kind, address, reason, source, message_id, since)
        values (${tenantId}, 'email', ${refused.address}, 'opted_out', 'the link in an e-mail', ${refused.id}, ${then}::timestamptz + interval '1 hour')`.execute(
        db,
      )
  })
}
