import { sql } from 'kysely'
import { z } from 'zod'
import { StartError } from '../../core/data-folder.ts'
import { Refusal } from '../../core/errors.ts'
import { email as emailSchema, username as usernameSchema } from '../../core/schema.ts'
import type { SystemScope } from '../../core/scope.ts'
import { addMember, findRoles } from './members.ts'
import { hashPassword, isKnownHash } from './passwords.ts'
import { assertNamesFree, checkNewPassword, insertPerson } from './people.ts'

export type FirstUser = {
  email: string
  username?: string | null | undefined
  full_name?: string | undefined
  phone?: string | null | undefined
  password?: string | undefined
  /** Of a user brought along from another system: bcrypt, Django's pbkdf2_sha256 or argon2id. */
  password_hash?: string | undefined
  is_superuser: boolean
  /** Code of the organisation to join, with the codes or names of roles there. */
  organisation?: string | undefined
  roles?: string[]
}

/** Makes a person from the command line or the environment. @throws Refusal in words for the terminal. */
export async function createFirstUser(system: SystemScope, input: FirstUser): Promise<number> {
  const email = emailSchema.parse(input.email)
  const username = usernameSchema.parse(input.username ?? email.split('@')[0])
  await assertNamesFree(system, { username, email })
  if (input.password !== undefined)
    checkNewPassword(input.password, { username, email, full_name: input.full_name ?? '' })
  if (input.password_hash !== undefined && !isKnownHash(input.password_hash)) {
    throw new Refusal(
      422,
      'unknown_hash',
      'This password hash is of no known kind: bcrypt ($2a$, $2b$, $2y$), pbkdf2_sha256$ or $argon2id$.',
    )
  }
  const password_hash = input.password_hash ?? (await hashPassword(input.password!))
  const id = await insertPerson(system, {
    username,
    email,
    full_name: input.full_name ?? '',
    phone_number: input.phone ?? null,
    password_hash,
    is_superuser: input.is_superuser,
    is_verified: true,
  })
  if (input.organisation) {
    const tenant = await system.db
      .selectFrom('tenants')
      .select('id')
      .where('code', '=', input.organisation)
      .executeTakeFirst()
    if (!tenant)
      throw new Refusal(404, 'not_found', `There is no organisation of the code ${input.organisation}.`)
    const scope = await system.enter(tenant.id)
    const roles = await findRoles(scope, input.roles ?? [])
    await addMember(scope, id, { role_ids: roles.map((role) => role.id) })
    await scope.record('user.created', id, {
      username,
      roles: roles.map((role) => role.code),
      by: 'command line',
    })
  }
  return id
}

/** The superuser named in the environment is made once; later starts leave it, and its password, alone. */
export async function ensureAdministrator(
  system: SystemScope,
  admin: { email: string; password: string; username: string | null; phone: string | null },
): Promise<boolean> {
  // Two servers that start together on one database take turns.
  await sql`select pg_advisory_xact_lock(hashtext('duebook first administrator'))`.execute(system.db)
  const { rows } =
    await sql`select 1 from users where lower(email) = ${admin.email.toLowerCase()} and deleted_at is null`.execute(
      system.db,
    )
  if (rows.length > 0) return false
  const username =
    admin.username ?? (usernameSchema.safeParse(admin.email.split('@')[0]).success ? null : 'admin')
  try {
    await createFirstUser(system, { ...admin, username, is_superuser: true })
  } catch (error) {
    // Said as a sentence about the setting: whoever starts the server reads this, not a client.
    if (error instanceof Refusal)
      throw new StartError(
        `The first administrator cannot be made from ADMIN_EMAIL and ADMIN_PASSWORD. ${error.detail}`,
      )
    if (error instanceof z.ZodError)
      throw new StartError(
        `ADMIN_EMAIL or ADMIN_USERNAME: ${error.issues.map((issue) => issue.message).join(' ')}`,
      )
    throw error
  }
  return true
}
