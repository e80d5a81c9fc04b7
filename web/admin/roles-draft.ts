import type { Role, RoleInput } from '../wire.ts'

// The matrix is edited freely and saved at once; a draft holds only what differs from what is stored. It remembers the
// role it was begun with: the page may meanwhile have read what somebody else saved, and must not write over it unseen.

export type RoleChange = Partial<
  Pick<Role, 'permissions' | 'row_access' | 'requires_second_factor' | 'name' | 'description'>
>
export type Draft = Record<number, { base: Role; change: RoleChange }>

/** The role as the draft has it. */
export function drafted(role: Role, draft: Draft): Role {
  const mine = draft[role.id]
  return mine ? { ...mine.base, ...mine.change } : role
}

export function toggled(role: Role, draft: Draft, permission: string): Draft {
  const { permissions } = drafted(role, draft)
  const next = permissions.includes(permission)
    ? permissions.filter((one) => one !== permission)
    : [...permissions, permission]
  return changed(role, draft, { permissions: next })
}

/** Adds a change; a role that equals what it was begun with leaves the draft. */
export function changed(role: Role, draft: Draft, change: RoleChange): Draft {
  const base = draft[role.id]?.base ?? role
  const merged = { ...draft[role.id]?.change, ...change }
  const { [role.id]: _before, ...others } = draft
  return sameAs(base, { ...base, ...merged }) ? others : { ...others, [role.id]: { base, change: merged } }
}

function sameAs(one: Role, other: Role): boolean {
  const samePermissions =
    one.permissions.length === other.permissions.length &&
    one.permissions.every((permission) => other.permissions.includes(permission))
  return (
    samePermissions &&
    one.row_access === other.row_access &&
    one.requires_second_factor === other.requires_second_factor &&
    one.name === other.name &&
    one.description === other.description
  )
}

/** What PUT wants: the whole role. */
export function inputOf(role: Role): RoleInput {
  return {
    name: role.name,
    description: role.description,
    permissions: role.permissions,
    row_access: role.row_access as RoleInput['row_access'],
    requires_second_factor: role.requires_second_factor,
  }
}
