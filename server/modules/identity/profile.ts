import { notFound, Refusal } from '../../core/errors.ts'
import type { SystemScope } from '../../core/scope.ts'
import type { Who } from '../../core/who.ts'
import { countAttempt, forgetAttempts, ownCounter } from './guessing.ts'
import { hashPassword, verifyPassword } from './passwords.ts'
import { assertNamesFree, checkNewPassword } from './people.ts'
import { endSessions, endSessionsOf } from './sessions.ts'

export type OwnChanges = {
  full_name?: string | undefined
  email?: string | undefined
  phone_number?: string | null | undefined
  new_password?: string | undefined
  /** The present password; asked for when the address or the password changes. */
  password?: string | undefined
}

async function assertOwnPassword(
  system: SystemScope,
  userId: number,
  password: string | undefined,
  field: string,
  status: number,
) {
  const counters = [ownCounter(userId)]
  await countAttempt(system, counters)
  const row = await system.db
    .selectFrom('credentials')
    .select('password_hash')
    .where('user_id', '=', userId)
    .executeTakeFirst()
  if (password === undefined || !(await verifyPassword(row?.password_hash ?? null, password))) {
    const message = 'Your old password was entered incorrectly. Please enter it again.'
    throw new Refusal(status, 'password_wrong', message, {
      issues: [{ in: 'body', path: field, message, code: 'password_wrong' }],
      // The count of wrong attempts stays.
      keep: true,
    })
  }
  await forgetAttempts(system, counters)
}

/** Changes the caller's own account. A new address or password needs the present password. */
export async function changeOwn(
  system: SystemScope,
  who: Who,
  changes: OwnChanges,
  oldPasswordField = 'old_password',
  status = 422,
) {
  const user = await system.db
    .selectFrom('users')
    .select(['id', 'username', 'email', 'full_name'])
    .where('id', '=', who.user_id)
    .executeTakeFirstOrThrow()
  const newEmail = changes.email !== undefined && changes.email !== user.email ? changes.email : undefined
  if (newEmail !== undefined || changes.new_password !== undefined) {
    await assertOwnPassword(system, user.id, changes.password, oldPasswordField, status)
  }
  if (newEmail) await assertNamesFree(system, { email: newEmail }, user.id)
  if (changes.new_password !== undefined) {
    checkNewPassword(changes.new_password, user, 'new_password', status)
    await system.db
      .updateTable('credentials')
      .set({ password_hash: await hashPassword(changes.new_password), password_changed_at: system.now })
      .where('user_id', '=', user.id)
      .execute()
    // Whoever else is signed in with the old password is signed out.
    await endSessionsOf(system, user.id, 'password changed', who.session_id ?? undefined)
  }
  await system.db
    .updateTable('users')
    .set((expression) => ({
      version: expression('version', '+', 1),
      updated_at: system.now,
      ...(changes.full_name === undefined ? {} : { full_name: changes.full_name }),
      ...(newEmail ? { email: newEmail } : {}),
      ...(changes.phone_number === undefined ? {} : { phone_number: changes.phone_number }),
    }))
    .where('id', '=', user.id)
    .execute()
  if (who.actor) {
    const scope = await system.enter(who.actor.tenant_id, who.actor)
    const changed = [
      ...(changes.full_name !== undefined && changes.full_name !== user.full_name ? ['full_name'] : []),
      ...(newEmail ? ['email'] : []),
      ...(changes.new_password !== undefined ? ['password'] : []),
    ]
    if (changed.length > 0) await scope.record('profile.updated', user.id, { changed })
  }
}

export async function listOwnSessions(system: SystemScope, who: Who) {
  const rows = await system.db
    .selectFrom('sessions')
    .select(['id', 'created_at', 'last_seen_at', 'ip', 'user_agent', 'door'])
    .where('user_id', '=', who.user_id)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', system.now.toISOString())
    .orderBy('last_seen_at', 'desc')
    .limit(200)
    .execute()
  return rows.map((row) => ({ ...row, current: row.id === who.session_id }))
}

export async function endOwnSession(system: SystemScope, who: Who, id: number) {
  const row = await system.db
    .selectFrom('sessions')
    .select('id')
    .where('id', '=', id)
    .where('user_id', '=', who.user_id)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  if (!row) throw notFound('Session')
  await endSessions(system, [id], 'ended in the profile')
}
