import type { TestProject } from 'vitest/node'
import { startServer, temporaryFolder } from '../server-process.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the server with the demo organisations listens. */
    baseUrl: string
  }
}

export default async function setup(project: TestProject) {
  const data = temporaryFolder('e2e')
  const server = startServer({ DATA_DIR: data.path })
  const stop = async () => {
    await server.stop()
    data.remove()
  }
  try {
    project.provide('baseUrl', await server.ready)
  } catch (error) {
    await stop()
    throw error
  }
  return stop
}
