import { sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'
import { accountsOf, adoptReport } from '../receivables/accounts.ts'
import { codeKey, nameKey } from '../receivables/rules.ts'
import { changesBetween } from './changes.ts'
import { type StoredTotals, summed } from './debtors.ts'
import type { OpenPharmacy } from './pharmacies.ts'
import { BUCKETS, type Check, type Reading, type ReportRow } from './report/types.ts'
import { namedMedicalAid } from './rules.ts'

// A reading becomes a report: its accounts, its lines, and whether it is the list from now on.

/** One report of a pharmacy at a time becomes its list. */
export async function takeTurn(scope: Scope, pharmacy: OpenPharmacy): Promise<number | null> {
  // Nothing is known yet of rows that are only now written: a plan for a few of them takes minutes for a hundred thousand.
  await scope.client.query(
    `set local enable_nestloop = off; set local work_mem = '64MB'; set local jit = off`,
  )
  await sql`insert into pharmacies (tenant_id, outlet_id) values (${scope.tenantId}, ${pharmacy.id}) on conflict do nothing`.execute(
    scope.db,
  )
  const { rows } = await sql<{ report_id: number | null }>`
    select report_id from pharmacies where tenant_id = ${scope.tenantId} and outlet_id = ${pharmacy.id} for update`.execute(
    scope.db,
  )
  return rows[0]!.report_id
}

type Row = ReportRow & { key: string; row: number }

/**
 * The rows with the key that holds an account from month to month: its number, or its name where a report has none. What stands twice
 * under one number and name is one account; another name under the same number is another account.
 */
export function accountRows(rows: readonly ReportRow[]): Row[] {
  const byKey = new Map<string, Row>()
  for (const [row, each] of rows.entries()) {
    const acc_no = each.acc_no.trim().slice(0, 100)
    const plain = acc_no === '' ? nameKey(each.name) : codeKey(acc_no).slice(0, 200)
    const known = byKey.get(plain)
    const key =
      known && known.name !== each.name ? `${plain.slice(0, 100)}${nameKey(each.name).slice(0, 119)}` : plain
    const same = byKey.get(key)
    if (!same) {
      byKey.set(key, {
        ...each,
        acc_no,
        name: each.name.slice(0, 300),
        key,
        row,
        buckets: { ...each.buckets },
      })
      continue
    }
    for (const bucket of BUCKETS) same.buckets[bucket] += each.buckets[bucket]
    same.balance += each.balance
    same.email ??= each.email
    same.phone ??= each.phone
    same.notes = [...same.notes, 'Stands in the report more than once; the amounts were added up.']
  }
  return [...byKey.values()]
}

/** The checks that a person looks at: printed totals, and rows that do not add up. */
const keptChecks = (checks: readonly Check[]) =>
  checks.filter((check) => check.what !== 'row' || !check.agrees)
export const difference = (checks: readonly Check[]) =>
  checks.reduce((most, { printed, summed }) => Math.max(most, Math.abs(printed - summed)), 0)

/**
 * Writes what was read under a report that is `processing`. One that adds up becomes the list; the other waits for a person, and the list
 * before it stays.
 */
export async function storeReading(scope: Scope, pharmacy: OpenPharmacy, reportId: number, reading: Reading) {
  const previous = await takeTurn(scope, pharmacy)
  const rows = accountRows(reading.rows)
  const warnings = [...reading.warnings]
  const ids = await accountsOf(
    scope,
    pharmacy.id,
    rows.map(({ key, acc_no, name }) => ({
      key,
      code: acc_no || key.slice(0, 100),
      name: name || acc_no || key,
    })),
  )
  const prints = printsOf(rows)
  const of = <T>(value: (row: Row) => T) => rows.map(value)
  const amounts = [...BUCKETS, 'balance'] as const
  const amount = (row: Row, column: (typeof amounts)[number]) =>
    column === 'balance' ? row.balance : row.buckets[column]
  await sql`delete from debtor_balances where tenant_id = ${scope.tenantId} and outlet_id = ${pharmacy.id} and report_id = ${reportId}`.execute(
    scope.db,
  )
  await sql`
    insert into debtor_balances (tenant_id, outlet_id, report_id, customer_id, row, acc_no, name, name_key, ${sql.join(amounts.map((column) => sql.ref(column)))},
      email, phone, stated_email, stated_phone, is_medical_aid_control, is_control, read_as_medical_aid, sub_of, page, line, confidence, notes)
    select ${scope.tenantId}, ${pharmacy.id}, ${reportId}, n.customer_id, n.row, n.acc_no, n.name, lower(n.name), ${sql.join(amounts.map((column) => sql.ref(`n.${column}`)))},
           case when c.email_by_hand or not ${prints.emails} then c.email else n.email end,
           case when c.phone_by_hand or not ${prints.phones} then c.phone else n.phone end,
           n.email, n.phone, n.is_medical, n.is_control, n.read_as_medical, n.sub_of, n.page, n.line, n.confidence,
           array(select jsonb_array_elements_text(n.notes::jsonb))
      from unnest(${of(({ key }) => ids.get(key)!)}::bigint[], ${of(({ row }) => row)}::int[], ${of(({ acc_no }) => acc_no)}::text[],
                  ${of(({ name, acc_no, key }) => name || acc_no || key)}::text[],
                  ${sql.join(amounts.map((column) => sql`${of((row) => amount(row, column))}::bigint[]`))},
                  ${of(({ email }) => email?.slice(0, 254) ?? null)}::text[], ${of(({ phone }) => phone?.slice(0, 60) ?? null)}::text[],
                  ${of((row) => row.is_medical_aid_control || namedMedicalAid(row, pharmacy.medical_aid))}::boolean[],
                  ${of((row) => row.is_control || row.is_medical_aid_control)}::boolean[],
                  ${of((row) => row.is_medical_aid_control)}::boolean[], ${of(({ sub_of }) => sub_of?.slice(0, 300) ?? null)}::text[],
                  ${of(({ page }) => page)}::int[], ${of(({ line }) => line)}::int[], ${of(({ confidence }) => confidence)}::real[],
                  ${of(({ notes }) => JSON.stringify(notes))}::text[])
           as n(customer_id, row, acc_no, name, ${sql.join(amounts.map((column) => sql.ref(column)))}, email, phone, is_medical, is_control,
                read_as_medical, sub_of, page, line, confidence, notes)
      join customers c on c.tenant_id = ${scope.tenantId} and c.id = n.customer_id`.execute(scope.db)
  await storeLines(scope, pharmacy, reportId, reading)

  const totals = await countTotals(scope, pharmacy, reportId)
  const changes = await changesBetween(scope, pharmacy, previous, reportId)
  if (changes.previous_id !== null && changes.new === totals.listed.accounts && changes.new > 0)
    warnings.push('None of its accounts was in the report before: make sure that it is of this pharmacy.')
  const before = previous === null ? undefined : await dateOf(scope, previous)
  if (before && reading.report_date && reading.report_date < before)
    warnings.push(`It is of ${reading.report_date}, older than the list it follows, which is of ${before}.`)
  const isAccepted = reading.agrees && reading.questions.length === 0
  await scope.db
    .updateTable('debtor_reports')
    .set({
      status: isAccepted ? 'completed' : 'needs_review',
      error_code: null,
      error_message: null,
      report_date: reading.report_date,
      title: reading.title?.slice(0, 500) ?? null,
      layout: reading.layout.slice(0, 200) || 'plain',
      how: reading.how,
      agrees: reading.agrees,
      difference: difference(reading.checks),
      checks: JSON.stringify(keptChecks(reading.checks)),
      columns: JSON.stringify(reading.columns),
      questions: JSON.stringify(reading.questions),
      pages: JSON.stringify(reading.pages),
      warnings: JSON.stringify(warnings),
      previous_id: previous,
      changes: JSON.stringify(changes),
    })
    .where('id', '=', reportId)
    .execute()
  await scope.record(isAccepted ? 'debtor_report.completed' : 'debtor_report.held', reportId, {
    pharmacy_id: pharmacy.id,
    accounts: totals.listed.accounts,
    outstanding: totals.listed.balance,
    new: changes.new,
    settled: changes.settled,
  })
  if (isAccepted) await makeCurrent(scope, pharmacy, reportId)
}

async function dateOf(scope: Scope, reportId: number) {
  const row = await scope.db
    .selectFrom('debtor_reports')
    .select('report_date')
    .where('id', '=', reportId)
    .executeTakeFirst()
  return row?.report_date ?? undefined
}

const printsOf = (rows: readonly { email: string | null; phone: string | null }[]) => ({
  emails: rows.some(({ email }) => email !== null),
  phones: rows.some(({ phone }) => phone !== null),
})

async function storeLines(scope: Scope, pharmacy: OpenPharmacy, reportId: number, { lines }: Reading) {
  await sql`delete from debtor_report_lines where tenant_id = ${scope.tenantId} and outlet_id = ${pharmacy.id} and report_id = ${reportId}`.execute(
    scope.db,
  )
  const of = <T>(value: (line: Reading['lines'][number], at: number) => T) => lines.map(value)
  await sql`
    insert into debtor_report_lines (tenant_id, outlet_id, report_id, line, page, text, kind, reason, row, x0, y0, width, height)
    select ${scope.tenantId}, ${pharmacy.id}, ${reportId}, n.*
      from unnest(${of((_, at) => at)}::int[], ${of(({ page }) => page)}::int[], ${of(({ text }) => text.replaceAll('\0', '').slice(0, 4_000))}::text[],
                  ${of(({ kind }) => kind)}::text[], ${of(({ reason }) => reason)}::text[], ${of(({ row }) => row)}::int[],
                  ${of(({ box }) => box.x)}::real[], ${of(({ box }) => box.y)}::real[], ${of(({ box }) => box.width)}::real[],
                  ${of(({ box }) => box.height)}::real[]) as n`.execute(scope.db)
}

/** Counts a report anew: when it is stored, and when the pharmacy's list of medical-aid accounts changes. */
export async function countTotals(
  scope: Scope,
  pharmacy: OpenPharmacy,
  reportId: number,
): Promise<StoredTotals> {
  const rows = sql`(select * from debtor_balances where tenant_id = ${scope.tenantId} and outlet_id = ${pharmacy.id} and report_id = ${reportId})`
  const [all, listed] = await Promise.all([
    summed(rows, []).execute(scope.db),
    summed(rows, [sql`not b.is_medical_aid_control`]).execute(scope.db),
  ])
  const totals: StoredTotals = { all: all.rows[0]!, listed: listed.rows[0]! }
  await scope.db
    .updateTable('debtor_reports')
    .set({
      totals: JSON.stringify(totals),
      total_accounts: totals.listed.accounts,
      total_outstanding: totals.listed.balance,
    })
    .where('id', '=', reportId)
    .execute()
  return totals
}

/** This report is the list from now on, and names and contacts of its accounts follow it. */
export async function makeCurrent(scope: Scope, pharmacy: OpenPharmacy, reportId: number) {
  await scope.db
    .updateTable('pharmacies')
    .set((row) => ({ report_id: reportId, version: row('version', '+', 1), updated_at: scope.now }))
    .where('outlet_id', '=', pharmacy.id)
    .execute()
  pharmacy.report_id = reportId
  const { rows } = await sql<{ emails: boolean; phones: boolean }>`
    select count(stated_email) > 0 as emails, count(stated_phone) > 0 as phones from debtor_balances
     where tenant_id = ${scope.tenantId} and outlet_id = ${pharmacy.id} and report_id = ${reportId}`.execute(
    scope.db,
  )
  await adoptReport(scope, pharmacy.id, reportId, rows[0]!)
  await sql`
    update debtor_balances b set email = c.email, phone = c.phone
      from customers c
     where b.tenant_id = ${scope.tenantId} and b.outlet_id = ${pharmacy.id} and b.report_id = ${reportId}
       and c.tenant_id = ${scope.tenantId} and c.id = b.customer_id and (b.email, b.phone) is distinct from (c.email, c.phone)`.execute(
    scope.db,
  )
}

/** The pharmacy's own list of medical-aid accounts has changed: its current report is marked by it. */
export async function markMedicalAid(scope: Scope, pharmacy: OpenPharmacy, names: readonly string[]) {
  const reportId = pharmacy.report_id
  if (reportId === null) return
  const { rows } = await sql<{
    customer_id: number
    acc_no: string
    name: string
    read: boolean
    marked: boolean
  }>`
    select customer_id, acc_no, name, read_as_medical_aid as read, is_medical_aid_control as marked from debtor_balances
     where tenant_id = ${scope.tenantId} and outlet_id = ${pharmacy.id} and report_id = ${reportId}`.execute(
    scope.db,
  )
  const changed = rows.filter((row) => (row.read || namedMedicalAid(row, names)) !== row.marked)
  if (changed.length === 0) return
  await sql`
    update debtor_balances set is_medical_aid_control = not is_medical_aid_control
     where tenant_id = ${scope.tenantId} and outlet_id = ${pharmacy.id} and report_id = ${reportId}
       and customer_id = any(${changed.map(({ customer_id }) => customer_id)}::bigint[])`.execute(scope.db)
  await countTotals(scope, pharmacy, reportId)
}
