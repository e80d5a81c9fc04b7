import { sql } from 'kysely'
import type { Job, Jobs } from '../../../core/jobs.ts'
import { asSystem, type Scope } from '../../../core/scope.ts'
import { addressOf } from '../../communications/address.ts'
import { closedAt, nextOpening } from '../../communications/gates/hours.ts'
import { rulesOf, timesOf } from '../../communications/gates/sending-rules.ts'
import { type AboutToGo, checkBeforeSending, type Verdict } from '../../communications/last-check.ts'
import { channelOf, enqueue } from '../../communications/messages.ts'
import { mailHtml, mailText } from '../../communications/templates/mail.ts'
import { smsText } from '../../communications/templates/readable.ts'
import { dunningAccounts } from './facts.ts'
import { gateWords, stoppedBy } from './messages.ts'

// Approved reminders by mail and text leave through the organisation's channel; letters and calls are for people.

type Approved = {
  id: number
  customer_id: number
  customer_name: string
  currency: string
  amount: number
  channel: 'email' | 'sms'
  language: string
  recipient: string
  subject: string
  body: string
  version: number
  outgoing_id: number | null
}

const approved = (scope: Scope, condition: ReturnType<typeof sql>) => sql<Approved>`
  select m.id, m.customer_id, c.name as customer_name, m.currency, m.amount, m.channel, m.language, m.recipient, m.subject, m.body, m.version, m.outgoing_id
    from dunning_messages m join customers c on c.tenant_id = ${scope.tenantId} and c.id = m.customer_id
   where m.tenant_id = ${scope.tenantId} and m.state = 'approved' and m.channel in ('email', 'sms') and m.recipient is not null and ${condition}
   order by m.id limit 1000 for update of m skip locked`

/** Why each may not go now, by the gates; those that may are not in it. */
async function stopsNow(scope: Scope, messages: Approved[]): Promise<Map<number, string>> {
  const accounts = await dunningAccounts(scope, {
    customer_ids: [...new Set(messages.map(({ customer_id }) => customer_id))],
  })
  const { rows: parts } = await sql<{ message_id: number; invoice_id: number; amount: number }>`
    select mi.message_id, mi.invoice_id, mi.amount from dunning_message_invoices mi
     where mi.tenant_id = ${scope.tenantId} and mi.message_id = any(${messages.map(({ id }) => id)})`.execute(
    scope.db,
  )
  const of = Map.groupBy(parts, ({ message_id }) => message_id)
  const stops = new Map<number, string>()
  for (const message of messages) {
    const [first] = stoppedBy(accounts, message, of.get(message.id) ?? [])
    if (first) stops.set(message.id, `Not sent: ${gateWords[first.gate]}.`)
  }
  return stops
}

/** Back to a person, with the reason: it may be approved again, or goes away when reminders are prepared anew. */
async function hold(scope: Scope, held: ReadonlyMap<number, string>) {
  if (held.size === 0) return
  const rows = [...held].map(([id, why]) => ({ id, why: why.slice(0, 500) }))
  await sql`
    update dunning_messages m set state = 'held', held_because = x.why, outgoing_id = null, decided_at = ${scope.now}, decided_by = null, version = m.version + 1
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as x(id bigint, why text) where m.tenant_id = ${scope.tenantId} and m.id = x.id`.execute(
    scope.db,
  )
  await scope.recordEach(
    'dunning_message.held',
    rows.map(({ id, why }) => ({ subject_id: id, data: { reason: why } })),
  )
}

/** Puts what was approved into the outbox, the gates asked once more. Without a channel it waits for one; at night, for the morning. */
export async function sendApproved(scope: Scope): Promise<void> {
  const times = timesOf(scope, await rulesOf(scope, null))
  for (const kind of ['email', 'sms'] as const) {
    const channel = await channelOf(scope, kind, null)
    if (!channel?.is_ready || (channel.provider !== 'outbox' && closedAt(scope.now, times))) continue
    const { rows } = await approved(scope, sql`m.channel = ${kind} and m.outgoing_id is null`).execute(
      scope.db,
    )
    if (rows.length === 0) continue
    const held = await stopsNow(scope, rows)
    for (const { id, recipient } of rows)
      if (!held.has(id) && !addressOf(kind, recipient, scope.tenant.country))
        held.set(
          id,
          kind === 'sms' ? 'Not sent: that number takes no texts.' : 'Not sent: that is no e-mail address.',
        )
    const going = rows.filter(({ id }) => !held.has(id))
    const made = await enqueue(
      scope,
      going.map((message) => ({
        dedupe_key: `dunning ${message.id} ${message.version}`,
        kind,
        purpose: 'dunning',
        recipient: message.recipient,
        recipient_name: message.customer_name,
        ...(kind === 'email'
          ? {
              subject: message.subject || scope.tenant.name,
              text: mailText(message.body),
              html: mailHtml(message.subject, message.body, {
                sender: scope.tenant.name,
                language: message.language,
              }),
            }
          : { text: smsText(message.body) }),
        customer_id: message.customer_id,
        refusable: true,
      })),
    )
    const left = going.map(({ id }, n) => ({
      id,
      outgoing_id: made[n]!.id,
      state: made[n]!.state,
      error: made[n]!.error,
    }))
    for (const { id, state, error } of left) if (state === 'held') held.set(id, error ?? 'Not sent.')
    const outgoing = left.filter(({ state }) => state !== 'held')
    await sql`
      update dunning_messages m set outgoing_id = x.outgoing_id, version = m.version + 1
        from jsonb_to_recordset(${JSON.stringify(outgoing)}::jsonb) as x(id bigint, outgoing_id bigint) where m.tenant_id = ${scope.tenantId} and m.id = x.id`.execute(
      scope.db,
    )
    await hold(scope, held)
  }
}

