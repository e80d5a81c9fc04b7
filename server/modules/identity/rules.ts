import { forbidden, Refusal } from '../../core/errors.ts'
import type { Actor, RowAccess } from '../../core/scope.ts'

/** What one member may do, as far as the rules of administration care. */
export type Strength = { permissions: ReadonlySet<string>; row_access: RowAccess; is_superuser: boolean }

const widest: RowAccess[] = ['all', 'region', 'team', 'outlets', 'assigned']
/**
 * The rows that somebody with these roles sees: those of the role that shows most. Receivables are the one area whose tables
 * follow row access, so a role of another area opens none of them: an approver of vendor invoices who is also a biller
 * sees a biller's invoices.
 */
export const rowAccessOf = (
  roles: readonly { row_access: RowAccess; permissions: readonly string[] }[],
): RowAccess => {
  const speaking = roles.filter((role) => role.permissions.some((each) => each.startsWith('receivables.')))
  return widest.find((access) => speaking.some((role) => role.row_access === access)) ?? 'assigned'
}

/** Debtors follow the outlets of a person, unless a role of that area shows all rows. */
export const showsEveryOutlet = (role: { row_access: RowAccess; permissions: readonly string[] }): boolean =>
  role.row_access === 'all' && role.permissions.some((each) => each.startsWith('debtors.'))

/** Kinds of rows do not compare, except that `all` holds every other and `assigned` is held by every other. */
const seesNoMore = (actor: Pick<Actor, 'row_access'>, access: RowAccess) =>
  actor.row_access === 'all' || access === actor.row_access || access === 'assigned'

/** What `granted` holds beyond what `actor` has; empty means it may be granted. */
export const beyond = (actor: Pick<Actor, 'permissions'>, granted: Iterable<string>) =>
  [...granted].filter((permission) => !actor.permissions.has(permission))

/** Nobody grants a permission they lack, or rows they do not see. */
export function assertMayGrant(
  actor: Pick<Actor, 'permissions' | 'row_access' | 'sees_all_outlets'>,
  roles: { name: string; permissions: string[]; row_access: RowAccess }[],
) {
  for (const role of roles) {
    if (!seesNoMore(actor, rowAccessOf([role])) || (showsEveryOutlet(role) && !actor.sees_all_outlets))
      throw forbidden(`You cannot give the role ${role.name}: it shows more than you see yourself.`)
    const lacking = beyond(actor, role.permissions)
    if (lacking.length > 0) {
      throw forbidden(
        `You cannot give the role ${role.name}: it allows what you may not do yourself (${lacking.join(', ')}).`,
      )
    }
  }
}

/** Nobody changes a stronger person: one who may do something that the changer may not. */
export function assertMayChange(
  actor: Pick<Actor, 'permissions' | 'row_access' | 'is_superuser'>,
  target: Strength,
) {
  const stronger =
    beyond(actor, target.permissions).length > 0 ||
    !seesNoMore(actor, target.row_access) ||
    (target.is_superuser && !actor.is_superuser)
  if (stronger)
    throw forbidden('This person may do more than you, so you cannot change them. Ask an administrator.')
}

export const lastAdministrator = () =>
  new Refusal(
    409,
    'last_administrator',
    'This is the last administrator. Make somebody else an administrator first, then try again.',
  )
