import { sql } from 'kysely'
import { invalidField, Refusal } from '../../core/errors.ts'
import type { Scope } from '../../core/scope.ts'
import { hashPassword, passwordProblems } from './passwords.ts'

// Persons, in whatever organisation they are: their names, which are unique over all, and their passwords.

export function checkNewPassword(
  password: string,
  person: { username?: string; email?: string; full_name?: string },
  field = 'password',
  status = 422,
) {
  const problems = passwordProblems(password, person)
  if (problems.length === 0) return
  throw new Refusal(status, 'password_weak', problems.join(' '), {
    issues: problems.map((message) => ({ in: 'body', path: field, message, code: 'password_weak' })),
  })
}

type Db = Pick<Scope, 'db'>
/** Which of the two names somebody else has already. */
export async function takenNames(
  scope: Db,
  input: { username?: string | undefined; email?: string | undefined },
  except = 0,
) {
  const { rows } = await sql<{ username_taken: boolean; email_taken: boolean }>`
    select coalesce(bool_or(lower(username) = lower(${input.username ?? ''})), false) as username_taken,
           coalesce(bool_or(lower(email) = lower(${input.email ?? ''})), false) as email_taken
      from users where deleted_at is null and id <> ${except}
       and (lower(username) = lower(${input.username ?? ''}) or lower(email) = lower(${input.email ?? ''}))`.execute(
    scope.db,
  )
  return rows[0]!
}

export async function assertNamesFree(
  scope: Db,
  input: { username?: string | undefined; email?: string | undefined },
  except = 0,
  status = 400,
) {
  const taken = await takenNames(scope, input, except)
  if (taken.username_taken)
    throw invalidField('username', 'A user with that username already exists.', 'username_taken', status)
  if (taken.email_taken)
    throw invalidField('email', 'A user with that email already exists.', 'email_taken', status)
}

export type NewPerson = {
  username: string
  email: string
  full_name?: string | undefined
  phone_number?: string | null | undefined
  password_hash: string
  is_superuser?: boolean
  is_verified?: boolean
}
export async function insertPerson(scope: Db, person: NewPerson): Promise<number> {
  const { id } = await scope.db
    .insertInto('users')
    .values({
      username: person.username,
      email: person.email,
      full_name: person.full_name ?? '',
      phone_number: person.phone_number ?? null,
      is_superuser: person.is_superuser ?? false,
      is_verified: person.is_verified ?? false,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await scope.db
    .insertInto('credentials')
    .values({ user_id: id, password_hash: person.password_hash })
    .execute()
  return id
}

export async function setPassword(scope: Pick<Scope, 'db' | 'now'>, userId: number, password: string) {
  await scope.db
    .updateTable('credentials')
    .set({ password_hash: await hashPassword(password), password_changed_at: scope.now })
    .where('user_id', '=', userId)
    .execute()
}
