import PDFDocument from 'pdfkit'

// A debtor report as a dispensary system prints it, made for stories: one string per line, 132 columns.

const ages = ['CURRENT', '30DAYS', '60-DAYS', '90-DAYS', '120-DAYS', '150-DAYS', '180-DAYS', 'BALANCE']

export type Account = {
  acc_no: string
  name: string
  /** Cents by age, youngest first. */
  owes: [number, number, number, number, number, number, number]
  tel?: string
  email?: string
}
export type Printed = {
  pharmacy: string
  /** As the report writes it: 31 OCT 2026. */
  day: string
  accounts: Account[]
  /** Added to the printed total of 60 days: a report that does not add up. */
  off?: number
  /** Other words for the columns of amounts. */
  labels?: string[]
  password?: string
  perPage?: number
}

const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0)
/** Zero prints as .00, credits carry the minus behind. */
function amount(cents: number): string {
  const whole = Math.floor(Math.abs(cents) / 100)
  const text = `${whole === 0 ? '' : whole}.${String(Math.abs(cents) % 100).padStart(2, '0')}`
  return (cents < 0 ? `${text}-` : `${text} `).padStart(13)
}

export function printedReport(report: Printed): Promise<Buffer> {
  const { accounts, perPage = 14, labels = ages } = report
  const pdf = new PDFDocument({
    size: 'LETTER',
    margin: 0,
    ...(report.password ? { userPassword: report.password, ownerPassword: 'owner' } : {}),
  })
  const chunks: Buffer[] = []
  const done = new Promise<Buffer>((resolve, reject) => {
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk))
    pdf.on('end', () => resolve(Buffer.concat(chunks)))
    pdf.on('error', reject)
  })
  pdf.font('Courier').fontSize(7)
  let y = 0
  const line = (text: string) => {
    pdf.text(text, 20, y, { lineBreak: false })
    y += 11
  }
  const figures = (cents: number[]) => cents.map(amount).join('')
  const pages = Math.ceil(accounts.length / perPage)
  for (let page = 0; page < pages; page++) {
    if (page > 0) pdf.addPage().font('Courier').fontSize(7)
    y = 24
    line('-'.repeat(132))
    line(`(DEB013) 11:39   ***   ${report.pharmacy}   ***   ${report.day}   PAGE: ${page + 1}`)
    line('-'.repeat(132))
    line('SELECT TYPE : ALL TYPES        DEBTORS AGE ANALYSIS        ALL ACCOUNTS')
    line(`ACC-NO N A M E                  ${labels.map((label) => `${label.padStart(12)} `).join('')}`)
    line('-'.repeat(132))
    for (const account of accounts.slice(page * perPage, (page + 1) * perPage)) {
      line(
        `${account.acc_no} ${account.name.slice(0, 24).padEnd(25)}${figures([...account.owes, sum(account.owes)])}`,
      )
      if (account.email) line(`eMail:    ${account.email}`)
      if (account.tel) line(`       TEL: ${account.tel} PMT AMT: .00 CRLIM: 0 CRGRN: 0 COMMENT....:`)
      y += 4
    }
  }
  const totals = ages.slice(0, 7).map((_, at) => sum(accounts.map(({ owes }) => owes[at]!)))
  line('-'.repeat(132))
  const printed = [...totals, sum(totals)]
  printed[2]! += report.off ?? 0
  line(`TOTALS >>>>>>>>${' '.repeat(17)}${figures(printed)}`)
  pdf.end()
  return done
}
