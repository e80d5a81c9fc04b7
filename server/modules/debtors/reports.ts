import { createReadStream } from 'node:fs'
import { sql } from 'kysely'
import type { z } from 'zod'
import type { OwnHttp } from '../../core/api.ts'
import { notFound, Refusal } from '../../core/errors.ts'
import type { Files } from '../../core/files.ts'
import { wireNumber } from '../../core/money.ts'
import { paged } from '../../core/schema.ts'
import type { Scope } from '../../core/scope.ts'
import { keepsFile } from '../imports/kept.ts'
import { listChanges, type StoredChanges, wireChanges } from './changes.ts'
import { debtorRows, type StoredTotals, wireDebtor } from './debtors.ts'
import type { OpenPharmacy } from './pharmacies.ts'
import { BUCKETS, type Check, type Reading } from './report/types.ts'
import type { ChangeQuery, LineQuery, Report, ReportDetails, ReportLine } from './schemas.ts'
import { makeCurrent, takeTurn } from './store.ts'

type Status = z.output<typeof Report>['status']
export type KeptReport = {
  id: number
  outlet_id: number
  file_name: string
  file_sha256: string
  file_size: number
  mime: string
  status: Status
  error_message: string | null
  report_date: string | null
  title: string | null
  layout: string | null
  how: Reading['how'] | null
  agrees: boolean | null
  difference: number | null
  checks: Check[]
  columns: Reading['columns']
  questions: Reading['questions']
  pages: Reading['pages']
  warnings: string[]
  total_accounts: number
  total_outstanding: number
  totals: Partial<StoredTotals>
  previous_id: number | null
  changes: StoredChanges | Record<string, never>
  uploaded_at: string
  decided_at: string | null
  uploaded_by_name: string | null
  decided_by_name: string | null
}

// ---- progress: a fact of this process, written nowhere --------------------------------------------------------------

const reading = new Map<number, { page: number; of: number }>()
export const progressOf = (id: number) => reading.get(id) ?? null

/** Heard at once by whoever listens. */
export async function tellProgress(scope: Scope, id: number, pharmacyId: number, page: number, of: number) {
  const notice = {
    tenant_id: scope.tenantId,
    id: null,
    kind: 'debtor_report.progressed',
    subject: 'debtor_report',
    subject_id: id,
    pharmacy_id: pharmacyId,
    page,
    of,
  }
  await sql`select pg_notify('duebook', ${JSON.stringify(notice)})`.execute(scope.db)
}
export const setProgress = (id: number, page: number, of: number) => reading.set(id, { page, of })
export const endProgress = (id: number) => reading.delete(id)

// ---- reports --------------------------------------------------------------------------------------------------------

const kept = (scope: Scope, pharmacy: OpenPharmacy, condition = sql`true`, limit = sql``) => sql<KeptReport>`
  select r.*, u.username as uploaded_by_name, d.username as decided_by_name
    from debtor_reports r left join users u on u.id = r.uploaded_by left join users d on d.id = r.decided_by
   where r.tenant_id = ${scope.tenantId} and r.outlet_id = ${pharmacy.id} and ${condition}
   order by r.id desc ${limit}`

export async function requireReport(scope: Scope, pharmacy: OpenPharmacy, id: number): Promise<KeptReport> {
  const { rows } = await kept(scope, pharmacy, sql`r.id = ${id}`).execute(scope.db)
  if (!rows[0]) throw notFound('This report')
  return rows[0]
}

export function wireReport(scope: Scope, pharmacy: OpenPharmacy, row: KeptReport): z.input<typeof Report> {
  const money = (minor: number) => wireNumber(minor, scope.tenant.currency)
  return {
    id: row.id,
    pharmacy_id: pharmacy.id,
    filename: row.file_name,
    uploaded_at: row.uploaded_at,
    uploaded_by: row.uploaded_by_name,
    total_accounts: row.total_accounts,
    total_outstanding: money(row.total_outstanding),
    status: row.status,
    error_message: row.error_message,
    is_current: row.id === pharmacy.report_id,
    report_date: row.report_date,
    title: row.title,
    how: row.how,
    agrees: row.agrees,
    difference: row.difference === null ? null : money(row.difference),
    changes: 'new' in row.changes ? wireChanges(scope, row.changes as StoredChanges) : null,
    progress: row.status === 'processing' ? progressOf(row.id) : null,
    decided_by: row.decided_by_name,
    decided_at: row.decided_at,
  }
}

