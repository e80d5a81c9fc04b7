import { sql } from 'kysely'
import { forbidden, invalidField, Refusal } from '../../core/errors.ts'
import type { Scope } from '../../core/scope.ts'
import { assertMayGrant } from './rules.ts'
import { forgetSessions } from './seen-sessions.ts'
import type { RoleOfUser, UserRow } from './users.ts'

// What joins a person to an organisation: membership, roles, region, department, outlets.

export type MemberInput = {
  role_ids: readonly number[]
  region_id?: number | null | undefined
  department_id?: number | null | undefined
  outlets?: readonly { outlet_id: number; can_write: boolean }[] | undefined
}

/** Makes somebody a member with these roles and places. */
export async function addMember(scope: Scope, userId: number, input: MemberInput) {
  await scope.db
    .insertInto('memberships')
    .values({
      user_id: userId,
      region_id: input.region_id ?? null,
      department_id: input.department_id ?? null,
    })
    .execute()
  await setRoles(scope, userId, input.role_ids)
  if (input.outlets) await setOutlets(scope, userId, input.outlets)
  // A reset link that another organisation handed out would open this one too.
  await spoilResetLinks(scope, userId)
}

/** Reset links that somebody holds for this person stop working. */
export async function spoilResetLinks(scope: Scope, userId: number) {
  await scope.db
    .updateTable('password_resets')
    .set({ used_at: scope.now })
    .where('user_id', '=', userId)
    .where('used_at', 'is', null)
    .execute()
}

/** Links that this person handed out stop working: who may no longer invite or reset does not come back through them. */
export async function withdrawLinks(scope: Scope, userId: number) {
  await scope.db
    .updateTable('invitations')
    .set({ revoked_at: scope.now })
    .where('invited_by', '=', userId)
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .execute()
  await scope.db
    .updateTable('password_resets')
    .set({ used_at: scope.now })
    .where('created_by', '=', userId)
    .where('used_at', 'is', null)
    .execute()
}

/**
 * Whoever sees the rows of a region or of outlets gives others no further ones.
 * @throws Refusal 422 naming the region, department or outlets that the organisation does not have.
 */
export async function assertPlaces(scope: Scope, input: Omit<MemberInput, 'role_ids'>) {
  const { row_access, region_ids, outlet_ids, sees_all_outlets } = scope.actor
  const seesSomeOutlets = row_access === 'outlets' || (scope.may('debtors.read') && !sees_all_outlets)
  const beyond =
    (row_access === 'region' && input.region_id && !region_ids.includes(input.region_id)) ||
    (seesSomeOutlets && input.outlets?.some(({ outlet_id }) => !outlet_ids.includes(outlet_id)))
  if (beyond) throw forbidden('You can give only regions and outlets that are yours.')
  const wanted = [
    ['region_id', 'regions', input.region_id ? [input.region_id] : []],
    ['department_id', 'departments', input.department_id ? [input.department_id] : []],
    ['outlets', 'outlets', input.outlets?.map((each) => each.outlet_id) ?? []],
  ] as const
  for (const [field, table, ids] of wanted) {
    if (ids.length === 0) continue
    const { rows } = await sql<{ id: number }>`
      select id from ${sql.table(table)} where tenant_id = ${scope.tenantId} and id = any(${ids})`.execute(
      scope.db,
    )
    const known = new Set(rows.map((row) => row.id))
    const missing = ids.filter((id) => !known.has(id))
    if (missing.length > 0)
      throw invalidField(field, `There is no such ${table.slice(0, -1)}: ${missing.join(', ')}.`, 'unknown')
  }
}

export async function setRoles(scope: Scope, userId: number, roleIds: readonly number[]) {
  await scope.db.deleteFrom('membership_roles').where('user_id', '=', userId).execute()
  if (roleIds.length === 0) return
  await scope.db
    .insertInto('membership_roles')
    .values(roleIds.map((role_id) => ({ user_id: userId, role_id })))
    .execute()
}

