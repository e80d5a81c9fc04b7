import { sql } from 'kysely'
import type { z } from 'zod'
import { forbidden, Refusal } from '../../core/errors.ts'
import type { Scope } from '../../core/scope.ts'
import { takeTurn } from '../identity/administrators.ts'
import { addRoles, grantOutlet, revokeOutlet } from '../identity/members.ts'
import { showsEveryOutlet } from '../identity/rules.ts'
import { createUser, getUser, listUsers, type UserRow, updateUser } from '../identity/users.ts'
import { openPharmacy } from './pharmacies.ts'
import type { NewPharmacyUser, PharmacyUserChanges } from './schemas.ts'

// Who may see which pharmacy, in the words of the pharmacy clients.

const unknownUser = () => new Refusal(404, 'not_found', 'User not found.')

/** A member by user name or e-mail address. Who may not see people sees themselves alone. */
export async function memberNamed(scope: Scope, name: string): Promise<UserRow> {
  const { rows } = await sql<{ id: number }>`
    select u.id from users u join memberships m on m.user_id = u.id
     where m.tenant_id = ${scope.tenantId} and u.deleted_at is null and (lower(u.username) = lower(${name}) or lower(u.email) = lower(${name}))
     order by lower(u.username) = lower(${name}) desc limit 1`.execute(scope.db)
  const id = rows[0]?.id
  if (!scope.may('users.read') && id !== scope.userId)
    throw forbidden('You may look up your own pharmacies only. Use the key of somebody who may see people.')
  if (id === undefined) throw unknownUser()
  return getUser(scope, id)
}

export async function memberOf(scope: Scope, id: number): Promise<UserRow> {
  const { items } = await listUsers(scope, { id, limit: 1 })
  if (!items[0]) throw unknownUser()
  return items[0]
}

type Access = { pharmacy_id: number; pharmacy_name: string; can_read: boolean; can_write: boolean }

/** What their roles and grants come to, pharmacy by pharmacy. */
export async function accessOf(scope: Scope, user: UserRow): Promise<Access[]> {
  const may = (permission: string) =>
    user.is_superuser || user.roles.some((role) => role.permissions.includes(permission))
  const all = user.is_superuser || user.roles.some(showsEveryOutlet)
  const { rows } = await sql<Access>`
    select o.id as pharmacy_id, o.name as pharmacy_name, ${may('debtors.read')} and (${all} or coalesce(a.can_read, false)) as can_read,
           ${may('debtors.write')} and (${all} or coalesce(a.can_read and a.can_write, false)) as can_write
      from outlets o left join outlet_access a on a.tenant_id = ${scope.tenantId} and a.outlet_id = o.id and a.user_id = ${user.id}
     where o.tenant_id = ${scope.tenantId} and o.kind = 'pharmacy' and o.is_active and (${all} or a.outlet_id is not null)
     order by lower(o.name), o.id`.execute(scope.db)
  return rows
}

export const wireAccess = async (scope: Scope, user: UserRow) => ({
  user_id: user.id,
  username: user.username,
  pharmacies: await accessOf(scope, user),
})

/** Lets a member read a pharmacy, or read and write; who has no role among the debtors yet gets the one that goes with it. */
export async function grant(
  scope: Scope,
  user: UserRow,
  { pharmacy_id, can_read, can_write }: { pharmacy_id: number; can_read: boolean; can_write: boolean },
) {
  const pharmacy = await openPharmacy(scope, pharmacy_id, can_write ? 'write' : 'read')
  const may = (permission: string) => user.roles.some((role) => role.permissions.includes(permission))
  if (can_write && !may('debtors.write')) await addRoles(scope, user, ['pharmacy_write'])
  else if (can_read && !may('debtors.read')) await addRoles(scope, user, ['pharmacy_read'])
  await grantOutlet(scope, user.id, { outlet_id: pharmacy_id, can_read: can_read || can_write, can_write })
  return {
    user_id: user.id,
    username: user.username,
    pharmacy_id,
    pharmacy_name: pharmacy.name,
    can_read: can_read || can_write,
    can_write,
  }
}

export async function revoke(scope: Scope, user: UserRow, pharmacyId: number) {
  const pharmacy = await openPharmacy(scope, pharmacyId)
  if (!(await revokeOutlet(scope, user.id, pharmacyId)))
    throw new Refusal(404, 'not_found', `${user.username} has no access to ${pharmacy.name}.`)
  return { message: `${user.username} no longer has access to ${pharmacy.name}.` }
}

// ---- the clients' administration ------------------------------------------------------------------------------------

const holds = (user: UserRow, ...permissions: string[]) =>
  user.is_superuser || user.roles.some((role) => permissions.some((each) => role.permissions.includes(each)))

/** As sign-in tells it: an administrator changes roles; the audit trail and bonuses are accounting's. */
export const wireUser = (user: UserRow) => ({
  user_id: user.id,
  username: user.username,
  email: user.email,
  is_admin: holds(user, 'roles.write'),
  is_accounting: holds(user, 'audit.read', 'bonuses.read'),
  is_active: user.is_active,
  created_at: user.created_at,
})

const rolesFor = (input: {
  can_write?: boolean
  is_admin?: boolean | undefined
  is_accounting?: boolean | undefined
}) => [
  input.can_write ? 'pharmacy_write' : 'pharmacy_read',
  ...(input.is_admin ? ['tenant_admin'] : []),
  ...(input.is_accounting ? ['accountant'] : []),
]

export async function addUser(
  scope: Scope,
  { pharmacy_ids, can_write, is_admin, is_accounting, ...person }: z.output<typeof NewPharmacyUser>,
) {
  for (const id of pharmacy_ids) await openPharmacy(scope, id, can_write ? 'write' : 'read')
  return createUser(scope, {
    ...person,
    roles: rolesFor({ can_write, is_admin, is_accounting }),
    outlets: [...new Set(pharmacy_ids)].map((outlet_id) => ({ outlet_id, can_write })),
  })
}

export async function changeUser(
  scope: Scope,
  id: number,
  { is_admin, is_accounting, ...changes }: z.output<typeof PharmacyUserChanges>,
) {
  await takeTurn(scope)
  const user = await memberOf(scope, id)
  const codes = new Set(user.roles.map((role) => role.code))
  const before = codes.size
  const put = (code: string, wanted: boolean | undefined) => {
    if (wanted === true) codes.add(code)
    if (wanted === false) codes.delete(code)
  }
  put('tenant_admin', is_admin)
  put('accountant', is_accounting)
  const changed = codes.size !== before
  return updateUser(scope, user, { ...changes, ...(changed ? { roles: [...codes] } : {}) })
}
