import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { broken, rowsIn, send } from '../books.ts'
import { call, type Target } from '../call.ts'
import { type Organisation, organisation, type Person, person } from '../given.ts'

// Whatever people record and whatever files come, go and come back: what is open is what a simple reckoning says.

let t: TestApp
beforeAll(async () => {
  t = await testApp()
})
afterAll(() => t.close())

const days = ['2026-03-31', '2026-04-30', '2026-05-31']
const numbers = ['A', 'B', 'C']
const cents = fc.integer({ min: 1, max: 9_999 })
/** Of each invoice what the file says is open, per cent; null: it does not name it. */
const file = fc.record({
  act: fc.constant('file' as const),
  day: fc.nat({ max: days.length - 1 }),
  open: fc.tuple(...numbers.map(() => fc.option(fc.constantFrom(100, 100, 60, 25, 0), { freq: 6 }))),
})
const pay = fc.record({
  act: fc.constant('pay' as const),
  day: fc.constantFrom('2026-03-15', '2026-04-10', '2026-05-10', '2026-06-10'),
  amount: cents,
  strategy: fc.constantFrom('none', 'oldest_first', 'oldest_first'),
})
const step = fc.oneof(
  file,
  pay,
  fc.record({ act: fc.constant('undo' as const), which: fc.nat() }),
  fc.record({ act: fc.constant('reverse' as const), which: fc.nat() }),
  fc.record({ act: fc.constant('reverse one' as const), which: fc.nat() }),
  fc.record({ act: fc.constant('allocate' as const), which: fc.nat() }),
)
const amounts = [10_000, 4_000, 2_550]
const text = (minor: number) => (minor / 100).toFixed(2)

async function ok(by: Person, path: string, json: unknown = {}) {
  const answer = await call(t, `POST /api/${path}` as Target, { as: by, json })
  expect(answer.status, answer.raw.body).toBeLessThan(300)
  return answer.body
}

type Said = { invoice: string; as_of: string; is_absence: boolean; amount: number; open_amount: number }
type Recorded = { invoice: string; payment: number; amount: number; counts_from: string }

/** Open amounts from the files in the books and what is recorded, told in a few lines and without the ledger. */
async function reckon(org: Organisation) {
  const said = (await rowsIn(
    t,
    org,
    sql`select i.number as invoice, m.as_of, r.outcome = 'missing' as is_absence, coalesce(r.amount, 0) as amount, case r.outcome when 'missing' then 0 else r.open_amount end as open_amount
          from import_rows r join imports m on m.tenant_id = r.tenant_id and m.id = r.import_id and m.status = 'published'
          join invoices i on i.tenant_id = r.tenant_id and i.id = r.invoice_id
         where r.tenant_id = ${org.id} order by m.as_of, m.id`,
  )) as Said[]
  const recorded = (await rowsIn(
    t,
    org,
    sql`select i.number as invoice, a.payment_id as payment, a.amount, a.counts_from
          from payment_allocations a join invoices i on i.tenant_id = a.tenant_id and i.id = a.invoice_id
         where a.tenant_id = ${org.id} and a.reversed_at is null`,
  )) as Recorded[]
  const open: Record<string, number> = {}
  for (const number of numbers) {
    const statements = said.filter(({ invoice }) => invoice === number)
    // A file that does not name an invoice says nothing of one that no file before it named.
    const first = statements.findIndex(({ is_absence }) => !is_absence)
    if (first < 0) continue
    const mine = recorded.filter(({ invoice }) => invoice === number)
    let [unconfirmed, settled, from] = [0, 0, '']
    let last = 0
    for (const { as_of, amount, open_amount } of statements.slice(first)) {
      for (const each of mine)
        if (each.counts_from > from && each.counts_from <= as_of) unconfirmed += each.amount
      unconfirmed -= Math.min(unconfirmed, Math.max(0, amount - open_amount - settled))
      ;[settled, from, last] = [amount - open_amount, as_of, open_amount]
    }
    for (const each of mine) if (each.counts_from > from) unconfirmed += each.amount
    open[number] = last - unconfirmed
  }
  return { open, recorded: recorded.filter(({ invoice }) => invoice in open) }
}

