import { sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'

// Customer accounts of an outlet, for the modules that learn of them elsewhere than in invoices.

export type Account = { key: string; code: string; name: string }

/** The accounts by key, made where they are not known yet. */
export async function accountsOf(
  scope: Scope,
  outletId: number,
  accounts: readonly Account[],
): Promise<Map<string, number>> {
  const keys = accounts.map(({ key }) => key)
  await sql`
    insert into customers (tenant_id, outlet_id, key, code, name, created_at, updated_at)
    select ${scope.tenantId}, ${outletId}, a.key, a.code, a.name, ${scope.now}, ${scope.now}
      from unnest(${keys}::text[], ${accounts.map(({ code }) => code)}::text[], ${accounts.map(({ name }) => name)}::text[])
             with ordinality as a(key, code, name, n)
     order by a.n
    on conflict (tenant_id, outlet_id, key) do nothing`.execute(scope.db)
  const { rows } = await sql<{ id: number; key: string }>`
    select c.id, c.key from customers c
     where c.tenant_id = ${scope.tenantId} and c.outlet_id = ${outletId} and c.key = any(${keys}::text[])`.execute(
    scope.db,
  )
  return new Map(rows.map(({ id, key }) => [key, id]))
}

/**
 * Names and contacts of an outlet's accounts become what its report says. What a person wrote stays; where a report prints no address
 * of a kind at all, what was known before stays too.
 */
export async function adoptReport(
  scope: Scope,
  outletId: number,
  reportId: number,
  prints: { emails: boolean; phones: boolean },
) {
  await sql`
    update customers c
       set name = n.name, email = n.email, phone = n.phone, retracted = false, version = c.version + 1, updated_at = ${scope.now}
      from (select k.id, b.name,
                   case when k.email_by_hand or not ${prints.emails} then k.email else b.stated_email end as email,
                   case when k.phone_by_hand or not ${prints.phones} then k.phone else b.stated_phone end as phone
              from debtor_balances b join customers k on k.tenant_id = ${scope.tenantId} and k.id = b.customer_id
             where b.tenant_id = ${scope.tenantId} and b.outlet_id = ${outletId} and b.report_id = ${reportId}) n
     where c.tenant_id = ${scope.tenantId} and c.id = n.id
       and (c.retracted or (c.name, c.email, c.phone) is distinct from (n.name, n.email, n.phone))`.execute(
    scope.db,
  )
}

export type ContactOf = {
  email: string | null
  phone: string | null
  email_by_hand: boolean
  phone_by_hand: boolean
}
export async function setContact(scope: Scope, id: number, contact: ContactOf) {
  await sql`
    update customers set email = ${contact.email}, phone = ${contact.phone}, email_by_hand = ${contact.email_by_hand},
           phone_by_hand = ${contact.phone_by_hand}, version = version + 1, updated_at = ${scope.now}
     where tenant_id = ${scope.tenantId} and id = ${id}`.execute(scope.db)
}
