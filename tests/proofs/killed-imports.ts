import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import pino from 'pino'
import { addDays } from '../../server/core/dates.ts'
import { startEmbedded } from '../../server/core/embedded.ts'
import type { Proof } from '../prove.ts'
import { callServer, enterNewOrganisation, keptBy } from '../server-calls.ts'
import { type ServerProcess, startServer, temporaryFolder } from '../server-process.ts'

// The server is killed with SIGKILL while a file of 20,000 invoices goes into the books: most of them known and paid a little
// more, a part new, a part gone and so paid. Whatever the moment, the books are those before or those after, the import
// says which, and the same file sent again ends in the books once.

const ROWS = 20_000
/** Numbers that leave and come from file to file: gone invoices are a ninth of the money, less than what is asked about. */
const STEP = 2_000
/** New invoices were issued long ago: on the days before their file they were open in full. */
const NEW_MONEY = STEP * 1_000
const doors = ['at once', 'step by step'] as const
type Door = (typeof doors)[number]

type File = { as_of: string; content: string; total: number }
type Books = { total: number; count: number }
type Kept = { id: number; status: string; as_of: string }

export default {
  name: 'killed-imports',
  claim:
    'kill -9 while an import is published leaves all of it or nothing, says which, and the file can be sent again',
  full: 20,
  sample: 3,
  async run({ trials, random, note }) {
    const folder = temporaryFolder('killed-imports')
    const dataDir = join(folder.path, 'data')
    const env = keptBy(dataDir)
    const seen: Record<string, number> = {}
    let server: ServerProcess = startServer(env)
    try {
      let url = await server.ready
      const token = await enterNewOrganisation(url, 'killed')
      const at = (): Place => ({ url, token })
      const firstDay = addDays(new Date().toISOString().slice(0, 10), -trials - 10)
      let nth = 0
      const next = () => fileOf(nth, addDays(firstDay, nth++), random)

      // How long each door takes undisturbed, so that kills come at any moment of it.
      const takes: Record<Door, number> = { 'at once': 0, 'step by step': 0 }
      let before: Books = { total: 0, count: 0 }
      let last = ''
      for (const door of ['at once', ...doors] as Door[]) {
        const file = next()
        const ready = door === 'at once' ? 0 : await check(at(), file)
        const began = performance.now()
        await publish(at(), door, file, ready)
        takes[door] = performance.now() - began
        note(`${door}: ${Math.round(takes[door])} ms`)
        before = await booksOf(at())
        same(before, { total: file.total, count: ROWS }, `after the undisturbed import ${door}`)
        last = file.as_of
      }

      for (let trial = 1; trial <= trials; trial += 1) {
        const door = doors[trial % 2]!
        const file = next()
        const ready = door === 'at once' ? 0 : await check(at(), file)
        const wait = random() * takes[door] * 1.05
        const under = publish(at(), door, file, ready, 'respond-async').then(
          () => undefined,
          () => undefined, // its connection breaks with the server
        )
        await sleep(wait)
        server.child.kill('SIGKILL')
        await server.ended
        await under
        server = startServer(env)
        url = await server.ready

        const after = { total: file.total, count: ROWS }
        const kept = (await importsOf(at())).filter((each) => each.as_of === file.as_of)
        if (kept.length > 1) throw new Error(`One file, ${kept.length} imports: ${JSON.stringify(kept)}`)
        const status = kept[0]?.status ?? 'absent'
        const now = await booksOf(at())
        if (status === 'published')
          same(now, after, `an import that is published (killed ${door} after ${wait} ms)`)
        else if (['checked', 'failed', 'refused', 'absent'].includes(status))
          same(now, before, `an import that is ${status} (killed ${door} after ${wait} ms)`)
        else throw new Error(`An import is left ${status} (killed ${door} after ${wait} ms)`)
        // In whole cents: the sum of two amounts as floats is not the amount.
        const { total } = before
        const dayBefore = (isIn: boolean) => Math.round(total * 100 + (isIn ? NEW_MONEY * 100 : 0)) / 100
        same((await booksOf(at(), last)).total, dayBefore(status === 'published'), 'the day before')
        seen[`${door}: ${status}`] = (seen[`${door}: ${status}`] ?? 0) + 1

        const again = door === 'at once' ? 0 : await check(at(), file)
        await publish(at(), door, file, again)
        same(await booksOf(at()), after, `after sending it again ${door}`)
        same((await booksOf(at(), last)).total, dayBefore(true), 'the day before, after sending it again')
        const published = (await importsOf(at())).filter((each) => each.as_of === file.as_of)
        same(
          published.map((each) => each.status),
          ['published'],
          'the imports of the file in the end',
        )
        before = after
        last = file.as_of
        if (trial % 5 === 0) note(`${trial} kills`)
      }
      await server.stop()
      same(await brokenIn(dataDir), 0, 'invoices whose entries do not add up to what is open')
      const found = Object.entries(seen).sort(([a], [b]) => a.localeCompare(b))
      const ms = (door: Door) => `${Math.round(takes[door])} ms ${door}`
      return `${ROWS} rows in ${doors.map(ms).join(', ')}; found after the kill: ${found.map(([what, count]) => `${what} ${count}`).join(', ')}`
    } catch (error) {
      note(`the server's last words:\n${server.output().split('\n').slice(-12).join('\n')}`)
      throw error
    } finally {
      await server.stop()
      folder.remove()
    }
  },
} satisfies Proof

