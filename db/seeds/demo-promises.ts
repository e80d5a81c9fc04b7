import { sql } from 'kysely'
import type { ApiDeps } from '../../server/core/api.ts'
import { addDays, daysBetween } from '../../server/core/dates.ts'
import { asSystem, type Scope } from '../../server/core/scope.ts'
import { addStandardPolicy } from '../../server/modules/collections/dunning/policies.ts'
import { prepareMessages } from '../../server/modules/collections/dunning/prepare.ts'
import { announceVerdicts } from '../../server/modules/collections/promises/announce.ts'

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

type Entry = { on: string; kind: string; amount: number }
/** Some of those that were paid meanwhile were paid as promised; a few of them a little later than that. */
function keptStory(
  entries: readonly Entry[],
  n: number,
  daysSince: (day: string) => number,
): readonly Told[] | null {
  const paid = entries.find(({ kind, on }) => kind === 'payment' && daysSince(on) > 1 && daysSince(on) < 58)
  if (!paid || n % 5 > 2) return null
  const since = daysSince(paid.on)
  return [{ made: since + 6, promised: since + (n % 5 === 2 ? 4 : 1) }]
}

/** Every fourth invoice that somebody works and that was late, or nearly, has a story. */
async function promises(scope: Scope) {
  const { tenantId, today } = scope
  type Found = {
    id: number
    customer_id: number
    currency: string
    assigned_to: number
    entries: Entry[]
  }
  const { rows } = await sql<Found>`
    select i.id, i.customer_id, i.currency, i.assigned_to,
           (select json_agg(json_build_object('on', e.effective_on, 'kind', e.kind, 'amount', e.amount)) from invoice_entries e
             where e.tenant_id = ${tenantId} and e.invoice_id = i.id) as entries
      from invoices i where i.tenant_id = ${tenantId} and i.assigned_to is not null and i.amount > 0 and not i.is_disputed order by i.id`.execute(
    scope.db,
  )
  const made = rows
    .filter((_, n) => n % SHARE === 0)
    .flatMap(({ id, customer_id, currency, assigned_to, entries }, n) => {
      const story = keptStory(entries, n, (day) => daysBetween(day, today)) ?? stories[n % stories.length]!
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
  await sql`
    insert into events (tenant_id, kind, subject, subject_id, user_id, data, at)
    select ${tenantId}::bigint, 'promise.made', 'promise', p.id, p.made_by,
           jsonb_build_object('customer_id', p.customer_id, 'amount', p.amount, 'currency', p.currency, 'promised_on', p.promised_on), p.made_at
      from promises p where p.tenant_id = ${tenantId}
    union all
    select ${tenantId}::bigint, 'promise.superseded', 'promise', p.id, p.ended_by, jsonb_build_object('by', p.superseded_by), p.ended_at
      from promises p where p.tenant_id = ${tenantId} and p.state = 'superseded'
     order by 7`.execute(scope.db)
  await announceVerdicts(scope)
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
  await sentBefore(scope)
  await prepareMessages(scope)
}

/** Most have had a reminder or two. */
async function sentBefore(scope: Scope) {
  const { tenantId, today } = scope
  const late = (step: number, ago: number, delay: number, share: string) => sql`
    select i.customer_id, i.id as invoice_id, i.currency, i.open_amount, ${step}::int as step, ${addDays(today, -ago)}::date as sent_on,
           ${addDays(today, -ago)}::date - i.aged_from as days
      from invoices i
     where i.tenant_id = ${tenantId} and i.open_amount > 0 and not i.is_disputed and ${sql.raw(share)} and i.aged_from <= ${addDays(today, -ago - delay)}`
  await sql`
    with late as materialized (
      ${late(1, 34, 3, 'i.customer_id % 4 <> 3')} union all ${late(2, 19, 15, 'i.customer_id % 4 <> 3')} union all ${late(3, 4, 30, 'i.customer_id % 4 = 0')}),
    letters as materialized (
      select nextval('dunning_messages_id_seq') as id, l.*
        from (select customer_id, currency, step, sent_on, sum(open_amount)::bigint as amount from late group by 1, 2, 3, 4 order by 4, 1) l),
    sent as (
      insert into dunning_messages (tenant_id, id, customer_id, currency, policy_id, policy_version, step, channel, language, recipient, subject, body, amount,
                                    state, prepared_on, prepared_at, sent_on, sent_at)
      select ${tenantId}, l.id, l.customer_id, l.currency, p.id, p.version, l.step, s.channel, s.language,
             case s.channel when 'email' then c.email when 'call' then c.phone end, replace(replace(s.subject, '{{organisation}}', 'Meridian Equipment'), '{{amount}}', 'open invoices'),
             'Sent before this organisation came to Duebook.', l.amount, 'sent', l.sent_on, l.sent_on + time '05:00', l.sent_on, l.sent_on + time '06:00'
        from letters l
        join dunning_policies p on p.tenant_id = ${tenantId} and p.is_default
        join dunning_steps s on s.tenant_id = ${tenantId} and s.policy_id = p.id and s.version = p.version and s.step = l.step
        join customers c on c.tenant_id = ${tenantId} and c.id = l.customer_id
      returning id)
    insert into dunning_message_invoices (tenant_id, message_id, invoice_id, step, amount, days_overdue)
    select ${tenantId}, m.id, l.invoice_id, l.step, l.open_amount, l.days
      from late l join letters m on m.customer_id = l.customer_id and m.currency = l.currency and m.step = l.step
      join sent on sent.id = m.id`.execute(scope.db)
}
