import { createServer } from 'node:net'
import pg from 'pg'
import pino from 'pino'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { migrate } from '../../db/migrate.ts'
import { temporaryFolder } from '../../tests/server-process.ts'
import { openDataFolder } from './data-folder.ts'
import { type Embedded, startEmbedded } from './embedded.ts'
import { checkRuntimeRole, openPostgres, type Postgres } from './postgres.ts'

// A second cluster, listening on TCP, plays the server of somebody else. Its roles are dropped before each test.

const log = pino({ level: 'silent' })
const folder = temporaryFolder('external')
let cluster: Embedded
let port: number
let count = 0
let database: string

beforeAll(async () => {
  port = await freePort()
  openDataFolder(`${folder.path}/theirs`)
  cluster = await startEmbedded(`${folder.path}/theirs`, log, {
    settings: { fsync: 'off', listen_addresses: '127.0.0.1', port: String(port) },
  })
})
afterAll(async () => {
  await cluster.stop()
  folder.remove()
})
beforeEach(async () => {
  const old = await admin(`select datname from pg_database where not datistemplate and datname <> 'postgres'`)
  for (const { datname } of old) await admin(`drop database ${datname} with (force)`)
  const roles = await admin(
    `select rolname from pg_roles where rolname !~ '^pg_' and rolname <> 'postgres' order by rolname like 'duebook%' desc`,
  )
  if (roles.length > 0)
    await admin(`drop role ${roles.map(({ rolname }) => pg.escapeIdentifier(rolname)).join(', ')}`)
  count += 1
  database = `theirs_${count}`
})

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
const admin = (sql: string) => query(cluster.admin, sql)

const url = (user: string, name = database) => `postgresql://${user}:pw@127.0.0.1:${port}/${name}`
const open = (databaseUrl: string, databaseAppUrl: string | null = null) =>
  openPostgres({ dataDir: `${folder.path}/ours`, databaseUrl, databaseAppUrl }, log)

/** A login with its database; `rights` as in CREATE ROLE. */
async function owner(name: string, rights = ''): Promise<string> {
  await admin(`create role ${name} login password 'pw' ${rights}`)
  await admin(`create database ${database} owner ${name}`)
  return url(name)
}

async function serves(postgres: Postgres): Promise<void> {
  await migrate(postgres, log)
  await checkRuntimeRole(postgres.app)
  expect(await query(postgres.jobs, 'select current_user')).toEqual([{ current_user: 'duebook_jobs' }])
  await query(postgres.app, `select graphile_worker.enqueue('greet', '{}')`)
  await expect(query(postgres.app, 'create table public.x ()')).rejects.toThrow('permission denied')
  const [row] = await query(
    postgres.app,
    `select count(*)::int as tables from pg_tables where schemaname = 'public' and tableowner = current_user`,
  )
  expect(row).toEqual({ tables: 0 })
  await postgres.stop() // leaves the server alone
  expect(await admin('select 1 as one')).toEqual([{ one: 1 }])
}

test('an owner that may create roles is all it takes', async () => {
  await serves(await open(await owner('theirs', 'createrole')))
  await serves(await open(url('theirs'))) // and once more
})

test('an owner that may not create roles gets the statements for an administrator, and they are enough', async () => {
  const theirs = await owner('theirs')
  const refusal = await open(theirs).catch((error: Error) => error.message)
  expect(refusal).toContain('may not create the roles')
  for (const statement of String(refusal).split('\n').slice(1)) await admin(statement)
  await serves(await open(theirs))
})

test('an owner with an unusual name works', async () => {
  await admin(`create role "Ünü-sual" login createrole password 'pw'`)
  await admin(`create database ${database} owner "Ünü-sual"`)
  await serves(await open(url(encodeURIComponent('Ünü-sual'))))
  await admin(`drop database ${database} with (force)`)
  await admin(`drop role duebook_app, duebook_limited, duebook_jobs; drop role "Ünü-sual"`)
})

