import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import pino from 'pino'
import { migrate } from '../db/migrate.ts'
import { startEmbedded } from '../server/core/embedded.ts'
import { openPostgres } from '../server/core/postgres.ts'

// Real databases for tests: one server per run with a migrated template, and a clone of it (about 0.1 s) wherever a
// test needs one. TEST_DATABASE_URL runs everything on a server of your own instead (its user must be a superuser).

const log = pino({ level: 'warn' })

/** Plain data, so that it reaches the workers. */
export type TestServer = {
  /** May create and drop databases. */
  admin: pg.ClientConfig
  template: string
  ownerName: string
  /** Logins to the template; a clone differs by the database's name. */
  owner: pg.ClientConfig
  app: pg.ClientConfig
  jobs: pg.ClientConfig
}

export type TestDatabase = {
  name: string
  owner: pg.ClientConfig
  app: pg.ClientConfig
  jobs: pg.ClientConfig
  drop(): Promise<void>
}

/** A fresh, migrated, empty database. In a test file: `beforeAll` to create, `afterAll` to drop. */
export async function createTestDatabase(server?: TestServer): Promise<TestDatabase> {
  const { admin, template, ownerName, owner, app, jobs } =
    server ?? (await import('vitest')).inject('testServer')
  const name = `t_${process.pid}_${randomBytes(4).toString('hex')}`
  await run(admin, `create database ${name} template ${template} owner ${ownerName}`)
  return {
    name,
    owner: inDatabase(owner, name),
    app: inDatabase(app, name),
    jobs: inDatabase(jobs, name),
    drop: async () => {
      await run(admin, `drop database if exists ${name} with (force)`)
    },
  }
}

export async function startTestServer(): Promise<{ server: TestServer; stop: () => Promise<void> }> {
  return process.env.TEST_DATABASE_URL ? theirServer(process.env.TEST_DATABASE_URL) : ownServer()
}

async function ownServer() {
  removeLeftBehind()
  const folder = mkdtempSync(join(tmpdir(), `duebook-tests-${process.pid}-`))
  chmodSync(folder, 0o711) // root's PostgreSQL runs as a lesser account
  const server = await startEmbedded(folder, log, {
    // The data lives as long as the run: nothing needs to survive a crash.
    settings: { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', max_connections: '200' },
  })
  const { admin, owner, app, jobs } = server
  const stop = async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await migrate(server, log)
  } catch (error) {
    await stop()
    throw error
  }
  return { server: { admin, template: 'duebook', ownerName: 'duebook_owner', owner, app, jobs }, stop }
}

/** A superuser's server: the template belongs to an ordinary user, as it should in production. */
async function theirServer(url: string) {
  const admin: pg.ClientConfig = { connectionString: url }
  const template = `duebook_template_${process.pid}`
  const ownerName = 'duebook_test_owner'
  const password = randomBytes(12).toString('hex')
  await run(
    admin,
    `do $$ begin create role ${ownerName} login createrole; exception when duplicate_object then null; end $$`,
  )
  await run(admin, `alter role ${ownerName} password '${password}'`)
  await run(admin, `create database ${template} owner ${ownerName} encoding 'UTF8' template template0`)
  const ownerUrl = new URL(url)
  ownerUrl.username = ownerName
  ownerUrl.password = password
  ownerUrl.pathname = `/${template}`
  const stop = async () => {
    await run(admin, `drop database if exists ${template} with (force)`)
  }
  try {
    const postgres = await openPostgres(
      { dataDir: tmpdir(), databaseUrl: ownerUrl.href, databaseAppUrl: null },
      log,
    )
    await migrate(postgres, log)
    const { app, jobs } = postgres
    return { server: { admin, template, ownerName, owner: postgres.owner, app, jobs }, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function inDatabase(config: pg.ClientConfig, name: string): pg.ClientConfig {
  const { connectionString } = config
  if (!connectionString) return { ...config, database: name }
  const url = new URL(connectionString)
  url.pathname = `/${name}`
  return { ...config, connectionString: url.href }
}

async function run<R extends pg.QueryResultRow>(config: pg.ClientConfig, sql: string): Promise<R[]> {
  const client = new pg.Client(config)
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<R>(sql)).rows
  } finally {
    await client.end()
  }
}

/** Servers of test runs that were killed before they could clean up. */
function removeLeftBehind(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(/^duebook-tests-(\d+)-/.exec(name)?.[1] ?? Number.NaN)
    if (Number.isNaN(pid) || isAlive(pid)) continue
    const folder = join(tmpdir(), name)
    try {
      const postmaster = Number.parseInt(readFileSync(join(folder, 'postgres', 'postmaster.pid'), 'utf8'), 10)
      if (readFileSync(`/proc/${postmaster}/cmdline`, 'utf8').includes(folder))
        process.kill(postmaster, 'SIGQUIT')
    } catch {
      // Not running.
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
