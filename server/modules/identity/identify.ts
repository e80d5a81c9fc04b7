import { sql } from 'kysely'
import { sha256 } from '../../core/crypto.ts'
import type { Database } from '../../core/database.ts'
import { Refusal } from '../../core/errors.ts'
import { type Actor, asSystem, type RowAccess, type TenantFacts } from '../../core/scope.ts'
import type { Identify, Who } from '../../core/who.ts'
import { checkCsrf, cookieNames } from './cookies.ts'
import { allPermissions, isPermission } from './permissions.ts'
import { presetRank } from './presets.ts'
import { rowAccessOf, showsEveryOutlet } from './rules.ts'
import { FRESH_MS, SEEN_MAX, seenSessions } from './seen-sessions.ts'
import type { SessionDeps } from './sessions.ts'
import { later } from './sessions.ts'
import { type AccessClaims, readAccessToken, tokenExpired } from './tokens.ts'

// Who is calling: a session by its token, an API key, or the web app's cookie.

type SessionRow = {
  user_id: number
  current_tenant_id: number | null
  door: string
  expires_at: string
  ended_at: string | null
  last_seen_at: string
  is_superuser: boolean
  is_active: boolean
  deleted_at: string | null
  has_second_factor: boolean
  tenant: TenantFacts | null
  tenant_active: boolean | null
  member_active: boolean | null
  region_id: number | null
  roles:
    | { code: string; permissions: string[]; row_access: RowAccess; requires_second_factor: boolean }[]
    | null
  outlet_ids: number[] | null
  cleared_ids: number[] | null
}

const tenantJson = sql`json_build_object('id', t.id, 'name', t.name, 'code', t.code, 'currency', t.currency, 'timezone', t.timezone,
  'country', t.country, 'financial_year_start', t.financial_year_start, 'ageing_buckets', t.ageing_buckets)`
const rolesJson = sql`(select json_agg(json_build_object('code', r.code, 'permissions', r.permissions, 'row_access', r.row_access,
                              'requires_second_factor', r.requires_second_factor))
    from membership_roles mr join roles r on r.tenant_id = mr.tenant_id and r.id = mr.role_id
   where mr.tenant_id = m.tenant_id and mr.user_id = m.user_id)`
const outletsJson = sql`(select array_agg(a.outlet_id) from outlet_access a
   where a.tenant_id = m.tenant_id and a.user_id = m.user_id and a.can_read)`
/** They travel with each of the person's transactions: more than so many disputes nobody clears at a time. */
const CLEARED_MAX = 2_000
const clearedJson = sql`(select array_agg(c.invoice_id)
    from (select distinct d.invoice_id
            from disputes d join invoices i on i.tenant_id = d.tenant_id and i.id = d.invoice_id and i.assigned_key <> d.owner_id
           where d.tenant_id = m.tenant_id and d.owner_id = m.user_id and d.closed_on is null
           order by d.invoice_id desc limit ${sql.lit(CLEARED_MAX)}) c)`

async function loadSession(database: Database, claims: AccessClaims, now: Date): Promise<Who> {
  const row = await asSystem(
    database,
    'identify',
    async (system) => {
      const tenantId = claims.tenant_id ?? 0
      await system.actingFor(claims.user_id, tenantId)
      const found = await sql<SessionRow>`
        select s.user_id, s.current_tenant_id, s.door, s.expires_at, s.ended_at, s.last_seen_at,
               u.is_superuser, u.is_active, u.deleted_at, c.totp_confirmed_at is not null as has_second_factor,
               case when t.id is not null then ${tenantJson} end as tenant, t.is_active as tenant_active,
               m.is_active as member_active, m.region_id, ${rolesJson} as roles, ${outletsJson} as outlet_ids, ${clearedJson} as cleared_ids
          from sessions s
          join users u on u.id = s.user_id
          left join credentials c on c.user_id = u.id
          left join tenants t on t.id = s.current_tenant_id
          left join memberships m on m.tenant_id = s.current_tenant_id and m.user_id = s.user_id
         where s.id = ${claims.session_id} and s.user_id = ${claims.user_id}`.execute(system.db)
      const session = found.rows[0]
      if (session && now.getTime() - new Date(session.last_seen_at).getTime() > 60_000) {
        await system.db
          .updateTable('sessions')
          .set({ last_seen_at: now })
          .where('id', '=', claims.session_id)
          .execute()
      }
      return session
    },
    { now },
  )
  const gone = new Refusal(401, 'session_ended', 'This session has ended. Sign in again.')
  if (!row || row.ended_at || new Date(row.expires_at) <= now || !row.is_active || row.deleted_at) throw gone
  // Let in since: the next token, a refresh away, names the organisation.
  if ((row.current_tenant_id ?? null) !== claims.tenant_id) throw tokenExpired()
  const inside =
    row.tenant !== null && row.tenant_active === true && (row.is_superuser || row.member_active === true)
  return whoFrom(claims, row, inside)
}

