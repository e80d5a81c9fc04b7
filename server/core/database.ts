import { createHash, randomBytes } from 'node:crypto'
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely'
import { Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely'
import pg from 'pg'
import type { DB } from '../../db/tables.ts'

// Rows go to the wire as they come: bigint is a number (ids and minor units stay far below 2^53, checked),
// business days and instants are ISO strings, numeric stays a string so that no amount becomes a float.
const { INT8, NUMERIC, DATE, TIMESTAMPTZ } = pg.types.builtins
const parsers = new Map<number, (text: string) => unknown>([
  [
    INT8,
    (text) => {
      const value = Number(text)
      if (!Number.isSafeInteger(value))
        throw new RangeError(`bigint ${text} does not fit a JavaScript number`)
      return value
    },
  ],
  [NUMERIC, (text) => text],
  [DATE, (text) => text],
  [TIMESTAMPTZ, (text) => new Date(text).toISOString()],
])
const INT8_ARRAY = 1016
parsers.set(INT8_ARRAY, (text) => (text === '{}' ? [] : text.slice(1, -1).split(',').map(Number)))

const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    (format !== 'binary' && parsers.get(oid)) || pg.types.getTypeParser(oid, format),
}

export type Db = Kysely<DB>

/** How the server reaches PostgreSQL: the owner migrates, the app role serves, the jobs role runs the worker. */
export type Postgres = {
  owner: pg.ClientConfig
  app: pg.ClientConfig
  jobs: pg.ClientConfig
  stop(): Promise<void>
}

export type Database = {
  /** Pipelined connections for requests: statements travel without waiting for each other. */
  pool: pg.Pool
  /** Plain connections for COPY and cursors, which a pipelined connection refuses. */
  bulk: pg.Pool
  /** Names of the tables that carry tenant_id, read from the catalog. */
  tenantTables: ReadonlySet<string>
  app: pg.ClientConfig
  close(): Promise<void>
}

/** Names the connections of this server: PostgreSQL itself knows which servers are there. */
export const serverName = `duebook ${randomBytes(6).toString('hex')}`

export async function openDatabase(
  app: pg.ClientConfig,
  options: { pool?: number; bulk?: number; onError?: (error: Error) => void } = {},
): Promise<Database> {
  const common: pg.PoolConfig = {
    ...app,
    types,
    application_name: serverName,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 8_000,
    keepAlive: true,
  }
  const pool = new pg.Pool({ ...common, max: options.pool ?? 16, pipeline: true } as pg.PoolConfig)
  const bulk = new pg.Pool({ ...common, max: options.bulk ?? 12 })
  // A connection that dies while idle is replaced at the next checkout; unheard, the event would end the process.
  // One that dies while checked out fails the statement under way, and would end the process just the same.
  for (const each of [pool, bulk]) {
    each.on('error', (error) => options.onError?.(error))
    each.on('connect', (client) => client.on('error', () => {}))
  }
  bulk.on('connect', (client) => unprepared.add(client))
  const { rows } = await bulk.query<{ table_name: string }>(`
    select c.relname as table_name
      from pg_attribute a
      join pg_class c on c.oid = a.attrelid
      join pg_namespace n on n.oid = c.relnamespace
     where a.attname = 'tenant_id' and not a.attisdropped and c.relkind in ('r', 'p', 'v') and n.nspname = 'public'`)
  return {
    pool,
    bulk,
    tenantTables: new Set(rows.map((row) => row.table_name)),
    app,
    async close() {
      await Promise.all([pool.end(), bulk.end()])
    },
  }
}

/**
 * Statements are prepared once per connection and named by their text: parsing and planning a list query costs more
 * than running it. Bounded, because a statement with a long IN list is a new text every time.
 */
const PREPARED_MAX = 400
const PREPARED_LENGTH_MAX = 6_000
const names = new Map<string, string>()
function statementName(text: string): string | undefined {
  if (text.length > PREPARED_LENGTH_MAX) return undefined
  const known = names.get(text)
  if (known) return known
  if (names.size >= PREPARED_MAX) return undefined
  const name = `d${createHash('sha1').update(text).digest('base64url').slice(0, 20)}`
  names.set(text, name)
  return name
}

/**
 * Connections on which nothing is prepared: a bulk statement that was planned for a few rows, and kept, would treat a
 * hundred thousand the same way (an update of 6,000 rows: 9 s).
 */
const unprepared = new WeakSet<pg.ClientBase>()

class ClientConnection implements DatabaseConnection {
  client: pg.ClientBase
  constructor(client: pg.ClientBase) {
    this.client = client
  }
  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const name = unprepared.has(this.client) ? undefined : statementName(query.sql)
    const result = await this.client.query({ name, text: query.sql, values: query.parameters as unknown[] })
    return { rows: result.rows as R[], numAffectedRows: BigInt(result.rowCount ?? 0) }
  }
  // biome-ignore lint/correctness/useYield: the interface asks for it; cursors belong to the bulk pool.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('Streaming needs the bulk pool')
  }
}

const notHere = async () => {
  throw new Error('Transactions belong to the scope: open one with inScope')
}

/** Kysely over one checked-out connection; the scope owns the transaction, so Kysely may not open its own. */
function kyselyOver(client: pg.ClientBase): Db {
  const connection = new ClientConnection(client)
  const driver: Driver = {
    init: async () => {},
    acquireConnection: async () => connection,
    beginTransaction: notHere,
    commitTransaction: notHere,
    rollbackTransaction: notHere,
    releaseConnection: async () => {},
    destroy: async () => {},
  }
  return new Kysely<DB>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => driver,
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  })
}

const perClient = new WeakMap<pg.ClientBase, Db>()
export function dbOver(client: pg.ClientBase): Db {
  const known = perClient.get(client)
  if (known) return known
  const made = kyselyOver(client)
  perClient.set(client, made)
  return made
}
