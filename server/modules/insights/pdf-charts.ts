import { ink, MARGIN, room, widthOf } from '../../core/pdf.ts'

// Charts as lines and areas of the page itself, sharp at any size.

type Pdf = PDFKit.PDFDocument
export type PaperChart =
  | { kind: 'stack'; names: string[]; series: { name: string; values: number[] }[] }
  | { kind: 'lines'; names: string[]; series: { name: string; values: (number | null)[] }[] }
  | { kind: 'waterfall'; steps: { name: string; amount: number; isTotal: boolean }[] }
  | { kind: 'bars'; names: string[]; values: number[] }

const ages = ['#5fa58b', '#b7bd62', '#e2b04a', '#d98039', '#bf4f33', '#84263b', '#9aa8b8']
const lineColours = [ink.accent, '#d98039', '#55625b']
const HEIGHT = 150

export function drawChart(pdf: Pdf, chart: PaperChart, write: (value: number) => string) {
  room(pdf, HEIGHT + 60)
  const top = pdf.y + (chart.kind === 'stack' || chart.kind === 'lines' ? legend(pdf, chart) : 0)
  const left = MARGIN + 62
  const width = widthOf(pdf) - 62
  const values = valuesOf(chart)
  const [low, high] = scaleOf(values)
  const y = (value: number) => top + HEIGHT - ((value - low) / (high - low || 1)) * HEIGHT
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    const value = low + (high - low) * share
    pdf
      .moveTo(left, y(value))
      .lineTo(left + width, y(value))
      .lineWidth(0.4)
      .strokeColor(ink.rule)
      .stroke()
    pdf.font('text').fontSize(7).fillColor(ink.dim)
    pdf.text(write(value), MARGIN, y(value) - 4, { width: 56, align: 'right', lineBreak: false })
  }
  const names = chart.kind === 'waterfall' ? chart.steps.map(({ name }) => name) : chart.names
  const step = width / Math.max(1, names.length)
  const bar = (at: number, from: number, to: number, colour: string) => {
    const [a, b] = [y(Math.max(from, to)), y(Math.min(from, to))]
    pdf
      .rect(left + at * step + step * 0.18, a, step * 0.64, Math.max(0.5, b - a))
      .fillColor(colour)
      .fill()
  }
  if (chart.kind === 'stack')
    for (const [at] of names.entries()) {
      let sum = 0
      for (const [n, { values }] of chart.series.entries()) {
        if (values[at]! > 0) bar(at, sum, sum + values[at]!, ages[n % ages.length]!)
        sum += Math.max(0, values[at]!)
      }
    }
  if (chart.kind === 'bars') for (const [at, value] of chart.values.entries()) bar(at, 0, value, ages[3]!)
  if (chart.kind === 'waterfall') {
    let sum = 0
    for (const [at, { amount, isTotal }] of chart.steps.entries()) {
      if (isTotal) {
        bar(at, 0, amount, ink.dim)
        sum = amount
      } else {
        bar(at, sum, sum + amount, amount >= 0 ? ages[3]! : ages[0]!)
        sum += amount
      }
    }
  }
  if (chart.kind === 'lines')
    for (const [n, { values }] of chart.series.entries()) {
      let isDown = false
      pdf.lineWidth(1.4).strokeColor(lineColours[n % lineColours.length]!)
      if (n === 1) pdf.dash(4, { space: 2 })
      if (n === 2) pdf.dash(1.5, { space: 1.5 })
      for (const [at, value] of values.entries()) {
        const x = left + at * step + step / 2
        if (value === null) isDown = false
        else if (isDown) pdf.lineTo(x, y(value))
        else {
          pdf.moveTo(x, y(value))
          isDown = true
        }
      }
      pdf.stroke().undash()
    }
  pdf.font('text').fontSize(6.5).fillColor(ink.dim)
  for (const [at, name] of names.entries())
    pdf.text(name, left + at * step, top + HEIGHT + 4, {
      width: step,
      align: 'center',
      height: 18,
      ellipsis: true,
    })
  pdf.x = MARGIN
  pdf.y = top + HEIGHT + 28
  pdf.fillColor(ink.text).fontSize(9)
}

function valuesOf(chart: PaperChart): number[] {
  switch (chart.kind) {
    case 'stack':
      return chart.names.map((_, at) =>
        chart.series.reduce((sum, { values }) => sum + Math.max(0, values[at]!), 0),
      )
    case 'lines':
      return chart.series.flatMap(({ values }) => values.filter((value) => value !== null))
    case 'bars':
      return chart.values
    case 'waterfall': {
      let sum = 0
      return chart.steps.map(({ amount, isTotal }) => {
        sum = isTotal ? amount : sum + amount
        return sum
      })
    }
  }
}

/** From zero, or below it, to a round number above everything. */
function scaleOf(values: number[]): [number, number] {
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)]
  const round = (value: number) => {
    if (value === 0) return 0
    const size = 10 ** Math.floor(Math.log10(Math.abs(value)))
    return (Math.ceil((Math.abs(value) / size) * 2) / 2) * size * Math.sign(value)
  }
  return [round(low), round(high) || 1]
}

function legend(pdf: Pdf, chart: Extract<PaperChart, { series: unknown }>): number {
  let x = MARGIN
  const y = pdf.y
  pdf.font('text').fontSize(7.5)
  for (const [n, { name }] of chart.series.entries()) {
    pdf
      .rect(x, y + 1, 8, 6)
      .fillColor(chart.kind === 'stack' ? ages[n % ages.length]! : lineColours[n % 3]!)
      .fill()
    pdf.fillColor(ink.dim).text(name, x + 11, y, { lineBreak: false })
    x += 22 + pdf.widthOfString(name)
  }
  return 18
}
