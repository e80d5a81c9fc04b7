import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addDays, daysBetween } from '../../server/core/dates.ts'
import { type TestApp, testApp } from '../app.ts'
import { rowsIn, send } from '../books.ts'
import { call, type Target } from '../call.ts'
import { organisation, type Person, person, signIn } from '../given.ts'

// Histories of files that come, are late, and are undone: what the books say of any day, now or as they did on an earlier
// evening, is what somebody with the ledger and a pencil adds up.

let t: TestApp
beforeAll(async () => {
  t = await testApp()
})
afterAll(() => t.close())

const DAY = 86_400_000
const invoice = fc.record({
  n: fc.integer({ min: 1, max: 12 }),
  cents: fc.integer({ min: -6_000, max: 20_000 }).filter((cents) => cents !== 0),
  /** Of the amount, per cent: what is still open. */
  open: fc.constantFrom(0, 0, 40, 100, 100, 120),
  /** Whether the file names the day of payment. */
  dated: fc.boolean(),
})
const file = fc.record({
  /** Days after the first, as the file says. */
  as_of: fc.integer({ min: 0, max: 150 }),
  kind: fc.constantFrom('open_items', 'changes', 'all_invoices'),
  rows: fc.uniqueArray(invoice, { minLength: 1, maxLength: 9, selector: ({ n }) => n }),
  /** Business days until the next file comes. */
  wait: fc.integer({ min: 1, max: 3 }),
  /** Whether the file before is undone first. */
  undo: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
})
type File = typeof file extends fc.Arbitrary<infer F> ? F : never

const epoch = '2026-01-01'
const columns = 'invoice number,customer id,amount,open amount,invoice date,due date,settled on,currency'
// What an invoice is besides its money never changes, so that the books of then and of now differ in entries alone.
const textOf = ({ rows, as_of }: File) =>
  `${columns}\n${rows
    .map(({ n, cents, open, dated }) => {
      const invoiced = addDays(epoch, n * 7)
      const due = n % 5 === 0 ? '' : addDays(invoiced, (n % 4) * 15)
      const paid = dated && open < 100 ? addDays(epoch, Math.max(0, as_of - n)) : ''
      const money = (minor: number) => (minor / 100).toFixed(2)
      return [
        `N${n}`,
        `C${n % 3}`,
        money(cents),
        money(Math.trunc((cents * open) / 100)),
        invoiced,
        due,
        paid,
        'USD',
      ]
    })
    .join('\n')}\n`

type Entry = {
  invoice_id: number
  customer_id: number
  kind: string
  document_type: string
  invoice_amount: number
  amount: number
  effective_on: string
  recorded_on: string
  aged_from: string | null
  invoice_date: string | null
}
const get = async (as: Person, path: string) => {
  const answer = await call(t, `GET /api/receivables/${path}` as Target, { as })
  expect(answer.status, answer.raw.body).toBe(200)
  return answer.body
}
const cents = (amount: number) => Math.round(amount * 100) + 0
const sum = (numbers: number[]) => numbers.reduce((all, each) => all + each, 0)

/** The balances that a pencil finds: of the entries that took effect by the day and were recorded by the evening. */
function balances(entries: Entry[], day: string, known_on: string) {
  const within = entries.filter((e) => e.effective_on <= day && e.recorded_on <= known_on)
  return [...Map.groupBy(within, ({ invoice_id }) => invoice_id).values()]
    .map((of) => ({ ...of[0]!, of, open: sum(of.map(({ amount }) => amount)) }))
    .filter(({ of }) => of.length > 0)
}
const bucketOf = (aged_from: string | null, day: string) => {
  if (aged_from === null) return 'undated'
  const late = daysBetween(aged_from, day)
  return late <= 0
    ? 'current'
    : late <= 30
      ? '1-30'
      : late <= 60
        ? '31-60'
        : late <= 90
          ? '61-90'
          : late <= 120
            ? '91-120'
            : 'over-120'
}

