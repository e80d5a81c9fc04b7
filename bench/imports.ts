import { type ChildProcess, fork } from 'node:child_process'
import { createReadStream, openAsBlob } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { getCompileCacheDir } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { openTable, rowsOf } from '../server/core/tabular.ts'
import { startTestServer } from '../tests/database.ts'
import type { Measured } from './run.ts'
import { receivableColumns, receivableRows, writeLikeExcel } from './sheets.ts'

// An import through the API, from the upload to the published answer with its difference, beside a bare COPY and
// INSERT … SELECT of the same rows into the same tables with the same indexes, by a superuser without policies.

/** BENCH_ROUNDS=1 for a quick look. */
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const MORE = 10

type Cells = (string | number | null)[]
export const csv = (rows: Iterable<Cells>) => {
  const quoted = (cell: string | number | null) => {
    const text = String(cell ?? '')
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  let text = `${receivableColumns.map(({ header }) => header).join(',')}\n`
  for (const row of rows) text += `${row.map(quoted).join(',')}\n`
  return text
}

/** The file of the next month: of each hundred rows 5 are gone, 19 are paid in part, and 5 new ones are there. */
export function* nextMonth(count: number): Generator<Cells> {
  let n = 0
  for (const row of receivableRows(count)) {
    n++
    if (n % 20 === 0) {
      const fresh = [...row]
      fresh[0] = `NEW-${n}`
      yield fresh
      continue
    }
    if (n % 5 === 1) {
      const paid = [...row]
      paid[8] = (Number(row[8]) / 2).toFixed(2)
      yield paid
    } else yield row
  }
}

export async function measureImports(): Promise<Measured[]> {
  const { server, stop } = await startTestServer()
  const folder = await mkdtemp(join(tmpdir(), 'duebook-bench-'))
  const child = fork(
    new URL('./import-server.ts', import.meta.url),
    [JSON.stringify({ server, data_dir: join(folder, 'data') })],
    // As `npm start` has it: young objects in little room, and what was loaded once is loaded compiled.
    {
      execArgv: ['--max-semi-space-size=8'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, NODE_COMPILE_CACHE: getCompileCacheDir() ?? '' },
    },
  )
  try {
    const { url, database } = await said<{ url: string; database: string }>(child)
    const bare = new pg.Client({ ...server.admin, database })
    bare.on('error', () => {}) // the database server goes before it does
    await bare.connect()
    const sizes = process.env.BENCH_ROWS
      ? [Number(process.env.BENCH_ROWS)]
      : process.env.BENCH_GROWTH === 'off'
        ? [100_000]
        : [100_000, 100_000 * MORE]
    const figures: Figures[] = []
    for (const [nth, rows] of sizes.entries())
      figures.push(await measureSize({ child, url, bare, folder, rows, rounds: nth === 0 ? ROUNDS : 1 }))
    const memory = await ask<{ peak_mb: number }>(child, 'memory')
    await bare.end()
    return summary(figures, sizes, memory.peak_mb)
  } finally {
    child.send('stop')
    await new Promise((done) => child.once('exit', done))
    await stop()
    await rm(folder, { recursive: true })
  }
}

type Figures = Record<'bare' | 'first' | 'again' | 'month' | 'xlsx' | 'reading', number[]> & { peak: number }
type Asked = {
  child: ChildProcess
  url: string
  bare: pg.Client
  folder: string
  rows: number
  rounds: number
}

async function measureSize({ child, url, bare, folder, rows, rounds }: Asked): Promise<Figures> {
  const figures: Figures = { bare: [], first: [], again: [], month: [], xlsx: [], reading: [], peak: 0 }
  const [first, month, book] = ['first.csv', 'month.csv', 'first.xlsx'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  await writeFile(first, csv(receivableRows(rows)))
  await writeFile(month, csv(nextMonth(rows)))
  await writeLikeExcel(book, receivableColumns, receivableRows(rows))
  for (let round = 1; round <= rounds; round++) {
    const other = await ask<{ tenant: number }>(child, 'organisation')
    figures.bare.push(await timed(() => bareImport(bare, first, other.tenant)))
    const org = await ask<{ authorization: string }>(child, 'organisation')
    const send = (path: string, fields: Record<string, string>) =>
      upload(url, org.authorization, path, fields)
    figures.first.push(await timed(() => send(first, { as_of: '2026-06-30' })))
    figures.again.push(await timed(() => send(first, { as_of: '2026-07-01' })))
    figures.month.push(await timed(() => send(month, { as_of: '2026-07-31', missing: 'settle' })))
    if (round === 1) figures.peak = (await ask<{ peak_mb: number }>(child, 'memory')).peak_mb
    const sheets = await ask<{ authorization: string }>(child, 'organisation')
    figures.xlsx.push(await timed(() => upload(url, sheets.authorization, book, { as_of: '2026-06-30' })))
    figures.reading.push(await timed(() => readAlone(book)))
    const last = (name: keyof Omit<Figures, 'peak'>) => `${name} ${figures[name].at(-1)!.toFixed(0)}`
    console.log(
      `  ${rows} rows, round ${round}, ms: ${(['bare', 'first', 'again', 'month', 'xlsx', 'reading'] as const).map(last).join(', ')}, peak ${figures.peak.toFixed(0)} MB`,
    )
  }
  return figures
}

function summary(figures: Figures[], sizes: number[], peak: number): Measured[] {
  const measured: Measured[] = []
  const [small, large] = figures
  const ratioOf = (name: 'first' | 'again' | 'month', { bare, ...all }: Figures) =>
    median(all[name].map((ms, round) => ms / bare[round]!))
  const line = (what: string, ms: number[], limit: string, ratio: number, wanted: number): Measured => ({
    what,
    ours: `${median(ms).toFixed(0)} ms (${Math.min(...ms).toFixed(0)}-${Math.max(...ms).toFixed(0)})`,
    limit,
    ratio,
    wanted: `≤ ${wanted}`,
    ok: ratio <= wanted,
  })
  const bare = `${median(small!.bare).toFixed(0)} ms bare COPY + INSERT`
  measured.push(line(`import ${sizes[0]} csv rows`, small!.first, bare, ratioOf('first', small!), 1.7))
  measured.push(line('the same file for the next day', small!.again, bare, ratioOf('again', small!), 0.7))
  measured.push(line("next month's file", small!.month, bare, ratioOf('month', small!), 1.0))
  const whole = small!.xlsx.map((_, round) => small!.reading[round]! + 1.1 * small!.first[round]!)
  measured.push(
    line(
      'the same rows as xlsx',
      small!.xlsx,
      `${median(whole).toFixed(0)} ms reading + 1.1 × csv`,
      median(small!.xlsx.map((ms, round) => ms / whole[round]!)),
      1,
    ),
  )
  const memory = (what: string, mb: number) => ({
    what,
    ours: `${mb.toFixed(0)} MB`,
    limit: '300 MB',
    ratio: mb / 300,
    wanted: '≤ 1',
    ok: mb <= 300,
  })
  measured.push(memory('peak memory of server and workers, csv', small!.peak))
  measured.push(memory(`peak memory, csv and xlsx, up to ${sizes.at(-1)} rows`, peak))
  if (large)
    for (const [name, what] of [
      ['first', 'import'],
      ['again', 'the same file again'],
      ['month', "next month's file"],
      ['xlsx', 'xlsx'],
    ] as const) {
      const growth = median(large[name]) / median(small![name])
      measured.push({
        what: `${what}: ${sizes[1]} rows`,
        ours: `${(median(large[name]) / 1000).toFixed(1)} s`,
        limit: `${(median(small![name]) / 1000).toFixed(1)} s for ${sizes[0]}`,
        ratio: growth,
        wanted: `≤ ${1.2 * MORE}`,
        ok: growth <= 1.2 * MORE,
      })
    }
  return measured
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}
const said = <T>(child: ChildProcess) =>
  new Promise<T>((done, fail) => {
    const ended = (code: number | null) => fail(new Error(`The server to measure ended with ${code}`))
    child.once('exit', ended).once('message', (answer) => {
      child.off('exit', ended)
      done(answer as T)
    })
  })
const ask = <T>(child: ChildProcess, what: string): Promise<T> => {
  const answer = said<T>(child)
  child.send(what)
  return answer
}

export async function upload(
  url: string,
  authorization: string,
  path: string,
  fields: Record<string, string>,
) {
  const form = new FormData()
  for (const [key, value] of Object.entries(fields)) form.set(key, value)
  form.set('file', await openAsBlob(path), path.split('/').at(-1)!)
  const answer = await fetch(`${url}/api/import-ar-data`, {
    method: 'POST',
    headers: { authorization },
    body: form,
  })
  const body = (await answer.json()) as { rejected?: number; rows?: number; detail?: unknown }
  if (answer.status !== 200 || body.rejected !== 0)
    throw new Error(`The import answered ${answer.status}: ${JSON.stringify(body).slice(0, 500)}`)
}

async function readAlone(path: string) {
  const table = await openTable(path, (cells) => cells.filter((cell) => cell !== '').length)
  let rows = 0
  for await (const batch of rowsOf(path, table)) rows += batch.length
  return rows
}

/** The least that a database does to hold the same: the file as it is, cast and spread over the same five tables. */
export async function bareImport(client: pg.Client, path: string, tenant: number) {
  const columns = receivableColumns.map(({ header }) => header)
  await client.query('begin')
  await client.query("set local work_mem = '64MB'; set local jit = off; set local enable_nestloop = off")
  await client.query(
    `create temp table raw (${columns.map((name) => `${name} text`).join(', ')}) on commit drop`,
  )
  await pipeline(
    createReadStream(path),
    client.query(copyFrom(`copy raw (${columns.join(', ')}) from stdin with (format csv, header true)`)),
  )
  await client.query(`
    create temp table parties on commit drop as
    select customer_code, max(customer_name) as name, max(email) as email, nextval('customers_id_seq') as id from raw group by customer_code`)
  await client.query(`
    create temp table numbered on commit drop as
    select row_number() over ()::int + 1 as row, nextval('invoices_id_seq') as invoice_id, p.id as customer_id, upper(r.invoice_number) as key,
           round(r.amount::numeric * 100)::bigint as cents, round(r.open_amount::numeric * 100)::bigint as open_cents, r.*
      from raw r join parties p using (customer_code)`)
  await client.query(
    `insert into customers (tenant_id, id, key, code, name, email) select $1, id, upper(customer_code), customer_code, name, email from parties`,
    [tenant],
  )
  await client.query(
    `insert into import_accounts (tenant_id, import_id, customer_id, key, code, name, email) select $1, 0, id, upper(customer_code), customer_code, name, email from parties`,
    [tenant],
  )
  await client.query(
    `with fresh as (
       insert into invoices (tenant_id, id, customer_id, number, number_key, currency, amount, open_amount, invoice_date, due_date, operating_unit, po_number, notes)
       select $1, invoice_id, customer_id, invoice_number, key, currency, cents, open_cents, invoice_date::date, due_date::date, operating_unit,
              nullif(po_number, ''), nullif(notes, '') from numbered
       returning id, amount, open_amount, invoice_date)
     insert into invoice_entries (tenant_id, invoice_id, kind, amount, effective_on)
     select $1, id, kind, e.amount, on_day from fresh
      cross join lateral (values ('invoice', amount, invoice_date), ('payment', open_amount - amount, date '2026-06-30')) e (kind, amount, on_day)
      where e.amount <> 0`,
    [tenant],
  )
  await client.query(
    `insert into import_rows (tenant_id, import_id, row, outcome, invoice_id, customer_id, number, number_key, currency, amount, open_amount,
                              document_type, invoice_date, due_date, operating_unit, po_number, notes)
     select $1, 0, row, 'new', invoice_id, customer_id, invoice_number, key, currency, cents, open_cents, 'invoice', invoice_date::date, due_date::date,
            operating_unit, nullif(po_number, ''), nullif(notes, '') from numbered`,
    [tenant],
  )
  await client.query('commit')
}
