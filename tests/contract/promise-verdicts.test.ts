import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addDays } from '../../server/core/dates.ts'
import { asSystem, type Scope } from '../../server/core/scope.ts'
import { promiseVerdicts } from '../../server/modules/collections/promises/verdict.ts'
import { type TestApp, testApp } from '../app.ts'
import { type Organisation, organisation } from '../given.ts'
import { seeded } from '../seeded.ts'

// For random histories the verdicts that one statement works out, as of any day and as known on any evening, equal what
// somebody would conclude who goes through the ledger promise by promise.

const seed = Number(process.env.SEED ?? 20_261_124)
let t: TestApp
let org: Organisation
beforeAll(async () => {
  t = await testApp()
  org = await organisation(t)
})
afterAll(() => t.close())

const first = '2026-03-01'
const on = (n: number) => addDays(first, n)
/** Files, promises and entries fall on whole hours, so that some meet on the very same one. */
const at = (n: number, hour: number) => `${on(n)}T${String(hour).padStart(2, '0')}:00:00.000Z`

type Entry = {
  invoice: number
  kind: string
  amount: number
  effective_on: string
  effective_after: string | null
  recorded_at: string
  allocation_id: number | null
}
type File = {
  as_of: string
  status: string
  published_at: string
  reverted_at: string | null
  customers: number[]
  missing: number[]
}
type Promised = {
  customer: number
  invoices: number[]
  amount: number
  promised_on: string
  deadline: string
  made_on: string
  made_at: string
  state: string
  ended_on: string | null
  ended_at: string | null
  undone_at: string | null
}
type World = { entries: Entry[]; files: File[]; promises: Promised[]; imported: Set<number> }

function randomWorld(random: () => number): World {
  const int = (n: number) => Math.floor(random() * n)
  const chance = (share: number) => random() < share
  const customers = 12
  const entries: Entry[] = []
  for (let invoice = 0; invoice < customers * 3; invoice++) {
    for (let k = int(5); k > 0; k--) {
      const day = int(40)
      const amount = (1 + int(10)) * 100
      const entry: Entry = {
        invoice,
        kind: chance(0.75) ? 'payment' : ['correction', 'withdrawal'][int(2)]!,
        amount: -amount,
        effective_on: on(day),
        effective_after: chance(0.5) ? on(day - int(12)) : null,
        recorded_at: at(day + int(6), int(24)),
        allocation_id: null,
      }
      entries.push(entry)
      // Recorded by hand, and gone back on a later day.
      if (entry.kind === 'payment' && entry.effective_after === null && chance(0.4)) {
        entry.allocation_id = entries.length + 1
        const back = day + 1 + int(15)
        if (chance(0.5))
          entries.push({
            ...entry,
            kind: 'reversal',
            amount,
            effective_on: on(back),
            recorded_at: at(back + 6, int(24)),
          })
      }
      // Taken back later, on its days.
      else if (chance(0.25)) entries.push({ ...entry, amount, recorded_at: at(day + 6 + int(10), int(24)) })
    }
  }
  const imported = new Set(Array.from({ length: customers }, (_, n) => n).filter(() => chance(0.8)))
  const files: File[] = Array.from({ length: 10 }, () => {
    const day = int(45)
    const reverted = chance(0.2)
    return {
      as_of: on(day),
      status: reverted ? 'reverted' : chance(0.1) ? 'checked' : 'published',
      published_at: at(day + int(8), int(24)),
      reverted_at: reverted ? at(day + 8 + int(8), int(24)) : null,
      customers: [...imported].filter(() => chance(0.5)),
      missing: chance(0.3) ? [int(customers * 3)] : [],
    }
  })
  const promises: Promised[] = Array.from({ length: 150 }, () => {
    const customer = int(customers)
    const made = int(25)
    const promised = made + int(10)
    const ended = chance(0.4) ? made + int(20) : null
    return {
      customer,
      invoices: [0, 1, 2].map((n) => customer * 3 + n).filter((_, n) => n === 0 || chance(0.4)),
      amount: chance(0.05) ? 1 + int(3) : (1 + int(12)) * 100 - int(3),
      promised_on: on(promised),
      deadline: on(promised + int(4)),
      made_on: on(made),
      made_at: at(made, int(24)),
      state: ended === null ? 'active' : 'withdrawn',
      ended_on: ended === null ? null : on(ended),
      ended_at: ended === null ? null : at(ended, 23),
      undone_at: chance(0.05) ? at(made + 1, 1) : null,
    }
  })
  return { entries, files, promises, imported }
}

