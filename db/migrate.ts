import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Logger, runMigrations } from 'graphile-worker'
import pg from 'pg'
import type { BaseLogger } from 'pino'
import { StartError } from '../server/core/data-folder.ts'

// Forward-only migrations in plain SQL: db/migrations/NNNN_name.sql, one transaction each, recorded with their checksum.

const FOLDER = join(import.meta.dirname, 'migrations')
/** Two servers that start together take turns. */
const LOCK = 7_238_241_118

type Migration = { version: number; file: string; sql: string; checksum: string }
type Applied = { version: number; name: string; checksum: string }

/** The newest migration this code knows. */
export function schemaVersion(folder: string = FOLDER): number {
  return readMigrations(folder).at(-1)?.version ?? 0
}

/**
 * Brings the database to this code's version, job queue included. Throws StartError that names file, place and
 * PostgreSQL's message; whatever was applied before stays, the failed file leaves nothing.
 */
export async function migrate(
  postgres: { owner: pg.ClientConfig; jobs: pg.ClientConfig },
  log: BaseLogger,
  folder: string = FOLDER,
): Promise<void> {
  const migrations = readMigrations(folder)
  const client = new pg.Client({ ...postgres.owner, application_name: 'duebook migrate' })
  client.on('error', () => {})
  await client.connect()
  try {
    await takeTurn(client, log)
    const applied = await readApplied(client)
    const pending = compare(migrations, applied)
    for (const migration of pending) await apply(client, migration, log)
    await prepareJobs(client, postgres.jobs)
  } finally {
    await client.end()
  }
}

function readMigrations(folder: string): Migration[] {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
  return files.map((file, index) => {
    const version = Number(/^(\d{4})_[a-z0-9_-]+\.sql$/.exec(file)?.[1] ?? Number.NaN)
    if (Number.isNaN(version)) throw new StartError(`${join(folder, file)} is not named like 0001_words.sql.`)
    if (index > 0 && files[index - 1]!.slice(0, 4) === file.slice(0, 4)) {
      throw new StartError(
        `Two migrations have the number ${file.slice(0, 4)}: ${files[index - 1]} and ${file}.`,
      )
    }
    const sql = readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n')
    return { version, file, sql, checksum: createHash('sha256').update(sql).digest('hex') }
  })
}

async function takeTurn(client: pg.Client, log: BaseLogger): Promise<void> {
  const { rows } = await client.query<{ ours: boolean }>(`select pg_try_advisory_lock(${LOCK}) as ours`)
  if (rows[0]?.ours) return
  log.info('Another server is migrating the database; waiting for it')
  await client.query(`select pg_advisory_lock(${LOCK})`)
}

async function readApplied(client: pg.Client): Promise<Applied[]> {
  const { rows } = await client.query<{ present: boolean }>(
    "select to_regclass('public.schema_migrations') is not null as present",
  )
  if (!rows[0]?.present) {
    await client.query(`
      create table public.schema_migrations (
        version int primary key,
        name text not null,
        checksum text not null,
        applied_at timestamptz not null default now()
      );
      grant select on public.schema_migrations to duebook_app`)
    return []
  }
  return (
    await client.query<Applied>(
      'select version, name, checksum from public.schema_migrations order by version',
    )
  ).rows
}

/** The migrations still to apply. */
function compare(migrations: Migration[], applied: Applied[]): Migration[] {
  const known = new Map(migrations.map((migration) => [migration.version, migration]))
  for (const { version, name, checksum } of applied) {
    const migration = known.get(version)
    if (!migration) {
      throw new StartError(
        `The database was made by a newer Duebook (it has migration ${name}, this code ends at ` +
          `${migrations.at(-1)?.file ?? 'none'}). Start the newer version, or restore a backup from before it.`,
      )
    }
    if (migration.checksum !== checksum) {
      throw new StartError(
        `${migration.file} was changed after the database applied it (as ${name}). ` +
          'Undo the change and write a new migration; in development, start with an empty DATA_DIR.',
      )
    }
  }
  const newest = applied.at(-1)?.version ?? 0
  const pending = migrations.filter(({ version }) => !applied.some((one) => one.version === version))
  const late = pending.find(({ version }) => version < newest)
  if (late) {
    throw new StartError(
      `${late.file} is older than what the database applied (${newest}). Give it the next number.`,
    )
  }
  return pending
}

async function apply(
  client: pg.Client,
  { version, file, sql, checksum }: Migration,
  log: BaseLogger,
): Promise<void> {
  const statements = split(sql)
  const forbidden = statements.find(({ text }) =>
    /^(begin|commit|rollback|abort|end|start\s+transaction)\b/i.test(text),
  )
  if (forbidden) {
    throw new StartError(
      `${file}, line ${forbidden.line}: each migration is one transaction already; remove the statement.`,
    )
  }
  const began = performance.now()
  await client.query("begin; set local lock_timeout = '60s'; set local search_path = public")
  let completed = 0
  const count = () => {
    completed += 1
  }
  const { connection } = client as unknown as { connection: NodeJS.EventEmitter }
  connection.on('commandComplete', count)
  try {
    await client.query(sql)
    connection.off('commandComplete', count)
    await client.query('insert into public.schema_migrations (version, name, checksum) values ($1, $2, $3)', [
      version,
      file,
      checksum,
    ])
    await client.query('commit')
  } catch (error) {
    connection.off('commandComplete', count)
    await client.query('rollback').catch(() => {})
    throw new StartError(describe(file, sql, statements, completed, error as pg.DatabaseError))
  }
  log.info(`Applied ${file} in ${Math.round(performance.now() - began)} ms`)
}

