import { parentPort, workerData } from 'node:worker_threads'
import { Refusal } from '../../../core/errors.ts'
import type { Job, Said } from './reading.ts'

// The reading thread: one report, one answer.

const port = parentPort!
const say = (said: Said) => port.postMessage(said)
const { file } = workerData as Job

try {
  throw new Refusal(400, 'not_a_report', `${file.name} is not a debtor report that can be read.`)
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  const { status, code, detail, extra } = error
  say({ kind: 'refused', status, code, detail, body: extra.body })
}
