import { sql } from 'kysely'
import type { z } from 'zod'
import { notFound, Refusal } from '../../core/errors.ts'
import { likeText, paged } from '../../core/schema.ts'
import type { Scope } from '../../core/scope.ts'
import { heldWords, type MessageState } from './rules.ts'
import type { MessageQuery, MessageView, MessageWhole, Settle } from './schemas.ts'
import { visible } from './visible.ts'

// What was sent, what waits and what became of it; and what a person can do about it.

const person = (alias: string) =>
  sql.raw(
    `case when ${alias}.id is not null then json_build_object('id', ${alias}.id, 'full_name', coalesce(nullif(${alias}.full_name, ''), ${alias}.username)) end`,
  )
const columns = sql`
  m.id, m.kind, m.purpose, m.campaign_id, m.recipient, m.recipient_name, m.subject, left(m.text, 160) as preview, m.state, m.reason, m.error, m.provider,
  m.external_id, m.attempts, m.parts, m.cost::float8 / 100 as cost, m.send_after, m.sent_at, m.delivered_at, m.opened_at, m.created_at,
  case when o.id is not null then json_build_object('id', o.id, 'name', o.name) end as outlet,
  case when c.id is not null then json_build_object('id', c.id, 'name', c.name) end as customer,
  ${person('u')} as user, ${person('b')} as created_by`
const joins = (scope: Scope) => sql`
  left join outlets o on o.tenant_id = ${scope.tenantId} and o.id = m.outlet_id
  left join customers c on c.tenant_id = ${scope.tenantId} and c.id = m.customer_id
  left join users u on u.id = m.user_id left join users b on b.id = m.created_by`
const told = <T extends { reason: string | null; error: string | null }>(row: T): T => ({
  ...row,
  error: row.error ?? (row.reason ? (heldWords[row.reason] ?? null) : null),
})

const sorts = {
  created_at: sql`m.id`,
  sent_at: sql`m.sent_at`,
  recipient: sql`lower(m.recipient)`,
  state: sql`m.state`,
}

export async function listMessages(scope: Scope, query: z.output<typeof MessageQuery>) {
  const { timezone } = scope.tenant
  const search = query.search ? likeText(query.search) : null
  const where = sql`
    m.tenant_id = ${scope.tenantId} and ${visible(scope)}
    ${query.kind ? sql`and m.kind = ${query.kind}` : sql``}
    ${query.purposes?.length ? sql`and m.purpose = any(${query.purposes})` : sql``}
    ${query.provider ? sql`and m.provider = ${query.provider}` : sql``}
    ${query.outlet_id ? sql`and m.outlet_id = ${query.outlet_id}` : sql``}
    ${query.customer_id ? sql`and m.customer_id = ${query.customer_id}` : sql``}
    ${query.campaign_id ? sql`and m.campaign_id = ${query.campaign_id}` : sql``}
    ${query.from ? sql`and m.created_at >= ${query.from}::date::timestamp at time zone ${timezone}` : sql``}
    ${query.to ? sql`and m.created_at < (${query.to}::date + 1)::timestamp at time zone ${timezone}` : sql``}
    ${search ? sql`and (m.recipient ilike ${search} or m.recipient_name ilike ${search} or m.subject ilike ${search})` : sql``}`
  const state = query.states?.length ? sql`and m.state = any(${query.states})` : sql``
  const order = query.direction === 'asc' ? sql`asc` : sql`desc`
  const { rows } = await sql<MessageView>`
    select ${columns} from messages m ${joins(scope)} where ${where} ${state}
     order by ${sorts[query.sort]} ${order} nulls last, m.id desc limit ${query.page_size} offset ${(query.page - 1) * query.page_size}`.execute(
    scope.db,
  )
  const { rows: counts } = await sql<{ state: MessageState; count: number }>`
    select m.state, count(*)::int as count from messages m where ${where} group by m.state`.execute(scope.db)
  const total = counts
    .filter((each) => !query.states?.length || query.states.includes(each.state))
    .reduce((sum, { count }) => sum + count, 0)
  return {
    ...paged(rows.map(told), total, query),
    states: Object.fromEntries(counts.map(({ state, count }) => [state, count])),
  }
}

