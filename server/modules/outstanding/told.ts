import { sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'
import { listNotifications, markRead } from '../notifications/notifications.ts'

// What people are told in the tracker, as its document has it: managers' remarks and assignments go to the country manager,
// engineers' notes to the manager of the region, a sheet to everybody.

const names: Record<string, string> = {
  outstanding_admin: 'Admin',
  tenant_admin: 'Admin',
  country_manager: 'Country Manager',
  regional_manager: 'Manager',
  engineer: 'Engineer',
}

/** Members at work with one of these roles; of a region where one is named. */
export async function peopleOf(scope: Scope, roles: string[], region_id?: number | null): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select distinct m.user_id as id from memberships m
      join membership_roles x on x.tenant_id = m.tenant_id and x.user_id = m.user_id
      join roles r on r.tenant_id = x.tenant_id and r.id = x.role_id
     where m.tenant_id = ${scope.tenantId} and m.is_active and r.code = any(${roles})
       ${region_id == null ? sql`` : sql`and (m.region_id is null or m.region_id = ${region_id})`}`.execute(
    scope.db,
  )
  return rows.map(({ id }) => id)
}

export const rolesOf = async (scope: Scope, users: number[]): Promise<Map<number, string>> => {
  const codes = Object.keys(names)
  const { rows } = await sql<{ id: number; code: string }>`
    select x.user_id as id, r.code from membership_roles x join roles r on r.tenant_id = x.tenant_id and r.id = x.role_id
     where x.tenant_id = ${scope.tenantId} and x.user_id = any(${users}) and r.code = any(${codes})
     order by x.user_id, array_position(${codes}, r.code) desc`.execute(scope.db)
  return new Map(rows.map(({ id, code }) => [id, names[code]!]))
}

/** What one was told, newest first, as the front end reads it. */
export async function listTold(scope: Scope) {
  const { items } = await listNotifications(scope, { page: 1, page_size: 200 })
  const senders = items.flatMap(({ sender }) => (sender ? [sender.id] : []))
  const roles = await rolesOf(scope, [...senders, scope.userId])
  return items.map((each) => ({
    id: String(each.id),
    from: {
      name: each.sender?.full_name ?? 'Duebook',
      role: (each.sender && roles.get(each.sender.id)) ?? '',
    },
    to: each.data.to === 'all' ? 'all' : (roles.get(scope.userId) ?? ''),
    message: each.text,
    timestamp: each.created_at,
    isRead: each.read_at !== null,
  }))
}

export async function markTold(scope: Scope, id: number) {
  await markRead(scope, id, true)
  return { success: true as const }
}
