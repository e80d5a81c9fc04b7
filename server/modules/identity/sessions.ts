import type { FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import type { Config } from '../../core/config.ts'
import { type Keyring, randomToken, sameBytes, sha256 } from '../../core/crypto.ts'
import type { Database } from '../../core/database.ts'
import { Refusal } from '../../core/errors.ts'
import { type Actor, asSystem, type RowAccess, type SystemScope, type TenantFacts } from '../../core/scope.ts'
import type { Identify, Who } from '../../core/who.ts'
import { homeOf } from './memberships.ts'
import { allPermissions, isPermission } from './permissions.ts'
import { presetRank } from './presets.ts'
import { rowAccessOf } from './rules.ts'
import { type AccessClaims, readAccessToken, signAccessToken, tokenExpired } from './tokens.ts'

/**
 * The sign-in doors and how long their access tokens live, in seconds. Clients without a refresh call get a working day;
 * that is harmless because session and role are looked up at every request.
 */
export type Door = 'tracker' | 'finsentry' | 'outstanding' | 'debtors' | 'posightful' | 'web'
const HOUR = 3_600
const DAY = 24 * HOUR
export const accessSeconds = (door: Door, config: Pick<Config, 'accessTokenExpireMinutes'>) =>
  ({
    tracker: config.accessTokenExpireMinutes * 60,
    finsentry: config.accessTokenExpireMinutes * 60,
    outstanding: 8 * HOUR,
    debtors: 8 * HOUR,
    posightful: HOUR,
    web: 15 * 60,
  })[door]
/** A session ends after a week without a refresh. */
const SESSION_SECONDS = 7 * DAY
/** Two tabs that refresh at the same moment get the same successor; later than this a used token is a stolen one. */
const GRACE_MS = 10_000

const later = (now: Date, seconds: number) => new Date(now.getTime() + seconds * 1000)

export type Tokens = { access: string; refresh: string; expires_in: number; session_id: number }
export type SessionDeps = { config: Config; keys: Keyring }

export type NewSession = {
  user_id: number
  tenant_id: number | null
  door: Door
  ip: string
  user_agent: string | undefined
  role: string | null
}

/** Opens a session and answers its first tokens. Called inside the transaction that checked who it is. */
export async function openSession(
  system: SystemScope,
  deps: SessionDeps,
  input: NewSession,
): Promise<Tokens> {
  const { id } = await system.db
    .insertInto('sessions')
    .values({
      user_id: input.user_id,
      current_tenant_id: input.tenant_id,
      door: input.door,
      ip: input.ip,
      user_agent: input.user_agent?.slice(0, 300) ?? null,
      created_at: system.now,
      last_seen_at: system.now,
      expires_at: later(system.now, SESSION_SECONDS),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const refresh = randomToken()
  await system.db
    .insertInto('refresh_tokens')
    .values({ token_hash: sha256(refresh), session_id: id, created_at: system.now })
    .execute()
  return { ...(await accessFor(deps, { ...input, session_id: id }, system.now)), refresh }
}

/** A fresh access token for an open session. */
export async function accessFor(
  deps: SessionDeps,
  session: { user_id: number; session_id: number; tenant_id: number | null; role: string | null; door: Door },
  now: Date,
): Promise<Omit<Tokens, 'refresh'>> {
  const expires_in = accessSeconds(session.door, deps.config)
  const access = await signAccessToken(deps.keys.tokens, session, expires_in, now)
  return { access, expires_in, session_id: session.session_id }
}

const invalidRefresh = (keep = false) =>
  new Refusal(401, 'refresh_token_invalid', 'The refresh token is not valid any more. Sign in again.', {
    keep,
  })

/** Swaps a refresh token for its successor. A token used before, later than the grace, ends its session. */
export async function refreshSession(
  system: SystemScope,
  deps: SessionDeps,
  token: string,
): Promise<Tokens & { user_id: number; tenant_id: number | null }> {
  const hash = sha256(token)
  const taken = await system.db
    .updateTable('refresh_tokens')
    .set({ used_at: system.now })
    .where('token_hash', '=', hash)
    .where('used_at', 'is', null)
    .returning('session_id')
    .executeTakeFirst()
  const seen =
    taken ??
    (await system.db
      .selectFrom('refresh_tokens')
      .select(['session_id', 'used_at'])
      .where('token_hash', '=', hash)
      .executeTakeFirst())
  if (!seen) throw invalidRefresh()
  const session = await system.db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select([
      'sessions.id',
      'sessions.user_id',
      'sessions.current_tenant_id',
      'sessions.door',
      'sessions.expires_at',
      'sessions.ended_at',
    ])
    .where('sessions.id', '=', seen.session_id)
    .where('users.is_active', '=', true)
    .where('users.deleted_at', 'is', null)
    .executeTakeFirst()
  if (!session || session.ended_at || new Date(session.expires_at) <= system.now) throw invalidRefresh()
  if (
    !taken &&
    'used_at' in seen &&
    system.now.getTime() - new Date(String(seen.used_at)).getTime() > GRACE_MS
  ) {
    await endSessions(system, [session.id], 'refresh token used twice')
    throw invalidRefresh(true)
  }
  // Derived, not drawn: whoever repeats the same token within the grace gets the same successor.
  const refresh = deps.keys.mac('refresh', token).toString('base64url')
  if (taken) {
    await system.db
      .insertInto('refresh_tokens')
      .values({ token_hash: sha256(refresh), session_id: session.id, created_at: system.now })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    await system.db
      .updateTable('sessions')
      .set({ expires_at: later(system.now, SESSION_SECONDS), last_seen_at: system.now })
      .where('id', '=', session.id)
      .execute()
  }
  const home = await homeOf(system, session.user_id, session.current_tenant_id)
  // Somebody who was let into their first organisation since the sign-in is inside from here on.
  const tenant_id = session.current_tenant_id ?? home?.tenant_id ?? null
  if (tenant_id !== session.current_tenant_id) {
    await system.db
      .updateTable('sessions')
      .set({ current_tenant_id: tenant_id })
      .where('id', '=', session.id)
      .execute()
    seenSessions.delete(session.id)
  }
  const made = await accessFor(
    deps,
    {
      user_id: session.user_id,
      session_id: session.id,
      tenant_id,
      role: home?.role ?? null,
      door: session.door as Door,
    },
    system.now,
  )
  return { ...made, refresh, user_id: session.user_id, tenant_id }
}

/** Whatever has a connection and a clock: both kinds of scope. */
type At = Pick<SystemScope, 'db' | 'now'>

export async function endSessions(system: At, ids: number[], because: string) {
  if (ids.length === 0) return
  await system.db
    .updateTable('sessions')
    .set({ ended_at: system.now, ended_because: because })
    .where('id', 'in', ids)
    .where('ended_at', 'is', null)
    .execute()
  for (const id of ids) seenSessions.delete(id)
}

/** Ends the session that a refresh token belongs to. */
export async function endSessionOfRefresh(system: SystemScope, token: string, because: string) {
  const row = await system.db
    .selectFrom('refresh_tokens')
    .select('session_id')
    .where('token_hash', '=', sha256(token))
    .executeTakeFirst()
  if (row) await endSessions(system, [row.session_id], because)
}

/** Ends all sessions of a person, or all but one: after a password change, a reset, a deactivation. */
export async function endSessionsOf(system: At, userId: number, because: string, except?: number) {
  const rows = await system.db
    .selectFrom('sessions')
    .select('id')
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .$if(except !== undefined, (query) => query.where('id', '<>', except!))
    .execute()
  await endSessions(
    system,
    rows.map((row) => row.id),
    because,
  )
}

// ---- who is calling -------------------------------------------------------------------------------------------------

/** Session and roles are read anew when what is known is older than this, so a change bites within a second everywhere. */
const FRESH_MS = 500
const SEEN_MAX = 10_000
const seenSessions = new Map<number, { who: Who; at: number }>()

/** Called when roles or memberships change, so that on this server the change bites at once. */
export const forgetSessions = () => seenSessions.clear()

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
}

const tenantJson = sql`json_build_object('id', t.id, 'name', t.name, 'code', t.code, 'currency', t.currency, 'timezone', t.timezone,
  'country', t.country, 'financial_year_start', t.financial_year_start, 'ageing_buckets', t.ageing_buckets)`
const rolesJson = sql`(select json_agg(json_build_object('code', r.code, 'permissions', r.permissions, 'row_access', r.row_access,
                              'requires_second_factor', r.requires_second_factor))
    from membership_roles mr join roles r on r.tenant_id = mr.tenant_id and r.id = mr.role_id
   where mr.tenant_id = m.tenant_id and mr.user_id = m.user_id)`
const outletsJson = sql`(select array_agg(a.outlet_id) from outlet_access a
   where a.tenant_id = m.tenant_id and a.user_id = m.user_id and a.can_read)`

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
               m.is_active as member_active, m.region_id, ${rolesJson} as roles, ${outletsJson} as outlet_ids
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
  row: Pick<SessionRow, 'user_id' | 'current_tenant_id' | 'is_superuser' | 'region_id' | 'outlet_ids'>,
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
               u.id as user_id, k.tenant_id as current_tenant_id, u.is_superuser, u.is_active, u.deleted_at,
               ${tenantJson} as tenant, t.is_active as tenant_active, m.is_active as member_active, m.region_id,
               ${rolesJson} as roles, ${outletsJson} as outlet_ids
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
    pending: null,
    role_codes: roles.map((role) => role.code).sort((a, b) => presetRank(a) - presetRank(b)),
    tenant: row.tenant,
    actor: { ...actor, permissions },
  }
}

