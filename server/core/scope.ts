import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type pg from 'pg'
import { type Database, type Db, dbOver } from './database.ts'
import { forbidden, Refusal } from './errors.ts'
import { tenantFilter } from './tenant-filter.ts'

/** Which rows of the tenant a member may see; the database enforces it where a module's README says so. */
export type RowAccess = 'all' | 'region' | 'team' | 'outlets' | 'assigned'

/** Who acts, in which organisation, and what they may do. Read from the session at every request. */
export type Actor = {
  user_id: number
  tenant_id: number
  permissions: ReadonlySet<string>
  row_access: RowAccess
  region_ids: readonly number[]
  outlet_ids: readonly number[]
  /** Invoices that are not theirs, whose open disputes they clear: who sees what is assigned to them sees these too. */
  cleared_ids?: readonly number[]
  /** A role of theirs shows the debtors of every outlet, not of `outlet_ids` alone. */
  sees_all_outlets?: boolean
  /** The outlet whose debtors are looked at; `seeOutlet` sets it once it is known that they may. */
  open_outlet_id?: number
  is_superuser: boolean
}

/** The facts of an organisation that every use case may need. */
export type TenantFacts = {
  id: number
  name: string
  code: string
  currency: string
  timezone: string
  country: string
  financial_year_start: number
  ageing_buckets: number[]
}

type Recorded = { kind: string; subject_id: number | null; data: Record<string, unknown> }

/**
 * Who is asking, for which tenant, inside which transaction, at what time. The first argument of every use case;
 * nothing else carries identity, tenancy, transaction or clock.
 */
export class Scope {
  db: Db
  client: pg.ClientBase
  actor: Actor
  tenant: TenantFacts
  now: Date
  requestId: string
  /** Steps within a step end with the outermost. */
  #isOverAllRows = false
  constructor(
    client: pg.ClientBase,
    database: Database,
    actor: Actor,
    tenant: TenantFacts,
    now: Date,
    requestId: string,
  ) {
    this.client = client
    this.db = dbOver(client).withPlugin(tenantFilter(database.tenantTables, actor.tenant_id))
    this.actor = actor
    this.tenant = tenant
    this.now = now
    this.requestId = requestId
  }

  get tenantId() {
    return this.actor.tenant_id
  }
  get userId() {
    return this.actor.user_id
  }
  /** Today's business day, YYYY-MM-DD, in the organisation's time zone. */
  get today() {
    return businessDay(this.now, this.tenant.timezone)
  }
  may(permission: string) {
    return this.actor.permissions.has(permission)
  }
  require(permission: string, why?: string) {
    if (!this.may(permission)) throw forbidden(why)
  }

  /**
   * One append-only row in the same transaction: audit log, timeline, realtime message (at commit) and outbox in one.
   * `kind` is noun.past_participle; the noun is the subject. The notification carries ids only.
   */
  async record(kind: string, subjectId: number | null, data: Record<string, unknown> = {}) {
    await recordAll(this, [{ kind, subject_id: subjectId, data }])
  }
  async recordEach(kind: string, rows: { subject_id: number; data?: Record<string, unknown> }[]) {
    await recordAll(
      this,
      rows.map((row) => ({ kind, subject_id: row.subject_id, data: row.data ?? {} })),
    )
  }
  /** Runs one step of a permitted act over every row of the organisation, whichever of them the actor may see. */
  async overAllRows<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isOverAllRows) return work()
    this.#isOverAllRows = true
    await this.client.query(rowSettings({ ...this.actor, row_access: 'all' }))
    const result = await work()
    await this.client.query(rowSettings(this.actor))
    this.#isOverAllRows = false
    return result
  }
  /** Opens the debtors of one outlet for the rest of the transaction; whoever calls this has checked that the actor may. */
  async seeOutlet(id: number) {
    this.actor = { ...this.actor, open_outlet_id: id }
    await this.client.query(rowSettings(this.actor))
  }
  /** For the rest of the transaction; what is read under a cursor is judged while it is read. */
  async seeAllRows() {
    await this.client.query(rowSettings({ ...this.actor, row_access: 'all' }))
  }

  /** Adds a background job that becomes visible when this transaction commits. */
  async enqueue(
    task: string,
    payload: Record<string, unknown> = {},
    options: { key?: string; runAt?: Date } = {},
  ) {
    const body = JSON.stringify({ tenant_id: this.tenantId, ...payload })
    await sql`select graphile_worker.enqueue(${task}, ${body}::jsonb, ${options.key ?? null}, ${options.runAt ?? null})`.execute(
      this.db,
    )
  }
}

