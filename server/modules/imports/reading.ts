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
/** The main thread grants chunks; nothing else is said to the reading thread. */
export type Told = { chunks: number }
export type Said =
  | { kind: 'survey'; survey: Survey }
  | ({ kind: 'chunk' } & Chunk)
  | { kind: 'end'; left_out: LeftOut; evidence: Evidence[] }
  | { kind: 'again'; survey: Survey }
  | { kind: 'unreadable'; message: string }

const CHUNKS_AHEAD = 4

/** A thread that reads one file. It sees no database, and ends when `signal` says so or its memory is used up. */
export class ReadingThread {
  #worker: Worker
  #said: Said[] = []
  #wake = () => {}
  #failure: Error | undefined

  constructor(job: Job, signal: AbortSignal) {
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: job,
      resourceLimits: { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 8 },
    })
    this.#worker.on('message', (said: Said) => {
      this.#said.push(said)
      this.#wake()
    })
    const fail = (error: Error) => {
      this.#failure ??= error
      this.#wake()
    }
    this.#worker.on('error', (error: NodeJS.ErrnoException) =>
      fail(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooHungry() : error),
    )
    this.#worker.on('exit', () => fail(new Error('The reading thread ended early')))
    signal.addEventListener('abort', () => fail(signal.reason), { once: true })
    if (signal.aborted) fail(signal.reason)
  }

  async #next(): Promise<Said> {
    for (;;) {
      const said = this.#said.shift()
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

  async stop() {
    await this.#worker.terminate()
  }
}

const tooHungry = () =>
  new Refusal(
    413,
    'too_large',
    'Reading the file takes more memory than an import may use. Split it and import the parts.',
  )
