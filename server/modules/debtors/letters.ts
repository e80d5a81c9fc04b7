import type { OwnHttp } from '../../core/api.ts'
import { Refusal } from '../../core/errors.ts'
import { decimalText } from '../../core/money.ts'
import { finish, ink, MARGIN, newPdf, widthOf, write } from '../../core/pdf.ts'
import type { Scope } from '../../core/scope.ts'
import { type DebtorRow, debtorRows } from './debtors.ts'
import { type OpenPharmacy, openPharmacy } from './pharmacies.ts'
import { BUCKETS } from './report/types.ts'
import { requireReport } from './reports.ts'
import { bucketLabels, type DownloadBody } from './schemas.ts'

// Reminders on paper, for those whom neither mail nor SMS reaches: a page for each account, to be folded, posted or handed over.

const LETTERS_MAX = 2_000

type Letters = {
  pharmacy: OpenPharmacy
  /** The day that the figures are of. */
  as_of: string
  rows: DebtorRow[]
  tenant: Scope['tenant']
  today: string
  now: Date
}

export async function downloadLetters(http: OwnHttp, pharmacyId: number, wanted: NonNullable<DownloadBody>) {
  const made = await http.inScope(
    async (scope) => {
      const pharmacy = await openPharmacy(scope, pharmacyId)
      const id = wanted.report_id ?? pharmacy.report_id
      const report = id === null ? undefined : await requireReport(scope, pharmacy, id)
      const rows = await debtorRows(scope, pharmacy, wanted, {
        ...(wanted.report_id ? { report_id: wanted.report_id } : {}),
        limit: LETTERS_MAX + 1,
      })
      const as_of = report?.report_date ?? report?.uploaded_at.slice(0, 10) ?? scope.today
      return { pharmacy, as_of, rows, tenant: scope.tenant, today: scope.today, now: scope.now }
    },
    { bulk: true },
  )
  // Whom a letter would ask for nothing, and what is no person.
  const rows = made.rows.filter((row) => row.balance > 0 && !row.is_medical_aid_control && !row.is_control)
  if (rows.length === 0)
    throw new Refusal(400, 'no_letters', 'None of these accounts owes anything: there is no letter to write.')
  if (rows.length > LETTERS_MAX)
    throw new Refusal(
      400,
      'too_many_letters',
      `These are more than ${LETTERS_MAX.toLocaleString('en')} letters. Choose fewer accounts by filters.`,
    )
  const bytes = await lettersPdf({ ...made, rows })
  http.reply
    .type('application/pdf')
    .header('content-length', bytes.length)
    .header('content-disposition', `attachment; filename=letters_${pharmacyId}.pdf`)
  return bytes
}

export function lettersPdf({ pharmacy, as_of, rows, tenant, today, now }: Letters): Promise<Buffer> {
  const locale = `en-${tenant.country}`
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: tenant.currency,
    currencyDisplay: 'narrowSymbol',
  })
  // As a text: no amount is ever a float in between.
  const money = (minor: number) =>
    format.format(decimalText(minor, tenant.currency) as Intl.StringNumericLiteral)
  const written = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' })
  const day = (iso: string) => written.format(new Date(`${iso}T00:00:00Z`))
  const pdf = newPdf({ title: `Letters of ${pharmacy.name}`, author: pharmacy.name, at: now })
  for (const [at, row] of rows.entries()) {
    if (at > 0) pdf.addPage()
    const width = widthOf(pdf)
    const half = MARGIN + width / 2
    const line = (text: string, y: number, face: 'text' | 'bold' = 'text') =>
      write(pdf, text, { x: MARGIN, y, width, face })
    // Who writes, on the right; to whom, where a window envelope shows it.
    const sender = [pharmacy.address ?? '', pharmacy.phone ?? '', pharmacy.email ?? '']
      .flatMap((text) => text.split('\n'))
      .filter(Boolean)
      .slice(0, 7)
    pdf.fontSize(12).fillColor(ink.text)
    write(pdf, pharmacy.name, { x: half, y: 60, width: width / 2, face: 'bold' })
    pdf.fontSize(9.5)
    for (const [n, text] of sender.entries()) write(pdf, text, { x: half, y: 78 + n * 13, width: width / 2 })
    pdf.fontSize(10.5)
    write(pdf, row.name, { x: MARGIN, y: 150, width: width / 2 - 20, face: 'bold' })
    write(pdf, `Account ${row.acc_no}`, { x: MARGIN, y: 165, width: width / 2 - 20 })
    write(pdf, day(today), { x: half, y: 190, width: width / 2 })
    line(`Your account with ${pharmacy.name}`, 230, 'bold')
    const overdue = row.arrears > 0 ? ` Of this, ${money(row.arrears)} is 60 days old or older.` : ''
    pdf
      .font('text')
      .text(
        `On ${day(as_of)} your account showed ${money(row.balance)} as outstanding.${overdue} Please pay it, or speak to us if something about it is not right.`,
        MARGIN,
        256,
        { width, lineGap: 2 },
      )
    let y = pdf.y + 14
    for (const bucket of BUCKETS) {
      if (row[bucket] === 0) continue
      write(pdf, bucketLabels[bucket], { x: MARGIN, y, width: 160 })
      write(pdf, money(row[bucket]), { x: MARGIN + 160, y, width: 120, right: true })
      y += 16
    }
    pdf
      .moveTo(MARGIN, y)
      .lineTo(MARGIN + 280, y)
      .lineWidth(0.8)
      .strokeColor(ink.text)
      .stroke()
    write(pdf, 'Balance', { x: MARGIN, y: y + 5, width: 160, face: 'bold' })
    write(pdf, money(row.balance), { x: MARGIN + 160, y: y + 5, width: 120, right: true, face: 'bold' })
    y += 40
    const bank: [string, string | null][] = [
      ['Bank', pharmacy.bank_name],
      ['Account number', pharmacy.banking_account],
      ['Your reference', row.acc_no],
    ]
    line('How to pay', y, 'bold')
    y += 18
    if (!pharmacy.banking_account) line('Please ask us how to pay, and give your account number.', y)
    else
      for (const [label, value] of bank) {
        if (!value) continue
        write(pdf, label, { x: MARGIN, y, width: 150 })
        write(pdf, value, { x: MARGIN + 160, y, width: width - 160, face: 'bold' })
        y += 15
      }
    line('If you have paid already, thank you: please take this letter as settled.', y + 26)
    line('Kind regards,', y + 58)
    line(pharmacy.name, y + 74, 'bold')
  }
  return finish(pdf, `${pharmacy.name} · ${today}`)
}