/** What somebody would conclude who goes through the ledger by hand. */
function byHand(world: World, promise: Promised, as_of: string, known: 'now' | 'then') {
  const evening = `${addDays(as_of, 1)}T00:00:00.000Z`
  const isKnown = (instant: string) => known === 'now' || instant < evening
  if (promise.made_on > as_of || !isKnown(promise.made_at)) return null
  if (promise.undone_at && (known === 'now' || promise.undone_at < evening)) return null
  const hasEnded = promise.ended_on !== null && promise.ended_on <= as_of && isKnown(promise.ended_at!)
  let paid = 0
  for (const entry of world.entries) {
    if (!['payment', 'reversal'].includes(entry.kind) || !promise.invoices.includes(entry.invoice)) continue
    if (entry.effective_on > as_of || !isKnown(entry.recorded_at)) continue
    // What went back counts against the payment that it was.
    const money =
      entry.kind === 'payment'
        ? entry
        : world.entries.find((each) => each.kind === 'payment' && each.allocation_id === entry.allocation_id)!
    // Not before it was given.
    if (money.effective_on < promise.made_on) continue
    if (money.effective_on === promise.made_on && money.recorded_at <= promise.made_at) continue
    // Not after its last day, as far as that is known.
    const surelyLate =
      money.effective_after === null
        ? money.effective_on > promise.deadline
        : money.effective_on > promise.deadline && money.effective_after >= promise.deadline
    if (surelyLate) continue
    // Not after its end.
    if (hasEnded && money.effective_on > promise.ended_on!) continue
    if (hasEnded && money.effective_on === promise.ended_on && money.recorded_at > promise.ended_at!) continue
    paid -= entry.amount
  }
  paid = Math.max(0, paid)
  const lacking = Math.max(Math.floor(promise.amount / 100), 1)
  if (paid >= Math.max(1, promise.amount - lacking)) return { verdict: 'kept', paid }
  if (hasEnded && promise.ended_on! <= promise.deadline) return { verdict: promise.state, paid }
  const spoke = world.files.some(
    (file) =>
      file.as_of >= promise.deadline &&
      file.as_of <= as_of &&
      (known === 'now'
        ? file.status === 'published'
        : file.published_at < evening &&
          (file.status === 'published' || (file.status === 'reverted' && file.reverted_at! >= evening))) &&
      (file.customers.includes(promise.customer) ||
        file.missing.some((invoice) => promise.invoices.includes(invoice))),
  )
  const isEverNamed = world.files.some((file) => file.customers.includes(promise.customer))
  if (!spoke && !(promise.deadline < as_of && !isEverNamed)) return { verdict: 'open', paid }
  return { verdict: paid > 0 ? 'partially_kept' : 'broken', paid }
}

