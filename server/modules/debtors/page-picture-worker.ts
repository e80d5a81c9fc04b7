import { parentPort, workerData } from 'node:worker_threads'
import { crc32, deflateSync } from 'node:zlib'
import { Refusal } from '../../core/errors.ts'
import type { PictureJob, PictureSaid } from './page-picture.ts'
import { openPdf, type Pixels } from './report/pdf.ts'

// The drawing thread: one page, one picture.

/** Longest side in pixels: 132 columns of print stay legible at twice the width of half a screen. */
const LONGEST = 1_700
const { path, name, page } = workerData as PictureJob
const say = (said: PictureSaid) => parentPort!.postMessage(said)

try {
  const pdf = await openPdf(path, name)
  const { width, height } = pdf.page(page - 1)
  say({ kind: 'picture', png: pngOf(pdf.render(page - 1, LONGEST / Math.max(width, height))) })
  pdf.close()
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  const { status, code, detail } = error
  say({ kind: 'refused', status, code, detail })
}

/** Grey pixels as PNG: a line is a filter (none) and its bytes. Paper is mostly white and packs well as it is. */
function pngOf({ width, height, gray }: Pixels): Buffer {
  const lines = Buffer.alloc((width + 1) * height)
  for (let y = 0; y < height; y++) gray.copy(lines, y * (width + 1) + 1, y * width, (y + 1) * width)
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head[8] = 8 // bits; the rest says grey, deflate, no interlace
  const chunk = (kind: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(kind, 'latin1'), data])
    const frame = Buffer.alloc(8)
    frame.writeUInt32BE(data.length, 0)
    frame.writeUInt32BE(crc32(body), 4)
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
  }
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(lines, { level: 4 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}