export async function setOutlets(
  scope: Scope,
  userId: number,
  outlets: readonly { outlet_id: number; can_write: boolean }[],
) {
  await scope.db.deleteFrom('outlet_access').where('user_id', '=', userId).execute()
  if (outlets.length === 0) return
  await scope.db
    .insertInto('outlet_access')
    .values(
      outlets.map((each) => ({
        user_id: userId,
        outlet_id: each.outlet_id,
        can_read: true,
        can_write: each.can_write,
      })),
    )
    .execute()
}

/** Opens one outlet to a member, or changes how far it is open. */
export async function grantOutlet(
  scope: Scope,
  userId: number,
  { outlet_id, can_read, can_write }: { outlet_id: number; can_read: boolean; can_write: boolean },
) {
  await scope.db
    .insertInto('outlet_access')
    .values({ user_id: userId, outlet_id, can_read, can_write })
    .onConflict((conflict) =>
      conflict.columns(['tenant_id', 'user_id', 'outlet_id']).doUpdateSet({ can_read, can_write }),
    )
    .execute()
  await scope.record('user.outlet_granted', userId, { outlet_id, can_read, can_write })
  forgetSessions()
}

/** Answers whether it was open to them. */
export async function revokeOutlet(scope: Scope, userId: number, outletId: number): Promise<boolean> {
  const gone = await scope.db
    .deleteFrom('outlet_access')
    .where('user_id', '=', userId)
    .where('outlet_id', '=', outletId)
    .returning('outlet_id')
    .executeTakeFirst()
  if (!gone) return false
  await scope.record('user.outlet_revoked', userId, { outlet_id: outletId })
  forgetSessions()
  return true
}

/** Finds roles by code or name, without regard to case. @throws Refusal 422 naming the ones that do not exist. */
export async function findRoles(
  scope: Scope,
  wanted: readonly string[],
  family?: string,
): Promise<RoleOfUser[]> {
  const all = (await scope.db
    .selectFrom('roles')
    .select(['id', 'code', 'name', 'family', 'permissions', 'row_access'])
    .orderBy('id')
    .execute()) as RoleOfUser[]
  const found = new Map<number, RoleOfUser>()
  for (const word of wanted) {
    const matching = all.filter(
      (role) => role.code === word || role.name.toLowerCase() === word.toLowerCase(),
    )
    // Admin and Manager are roles of two families each; the calling client's own comes first, then the very word.
    const role =
      matching.find((each) => each.family === family) ??
      matching.find((each) => each.code === word) ??
      matching.find((each) => each.name === word) ??
      matching[0]
    if (!role) {
      const known = all.filter((each) => !family || each.family === family).map((each) => each.name)
      throw invalidField('roles', `There is no role ${word}. Roles are: ${known.join(', ')}.`, 'unknown_role')
    }
    found.set(role.id, role)
  }
  return [...found.values()]
}

/** An organisation may change the name, address and password only of people who are in no other organisation. */
export async function assertOwnPerson(scope: Scope, user: Pick<UserRow, 'id' | 'is_superuser'>) {
  if (user.id === scope.userId) return
  if (user.is_superuser || (await belongsElsewhere(scope, user.id))) {
    throw new Refusal(
      403,
      'belongs_elsewhere',
      'This person also belongs to another organisation and keeps their own name, address and password.',
    )
  }
}

export async function belongsElsewhere(scope: Scope, userId: number): Promise<boolean> {
  // The policy of memberships shows a person's own rows wherever they are: look through their eyes, then step back.
  await scope.client.query(`set local app.user_id = '${Number(userId)}'`)
  const { rows } = await scope.client.query(
    'select 1 from memberships where user_id = $1 and tenant_id <> $2 limit 1',
    [userId, scope.tenantId],
  )
  await scope.client.query(`set local app.user_id = '${Number(scope.userId)}'`)
  return rows.length > 0
}

/** Adds roles, by code, to those that a member has. */
export async function addRoles(scope: Scope, user: UserRow, codes: readonly string[]) {
  const roles = await findRoles(scope, codes)
  assertMayGrant(scope.actor, roles)
  await setRoles(scope, user.id, [...new Set([...user.roles, ...roles].map((role) => role.id))])
  await scope.record('user.updated', user.id, {
    changed: {
      roles: {
        from: user.roles.map((role) => role.code),
        to: [...user.roles, ...roles].map((role) => role.code),
      },
    },
  })
  forgetSessions()
}