test('a superuser works too: what serves is still duebook_app', async () => {
  await admin(`create role boss superuser login password 'pw'`)
  await admin(`create database ${database}`)
  const postgres = await open(url('boss'))
  await serves(postgres)
  expect(
    await query(postgres.app, `select current_user, current_setting('is_superuser') as superuser`),
  ).toEqual([{ current_user: 'duebook_app', superuser: 'off' }])
})

test('a login of its own for the application', async () => {
  const theirs = await owner('theirs', 'createrole')
  await open(theirs)
  await admin(`create role web login password 'pw'; grant duebook_app, duebook_limited to web`)
  const postgres = await open(theirs, url('web'))
  await migrate(postgres, log)
  await checkRuntimeRole(postgres.app)
  expect(await query(postgres.app, 'select session_user, current_user')).toEqual([
    { session_user: 'web', current_user: 'duebook_app' },
  ])
  await query(postgres.app, `select graphile_worker.enqueue('greet', '{}')`)
})

test.each([
  ['is a superuser', `create role web superuser login password 'pw'`],
  [
    'has BYPASSRLS',
    `create role web bypassrls login password 'pw'; grant duebook_app, duebook_limited to web`,
  ],
  ['permission denied to set role', `create role web login password 'pw'`],
  [
    'owns tables',
    `create role web login password 'pw'; grant duebook_app, duebook_limited to web; grant theirs to web`,
  ],
])('an application login that %s is refused', async (fault, create) => {
  const theirs = await owner('theirs', 'createrole')
  await migrate(await open(theirs), log)
  await admin(create)
  await expect(open(theirs, url('web'))).rejects.toThrow(fault)
})

test('a login whose role option got lost on the way would hide rows, and is refused', async () => {
  const theirs = await owner('theirs', 'createrole')
  const postgres = await open(theirs)
  await admin(`create role web login password 'pw'; grant duebook_app, duebook_limited to web`)
  await expect(checkRuntimeRole({ connectionString: url('web') })).rejects.toThrow('acts as duebook_limited')
  await admin('alter role web set role = duebook_app')
  await migrate(postgres, log)
  await checkRuntimeRole({ connectionString: url('web') })
})

test('an application login to another database is refused', async () => {
  const theirs = await owner('theirs', 'createrole')
  await open(theirs)
  await admin(`create role web login password 'pw'; grant duebook_app, duebook_limited to web`)
  await expect(open(theirs, url('web', 'postgres'))).rejects.toThrow(
    `DATABASE_APP_URL does not lead to the database "${database}"`,
  )
})

test.each<[string, () => Promise<string>, string]>([
  [
    'a wrong password',
    async () => (await owner('theirs')).replace(':pw@', ':no@'),
    'Correct the user or the password.',
  ],
  [
    'a missing database',
    async () => (await owner('theirs')).replace(database, 'nowhere'),
    'create database "nowhere"',
  ],
  [
    'a database that belongs to others',
    async () => {
      await admin(`create role theirs login password 'pw'; create role other`)
      await admin(`create database ${database} owner other`)
      return url('theirs')
    },
    `alter database "theirs_`,
  ],
  [
    'another encoding',
    async () => {
      await admin(`create role theirs login password 'pw'`)
      await admin(`create database ${database} owner theirs encoding 'LATIN1' locale 'C' template template0`)
      return url('theirs')
    },
    'encoded in LATIN1',
  ],
])('%s is told with its remedy', async (_what, prepare, remedy) => {
  await expect(open(await prepare())).rejects.toThrow(remedy)
})

test('the password appears in no message', async () => {
  await owner('theirs')
  const messages = await Promise.all(
    [url('theirs', 'nowhere'), url('nobody')].map((one) => open(one).catch((error: Error) => error.message)),
  )
  expect(messages.join()).not.toContain('pw')
})

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
}