/** What became of those that left: sent ones advance the steps of their invoices, the others come back to a person. */
export async function settleSent(scope: Scope): Promise<void> {
  const { rows } = await sql<{ id: number; state: string; sent_at: string | null; why: string | null }>`
    select d.id, m.state, m.sent_at, coalesce(m.error, replace(m.reason, '_', ' ')) as why
      from dunning_messages d join messages m on m.tenant_id = ${scope.tenantId} and m.id = d.outgoing_id
     where d.tenant_id = ${scope.tenantId} and d.state = 'approved' and m.state in ('sent', 'delivered', 'failed', 'held', 'cancelled')
     order by d.id for update of d skip locked`.execute(scope.db)
  const sent = rows.filter(({ state }) => state === 'sent' || state === 'delivered')
  if (sent.length > 0) {
    await sql`
      update dunning_messages d
         set state = 'sent', sent_at = coalesce(x.sent_at, ${scope.now}), sent_on = (coalesce(x.sent_at, ${scope.now}) at time zone ${scope.tenant.timezone})::date, version = d.version + 1
        from jsonb_to_recordset(${JSON.stringify(sent)}::jsonb) as x(id bigint, sent_at timestamptz) where d.tenant_id = ${scope.tenantId} and d.id = x.id`.execute(
      scope.db,
    )
    await scope.recordEach(
      'dunning_message.sent',
      sent.map(({ id }) => ({ subject_id: id })),
    )
  }
  await hold(
    scope,
    new Map(
      rows
        .filter((row) => !sent.includes(row))
        .map(({ id, state, why }) => [id, `Not sent: ${why ?? `its message is ${state}`}`]),
    ),
  )
}

/** The gates once more, as each message is about to leave. */
async function dunningCheck(
  scope: Scope,
  messages: AboutToGo[],
  channel: { provider: string },
): Promise<Map<number, Verdict>> {
  const { rows } = await approved(scope, sql`m.outgoing_id = any(${messages.map(({ id }) => id)})`).execute(
    scope.db,
  )
  const stops = await stopsNow(scope, rows)
  const verdicts = new Map<number, Verdict>()
  const times = timesOf(scope, await rulesOf(scope, null))
  const late = channel.provider !== 'outbox' && closedAt(scope.now, times)
  for (const { id, outgoing_id } of rows) {
    const why = stops.get(id)
    if (why) verdicts.set(outgoing_id!, { held: why })
    else if (late) {
      const until = nextOpening(scope.now, times)
      verdicts.set(outgoing_id!, until ? { until } : { held: 'The rules leave no hour at which it may go' })
    }
  }
  return verdicts
}
export const checkDunning = () => checkBeforeSending('dunning', dunningCheck)

const send_dunning: Job = async (deps, payload, log) => {
  const now = deps.now()
  const only = payload.tenant_id ? Number(payload.tenant_id) : null
  const tenants = await asSystem(
    deps.database,
    'organisations with reminders to send',
    async ({ db }) =>
      (await db.selectFrom('tenants').select('id').where('is_active', '=', true).execute()).map(
        ({ id }) => id,
      ),
    { now },
  )
  for (const tenant of tenants) {
    if (only && tenant !== only) continue
    try {
      await asSystem(
        deps.database,
        'reminders to send',
        async (system) => {
          const scope = await system.enter(tenant)
          await settleSent(scope)
          await sendApproved(scope)
        },
        { now },
      )
    } catch (error) {
      log.error({ err: error, tenant_id: tenant }, 'Reminders could not be sent')
    }
  }
}
/** Every minute: what was approved goes, and what went is marked. */
export const dunningJobs: Jobs = { tasks: { send_dunning }, cron: ['* * * * * send_dunning'] }