function whoFrom(claims: AccessClaims, row: SessionRow, inside: boolean): Who {
  const roles = [...(row.roles ?? [])].sort((a, b) => presetRank(a.code) - presetRank(b.code))
  const needsFactor = roles.some((role) => role.requires_second_factor) && !row.has_second_factor
  return {
    user_id: row.user_id,
    session_id: claims.session_id,
    api_key_id: null,
    door: row.door,
    via: 'bearer',
    is_superuser: row.is_superuser,
    pending: needsFactor ? 'second_factor_enrolment' : null,
    role_codes: roles.map((role) => role.code),
    tenant: inside ? row.tenant : null,
    actor: inside ? actorFrom(row, roles) : null,
  }
}

function actorFrom(
  row: Pick<
    SessionRow,
    'user_id' | 'current_tenant_id' | 'is_superuser' | 'region_id' | 'outlet_ids' | 'cleared_ids'
  >,
  roles: NonNullable<SessionRow['roles']>,
): Actor {
  const granted = row.is_superuser
    ? allPermissions
    : roles.flatMap((role) => role.permissions).filter(isPermission)
  return {
    user_id: row.user_id,
    tenant_id: row.current_tenant_id!,
    permissions: new Set(granted),
    row_access: row.is_superuser ? 'all' : rowAccessOf(roles),
    region_ids: row.region_id ? [row.region_id] : [],
    outlet_ids: row.outlet_ids ?? [],
    cleared_ids: row.cleared_ids ?? [],
    sees_all_outlets: row.is_superuser || roles.some(showsEveryOutlet),
    is_superuser: row.is_superuser,
  }
}

type ApiKeyRow = SessionRow & {
  api_key_id: number
  scopes: string[]
  revoked_at: string | null
  key_expires_at: string | null
}

/** API keys read `dbk_<organisation>_<secret>`: the number says under whose wall to look. */
async function loadApiKey(database: Database, key: string, now: Date): Promise<Who> {
  const bad = new Refusal(401, 'api_key_invalid', 'The API key is not valid, has expired or was revoked.')
  const parsed = /^dbk_(\d{1,15})_[A-Za-z0-9_-]{43}$/.exec(key)
  if (!parsed) throw bad
  const tenantId = Number(parsed[1])
  const row = await asSystem(
    database,
    'identify api key',
    async (system) => {
      await system.actingFor(0, tenantId)
      const found = await sql<ApiKeyRow>`
        select k.id as api_key_id, k.scopes, k.revoked_at, k.expires_at as key_expires_at,
               exists (select from credentials c where c.user_id = u.id and c.totp_confirmed_at is not null) as has_second_factor,
               u.id as user_id, k.tenant_id as current_tenant_id, u.is_superuser, u.is_active, u.deleted_at,
               ${tenantJson} as tenant, t.is_active as tenant_active, m.is_active as member_active, m.region_id,
               ${rolesJson} as roles, ${outletsJson} as outlet_ids, ${clearedJson} as cleared_ids
          from api_keys k
          join users u on u.id = k.user_id
          join tenants t on t.id = k.tenant_id
          join memberships m on m.tenant_id = k.tenant_id and m.user_id = k.user_id
         where k.tenant_id = ${tenantId} and k.key_hash = ${sha256(key)}`.execute(system.db)
      const known = found.rows[0]
      if (known) {
        await sql`update api_keys set last_used_at = ${now} where tenant_id = ${tenantId} and id = ${known.api_key_id}
          and (last_used_at is null or last_used_at < ${later(now, -60)})`.execute(system.db)
      }
      return known
    },
    { now },
  )
  const expired = row?.key_expires_at && new Date(row.key_expires_at) <= now
  if (
    !row ||
    row.revoked_at ||
    expired ||
    !row.is_active ||
    row.deleted_at ||
    !row.tenant_active ||
    !row.member_active
  )
    throw bad
  const roles = row.roles ?? []
  const actor = actorFrom({ ...row, is_superuser: false }, roles)
  // A key never does more than its scopes, nor more than its owner may do today.
  const permissions = new Set([...actor.permissions].filter((permission) => row.scopes.includes(permission)))
  return {
    user_id: row.user_id,
    session_id: null,
    api_key_id: row.api_key_id,
    door: 'api-key',
    via: 'api-key',
    is_superuser: false,
    pending:
      roles.some((role) => role.requires_second_factor) && !row.has_second_factor
        ? 'second_factor_enrolment'
        : null,
    role_codes: roles.map((role) => role.code).sort((a, b) => presetRank(a) - presetRank(b)),
    tenant: row.tenant,
    actor: { ...actor, permissions },
  }
}

