import { parentPort, workerData } from 'node:worker_threads'
import { Refusal } from '../../../core/errors.ts'
import type { Job, Said } from './reading.ts'
import { readFileOf } from './sources.ts'

// The reading thread: one report, one answer.

const port = parentPort!
const say = (said: Said) => port.postMessage(said)
const { file, options } = workerData as Job

try {
  const reading = await readFileOf(file, options, (page, of, ocr) => say({ kind: 'page', page, of, ocr }))
  say({ kind: 'done', reading })
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  const { status, code, detail, extra } = error
  say({ kind: 'refused', status, code, detail, body: extra.body })
}
