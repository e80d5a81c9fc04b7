import PDFDocument from 'pdfkit'

// A page to draw reports on, text by text, as the programs of pharmacies do.

export type Align = 'left' | 'right' | 'center'
export type Paper = ReturnType<typeof paper>
type Put = { font?: string; size?: number; align?: Align; perGlyph?: boolean; color?: string }

export function paper(
  options: {
    landscape?: boolean
    font?: string
    size?: number
    perGlyph?: boolean
    password?: string
    /** Text runs upwards on an upright page; `rotate` also turns the page back when it is shown. */
    sideways?: 'text' | 'page'
    /** This page is lost. */
    skip?: number
  } = {},
) {
  const [long, short] = [841.89, 595.28]
  const { landscape = true, font = 'Helvetica', size = 8, sideways } = options
  const upright = sideways ? [short, long] : landscape ? [long, short] : [short, long]
  const doc = new PDFDocument({
    size: upright as [number, number],
    margin: 0,
    autoFirstPage: false,
    ...(options.password ? { userPassword: options.password, ownerPassword: 'owner' } : {}),
  })
  const chunks: Buffer[] = []
  doc.on('data', (chunk: Buffer) => chunks.push(chunk))
  const width = landscape ? long : short
  const height = landscape ? short : long
  let page = 0

  function newPage() {
    page++
    if (page === options.skip) return
    doc.addPage()
    if (sideways) {
      if (sideways === 'page')
        (doc.page.dictionary as unknown as { data: Record<string, number> }).data.Rotate = 90
      doc.translate(0, long)
      doc.rotate(-90)
    }
  }
  newPage()

  function put(text: string, x: number, y: number, put: Put = {}) {
    if (page === options.skip) return
    doc
      .font(put.font ?? font)
      .fontSize(put.size ?? size)
      .fillColor(put.color ?? 'black')
    const wide = doc.widthOfString(text)
    const left = put.align === 'right' ? x - wide : put.align === 'center' ? x - wide / 2 : x
    if (!(put.perGlyph ?? options.perGlyph)) {
      doc.text(text, left, y, { lineBreak: false })
      return
    }
    let at = left
    for (const char of text) {
      if (char !== ' ') doc.text(char, at, y, { lineBreak: false })
      at += doc.widthOfString(char)
    }
  }

  const line = (x0: number, y0: number, x1: number, y1: number) =>
    page !== options.skip && doc.moveTo(x0, y0).lineTo(x1, y1).lineWidth(0.5).stroke()

  const end = () =>
    new Promise<Buffer>((resolve) => {
      doc.on('end', () => resolve(Buffer.concat(chunks)))
      doc.end()
    })
  const widthOf = (text: string) => doc.font(font).fontSize(size).widthOfString(text)
  return { put, line, newPage, end, doc, width, height, widthOf, page: () => page }
}
