import type { AddressInfo } from 'node:net'
import pg from 'pg'
import pino from 'pino'
import { buildApp } from '../server/app.ts'
import { loadConfig } from '../server/core/config.ts'
import { openDatabase } from '../server/core/database.ts'
import { businessDay } from '../server/core/scope.ts'
import { createTestDatabase, startTestServer } from '../tests/database.ts'
import { compared, OPEN_INVOICES, organisation, password, seenStatements, shown, timed } from './ageing.ts'
import { fillAgeingBooks } from './ageing-books.ts'
import type { Measured } from './run.ts'

const ROUNDS = 3
/** What a director's page asks for, part by part. */
const parts = [
  'insights/metrics',
  'insights/series',
  'insights/roll-rates',
  'insights/debtors?count=10',
  'insights/at-risk?months=12',
  'insights/why?figure=receivables&from=2026-01-01&to=2026-06-30',
  'ageing?group_by=region',
]

/** The director's dashboard of a million open invoices through HTTP, against its statements run by a role without row-level security. */
export async function measureDashboard(): Promise<Measured[]> {
  const { server, stop } = await startTestServer()
  const scratch = await createTestDatabase(server)
  const superuser: pg.ClientConfig = { ...server.admin, database: scratch.name }
  const client = new pg.Client(superuser)
  await client.connect()
  await client.query(`alter database ${scratch.name} set max_parallel_workers_per_gather = 0`)
  await client.query('set max_parallel_workers_per_gather = 0')
  const database = await openDatabase(scratch.app)
  const log = pino({ level: 'info' }, { write() {} })
  const config = loadConfig({ DEMO: 'off', RATE_LIMIT_REQUESTS: '1000000' }, '/nonexistent/.env')
  const app = await buildApp({ config, database, secretKey: 'a secret of the benchmark alone', log })
  try {
    const today = businessDay(new Date(), 'UTC')
    const books = await organisation(database)
    const filled = await timed(() => fillAgeingBooks(client, books, OPEN_INVOICES, today))
    console.log(`  ${OPEN_INVOICES} open invoices, filled in ${(filled / 1000).toFixed(0)} s`)
    await app.listen({ port: 0, host: '127.0.0.1' })
    const origin = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
    const signedIn = await fetch(`${origin}/api/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'bench', password }),
    })
    const { access_token } = (await signedIn.json()) as { access_token: string }
    const headers = { authorization: `Bearer ${access_token}` }
    const whole: { ours: number[]; direct: number[] } = {
      ours: Array(ROUNDS).fill(0),
      direct: Array(ROUNDS).fill(0),
    }
    for (const part of parts) {
      const answer = async () => {
        const got = await fetch(`${origin}/api/receivables/${part}`, { headers })
        const body = await got.text()
        if (got.status !== 200) throw new Error(`${part} answered ${got.status}: ${body.slice(0, 300)}`)
      }
      const statements = await seenStatements(answer)
      const direct = async () => {
        await client.query('begin')
        for (const { text, values } of statements) await client.query(text, values)
        await client.query('commit')
      }
      const times: { ours: number[]; direct: number[] } = { ours: [], direct: [] }
      await direct()
      for (let round = 0; round < ROUNDS; round += 1) {
        times.direct.push(await timed(direct))
        times.ours.push(await timed(answer))
        whole.direct[round]! += times.direct[round]!
        whole.ours[round]! += times.ours[round]!
      }
      console.log(`  ${part}: answer ${shown(times.ours)}, its SQL ${shown(times.direct)}`)
    }
    return [compared('the director’s dashboard', whole.ours, 'its SQL', whole.direct, 1.5)]
  } finally {
    await client.end()
    await app.close()
    await database.close()
    await scratch.drop()
    await stop()
  }
}
