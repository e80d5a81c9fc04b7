import { type Align, type Paper, paper } from './paper.ts'
import { AGES, type Age, type Print, prints, type True, total } from './truth.ts'

// One way to draw a report, with what differs from program to program as options.

export type Column = {
  /** Several lines where labels are stacked. */
  label: string | string[]
  x: number
  align?: Align
  labelAlign?: Align
  /** An age or the balance, or any text. */
  age?: Age | 'balance'
  text?: (row: True) => string
}
/** What goes wrong in print. */
export type Tamper = {
  row?: { at: number; change: (row: True) => True }
  swap?: { page: number; a: number; b: number }
  skip?: number
}
export type Spec = {
  paper?: Parameters<typeof paper>[0]
  rows: True[]
  columns: Column[] | ((page: number) => Column[])
  print?: Print
  title?: string[]
  headers?: 'every' | 'first'
  ruled?: boolean
  lineHeight?: number
  headHeight?: number
  perPage?: number
  /** Draws what follows an account, from y on; answers the height. */
  below?: (sheet: Paper, row: True, y: number) => number
  /** Draws an account whole; answers its height. */
  draw?: (sheet: Paper, row: True, y: number, cell: (column: Column, y: number) => void) => number
  /** Stands before an account. */
  before?: (sheet: Paper, at: number, y: number) => number
  pageTotal?: string
  running?: string
  brought?: string
  grand?: string | null
  afterGrand?: (sheet: Paper, y: number, columns: Column[]) => void
  totalsFirst?: string
  foot?: (sheet: Paper) => void
  tamper?: Tamper
}

export const PAGE_TOP = 60

export async function draw(spec: Spec): Promise<Buffer> {
  const { rows, print = prints.plain, lineHeight = 12, headers = 'every', tamper } = spec
  const sheet = paper({ ...spec.paper, skip: tamper?.skip })
  const columnsOf = (page: number) => (typeof spec.columns === 'function' ? spec.columns(page) : spec.columns)
  const title = spec.title ?? ['EXAMPLE PHARMACY', 'DEBTORS AGE ANALYSIS AS AT 31/01/2025']
  let y = 0
  let onPage: True[] = []
  const done: True[] = []
  const bottom = sheet.height - 60
  const stacked = (column: Column) => (Array.isArray(column.label) ? column.label : [column.label])

  const top = () => {
    y = 20
    for (const [at, text] of title.entries()) {
      sheet.put(at === 0 ? `${text}` : text, 24, y)
      y += 12
    }
    sheet.put(`Page ${sheet.page()}`, sheet.width - 80, 20)
    y = PAGE_TOP
    if (headers === 'every' || sheet.page() === 1) {
      const columns = columnsOf(sheet.page())
      const lines = Math.max(...columns.map((column) => stacked(column).length))
      const labels = columns.map((column) => column.label)
      if (tamper?.swap?.page === sheet.page()) {
        const ages = columns.flatMap(({ age }, at) => (age && age !== 'balance' ? [at] : []))
        const [a, b] = [ages[tamper.swap.a]!, ages[tamper.swap.b]!]
        ;[labels[a], labels[b]] = [labels[b]!, labels[a]!]
      }
      for (const [at, column] of columns.entries())
        for (const [line, text] of [labels[at]!].flat().entries())
          sheet.put(text, column.x, y + line * 9, { align: column.labelAlign ?? column.align })
      y += (lines - 1) * 9 + (spec.headHeight ?? 14)
      if (spec.ruled) sheet.line(20, y - 4, sheet.width - 20, y - 4)
    }
  }
  const amounts = (label: string, of: True[], at = y, columns = columnsOf(sheet.page())) => {
    const first = columns.find(({ age }) => !age)
    sheet.put(
      label,
      (columns.find(({ label }) => /name|customer|debtor|particulars/i.test([label].flat().join(' '))) ??
        first)!.x,
      at,
    )
    for (const column of columns)
      if (column.age) sheet.put(print(total(of, column.age)), column.x, at, { align: column.align })
  }
  const close = () => {
    y += 4
    if (spec.pageTotal) {
      amounts(spec.pageTotal, onPage)
      y += lineHeight
    }
    if (spec.running) {
      amounts(spec.running, done)
      y += lineHeight
    }
    spec.foot?.(sheet)
  }
  top()
  if (spec.totalsFirst) {
    amounts(spec.totalsFirst, rows)
    y += lineHeight
  }
  for (const [at, row] of rows.entries()) {
    if (y > bottom - 26 || (spec.perPage && onPage.length >= spec.perPage)) {
      close()
      sheet.newPage()
      onPage = []
      top()
      if (spec.brought) {
        amounts(spec.brought, done)
        y += lineHeight
      }
    }
    const shown = tamper?.row?.at === at ? tamper.row.change(row) : row
    y += spec.before?.(sheet, at, y) ?? 0
    const cell = (column: Column, cellY: number) => {
      const text = column.age
        ? print(column.age === 'balance' ? shown.balance : shown.buckets[column.age])
        : (column.text?.(shown) ?? '')
      if (text !== '') sheet.put(text, column.x, cellY, { align: column.align })
    }
    if (spec.draw) y += spec.draw(sheet, shown, y, cell)
    else {
      for (const column of columnsOf(sheet.page())) cell(column, y)
      y += lineHeight
    }
    y += spec.below?.(sheet, shown, y) ?? 0
    if (spec.ruled) sheet.line(20, y - 3, sheet.width - 20, y - 3)
    onPage.push(row)
    done.push(row)
  }
  close()
  if (spec.grand !== null) {
    amounts(spec.grand ?? 'GRAND TOTAL', rows)
    y += lineHeight
  }
  spec.afterGrand?.(sheet, y, columnsOf(sheet.page()))
  return sheet.end()
}

export const account = (x: number, label: string | string[] = 'Acc No'): Column => ({
  label,
  x,
  text: ({ acc_no }) => acc_no,
})
export const named = (x: number, label: string | string[] = 'Name'): Column => ({
  label,
  x,
  text: ({ name }) => name,
})
export const ages = (
  from: number,
  step: number,
  labels: (string | string[])[],
  list: readonly (Age | 'balance')[] = [...AGES, 'balance'],
  align: Align = 'right',
): Column[] => labels.map((label, at) => ({ label, x: from + at * step, align, age: list[at]! }))
