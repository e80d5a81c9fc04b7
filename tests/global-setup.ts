import type { TestProject } from 'vitest/node'
import { startTestServer, type TestServer } from './database.ts'

declare module 'vitest' {
  interface ProvidedContext {
    testServer: TestServer
  }
}

/** One PostgreSQL for the whole run; every test file clones its own databases from the migrated template. */
export default async function setup(project: TestProject) {
  const { server, stop } = await startTestServer()
  project.provide('testServer', server)
  return stop
}
