import type { FastifyBaseLogger } from 'fastify'
import { Logger, run, type Task } from 'graphile-worker'
import pg from 'pg'
import type { ApiDeps } from './api.ts'

/** A background task. It opens its own scopes; the payload names the organisation where there is one. */
export type Job = (deps: ApiDeps, payload: Record<string, unknown>, log: FastifyBaseLogger) => Promise<void>
export type Jobs = {
  tasks: Record<string, Job>
  /** Crontab lines of graphile-worker: minute hour day month weekday task. Times are UTC. */
  cron: string[]
}

/**
 * Runs the queue as the role that owns its tables (any other would run nothing and say nothing). Jobs were added by
 * transactions that committed; a job may run twice after a crash, so each is safe to repeat.
 */
export async function runJobs(
  config: pg.ClientConfig,
  deps: ApiDeps,
  jobs: Jobs,
  log: FastifyBaseLogger,
): Promise<() => Promise<void>> {
  const pool = new pg.Pool({ ...config, max: 4, application_name: 'duebook jobs' })
  let closing = false
  const lost = (error: Error) => {
    // PostgreSQL may stop before it has read our good-bye.
    if (!closing) log.warn({ err: error }, 'Jobs: a database connection was lost')
  }
  pool.on('error', lost)
  pool.on('connect', (client) => client.on('error', lost))
  const taskList: Record<string, Task> = Object.fromEntries(
    Object.entries(jobs.tasks).map(([name, job]) => [
      name,
      async (payload: unknown) => job(deps, (payload ?? {}) as Record<string, unknown>, log),
    ]),
  )
  const runner = await run({
    pgPool: pool,
    taskList,
    crontab: jobs.cron.join('\n'),
    concurrency: 2,
    noHandleSignals: true,
    pollInterval: 5_000,
    noPreparedStatements: false,
    logger: quietLogger(log),
  })
  return async () => {
    closing = true
    await runner.stop().catch(() => {})
    await pool.end()
  }
}

const quietLogger = (log: FastifyBaseLogger) =>
  new Logger(() => (level, message) => {
    if (level === 'error') log.error(message)
    else if (level === 'warning') log.warn(message)
    else log.debug(message)
  })
