import type { TestApp } from './app.ts'
import { type Sent, send } from './books.ts'
import type { Person } from './given.ts'
import { row, workbook } from './workbook.ts'

// Monthly outstanding sheets as the field sends them: no dates, an age band, a month in the header.

export type SheetRow = {
  code: string
  name?: string
  region?: string
  age?: string
  invoice?: string
  amount?: number
  open: number | ''
  engineer?: string
}

/** A sheet by invoice; without invoices one by customer. Its total stands below, as in every real one. */
export function sheet(month: string, rows: SheetRow[]): Buffer {
  const byInvoice = rows.some(({ invoice }) => invoice !== undefined)
  const named = rows.some(({ engineer }) => engineer !== undefined)
  const header = byInvoice
    ? ['Sr', 'Accode', 'Party Nam', 'Region', 'Age', 'Inv. No', 'Inv.Amt', `${month}.Outstg.Amt`]
    : ['Sr', 'Accode', 'Party Name', 'Region', 'Age', `${month}.Outstg.Amt`]
  const lines = rows.map(
    ({ code, name = `Party ${code}`, region = 'pune', age = '0-30', invoice, amount, open }, at) =>
      byInvoice
        ? [at + 1, code, name, region, age, invoice ?? '', amount ?? (open as number), open]
        : [at + 1, code, name, region, age, open],
  )
  const total = rows.reduce((sum, { open }) => sum + Number(open), 0)
  const last = byInvoice ? ['', '', 'Total', '', '', '', '', total] : ['', '', 'Total', '', '', total]
  if (named) {
    header.push('Engineer')
    for (const [at, line] of lines.entries()) line.push(rows[at]!.engineer ?? '')
  }
  return workbook([header, ...lines, last].map((cells, at) => row(at + 1, ...cells)).join(''))
}

/** Uploads a sheet as the tracker's front end does. */
export const uploadSheet = (
  t: TestApp,
  by: Person,
  month: string,
  rows: SheetRow[],
  fields: Record<string, string> = {},
): Promise<Sent> =>
  send(
    t,
    by,
    sheet({ Jun: 'June', Jul: 'July' }[month.slice(0, 3)] ?? month.slice(0, 3), rows),
    { month, financialYear: '2025-2026', ...fields },
    { name: `${month}.xlsx`, url: '/api/upload' },
  )