/** Newest first. */
export async function listReports(scope: Scope, pharmacy: OpenPharmacy) {
  const { rows } = await kept(scope, pharmacy, sql`true`, sql`limit 500`).execute(scope.db)
  return rows.map((row) => wireReport(scope, pharmacy, row))
}

const wireCheck = (scope: Scope, check: Check) => ({
  ...check,
  printed: wireNumber(check.printed, scope.tenant.currency),
  summed: wireNumber(check.summed, scope.tenant.currency),
})

export async function reportDetails(
  scope: Scope,
  pharmacy: OpenPharmacy,
  id: number,
): Promise<z.input<typeof ReportDetails>> {
  const row = await requireReport(scope, pharmacy, id)
  const { rows } = await sql<{ kind: string; n: number }>`
    select kind, count(*)::int as n from debtor_report_lines
     where tenant_id = ${scope.tenantId} and outlet_id = ${pharmacy.id} and report_id = ${id} group by kind`.execute(
    scope.db,
  )
  const money = (minor: number) => wireNumber(minor, scope.tenant.currency)
  const figures = (totals: StoredTotals['all']) =>
    Object.fromEntries([...BUCKETS, 'balance' as const].map((key) => [key, money(totals[key])])) as never
  const { all, listed } = row.totals
  return {
    ...wireReport(scope, pharmacy, row),
    mime: row.mime,
    file_size: row.file_size,
    layout: row.layout,
    totals: all && listed ? { all: figures(all), listed: figures(listed) } : null,
    checks: row.checks.map((check) => wireCheck(scope, check)),
    columns: row.columns,
    questions: row.questions,
    warnings: row.warnings,
    pages: row.pages,
    line_counts: Object.fromEntries(rows.map(({ kind, n }) => [kind, n])),
  }
}

/** What an upload answers: the document's keys, and what a person has to know of a report that waits for them. */
export async function uploadAnswer(scope: Scope, pharmacy: OpenPharmacy, id: number) {
  const row = await requireReport(scope, pharmacy, id)
  const wire = wireReport(scope, pharmacy, row)
  const debtors = await debtorRows(scope, pharmacy, { exclude_medical_aid: false }, { report_id: id })
  return {
    report_id: id,
    total_accounts: wire.total_accounts,
    total_outstanding: wire.total_outstanding,
    debtors: debtors.map((debtor) => wireDebtor(scope, pharmacy, debtor)),
    status: row.status === 'needs_review' ? ('needs_review' as const) : ('completed' as const),
    report_date: row.report_date,
    difference: wire.difference,
    disagreements: row.checks.filter((check) => !check.agrees).map((check) => wireCheck(scope, check)),
    questions: row.questions,
    warnings: row.warnings,
    changes: wire.changes,
  }
}

export async function listLines(
  scope: Scope,
  pharmacy: OpenPharmacy,
  id: number,
  { document_page, kind, page, page_size }: z.output<typeof LineQuery>,
) {
  await requireReport(scope, pharmacy, id)
  type Row = Omit<z.input<typeof ReportLine>, 'box'> &
    Record<'x' | 'y' | 'width' | 'height' | 'total', number>
  const { rows } = await sql<Row>`
    select l.line, l.page, l.text, l.kind, l.reason, b.customer_id as debtor_id, l.x0 as x, l.y0 as y, l.width, l.height, count(*) over ()::int as total
      from debtor_report_lines l
      left join debtor_balances b on b.tenant_id = ${scope.tenantId} and b.outlet_id = ${pharmacy.id} and b.report_id = ${id} and b.row = l.row
     where l.tenant_id = ${scope.tenantId} and l.outlet_id = ${pharmacy.id} and l.report_id = ${id}
       ${document_page ? sql`and l.page = ${document_page}` : sql``} ${kind ? sql`and l.kind = ${kind}` : sql``}
     order by l.line limit ${page_size} offset ${(page - 1) * page_size}`.execute(scope.db)
  return paged(
    rows.map(({ x, y, width, height, total, ...line }) => ({ ...line, box: { x, y, width, height } })),
    rows[0]?.total ?? 0,
    { page, page_size },
  )
}

