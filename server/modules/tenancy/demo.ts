import { sql } from 'kysely'
import { z } from 'zod'
import type { ApiDeps } from '../../core/api.ts'
import { Refusal } from '../../core/errors.ts'
import type { Scope, SystemScope } from '../../core/scope.ts'
import { checkNewPassword, setPassword } from '../identity/people.ts'
import { administration } from '../identity/permissions.ts'
import { forgetSessions } from '../identity/seen-sessions.ts'
import { getUser } from '../identity/users.ts'

export const demoCode = 'demo'
/** Known to everybody, and therefore only used while the server listens on this machine alone. */
const knownPassword = 'Duebook-demo-1'

/** The password of all demo people; where strangers could reach the server it is one that only this server knows. */
export const demoPasswordFor = ({ config, keys }: Pick<ApiDeps, 'config' | 'keys'>) =>
  config.demo.forced
    ? `Demo-${keys.mac('demo password', 'demo').toString('base64url').slice(0, 16)}`
    : knownPassword

export async function isDemo(scope: Scope): Promise<boolean> {
  const row = await scope.db
    .selectFrom('tenants')
    .select('is_demo')
    .where('id', '=', scope.tenantId)
    .executeTakeFirst()
  return row?.is_demo ?? false
}

export type DemoSignIn = { identifier: string; label: string; password: string }
/** The sign-ins of the demo organisation; null when there is none, or it was cleared. */
export async function demoSignIns(
  system: SystemScope,
  deps: Pick<ApiDeps, 'config' | 'keys'>,
): Promise<DemoSignIn[] | null> {
  if (!deps.config.demo.on) return null
  const tenant = await system.db
    .selectFrom('tenants')
    .select('id')
    .where('is_demo', '=', true)
    .limit(1)
    .executeTakeFirst()
  if (!tenant) return null
  const scope = await system.enter(tenant.id)
  const { rows } = await sql<{ identifier: string; label: string }>`
    select u.username as identifier, u.full_name || ', ' || string_agg(r.name, ', ' order by r.id) as label
      from memberships m
      join users u on u.id = m.user_id and u.deleted_at is null
      join membership_roles mr on mr.tenant_id = m.tenant_id and mr.user_id = m.user_id
      join roles r on r.tenant_id = mr.tenant_id and r.id = mr.role_id
     where m.tenant_id = ${tenant.id} and m.is_active and u.email like '%@demo.duebook.example'
     group by u.id order by u.id`.execute(scope.db)
  return rows.map((row) => ({ ...row, password: demoPasswordFor(deps) }))
}

export const ClearDemo = z.object({ new_password: z.string().min(1).max(1_000) })

/**
 * Empties the demo organisation: everything in it goes, its other people too; the caller stays as its administrator
 * under a password of their own.
 */
export async function clearDemo(scope: Scope, input: z.infer<typeof ClearDemo>) {
  if (!(await isDemo(scope)))
    throw new Refusal(409, 'not_demo', 'This is not the demo organisation. Nothing was removed.')
  // Everybody else goes, stronger people too: only an administrator may do that.
  for (const permission of administration) scope.require(permission)
  const user = await getUser(scope, scope.userId)
  checkNewPassword(input.new_password, user, 'new_password')
  if (input.new_password === knownPassword)
    throw new Refusal(422, 'password_weak', 'Choose a password of your own.')
  await setPassword(scope, user.id, input.new_password)
  await sql`select clear_demo(${scope.tenantId}, ${scope.userId})`.execute(scope.db)
  await scope.record('demo.cleared', scope.tenantId, {})
  forgetSessions()
}