const runs = Number(process.env.BOOKS_RUNS ?? 5)
test(
  'payments, reversals, files and their undoing in any order: what is open is what a naive reckoning says',
  async () => {
    await fc.assert(
      fc.asyncProperty(file, fc.array(step, { minLength: 5, maxLength: 9 }), async (first, steps) => {
        const org = await organisation(t)
        const by = await person(t, { in: org, roles: ['Operations'] })
        const imports: number[] = []
        let files = 0
        const payments: number[] = []
        const at = <T>(of: T[], which: number) => (of.length > 0 ? of[which % of.length] : undefined)
        const load = async ({ day, open }: { day: number; open: (number | null)[] }) => {
          const lines = numbers.flatMap((number, n) => {
            const share = open[n]
            return share === null || share === undefined
              ? []
              : [
                  `${number},C1,Acme,2026-01-0${n + 1},${text(amounts[n]!)},${text(Math.round((amounts[n]! * share) / 100))}`,
                ]
          })
          // A last row of its own, so that no two files are the same.
          const nth = files++
          const { status, body } = await send(
            t,
            by,
            `number,customer,name,invoiced,amount,open\n${[...lines, `X${nth},C9,Else,2026-01-01,1.00,1.00`].join('\n')}\n`,
            {
              as_of: days[day]!,
              kind: 'open_items',
              missing: 'settle',
              mapping: JSON.stringify({
                invoice_number: 'number',
                customer_code: 'customer',
                customer_name: 'name',
                invoice_date: 'invoiced',
                amount: 'amount',
                open_amount: 'open',
              }),
            },
          )
          expect(status, JSON.stringify(body)).toBe(200)
          imports.push(body.import_id)
        }
        const customer = async () =>
          (
            (await rowsIn(
              t,
              org,
              sql`select c.id from customers c where c.tenant_id = ${org.id} and c.code = 'C1' and not c.retracted`,
            )) as { id: number }[]
          )[0]?.id
        await load({ day: first.day, open: [100, first.open[1] ?? 100, first.open[2] ?? 100] })
        for (const each of steps) {
          if (each.act === 'file') await load(each)
          else if (each.act === 'undo') {
            const undone = at(imports, each.which)
            if (!undone) continue
            imports.splice(imports.indexOf(undone), 1)
            await ok(by, `imports/${undone}/revert`)
          } else if (each.act === 'pay') {
            const customer_id = await customer()
            if (!customer_id) continue
            const made = await ok(by, 'receivables/payments', {
              customer_id,
              amount: each.amount / 100,
              received_on: each.day,
              strategy: each.strategy,
            })
            payments.push(made.id)
          } else {
            const id = at(payments, each.which)
            if (!id) continue
            const { body } = await call(t, `GET /api/receivables/payments/${id}`, { as: by })
            if (each.act === 'reverse') {
              payments.splice(payments.indexOf(id), 1)
              await ok(by, `receivables/payments/${id}/reverse`)
            } else if (each.act === 'allocate') {
              if (body.unapplied > 0)
                await ok(by, `receivables/payments/${id}/allocate`, { strategy: 'oldest_first' })
            } else {
              const one = body.allocations.find(
                (a: { reversed_at: string | null; in_books: boolean }) =>
                  a.reversed_at === null && a.in_books,
              )
              if (one) await ok(by, `receivables/allocations/${one.id}/reverse`)
            }
          }
          expect(await broken(t, org)).toEqual([])
          const { open, recorded } = await reckon(org)
          const books = (await rowsIn(
            t,
            org,
            sql`select number, open_amount from invoices where tenant_id = ${org.id} and number = any(${numbers}) and not retracted`,
          )) as { number: string; open_amount: number }[]
          expect(Object.fromEntries(books.map((row) => [row.number, row.open_amount]))).toEqual(open)
          // Money is never lost: what of a payment settles nothing that is in the books is unapplied.
          const cash = (await rowsIn(
            t,
            org,
            sql`select p.id, p.amount, -d.open_amount as unapplied from payments p join invoices d on d.tenant_id = p.tenant_id and d.id = p.document_id
                 where p.tenant_id = ${org.id} and p.state = 'active'`,
          )) as { id: number; amount: number; unapplied: number }[]
          for (const { id, amount, unapplied } of cash)
            expect(unapplied).toBe(
              amount -
                recorded.filter(({ payment }) => payment === id).reduce((all, one) => all + one.amount, 0),
            )
        }
      }),
      { numRuns: runs, endOnFailure: true },
    )
  },
  runs * 30_000,
)
