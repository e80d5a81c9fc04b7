import { sql } from 'kysely'
import { invalidField, notFound, Refusal } from '../../core/errors.ts'
import type { RowAccess, Scope } from '../../core/scope.ts'
import { assertAdministratorLeft, lockAdministrators, takeTurn } from './administrators.ts'
import { isPermission } from './permissions.ts'
import { presetRank, rolePresets } from './presets.ts'
import { assertMayGrant } from './rules.ts'
import { forgetSessions } from './seen-sessions.ts'

export type RoleRow = {
  id: number
  code: string
  name: string
  family: string
  description: string
  permissions: string[]
  row_access: RowAccess
  requires_second_factor: boolean
  is_preset: boolean
  member_count: number
  version: number
}

export async function listRoles(scope: Scope): Promise<RoleRow[]> {
  const { rows } = await sql<RoleRow>`
    select r.id, r.code, r.name, r.family, r.description, r.permissions, r.row_access, r.requires_second_factor, r.is_preset, r.version,
           (select count(*)::int from membership_roles mr where mr.tenant_id = r.tenant_id and mr.role_id = r.id) as member_count
      from roles r where r.tenant_id = ${scope.tenantId}`.execute(scope.db)
  return rows.sort((a, b) => presetRank(a.code) - presetRank(b.code) || a.name.localeCompare(b.name))
}

export async function getRole(scope: Scope, id: number): Promise<RoleRow> {
  const role = (await listRoles(scope)).find((each) => each.id === id)
  if (!role) throw notFound('Role')
  return role
}

export type RoleInput = {
  name: string
  description: string
  permissions: string[]
  row_access: RowAccess
  requires_second_factor: boolean
}

function checkPermissions(input: RoleInput) {
  const unknown = input.permissions.filter((permission) => !isPermission(permission))
  if (unknown.length > 0)
    throw invalidField('permissions', `There is no permission ${unknown.join(', ')}.`, 'unknown_permission')
}

async function assertNameFree(scope: Scope, name: string, except = 0) {
  const same = (await listRoles(scope)).find(
    (role) => role.id !== except && role.name.toLowerCase() === name.toLowerCase(),
  )
  if (same) throw invalidField('name', 'There is a role of that name already.', 'taken', 409)
}

/** Own roles are numbered within the organisation: names may be of any script, codes may not. */
async function nextCode(scope: Scope): Promise<string> {
  const numbers = (await listRoles(scope)).map((role) => Number(/^own_(\d+)$/.exec(role.code)?.[1] ?? 0))
  return `own_${Math.max(...numbers, 0) + 1}`
}

export async function createRole(scope: Scope, input: RoleInput): Promise<RoleRow> {
  checkPermissions(input)
  assertMayGrant(scope.actor, [input])
  await takeTurn(scope)
  await assertNameFree(scope, input.name)
  const { id } = await scope.db
    .insertInto('roles')
    .values({
      ...input,
      code: await nextCode(scope),
      family: 'ours',
      permissions: [...new Set(input.permissions)],
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await scope.record('role.created', id, { name: input.name, permissions: input.permissions })
  return getRole(scope, id)
}

/** Neither what the role allows now nor what it will allow may exceed the changer; somebody must still administer. */
export async function updateRole(scope: Scope, role: RoleRow, input: RoleInput): Promise<RoleRow> {
  checkPermissions(input)
  assertMayGrant(scope.actor, [role, input])
  if (!role.is_preset && input.name !== role.name) await assertNameFree(scope, input.name, role.id)
  const before = await lockAdministrators(scope)
  await scope.db
    .updateTable('roles')
    .set((expression) => ({
      // The name of a preset is what its system's clients know it by.
      ...(role.is_preset ? {} : { name: input.name }),
      description: input.description,
      permissions: [...new Set(input.permissions)],
      row_access: input.row_access,
      requires_second_factor: input.requires_second_factor,
      version: expression('version', '+', 1),
      updated_at: scope.now,
    }))
    .where('id', '=', role.id)
    .execute()
  await assertAdministratorLeft(scope, before)
  await scope.record('role.updated', role.id, {
    name: role.name,
    added: input.permissions.filter((permission) => !role.permissions.includes(permission)),
    removed: role.permissions.filter((permission) => !input.permissions.includes(permission)),
  })
  forgetSessions()
  return getRole(scope, role.id)
}

export async function removeRole(scope: Scope, role: RoleRow) {
  if (role.is_preset)
    throw new Refusal(
      409,
      'preset_role',
      'A preset role cannot be removed. Take its permissions away instead.',
    )
  if (role.member_count > 0)
    throw new Refusal(
      409,
      'role_in_use',
      `${role.member_count} people have this role. Give them another one first.`,
    )
  assertMayGrant(scope.actor, [role])
  await scope.db.deleteFrom('roles').where('id', '=', role.id).execute()
  await scope.record('role.removed', role.id, { name: role.name })
}

/** The roles every new organisation begins with. */
export async function addPresetRoles(scope: Scope) {
  await scope.db
    .insertInto('roles')
    .values(
      rolePresets.map(({ posightful: _, ...preset }) => ({
        ...preset,
        permissions: [...preset.permissions],
        is_preset: true,
      })),
    )
    .execute()
}
