import type { Config } from '../../core/config.ts'
import { type Keyring, randomToken, sha256 } from '../../core/crypto.ts'
import { Refusal } from '../../core/errors.ts'
import type { SystemScope } from '../../core/scope.ts'
import { homeOf } from './memberships.ts'
import { seenSessions } from './seen-sessions.ts'
import { signAccessToken } from './tokens.ts'

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

export const later = (now: Date, seconds: number) => new Date(now.getTime() + seconds * 1000)

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
      'users.is_superuser',
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
  // Somebody who was put out of it is not; a superuser stays where they entered.
  const tenant_id = session.is_superuser ? session.current_tenant_id : (home?.tenant_id ?? null)
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
