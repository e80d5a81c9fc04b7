import { parentPort } from 'node:worker_threads'
import { Unreadable } from '../../core/tabular.ts'
import type { Job, Said, Told } from './reading.ts'
import { concludeWith } from './recognise.ts'
import { noneLeftOut, stageRows } from './staging.ts'
import { agree, ColumnWatch, surveyFile } from './survey.ts'
import type { Reading, RowReader } from './target.ts'

// The reading thread: looks the whole file over, answers what it is, and on request turns its rows into text for COPY.
// It holds a few chunks at most; the main thread grants each further one. Then it waits for another file.

const port = parentPort!
const say = (said: Said, transfer: ArrayBuffer[] = []) => port.postMessage(said, transfer)

let job: Job | undefined
let granted = 0
let wake = () => {}
port.on('message', (told: Told) => {
  if ('job' in told) {
    job = told.job
    granted = 0
  } else granted += told.chunks
  wake()
})
const heard = () => new Promise<void>((resolve) => (wake = resolve))
const grant = async () => {
  while (granted === 0) await heard()
  granted--
}

for (;;) {
  while (!job) await heard()
  const next = job
  job = undefined
  try {
    await read(next)
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    say({ kind: 'unreadable', message: error.message })
  }
}

async function read(job: Job) {
  const { shape } = job
  const reader = (await import(shape.rows)) as RowReader
  let survey = await surveyFile(job, shape, reader)
  say({ kind: 'survey', survey })
  for (;;) {
    const reading: Reading = {
      home_currency: job.home_currency,
      as_of: job.as_of,
      standard: survey.standard,
      places: survey.places,
      days: survey.days,
      decimal: survey.decimal.decimal,
      flipped: survey.flipped,
      postings: survey.layout?.postings ?? false,
      currency: job.answers.currency ?? survey.currency,
      words: survey.words,
    }
    const leftOut = noneLeftOut()
    const watch = new ColumnWatch(shape.fields, survey, reader)
    for await (const chunk of stageRows(
      job.path,
      survey,
      shape,
      reader.readRow,
      reading,
      watch,
      leftOut,
      job.corrections,
    )) {
      await grant()
      say({ kind: 'chunk', ...chunk }, [chunk.bytes.buffer])
    }
    const conclusions = concludeWith(watch, job.answers, survey.remembered)
    if (agree(survey, conclusions)) {
      say({ kind: 'end', left_out: leftOut, evidence: conclusions.evidence })
      break
    }
    // Rows further down say otherwise than the first ones did: everything is read again by what all of them say.
    survey = { ...survey, ...conclusions }
    say({ kind: 'again', survey })
    granted = 0
    await grant()
    granted++
  }
}
