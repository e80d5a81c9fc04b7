import type { Me, Role } from '../wire.ts'

/** Permissions of a role that its giver lacks: nobody grants what they lack (the server holds the same rule). */
export function lackingFor(me: Pick<Me, 'permissions'>, permissions: string[]): string[] {
  return permissions.filter((permission) => !me.permissions.includes(permission))
}

/** Roles in the order of a chooser: those of ours first, then by family and name. */
export function byFamily(roles: Role[]): Role[] {
  const rank = (role: Role) => (role.family === 'ours' ? 0 : 1)
  return [...roles].sort(
    (a, b) => rank(a) - rank(b) || a.family.localeCompare(b.family) || a.name.localeCompare(b.name),
  )
}