export async function changesOf(
  scope: Scope,
  pharmacy: OpenPharmacy,
  id: number,
  query: z.output<typeof ChangeQuery>,
) {
  const row = await requireReport(scope, pharmacy, id)
  if (query.against !== undefined) await requireReport(scope, pharmacy, query.against)
  return listChanges(scope, pharmacy, query.against ?? row.previous_id, id, query)
}

// ---- decisions ------------------------------------------------------------------------------------------------------

const decide = async (scope: Scope, id: number, status: Status) => {
  await scope.db
    .updateTable('debtor_reports')
    .set({ status, decided_by: scope.userId, decided_at: scope.now })
    .where('id', '=', id)
    .execute()
}

/** A person has looked at it: it is the list now, as it was read. */
export async function acceptReport(scope: Scope, pharmacy: OpenPharmacy, id: number) {
  await takeTurn(scope, pharmacy)
  const row = await requireReport(scope, pharmacy, id)
  if (row.status !== 'needs_review' && row.status !== 'rejected')
    throw new Refusal(
      409,
      'not_in_review',
      `This report is ${row.status.replace('_', ' ')}: there is nothing to accept.`,
    )
  await decide(scope, id, 'completed')
  await scope.record('debtor_report.accepted', id, { pharmacy_id: pharmacy.id, difference: row.difference })
  await makeCurrent(scope, pharmacy, id)
  return wireReport(scope, pharmacy, await requireReport(scope, pharmacy, id))
}

/** It is not to be the list. It may still be accepted later. */
export async function rejectReport(scope: Scope, pharmacy: OpenPharmacy, id: number) {
  await takeTurn(scope, pharmacy)
  const row = await requireReport(scope, pharmacy, id)
  if (row.status !== 'needs_review')
    throw new Refusal(
      409,
      'not_in_review',
      `This report is ${row.status.replace('_', ' ')}: there is nothing to reject.`,
    )
  await decide(scope, id, 'rejected')
  await scope.record('debtor_report.rejected', id, { pharmacy_id: pharmacy.id })
  return wireReport(scope, pharmacy, await requireReport(scope, pharmacy, id))
}

/** An earlier list is the list again; restoring the one before undoes it. */
export async function restoreReport(scope: Scope, pharmacy: OpenPharmacy, id: number) {
  const before = await takeTurn(scope, pharmacy)
  const row = await requireReport(scope, pharmacy, id)
  if (row.status !== 'completed')
    throw new Refusal(
      409,
      'not_restorable',
      `This report is ${row.status.replace('_', ' ')}: only one that was the list can be the list again.`,
    )
  if (before !== id) {
    await makeCurrent(scope, pharmacy, id)
    await scope.record('debtor_report.restored', id, { pharmacy_id: pharmacy.id, instead_of: before })
  }
  return wireReport(scope, { ...pharmacy, report_id: id }, row)
}

// ---- the file itself ------------------------------------------------------------------------------------------------

/** The bytes as they came, for the page that shows them beside the rows. */
export async function sendReportFile(
  http: OwnHttp,
  files: Files,
  open: (scope: Scope) => Promise<OpenPharmacy>,
  id: number,
) {
  const { row, tenantId } = await http.inScope(async (scope) => ({
    row: await requireReport(scope, await open(scope), id),
    tenantId: scope.tenantId,
  }))
  const file = files.hold(tenantId, row.file_sha256, row.file_size)
  if (!file)
    throw new Refusal(410, 'file_gone', 'The bytes of this report are gone from the server’s data folder.')
  const bytes = createReadStream(file.path)
  bytes.once('close', () => {
    void files.release(file, () => http.inScope((scope) => keepsFile(scope, file.sha256)))
  })
  const ascii = row.file_name.replace(/[^\x20-\x7e]|["\\%;]/g, '_')
  http.reply
    .header('content-type', row.mime)
    .header('content-length', row.file_size)
    .header('content-disposition', `inline; filename="${ascii}"`)
    .header('x-content-type-options', 'nosniff')
    .header(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
    )
    .header('cache-control', 'private, no-store')
  return bytes
}
