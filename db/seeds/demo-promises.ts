import { sql } from 'kysely'
import type { ApiDeps } from '../../server/core/api.ts'
import { addDays } from '../../server/core/dates.ts'
import { asSystem, type Scope } from '../../server/core/scope.ts'
import { addStandardPolicy } from '../../server/modules/collections/dunning/policies.ts'
import { prepareMessages } from '../../server/modules/collections/dunning/prepare.ts'

// Promises of the last weeks, which the demo's exports keep and break; a queue of reminders; a block and a dead address.

export async function loadDemoPromises(deps: ApiDeps) {
  await asSystem(
    deps.database,
    'demo promises',
    async (system) => {
      const tenant = await system.db
        .selectFrom('tenants')
        .select('id')
        .where('is_demo', '=', true)
        .executeTakeFirstOrThrow()
      const scope = await system.enter(tenant.id)
      await promises(scope)
      await dunning(scope)
    },
    { now: deps.now() },
  )
}

type Told = { made: number; promised: number; note?: string }
/** By how many days ago each was made, and for which day it was; the last one stands. */
const stories: readonly (readonly Told[])[] = [
  [{ made: 48, promised: 40 }],
  [{ made: 40, promised: 33, note: 'Waits for a payment of the client.' }],
  [{ made: 26, promised: 19 }],
  [{ made: 22, promised: 12, note: 'Cheque run on Thursdays.' }],
  [{ made: 12, promised: 5 }],
  [{ made: 6, promised: -3, note: 'Half now, the rest next month.' }],
  [{ made: 4, promised: 0 }],
  [{ made: 3, promised: -1 }],
  [
    { made: 45, promised: 38 },
    { made: 30, promised: 22, note: 'New contact in accounts.' },
    { made: 5, promised: -2, note: 'Director gave his word.' },
  ],
  [
    { made: 33, promised: 27 },
    { made: 14, promised: 6 },
  ],
]
const SHARE = 4

/** Every fourth invoice that somebody works and that was late, or nearly, has a story. */
async function promises(scope: Scope) {
  const { tenantId, today } = scope
  type Found = {
    id: number
    customer_id: number
    currency: string
    assigned_to: number
    entries: { on: string; amount: number }[]
  }
  const { rows } = await sql<Found>`
    select i.id, i.customer_id, i.currency, i.assigned_to,
           (select json_agg(json_build_object('on', e.effective_on, 'amount', e.amount)) from invoice_entries e
             where e.tenant_id = ${tenantId} and e.invoice_id = i.id) as entries
      from invoices i where i.tenant_id = ${tenantId} and i.assigned_to is not null and i.amount > 0 and not i.is_disputed order by i.id`.execute(
    scope.db,
  )
  const made = rows
    .filter((_, n) => n % SHARE === 0)
    .flatMap(({ id, customer_id, currency, assigned_to, entries }, n) => {
      const story = stories[n % stories.length]!
      const open = (day: string) => entries.reduce((sum, each) => sum + (each.on <= day ? each.amount : 0), 0)
      if (story.some((told) => open(addDays(today, -told.made)) <= 0)) return []
      return story.map((told, rank) => ({
        key: `${id} ${rank}`,
        before: story[rank + 1] ? `${id} ${rank + 1}` : null,
        invoice_id: id,
        customer_id,
        currency,
        made_by: assigned_to,
        amount: open(addDays(today, -told.made)),
        made_on: addDays(today, -told.made),
        promised_on: addDays(today, -told.promised),
        ended_on: story[rank + 1] ? addDays(today, -story[rank + 1]!.made) : null,
        note: told.note ?? null,
        level: rank + 1,
      }))
    })
  await sql`
    with told as materialized (
      select x.*, nextval('promises_id_seq') as id
        from jsonb_to_recordset(${JSON.stringify(made)}::jsonb) as x(key text, before text, invoice_id bigint, customer_id bigint, currency text,
               made_by bigint, amount bigint, made_on date, promised_on date, ended_on date, note text, level int)),
    promised as (
      insert into promises (tenant_id, id, customer_id, currency, amount, promised_on, tolerance_days, made_on, made_at, made_by, note, state, ended_on,
                            ended_at, ended_by, superseded_by, level)
      select ${tenantId}, t.id, t.customer_id, t.currency, t.amount, t.promised_on, 2, t.made_on, t.made_on + time '06:00', t.made_by, t.note,
             case when t.before is null then 'active' else 'superseded' end, t.ended_on, t.ended_on + time '06:00',
             case when t.before is not null then t.made_by end, n.id, t.level
        from told t left join told n on n.key = t.before
      returning id)
    insert into promise_invoices (tenant_id, promise_id, invoice_id, amount, is_active)
    select ${tenantId}, t.id, t.invoice_id, t.amount, t.before is null from told t join promised p on p.id = t.id`.execute(
    scope.db,
  )
}

async function dunning(scope: Scope) {
  const { tenantId, today } = scope
  await addStandardPolicy(scope)
  const { rows: late } = await sql<{ id: number; email: string | null }>`
    select c.id, c.email from customers c
     where c.tenant_id = ${tenantId} and exists (select from invoices i where i.tenant_id = ${tenantId} and i.customer_id = c.id and i.open_amount > 0
                                                   and i.aged_from < ${addDays(today, -20)})
     order by c.id limit 3`.execute(scope.db)
  if (late[0])
    await sql`insert into dunning_blocks (tenant_id, customer_id, until, reason, created_at)
      values (${tenantId}, ${late[0].id}, ${addDays(today, 12)}, 'Talks about a new site; sales asked us to wait.', ${scope.now})`.execute(
      scope.db,
    )
  if (late[2]?.email)
    await sql`insert into dead_addresses (tenant_id, address, reason, marked_at)
      values (${tenantId}, ${late[2].email}, 'Mailbox does not exist', ${scope.now})`.execute(scope.db)
  await prepareMessages(scope)
}
