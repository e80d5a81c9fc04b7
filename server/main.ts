import { spawn } from 'node:child_process'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { migrate } from '../db/migrate.ts'
import { loadDemo } from '../db/seeds/demo.ts'
import { buildApp, jobs } from './app.ts'
import { type Config, ConfigError, loadConfig } from './core/config.ts'
import { keyring } from './core/crypto.ts'
import { openDataFolder, StartError, secretKey } from './core/data-folder.ts'
import { openDatabase } from './core/database.ts'
import { runJobs } from './core/jobs.ts'
import { createLog } from './core/log.ts'
import { checkRuntimeRole, openPostgres } from './core/postgres.ts'
import { asSystem } from './core/scope.ts'
import { loseSight } from './modules/communications/jobs.ts'
import { ensureAdministrator } from './modules/identity/first-users.ts'
import { recoverAll } from './modules/imports/jobs.ts'
import { type DemoSignIn, demoSignIns } from './modules/tenancy/demo.ts'

// config -> database -> app -> listen -> close

/** Each step of the start adds what ends it; closing goes backwards. */
const closers: { what: string; close: () => Promise<unknown> }[] = []
const STEP_PATIENCE_MS = 5_000
let closing: Promise<void> | undefined
let signalledAt = 0

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // One Ctrl-C arrives up to three times (terminal, npm, starter); a later one means it.
    if (signalledAt && Date.now() - signalledAt > 1_000) process.exit(1)
    signalledAt ||= Date.now()
    void close(0)
  })
}

const stopping = new AbortController()
const starting = start()
try {
  await starting
} catch (error) {
  if (!closing) {
    const expected = error instanceof StartError || error instanceof ConfigError
    console.error(expected ? `\n${error.message}` : error)
  }
  await close(1)
}

async function start(): Promise<void> {
  const config = loadConfig()
  const log = createLog(config)
  for (const fault of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(fault, (error) => {
      log.fatal(error, 'A bug: ending, to start anew')
      void close(1)
    })
  }
  for (const warning of config.warnings) log.warn(warning)

  openDataFolder(config.dataDir)
  const web = buildWeb() // meanwhile, on the other core
  web.catch(() => {})
  const postgres = await openPostgres(config, log, {
    onLost: (error) => {
      log.fatal(error.message)
      void close(1)
    },
  })
  opened('PostgreSQL', () => postgres.stop())
  await migrate(postgres, log)
  // Once more, now that there are tables whose owner the login might be.
  await checkRuntimeRole(postgres.app, { login: config.databaseAppUrl !== null })
  const database = await openDatabase(postgres.app)
  opened('the database pools', () => database.close())
  const key = secretKey(config)
  const deps = { config, database, keys: keyring(key), now: () => new Date() }
  const { admin, demo } = config
  if (admin) await asSystem(database, 'first administrator', (system) => ensureAdministrator(system, admin))
  await web
  const app = await buildApp({ config, database, secretKey: key, log })
  opened('the server', () => app.close())
  // The embedded database serves one server: whatever was at work belonged to one that is gone.
  await recoverAll(deps, { all: config.databaseUrl === null })
  await loseSight(deps, { all: config.databaseUrl === null })
  opened('the jobs', await runJobs(postgres.jobs, deps, jobs, log))
  if (demo.on) await loadDemo(app, deps)
  await listen(app, config)

  const { port } = app.server.address() as AddressInfo
  console.log(
    `\nDuebook is ready in ${secondsSinceStart()} s\n\n  ${config.publicUrl.replace(/:0$/, `:${port}`)}\n`,
  )
  if (demo.on) showDemo(await asSystem(database, 'demo sign-ins', (system) => demoSignIns(system, deps)))
}

/** A stop while starting waits for the step under way; the next one is not begun. */
function opened(what: string, closeIt: () => Promise<unknown>): void {
  closers.push({ what, close: closeIt })
  stopping.signal.throwIfAborted()
}

function close(code: number): Promise<void> {
  closing ??= (async () => {
    process.exitCode = code
    stopping.abort()
    await inTime(starting, 'the start')
    for (let step = closers.pop(); step; step = closers.pop()) await inTime(step.close(), step.what)
    process.exit()
  })()
  return closing
}

async function inTime(work: Promise<unknown>, what: string): Promise<void> {
  const late = sleep(STEP_PATIENCE_MS, 'late', { ref: false })
  const outcome = await Promise.race([
    work.catch((error: unknown) => (what === 'the start' ? undefined : error)),
    late,
  ])
  if (outcome === 'late') console.error(`Closing ${what} takes too long; going on.`)
  else if (outcome instanceof Error) console.error(`Closing ${what} failed: ${outcome.message}`)
}

async function listen(app: Awaited<ReturnType<typeof buildApp>>, { host, port }: Config): Promise<void> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const reasons: Record<string, string> = {
      EADDRINUSE: `Port ${port} on ${host} is in use by another program. Stop it, or set PORT to another one.`,
      EACCES: `Port ${port} may not be opened by this account. Set PORT to 1024 or higher.`,
      EADDRNOTAVAIL: `HOST=${host} is no address of this machine. Use 127.0.0.1, or 0.0.0.0 for all of its addresses.`,
      ENOTFOUND: `HOST=${host} is not known. Use 127.0.0.1, or 0.0.0.0 for all addresses of this machine.`,
    }
    throw code && reasons[code] ? new StartError(reasons[code]) : error
  }
}

/** Builds the web app when its sources changed. A process of its own: the bundler's memory goes with it. */
function buildWeb(): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../web/build.ts')], {
    stdio: ['ignore', 'inherit', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production' },
    signal: stopping.signal,
  })
  let errors = ''
  child.stderr.on('data', (data) => {
    errors += data
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve()
      else reject(new StartError(`The web app could not be built.\n${errors.trim()}`))
    })
  })
}

function showDemo(demo: DemoSignIn[] | null): void {
  if (!demo?.length) return
  const width = Math.max(...demo.map(({ identifier }) => identifier.length)) + 2
  console.log('  Demo sign-ins')
  for (const { identifier, password, label } of demo) {
    console.log(`    ${identifier.padEnd(width)}${password.padEnd(24)}${label}`)
  }
  console.log('')
}

/** From the moment start.mjs began, installing included. */
function secondsSinceStart(): string {
  const began = Number(process.env.DUEBOOK_BEGAN) || performance.timeOrigin
  return ((Date.now() - began) / 1000).toFixed(1)
}