// ---- cookies of the web app -----------------------------------------------------------------------------------------

/** `__Host-` binds a cookie to this host over TLS; plain HTTP on a loopback address cannot carry it. */
export const cookieNames = (secure: boolean) => {
  const prefix = secure ? '__Host-' : ''
  return { access: `${prefix}duebook_access`, refresh: `${prefix}duebook_refresh` }
}
export const csrfToken = (keys: Keyring, sessionId: number) =>
  keys.mac('csrf', String(sessionId)).toString('base64url')

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/** A cookie travels by itself, so an unsafe call must also come from our own pages and carry the session's CSRF token. */
export function checkCsrf(request: FastifyRequest, keys: Keyring, config: Config, sessionId: number) {
  if (safeMethods.has(request.method)) return
  const site = request.headers['sec-fetch-site']
  const origin = request.headers.origin
  const ours =
    origin === undefined ||
    origin === `${request.protocol}://${request.host}` ||
    config.frontendOrigins.includes(origin)
  const sent = request.headers['x-csrf-token']
  const right =
    typeof sent === 'string' && sameBytes(Buffer.from(sent), Buffer.from(csrfToken(keys, sessionId)))
  if (!right || !ours || site === 'cross-site') {
    throw new Refusal(
      403,
      'csrf_refused',
      'This call did not come from a page of this server. Reload the page and try again.',
    )
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
