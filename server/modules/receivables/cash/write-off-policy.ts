import { sql } from 'kysely'
import { notFound } from '../../../core/errors.ts'
import { wireNumber } from '../../../core/money.ts'
import type { Scope } from '../../../core/scope.ts'
import { getSegregation, setSegregation } from '../../tenancy/tenants.ts'
import { minorOf } from './allocations.ts'
import type { WriteOffPolicyInput } from './schemas.ts'

/** How many people here may approve write-offs. */
async function approvers({ db, tenantId }: Scope): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(distinct m.user_id)::int as n
      from memberships m
      join users u on u.id = m.user_id and u.deleted_at is null
      join membership_roles mr on mr.tenant_id = ${tenantId} and mr.user_id = m.user_id
      join roles r on r.tenant_id = ${tenantId} and r.id = mr.role_id and 'receivables.write_off_approve' = any(r.permissions)
     where m.tenant_id = ${tenantId} and m.is_active`.execute(db)
  return rows[0]!.n
}

/** Whether who asks may not be who approves: as the organisation says, else as soon as a second person could. */
export async function isSegregated(scope: Scope): Promise<boolean> {
  return (await getSegregation(scope)) ?? (await approvers(scope)) > 1
}

/** What the actor may write off of one invoice alone, in minor units of the organisation's currency. */
export async function ownLimit({ db, tenantId, userId }: Scope): Promise<number> {
  const { rows } = await sql<{ amount: number }>`
    select coalesce(max(l.amount), 0)::bigint as amount
      from membership_roles mr join write_off_limits l on l.tenant_id = ${tenantId} and l.role_id = mr.role_id
     where mr.tenant_id = ${tenantId} and mr.user_id = ${userId}`.execute(db)
  return rows[0]!.amount
}

export async function getWriteOffPolicy(scope: Scope) {
  const { currency } = scope.tenant
  const { rows } = await sql<{ role_id: number; role: string; amount: number }>`
    select r.id as role_id, r.name as role, coalesce(l.amount, 0)::bigint as amount
      from roles r left join write_off_limits l on l.tenant_id = ${scope.tenantId} and l.role_id = r.id
     where r.tenant_id = ${scope.tenantId} and 'receivables.settle' = any(r.permissions) order by r.name, r.id`.execute(
    scope.db,
  )
  return {
    currency,
    limits: rows.map((row) => ({ ...row, amount: wireNumber(row.amount, currency) })),
    own_limit: wireNumber(await ownLimit(scope), currency),
    segregation_of_duties: await getSegregation(scope),
    in_force: await isSegregated(scope),
    approvers: await approvers(scope),
  }
}

export async function setWriteOffPolicy(scope: Scope, input: WriteOffPolicyInput) {
  const { currency } = scope.tenant
  const limits = input.limits.map(({ role_id, amount }, at) => ({
    role_id,
    amount: minorOf(amount, currency, `limits.${at}.amount`),
  }))
  const { rows: roles } = await sql<{ id: number }>`
    select id from roles where tenant_id = ${scope.tenantId} and id = any(${limits.map(({ role_id }) => role_id)})`.execute(
    scope.db,
  )
  if (roles.length < new Set(limits.map(({ role_id }) => role_id)).size) throw notFound('One of these roles')
  await sql`
    insert into write_off_limits (tenant_id, role_id, amount, updated_by, updated_at)
    select distinct on (l.role_id) ${scope.tenantId}, l.role_id, l.amount, ${scope.userId > 0 ? scope.userId : null}, ${scope.now}
      from jsonb_to_recordset(${JSON.stringify(limits)}::jsonb) as l(role_id bigint, amount bigint)
    on conflict (tenant_id, role_id) do update set amount = excluded.amount, updated_by = excluded.updated_by, updated_at = excluded.updated_at`.execute(
    scope.db,
  )
  if (input.segregation_of_duties !== undefined) await setSegregation(scope, input.segregation_of_duties)
  await scope.record('write_off_policy.changed', null, {
    limits,
    currency,
    segregation_of_duties: input.segregation_of_duties,
  })
  return getWriteOffPolicy(scope)
}