async function recordAll(scope: Scope, events: Recorded[]) {
  if (events.length === 0) return
  const userId = scope.userId > 0 ? scope.userId : null
  await sql`
    with recorded as (
      insert into events (tenant_id, kind, subject, subject_id, user_id, data, request_id, at)
      select ${scope.tenantId}, e.kind, split_part(e.kind, '.', 1), e.subject_id, ${userId}, e.data, ${scope.requestId}, ${scope.now}
        from jsonb_to_recordset(${JSON.stringify(events)}::jsonb) as e(kind text, subject_id bigint, data jsonb)
      returning id, kind, subject, subject_id
    )
    select pg_notify('duebook', json_build_object(
      'tenant_id', ${scope.tenantId}::bigint, 'id', max(id), 'kind', kind, 'subject', subject,
      'subject_id', case when count(*) = 1 then max(subject_id) end)::text)
      from recorded group by kind, subject`.execute(scope.db)
}

/** The second door: sign-in, jobs and the command line. It sees global tables only, until it enters one tenant. */
export class SystemScope {
  db: Db
  client: pg.ClientBase
  database: Database
  now: Date
  reason: string
  requestId: string
  constructor(client: pg.ClientBase, database: Database, now: Date, reason: string, requestId: string) {
    this.client = client
    this.db = dbOver(client)
    this.database = database
    this.now = now
    this.reason = reason
    this.requestId = requestId
  }

  /** Steps into one tenant for the rest of the transaction, as `actor` or as the system itself. */
  async enter(tenantId: number, actor?: Partial<Actor>): Promise<Scope> {
    const whole: Actor = { ...systemActor(tenantId), ...actor, tenant_id: tenantId }
    await this.client.query(`reset role; ${settings(whole)}`)
    const tenant = await tenantFacts(this.db, tenantId)
    return new Scope(this.client, this.database, whole, tenant, this.now, this.requestId)
  }
  /** Lets one person's own memberships be read, in whatever organisation they are, and rows of the one named. */
  async actingFor(userId: number, tenantId = 0) {
    await this.client.query(
      `set local app.tenant_id = '${int(tenantId)}'; set local app.user_id = '${int(userId)}'`,
    )
  }
}

const systemActor = (tenantId: number): Actor => ({
  user_id: 0,
  tenant_id: tenantId,
  permissions: new Set(),
  row_access: 'all',
  region_ids: [],
  outlet_ids: [],
  sees_all_outlets: true,
  is_superuser: false,
})

export async function tenantFacts(db: Db, tenantId: number): Promise<TenantFacts> {
  return db
    .selectFrom('tenants')
    .select([
      'id',
      'name',
      'code',
      'currency',
      'timezone',
      'country',
      'financial_year_start',
      'ageing_buckets',
    ])
    .where('id', '=', tenantId)
    .executeTakeFirstOrThrow()
}

function int(value: number) {
  if (!Number.isSafeInteger(value)) throw new TypeError(`not an id: ${value}`)
  return value
}

/**
 * Who acts, told to the database. Policies that say which rows of an organisation somebody sees bind duebook_limited alone:
 * a policy is worked out for every row of a scan, and who sees all rows should not pay for it (half the time of a list page).
 *
 * SET statements, not set_config(): only those travel to the workers of a distributed database.
 */
function settings(actor: Actor) {
  return [
    ...(actor.row_access === 'all' ? [] : ['set local role duebook_limited']),
    `set local app.tenant_id = '${int(actor.tenant_id)}'`,
    `set local app.user_id = '${int(actor.user_id)}'`,
    rowSettings(actor),
  ].join('; ')
}

