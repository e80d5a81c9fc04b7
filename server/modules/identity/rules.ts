import { forbidden, Refusal } from '../../core/errors.ts'
import type { Actor } from '../../core/scope.ts'

/** What one member may do, as far as the rules of administration care. */
export type Strength = { permissions: ReadonlySet<string>; is_superuser: boolean }

/** What `granted` holds beyond what `actor` has; empty means it may be granted. */
export const beyond = (actor: Pick<Actor, 'permissions'>, granted: Iterable<string>) =>
  [...granted].filter((permission) => !actor.permissions.has(permission))

/** Nobody grants a permission they lack. */
export function assertMayGrant(
  actor: Pick<Actor, 'permissions'>,
  roles: { name: string; permissions: string[] }[],
) {
  for (const role of roles) {
    const lacking = beyond(actor, role.permissions)
    if (lacking.length > 0) {
      throw forbidden(
        `You cannot give the role ${role.name}: it allows what you may not do yourself (${lacking.join(', ')}).`,
      )
    }
  }
}

/** Nobody changes a stronger person: one who may do something that the changer may not. */
export function assertMayChange(actor: Pick<Actor, 'permissions' | 'is_superuser'>, target: Strength) {
  const stronger =
    beyond(actor, target.permissions).length > 0 || (target.is_superuser && !actor.is_superuser)
  if (stronger)
    throw forbidden('This person may do more than you, so you cannot change them. Ask an administrator.')
}

export const lastAdministrator = () =>
  new Refusal(
    409,
    'last_administrator',
    'This is the last administrator. Make somebody else an administrator first, then try again.',
  )
