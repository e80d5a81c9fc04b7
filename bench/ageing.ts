import type { AddressInfo } from 'node:net'
import pg from 'pg'
import pino from 'pino'
import { buildApp } from '../server/app.ts'
import { loadConfig } from '../server/core/config.ts'
import { type Database, openDatabase } from '../server/core/database.ts'
import { addDays } from '../server/core/dates.ts'
import { asSystem, businessDay } from '../server/core/scope.ts'
import { addMember, findRoles } from '../server/modules/identity/members.ts'
import { hashPassword } from '../server/modules/identity/passwords.ts'
import { insertPerson } from '../server/modules/identity/people.ts'
import { addPresetRegions } from '../server/modules/tenancy/places.ts'
import { createTenant } from '../server/modules/tenancy/tenants.ts'
import { createTestDatabase, startTestServer, type TestServer } from '../tests/database.ts'
import { type AgeingBooks, fillAgeingBooks } from './ageing-books.ts'
import type { Measured } from './run.ts'

const ROUNDS = 5
/** BENCH_ROWS=200000 for a quick look. */
export const OPEN_INVOICES = Number(process.env.BENCH_ROWS ?? 1_000_000)
const groups = ['none', 'customer', 'region', 'collector', 'currency'] as const
const days = [
  { name: 'today', ago: 0 },
  { name: '30 days ago', ago: 30 },
  { name: '180 days ago', ago: 180 },
]
export const password = 'Sunlit-harbour-9'

type Times = { ours: number[]; direct: number[]; bare: number[] }

/**
 * The ageing of a million open invoices through HTTP, against the statements behind it run by a role that bypasses
 * row-level security, and these against a bare sum: the tables that the day is told by, read from beginning to end, of each
 * row one amount. Nothing works in parallel, neither in the server nor here. And the same of a hundred thousand:
 * ten times the invoices take at most twelve times as long.
 */
export async function measureAgeing(): Promise<Measured[]> {
  const { server, stop } = await startTestServer()
  try {
    const small = await measureBooks(server, OPEN_INVOICES / 10)
    const large = await measureBooks(server, OPEN_INVOICES)
    return days.flatMap(({ name }, at) =>
      groups.flatMap((group): Measured[] => {
        const { ours, direct, bare } = large[at]![group]
        const before = small[at]![group]
        const what = `ageing ${name} by ${group}`
        return [
          compared(`${what}: answer`, ours, 'its SQL', direct, 1.2),
          compared(`${what}: SQL`, direct, 'bare sum', bare, 3),
          compared(`${what}: ten times the books`, ours, 'a tenth', before.ours, 12),
        ]
      }),
    )
  } finally {
    await stop()
  }
}

export const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
export const shown = (values: number[]) =>
  `${median(values).toFixed(0)} ms (${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)})`

export function compared(
  what: string,
  ours: number[],
  limitName: string,
  limit: number[],
  most: number,
): Measured {
  const ratio = median(ours) / median(limit)
  return {
    what,
    ours: shown(ours),
    limit: `${shown(limit)} ${limitName}`,
    ratio,
    wanted: `≤ ${most}`,
    ok: ratio <= most,
  }
}

