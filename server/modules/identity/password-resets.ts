import { sql } from 'kysely'
import { randomToken, sha256 } from '../../core/crypto.ts'
import { forbidden, Refusal } from '../../core/errors.ts'
import type { Scope, SystemScope } from '../../core/scope.ts'
import { linkTo } from './invitations.ts'
import { assertOwnPerson } from './members.ts'
import { recordEverywhere } from './memberships.ts'
import { hashPassword } from './passwords.ts'
import { checkNewPassword } from './people.ts'
import { assertMayChange } from './rules.ts'
import { endSessionsOf } from './sessions.ts'
import { getUser, strengthOf } from './users.ts'

const HOUR_MS = 3_600_000
const inMs = (now: Date, ms: number) => new Date(now.getTime() + ms)

const RESET_HOURS = 24
async function resetToken(scope: Pick<SystemScope, 'db' | 'now'>, userId: number, createdBy: number | null) {
  const token = randomToken()
  const expires_at = inMs(scope.now, RESET_HOURS * HOUR_MS)
  await scope.db
    .updateTable('password_resets')
    .set({ used_at: scope.now })
    .where('user_id', '=', userId)
    .where('used_at', 'is', null)
    .execute()
  await scope.db
    .insertInto('password_resets')
    .values({
      token_hash: sha256(token),
      user_id: userId,
      created_by: createdBy,
      created_at: scope.now,
      expires_at,
    })
    .execute()
  return { token, expires_at: expires_at.toISOString() }
}

/** A link an administrator copies to the person: until mail is set up, it travels by hand. */
export async function resetLink(scope: Scope, userId: number, publicUrl: string) {
  const user = await getUser(scope, userId)
  assertMayChange(scope.actor, strengthOf(user))
  if (userId === scope.userId)
    throw forbidden('Your own password is changed in your profile, with your present password.')
  await assertOwnPerson(scope, user)
  const { token, expires_at } = await resetToken(scope, userId, scope.userId)
  await scope.record('user.reset_link_made', userId, {})
  return { link: linkTo(publicUrl, 'reset', token), expires_at }
}

/** Notes in each of the person's organisations that they ask for a new password; their administrators see it. */
export async function askForReset(system: SystemScope, email: string) {
  const { rows } = await sql<{
    id: number
  }>`select id from users where lower(email) = ${email} and deleted_at is null and is_active`.execute(
    system.db,
  )
  const user = rows[0]
  if (!user) return
  await recordEverywhere(system, user.id, 'user.reset_asked')
}

export async function resetPassword(system: SystemScope, token: string, password: string) {
  const reset = await system.db
    .updateTable('password_resets')
    .set({ used_at: system.now })
    .where('token_hash', '=', sha256(token))
    .where('used_at', 'is', null)
    .where('expires_at', '>', system.now.toISOString())
    .returning('user_id')
    .executeTakeFirst()
  if (!reset)
    throw new Refusal(400, 'reset_link_invalid', 'This link is not valid any more. Ask for a new one.')
  const user = await system.db
    .selectFrom('users')
    .select(['id', 'username', 'email', 'full_name'])
    .where('id', '=', reset.user_id)
    .executeTakeFirstOrThrow()
  checkNewPassword(password, user, 'new_password')
  await system.db
    .updateTable('credentials')
    .set({ password_hash: await hashPassword(password), password_changed_at: system.now })
    .where('user_id', '=', user.id)
    .execute()
  await endSessionsOf(system, user.id, 'password reset')
  await recordEverywhere(system, user.id, 'user.password_reset')
}
