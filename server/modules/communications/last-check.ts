import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'
import type { OpenChannel } from './providers/provider.ts'

/** A message that is about to go, as whoever put it into the outbox knows it. */
export type AboutToGo = {
  id: number
  dedupe_key: string
  kind: 'email' | 'sms'
  outlet_id: number | null
  customer_id: number | null
  campaign_id: number | null
}
/** It stays, with the reason; or it waits until then. What is not named goes. */
export type Verdict = { held: string } | { until: Date }
type Check = (
  scope: Scope,
  messages: AboutToGo[],
  channel: Pick<OpenChannel, 'provider'>,
) => Promise<Map<number, Verdict>>

/**
 * What the writers of messages ask for once more when theirs are about to go, by purpose. Filled by them when the server is put
 * together, so that this module knows none of them.
 */
const checks = new Map<string, Check>()
export const checkBeforeSending = (purpose: string, check: Check) => checks.set(purpose, check)

/** Asks about the next messages of a way, in the transaction that takes them; those that may not go are taken out of the way. */
export async function lastCheck(
  scope: Scope,
  channel: Pick<OpenChannel, 'provider'>,
  due: RawBuilder<unknown>,
  limit: number,
): Promise<void> {
  if (checks.size === 0) return
  for (;;) {
    const { rows } = await sql<AboutToGo & { purpose: string }>`
      select m.id, m.dedupe_key, m.kind, m.outlet_id, m.customer_id, m.campaign_id, m.purpose from messages m
       where ${due} order by m.send_after, m.id limit ${limit} for update of m skip locked`.execute(scope.db)
    let stopped = 0
    for (const [purpose, messages] of Map.groupBy(rows, (row) => row.purpose)) {
      const verdicts = (await checks.get(purpose)?.(scope, messages, channel)) ?? new Map<number, Verdict>()
      stopped += verdicts.size
      await apply(scope, verdicts)
    }
    // Others have moved up to their places, and are asked about too.
    if (stopped === 0) return
  }
}

async function apply(scope: Scope, verdicts: Map<number, Verdict>) {
  const held: { id: number; why: string }[] = []
  const later: { id: number; until: string }[] = []
  for (const [id, verdict] of verdicts) {
    if ('held' in verdict) held.push({ id, why: verdict.held.slice(0, 500) })
    else later.push({ id, until: verdict.until.toISOString() })
  }
  if (held.length > 0) {
    await sql`
      update messages m set state = 'held', reason = 'no_longer', error = x.why, updated_at = ${scope.now}
        from jsonb_to_recordset(${JSON.stringify(held)}::jsonb) as x(id bigint, why text) where m.tenant_id = ${scope.tenantId} and m.id = x.id`.execute(
      scope.db,
    )
    await scope.recordEach(
      'message.held',
      held.map(({ id, why }) => ({ subject_id: id, data: { why } })),
    )
  }
  if (later.length > 0)
    await sql`
      update messages m set send_after = x.until, updated_at = ${scope.now}
        from jsonb_to_recordset(${JSON.stringify(later)}::jsonb) as x(id bigint, until timestamptz) where m.tenant_id = ${scope.tenantId} and m.id = x.id`.execute(
      scope.db,
    )
}
