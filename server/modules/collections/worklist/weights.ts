import { sql } from 'kysely'
import { expectVersion, type Http } from '../../../core/api.ts'
import type { Scope } from '../../../core/scope.ts'

/** The most points that each reason gives; those of disputes are taken off. */
export const usualWeights = {
  /** Collectable money: half the points at the median of the currency. */
  amount: 30,
  /** Days since the oldest invoice fell due: all points from 120 days on. */
  age: 20,
  /** A promise broken within 90 days: a third for the first, all from the third on. */
  broken_promise: 20,
  /** A promise falls due today, or its tolerance runs. */
  promise_due: 15,
  /** A task of today or before. */
  follow_up: 15,
  /** Days since the last contact: all points from 14 days on, or when there was none in 90 days. */
  silence: 10,
  /** What falls due within seven days, by the chance that it is paid late. */
  late_risk: 10,
  /** The share of the overdue money that is disputed. */
  disputed: -20,
}
export type Reason = keyof typeof usualWeights
export type Weights = Record<Reason, number>
export const reasons = Object.keys(usualWeights) as Reason[]

type Stored = { weights: Weights; version: number }

export async function getWeights(scope: Scope): Promise<Stored> {
  const { rows } = await sql<{ weights: Partial<Weights>; version: number }>`
    select weights, version from worklist_weights where tenant_id = ${scope.tenantId}`.execute(scope.db)
  return { weights: { ...usualWeights, ...rows[0]?.weights }, version: rows[0]?.version ?? 0 }
}

export async function changeWeights(scope: Scope, http: Http, weights: Partial<Weights>): Promise<Stored> {
  // The first change of an organisation has no row to lock.
  await sql`select pg_advisory_xact_lock(hashtextextended('worklist weights', ${scope.tenantId}))`.execute(
    scope.db,
  )
  const before = await getWeights(scope)
  expectVersion(http, before)
  const after = { ...before.weights, ...weights }
  await sql`
    insert into worklist_weights (tenant_id, weights, version, updated_at)
    values (${scope.tenantId}, ${JSON.stringify(after)}::jsonb, 1, ${scope.now})
    on conflict (tenant_id) do update set weights = excluded.weights, version = worklist_weights.version + 1, updated_at = excluded.updated_at`.execute(
    scope.db,
  )
  await scope.record('worklist.weighted', null, { before: before.weights, after })
  return getWeights(scope)
}
