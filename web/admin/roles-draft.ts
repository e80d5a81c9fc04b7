import type { Role, RoleInput } from '../wire.ts'

// The matrix is edited freely and saved at once; a draft holds only what differs from what is stored.

export type RoleChange = Partial<
  Pick<Role, 'permissions' | 'row_access' | 'requires_second_factor' | 'name' | 'description'>
>
export type Draft = Record<number, RoleChange>

export function toggled(role: Role, draft: Draft, permission: string): Draft {
  const current = draft[role.id]?.permissions ?? role.permissions
  const next = current.includes(permission)
    ? current.filter((one) => one !== permission)
    : [...current, permission]
  return changed(role, draft, { permissions: next })
}

/** Adds a change; a role that equals what is stored leaves the draft. */
export function changed(role: Role, draft: Draft, change: RoleChange): Draft {
  const merged = { ...draft[role.id], ...change }
  const { [role.id]: _before, ...others } = draft
  return sameAs(role, merged) ? others : { ...others, [role.id]: merged }
}

function sameAs(role: Role, change: RoleChange): boolean {
  const permissions = change.permissions ?? role.permissions
  const same =
    permissions.length === role.permissions.length &&
    permissions.every((one) => role.permissions.includes(one))
  return (
    same &&
    (change.row_access ?? role.row_access) === role.row_access &&
    (change.requires_second_factor ?? role.requires_second_factor) === role.requires_second_factor &&
    (change.name ?? role.name) === role.name &&
    (change.description ?? role.description) === role.description
  )
}

/** What PUT wants: the whole role with its changes. */
export function inputOf(role: Role, change: RoleChange): RoleInput {
  return {
    name: change.name ?? role.name,
    description: change.description ?? role.description,
    permissions: change.permissions ?? role.permissions,
    row_access: (change.row_access ?? role.row_access) as RoleInput['row_access'],
    requires_second_factor: change.requires_second_factor ?? role.requires_second_factor,
  }
}
