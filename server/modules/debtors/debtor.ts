import { sql } from 'kysely'
import type { z } from 'zod'
import { notFound } from '../../core/errors.ts'
import { wireNumber } from '../../core/money.ts'
import type { Scope } from '../../core/scope.ts'
import { setContact } from '../receivables/accounts.ts'
import { type DebtorRow, debtorRows, detailedDebtor } from './debtors.ts'
import type { OpenPharmacy } from './pharmacies.ts'
import { BUCKETS } from './report/types.ts'
import type { ContactChanges, DebtorPage } from './schemas.ts'

export type Account = {
  id: number
  code: string | null
  name: string
  email: string | null
  phone: string | null
  email_by_hand: boolean
  phone_by_hand: boolean
  version: number
  created_at: string
  updated_at: string
}

/** An account of this pharmacy, in its list or not. `toEdit` holds the row until the edit is done. */
export async function requireDebtor(
  scope: Scope,
  pharmacy: OpenPharmacy,
  id: number,
  options: { toEdit?: boolean } = {},
): Promise<Account> {
  const { rows } = await scope.overAllRows(() =>
    sql<Account>`
      select c.id, c.code, c.name, c.email, c.phone, c.email_by_hand, c.phone_by_hand, c.version, c.created_at, c.updated_at
        from customers c
       where c.tenant_id = ${scope.tenantId} and c.id = ${id} and not c.retracted
         and (c.outlet_id = ${pharmacy.id} or c.outlet_id is null and exists (
               select from invoices i where i.tenant_id = ${scope.tenantId} and i.customer_id = c.id and i.outlet_id = ${pharmacy.id}))
       ${options.toEdit ? sql`for no key update of c` : sql``}`.execute(scope.db),
  )
  if (!rows[0]) throw notFound('This debtor')
  return rows[0]
}

const nothing = Object.fromEntries([...BUCKETS, 'balance', 'arrears'].map((column) => [column, 0]))

/** The debtor as in the list, or with nothing owed when they are in it no more; and their balance in every report. */
export async function debtorPage(
  scope: Scope,
  pharmacy: OpenPharmacy,
  id: number,
): Promise<z.input<typeof DebtorPage>> {
  const account = await requireDebtor(scope, pharmacy, id)
  const [[row], history] = await Promise.all([
    debtorRows(scope, pharmacy, { debtor_ids: [id], exclude_medical_aid: false }),
    historyOf(scope, pharmacy, id),
  ])
  const absent = {
    ...nothing,
    ...account,
    report_id: null,
    acc_no: account.code ?? '',
    stated_email: null,
    stated_phone: null,
    is_medical_aid_control: false,
    is_control: false,
    sub_of: null,
    page: null,
    line: null,
    confidence: null,
    notes: [],
  } as unknown as DebtorRow
  return { ...detailedDebtor(scope, pharmacy, row ?? absent), is_absent: row === undefined, history }
}

async function historyOf(scope: Scope, pharmacy: OpenPharmacy, id: number) {
  const figures = [...BUCKETS, 'balance'] as const
  type Row = Record<(typeof figures)[number], number> & {
    report_id: number
    report_date: string | null
    uploaded_at: string
  }
  const { rows } = await sql<Row>`
    select b.report_id, r.report_date, r.uploaded_at, ${sql.join(figures.map((column) => sql.ref(`b.${column}`)))}
      from debtor_balances b
      join debtor_reports r on r.tenant_id = ${scope.tenantId} and r.id = b.report_id and r.status = 'completed'
     where b.tenant_id = ${scope.tenantId} and b.customer_id = ${id} and b.outlet_id = ${pharmacy.id}
     order by b.report_id desc limit 120`.execute(scope.db)
  return rows.map(({ report_id, report_date, uploaded_at, ...row }) => ({
    report_id,
    report_date,
    uploaded_at,
    is_current: report_id === pharmacy.report_id,
    ...(Object.fromEntries(
      figures.map((column) => [column, wireNumber(row[column], scope.tenant.currency)]),
    ) as Record<(typeof figures)[number], number>),
  }))
}

/** Writes a contact by hand, or goes back to what the report says. The event keeps what was there, so that it can be undone. */
export async function changeContact(
  scope: Scope,
  pharmacy: OpenPharmacy,
  before: Account,
  changes: z.output<typeof ContactChanges>,
) {
  const after = {
    email: before.email,
    phone: before.phone,
    email_by_hand: before.email_by_hand,
    phone_by_hand: before.phone_by_hand,
  }
  const stated = changes.as_reported?.length ? await statedContact(scope, pharmacy, before.id) : null
  for (const field of ['email', 'phone'] as const) {
    const written = changes[field]
    if (written !== undefined) {
      after[field] = written
      after[`${field}_by_hand`] = true
    } else if (changes.as_reported?.includes(field)) {
      after[field] = stated?.[field] ?? null
      after[`${field}_by_hand`] = false
    }
  }
  const fields = (['email', 'phone', 'email_by_hand', 'phone_by_hand'] as const).filter(
    (field) => after[field] !== before[field],
  )
  if (fields.length === 0) return
  await setContact(scope, before.id, after)
  await scope.db
    .updateTable('debtor_balances')
    .set({ email: after.email, phone: after.phone })
    .where('outlet_id', '=', pharmacy.id)
    .where('report_id', '=', pharmacy.report_id ?? 0)
    .where('customer_id', '=', before.id)
    .execute()
  await scope.record('debtor.contact_changed', before.id, {
    pharmacy_id: pharmacy.id,
    changed: Object.fromEntries(fields.map((field) => [field, { from: before[field], to: after[field] }])),
  })
}

/** What the newest report that knows the account prints. */
async function statedContact(scope: Scope, pharmacy: OpenPharmacy, id: number) {
  const { rows } = await sql<{ email: string | null; phone: string | null }>`
    select b.stated_email as email, b.stated_phone as phone
      from debtor_balances b join debtor_reports r on r.tenant_id = ${scope.tenantId} and r.id = b.report_id and r.status = 'completed'
     where b.tenant_id = ${scope.tenantId} and b.customer_id = ${id} and b.outlet_id = ${pharmacy.id}
     order by b.report_id = ${pharmacy.report_id ?? 0} desc, b.report_id desc limit 1`.execute(scope.db)
  return rows[0] ?? null
}
