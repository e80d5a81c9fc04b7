import type { AddressInfo } from 'node:net'
import pino from 'pino'
import { buildApp } from '../server/app.ts'
import { loadConfig } from '../server/core/config.ts'
import { openDatabase } from '../server/core/database.ts'
import { asSystem } from '../server/core/scope.ts'
import { addMember, findRoles } from '../server/modules/identity/members.ts'
import { hashPassword } from '../server/modules/identity/passwords.ts'
import { insertPerson } from '../server/modules/identity/people.ts'
import { createTenant } from '../server/modules/tenancy/tenants.ts'
import { createTestDatabase, type TestServer } from '../tests/database.ts'

// The server of imports.ts, in a process of its own, so that its memory is its own. Each `organisation` is a new one.

const { server, data_dir } = JSON.parse(process.argv[2]!) as { server: TestServer; data_dir: string }
const scratch = await createTestDatabase(server)
const database = await openDatabase(scratch.app)
const config = {
  ...loadConfig({ DEMO: 'off', RATE_LIMIT_REQUESTS: '1000000' }, '/nonexistent/.env'),
  dataDir: data_dir,
}
const app = await buildApp({
  config,
  database,
  secretKey: 'a secret of the benchmark alone',
  log: pino({ level: 'info' }, { write() {} }),
})
await app.listen({ port: 0, host: '127.0.0.1' })
const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
const password_hash = await hashPassword('Sunlit-harbour-9')
let made = 0

async function organisation() {
  const n = ++made
  const tenant = await asSystem(database, 'benchmark', async (system) => {
    const scope = await createTenant(
      system,
      { code: `bench-${n}`, name: `Bench ${n}`, currency: 'USD', timezone: 'UTC', country: 'US' },
      0,
    )
    const user = await insertPerson(system, {
      username: `bench${n}`,
      email: `bench${n}@example.com`,
      full_name: 'Bench',
      password_hash,
      is_superuser: false,
    })
    const roles = await findRoles(scope, ['Operations'])
    await addMember(scope, user, { role_ids: roles.map(({ id }) => id) })
    return scope.tenantId
  })
  const signedIn = await fetch(`${url}/api/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: `bench${n}`, password: 'Sunlit-harbour-9' }),
  })
  const { access_token } = (await signedIn.json()) as { access_token: string }
  return { tenant, authorization: `Bearer ${access_token}` }
}

process.on('message', async (asked: 'organisation' | 'memory' | 'stop') => {
  if (asked === 'organisation') process.send!(await organisation())
  else if (asked === 'memory') process.send!({ peak_mb: process.resourceUsage().maxRSS / 1024 })
  else {
    await app.close()
    await database.close()
    process.exit()
  }
})
process.send!({ url, database: scratch.name })
