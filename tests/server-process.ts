import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SETTING_NAMES } from '../server/core/config.ts'

// The product as a process of its own, for tests of its life and for browsers.

const root = resolve(import.meta.dirname, '..')

/** Empty counts as unset and wins over a developer's .env. */
const UNSET = Object.fromEntries(SETTING_NAMES.map((name) => [name, '']))

export type ServerProcess = {
  child: ChildProcess
  /** Everything it printed so far. */
  output: () => string
  /** Its address once it printed it; rejects with its output when it ends before. */
  ready: Promise<string>
  /** Exit code or signal. */
  ended: Promise<number | string>
  /** SIGTERM, and wait for the end. */
  stop(): Promise<number | string>
}

/** Runs server/main.ts, or another command line, on a free port. The environment starts clean of settings. */
export function startServer(
  env: Record<string, string>,
  command: string[] = [process.execPath, join(root, 'server/main.ts')],
  options: SpawnOptions = {},
): ServerProcess {
  const [program, ...args] = command as [string, ...string[]]
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...UNSET, LOG_LEVEL: 'warn', PORT: '0', ...env },
  })
  let output = ''
  child.stdout?.on('data', (data) => {
    output += data
  })
  child.stderr?.on('data', (data) => {
    output += data
  })
  const ended = new Promise<number | string>((done) => {
    child.once('error', (error) => done(error.message))
    // A child of its own may keep the pipes open after it: 'close' alone might never come.
    child.once('exit', (code, signal) => {
      const end = () => done(code ?? signal ?? 'unknown')
      child.once('close', end)
      setTimeout(end, 300)
    })
  })
  const ready = (async () => {
    let over = false
    ended.then(() => {
      over = true
    })
    for (;;) {
      const url = /Duebook is ready.*?(https?:\/\/\S+)/s.exec(output)?.[1]
      if (url) return url
      if (over) throw new Error(`The server ended before it was ready. It said:\n${output}`)
      await sleep(10)
    }
  })()
  ready.catch(() => {})
  return {
    child,
    output: () => output,
    ready,
    ended,
    async stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
}

/** A temporary folder that every account may pass through (root's PostgreSQL runs as another one). */
export function temporaryFolder(name: string): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), `duebook-${name}-`))
  chmodSync(path, 0o711)
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) }
}
