import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { BaseLogger } from 'pino'
import type { Config } from './config.ts'
import { openDataFolder, StartError } from './data-folder.ts'
import { type EmbeddedOptions, startEmbedded } from './embedded.ts'

// The database behind Duebook: the embedded PostgreSQL, or the server of DATABASE_URL.

const OLDEST = 15

export type Postgres = {
  /** Owns the tables and runs the migrations. */
  owner: pg.ClientConfig
  /** What requests run as: duebook_app, or a login that belongs to it. */
  app: pg.ClientConfig
  /** Owns the job queue's schema and runs the worker. */
  jobs: pg.ClientConfig
  version: string
  /** Stops the embedded server; leaves any other alone. */
  stop(): Promise<void>
}

/** Throws StartError with what to do. `join` uses a running embedded server instead of refusing it (for commands). */
export async function openPostgres(
  config: Pick<Config, 'dataDir' | 'databaseUrl' | 'databaseAppUrl'>,
  log: BaseLogger,
  options: Pick<EmbeddedOptions, 'join' | 'onLost'> = {},
): Promise<Postgres> {
  openDataFolder(config.dataDir)
  return config.databaseUrl === null
    ? startEmbedded(config.dataDir, log, options)
    : openExisting(config.databaseUrl, config.databaseAppUrl, log)
}

async function openExisting(url: string, appUrl: string | null, log: BaseLogger): Promise<Postgres> {
  const owner = await reach(url, 'DATABASE_URL', log)
  try {
    const version = await checkServer(owner, log)
    await ensureRoles(owner)
    const postgres: Postgres = {
      owner: { connectionString: url },
      app: { connectionString: asRole(appUrl ?? url, 'duebook_app') },
      jobs: { connectionString: asRole(url, 'duebook_jobs') },
      version,
      stop: async () => {},
    }
    if (appUrl) {
      const app = await reach(appUrl, 'DATABASE_APP_URL', log)
      try {
        await sameDatabase(owner, app)
      } finally {
        await app.end()
      }
    }
    await checkRuntimeRole(postgres.app, { login: appUrl !== null })
    return postgres
  } finally {
    await owner.end()
  }
}

/** Connects, waiting a little for a server that is just starting (as under compose). */
async function reach(url: string, name: string, log: BaseLogger): Promise<pg.Client> {
  const giveUp = Date.now() + 15_000
  let told = false
  for (;;) {
    const client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: 5_000,
      application_name: 'duebook start',
    })
    client.on('error', () => {})
    try {
      await client.connect()
      return client
    } catch (error) {
      client.end().catch(() => {})
      const { code, message } = error as { code?: string; message: string }
      const where = `${client.host}:${client.port}`
      const starting = ['ECONNREFUSED', 'ENOENT', 'ENOTFOUND', 'EAI_AGAIN', '57P03'].includes(code ?? '')
      if (starting && Date.now() < giveUp) {
        if (!told) log.info(`Waiting for PostgreSQL at ${where}`)
        told = true
        await sleep(500)
        continue
      }
      const advice: Record<string, string> = {
        '28P01': 'Correct the user or the password.',
        '28000': 'Allow this user in the pg_hba.conf of the server.',
        '3D000': `Create it there: create database "${client.database}" owner "${client.user}" encoding 'UTF8' template template0;`,
        '53300': 'Raise its max_connections or stop other clients.',
      }
      throw new StartError(
        `The PostgreSQL of ${name} (${where}) cannot be used: ${message || code}. ${advice[code ?? ''] ?? 'Check the address and that the server runs.'}`,
      )
    }
  }
}

async function checkServer(owner: pg.Client, log: BaseLogger): Promise<string> {
  const { rows } = await owner.query<{
    version: string
    number: number
    encoding: string
    replica: boolean
    superuser: boolean
    user: string
    database: string
    may_create: boolean
  }>(`
    select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
           current_setting('server_encoding') as encoding, pg_is_in_recovery() as replica,
           current_setting('is_superuser')::bool as superuser, current_user as user, current_database() as database,
           has_database_privilege(current_database(), 'CREATE') and has_schema_privilege('public', 'CREATE') as may_create`)
  const server = rows[0]!
  if (server.number < OLDEST * 10_000) {
    throw new StartError(`The PostgreSQL of DATABASE_URL is ${server.version}; ${OLDEST} or newer is needed.`)
  }
  if (server.replica)
    throw new StartError('The PostgreSQL of DATABASE_URL is a read-only replica; name the primary.')
  if (server.encoding !== 'UTF8') {
    throw new StartError(
      `The database "${server.database}" is encoded in ${server.encoding}; create one with encoding 'UTF8'.`,
    )
  }
  if (!server.may_create) {
    throw new StartError(
      `The user "${server.user}" of DATABASE_URL may not create tables in "${server.database}". An administrator can run:\n` +
        `  alter database "${server.database}" owner to "${server.user}";`,
    )
  }
  if (server.superuser) {
    log.warn('DATABASE_URL names a superuser. A user that only owns the database is enough and safer.')
  }
  return server.version
}

/**
 * Creates the roles Duebook runs as and joins them: duebook_app serves, duebook_limited is duebook_app for people who see a part
 * of their organisation's rows, duebook_jobs works the queue. Where that is not allowed, says what an administrator must run.
 */
