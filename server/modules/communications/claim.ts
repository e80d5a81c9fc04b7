import { sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'
import type { Kind } from './address.ts'
import { lastCheck } from './last-check.ts'
import type { MessageFile } from './messages.ts'
import type { OpenChannel } from './providers/provider.ts'
import { heldWords } from './rules.ts'

/** Longer than any call may take: until then nobody else judges what became of it. */
export const LEASE_MS = 60_000

export type Way = { kind: Kind; outlet_id: number | null }
export type Claimed = {
  id: number
  attempts: number
  dedupe_key: string
  address: string
  recipient_name: string
  subject: string | null
  text: string
  html: string | null
  sealed: string | null
  files: MessageFile[]
  refusable: boolean
  kind: Kind
}

const alongWays = (ways: Way[]) => {
  const outlets = ways.map(({ outlet_id }) => outlet_id).filter((id) => id !== null)
  const own = ways.some(({ outlet_id }) => outlet_id === null)
  return sql`m.kind = ${ways[0]!.kind} and (m.outlet_id = any(${outlets}::bigint[]) ${own ? sql`or m.outlet_id is null` : sql``})`
}
const due = (scope: Scope, ways: Way[]) =>
  sql`m.tenant_id = ${scope.tenantId} and m.state = 'pending' and m.send_after <= ${scope.now} and ${alongWays(ways)}`

/**
 * Takes messages to be sent now: they are `sending` before any call, so that whoever finds them later knows that it may have been made.
 * Whoever refused since they were queued is left alone. Two servers take turns at the channel's row, which carries its limit.
 */
export async function claim(
  scope: Scope,
  channel: OpenChannel,
  ways: Way[],
  { batch, concurrency }: { batch: number; concurrency: number },
): Promise<Claimed[]> {
  const { tenantId, now } = scope
  for (;;) {
    const { rows: turn } = await sql`
      select 1 from channels c where c.tenant_id = ${tenantId} and c.id = ${channel.id} and (c.paused_until is null or c.paused_until <= ${now})
         for update`.execute(scope.db)
    if (turn.length === 0) return []
    const { rows: busy } = await sql<{ count: number }>`
      select count(*)::int as count from messages where tenant_id = ${tenantId} and channel_id = ${channel.id} and state = 'sending' and lease_until > ${now}`.execute(
      scope.db,
    )
    const room = Math.min(batch, concurrency * batch - busy[0]!.count)
    if (room <= 0) return []
    // What was true when it was written may not be now: paid since, promised, or night by now.
    await lastCheck(scope, channel, due(scope, ways), room)
    const { rows } = await sql<Claimed & { state: string }>`
      with due as (
        select m.id, (
                 select s.reason from suppressions s
                  where s.tenant_id = ${tenantId} and s.kind = m.kind and s.address = m.address and (s.reason <> 'opted_out' or m.refusable)) as reason,
               m.refusable and m.customer_id is not null and exists (
                 select from messages o join suppressions s on s.tenant_id = ${tenantId} and s.kind = o.kind and s.address = o.address and s.reason = 'opted_out'
                  where o.tenant_id = ${tenantId} and o.customer_id = m.customer_id) as has_refused
          from messages m where ${due(scope, ways)} order by m.send_after, m.id limit ${room} for update of m skip locked),
      judged as (select id, coalesce(reason, case when has_refused then 'opted_out' end) as reason from due)
      update messages m
         set state = case when d.reason is null then 'sending' else 'held' end, reason = d.reason, error = null,
             lease_until = case when d.reason is null then ${new Date(now.getTime() + LEASE_MS)}::timestamptz end,
             attempts = m.attempts + case when d.reason is null then 1 else 0 end,
             channel_id = ${channel.id}, provider = ${channel.provider}, updated_at = ${now}
        from judged d where m.tenant_id = ${tenantId} and m.id = d.id
      returning m.id, m.state, m.attempts, m.dedupe_key, m.address, m.recipient_name, m.subject, m.text, m.html, m.sealed, m.files, m.refusable, m.kind`.execute(
      scope.db,
    )
    const taken = rows.filter(({ state }) => state === 'sending')
    if (rows.length > taken.length)
      await scope.recordEach(
        'message.held',
        rows.filter(({ state }) => state === 'held').map(({ id }) => ({ subject_id: id })),
      )
    if (taken.length > 0 || rows.length === 0) return taken.sort((a, b) => a.id - b.id)
  }
}

export async function holdWithoutWay(scope: Scope, way: Way) {
  const { rows } = await sql<{ id: number }>`
    update messages m set state = 'held', reason = 'no_channel', updated_at = ${scope.now} where ${due(scope, [way])} returning m.id`.execute(
    scope.db,
  )
  await scope.recordEach(
    'message.held',
    rows.map(({ id }) => ({ subject_id: id, data: { why: heldWords.no_channel } })),
  )
}

/** What a server that died was at. Whether it left is not known, and it is not sent again by itself. */
export async function expireLeases(scope: Scope, everything: boolean): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    update messages
       set state = 'unknown', lease_until = null, updated_at = ${scope.now},
           error = 'The server stopped while this was being sent. Whether it left is not known: look at the provider, then say what happened.'
     where tenant_id = ${scope.tenantId} and state = 'sending' and ${everything ? sql`true` : sql`lease_until < ${scope.now}`}
    returning id`.execute(scope.db)
  await scope.recordEach(
    'message.lost_sight_of',
    rows.map(({ id }) => ({ subject_id: id })),
  )
  return rows.length
}
