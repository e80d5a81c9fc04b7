import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import pg from 'pg'
import pino from 'pino'
import { buildApp } from '../server/app.ts'
import { loadConfig } from '../server/core/config.ts'
import { openDatabase } from '../server/core/database.ts'
import { asSystem } from '../server/core/scope.ts'
import { addMember, findRoles } from '../server/modules/identity/members.ts'
import { hashPassword } from '../server/modules/identity/passwords.ts'
import { insertPerson } from '../server/modules/identity/people.ts'
import { createTenant } from '../server/modules/tenancy/tenants.ts'
import { createTestDatabase, startTestServer } from '../tests/database.ts'

// The two servers of list-page.ts: ours, and a bare handler that runs the statements ours was seen to run.

const TENANTS = 50
const INVOICES_EACH = 2_000
const PAGE = '/api/receivables/invoices?page_size=100&sort=due_date&order=asc'

const { server, stop } = await startTestServer()
const scratch = await createTestDatabase(server)
const superuser: pg.ClientConfig = { ...server.admin, database: scratch.name }
const database = await openDatabase(scratch.app)
// Logs are written, to nowhere: their cost counts.
const log = pino({ level: 'info' }, { write() {} })
const config = loadConfig({ DEMO: 'off', RATE_LIMIT_REQUESTS: '1000000' }, '/nonexistent/.env')
const app = await buildApp({ config, database, secretKey: 'a secret of the benchmark alone', log })

const tenantId = await fill()
await app.listen({ port: 0, host: '127.0.0.1' })
const ours = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
const signedIn = await fetch(`${ours}/api/auth/token`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ username: 'bench', password: 'Sunlit-harbour-9' }),
})
const { access_token } = (await signedIn.json()) as { access_token: string }
const authorization = `Bearer ${access_token}`

const statements = await seenStatements()
const pool = new pg.Pool({ ...superuser, max: 16 })
const bareApp = Fastify()
bareApp.get('/', async () => {
  const [page, count] = await Promise.all(statements.map(({ text, values }) => pool.query(text, values)))
  return { items: page!.rows, total: count!.rows[0] }
})
const bare = await bareApp.listen({ port: 0, host: '127.0.0.1' })
process.send!({ ours: `${ours}${PAGE}`, bare, authorization })

process.once('message', async () => {
  await Promise.all([app.close(), bareApp.close()])
  await Promise.all([database.close(), pool.end()])
  await scratch.drop()
  await stop()
  process.exit()
})

async function fill(): Promise<number> {
  const password_hash = await hashPassword('Sunlit-harbour-9')
  const id = await asSystem(database, 'benchmark', async (system) => {
    const scopes = []
    for (let n = 1; n <= TENANTS; n += 1) {
      const tenant = { code: `t${n}0`, name: `T${n}`, currency: 'USD', timezone: 'UTC', country: 'US' }
      scopes.push((await createTenant(system, tenant, 0)).tenantId)
    }
    const scope = await system.enter(scopes[Math.floor(TENANTS / 2)]!)
    const [role] = await findRoles(scope, ['director'])
    const person = { username: 'bench', email: 'bench@example.com', password_hash }
    await addMember(scope, await insertPerson(system, person), { role_ids: [role!.id] })
    return scope.tenantId
  })
  const client = new pg.Client(superuser)
  await client.connect()
  await client.query(`
    insert into customers (tenant_id, key, code, name)
    select t.id, 'c' || c, 'C' || c, 'Customer ' || c from tenants t, generate_series(1, 100) c`)
  await client.query(
    `insert into invoices (tenant_id, customer_id, number, number_key, currency, amount, open_amount, invoice_date, due_date)
     select c.tenant_id, c.id, 'INV-' || c.id || '-' || n, 'INV-' || c.id || '-' || n, 'USD', 100000 + n, 100000 + n,
            current_date - (n * 7 + c.id % 90)::int, current_date - (n * 7 + c.id % 90)::int + 30
       from customers c, generate_series(1, $1 / 100) n`,
    [INVOICES_EACH],
  )
  await client.query('vacuum analyze')
  await client.end()
  return id
}

/** The two statements behind the page, as they left for the database. */
async function seenStatements(): Promise<{ text: string; values: unknown[] }[]> {
  const seen: { text: string; values: unknown[] }[] = []
  const original = pg.Client.prototype.query
  pg.Client.prototype.query = function query(this: pg.Client, ...args: never[]) {
    const [first] = args as unknown as [{ text?: string; values?: unknown[] } | string]
    if (typeof first === 'object' && first.text && /from\s+"?invoices/i.test(first.text))
      seen.push({ text: first.text, values: first.values ?? [] })
    return (original as (...all: never[]) => never).apply(this, args)
  } as typeof original
  const answer = await app.inject({ url: PAGE, headers: { authorization } })
  pg.Client.prototype.query = original
  if (answer.statusCode !== 200 || answer.json().items.length !== 100)
    throw new Error(`The page answered ${answer.statusCode}: ${answer.body.slice(0, 300)}`)
  if (seen.length !== 2)
    throw new Error(`Expected two statements behind the page, saw ${seen.length}; tenant ${tenantId}`)
  return seen
}
