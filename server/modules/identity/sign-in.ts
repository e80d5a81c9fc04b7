import { sql } from 'kysely'
import type { ApiDeps, OwnHttp } from '../../core/api.ts'
import type { Database } from '../../core/database.ts'
import { Refusal } from '../../core/errors.ts'
import { asSystem } from '../../core/scope.ts'
import { readAccount } from './account.ts'
import { countAttempt, forgetAttempts, signInCounters, uncountAttempt } from './guessing.ts'
import { homeOf, membershipCount } from './memberships.ts'
import { hashPassword, needsRehash, verifyPassword } from './passwords.ts'
import { checkSecondFactor } from './second-factor.ts'
import { type Door, openSession, type SessionDeps, type Tokens } from './sessions.ts'

export type SignIn = { identifier: string; password: string; code?: string | undefined }
export type SignInFrom = {
  door: Door
  ip: string
  user_agent: string | undefined
  now: Date
  requestId: string
}
export type SignedIn = { user_id: number; tenant_id: number | null; tokens: Tokens }

const wrong = (detail = 'Incorrect username or password.') =>
  new Refusal(401, 'invalid_credentials', detail, { headers: { 'www-authenticate': 'Bearer' } })

/**
 * Choose (who is it), judge (outside any transaction: hashing takes 20 ms), mark (session, counters, rehash).
 * Unknown names and wrong passwords answer the same words in the same time.
 */
export async function signIn(
  database: Database,
  deps: SessionDeps,
  input: SignIn,
  from: SignInFrom,
): Promise<SignedIn> {
  const options = { now: from.now, requestId: from.requestId }
  // Lower case is the database's: for some letters it differs from JavaScript's.
  const name = input.identifier.trim()
  const { found: person, counters } = await asSystem(
    database,
    'sign in: choose',
    async (system) => {
      const { rows } = await sql<{
        id: number
        is_active: boolean
        is_superuser: boolean
        last_tenant_id: number | null
        password_hash: string | null
        has_second_factor: boolean
      }>`
        select u.id, u.is_active, u.is_superuser, u.last_tenant_id, c.password_hash,
               c.totp_confirmed_at is not null as has_second_factor
          from users u left join credentials c on c.user_id = u.id
         where u.deleted_at is null and (lower(u.username) = lower(${name}) or lower(u.email) = lower(${name}))
         order by lower(u.email) = lower(${name}) desc limit 1`.execute(system.db)
      const found = rows[0]
      const account = found ? `#${found.id}` : name.toLowerCase().slice(0, 254)
      const counters = signInCounters(account, from.ip)
      await countAttempt(system, counters)
      return { found, counters }
    },
    options,
  )
  const right = await verifyPassword(person?.password_hash ?? null, input.password)
  if (!person || !right) throw wrong()
  const rehashed =
    person.password_hash && needsRehash(person.password_hash) ? await hashPassword(input.password) : null

  return asSystem(
    database,
    'sign in: mark',
    async (system) => {
      if (person.has_second_factor) {
        if (!input.code) {
          await uncountAttempt(system, counters)
          throw new Refusal(401, 'second_factor_required', 'Enter the code from your authenticator app.', {
            keep: true,
          })
        }
        if (!(await checkSecondFactor(system, deps.keys, person.id, input.code))) {
          throw new Refusal(
            401,
            'second_factor_invalid',
            'This code is not right. Enter the next one, or a recovery code.',
          )
        }
      }
      const home = await homeOf(system, person.id, person.last_tenant_id)
      const member = home ?? (person.is_superuser ? null : await membershipCount(system, person.id))
      if (!person.is_active || (typeof member === 'number' && member > 0)) throw new InactiveAccount()
      await forgetAttempts(system, counters)
      if (rehashed) {
        await system.db
          .updateTable('credentials')
          .set({ password_hash: rehashed })
          .where('user_id', '=', person.id)
          .execute()
      }
      const tenant_id = person.is_superuser ? null : (home?.tenant_id ?? null)
      await system.db
        .updateTable('users')
        .set({ last_login_at: system.now, ...(tenant_id ? { last_tenant_id: tenant_id } : {}) })
        .where('id', '=', person.id)
        .execute()
      const tokens = await openSession(system, deps, {
        user_id: person.id,
        tenant_id,
        door: from.door,
        ip: from.ip,
        user_agent: from.user_agent,
        role: home?.role ?? null,
      })
      if (tenant_id) {
        const scope = await system.enter(tenant_id, { user_id: person.id })
        await scope.record('session.opened', tokens.session_id, { door: from.door, ip: from.ip })
      }
      return { user_id: person.id, tenant_id, tokens }
    },
    options,
  )
}

/** The right password of somebody who was switched off; each door says so with the status its document names. */
export class InactiveAccount extends Refusal {
  constructor(status = 403) {
    super(status, 'inactive', 'This account is inactive. Ask an administrator of your organisation.')
  }
}

/** Signs in at one door and reads the person as that door's answer needs them. */
export async function enterBy(
  deps: ApiDeps,
  http: OwnHttp,
  door: Door,
  input: { identifier: string; password: string; code?: string | undefined },
) {
  const { request } = http
  const signedIn = await signIn(deps.database, deps, input, {
    door,
    ip: request.ip,
    user_agent: request.headers['user-agent'],
    now: deps.now(),
    requestId: request.id,
  })
  const account = await http.asSystem((system) => readAccount(system, signedIn.user_id, signedIn.tenant_id))
  return { ...signedIn, account }
}
