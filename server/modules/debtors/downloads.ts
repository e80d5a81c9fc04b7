import type { OwnHttp } from '../../core/api.ts'
import { Refusal } from '../../core/errors.ts'
import { decimalText, exponentOf } from '../../core/money.ts'
import { finish, heading, newPdf, type PdfColumn, table } from '../../core/pdf.ts'
import type { Scope } from '../../core/scope.ts'
import type { SheetCell } from '../../core/sheets.ts'
import { amount, EXPORT_TIME_MAX, sheetOf, text } from '../receivables/export.ts'
import { type DebtorRow, debtorRows, eachDebtor, knownBuckets } from './debtors.ts'
import { type OpenPharmacy, openPharmacy } from './pharmacies.ts'
import { BUCKETS } from './report/types.ts'
import { type KeptReport, requireReport } from './reports.ts'
import { bucketLabels, type DownloadBody } from './schemas.ts'

// The list as it leaves: CSV and workbook are streamed as the rows come, the PDF is made whole.

export const DOWNLOAD_TIME_MAX = EXPORT_TIME_MAX
/** A PDF of more accounts is nobody's to read, and stays in memory while it is made. */
const PDF_ROWS_MAX = 20_000

type Wanted = NonNullable<DownloadBody>

const reportOf = (
  scope: Scope,
  pharmacy: OpenPharmacy,
  { report_id }: Wanted,
): Promise<KeptReport> | undefined => {
  const id = report_id ?? pharmacy.report_id
  return id === null ? undefined : requireReport(scope, pharmacy, id)
}

/** Account No, Name, the seven ages, Balance, Email, Phone: as the document shows them, without a mark in front. */
export async function downloadSheet(
  http: OwnHttp,
  format: 'csv' | 'xlsx',
  pharmacyId: number,
  wanted: Wanted,
) {
  const stream = await sheetOf(http, format, async (scope) => {
    const pharmacy = await openPharmacy(scope, pharmacyId)
    await reportOf(scope, pharmacy, wanted)
    const { currency } = scope.tenant
    const money = { decimals: exponentOf(currency) }
    const columns = [
      text('Account No'),
      text('Name', 30),
      ...BUCKETS.map((bucket) => ({ ...amount(bucketLabels[bucket]), ...money })),
      { ...amount('Balance'), ...money },
      text('Email', 30),
      { ...text('Phone'), phone: true },
    ]
    async function* rows(): AsyncGenerator<SheetCell[]> {
      for await (const row of eachDebtor(scope, pharmacy, wanted, wanted.report_id ?? undefined))
        yield [
          row.acc_no,
          row.name,
          ...BUCKETS.map((bucket) => decimalText(row[bucket], currency)),
          decimalText(row.balance, currency),
          row.email,
          row.phone,
        ]
    }
    return { name: nameOf(pharmacyId), columns, rows: rows(), mark: false }
  })
  named(http, pharmacyId, format)
  return stream
}

const nameOf = (pharmacyId: number) => `debtors_${pharmacyId}`
const named = ({ reply }: OwnHttp, pharmacyId: number, ending: string) =>
  reply.header('content-disposition', `attachment; filename=${nameOf(pharmacyId)}.${ending}`)

const widths: Record<string, number> = { acc_no: 1.15, name: 2.7, balance: 1.25, phone: 1.45 }
const printed = ['acc_no', 'name', ...BUCKETS, 'balance', 'phone'] as const
const headings: Record<(typeof printed)[number], string> = {
  acc_no: 'Acc No',
  name: 'Name',
  ...bucketLabels,
  balance: 'Balance',
  phone: 'Phone',
}