async function write(scope: Scope, world: World) {
  const ids = async (statement: ReturnType<typeof sql>) =>
    ((await statement.execute(scope.db)).rows as { id: number }[]).map(({ id }) => id)
  const tenant = scope.tenantId
  const of = (rows: object[]) => JSON.stringify(rows.map((row, n) => ({ n, ...row })))
  const customers = await ids(sql`
    insert into customers (tenant_id, key, name) select ${tenant}, 'c' || n, 'c' || n from generate_series(0, 11) n returning id`)
  const invoices = await ids(sql`
    insert into invoices (tenant_id, customer_id, number, number_key, currency, amount, open_amount)
    select ${tenant}, (${customers}::bigint[])[n / 3 + 1], 'i' || n, 'i' || n, 'USD', 100000, 100000 from generate_series(0, 35) n order by n returning id`)
  await sql`
    insert into invoice_entries (tenant_id, invoice_id, kind, amount, effective_on, effective_after, recorded_at, allocation_id)
    select ${tenant}, (${invoices}::bigint[])[x.invoice + 1], x.kind, x.amount, x.effective_on, x.effective_after, x.recorded_at, x.allocation_id
      from jsonb_to_recordset(${of(world.entries)}::jsonb) as x(invoice int, kind text, amount bigint, effective_on date, effective_after date, recorded_at timestamptz, allocation_id bigint)`.execute(
    scope.db,
  )
  const files = await ids(sql`
    insert into imports (tenant_id, target, status, file_sha256, file_name, file_size, as_of, published_at, reverted_at)
    select ${tenant}, 'receivables', x.status, lpad(x.n::text, 64, '0'), 'f.csv', 1, x.as_of, x.published_at, x.reverted_at
      from jsonb_to_recordset(${of(world.files)}::jsonb) as x(n int, status text, as_of date, published_at timestamptz, reverted_at timestamptz) order by x.n returning id`)
  for (const [n, file] of world.files.entries()) {
    for (const customer of file.customers)
      await sql`insert into import_accounts (tenant_id, import_id, customer_id, key) values (${tenant}, ${files[n]!}, ${customers[customer]!}, 'c')`.execute(
        scope.db,
      )
    for (const [row, invoice] of file.missing.entries())
      await sql`insert into import_rows (tenant_id, import_id, row, outcome, invoice_id) values (${tenant}, ${files[n]!}, ${-1 - row}, 'missing', ${invoices[invoice]!})`.execute(
        scope.db,
      )
  }
  const promises = await ids(sql`
    insert into promises (tenant_id, customer_id, currency, amount, promised_on, tolerance_days, made_on, made_at, state, ended_on, ended_at, undone_at)
    select ${tenant}, (${customers}::bigint[])[x.customer + 1], 'USD', x.amount, x.promised_on, x.deadline - x.promised_on, x.made_on, x.made_at, x.state, x.ended_on, x.ended_at, x.undone_at
      from jsonb_to_recordset(${of(world.promises)}::jsonb) as x(n int, customer int, amount bigint, promised_on date, deadline date, made_on date,
             made_at timestamptz, state text, ended_on date, ended_at timestamptz, undone_at timestamptz) order by x.n returning id`)
  await sql`
    insert into promise_invoices (tenant_id, promise_id, invoice_id, amount, is_active)
    select ${tenant}, (${promises}::bigint[])[x.n + 1], (${invoices}::bigint[])[(i #>> '{}')::int + 1], 1, false
      from jsonb_to_recordset(${of(world.promises)}::jsonb) as x(n int, invoices jsonb) cross join jsonb_array_elements(x.invoices) i`.execute(
    scope.db,
  )
  return promises
}

test('verdicts as of any day equal those worked out by hand', async () => {
  const world = randomWorld(seeded(seed))
  const seen: Record<string, number> = {}
  await asSystem(t.database, 'test', async (system) => {
    const scope = await system.enter(org.id)
    const promises = await write(scope, world)
    for (const known of ['now', 'then'] as const)
      for (let n = 0; n < 60; n += 3) {
        const as_of = on(n)
        const { rows } = await sql<{ promise_id: number; verdict: string; paid: number }>`
          select promise_id, verdict, paid from (${promiseVerdicts(scope, { as_of, known })}) v order by promise_id`.execute(
          scope.db,
        )
        const expected = world.promises.flatMap((promise, index) => {
          const told = byHand(world, promise, as_of, known)
          return told ? [{ promise_id: promises[index]!, ...told }] : []
        })
        expect(rows, `seed ${seed}, as of ${as_of}, known ${known}`).toEqual(expected)
        for (const { verdict } of rows) seen[verdict] = (seen[verdict] ?? 0) + 1
      }
  })
  // The histories hold something of everything.
  for (const verdict of ['open', 'kept', 'partially_kept', 'broken', 'withdrawn'])
    expect(seen[verdict], verdict).toBeGreaterThan(50)
})
