import { sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'

export type Member = { id: number; full_name: string; username: string }
type About = { customer_id: number } | { invoice_id: number }

/**
 * The members at work who see an invoice, or the customer by one of its invoices: whom one can call by name there, and give a task
 * about it. The same rule as the policy `row_access` and `rowAccessOf`, read from the other side.
 */
export async function whoSees(scope: Scope, about: About): Promise<Member[]> {
  const invoices =
    'invoice_id' in about ? sql`i.id = ${about.invoice_id}` : sql`i.customer_id = ${about.customer_id}`
  const visible = sql`select from invoices i where i.tenant_id = ${scope.tenantId} and ${invoices} and not i.retracted`
  // Whoever asks sees some of them alone; who else sees which is no secret among members.
  const { rows } = await scope.overAllRows(() =>
    sql<Member>`
      with people as (
        select m.user_id, m.region_id, bool_or(r.row_access = 'all') as sees_all, bool_or(r.row_access = 'region') as sees_region,
               bool_or(r.row_access in ('team', 'outlets')) as sees_none
          from memberships m
          join membership_roles mr on mr.tenant_id = ${scope.tenantId} and mr.user_id = m.user_id
          join roles r on r.tenant_id = ${scope.tenantId} and r.id = mr.role_id
         where m.tenant_id = ${scope.tenantId} and m.is_active and exists (select from unnest(r.permissions) p where p like 'receivables.%')
         group by m.user_id, m.region_id
        having bool_or('receivables.read' = any(r.permissions))
      )
      select u.id, coalesce(nullif(u.full_name, ''), u.username) as full_name, u.username
        from people p join users u on u.id = p.user_id and u.deleted_at is null and u.is_active
       where p.sees_all
          or p.sees_region and exists (${visible} and i.region_key = p.region_id)
          or not p.sees_region and not p.sees_none and exists (${visible} and (i.assigned_key = p.user_id or exists (
             select from disputes d where d.tenant_id = ${scope.tenantId} and d.invoice_id = i.id and d.owner_id = p.user_id and d.closed_on is null)))
       order by lower(coalesce(nullif(u.full_name, ''), u.username)), u.id`.execute(scope.db),
  )
  return rows
}

/** A condition over a row that hangs on a customer (and perhaps on one invoice): the caller sees what it hangs on. */
export const hangsOnVisible = (
  scope: Scope,
  customer: ReturnType<typeof sql>,
  invoice: ReturnType<typeof sql>,
) => sql`exists (select from invoices seen where seen.tenant_id = ${scope.tenantId} and seen.customer_id = ${customer}
                    and not seen.retracted and (${invoice} is null or seen.id = ${invoice}))`