async function measureBooks(
  server: TestServer,
  invoices: number,
): Promise<Record<(typeof groups)[number], Times>[]> {
  const scratch = await createTestDatabase(server)
  const superuser: pg.ClientConfig = { ...server.admin, database: scratch.name }
  await settings(superuser)
  const database = await openDatabase(scratch.app)
  // Logs are written, to nowhere: their cost counts.
  const log = pino({ level: 'info' }, { write() {} })
  const config = loadConfig({ DEMO: 'off', RATE_LIMIT_REQUESTS: '1000000' }, '/nonexistent/.env')
  const app = await buildApp({ config, database, secretKey: 'a secret of the benchmark alone', log })
  const client = new pg.Client(superuser)
  await client.connect()
  try {
    const began = performance.now()
    const today = businessDay(new Date(), 'UTC')
    const books = await organisation(database)
    await fillAgeingBooks(client, books, invoices, today)
    console.log(`  ${invoices} open invoices, filled in ${((performance.now() - began) / 1000).toFixed(0)} s`)
    await app.listen({ port: 0, host: '127.0.0.1' })
    const origin = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
    const signedIn = await fetch(`${origin}/api/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'bench', password }),
    })
    const { access_token } = (await signedIn.json()) as { access_token: string }
    const authorization = `Bearer ${access_token}`

    const measured = []
    for (const { name, ago } of days) {
      const as_of = addDays(today, -ago)
      const each = {} as Record<(typeof groups)[number], Times>
      for (const group of groups) {
        const url = `/api/receivables/ageing?as_of=${as_of}&group_by=${group}&currency=USD`
        each[group] = await measureAnswer(origin + url, authorization, bareSum(books.tenant_id, as_of, ago))
        const { ours, direct, bare } = each[group]
        console.log(
          `  ${name} by ${group}: answer ${shown(ours)}, its SQL ${shown(direct)}, bare sum ${shown(bare)}`,
        )
      }
      measured.push(each)
    }
    return measured
  } finally {
    await client.end()
    await app.close()
    await database.close()
    await scratch.drop()
  }

  /** Ours, its statements and the bare sum, in turns, so that a busy moment of the machine meets all three. */
  async function measureAnswer(url: string, authorization: string, bareText: string): Promise<Times> {
    const answer = async () => {
      const got = await fetch(url, { headers: { authorization } })
      // The bytes alone: making a text of 50 MB would be the reader's work, and the reader is in this process.
      const body = await got.arrayBuffer()
      if (got.status !== 200)
        throw new Error(`${url} answered ${got.status}: ${Buffer.from(body).toString().slice(0, 300)}`)
    }
    const statements = await seenStatements(answer)
    const direct = async () => {
      await client.query('begin')
      for (const { text, values } of statements) await client.query(text, values)
      await client.query('commit')
    }
    const bare = async () => {
      await client.query('begin; set local enable_indexscan = off; set local enable_indexonlyscan = off')
      await client.query('set local enable_bitmapscan = off')
      await client.query(bareText)
      await client.query('commit')
    }
    const times: Times = { ours: [], direct: [], bare: [] }
    for (const work of [answer, direct, bare]) await work()
    for (let round = 0; round < ROUNDS; round += 1) {
      times.bare.push(await timed(bare))
      times.direct.push(await timed(direct))
      times.ours.push(await timed(answer))
    }
    return times
  }

  /** Of every connection to the books, the server's and ours. */
  async function settings(config: pg.ClientConfig) {
    const owner = new pg.Client(config)
    await owner.connect()
    await owner.query(`alter database ${scratch.name} set max_parallel_workers_per_gather = 0`)
    await owner.end()
  }
}

/** With somebody who sees all of it, regions, and a dozen collectors. */
export async function organisation(database: Database): Promise<AgeingBooks> {
  const password_hash = await hashPassword(password)
  return asSystem(database, 'benchmark', async (system) => {
    const scope = await createTenant(
      system,
      { code: 'bench', name: 'Bench', currency: 'USD', timezone: 'UTC', country: 'US' },
      0,
    )
    const regions = await addPresetRegions(scope)
    const [director, collector] = [
      await findRoles(scope, ['director']),
      await findRoles(scope, ['collector']),
    ]
    const member = async (username: string, role_ids: number[]) => {
      const person = { username, email: `${username}@example.com`, password_hash }
      const id = await insertPerson(system, person)
      await addMember(scope, id, { role_ids })
      return id
    }
    await member('bench', [director[0]!.id])
    const collectors = []
    for (let n = 1; n <= 12; n += 1) collectors.push(await member(`collector${n}`, [collector[0]!.id]))
    return { tenant_id: scope.tenantId, regions: regions.map(({ id }) => id).slice(0, 8), collectors }
  })
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/**
 * What cannot be less: of today the open amounts of the currency. Of a past day these and, from the ledger, the shorter side of the day,
 * since it takes the one to know what is open and the other to know what was.
 */
const bareSum = (tenantId: number, as_of: string, ago: number) => {
  const invoices = `select sum(open_amount) from invoices where tenant_id = ${tenantId} and currency = 'USD'`
  return ago === 0
    ? invoices
    : `${invoices}; select sum(amount) from invoice_entries where tenant_id = ${tenantId} and effective_on > '${as_of}'`
}

/** The statements of receivables behind an answer, as they left for the database. */
export async function seenStatements(
  answer: () => Promise<unknown>,
): Promise<{ text: string; values: unknown[] }[]> {
  const seen: { text: string; values: unknown[] }[] = []
  const original = pg.Client.prototype.query
  pg.Client.prototype.query = function query(this: pg.Client, ...args: never[]) {
    const [first] = args as unknown as [{ text?: string; values?: unknown[] } | string]
    if (typeof first === 'string' && /^set local (work_mem|enable_)/.test(first))
      seen.push({ text: first, values: [] })
    if (typeof first === 'object' && first.text && /from\s+"?invoice/i.test(first.text))
      seen.push({ text: first.text, values: first.values ?? [] })
    return (original as (...all: never[]) => never).apply(this, args)
  } as typeof original
  try {
    await answer()
  } finally {
    pg.Client.prototype.query = original
  }
  if (seen.length === 0) throw new Error('No statement was seen behind the answer')
  return seen
}
