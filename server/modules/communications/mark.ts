import { sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'
import type { Way } from './claim.ts'
import type { OpenChannel, Result } from './providers/provider.ts'
import type { MessageState } from './rules.ts'

/** Waits between attempts that the provider certainly did not take, ms; after the last it has failed. */
const WAITS = [5_000, 30_000, 120_000, 600_000, 1_800_000]

type Marked = {
  id: number
  attempt: number
  state: MessageState
  error: string | null
  send_after: string | null
}

/** Writes down what became of messages. What a report of the provider has settled meanwhile stays settled. */
export async function mark(scope: Scope, channel: OpenChannel, results: Result[]): Promise<void> {
  if (results.length === 0) return
  const { tenantId, now } = scope
  const rows = results.map((result) => ({
    ...fate(result, now),
    id: result.id,
    attempt: result.attempt,
    external_id: result.outcome === 'sent' ? result.external_id : null,
    parts: result.outcome === 'sent' ? (result.parts ?? null) : null,
    cost: result.outcome === 'sent' ? (result.cost ?? null) : null,
  }))
  const { rows: marked } = await sql<{ id: number; state: MessageState; is_marked: boolean }>`
    with r as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as r(id bigint, attempt int, state text, error text, send_after timestamptz, external_id text, parts int, cost bigint)),
    m as (
      select m.id, m.state from messages m join r on r.id = m.id and r.attempt = m.attempts where m.tenant_id = ${tenantId} for update of m)
    update messages t
       set state = case when m.state = 'sending' then r.state else t.state end,
           error = case when m.state = 'sending' then r.error else t.error end,
           lease_until = null,
           send_after = case when m.state = 'sending' then coalesce(r.send_after, t.send_after) else t.send_after end,
           external_id = coalesce(r.external_id, t.external_id), parts = coalesce(r.parts, t.parts), cost = coalesce(r.cost, t.cost),
           sealed = case when r.state = 'sent' then null else t.sealed end,
           sent_at = case when r.state = 'sent' then ${now}::timestamptz else t.sent_at end, updated_at = ${now}
      from m join r on r.id = m.id
     where t.tenant_id = ${tenantId} and t.id = m.id
    returning t.id, t.state, m.state = 'sending' as is_marked`.execute(scope.db)
  await recordStates(
    scope,
    marked.filter(({ is_marked }) => is_marked),
  )
  await noteChannel(scope, channel, results)
  await noteOptedOut(scope, results)
}

function fate(result: Result, now: Date): Omit<Marked, 'id' | 'attempt'> {
  const open = { error: null, send_after: null }
  switch (result.outcome) {
    case 'sent':
      return { ...open, state: 'sent' }
    case 'failed':
    case 'unknown':
      return { ...open, state: result.outcome, error: result.error.slice(0, 500) }
    case 'again': {
      const wait = result.after_ms ?? WAITS[result.attempt - 1]
      if (wait === undefined || result.attempt > WAITS.length)
        return { ...open, state: 'failed', error: result.error.slice(0, 500) }
      const send_after = new Date(now.getTime() + wait).toISOString()
      return { state: 'pending', error: result.error.slice(0, 500), send_after }
    }
  }
}

async function recordStates(scope: Scope, rows: { id: number; state: MessageState }[]) {
  for (const [state, of] of Map.groupBy(rows, ({ state }) => state)) {
    // Put off and tried again is no event of its own.
    if (state === 'pending' || state === 'sending') continue
    await scope.recordEach(
      state === 'unknown' ? 'message.lost_sight_of' : `message.${state}`,
      of.map(({ id }) => ({ subject_id: id })),
    )
  }
}

/** What the channel's settings show: why nothing leaves, and until when the provider wants to be left in peace. */
async function noteChannel(scope: Scope, channel: OpenChannel, results: Result[]) {
  const fault = results.find((result) => result.outcome === 'failed' && result.fault)
  const slow = results.filter((result) => result.outcome === 'again')
  if (fault?.outcome === 'failed' || slow.length > 0) {
    const wait = Math.max(0, ...slow.map(({ after_ms, attempt }) => after_ms ?? WAITS[attempt - 1] ?? 0))
    await sql`
      update channels
         set last_error = ${(fault?.outcome === 'failed' ? fault.error : slow[0]!.error).slice(0, 500)}, last_error_at = ${scope.now},
             paused_until = ${wait > 0 ? sql`greatest(paused_until, ${new Date(scope.now.getTime() + wait)}::timestamptz)` : sql`paused_until`}
       where tenant_id = ${scope.tenantId} and id = ${channel.id}`.execute(scope.db)
  } else if (results.some(({ outcome }) => outcome === 'sent')) {
    await sql`update channels set last_error = null, last_error_at = null where tenant_id = ${scope.tenantId} and id = ${channel.id} and last_error is not null`.execute(
      scope.db,
    )
  }
}

/** The provider keeps a list of its own of who opted out; it is ours too. */
async function noteOptedOut(scope: Scope, results: Result[]) {
  const ids = results.filter((result) => result.outcome === 'failed' && result.opted_out).map(({ id }) => id)
  if (ids.length === 0) return
  await sql`
    insert into suppressions (tenant_id, kind, address, reason, source, message_id, since)
    select distinct on (m.kind, m.address) ${scope.tenantId}::bigint, m.kind, m.address, 'opted_out', 'on the list of the provider', m.id, ${scope.now}::timestamptz
      from messages m where m.tenant_id = ${scope.tenantId} and m.id = any(${ids}) order by m.kind, m.address, m.id
    on conflict (tenant_id, kind, address) do nothing`.execute(scope.db)
}

/** A channel whose key is refused is not asked a thousand times more: what is due by it fails with the same words. */
export async function failTheRest(scope: Scope, channel: OpenChannel, ways: Way[], error: string) {
  const outlets = ways.map(({ outlet_id }) => outlet_id).filter((id) => id !== null)
  const own = ways.some(({ outlet_id }) => outlet_id === null)
  const { rows } = await sql<{ id: number; state: MessageState }>`
    update messages m set state = 'failed', error = ${error.slice(0, 500)}, channel_id = ${channel.id}, provider = ${channel.provider}, updated_at = ${scope.now}
     where m.tenant_id = ${scope.tenantId} and m.state = 'pending' and m.send_after <= ${scope.now} and m.kind = ${channel.kind}
       and (m.outlet_id = any(${outlets}::bigint[]) ${own ? sql`or m.outlet_id is null` : sql``})
    returning m.id, m.state`.execute(scope.db)
  await recordStates(scope, rows)
}
