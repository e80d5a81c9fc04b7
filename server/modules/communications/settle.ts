import { sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'
import { enqueue } from './messages.ts'
import type { OpenChannel } from './providers/provider.ts'
import type { Reply, Told } from './reports.ts'
import { type MessageState, outcomeOf, type Report, type ReportKind, replyMeans } from './rules.ts'
import { suppress } from './suppressions.ts'

/**
 * Takes reports in: each once, in any order. What all of them together say of the message's present attempt is its state; so an
 * `unknown` one finds out, and a bounce after a delivery is a bounce.
 */
export async function settleByReports(scope: Scope, channel: OpenChannel, told: Told[]): Promise<number> {
  if (told.length === 0) return 0
  const { tenantId, now } = scope
  const { rows: locked } = await sql<{
    id: number
    state: MessageState
    attempts: number
    kind: 'email' | 'sms'
    address: string
  }>`
    select id, state, attempts, kind, address from messages
     where tenant_id = ${tenantId} and id = any(${[...new Set(told.map(({ message_id }) => message_id))]}) and channel_id = ${channel.id}
     order by id for update`.execute(scope.db)
  const known = new Map(locked.map((row) => [row.id, row]))
  const ours = told.filter(({ message_id, attempt }) => attempt <= (known.get(message_id)?.attempts ?? 0))
  const { rows: fresh } = await sql<{ message_id: number; kind: ReportKind }>`
    insert into message_events (tenant_id, message_id, attempt, kind, report_key, detail, at, received_at)
    select ${tenantId}::bigint, r.message_id, r.attempt, r.kind, r.report_key, r.detail, r.at, ${now}::timestamptz
      from jsonb_to_recordset(${JSON.stringify(ours)}::jsonb)
        as r(message_id bigint, attempt int, kind text, report_key text, detail text, at timestamptz)
    on conflict (tenant_id, report_key) do nothing returning message_id, kind`.execute(scope.db)
  for (const id of new Set(fresh.map(({ message_id }) => message_id))) await settleOne(scope, known.get(id)!)
  for (const { message_id, kind } of fresh) {
    const reason = suppressed[kind]
    const message = known.get(message_id)!
    // A text that did not arrive says nothing of the number: the telephone may have been off for days.
    if (reason && message.address && (message.kind === 'email' || kind === 'unsubscribed'))
      await suppress(scope, {
        kind: message.kind,
        address: message.address,
        reason,
        source: 'a report of the provider',
        message_id,
      })
  }
  return fresh.length
}

const suppressed: Partial<Record<ReportKind, 'bounced' | 'spam' | 'opted_out'>> = {
  bounced: 'bounced',
  spam: 'spam',
  unsubscribed: 'opted_out',
}

async function settleOne(
  scope: Scope,
  { id, state, attempts }: { id: number; state: MessageState; attempts: number },
) {
  const { rows } = await sql<{ kind: ReportKind; detail: string | null; at: string; attempt: number }>`
    select kind, detail, at, attempt from message_events where tenant_id = ${scope.tenantId} and message_id = ${id}`.execute(
    scope.db,
  )
  const reports = rows.map((row) => ({ ...row, at: new Date(row.at).getTime() }))
  const outcome = outcomeOf(reports.filter(({ attempt }) => attempt === attempts))
  const late = outcomeOf(reports)
  // It waits to be sent once more, and an earlier attempt has arrived after all: once is enough.
  const isOver = (state === 'pending' || state === 'failed') && late?.state === 'delivered'
  const next = isOver
    ? late
    : state === 'pending' || state === 'cancelled' || state === 'held'
      ? null
      : outcome
  const opened = firstOf(reports, ['opened', 'clicked'])
  const delivered =
    next?.state === 'delivered' ? (firstOf(reports, ['delivered']) ?? opened ?? scope.now) : null
  await sql`
    update messages
       set state = ${next?.state ?? state}, error = ${next ? next.error : sql`error`},
           lease_until = ${next ? null : sql`lease_until`}, sealed = ${next?.state === 'delivered' || next?.state === 'sent' ? null : sql`sealed`},
           sent_at = case when ${next !== null && next.state !== 'failed'} then coalesce(sent_at, ${scope.now}) else sent_at end,
           delivered_at = ${delivered}, opened_at = coalesce(opened_at, ${opened}), updated_at = ${scope.now}
     where tenant_id = ${scope.tenantId} and id = ${id}`.execute(scope.db)
  if (next && next.state !== state)
    await scope.record(`message.${next.state}`, id, next.error ? { why: next.error } : {})
}

function firstOf(reports: Report[], kinds: ReportKind[]): Date | null {
  const times = reports.filter(({ kind }) => kinds.includes(kind)).map(({ at }) => at)
  return times.length > 0 ? new Date(Math.min(...times)) : null
}

/** Somebody answered a text. STOP ends texts and is confirmed once; START takes that back; anything else is kept with the message. */
export async function takeReply(scope: Scope, channel: OpenChannel, reply: Reply) {
  const { tenantId } = scope
  const { rows } = await sql<{
    id: number
    attempts: number
    customer_id: number | null
    outlet_id: number | null
  }>`
    select id, attempts, customer_id, outlet_id from messages
     where tenant_id = ${tenantId} and kind = 'sms' and channel_id = ${channel.id} and attempts > 0
       and ${reply.message_id ? sql`id = ${reply.message_id}` : sql`address = ${reply.phone}`}
       ${reply.phone ? sql`and address = ${reply.phone}` : sql``}
     order by id desc limit 1`.execute(scope.db)
  const [message] = rows
  if (message) {
    const { rows: fresh } = await sql`
      insert into message_events (tenant_id, message_id, attempt, kind, report_key, detail, at, received_at)
      values (${tenantId}, ${message.id}, ${Math.min(reply.attempt ?? message.attempts, message.attempts)}, 'replied', ${reply.report_key}, ${reply.text}, ${scope.now}, ${scope.now})
      on conflict (tenant_id, report_key) do nothing returning id`.execute(scope.db)
    if (fresh.length === 0) return
    const { rows: whole } = await sql<{ id: number; state: MessageState; attempts: number }>`
      select id, state, attempts from messages where tenant_id = ${tenantId} and id = ${message.id} for update`.execute(
      scope.db,
    )
    await settleOne(scope, whole[0]!)
    await scope.record('message.answered', message.id, { customer_id: message.customer_id })
  }
  const means = replyMeans(reply.text)
  if (!reply.phone || !means) return
  if (means === 'start') {
    const { rows: lifted } = await sql<{ id: number }>`
      delete from suppressions where tenant_id = ${tenantId} and kind = 'sms' and address = ${reply.phone} and reason = 'opted_out' returning id`.execute(
      scope.db,
    )
    if (lifted[0]) await scope.record('suppression.lifted', lifted[0].id, { kind: 'sms', source: 'a reply' })
    return
  }
  await suppress(scope, {
    kind: 'sms',
    address: reply.phone,
    reason: 'opted_out',
    source: `the reply ${reply.text.slice(0, 60)}`,
    message_id: message?.id ?? null,
  })
  await enqueue(scope, [
    {
      dedupe_key: `stop ${reply.report_key}`,
      kind: 'sms',
      purpose: 'opt_out_confirmation',
      recipient: `+${reply.phone}`,
      text: `${channel.from.name}: you will get no more text messages from us. Answer START to change that.`,
      outlet_id: message?.outlet_id ?? null,
      customer_id: message?.customer_id ?? null,
    },
  ])
}
