import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ApiDeps } from '../../core/api.ts'
import type { SystemScope } from '../../core/scope.ts'
import type { Who } from '../../core/who.ts'
import { type Account, readAccount } from './account.ts'
import { csrfToken, setCookies } from './cookies.ts'
import { homeOf } from './memberships.ts'
import { allPermissions, isPermission } from './permissions.ts'
import type { Me, MeMaybeTokens } from './schemas.ts'
import { type Door, endSessions, openSession, type Tokens } from './sessions.ts'

/** The signed-in person as the web app knows them. */
export async function readMe(
  system: SystemScope,
  deps: ApiDeps,
  userId: number,
  tenantId: number | null,
  sessionId: number,
): Promise<Me> {
  const account = await readAccount(system, userId, tenantId)
  const required = await secondFactorRequired(system, account)
  const permissions =
    account.is_superuser && tenantId
      ? [...allPermissions]
      : [...new Set(account.roles.flatMap((role) => role.permissions).filter(isPermission))]
  const inside = account.tenant !== null
  return {
    id: account.id,
    username: account.username,
    email: account.email,
    full_name: account.full_name,
    phone_number: account.phone_number,
    is_superuser: account.is_superuser,
    tenant: account.tenant,
    tenants: account.tenants,
    roles: account.roles.map(({ code, name }) => ({ code, name })),
    permissions: inside ? permissions : [],
    second_factor: { enabled: account.has_second_factor, required },
    csrf_token: csrfToken(deps.keys, sessionId),
    pending:
      required && !account.has_second_factor
        ? 'second_factor_enrolment'
        : inside || account.is_superuser
          ? null
          : 'no_organisation',
  }
}

async function secondFactorRequired(system: SystemScope, account: Account): Promise<boolean> {
  if (!account.tenant || account.roles.length === 0) return false
  const row = await system.db
    .selectFrom('roles')
    .select('id')
    .where('tenant_id', '=', account.tenant.id)
    .where(
      'id',
      'in',
      account.roles.map((role) => role.id),
    )
    .where('requires_second_factor', '=', true)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

export const bearerOf = (tokens: Tokens) => ({
  access_token: tokens.access,
  refresh_token: tokens.refresh,
  token_type: 'bearer' as const,
  expires_in: tokens.expires_in,
})

type Call = { request: FastifyRequest; reply: FastifyReply; who: Who | null }

/**
 * Opens an organisation for `userId` with a session of its own. In the browser it takes the place of the session that was
 * open and travels in cookies; a client with a bearer token gets the tokens and keeps what it has.
 */
export async function openIn(
  system: SystemScope,
  deps: ApiDeps,
  { request, reply, who }: Call,
  userId: number,
  tenantId: number,
): Promise<Tokens> {
  const byBearer = who?.via === 'bearer'
  const home = await homeOf(system, userId, tenantId)
  const tokens = await openSession(system, deps, {
    user_id: userId,
    tenant_id: tenantId,
    door: byBearer ? (who.door as Door) : 'web',
    ip: request.ip,
    user_agent: request.headers['user-agent'],
    role: home?.tenant_id === tenantId ? home.role : null,
  })
  if (!byBearer) {
    if (who?.session_id) await endSessions(system, [who.session_id], 'moved to another organisation')
    setCookies(request, reply, tokens)
  }
  return tokens
}

/** Opens an organisation and answers who one is in it; with the tokens, for a client that carries them itself. */
export async function enterAs(
  system: SystemScope,
  deps: ApiDeps,
  call: Call,
  userId: number,
  tenantId: number,
): Promise<MeMaybeTokens> {
  const tokens = await openIn(system, deps, call, userId, tenantId)
  const me = await readMe(system, deps, userId, tenantId, tokens.session_id)
  return call.who?.via === 'bearer' ? { ...me, ...bearerOf(tokens) } : me
}

/** Opens another of one's own organisations, which the next sign-in opens again. Null when one is not in it. */
export async function switchTo(
  system: SystemScope,
  deps: ApiDeps,
  call: Call & { who: Who },
  tenantId: number,
): Promise<MeMaybeTokens | null> {
  const home = await homeOf(system, call.who.user_id, tenantId)
  if (home?.tenant_id !== tenantId) return null
  const me = await enterAs(system, deps, call, call.who.user_id, tenantId)
  await system.db
    .updateTable('users')
    .set({ last_tenant_id: tenantId })
    .where('id', '=', call.who.user_id)
    .execute()
  return me
}