/** As which a connection sees every row of one organisation: for those who look past the server, as tests do. */
export const everyRowOf = (tenantId: number): string => settings(systemActor(tenantId))

const ID_MAX = '9223372036854775807'
/**
 * Which invoices somebody sees, worked out here and not for each row there: ranges of who they are assigned to and of their region
 * (0 is nobody, and none), and `,7,12,` those of others whose disputes they clear. Kinds of access that have no say over invoices see none.
 */
function rowSettings({
  row_access,
  user_id,
  region_ids,
  outlet_ids,
  open_outlet_id,
  cleared_ids = [],
}: Actor) {
  const clears =
    row_access === 'assigned' && cleared_ids.length > 0 ? `,${cleared_ids.map(int).join(',')},` : ''
  const [from, to] =
    row_access === 'all' || row_access === 'region' || clears
      ? ['0', ID_MAX]
      : row_access === 'assigned'
        ? [int(user_id), int(user_id)]
        : ['1', '0']
  const region = row_access === 'region' ? int(region_ids[0] ?? -1) : null
  const [outletFrom, outletTo] =
    row_access === 'all'
      ? ['0', ID_MAX]
      : open_outlet_id
        ? [int(open_outlet_id), int(open_outlet_id)]
        : ['1', '0']
  return [
    `set local app.row_access = '${row_access}'`,
    `set local app.regions = '{${region_ids.map(int).join(',')}}'`,
    `set local app.outlets = '{${outlet_ids.map(int).join(',')}}'`,
    `set local app.assigned_from = '${from}'; set local app.assigned_to = '${to}'`,
    `set local app.region_from = '${region ?? 0}'; set local app.region_to = '${region ?? ID_MAX}'`,
    `set local app.clears = '${clears}'`,
    `set local app.outlet_from = '${outletFrom}'; set local app.outlet_to = '${outletTo}'`,
  ].join('; ')
}

export type ScopeOptions = { now?: Date; requestId?: string; signal?: AbortSignal }

async function transaction<T>(
  pool: pg.Pool,
  begin: string,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    // Sent, not awaited: on a pipelined connection the first statement of the work travels in the same packet.
    const begun = client.query(begin)
    begun.catch(() => {})
    const result = await work(client)
    await begun
    const committed = await client.query('commit')
    if (committed.command === 'ROLLBACK')
      throw new Error('The transaction was aborted by an error that was not passed on')
    return result
  } catch (error) {
    const last = error instanceof Refusal && error.extra.keep ? 'commit' : 'rollback'
    await client.query(last).catch((failure: Error) => {
      broken = failure
    })
    throw error
  } finally {
    client.release(broken)
  }
}

/** Runs one use case for one actor in one transaction under row-level security. */
export function inScope<T>(
  database: Database,
  actor: Actor,
  tenant: TenantFacts,
  work: (scope: Scope) => Promise<T>,
  options: ScopeOptions & { bulk?: boolean } = {},
): Promise<T> {
  const now = options.now ?? new Date()
  return transaction(options.bulk ? database.bulk : database.pool, `begin; ${settings(actor)}`, (client) =>
    work(new Scope(client, database, actor, tenant, now, options.requestId ?? randomUUID())),
  )
}

/** Runs work that has no tenant yet, or tenants one after the other. `reason` says why in logs. */
export function asSystem<T>(
  database: Database,
  reason: string,
  work: (scope: SystemScope) => Promise<T>,
  options: ScopeOptions & { bulk?: boolean } = {},
): Promise<T> {
  const now = options.now ?? new Date()
  return transaction(options.bulk ? database.bulk : database.pool, 'begin', (client) =>
    work(new SystemScope(client, database, now, reason, options.requestId ?? randomUUID())),
  )
}

const dayFormats = new Map<string, Intl.DateTimeFormat>()
export function businessDay(instant: Date, timeZone: string): string {
  let format = dayFormats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
    dayFormats.set(timeZone, format)
  }
  return format.format(instant)
}
