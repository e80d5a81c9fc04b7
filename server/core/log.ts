import { Writable } from 'node:stream'
import pino, { type Logger } from 'pino'
import type { Config } from './config.ts'

/** JSON lines for machines; on a terminal short lines for people. */
export function createLog(config: Pick<Config, 'logLevel'>): Logger {
  return pino(
    { level: config.logLevel },
    process.stdout.isTTY ? readable() : pino.destination({ fd: 1, sync: true }),
  )
}

function readable(): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      const { time, level, msg, err, method, path, status, ms } = JSON.parse(String(chunk))
      const parts = [new Date(time).toTimeString().slice(0, 8), pino.levels.labels[level], msg]
      if (path) parts.push(method, path, status, `${ms} ms`)
      if (err) parts.push(level >= 50 ? err.stack : err.message)
      process.stdout.write(`${parts.filter(Boolean).join(' ')}\n`, () => done())
    },
  })
}