async function ensureRoles(owner: pg.Client): Promise<void> {
  const { rows } = await owner.query<{ user: string; number: number }>(
    "select current_user as user, current_setting('server_version_num')::int as number",
  )
  const { user, number } = rows[0]!
  // From 16 on whoever creates a role administers it and must grant itself the right to become it.
  const [right, clause] = number >= 160_000 ? ['SET', ' with inherit false, set true'] : ['MEMBER', '']
  const missing: string[] = []
  for (const role of ['duebook_app', 'duebook_limited', 'duebook_jobs']) {
    const create = `create role ${role} nologin nosuperuser nobypassrls nocreatedb nocreaterole`
    const join = `grant ${role} to ${pg.escapeIdentifier(user)}${clause}`
    const exists = await owner.query('select from pg_roles where rolname = $1', [role])
    const inherit = role === 'duebook_limited' ? ['grant duebook_app to duebook_limited'] : []
    if (!exists.rowCount && !(await allowed(owner, create))) {
      missing.push(create, ...inherit, join)
      continue
    }
    for (const statement of inherit) {
      const inherits = await owner.query<{ yes: boolean }>(
        "select pg_has_role('duebook_limited', 'duebook_app', 'USAGE') as yes",
      )
      if (!inherits.rows[0]?.yes && !(await allowed(owner, statement))) missing.push(statement)
    }
    const member = await owner.query<{ yes: boolean }>(
      `select pg_has_role(current_user, '${role}', '${right}') as yes`,
    )
    if (!member.rows[0]?.yes && !(await allowed(owner, join))) missing.push(join)
  }
  if (missing.length > 0) {
    throw new StartError(
      `The user "${user}" of DATABASE_URL may not create the roles Duebook runs as. An administrator of the server can run:\n` +
        missing.map((statement) => `  ${statement};`).join('\n'),
    )
  }
}

async function allowed(client: pg.Client, statement: string): Promise<boolean> {
  try {
    await client.query(statement)
    return true
  } catch (error) {
    const { code } = error as pg.DatabaseError
    if (code === '42501') return false // insufficient privilege
    if (code === '42710' || code === '23505' || code === 'XX000') return true // another server was faster
    throw error
  }
}

async function sameDatabase(owner: pg.Client, app: pg.Client): Promise<void> {
  const { rows } = await owner.query<{ lock: string; database: string }>(
    'select floor(random() * 1e15)::bigint as lock, current_database() as database',
  )
  // Only the same database sees the same advisory lock; names alone would not tell two servers apart.
  const { lock, database } = rows[0]!
  await owner.query('select pg_advisory_lock($1)', [lock])
  const seen = await app.query<{ free: boolean }>('select pg_try_advisory_lock($1) as free', [lock])
  await owner.query('select pg_advisory_unlock($1)', [lock])
  if (seen.rows[0]?.free) {
    throw new StartError(`DATABASE_APP_URL does not lead to the database "${database}" of DATABASE_URL.`)
  }
}

/** The same address with connections that run as another role from their first statement on. */
function asRole(url: string, role: string): string {
  const [base, query = ''] = url.split('?', 2)
  const parameters = new URLSearchParams(query)
  parameters.set('options', `${parameters.get('options') ?? ''} -c role=${role}`.trim())
  return `${base}?${parameters}`
}

/**
 * Refuses to serve as a role that row-level security does not bind: a superuser, one with BYPASSRLS, or one that owns
 * tables (or could become their owner). `login` holds the login of DATABASE_APP_URL to the same, not only the role
 * that it takes on.
 */
export async function checkRuntimeRole(app: pg.ClientConfig, { login = false } = {}): Promise<void> {
  const judged = login ? 'session_user' : 'current_user'
  const client = new pg.Client({ ...app, connectionTimeoutMillis: 5_000, application_name: 'duebook start' })
  client.on('error', () => {})
  try {
    await client.connect()
  } catch (error) {
    const { message } = error as Error
    const advice = /set role/.test(message)
      ? 'Grant its login duebook_app and duebook_limited.'
      : 'A pooler that refuses startup options must ignore them (PgBouncer: ignore_startup_parameters = options); ' +
        'then run: alter role x set role = duebook_app; for the login of DATABASE_APP_URL.'
    throw new StartError(`Application connections cannot be opened as duebook_app: ${message}. ${advice}`)
  }
  try {
    const { rows } = await client.query<{
      role: string
      superuser: boolean
      bypasses: boolean
      belongs: boolean
      limited: boolean
      owned: string | null
    }>(`
      select ${judged} as role, r.rolsuper as superuser, r.rolbypassrls as bypasses,
             pg_has_role(${judged}, 'duebook_app', '${login ? 'MEMBER' : 'USAGE'}')
               and pg_has_role(session_user, 'duebook_limited', 'MEMBER') as belongs,
             pg_has_role(current_user, 'duebook_limited', 'USAGE') as limited,
             (select string_agg(relname, ', ')
                from (select c.relname from pg_class c
                        join pg_namespace n on n.oid = c.relnamespace
                       where c.relkind in ('r', 'p', 'v', 'm')
                         and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
                         and pg_has_role(${judged}, c.relowner, 'MEMBER')
                       order by c.relname limit 3) t) as owned
        from pg_roles r where r.rolname = ${judged}`)
    const { role, superuser, bypasses, belongs, limited, owned } = rows[0]!
    const fault = superuser
      ? 'is a superuser'
      : bypasses
        ? 'has BYPASSRLS'
        : !belongs
          ? 'does not belong to duebook_app and duebook_limited'
          : limited
            ? 'acts as duebook_limited, which hides rows from everybody (a pooler that drops startup options does this)'
            : owned
              ? `owns tables (${owned}) or belongs to their owner`
              : undefined
    if (fault) {
      throw new StartError(
        `Application connections would run as "${role}", which ${fault}. They must run as duebook_app, whom row-level ` +
          'security binds. Remove DATABASE_APP_URL, or name a plain login there:\n' +
          '  create role x login; grant duebook_app, duebook_limited to x; alter role x set role = duebook_app;',
      )
    }
  } finally {
    await client.end()
  }
}
