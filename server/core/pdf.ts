import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

// Paper, made in this process: a font that knows the letters of most of the world, headings, tables that repeat their head on every
// page, and a foot with numbers.

type Pdf = PDFKit.PDFDocument
export const MARGIN = 44
const require = createRequire(import.meta.url)
const { resolve } = require
const fonts = join(dirname(resolve('dejavu-fonts-ttf/package.json')), 'ttf')
/** Scripts that the font above does not know, each with one that does. */
const others = [
  {
    script: /\p{Script=Devanagari}(?:[\p{Script=Devanagari}\p{M}\u0964\u0965]|\u200c|\u200d)*/u,
    text: 'devanagari',
    bold: 'devanagari-bold',
  },
] as const
export const ink = { text: '#18211d', dim: '#55625b', rule: '#c3cec8', band: '#eff5f1', accent: '#155a43' }

export function newPdf(info: { title: string; author: string; at: Date; wide?: boolean }): Pdf {
  // Loaded with the first paper: it takes 16 MB.
  const PDFDocument = require('pdfkit') as typeof import('pdfkit')
  const pdf = new PDFDocument({
    size: 'A4',
    layout: info.wide ? 'landscape' : 'portrait',
    margin: MARGIN,
    bufferPages: true,
    // The text of the page as screen readers find it.
    lang: 'en',
    info: { Title: info.title, Author: info.author, CreationDate: info.at, Producer: 'Duebook' },
  })
  pdf.registerFont('text', join(fonts, 'DejaVuSansCondensed.ttf'))
  pdf.registerFont('bold', join(fonts, 'DejaVuSansCondensed-Bold.ttf'))
  const devanagari = (weight: number) =>
    resolve(`@fontsource/noto-sans/files/noto-sans-devanagari-${weight}-normal.woff`)
  pdf.registerFont('devanagari', devanagari(400))
  pdf.registerFont('devanagari-bold', devanagari(700))
  return pdf.font('text').fontSize(9).fillColor(ink.text)
}

type Face = 'text' | 'bold'
/** The text in pieces, each with a font that knows its letters. */
function pieces(text: string, face: Face): { font: string; words: string }[] {
  for (const other of others) {
    const found = other.script.exec(text)
    if (!found) continue
    const end = found.index + found[0].length
    return [
      ...pieces(text.slice(0, found.index), face),
      { font: other[face], words: found[0] },
      ...pieces(text.slice(end), face),
    ]
  }
  return text === '' ? [] : [{ font: face, words: text }]
}

function textWidth(pdf: Pdf, text: string, face: Face): number {
  return pieces(text, face).reduce((sum, { font, words }) => sum + pdf.font(font).widthOfString(words), 0)
}

/** One line at a place, in whatever scripts; as much of it as fits the width. */
export function write(
  pdf: Pdf,
  text: string,
  {
    x,
    y,
    width,
    face = 'text',
    right = false,
  }: { x: number; y: number; width: number; face?: Face; right?: boolean },
) {
  const shown = fitted(pdf, text, width, face)
  let at = right ? x + width - textWidth(pdf, shown, face) : x
  for (const { font, words } of pieces(shown, face)) {
    pdf.font(font).text(words, at, y, { lineBreak: false })
    at += pdf.widthOfString(words)
  }
}

export const widthOf = (pdf: Pdf) => pdf.page.width - 2 * MARGIN
const bottomOf = (pdf: Pdf) => pdf.page.height - MARGIN - 20
/** Begins a new page when less than `height` is left on this one. */
export function room(pdf: Pdf, height: number) {
  if (pdf.y + height > bottomOf(pdf)) pdf.addPage()
}

export function heading(pdf: Pdf, title: string, why?: string) {
  pdf
    .font('bold')
    .fontSize(12)
    .fillColor(ink.text)
    .text(title, MARGIN, pdf.y, { width: widthOf(pdf) })
  if (why)
    pdf
      .font('text')
      .fontSize(8.5)
      .fillColor(ink.dim)
      .text(why, MARGIN, pdf.y + 1, { width: widthOf(pdf) })
  pdf.moveDown(0.5).font('text').fontSize(9).fillColor(ink.text)
}

export type PdfColumn = { header: string; right: boolean; share?: number }
const ROW = 15

/** Rows below a head that every page repeats; text that is too long for its column ends in dots. */
export function table(pdf: Pdf, columns: PdfColumn[], rows: string[][], { total = false } = {}) {
  const shares = columns.map(({ share, right }) => share ?? (right ? 1 : 1.8))
  const whole = shares.reduce((all, share) => all + share, 0)
  const widths = shares.map((share) => (share / whole) * widthOf(pdf))
  const line = (cells: string[], y: number, font: 'text' | 'bold') => {
    let x = MARGIN
    for (const [at, cell] of cells.entries()) {
      pdf.fontSize(columns.length > 8 ? 7 : 8)
      write(pdf, cell, { x: x + 3, y: y + 4, width: widths[at]! - 6, face: font, right: columns[at]!.right })
      x += widths[at]!
    }
  }
  const rule = (y: number, color = ink.rule, weight = 0.5) =>
    pdf
      .moveTo(MARGIN, y)
      .lineTo(MARGIN + widthOf(pdf), y)
      .lineWidth(weight)
      .strokeColor(color)
      .stroke()
  const head = () => {
    pdf.fillColor(ink.dim)
    line(
      columns.map(({ header }) => header),
      pdf.y,
      'bold',
    )
    pdf.y += ROW
    rule(pdf.y, ink.text, 0.8)
    pdf.fillColor(ink.text)
  }
  room(pdf, ROW * 3)
  let y = pdf.y
  head()
  y += ROW
  for (const [at, row] of rows.entries()) {
    if (y + ROW > bottomOf(pdf)) {
      pdf.addPage()
      y = pdf.y
      head()
      y += ROW
    }
    const isTotal = total && at === rows.length - 1
    if (isTotal) rule(y, ink.text, 0.8)
    line(row, y, isTotal ? 'bold' : 'text')
    y += ROW
    rule(y)
  }
  pdf.x = MARGIN
  pdf.y = y + 10
}

function fitted(pdf: Pdf, text: string, width: number, face: Face): string {
  if (textWidth(pdf, text, face) <= width) return text
  let [shortest, longest] = [0, text.length]
  while (shortest < longest) {
    const middle = Math.ceil((shortest + longest) / 2)
    if (textWidth(pdf, `${text.slice(0, middle)}…`, face) <= width) shortest = middle
    else longest = middle - 1
  }
  return `${text.slice(0, shortest)}…`
}

/** The same words at the foot of every page, with its number; then the document is done. */
export async function finish(pdf: Pdf, foot: string): Promise<Buffer> {
  const { start, count } = pdf.bufferedPageRange()
  for (let page = start; page < start + count; page += 1) {
    pdf.switchToPage(page)
    // Below the margin a text would begin a page of its own.
    pdf.page.margins.bottom = 0
    const y = pdf.page.height - MARGIN
    pdf.font('text').fontSize(7.5).fillColor(ink.dim)
    pdf.text(foot, MARGIN, y, { width: widthOf(pdf) - 60, lineBreak: false })
    pdf.text(`${page + 1} / ${count}`, MARGIN, y, { width: widthOf(pdf), align: 'right', lineBreak: false })
  }
  const chunks: Buffer[] = []
  const done = new Promise<Buffer>((resolve, reject) => {
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk))
    pdf.on('end', () => resolve(Buffer.concat(chunks)))
    pdf.on('error', reject)
  })
  pdf.end()
  return done
}