function pencil(entries: Entry[], day: string, known_on: string) {
  const open = balances(entries, day, known_on)
  const owed = open.filter((one) => one.open > 0)
  return {
    buckets: Object.fromEntries(
      [...Map.groupBy(owed, (one) => bucketOf(one.aged_from, day))].map(([name, of]) => [
        name,
        sum(of.map((one) => one.open)),
      ]),
    ),
    unapplied: sum(open.filter((one) => one.open < 0).map((one) => one.open)),
    receivables: sum(owed.map((one) => one.open)),
    overdue: sum(owed.filter((one) => one.aged_from !== null && one.aged_from < day).map((one) => one.open)),
  }
}

function flows(entries: Entry[], from: string, to: string, known_on: string) {
  const within = entries.filter(
    (e) => e.effective_on >= from && e.effective_on <= to && e.recorded_on <= known_on,
  )
  const isPayment = (e: Entry) =>
    e.kind === 'payment' || (e.kind === 'invoice' && e.document_type === 'payment')
  return {
    billed: sum(
      within.filter((e) => e.kind !== 'payment' && e.document_type !== 'payment').map((e) => e.amount),
    ),
    cash: 0 - sum(within.filter(isPayment).map((e) => e.amount)),
  }
}

function averageLate(entries: Entry[], from: string, to: string, known_on: string) {
  const settled = balances(entries, to, known_on).flatMap((one) => {
    const days = one.of.map((e) => e.effective_on)
    const paid = days.reduce((a, b) => (a > b ? a : b))
    const isPaid = one.of.some((e) => e.kind === 'payment' && e.effective_on >= from)
    const isTaken = one.of.some((e) => e.kind === 'withdrawal')
    return one.open === 0 &&
      one.invoice_amount > 0 &&
      isPaid &&
      !isTaken &&
      paid >= from &&
      one.aged_from !== null
      ? [{ weight: one.invoice_amount, late: Math.max(0, daysBetween(one.aged_from, paid)) }]
      : []
  })
  const weight = sum(settled.map((one) => one.weight))
  return weight > 0 ? sum(settled.map((one) => one.weight * one.late)) / weight : null
}

