import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import pino from 'pino'
import { buildApp } from '../server/app.ts'
import type { ApiDeps } from '../server/core/api.ts'
import { type Config, loadConfig } from '../server/core/config.ts'
import { keyring } from '../server/core/crypto.ts'
import { type Database, openDatabase } from '../server/core/database.ts'
import { createTestDatabase, startTestServer, type TestDatabase, type TestServer } from './database.ts'

export const testSecret = 'a secret of the tests alone'

export type TestApp = {
  app: FastifyInstance
  database: Database
  testDatabase: TestDatabase
  deps: ApiDeps
  /** The server's clock; `clock.ahead(ms)` moves it. */
  clock: { now(): Date; ahead(ms: number): void }
  close(): Promise<void>
}

/**
 * The whole server on a database and a folder of its own, not listening: `app.inject` calls it. Outside vitest, `server`
 * says where to make the database.
 */
export async function testApp(
  overrides: Partial<Config> = {},
  environment: Record<string, string> = {},
  server?: TestServer,
): Promise<TestApp> {
  const testDatabase = await createTestDatabase(server)
  const dataDir = mkdtempSync(join(tmpdir(), 'duebook-data-'))
  const database = await openDatabase(testDatabase.app, { pool: 8, bulk: 4 })
  const read = loadConfig(
    { DEMO: 'off', RATE_LIMIT_REQUESTS: '1000000', ...environment },
    '/nonexistent/.env',
  )
  const config: Config = { ...read, dataDir, ...overrides }
  let offset = 0
  const clock = {
    now: () => new Date(Date.now() + offset),
    ahead(ms: number) {
      offset += ms
    },
  }
  const log = pino({ level: process.env.TEST_LOG ?? 'fatal' })
  const app = await buildApp({ config, database, secretKey: testSecret, log, now: clock.now })
  await app.ready()
  return {
    app,
    database,
    testDatabase,
    deps: { database, config, keys: keyring(testSecret), now: clock.now },
    clock,
    async close() {
      await app.close()
      await database.close()
      await testDatabase.drop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** For proofs, which run without vitest: a database server, the app on it, and both gone afterwards. */
export async function withApp<T>(work: (test: TestApp) => Promise<T>): Promise<T> {
  const { server, stop } = await startTestServer()
  try {
    const test = await testApp({}, {}, server)
    try {
      return await work(test)
    } finally {
      await test.close()
    }
  } finally {
    await stop()
  }
}
