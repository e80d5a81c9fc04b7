import { sql } from 'kysely'
import type { ApiDeps, OwnHttp } from '../../core/api.ts'
import type { Database } from '../../core/database.ts'
import { Refusal } from '../../core/errors.ts'
import { asSystem, type SystemScope } from '../../core/scope.ts'
import { readAccount } from './account.ts'
import { homeOf, membershipCount } from './memberships.ts'
import { hashPassword, needsRehash, verifyPassword } from './passwords.ts'
import { checkSecondFactor } from './second-factor.ts'
import { type Door, openSession, type SessionDeps, type Tokens } from './sessions.ts'

/**
 * Guessing is counted for the pair of account name and address, for the account from anywhere, and for the address
 * over all accounts, in one table that every door shares. A name nobody has is counted like any other.
 */
const WINDOW_MS = 15 * 60_000
const limits = { pair: 10, account: 50, address: 100 } as const

const countersOf = (identifier: string, ip: string) => {
  const account = identifier.trim().toLowerCase().slice(0, 254)
  return [
    { key: `pair ${account} ${ip}`, limit: limits.pair },
    { key: `account ${account}`, limit: limits.account },
    { key: `address ${ip}`, limit: limits.address },
  ]
}

/** Counts an attempt before it is judged, so that parallel guesses cannot slip past the limit together. */
async function countAttempt(system: SystemScope, identifier: string, ip: string) {
  const windowStart = new Date(system.now.getTime() - WINDOW_MS)
  for (const { key, limit } of countersOf(identifier, ip)) {
    const { rows } = await sql<{ failures: number; window_started_at: string }>`
      insert into sign_in_failures as f (key, failures, window_started_at) values (${key}, 1, ${system.now})
      on conflict (key) do update set
        failures = case when f.window_started_at < ${windowStart} then 1 else f.failures + 1 end,
        window_started_at = case when f.window_started_at < ${windowStart} then ${system.now} else f.window_started_at end
      returning failures, window_started_at`.execute(system.db)
    const row = rows[0]!
    if (row.failures > limit) {
      const wait = Math.max(
        1,
        Math.ceil((new Date(row.window_started_at).getTime() + WINDOW_MS - system.now.getTime()) / 1000),
      )
      throw new Refusal(
        429,
        'too_many_attempts',
        `Too many failed sign-ins. Wait ${Math.ceil(wait / 60)} minutes, or reset your password.`,
        {
          headers: { 'retry-after': String(wait) },
          keep: true,
        },
      )
    }
  }
}

async function forgetAttempts(system: SystemScope, identifier: string, ip: string) {
  const [pair, account, address] = countersOf(identifier, ip)
  await system.db.deleteFrom('sign_in_failures').where('key', 'in', [pair!.key, account!.key]).execute()
  await sql`update sign_in_failures set failures = greatest(0, failures - 1) where key = ${address!.key}`.execute(
    system.db,
  )
}

/** Takes back one counted attempt: the password was right, only the code was not sent yet. */
async function uncountAttempt(system: SystemScope, identifier: string, ip: string) {
  const keys = countersOf(identifier, ip).map((counter) => counter.key)
  await sql`update sign_in_failures set failures = greatest(0, failures - 1) where key = any(${keys})`.execute(
    system.db,
  )
}

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
  const name = input.identifier.trim().toLowerCase()
  const person = await asSystem(
    database,
    'sign in: choose',
    async (system) => {
      await countAttempt(system, name, from.ip)
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
         where u.deleted_at is null and (lower(u.username) = ${name} or lower(u.email) = ${name})
         order by lower(u.email) = ${name} desc limit 1`.execute(system.db)
      return rows[0]
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
          await uncountAttempt(system, name, from.ip)
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
      await forgetAttempts(system, name, from.ip)
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