type Place = { url: string; token: string }

/** The export of a day; every one names other amounts, so that its total tells it from all others. */
function fileOf(nth: number, as_of: string, random: () => number): File {
  const lines = ['invoice number,customer id,customer name,invoice date,due date,amount,open amount,currency']
  let cents = 0
  for (let n = 0; n < ROWS; n += 1) {
    const number = nth * STEP + n
    const open = 100_000 - nth * 1_000 - Math.floor(random() * 900)
    cents += open
    lines.push(
      `I-${number},C${number % 400},Customer ${number % 400},2025-01-0${1 + (number % 9)},2025-03-1${number % 10},1000.00,${(open / 100).toFixed(2)},EUR`,
    )
  }
  return { as_of, content: `${lines.join('\n')}\n`, total: cents / 100 }
}

function formOf({ as_of, content }: File) {
  const form = new FormData()
  form.set('as_of', as_of)
  form.set('file', new Blob([content]), 'open-items.csv')
  return form
}

const mapping = JSON.stringify({
  invoice_number: 'invoice number',
  customer_code: 'customer id',
  customer_name: 'customer name',
  invoice_date: 'invoice date',
  due_date: 'due date',
  amount: 'amount',
  open_amount: 'open amount',
  currency: 'currency',
})

/** Takes a file in at the door of steps, where it waits to be published. */
async function check({ url, token }: Place, file: File): Promise<number> {
  const { id, status, problem } = await callServer(url, 'POST', '/api/imports', formOf(file), token)
  if (status !== 'checked' && status !== 'published') throw new Error(`A file is ${status}: ${problem}`)
  return id
}

/** Brings a file into the books; with `prefer` it may be answered before it is there. */
async function publish({ url, token }: Place, door: Door, file: File, id: number, prefer?: string) {
  if (door === 'at once') {
    const form = formOf(file)
    form.set('mapping', mapping)
    const { status, message } = await callServer(url, 'POST', '/api/import-ar-data', form, token)
    same(status, 'published', message)
    return
  }
  const path = `/api/imports/${id}/publish`
  const { status } = await callServer(url, 'POST', path, undefined, token, prefer ? { prefer } : {})
  if (!prefer) same(status, 'published', 'an import that was published')
}

async function booksOf({ url, token }: Place, as_of?: string): Promise<Books> {
  const day = as_of ? `?as_of=${as_of}` : ''
  const { totals } = await callServer(url, 'GET', `/api/receivables/ageing${day}`, undefined, token)
  const count = totals.buckets.reduce((sum: number, bucket: { count: number }) => sum + bucket.count, 0)
  return { total: totals.total, count }
}

const importsOf = async ({ url, token }: Place): Promise<Kept[]> =>
  (await callServer(url, 'GET', '/api/imports?page_size=100', undefined, token)).items

/** Looks into the database itself, once the server has left it. */
async function brokenIn(dataDir: string): Promise<number> {
  const postgres = await startEmbedded(dataDir, pino({ level: 'warn' }))
  try {
    const client = new pg.Client({ ...postgres.admin, database: 'duebook' })
    await client.connect()
    const { rows } = await client.query<{ count: number }>(
      `select count(*)::int as count
         from invoices i
         left join (select invoice_id, sum(amount) as amount from invoice_entries group by invoice_id) e on e.invoice_id = i.id
        where i.open_amount <> coalesce(e.amount, 0)`,
    )
    await client.end()
    return rows[0]!.count
  } finally {
    await postgres.stop()
  }
}

function same(found: unknown, wanted: unknown, what: string): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(wanted)]
  if (one !== other) throw new Error(`Of ${what}: ${one}, where it should be ${other}`)
}
