import { createRequire } from 'node:module'

// An age analysis as a pharmacy's own system prints it: one condensed typewriter font, 132 columns, figures that hang by their right
// edge, a minus behind what is owed to the debtor. For the demo, and for tests that need paper.

export type PrintedAccount = {
  acc_no: string
  name: string
  /** Minor units: current, 30, 60, 90, 120, 150 and 180 days. */
  ages: readonly [number, number, number, number, number, number, number]
  /** As printed, where it is not what the ages come to. */
  balance?: number
  email?: string | null
  phone?: string | null
}
export type Printed = {
  pharmacy: string
  /** YYYY-MM-DD. */
  day: string
  accounts: readonly PrintedAccount[]
  /** What the last line says, where it is not what the accounts come to. */
  totals?: readonly number[]
}

const require = createRequire(import.meta.url)
const EDGES = [47, 59, 71, 83, 95, 107, 119, 131]
const HEADERS = ['CURRENT', '30DAYS', '60-DAYS', '90-DAYS', '120-DAYS', '150-DAYS', '180-DAYS', 'BALANCE']
const ROWS = 62

const printedAmount = (minor: number) => {
  const text = `${Math.floor(Math.abs(minor) / 100) || ''}.${String(Math.abs(minor) % 100).padStart(2, '0')}`
  return minor < 0 ? `${text}-` : text
}
/** Cells with their right edges at the columns; a minus hangs one character over. */
function atEdges(start: string, cells: readonly string[]): string {
  let line = start
  for (const [at, cell] of cells.entries()) {
    const end = EDGES[at]! + (cell.endsWith('-') ? 1 : 0)
    line = line.padEnd(end - cell.length).slice(0, end - cell.length) + cell
  }
  return line
}
export const balanceOf = ({ ages, balance }: PrintedAccount) =>
  balance ?? ages.reduce((sum, each) => sum + each, 0)

function linesOf({ accounts, totals }: Printed): string[] {
  const lines = accounts.flatMap((account) => {
    const { acc_no, name, ages, email, phone } = account
    const start = `${acc_no.padEnd(7)}${name.slice(0, 29)}`
    return [
      atEdges(start, [...ages, balanceOf(account)].map(printedAmount)),
      ...(email ? [`eMail:    ${email}`] : []),
      ...(phone === undefined ? [] : [`       TEL: ${phone ?? ''} PMT AMT:  CRLIM: 0 CRGRN: 0 COMMENT....:`]),
    ]
  })
  const summed = HEADERS.map((_, at) =>
    accounts.reduce((sum, account) => sum + (at === 7 ? balanceOf(account) : account.ages[at]!), 0),
  )
  return [...lines, '-'.repeat(132), atEdges('TOTALS >>>>>>>>', (totals ?? summed).map(printedAmount))]
}

export async function debtorReportPdf(report: Printed): Promise<Buffer> {
  const PDFDocument = require('pdfkit') as typeof import('pdfkit')
  const pdf = new PDFDocument({ size: 'LETTER', margin: 0, autoFirstPage: false })
  const chunks: Buffer[] = []
  const done = new Promise<Buffer>((resolve, reject) => {
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk))
    pdf.on('end', () => resolve(Buffer.concat(chunks)))
    pdf.on('error', reject)
  })
  const day = new Date(`${report.day}T00:00:00Z`)
    .toLocaleDateString('en-GB', { day: '2-digit', month: 'short', year: 'numeric', timeZone: 'UTC' })
    .toUpperCase()
  const lines = linesOf(report)
  for (let from = 0, page = 1; from < lines.length; page += 1) {
    pdf.addPage().font('Courier').fontSize(7)
    let y = 24
    const print = (line: string) => {
      if (line.trim() !== '') pdf.text(line, 23, y, { lineBreak: false })
      y += 11
    }
    print(`(DEB013) 11:39   ***   ${report.pharmacy.toUpperCase()}   ***   ${day}   PAGE: ${page}`)
    print('SELECT TYPE : ALL TYPES          DEBTORS AGE ANALYSIS          ALL ACCOUNTS')
    print('')
    print(atEdges('ACC-NO <------- N A M E ------->', HEADERS))
    print('-'.repeat(132))
    // An account and what is written below it stay on one page.
    let end = Math.min(from + ROWS - 5, lines.length)
    while (end < lines.length && /^(?:eMail| {7}TEL)/.test(lines[end]!)) end -= 1
    for (; from < end; from += 1) print(lines[from]!)
  }
  pdf.end()
  return done
}
