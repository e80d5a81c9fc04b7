import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Pdf, Pixels } from './pdf.ts'
import type { OnPage } from './sources.ts'
import type { Page, Word } from './words.ts'

// Scans: pages to pictures, and words from these by Tesseract, whose language data come with the packages. Nothing is fetched.

const DPI = 250
const require = createRequire(import.meta.url)

/** A picture without compression, as Tesseract reads it. */
export function pgm({ width, height, gray }: Pixels): Buffer {
  return Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`), gray])
}

export async function recognise(pdf: Pdf, pages: Page[], onPage: OnPage): Promise<Page[]> {
  const { createWorker, PSM } = await import('tesseract.js')
  const data = dirname(require.resolve('@tesseract.js-data/eng/package.json'))
  const worker = await createWorker('eng', 1, {
    langPath: join(data, '4.0.0_best_int'),
    cacheMethod: 'none',
    gzip: true,
  })
  try {
    await worker.setParameters({ tessedit_pageseg_mode: PSM.SINGLE_BLOCK, preserve_interword_spaces: '1' })
    const read: Page[] = []
    for (const [at, page] of pages.entries()) {
      const picture = pgm(pdf.render(at, DPI / 72))
      const { data } = await worker.recognize(picture, {}, { blocks: true, text: false })
      const words: Word[] = []
      for (const block of data.blocks ?? [])
        for (const paragraph of block.paragraphs)
          for (const line of paragraph.lines)
            for (const word of line.words) words.push(...wordOf(word, line.baseline))
      read.push({ ...page, words, aslant: page.aslant, pitch: null, turned: 0 })
      onPage(at + 1, pages.length, true)
    }
    return read
  } finally {
    await worker.terminate()
  }
}

type Box = { x0: number; y0: number; x1: number; y1: number }

function wordOf(word: { text: string; bbox: Box }, baseline: Box): Word[] {
  // Rules of a grid are read as bars.
  const text = word.text.replaceAll(/^[|[\]_—]+|[|[\]_—]+$/g, '').trim()
  if (text === '') return []
  const points = 72 / DPI
  const [x0, x1] = [word.bbox.x0 * points, word.bbox.x1 * points]
  const middle = (word.bbox.x0 + word.bbox.x1) / 2
  const run = baseline.x1 - baseline.x0
  const slope = run > 0 ? (baseline.y1 - baseline.y0) / run : 0
  const y = (baseline.y0 + slope * (middle - baseline.x0)) * points
  const step = (x1 - x0) / text.length
  return [
    {
      text,
      x0,
      x1,
      y,
      h: Math.max(4, (word.bbox.y1 - word.bbox.y0) * points * 1.25),
      xs: Array.from({ length: text.length + 1 }, (_, at) => x0 + at * step),
    },
  ]
}
