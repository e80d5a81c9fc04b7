import { sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'
import { administration } from './permissions.ts'
import { lastAdministrator } from './rules.ts'

// Somebody must be left who can administer the organisation.

async function countAdministrators(scope: Scope): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from memberships m join users u on u.id = m.user_id
     where m.tenant_id = ${scope.tenantId} and m.is_active and u.is_active and u.deleted_at is null
       and ${[...administration]}::text[] <@ (select coalesce(array_agg(p), '{}')
             from membership_roles mr join roles r on r.tenant_id = mr.tenant_id and r.id = mr.role_id, unnest(r.permissions) as p
            where mr.tenant_id = m.tenant_id and mr.user_id = m.user_id)`.execute(scope.db)
  return rows[0]!.n
}
/** Edits of people, roles and settings take turns: what is read after this stays as it is until the edit is done. */
export async function takeTurn(scope: Scope) {
  await sql`select 1 from tenants where id = ${scope.tenantId} for no key update`.execute(scope.db)
}
/** Two administrators who remove each other at the same moment take turns here. */
export async function lockAdministrators(scope: Scope): Promise<number> {
  await takeTurn(scope)
  return countAdministrators(scope)
}
export async function assertAdministratorLeft(scope: Scope, before: number) {
  if (before > 0 && (await countAdministrators(scope)) === 0) throw lastAdministrator()
}
