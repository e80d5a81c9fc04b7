import { open } from 'node:fs/promises'
import { Refusal } from '../../../core/errors.ts'
import { openPdf } from './pdf.ts'
import { readPages } from './read.ts'
import type { Reading, ReadOptions } from './types.ts'
import type { Page } from './words.ts'

// A file to pages of words: text where the PDF has it, recognised from the picture where it has none, cells of a sheet.

export type OnPage = (page: number, of: number, ocr: boolean) => void

const isPdf = async (path: string) => {
  const file = await open(path)
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(1024), 0, 1024, 0)
    return buffer.subarray(0, bytesRead).includes('%PDF-')
  } finally {
    await file.close()
  }
}

export async function readFileOf(
  file: { path: string; name: string },
  options: ReadOptions,
  onPage: OnPage,
): Promise<Reading> {
  if (!(await isPdf(file.path))) {
    const { sheetPages } = await import('./sheet.ts')
    return readPages(await sheetPages(file, options), 'sheet', file.name, options)
  }
  const pdf = await openPdf(file.path, file.name, options.password)
  const pages: Page[] = []
  for (let at = 0; at < pdf.pages; at++) {
    pages.push(pdf.page(at))
    onPage(at + 1, pdf.pages, false)
  }
  const written = pages.filter(({ words }) => words.length > 3)
  if (written.length >= pages.length * 0.5) return readPages(pages, 'text', file.name, options)
  if (options.ocr === false)
    throw new Refusal(
      400,
      'not_a_report',
      `${file.name} is a scan without text. Print the report as a PDF from the program and send that.`,
    )
  const { recognise } = await import('./ocr.ts')
  return readPages(await recognise(pdf, pages, onPage), 'ocr', file.name, options)
}
