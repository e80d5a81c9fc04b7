import { parentPort, workerData } from 'node:worker_threads'
import { Unreadable } from '../../core/tabular.ts'
import type { Job, Said, Told } from './reading.ts'
import { type LeftOut, stageRows } from './staging.ts'
import { surveyFile } from './survey.ts'
import type { ReadRow } from './target.ts'

// The reading thread: looks the whole file over, answers what it is, and on request turns its rows into text for COPY.
// It holds a few chunks at most; the main thread grants each further one.

const job = workerData as Job
const port = parentPort!
const say = (said: Said, transfer: ArrayBuffer[] = []) => port.postMessage(said, transfer)

let granted = 0
let wake = () => {}
const begin = Promise.withResolvers<void>()
port.on('message', (told: Told) => {
  if (told.kind === 'begin') begin.resolve()
  granted += told.chunks
  wake()
})

try {
  const survey = await surveyFile(job.path, job.fields, job.wanted, job.answers)
  say({ kind: 'survey', survey })
  await begin.promise
  const { readRow } = (await import(job.rows)) as { readRow: ReadRow }
  const reading = {
    home_currency: job.home_currency,
    as_of: job.as_of,
    standard: job.standard,
    places: survey.places,
    days: survey.days,
    decimal: survey.decimal.decimal,
  }
  const leftOut: LeftOut = { totals: [], notes: [] }
  for await (const chunk of stageRows(job.path, survey, job.columns, job.key, readRow, reading, leftOut)) {
    while (granted === 0) await new Promise<void>((resolve) => (wake = resolve))
    granted--
    say({ kind: 'chunk', ...chunk }, [chunk.bytes.buffer])
  }
  say({ kind: 'end', left_out: leftOut })
} catch (error) {
  if (!(error instanceof Unreadable)) throw error
  say({ kind: 'unreadable', message: error.message })
}
port.close()
