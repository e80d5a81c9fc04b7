import { finish, heading, ink, MARGIN, newPdf, room, table, widthOf, write } from '../../core/pdf.ts'
import type { Statement } from './statement.ts'

type Part = Statement['parts'][number]
type Line = Part['items'][number]

const documentWords: Record<string, string> = {
  credit_note: 'Credit note',
  payment: 'Payment on account',
  journal: 'Journal',
}

/** The statement as paper: open items with their age, credits apart, ages summed up; text, not pictures. */
export function statementPdf(statement: Statement, now: Date): Promise<Buffer> {
  const { organisation, customer, customer_code, as_of, country, parts, is_part } = statement
  const day = dayWords(country)
  const pdf = newPdf({ title: `Statement of account, ${customer}, ${as_of}`, author: organisation, at: now })
  const line = (text: string, size: number, face: 'text' | 'bold', color = ink.text) => {
    pdf.fontSize(size).fillColor(color)
    write(pdf, text, { x: MARGIN, y: pdf.y, width: widthOf(pdf), face })
    pdf.x = MARGIN
    pdf.y += size * 0.45
  }
  line(organisation, 11, 'text', ink.dim)
  line('Statement of account', 18, 'bold')
  line(
    [customer, customer_code && customer_code !== customer ? customer_code : ''].filter(Boolean).join(' · '),
    11,
    'bold',
  )
  line(`As of ${day(as_of)}`, 10, 'text', ink.dim)
  if (is_part)
    line(
      'This is a part of the account: it has invoices that whoever made this does not see.',
      9,
      'bold',
      ink.accent,
    )
  pdf.moveDown(1)
  if (parts.length === 0) heading(pdf, 'Nothing is open', 'There are no open items on this day.')
  for (const part of parts) partOn(pdf, part, country, day)
  return finish(pdf, `${organisation} · statement of ${customer} · as of ${as_of}`)
}

function partOn(pdf: PDFKit.PDFDocument, part: Part, country: string, day: (text: string) => string) {
  const format = new Intl.NumberFormat(`en-${country}`, {
    style: 'currency',
    currency: part.currency,
    currencyDisplay: 'narrowSymbol',
  })
  const money = (amount: number) => format.format(amount)
  const date = (text: string | null) => (text ? day(text) : '–')
  const remarks = (line: Line) =>
    [
      line.open_amount === 0 ? 'settled' : '',
      line.disputed_amount === 0
        ? ''
        : line.disputed_amount === line.open_amount
          ? 'disputed'
          : `disputed ${money(line.disputed_amount)}`,
      line.promised_on ? `promised by ${day(line.promised_on)}` : '',
    ]
      .filter(Boolean)
      .join(', ')
  const age = ({ days_overdue: days, open_amount }: Line) =>
    open_amount === 0 || days === null ? '–' : days > 0 ? `${days} days` : days === 0 ? 'today' : 'not due'
  heading(pdf, `Open items in ${part.currency}`)
  table(
    pdf,
    [
      { header: 'Document', right: false, share: 1.5 },
      { header: 'Date', right: false, share: 1.1 },
      { header: 'Due', right: false, share: 1.1 },
      { header: 'Overdue', right: true, share: 0.9 },
      { header: 'Amount', right: true, share: 1.4 },
      { header: 'Open', right: true, share: 1.4 },
      { header: 'Remarks', right: false, share: 2 },
    ],
    [
      ...part.items.map((line) => [
        line.number,
        date(line.invoice_date),
        date(line.due_date),
        age(line),
        money(line.amount),
        money(line.open_amount),
        remarks(line),
      ]),
      [`${part.items.length} documents`, '', '', '', '', money(part.open_amount), ''],
    ],
    { total: true },
  )
  if (part.credits.length > 0) {
    heading(pdf, 'Credits that settle nothing yet')
    table(
      pdf,
      [
        { header: 'Document', right: false, share: 1.5 },
        { header: 'Kind', right: false, share: 1.6 },
        { header: 'Date', right: false, share: 1.1 },
        { header: 'Amount', right: true, share: 1.4 },
        { header: 'Unapplied', right: true, share: 1.4 },
      ],
      [
        ...part.credits.map((line) => [
          line.number,
          documentWords[line.document_type] ?? 'Credit',
          date(line.invoice_date),
          money(line.amount),
          money(line.open_amount),
        ]),
        ['All together', '', '', '', money(part.unapplied)],
      ],
      { total: true },
    )
  }
  heading(pdf, 'By age')
  table(
    pdf,
    part.buckets.map(({ label }) => ({ header: label, right: true })),
    [part.buckets.map(({ amount }) => money(amount))],
  )
  room(pdf, 90)
  const sums: [string, number, boolean][] = [
    ['Open items', part.open_amount, true],
    ['Credits', part.unapplied, part.unapplied !== 0],
    ['Balance', part.balance, true],
    ['Of the open items overdue', part.overdue_amount, part.overdue_amount !== 0],
    ['Of the open items disputed', part.disputed_amount, part.disputed_amount !== 0],
    ['Of the open items promised', part.promised_amount, part.promised_amount !== 0],
  ]
  for (const [words, amount, isShown] of sums) {
    if (!isShown) continue
    const face = words === 'Balance' ? 'bold' : 'text'
    const y = pdf.y
    pdf.fontSize(9.5).fillColor(ink.text)
    write(pdf, words, { x: MARGIN, y, width: 220, face })
    write(pdf, money(amount), { x: MARGIN + 220, y, width: 140, face, right: true })
    pdf.x = MARGIN
    pdf.y = y + 15
  }
  pdf.moveDown(1.5)
}

const dayWords = (country: string) => {
  const format = new Intl.DateTimeFormat(`en-${country}`, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  })
  return (day: string) => format.format(new Date(`${day}T00:00:00Z`))
}
