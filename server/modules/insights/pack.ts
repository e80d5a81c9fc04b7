import { finish, heading, ink, MARGIN, newPdf, table, widthOf } from '../../core/pdf.ts'
import type { Scope } from '../../core/scope.ts'
import type { SheetCell, SheetColumn } from '../../core/sheets.ts'
import { getMetrics } from './metrics.ts'
import { drawChart } from './pdf-charts.ts'
import { type Table, type TableName, tableOf } from './tables.ts'
import type { View } from './view.ts'
import { figureWords } from './words.ts'

/** What a director's pack holds, in the order of its pages. */
const pages: TableName[] = [
  'months',
  'changes',
  'roll_rates',
  'regions',
  'debtors',
  'disputes',
  'promises',
  'at_risk',
  'collectors',
  'figures',
]
const headlines = [
  'receivables',
  'overdue',
  'overdue_percent',
  'dso',
  'best_possible_dso',
  'count_back_dso',
  'delinquent_days',
  'collection_effectiveness',
  'average_days_late',
]

export type PackContent = {
  organisation: string
  view: Pick<View, 'as_of' | 'from' | 'known_on' | 'currency' | 'rates'>
  at: Date
  headlines: { name: string; value: string; note: string }[]
  tables: Table[]
}

/** All that the pack says, read in one scope; drawing it needs no database. */
export async function packContent(scope: Scope, view: View): Promise<PackContent> {
  const { figures } = await getMetrics(scope, view)
  const tables: Table[] = []
  for (const name of pages) tables.push(await tableOf(scope, view, name))
  const write = numbers(view.currency)
  return {
    organisation: scope.tenant.name,
    view: {
      as_of: view.as_of,
      from: view.from,
      known_on: view.known_on,
      currency: view.currency,
      rates: view.rates,
    },
    at: scope.now,
    headlines: headlines.map((wanted) => {
      const { value, unit, reason, is_estimated } = figures.find(({ figure }) => figure === wanted)!
      return {
        name: figureWords[wanted]!.name,
        value:
          value === null
            ? '–'
            : unit === 'money'
              ? `${write.short(value)} ${view.currency}`
              : unit === 'percent'
                ? `${write.one(value)} %`
                : `${write.one(value)} days`,
        note: reason ?? (is_estimated ? 'Estimate' : ''),
      }
    }),
    tables,
  }
}

function numbers(currency: string) {
  const of = (options: Intl.NumberFormatOptions) => new Intl.NumberFormat('en', options)
  const places = of({ style: 'currency', currency }).resolvedOptions().maximumFractionDigits!
  const money = of({ minimumFractionDigits: places, maximumFractionDigits: places })
  const [short, one, whole] = [
    of({ notation: 'compact', maximumFractionDigits: 1 }),
    of({ maximumFractionDigits: 1, minimumFractionDigits: 1 }),
    of({}),
  ]
  return {
    short: (value: number) => short.format(value),
    one: (value: number) => one.format(value),
    cell(cell: SheetCell | undefined, { kind, decimals }: SheetColumn): string {
      if (cell === null || cell === undefined || cell === '') return kind === 'text' ? '' : '–'
      if (typeof cell === 'string') return cell
      return kind === 'amount' ? money.format(cell) : decimals === 1 ? one.format(cell) : whole.format(cell)
    },
  }
}

/** The pack on paper: headlines, then each table with its chart. */
export async function drawPack(content: PackContent): Promise<Buffer> {
  const { view, organisation } = content
  const write = numbers(view.currency)
  const title = `Receivables of ${organisation}, ${view.as_of}`
  const pdf = newPdf({ title, author: organisation, at: content.at })
  pdf.font('bold').fontSize(18).text(`Receivables, ${view.as_of}`)
  pdf.font('text').fontSize(10).fillColor(ink.dim).text(organisation)
  const said = [
    `Figures of the period from ${view.from}, in ${view.currency}.`,
    ...(view.known_on ? [`As known on the evening of ${view.known_on}.`] : []),
    ...view.rates.map(({ currency, day, rate }) => `1 ${currency} = ${rate}, of ${day}.`),
  ]
  pdf.text(said.join(' '), { width: widthOf(pdf) }).moveDown()
  const wide = widthOf(pdf) / 3
  for (const [at, { name, value, note }] of content.headlines.entries()) {
    const [x, y] = [MARGIN + (at % 3) * wide, pdf.y]
    pdf
      .font('text')
      .fontSize(8)
      .fillColor(ink.dim)
      .text(name, x, y, { width: wide - 10, lineBreak: false })
    pdf
      .font('bold')
      .fontSize(14)
      .fillColor(ink.text)
      .text(value, x, y + 11, { width: wide - 10, lineBreak: false })
    pdf
      .font('text')
      .fontSize(6.5)
      .fillColor(ink.dim)
      .text(note, x, y + 30, { width: wide - 12, height: 16, ellipsis: true })
    pdf.y = at % 3 === 2 ? y + 50 : y
  }
  pdf.x = MARGIN
  pdf.moveDown()
  for (const each of content.tables) {
    if (pdf.y > 420) pdf.addPage()
    heading(pdf, each.title, each.why)
    if (each.rows.length === 0) {
      pdf.text('Nothing to show.').moveDown()
      continue
    }
    if (each.chart) drawChart(pdf, each.chart, write.short)
    const columns = each.columns.map(({ header, kind, width }) => ({
      header,
      right: kind === 'amount' || kind === 'number',
      ...(width ? { share: width / 14 } : {}),
    }))
    table(
      pdf,
      columns,
      each.rows.map((row) => row.map((cell, at) => write.cell(cell, each.columns[at]!))),
      { total: each.total ?? false },
    )
    pdf.moveDown(0.5)
  }
  return finish(
    pdf,
    `${organisation} · as of ${view.as_of}${view.known_on ? `, as known on ${view.known_on}` : ''} · ${view.currency} · Duebook`,
  )
}
