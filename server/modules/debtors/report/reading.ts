import { Worker } from 'node:worker_threads'
import { Refusal } from '../../../core/errors.ts'
import type { Reading, ReadOptions } from './types.ts'

export * from './types.ts'

// Reads a debtor age analysis of any layout: PDF, scan, CSV or workbook. The reading runs in a thread of its own, so that a
// damaged or hostile file takes neither the server's time nor its memory.

const limits = { maxOldGenerationSizeMb: 320, maxYoungGenerationSizeMb: 32, stackSizeMb: 8 }
/** A reading of text is a matter of seconds. OCR takes about two for each page. */
const TEXT_MS = 60_000
const OCR_MS = 20 * 60_000

export type Job = { file: { path: string; name: string }; options: ReadOptions }
export type Said =
  | { kind: 'page'; page: number; of: number; ocr: boolean }
  | { kind: 'done'; reading: Reading }
  | { kind: 'refused'; status: number; code: string; detail: string; body?: Record<string, unknown> }

const timeOut = () =>
  new Refusal(
    503,
    'report_takes_too_long',
    'Reading this report takes too long. Print it again as a PDF with text, or split it, and send that.',
  )

/** Answers what the report says, or refuses: password_needed, not_a_report, no_accounts, too_large, report_takes_too_long. */
export function readReport(
  file: { path: string; name: string },
  options: ReadOptions,
  signal: AbortSignal,
  onPage: (page: number, of: number) => void = () => {},
): Promise<Reading> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: { file, options } satisfies Job,
      resourceLimits: limits,
    })
    let timer = setTimeout(() => end(() => reject(timeOut())), TEXT_MS)
    let ocr = false
    const aborted = () => end(() => reject(signal.reason))
    const end = (settle: () => void) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', aborted)
      void worker.terminate()
      settle()
    }
    signal.addEventListener('abort', aborted)
    worker.on('message', (said: Said) => {
      if (said.kind === 'page') {
        if (said.ocr && !ocr) {
          ocr = true
          clearTimeout(timer)
          timer = setTimeout(() => end(() => reject(timeOut())), OCR_MS)
        }
        onPage(said.page, said.of)
      } else if (said.kind === 'done') end(() => resolve(said.reading))
      else end(() => reject(new Refusal(said.status, said.code, said.detail, { body: said.body })))
    })
    worker.on('error', (error: NodeJS.ErrnoException) =>
      end(() =>
        reject(
          error.code === 'ERR_WORKER_OUT_OF_MEMORY'
            ? new Refusal(
                413,
                'too_large',
                'This report is too large to be read in one go. Split it and send the parts.',
              )
            : error,
        ),
      ),
    )
    worker.on('exit', () => end(() => reject(new Error('The reading thread ended without an answer.'))))
  })
}
