import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import pino from 'pino'
import { buildApp } from '../server/app.ts'
import { loadConfig } from '../server/core/config.ts'
import { openDatabase } from '../server/core/database.ts'
import { addDays, dayNumber } from '../server/core/dates.ts'
import { asSystem } from '../server/core/scope.ts'
import { type BackTest, backTest, type Scores } from '../server/modules/collections/prediction/back-test.ts'
import { testForecast } from '../server/modules/collections/prediction/forecast.ts'
import type { Dated } from '../server/modules/collections/prediction/history.ts'
import { datedInvoices } from '../server/modules/collections/prediction/predictions.ts'
import { addMember, findRoles } from '../server/modules/identity/members.ts'
import { hashPassword } from '../server/modules/identity/passwords.ts'
import { insertPerson } from '../server/modules/identity/people.ts'
import { createTenant } from '../server/modules/tenancy/tenants.ts'
import { createTestDatabase, startTestServer } from '../tests/database.ts'

// npm run bench:predict FILE [FROM] [MAPPING]
// Imports any export of receivables as the product does, trains on what was known on the morning of FROM (YYYY-MM-DD; by default the day
// before which three quarters of the invoices lie), and asks about every later invoice with what was known on the morning it was issued.

const [path, from, mapping] = process.argv.slice(2)
if (!path) {
  console.error(
    'Name a file: npm run bench:predict -- receivables.csv 2013-07-01 \'{"invoice_number": "Invoice no", …}\'',
  )
  process.exit(1)
}
const password = 'Sunlit-harbour-9'
const invoices = await importedInvoices(path)
const issued = invoices.map((each) => each.issued).sort((a, b) => a - b)
const start = from ? dayNumber(from) : issued[Math.floor(issued.length * 0.75)]!
const last = invoices.reduce((latest, { settled }) => Math.max(latest, settled ?? 0), 0)
const test = backTest(invoices, start, last + 1)
if (!test) {
  console.error(
    `Too little is known before ${dayText(start)}, or nothing was paid after it: ${invoices.length} invoices with both days.`,
  )
  process.exit(1)
}
print(test)

async function importedInvoices(file: string): Promise<Dated[]> {
  const { server, stop } = await startTestServer()
  const scratch = await createTestDatabase(server)
  const database = await openDatabase(scratch.app)
  const config = loadConfig({ DEMO: 'off', RATE_LIMIT_REQUESTS: '1000000' }, '/nonexistent/.env')
  const log = pino({ level: 'silent' })
  const app = await buildApp({ config, database, secretKey: 'a secret of the benchmark alone', log })
  try {
    const password_hash = await hashPassword(password)
    const tenantId = await asSystem(database, 'bench', async (system) => {
      const scope = await createTenant(
        system,
        { code: 'bench', name: 'Bench', currency: 'USD', timezone: 'UTC', country: 'US' },
        0,
      )
      const person = { username: 'bench', email: 'bench@example.com', password_hash }
      const id = await insertPerson(system, person)
      const [operations] = await findRoles(scope, ['operations'])
      await addMember(scope, id, { role_ids: [operations!.id] })
      return scope.tenantId
    })
    const signedIn = await app.inject({
      method: 'POST',
      url: '/api/auth/token',
      payload: { username: 'bench', password },
    })
    const form = new FormData()
    form.set('kind', 'all_invoices')
    if (mapping) form.set('mapping', mapping)
    form.set('file', new Blob([await readFile(file)]), basename(file))
    const request = new Request('http://localhost', { method: 'POST', body: form })
    const answer = await app.inject({
      method: 'POST',
      url: '/api/import-ar-data',
      headers: {
        authorization: `Bearer ${signedIn.json().access_token}`,
        'content-type': request.headers.get('content-type')!,
      },
      payload: Buffer.from(await request.arrayBuffer()),
    })
    if (answer.statusCode !== 200) {
      console.error(`The file was not taken (${answer.statusCode}): ${answer.body.slice(0, 2000)}`)
      process.exitCode = 1
      return []
    }
    const { rows, rejected } = answer.json()
    console.log(`${basename(file)}: ${rows} rows, ${rejected} rejected`)
    return await asSystem(database, 'bench', async (system) => datedInvoices(await system.enter(tenantId)))
  } finally {
    await app.close()
    await database.close()
    await scratch.drop()
    await stop()
  }
}

function dayText(day: number) {
  return addDays('1970-01-01', day)
}

function print({ trained_on, ours, customer_history }: BackTest) {
  console.log(
    `Trained on ${trained_on} invoices before ${dayText(start)}, asked about ${ours.invoices} from that day on`,
  )
  const line = ({ accuracy, auc, days_error }: Scores) => ({
    accuracy: accuracy.toFixed(4),
    AUC: auc?.toFixed(4) ?? '–',
    'error of the day, days': days_error.toFixed(2),
  })
  console.table({ ours: line(ours), 'customer history': line(customer_history) })
  console.log('What was said to be late, and what was')
  console.table(
    ours.calibration.map(({ predicted, happened, invoices: count }) => ({
      invoices: count,
      predicted: `${(predicted * 100).toFixed(0)} %`,
      happened: `${(happened * 100).toFixed(0)} %`,
    })),
  )
  const days = Array.from({ length: 6 }, (_, at) => last + 1 - 28 * (6 - at))
  console.log('Cash of four weeks each: expected, safe (80 %), and what came')
  console.table(
    testForecast(invoices, days).map((each) => ({
      from: dayText(each.from),
      expected: Math.round(each.expected),
      safe: Math.round(each.safe),
      came: each.came,
    })),
  )
}
