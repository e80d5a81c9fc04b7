import type { AddressInfo } from 'node:net'
import pg from 'pg'
import pino from 'pino'
import { buildApp } from '../server/app.ts'
import { loadConfig } from '../server/core/config.ts'
import { openDatabase } from '../server/core/database.ts'
import { businessDay } from '../server/core/scope.ts'
import { createTestDatabase, startTestServer } from '../tests/database.ts'
import { compared, organisation, password, seenStatements, shown, timed } from './ageing.ts'
import { type AgeingBooks, fillAgeingBooks } from './ageing-books.ts'
import type { Measured } from './run.ts'

const ROUNDS = 15
const ROWS = 100_000

type Bench = {
  client: pg.Client
  books: AgeingBooks
  /** Calls the server as a director, or as a collector of a twelfth of the invoices. */
  get(path: string, as?: 'bench' | 'collector1'): Promise<string>
}

/** A server whose one organisation has so many open invoices, listening. */
async function withBooks<T>(open: number, work: (bench: Bench) => Promise<T>): Promise<T> {
  const { server, stop } = await startTestServer()
  const scratch = await createTestDatabase(server)
  const client = new pg.Client({ ...server.admin, database: scratch.name })
  await client.connect()
  await client.query(`alter database ${scratch.name} set max_parallel_workers_per_gather = 0`)
  await client.query('set max_parallel_workers_per_gather = 0')
  const database = await openDatabase(scratch.app)
  const log = pino({ level: 'info' }, { write() {} })
  const config = loadConfig({ DEMO: 'off', RATE_LIMIT_REQUESTS: '1000000' }, '/nonexistent/.env')
  const app = await buildApp({ config, database, secretKey: 'a secret of the benchmark alone', log })
  try {
    const books = await organisation(database)
    await fillAgeingBooks(client, books, open, businessDay(new Date(), 'UTC'))
    await app.listen({ port: 0, host: '127.0.0.1' })
    const origin = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
    const tokens = new Map<string, string>()
    const get: Bench['get'] = async (path, as = 'bench') => {
      if (!tokens.has(as)) {
        const signedIn = await fetch(`${origin}/api/auth/token`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ username: as, password }),
        })
        tokens.set(as, ((await signedIn.json()) as { access_token: string }).access_token)
      }
      const got = await fetch(origin + path, { headers: { authorization: `Bearer ${tokens.get(as)}` } })
      const body = await got.text()
      if (got.status !== 200) throw new Error(`${path} answered ${got.status}: ${body.slice(0, 300)}`)
      return body
    }
    return await work({ client, books, get })
  } finally {
    await client.end()
    await app.close()
    await database.close()
    await scratch.drop()
    await stop()
  }
}

const p95 = (values: number[]) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * 0.95))]!

function within(what: string, times: number[], most: number): Measured {
  const worst = p95(times)
  return {
    what,
    ours: shown(times),
    limit: `${most} ms`,
    ratio: worst / most,
    wanted: `p95 ≤ ${most} ms`,
    ok: worst <= most,
  }
}

/** What the palette asks for, over 100,000 customers: beginnings, middles, codes, numbers, and what is not there. */
const queries = ['cust', 'customer 4217', 'omer 99', 'c7731', 'zzz nobody', 'INV-77', '4242', '99999999', 'e']

export const measureSearch = (): Promise<Measured[]> =>
  withBooks(ROWS, async ({ client, books, get }) => {
    await client.query(
      `insert into customers (tenant_id, key, code, name)
       select $1, 'more' || n, 'M' || n, (array['Harbour', 'Mills', 'North', 'Old', 'Bright'])[1 + n % 5] || ' customer ' || n
         from generate_series(1, $2::int) n`,
      [books.tenant_id, ROWS - ROWS / 50],
    )
    await client.query('vacuum analyze customers')
    const measured = []
    for (const [as, who] of [
      ['bench', 'all'],
      ['collector1', 'what is assigned'],
    ] as const) {
      const times: number[] = []
      for (const q of queries) {
        const ask = () => get(`/api/receivables/search?q=${encodeURIComponent(q)}`, as)
        await ask()
        const of: number[] = []
        for (let round = 0; round < ROUNDS; round += 1) of.push(await timed(ask))
        console.log(`  “${q}” seeing ${who}: ${shown(of)}`)
        times.push(...of)
      }
      measured.push(within(`search of ${ROWS} customers, seeing ${who}`, times, 100))
    }
    return measured
  })

/** The first page of the worklist over 100,000 open invoices. */
export const measureWorklist = (): Promise<Measured[]> =>
  withBooks(ROWS, async ({ client, get }) => {
    const ask = () => get('/api/receivables/worklist?page_size=50')
    const statements = await seenStatements(ask)
    const direct = async () => {
      await client.query('begin')
      for (const { text, values } of statements) await client.query(text, values)
      await client.query('commit')
    }
    await direct()
    const times = { ours: [] as number[], direct: [] as number[] }
    for (let round = 0; round < ROUNDS; round += 1) {
      times.direct.push(await timed(direct))
      times.ours.push(await timed(ask))
    }
    console.log(`  first page: answer ${shown(times.ours)}, its SQL ${shown(times.direct)}`)
    return [
      within(`worklist of ${ROWS} open invoices`, times.ours, 150),
      compared('worklist: answer', times.ours, 'its SQL', times.direct, 1.5),
    ]
  })