function describe(
  file: string,
  sql: string,
  statements: Statement[],
  completed: number,
  error: pg.DatabaseError,
): string {
  const statement = statements[completed]
  const line = error.position
    ? [...sql].slice(0, Number(error.position) - 1).filter((character) => character === '\n').length + 1
    : statement?.line
  const first = statement ? `: ${statement.text.split('\n', 1)[0]}` : ''
  return [
    `Migration ${file} failed at line ${line ?? '?'} (statement ${completed + 1}${first})`,
    `PostgreSQL says: ${error.message}${error.code ? ` (${error.code})` : ''}`,
    ...[error.detail, error.hint, error.where].filter(Boolean),
    'Nothing of this file was kept.',
  ].join('\n  ')
}

type Statement = { line: number; text: string }

/** Statements and the lines they begin at, to name a culprit; PostgreSQL itself is given the whole file. */
function split(sql: string): Statement[] {
  const statements: Statement[] = []
  const token = /--[^\n]*|\/\*|\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([A-Za-z_]\w*)?\$|;|\S/g
  let start = -1
  let depth = 0
  const finish = (end: number) => {
    if (start >= 0)
      statements.push({ line: sql.slice(0, start).split('\n').length, text: sql.slice(start, end).trim() })
    start = -1
  }
  for (let match = token.exec(sql); match; match = token.exec(sql)) {
    const [found] = match
    if (found === '/*') depth += 1
    else if (found === '*/') depth -= 1
    else if (depth > 0 || found.startsWith('--')) continue
    else if (found === ';') finish(match.index)
    else {
      if (start < 0) start = match.index
      if (/^\$\w*\$$/.test(found)) {
        const end = sql.indexOf(found, token.lastIndex)
        token.lastIndex = end < 0 ? sql.length : end + found.length
      }
    }
  }
  finish(sql.length)
  return statements
}

// ---------------------------------------------------------------------------------------------------------------------
// The job queue

/**
 * graphile-worker guards its tables with row-level security without policies: a worker that does not own them runs
 * nothing and says nothing. So duebook_jobs owns the schema and runs the worker, and requests reach it through one
 * function. Payload and time are the caller's; a `key` replaces a job of the same key that has not begun.
 */
const ENQUEUE = `
create or replace function graphile_worker.enqueue(
  task text, payload jsonb, key text default null, run_at timestamptz default null
) returns bigint
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
  select (graphile_worker.add_job(
    identifier => task, payload => payload::json, job_key => key, run_at => run_at
  )).id
$$;
revoke execute on all functions in schema graphile_worker from public;
grant usage on schema graphile_worker to duebook_app;
grant execute on function graphile_worker.enqueue(text, jsonb, text, timestamptz) to duebook_app;
`

async function prepareJobs(owner: pg.Client, jobs: pg.ClientConfig): Promise<void> {
  const { rows } = await owner.query<{ present: boolean }>(
    "select to_regnamespace('graphile_worker') is not null as present",
  )
  if (!rows[0]?.present) await owner.query('create schema graphile_worker authorization duebook_jobs')
  const pool = new pg.Pool({ ...jobs, max: 2, application_name: 'duebook migrate' })
  const ignore = () => {} // a lost connection fails the query it serves
  pool.on('error', ignore).on('connect', (client) => void client.on('error', ignore))
  try {
    // The worker would create schema and table itself and needs CREATE on the database for it, table or no table.
    await pool.query(`
      create table if not exists graphile_worker.migrations (
        id int primary key, ts timestamptz not null default now(), breaking boolean not null default false
      )`)
    await runMigrations({ pgPool: pool, logger: new Logger(() => () => {}) })
    const digest = createHash('sha256').update(ENQUEUE).digest('hex')
    const current = await pool.query<{ version: string; comment: string | null }>(`
      select (select max(id) from graphile_worker.migrations)::text as version,
             obj_description(to_regprocedure('graphile_worker.enqueue(text,jsonb,text,timestamptz)'), 'pg_proc') as comment`)
    const stamp = `${current.rows[0]!.version} ${digest}` // its functions change with its version
    if (current.rows[0]!.comment !== stamp) {
      await pool.query(
        `begin; ${ENQUEUE}; comment on function graphile_worker.enqueue(text, jsonb, text, timestamptz) is '${stamp}'; commit`,
      )
    }
  } finally {
    await pool.end()
  }
}