export async function readMessage(scope: Scope, id: number): Promise<MessageWhole> {
  const { rows } = await sql<MessageWhole>`
    select ${columns}, m.text, m.html,
           coalesce((select json_agg(json_build_object('name', f->>'name', 'mime', f->>'mime', 'size', (f->>'size')::bigint)) from jsonb_array_elements(m.files) f), '[]') as files,
           coalesce((select json_agg(json_build_object('kind', e.kind, 'detail', e.detail, 'at', e.at, 'received_at', e.received_at, 'attempt', e.attempt) order by e.at, e.id)
              from message_events e where e.tenant_id = ${scope.tenantId} and e.message_id = m.id), '[]') as reports
      from messages m ${joins(scope)} where m.tenant_id = ${scope.tenantId} and m.id = ${id} and ${visible(scope)}`.execute(
    scope.db,
  )
  if (!rows[0]) throw notFound('This message')
  return told(rows[0])
}

/** Acting on a message is for whoever may send such: reminders of debtors, of receivables, or the organisation's own mail. */
function requireSender(scope: Scope, message: { customer: unknown; outlet: unknown }) {
  const needed = !message.customer ? 'settings.write' : message.outlet ? 'debtors.send' : 'receivables.dun'
  if (!scope.may(needed)) throw notFound('This message')
}

const whyNot: Record<MessageState, string> = {
  pending: 'It waits to be sent already.',
  sending: 'It is being sent.',
  sent: 'It was sent.',
  delivered: 'It has arrived.',
  unknown: 'Whether it left is not known. Say first what happened to it, or it may arrive twice.',
  held: 'It is held for a reason that sending it again does not change.',
  cancelled: 'It was cancelled.',
  failed: '',
}

/** Only what certainly did not leave is sent again, as the same message; the rest is told with its reason. */
export async function resend(scope: Scope, ids: number[]) {
  const skipped: { id: number; state: string; why: string }[] = []
  const { rows } = await sql<{
    id: number
    state: MessageState
    reason: string | null
    customer: number | null
    outlet: number | null
  }>`
    select m.id, m.state, m.reason, m.customer_id as customer, m.outlet_id as outlet from messages m
     where m.tenant_id = ${scope.tenantId} and m.id = any(${ids}) and ${visible(scope)} order by m.id for update of m`.execute(
    scope.db,
  )
  if (rows.length < new Set(ids).size) throw notFound('One of these messages')
  for (const row of rows) requireSender(scope, row)
  const again = rows.filter(
    ({ state, reason }) => state === 'failed' || (state === 'held' && reason === 'no_channel'),
  )
  for (const { id, state } of rows.filter((row) => !again.includes(row)))
    skipped.push({ id, state, why: whyNot[state] })
  if (again.length > 0) {
    await sql`
      update messages set state = 'pending', reason = null, error = null, send_after = ${scope.now}, updated_at = ${scope.now}
       where tenant_id = ${scope.tenantId} and id = any(${again.map(({ id }) => id)})`.execute(scope.db)
    await scope.recordEach(
      'message.resent',
      again.map(({ id }) => ({ subject_id: id })),
    )
    await scope.enqueue('send_messages', {}, { key: `send messages ${scope.tenantId}` })
  }
  return { resent: again.length, skipped }
}

export async function cancelMessage(scope: Scope, id: number) {
  const message = await readMessage(scope, id)
  requireSender(scope, message)
  const { rows } = await sql`
    update messages set state = 'cancelled', sealed = null, updated_at = ${scope.now}
     where tenant_id = ${scope.tenantId} and id = ${id} and state in ('pending', 'held') returning id`.execute(
    scope.db,
  )
  if (rows.length === 0)
    throw new Refusal(409, 'too_late', 'Only what still waits can be cancelled; this message does not.')
  await scope.record('message.cancelled', id)
  return readMessage(scope, id)
}

/** Somebody looked at the provider's own log and says what happened to a message of which that was not known. */
export async function settleByHand(scope: Scope, id: number, { state, note }: z.output<typeof Settle>) {
  const message = await readMessage(scope, id)
  requireSender(scope, message)
  const error = state === 'failed' ? note || 'Somebody found that it did not leave.' : null
  const { rows } = await sql`
    update messages
       set state = ${state}, error = ${error}, sent_at = ${state === 'sent' ? sql`coalesce(sent_at, ${scope.now})` : sql`sent_at`},
           sealed = ${state === 'sent' ? null : sql`sealed`}, updated_at = ${scope.now}
     where tenant_id = ${scope.tenantId} and id = ${id} and state = 'unknown' returning id`.execute(scope.db)
  if (rows.length === 0)
    throw new Refusal(409, 'is_known', 'What became of this message is known, so nobody needs to say it.')
  await scope.record('message.settled', id, { state, ...(note ? { note } : {}) })
  return readMessage(scope, id)
}
