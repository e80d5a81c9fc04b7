import { sql } from 'kysely'
import type { SystemScope } from '../../core/scope.ts'
import { presetRank } from './presets.ts'

export type Home = { tenant_id: number; role: string | null }

/**
 * The organisation a sign-in opens: the one asked for or opened last when the person is still in it, else the one
 * they joined first. Null when there is none.
 */
export async function homeOf(
  system: SystemScope,
  userId: number,
  preferred: number | null,
): Promise<Home | null> {
  await system.actingFor(userId)
  const memberships = await system.db
    .selectFrom('memberships')
    .innerJoin('tenants', 'tenants.id', 'memberships.tenant_id')
    .select(['memberships.tenant_id'])
    .where('memberships.user_id', '=', userId)
    .where('memberships.is_active', '=', true)
    .where('tenants.is_active', '=', true)
    .orderBy('memberships.joined_at')
    .orderBy('memberships.tenant_id')
    .execute()
  const chosen = memberships.find((each) => each.tenant_id === preferred) ?? memberships[0]
  if (!chosen) return null
  await system.actingFor(userId, chosen.tenant_id)
  const { rows } = await sql<{ code: string }>`
    select r.code from membership_roles mr join roles r on r.tenant_id = mr.tenant_id and r.id = mr.role_id
     where mr.tenant_id = ${chosen.tenant_id} and mr.user_id = ${userId}`.execute(system.db)
  const codes = rows.map((row) => row.code).sort((a, b) => presetRank(a) - presetRank(b))
  return { tenant_id: chosen.tenant_id, role: codes[0] ?? null }
}

/** Whether the person belongs to any organisation at all, switched off or not. */
export async function membershipCount(system: SystemScope, userId: number): Promise<number> {
  await system.actingFor(userId)
  const { rows } = await sql<{
    n: number
  }>`select count(*)::int as n from memberships where user_id = ${userId}`.execute(system.db)
  return rows[0]?.n ?? 0
}

/** Records something about a person, not about their work, in each organisation they are in. */
export async function recordEverywhere(system: SystemScope, userId: number, kind: string) {
  await system.actingFor(userId)
  const memberships = await system.db
    .selectFrom('memberships')
    .select('tenant_id')
    .where('user_id', '=', userId)
    .where('is_active', '=', true)
    .execute()
  for (const { tenant_id } of memberships) {
    const scope = await system.enter(tenant_id, { user_id: userId })
    await scope.record(kind, userId, {})
  }
}
