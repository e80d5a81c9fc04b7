import { sql } from 'kysely'
import { notFound } from '../../core/errors.ts'
import type { SystemScope, TenantFacts } from '../../core/scope.ts'
import { posightfulCode, presetRank } from './presets.ts'

export type AccountRole = {
  id: number
  code: string
  name: string
  family: string
  description: string
  permissions: string[]
}
/** The signed-in person as every door's answer needs them: themselves, and who they are in the organisation that is open. */
export type Account = {
  id: number
  username: string
  email: string
  full_name: string
  phone_number: string | null
  is_active: boolean
  is_verified: boolean
  is_superuser: boolean
  created_at: string
  last_login: string | null
  has_second_factor: boolean
  tenant: TenantFacts | null
  tenants: { id: number; code: string; name: string }[]
  roles: AccountRole[]
  region: { id: number; name: string; code: string } | null
  department: string | null
}

export async function readAccount(
  system: SystemScope,
  userId: number,
  tenantId: number | null,
): Promise<Account> {
  await system.actingFor(userId, tenantId ?? 0)
  const { rows } = await sql<Account>`
    select u.id, u.username, u.email, u.full_name, u.phone_number, u.is_active, u.is_verified, u.is_superuser, u.created_at,
           u.last_login_at as last_login,
           exists (select from credentials c where c.user_id = u.id and c.totp_confirmed_at is not null) as has_second_factor,
           (select json_build_object('id', t.id, 'name', t.name, 'code', t.code, 'currency', t.currency, 'timezone', t.timezone,
                   'country', t.country, 'financial_year_start', t.financial_year_start, 'ageing_buckets', t.ageing_buckets)
              from tenants t where t.id = ${tenantId}) as tenant,
           coalesce((select json_agg(json_build_object('id', t.id, 'code', t.code, 'name', t.name) order by t.name)
              from memberships m join tenants t on t.id = m.tenant_id
             where m.user_id = u.id and m.is_active and t.is_active), '[]') as tenants,
           coalesce((select json_agg(json_build_object('id', r.id, 'code', r.code, 'name', r.name, 'family', r.family,
                    'description', r.description, 'permissions', r.permissions))
              from membership_roles mr join roles r on r.tenant_id = mr.tenant_id and r.id = mr.role_id
             where mr.tenant_id = ${tenantId} and mr.user_id = u.id), '[]') as roles,
           (select json_build_object('id', g.id, 'name', g.name, 'code', g.code)
              from memberships m join regions g on g.tenant_id = m.tenant_id and g.id = m.region_id
             where m.tenant_id = ${tenantId} and m.user_id = u.id) as region,
           (select d.name from memberships m join departments d on d.tenant_id = m.tenant_id and d.id = m.department_id
             where m.tenant_id = ${tenantId} and m.user_id = u.id) as department
      from users u where u.id = ${userId} and u.deleted_at is null`.execute(system.db)
  const account = rows[0]
  if (!account) throw notFound('User')
  account.created_at = new Date(account.created_at).toISOString()
  account.roles.sort((a, b) => presetRank(a.code) - presetRank(b.code))
  return account
}

// ---- one person in the words of each system --------------------------------------------------------------------------

type Named = { roles: readonly { name: string; family: string }[] }
/** The AR Tracker's role names; somebody without one is known by the names they have. */
export const trackerRoles = ({ roles }: Named) => {
  const own = roles.filter((role) => role.family === 'tracker')
  return (own.length > 0 ? own : roles).map((role) => role.name)
}
/** The Outstanding Tracker's label: Manager, Engineer, Country Manager or Admin; else the first role's name. */
export const outstandingRole = ({ roles }: Named) =>
  (roles.find((role) => role.family === 'outstanding') ?? roles[0])?.name ?? ''

/** FinSentry knows user < manager < admin; told by what the person may do. */
export const finsentryRole = (account: Pick<Account, 'roles' | 'is_superuser'>) => {
  const may = new Set(account.roles.flatMap((role) => role.permissions))
  if (account.is_superuser || may.has('roles.write')) return 'admin' as const
  return may.has('payables.approve') ? ('manager' as const) : ('user' as const)
}

export const trackerUser = (account: Account) => ({
  id: account.id,
  username: account.username,
  email: account.email,
  full_name: account.full_name,
  roles: trackerRoles(account),
})

export const meOf = (account: Account) => ({
  ...trackerUser(account),
  role: finsentryRole(account),
  is_active: account.is_active,
  is_verified: account.is_verified,
  created_at: account.created_at,
  last_login: account.last_login,
  tenant: account.tenant?.id ?? null,
})

export const outstandingUser = (account: Account) => ({
  id: String(account.id),
  name: account.full_name || account.username,
  email: account.email,
  role: outstandingRole(account),
  department: account.department ?? '',
  region: account.region?.code ?? null,
})

export const debtorsUser = (account: Account) => ({
  user_id: account.id,
  username: account.username,
  email: account.email,
  is_admin: account.is_superuser || finsentryRole(account) === 'admin',
  is_accounting: account.roles.some(
    (role) => role.permissions.includes('bonuses.read') || role.permissions.includes('audit.read'),
  ),
})

const drfTime = (iso: string) => iso.slice(0, 19).replace('T', ' ')
export const posightfulUser = (account: Account) => {
  const roles = account.roles.map((role) => ({
    id: role.id,
    code: posightfulCode(role.code),
    name: role.name,
    description: role.description,
    permissions: role.permissions,
  }))
  return {
    id: account.id,
    username: account.username,
    email: account.email,
    phone_number: account.phone_number,
    full_name: account.full_name,
    roles,
    user_role: roles[0] ?? null,
    tenant: account.tenant?.id ?? null,
    is_active: account.is_active,
    is_staff: account.is_superuser || finsentryRole(account) === 'admin',
    created_at: drfTime(account.created_at),
    agent_code: null as string | null,
    region: account.region?.name ?? null,
    supervisor: null as string | null,
  }
}