/** The list as paper: which pharmacy, which report, which filters, when; every account; totals; a number on every page. */
export async function downloadPdf(http: OwnHttp, pharmacyId: number, wanted: Wanted) {
  const made = await http.inScope(
    async (scope) => {
      const pharmacy = await openPharmacy(scope, pharmacyId)
      const report = await reportOf(scope, pharmacy, wanted)
      const rows = await debtorRows(scope, pharmacy, wanted, {
        ...(wanted.report_id ? { report_id: wanted.report_id } : {}),
        limit: PDF_ROWS_MAX + 1,
      })
      return { pharmacy, report, rows, tenant: scope.tenant, today: scope.today, now: scope.now }
    },
    { bulk: true },
  )
  if (made.rows.length > PDF_ROWS_MAX)
    throw new Refusal(
      400,
      'too_many_for_paper',
      `These are more than ${PDF_ROWS_MAX.toLocaleString('en')} accounts. Choose fewer by filters, or take the CSV.`,
    )
  const bytes = await debtorsPdf(made, wanted)
  named(http, pharmacyId, 'pdf')
  http.reply.type('application/pdf').header('content-length', bytes.length)
  return bytes
}

type Made = {
  pharmacy: OpenPharmacy
  report: KeptReport | undefined
  rows: DebtorRow[]
  tenant: Scope['tenant']
  today: string
  now: Date
}

export function debtorsPdf(
  { pharmacy, report, rows, tenant, today, now }: Made,
  wanted: Wanted,
): Promise<Buffer> {
  const { currency } = tenant
  const money = moneyOf(currency)
  const columns: PdfColumn[] = printed.map((key) => ({
    header: wanted.col_names?.[key] ?? headings[key],
    right: key !== 'acc_no' && key !== 'name' && key !== 'phone',
    share: widths[key] ?? 1,
  }))
  const total = (key: (typeof BUCKETS)[number] | 'balance') =>
    money(rows.reduce((sum, row) => sum + row[key], 0))
  const lines = rows.map((row) => [
    row.acc_no,
    row.name,
    ...BUCKETS.map((bucket) => money(row[bucket])),
    money(row.balance),
    row.phone ?? '',
  ])
  lines.push(['', 'Total', ...BUCKETS.map(total), total('balance'), ''])
  const pdf = newPdf({ title: `Debtor Report, ${pharmacy.name}`, author: tenant.name, at: now, wide: true })
  heading(
    pdf,
    `Debtor Report: ${pharmacy.name}`,
    [
      report
        ? `Report of ${report.report_date ?? report.uploaded_at.slice(0, 10)} (${report.file_name})`
        : `From open invoices, as of ${today}`,
      `${rows.length.toLocaleString('en')} ${rows.length === 1 ? 'account' : 'accounts'}, amounts in ${currency}`,
      ...filterWords(wanted, currency),
      `Printed on ${today}`,
    ].join(' · '),
  )
  table(pdf, columns, lines, { total: true })
  return finish(pdf, `${pharmacy.name} · Debtor Report · ${today}`)
}

/** What the list was narrowed by, in words. */
function filterWords(wanted: Wanted, currency: string): string[] {
  const buckets = knownBuckets(wanted.ageing_buckets)
  return [
    wanted.debtor_ids ? 'chosen accounts' : '',
    wanted.min_balance === null || wanted.min_balance === undefined
      ? ''
      : `60 days and older above ${wanted.min_balance} ${currency}`,
    buckets.length > 0 && buckets.length < BUCKETS.length
      ? `owing in ${buckets.map((bucket) => bucketLabels[bucket]).join(' or ')}`
      : '',
    wanted.has_email === true ? 'with e-mail' : wanted.has_email === false ? 'without e-mail' : '',
    wanted.has_phone === true ? 'with phone' : wanted.has_phone === false ? 'without phone' : '',
    wanted.search ? `matching “${wanted.search}”` : '',
    wanted.exclude_medical_aid === false ? 'medical-aid accounts included' : 'medical-aid accounts left out',
  ].filter(Boolean)
}

/** Grouped by thousands. What is nothing prints as a dash, so that the eye finds what is owed. */
function moneyOf(currency: string) {
  const decimals = exponentOf(currency)
  return (minor: number) => {
    if (minor === 0) return '–'
    const [whole, part] = decimalText(minor, currency).split('.') as [string, string?]
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
    return decimals > 0 ? `${grouped}.${part}` : grouped
  }
}