test('figures and ageing of any day, now and as known then, are what a pencil finds', async () => {
  const day = fc.integer({ min: -5, max: 170 })
  await fc.assert(
    fc.asyncProperty(
      fc.array(file, { minLength: 2, maxLength: 4 }),
      fc.array(fc.tuple(day, fc.nat(4)), { minLength: 3, maxLength: 4 }),
      async (files, asked) => {
        const org = await organisation(t)
        const director = await person(t, { in: org, roles: ['Director'] })
        const again = async () => {
          const token = await signIn(t, director.username)
          director.headers = { authorization: `Bearer ${token}` }
        }
        const today = () => t.clock.now().toISOString().slice(0, 10)
        const evenings: string[] = []
        /** What the screen said of some days on each of the evenings. */
        const seen: { evening: string; day: string; buckets: unknown }[] = []
        let before: number | undefined
        for (const one of files) {
          if (one.undo && before !== undefined)
            await call(t, `POST /api/imports/${before}/revert` as Target, { as: director, json: {} })
          const as_of = addDays(epoch, one.as_of)
          const answer = await send(t, director, textOf(one), {
            as_of,
            kind: one.kind,
            missing: 'settle',
            sign: 'as_written',
            decimal: '.',
          })
          // The same file for the same day is no second file.
          expect([200, 409], JSON.stringify(answer.body)).toContain(answer.status)
          before = answer.body.import_id ?? before
          evenings.push(today())
          for (const [age] of asked) {
            const of = addDays(epoch, age)
            const said = await get(director, `ageing?as_of=${of}&group_by=none`)
            seen.push({ evening: today(), day: of, buckets: said.totals })
          }
          t.clock.ahead(one.wait * DAY)
          await again()
        }
        const entries = await rowsIn<Entry>(
          t,
          org,
          sql`select e.invoice_id, i.customer_id, e.kind, i.document_type, i.amount as invoice_amount, e.amount, e.effective_on,
                     to_char(e.recorded_at at time zone 'UTC', 'YYYY-MM-DD') as recorded_on, i.aged_from, i.invoice_date
                from invoice_entries e join invoices i on i.tenant_id = e.tenant_id and i.id = e.invoice_id
               where e.tenant_id = ${org.id} order by e.id`,
        )
        for (const { evening, day, buckets } of seen)
          expect(
            (await get(director, `ageing?as_of=${day}&known_on=${evening}&group_by=none`)).totals,
          ).toEqual(buckets)
        for (const [age, nth] of asked) {
          const day = addDays(epoch, age)
          const evening = evenings[nth]
          const known = evening ?? today()
          const then = evening ? `&known_on=${evening}` : ''
          const expected = pencil(entries, day, known)

          const ageing = await get(director, `ageing?as_of=${day}&group_by=none${then}`)
          const shown = ageing.totals.buckets
            .filter((bucket: { amount: number }) => bucket.amount !== 0)
            .map((bucket: { bucket: string; amount: number }) => [bucket.bucket, cents(bucket.amount)])
          expect(Object.fromEntries(shown)).toEqual(expected.buckets)
          expect(cents(ageing.totals.unapplied)).toBe(expected.unapplied)
          expect(ageing.proof.parts).toBe(ageing.proof.balance)

          const owing = await get(director, `invoices?as_of=${day}&status=unpaid&page_size=100${then}`)
          const list = sum(owing.items.map((one: { open_amount: number }) => cents(one.open_amount)))
          const customers = await get(director, `customers?as_of=${day}&status=all&page_size=100${then}`)
          const theirs = sum(customers.items.map((one: { open_amount: number }) => cents(one.open_amount)))
          expect(theirs).toBe(expected.receivables + expected.unapplied)
          // A list of a day leaves out what is dated later, though it may be paid on account before.
          const early = balances(entries, day, known).filter((one) => one.invoice_date! > day)
          expect(list + sum(early.map((one) => one.open))).toBe(expected.receivables + expected.unapplied)

          const from = addDays(day, -29)
          const metrics = await get(director, `insights/metrics?as_of=${day}&from=${from}${then}`)
          const values = Object.fromEntries(
            metrics.figures.map((one: { figure: string; value: number | null }) => [one.figure, one.value]),
          )
          const period = flows(entries, from, day, known)
          expect(cents(values.receivables)).toBe(expected.receivables)
          expect(cents(values.overdue)).toBe(expected.overdue)
          expect(cents(values.billed)).toBe(period.billed)
          expect(cents(values.cash)).toBe(period.cash)
          if (period.billed > 0)
            expect(values.dso).toBeCloseTo((expected.receivables / period.billed) * 30, 6)
          else expect(values.dso).toBeNull()
          const late = averageLate(entries, from, day, known)
          if (late === null) expect(values.average_days_late).toBeNull()
          else expect(values.average_days_late).toBeCloseTo(late, 6)

          const { months } = await get(director, `insights/series?as_of=${day}&months=3${then}`)
          for (const month of months) {
            const at = pencil(entries, month.day, known)
            expect([cents(month.receivables), cents(month.overdue), cents(month.unapplied)]).toEqual([
              at.receivables,
              at.overdue,
              at.unapplied,
            ])
          }
          const roll = await get(director, `insights/roll-rates?as_of=${day}&from=${from}${then}`)
          expect(sum(roll.lines.map((line: { amount: number }) => cents(line.amount)))).toBe(
            pencil(entries, from, known).receivables,
          )

          // From one day to another, and from what was known to what is known now: group by group to the last cent.
          const between = [
            `from=${from}&to=${day}`,
            ...(evening ? [`from=${day}&from_known_on=${evening}`] : []),
          ]
          for (const points of between)
            for (const figure of ['balance', 'receivables', 'current', 'overdue', 'unapplied']) {
              const why = await get(director, `insights/why?figure=${figure}&${points}`)
              expect(cents(why.explained)).toBe(cents(why.change))
              if (figure === 'overdue') {
                const now = today()
                expect(cents(why.closing.amount)).toBe(pencil(entries, day, now).overdue)
                for (const { group, amount, count } of why.groups) {
                  const rows = await get(
                    director,
                    `insights/why/rows?figure=${figure}&${points}&group=${group}&page_size=100`,
                  )
                  expect(rows.total).toBe(count)
                  expect(sum(rows.items.map((one: { amount: number }) => cents(one.amount)))).toBe(
                    cents(amount),
                  )
                }
              }
            }
        }
      },
    ),
    { numRuns: 5, endOnFailure: true },
  )
}, 200_000)