export type Identifier = {
  /** Reads the caller from a bearer token, an API key (bearer or X-API-Key) or the web app's cookie. */
  request: Identify
  /** Reads the caller from a token alone, as the sockets receive it. */
  token(token: string): Promise<Who>
  /** The caller of a session that was checked by other means, such as a single-use ticket. */
  session(sessionId: number): Promise<Who>
}

export function identifier(database: Database, deps: SessionDeps, clock: () => Date): Identifier {
  async function bySession(token: string, now: Date, via: Who['via']): Promise<Who> {
    const claims = await readAccessToken(deps.keys.tokens, token, now)
    const seen = seenSessions.get(claims.session_id)
    if (
      seen &&
      Math.abs(Date.now() - seen.at) < FRESH_MS &&
      (seen.who.tenant?.id ?? null) === claims.tenant_id
    )
      return { ...seen.who, via }
    const who = await loadSession(database, claims, now)
    if (seenSessions.size >= SEEN_MAX) seenSessions.clear()
    seenSessions.set(claims.session_id, { who, at: Date.now() })
    return { ...who, via }
  }
  const byToken = (token: string, now: Date) =>
    token.startsWith('dbk_') ? loadApiKey(database, token, now) : bySession(token, now, 'bearer')

  return {
    token: (token) => byToken(token, clock()),
    async session(sessionId) {
      const row = await asSystem(database, 'identify ticket', (system) =>
        system.db
          .selectFrom('sessions')
          .select(['user_id', 'current_tenant_id'])
          .where('id', '=', sessionId)
          .executeTakeFirst(),
      )
      if (!row) throw new Refusal(401, 'session_ended', 'This session has ended. Sign in again.')
      const claims = {
        user_id: row.user_id,
        session_id: sessionId,
        tenant_id: row.current_tenant_id,
        role: null,
        expires_at: 0,
      }
      return loadSession(database, claims, clock())
    },
    async request(request) {
      const now = clock()
      const header = request.headers.authorization
      const apiKey = request.headers['x-api-key']
      if (typeof apiKey === 'string') return loadApiKey(database, apiKey, now)
      if (header !== undefined) {
        const token = /^Bearer ([^\s]+)$/i.exec(header)?.[1]
        if (!token)
          throw new Refusal(
            401,
            'token_invalid',
            'The Authorization header must read: Bearer, one space, the token.',
          )
        return byToken(token, now)
      }
      const cookie = request.cookies[cookieNames(request.protocol === 'https').access]
      if (!cookie) return null
      const who = await bySession(cookie, now, 'cookie')
      checkCsrf(request, deps.keys, deps.config, who.session_id!)
      return who
    },
  }
}
