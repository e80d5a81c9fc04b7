import { sql } from 'kysely'
import { invalidField, notFound } from '../../core/errors.ts'
import type { Scope, SystemScope } from '../../core/scope.ts'
import { addMember, findRoles } from './members.ts'
import { assertMayGrant } from './rules.ts'
import { forgetSessions } from './seen-sessions.ts'

/** Leaves a request with the organisation of that id or code, if there is one and the person is not in it yet. */
export async function requestToJoin(system: SystemScope, userId: number, tenant: string) {
  const word = tenant.trim().toLowerCase()
  const found = await system.db
    .selectFrom('tenants')
    .select('id')
    .where('is_active', '=', true)
    .where((where) =>
      where.or([
        where('code', '=', word),
        ...(/^\d{1,15}$/.test(word) ? [where('id', '=', Number(word))] : []),
      ]),
    )
    .executeTakeFirst()
  if (!found) return
  const scope = await system.enter(found.id, { user_id: userId })
  const { rows } = await sql<{ id: number }>`
    insert into join_requests (tenant_id, user_id)
    select ${found.id}, ${userId} where not exists (select from memberships where tenant_id = ${found.id} and user_id = ${userId})
    on conflict do nothing returning id`.execute(scope.db)
  if (rows[0]) await scope.record('join_request.opened', rows[0].id, {})
}

export const listJoinRequests = (scope: Scope) =>
  scope.db
    .selectFrom('join_requests')
    .innerJoin('users', 'users.id', 'join_requests.user_id')
    .select([
      'join_requests.id',
      'join_requests.state',
      'join_requests.requested_at',
      'users.username',
      'users.email',
      'users.full_name',
      'users.phone_number',
    ])
    .where('join_requests.state', '=', 'open')
    .where('users.deleted_at', 'is', null)
    .orderBy('join_requests.id')
    .execute()

/** Lets somebody in with these roles, or sends them away. */
export async function decideJoinRequest(
  scope: Scope,
  id: number,
  decision: 'approved' | 'declined',
  roleCodes: readonly string[] = [],
) {
  const request = await scope.db
    .updateTable('join_requests')
    .set({ state: decision, decided_at: scope.now, decided_by: scope.userId })
    .where('id', '=', id)
    .where('state', '=', 'open')
    .returning('user_id')
    .executeTakeFirst()
  if (!request) throw notFound('Join request')
  if (decision === 'approved') {
    const roles = await findRoles(scope, roleCodes)
    if (roles.length === 0) throw invalidField('role_codes', 'Choose at least one role.', 'roles_missing')
    assertMayGrant(scope.actor, roles)
    await addMember(scope, request.user_id, { role_ids: roles.map((role) => role.id) })
    forgetSessions()
  }
  await scope.record(`join_request.${decision}`, id, { user_id: request.user_id, roles: [...roleCodes] })
}
