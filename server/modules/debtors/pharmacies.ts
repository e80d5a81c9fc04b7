import { sql } from 'kysely'
import { Refusal } from '../../core/errors.ts'
import { wireNumber } from '../../core/money.ts'
import type { Scope } from '../../core/scope.ts'
import { createOutlet, getPlace, updatePlace } from '../tenancy/places.ts'
import type { PharmacyChanges } from './schemas.ts'

/** A pharmacy is an outlet of that kind, with what its reminders say of it. */
export type OpenPharmacy = {
  id: number
  name: string
  code: string | null
  address: string | null
  email: string | null
  phone: string | null
  is_active: boolean
  bank_name: string | null
  banking_account: string | null
  medical_aid: string[]
  /** The report that is its list; null while there is none. */
  report_id: number | null
  version: number
  can_read: boolean
  can_write: boolean
}

/**
 * The pharmacy, opened: from here on the transaction sees its debtors. Everything about debtors begins with this call.
 * @throws Refusal 404 when the organisation has none of this id, 403 when the caller may not read it, or not write it.
 */
export async function openPharmacy(
  scope: Scope,
  id: number,
  action: 'read' | 'write' = 'read',
): Promise<OpenPharmacy> {
  const all = scope.actor.sees_all_outlets === true
  const { rows } = await sql<OpenPharmacy>`
    select o.id, o.name, o.code, o.address, o.email, o.phone, o.is_active, p.bank_name, p.banking_account,
           coalesce(p.medical_aid, '{}') as medical_aid, p.report_id, o.version + coalesce(p.version, 1) - 1 as version,
           ${all} or coalesce(a.can_read, false) as can_read, ${all} or coalesce(a.can_read and a.can_write, false) as can_write
      from outlets o
      left join pharmacies p on p.tenant_id = ${scope.tenantId} and p.outlet_id = o.id
      left join outlet_access a on a.tenant_id = ${scope.tenantId} and a.outlet_id = o.id and a.user_id = ${scope.userId}
     where o.tenant_id = ${scope.tenantId} and o.id = ${id} and o.kind = 'pharmacy'`.execute(scope.db)
  const pharmacy = rows[0]
  if (!pharmacy) throw new Refusal(404, 'not_found', 'Pharmacy not found.')
  if (!pharmacy.can_read)
    throw new Refusal(403, 'forbidden', `Access denied: you have no access to ${pharmacy.name}.`)
  if (action === 'write' && !pharmacy.can_write)
    throw new Refusal(403, 'forbidden', `Access denied: you may read ${pharmacy.name}, but not write there.`)
  await scope.seeOutlet(id)
  return pharmacy
}

type Listed = {
  pharmacy_id: number
  name: string
  can_read: boolean
  can_write: boolean
  is_active: boolean
  report: {
    id: number
    report_date: string | null
    uploaded_at: string
    total_accounts: number
    total_outstanding: number
  } | null
  needs_review: number
}

/** The pharmacies that the caller may read, each with its list of now. */
export function listPharmacies(scope: Scope, { include_inactive }: { include_inactive?: boolean } = {}) {
  const all = scope.actor.sees_all_outlets === true
  const { tenantId } = scope
  return scope.overAllRows(async () => {
    const { rows } = await sql<Listed>`
      select o.id as pharmacy_id, o.name, true as can_read, ${all} or coalesce(a.can_write, false) as can_write, o.is_active,
             case when r.id is not null then json_build_object('id', r.id, 'report_date', r.report_date, 'uploaded_at', r.uploaded_at,
               'total_accounts', r.total_accounts, 'total_outstanding', r.total_outstanding) end as report,
             (select count(*)::int from debtor_reports w where w.tenant_id = ${tenantId} and w.outlet_id = o.id and w.status = 'needs_review') as needs_review
        from outlets o
        left join pharmacies p on p.tenant_id = ${tenantId} and p.outlet_id = o.id
        left join debtor_reports r on r.tenant_id = ${tenantId} and r.id = p.report_id
        left join outlet_access a on a.tenant_id = ${tenantId} and a.outlet_id = o.id and a.user_id = ${scope.userId}
       where o.tenant_id = ${tenantId} and o.kind = 'pharmacy' and (${all} or a.can_read)
         and (o.is_active or ${include_inactive ?? false})
       order by lower(o.name), o.id`.execute(scope.db)
    for (const { report } of rows)
      if (report) report.total_outstanding = wireNumber(report.total_outstanding, scope.tenant.currency)
    return rows
  })
}

export async function createPharmacy(scope: Scope, input: PharmacyChanges & { name: string }) {
  const { name, code, address, email, phone, is_active } = input
  const outlet = await createOutlet(scope, { name, code, address, email, phone, is_active, kind: 'pharmacy' })
  await writeSettings(scope, outlet.id, input)
  return outlet.id
}

/** Changes a pharmacy. Names, addresses and bank details are an administrator's; who works its debtors keeps its medical-aid list. */
export async function changePharmacy(scope: Scope, pharmacy: OpenPharmacy, changes: PharmacyChanges) {
  const others = Object.keys(changes).filter((key) => key !== 'medical_aid')
  if (others.length > 0)
    scope.require(
      'settings.write',
      `Only an administrator may change these of a pharmacy: ${others.join(', ')}.`,
    )
  const { name, code, address, email, phone, is_active } = changes
  const place = { name, code, address, email, phone, is_active }
  if (Object.values(place).some((value) => value !== undefined)) {
    const before = await getPlace(scope, 'outlets', pharmacy.id, { toEdit: true })
    await updatePlace(scope, 'outlets', before, { ...place, name: name ?? before.name, kind: 'pharmacy' })
  }
  await writeSettings(scope, pharmacy.id, changes)
}

async function writeSettings(scope: Scope, id: number, changes: PharmacyChanges) {
  const { bank_name, banking_account, medical_aid } = changes
  const given = { bank_name, banking_account, medical_aid }
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  if (Object.keys(set).length === 0) return
  await scope.db
    .insertInto('pharmacies')
    .values({ outlet_id: id, ...set, updated_at: scope.now })
    .onConflict((conflict) =>
      conflict.columns(['tenant_id', 'outlet_id']).doUpdateSet((row) => ({
        ...set,
        version: row('pharmacies.version', '+', 1),
        updated_at: scope.now,
      })),
    )
    .execute()
  await scope.record('pharmacy.changed', id, set)
}
