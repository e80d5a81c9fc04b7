import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { init, type WrappedPdfiumModule } from '@embedpdf/pdfium'
import { Refusal } from '../../../core/errors.ts'
import { cutWords, type Glyph, type Page } from './words.ts'

// Text with coordinates, and pixels, by PDFium in WebAssembly. Its calls are synchronous and its memory never shrinks: it belongs
// in a thread that ends.

const require = createRequire(import.meta.url)
const PASSWORD = 4
const MAX_PAGES = 2000

async function pdfium(): Promise<WrappedPdfiumModule> {
  const wasm = await readFile(require.resolve('@embedpdf/pdfium/pdfium.wasm'))
  const wasmBinary = wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength) as ArrayBuffer
  const lib = await init({ wasmBinary })
  lib.PDFiumExt_Init()
  return lib
}

/** Called for each letter: the wrapped functions take ten times as long. */
type Calls = Record<
  '_FPDFText_IsGenerated' | '_FPDFText_GetUnicode' | '_FPDFText_GetCharAngle',
  (text: number, at: number) => number
> &
  Record<
    '_FPDFText_GetLooseCharBox' | '_FPDFText_GetCharOrigin',
    (text: number, at: number, to: number, and?: number) => number
  >
const letters = Array.from({ length: 0x250 }, (_, code) => String.fromCharCode(code))
const letter = (code: number) => letters[code] ?? String.fromCodePoint(code)
const blank = (code: number) =>
  code === 9 || code === 0xa0 || code === 0x202f || code === 0x3000 || (code >= 0x2000 && code <= 0x200b)

export type Pixels = { width: number; height: number; gray: Buffer }
export type Pdf = {
  pages: number
  /** Words of a page (from 0), and whether pictures cover it. */
  page: (at: number) => Page
  /** `scale` is pixels to a point. */
  render: (at: number, scale: number) => Pixels
  close: () => void
}

export async function openPdf(path: string, name: string, password?: string): Promise<Pdf> {
  const [lib, bytes] = await Promise.all([pdfium(), readFile(path)])
  const heap = lib.pdfium as unknown as { HEAPU8: Uint8Array; HEAPF64: Float64Array; HEAPF32: Float32Array }
  const raw = lib.pdfium as unknown as Calls
  const { malloc, free } = lib.pdfium.wasmExports
  const at = malloc(bytes.length)
  heap.HEAPU8.set(bytes, at)
  const document = lib.FPDF_LoadMemDocument(at, bytes.length, password ?? '')
  if (!document) {
    if (lib.FPDF_GetLastError() === PASSWORD)
      throw new Refusal(
        422,
        'password_needed',
        password
          ? `This is not the password of ${name}. Send the report again with the right one.`
          : `${name} is protected with a password. Send the report again together with its password.`,
      )
    throw new Refusal(
      400,
      'not_a_report',
      `${name} is damaged or not a PDF. Print the report again and send the new file.`,
    )
  }
  const pages = lib.FPDF_GetPageCount(document)
  if (pages > MAX_PAGES)
    throw new Refusal(
      413,
      'too_large',
      `${name} has ${pages} pages; at most ${MAX_PAGES} are read in one go. Split it and send the parts.`,
    )
  const box = malloc(64)

  const withPage = <T>(at: number, use: (page: number) => T): T => {
    const page = lib.FPDF_LoadPage(document, at)
    if (!page)
      throw new Refusal(400, 'not_a_report', `Page ${at + 1} of ${name} is damaged. Print the report again.`)
    try {
      return use(page)
    } finally {
      lib.FPDF_ClosePage(page)
    }
  }

  const page = (number: number): Page =>
    withPage(number, (page) => {
      const turns = lib.FPDFPage_GetRotation(page)
      const width = lib.FPDF_GetPageWidthF(page)
      const height = lib.FPDF_GetPageHeightF(page)
      const bounds = lib.FPDF_GetPageBoundingBox(page, box)
        ? [...heap.HEAPF32.subarray(box >> 2, (box >> 2) + 4)]
        : [0, 0, 0, 0]
      const [left, , , bottom] = bounds as [number, number, number, number]
      // The page as it lies in the file, before it is turned to be shown.
      const [flatWidth, flatHeight] = turns % 2 === 1 ? [height, width] : [width, height]
      const shown = (x: number, y: number): [number, number] => {
        const [a, b] = [x - left, y - bottom]
        if (turns === 1) return [b, a]
        if (turns === 2) return [flatWidth - a, b]
        if (turns === 3) return [flatHeight - b, flatWidth - a]
        return [a, flatHeight - b]
      }
      const text = lib.FPDFText_LoadPage(page)
      const glyphs: Glyph[] = []
      const count = lib.FPDFText_CountChars(text)
      for (let i = 0; i < count; i++) {
        if (raw._FPDFText_IsGenerated(text, i) === 1) continue
        const code = raw._FPDFText_GetUnicode(text, i)
        if ((code < 32 && code !== 9) || code === 0xfffe || code === 0xffff) continue
        if (!raw._FPDFText_GetLooseCharBox(text, i, box)) continue
        // Memory may have grown, which leaves older views of it empty.
        const floats = heap.HEAPF32
        const at = box >> 2
        const [x0, y0] = shown(floats[at]!, floats[at + 3]!)
        const [x1, y1] = shown(floats[at + 2]!, floats[at + 1]!)
        if (!raw._FPDFText_GetCharOrigin(text, i, box, box + 8)) continue
        const [x, y] = shown(heap.HEAPF64[box >> 3]!, heap.HEAPF64[(box >> 3) + 1]!)
        const angle = raw._FPDFText_GetCharAngle(text, i)
        glyphs.push({
          char: blank(code) ? ' ' : letter(code),
          x0: Math.min(x0, x1),
          x1: Math.max(x0, x1),
          y0: Math.min(y0, y1),
          y1: Math.max(y0, y1),
          x,
          y,
          // Clockwise, as the page is shown.
          angle: (((turns * 90 - (angle * 180) / Math.PI) % 360) + 360) % 360,
        })
      }
      lib.FPDFText_ClosePage(text)
      return cutWords(number + 1, width, height, turns * 90, glyphs)
    })

  const render = (number: number, scale: number): Pixels =>
    withPage(number, (page) => {
      const width = Math.max(1, Math.round(lib.FPDF_GetPageWidthF(page) * scale))
      const height = Math.max(1, Math.round(lib.FPDF_GetPageHeightF(page) * scale))
      const bitmap = lib.FPDFBitmap_Create(width, height, 0)
      lib.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xffffffff)
      const ANNOTATIONS = 1
      lib.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, ANNOTATIONS)
      const stride = lib.FPDFBitmap_GetStride(bitmap)
      const from = lib.FPDFBitmap_GetBuffer(bitmap)
      const pixels = heap.HEAPU8
      const gray = Buffer.allocUnsafe(width * height)
      for (let y = 0; y < height; y++)
        for (let x = 0, p = from + y * stride; x < width; x++, p += 4)
          gray[y * width + x] = (pixels[p]! * 29 + pixels[p + 1]! * 150 + pixels[p + 2]! * 77) >> 8
      lib.FPDFBitmap_Destroy(bitmap)
      return { width, height, gray }
    })

  const close = () => {
    lib.FPDF_CloseDocument(document)
    free(box)
    free(at)
  }
  return { pages, page, render, close }
}
