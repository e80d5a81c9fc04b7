import { Worker } from 'node:worker_threads'
import { Refusal } from '../../core/errors.ts'
import type { Chunk, LeftOut } from './staging.ts'
import type { Asked, Survey } from './survey.ts'
import type { Evidence, Shape } from './target.ts'

export type Job = Asked & {
  shape: Shape
  home_currency: string
  as_of: string
}
/** The main thread names a file and grants chunks; nothing else is said to the reading thread. */
export type Told = { job: Job } | { chunks: number }
export type Said =
  | { kind: 'survey'; survey: Survey }
  | ({ kind: 'chunk' } & Chunk)
  | { kind: 'end'; left_out: LeftOut; evidence: Evidence[] }
  | { kind: 'again'; survey: Survey }
  | { kind: 'unreadable'; message: string }

const CHUNKS_AHEAD = 4

// A thread takes longer to start than to read a few thousand rows, and reads the next file faster than its first. So one that is
// done waits a while for another file, and one is started while a file is still coming in.
const IDLE_TIME = 60_000
let idle: { worker: Worker; forget: () => void } | undefined

const startWorker = () =>
  new Worker(new URL('./worker.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 8 },
  })

/** A file is on its way: has a thread ready for it. */
export function expectFile() {
  if (!idle) setAside(startWorker())
}

function setAside(worker: Worker) {
  if (idle) return void worker.terminate()
  const end = () => {
    forget()
    worker.terminate()
  }
  const timer = setTimeout(end, IDLE_TIME).unref()
  const forget = () => {
    clearTimeout(timer)
    worker.off('error', end).off('exit', end)
    idle = undefined
  }
  worker.on('error', end).on('exit', end).unref()
  idle = { worker, forget }
}

function takeWorker(): Worker {
  if (!idle) return startWorker()
  const { worker, forget } = idle
  forget()
  worker.ref()
  return worker
}

/** A thread that reads one file at a time. It sees no database, and ends when `signal` says so or its memory is used up. */
export class ReadingThread {
  #worker = takeWorker()
  #said: Said[] = []
  #wake = () => {}
  #failure: Error | undefined
  #isDone = false
  #leave: () => void

  constructor(job: Job, signal: AbortSignal) {
    const hear = (said: Said) => {
      this.#said.push(said)
      this.#wake()
    }
    const fail = (error: Error) => {
      this.#failure ??= error
      this.#wake()
    }
    const broken = (error: NodeJS.ErrnoException) =>
      fail(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooHungry() : error)
    const ended = () => fail(new Error('The reading thread ended early'))
    const stopped = () => fail(signal.reason)
    this.#worker.on('message', hear).on('error', broken).on('exit', ended)
    signal.addEventListener('abort', stopped, { once: true })
    this.#leave = () => {
      this.#worker.off('message', hear).off('error', broken).off('exit', ended)
      signal.removeEventListener('abort', stopped)
    }
    if (signal.aborted) stopped()
    this.#worker.postMessage({ job } satisfies Told)
  }

  async #next(): Promise<Said> {
    for (;;) {
      const said = this.#said.shift()
      if (said?.kind === 'end' || said?.kind === 'unreadable') this.#isDone = true
      if (said?.kind === 'unreadable') throw new Refusal(400, 'file_unreadable', said.message)
      if (said) return said
      if (this.#failure) throw this.#failure
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  /** What the file is. Throws a 400 that says why when it is no table. */
  async survey(): Promise<Survey> {
    const said = await this.#next()
    if (said.kind !== 'survey') throw new Error(`The reading thread said ${said.kind} first`)
    return said.survey
  }

  /**
   * The rows as text for COPY, and at the end what was left out; or, when the whole file says otherwise than its
   * beginning did, what it says: then the chunks so far are void, and come again at the next call.
   */
  async *chunks(): AsyncGenerator<Chunk, { left_out: LeftOut; evidence: Evidence[] } | { survey: Survey }> {
    this.#worker.postMessage({ chunks: CHUNKS_AHEAD } satisfies Told)
    for (;;) {
      const said = await this.#next()
      if (said.kind === 'end' || said.kind === 'again') return said
      if (said.kind !== 'chunk') throw new Error(`The reading thread said ${said.kind}`)
      yield said
      this.#worker.postMessage({ chunks: 1 } satisfies Told)
    }
  }

  /** Whatever it is at: only one that has come to the end of its file may read another. */
  async stop() {
    if (this.#isDone && !this.#failure) {
      this.#leave()
      setAside(this.#worker)
    } else await this.#worker.terminate()
  }
}

const tooHungry = () =>
  new Refusal(
    413,
    'too_large',
    'Reading the file takes more memory than an import may use. Split it and import the parts.',
  )
