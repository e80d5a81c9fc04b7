import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addDays, daysBetween } from '../../server/core/dates.ts'
import { type TestApp, testApp } from '../app.ts'
import { booksOf, broken, rowsIn, send } from '../books.ts'
import { call } from '../call.ts'
import { organisation, type Person, person } from '../given.ts'

// Whatever the books and whatever the day: nothing is lost between the buckets, and a file that comes again changes nothing.

let t: TestApp
beforeAll(async () => {
  t = await testApp()
})
afterAll(() => t.close())

async function office() {
  const org = await organisation(t)
  return { org, operations: await person(t, { in: org, roles: ['Operations'] }) }
}

const epoch = '2026-01-01'
const dayText = fc.integer({ min: 0, max: 170 }).map((n) => addDays(epoch, n))
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: '', freq: 4 })
const row = fc.record({
  number: fc.integer({ min: 1, max: 40 }),
  customer: fc.integer({ min: 1, max: 4 }),
  cents: fc.integer({ min: -5_000, max: 20_000 }).filter((cents) => cents !== 0),
  // Of the amount, per cent.
  open: fc.constantFrom(0, 30, 70, 100, 100),
  invoiced: maybe(dayText),
  due: maybe(dayText),
  currency: fc.constantFrom('USD', 'USD', 'USD', 'EUR'),
  region: fc.constantFrom('', 'North', 'South'),
  disputed: fc.constantFrom('', 'yes'),
})
type Row = typeof row extends fc.Arbitrary<infer R> ? R : never
const rows = fc.uniqueArray(row, { minLength: 4, maxLength: 25, selector: ({ number }) => number })

const columns = 'invoice number,customer id,amount,open amount,invoice date,due date,currency,region,disputed'
const openOf = ({ cents, open }: Row) => Math.trunc((cents * open) / 100)
const fileOf = (all: Row[]) =>
  `${columns}\n${all
    .map((each) =>
      [
        `N${each.number}`,
        `C${each.customer}`,
        (each.cents / 100).toFixed(2),
        (openOf(each) / 100).toFixed(2),
        each.invoiced,
        each.due,
        each.currency,
        each.region,
        each.disputed,
      ].join(','),
    )
    .join('\n')}\n`
const mapping = JSON.stringify({
  invoice_number: 'invoice number',
  customer_code: 'customer id',
  amount: 'amount',
  open_amount: 'open amount',
  invoice_date: 'invoice date',
  due_date: 'due date',
  currency: 'currency',
  region: 'region',
  disputed: 'disputed',
})
const load = async (by: Person, content: string, as_of: string) => {
  const said = { as_of, mapping, missing: 'settle', sign: 'as_written', decimal: '.' }
  const { status, body } = await send(t, by, content, said)
  expect(status, JSON.stringify(body)).toBe(200)
  return body
}
const lastDay = addDays(epoch, 200)
const runs = 6

type Part = {
  buckets: { amount: number; count: number }[]
  unapplied: number
  disputed: number
  total: number
}
const cents = (amount: number) => Math.round(amount * 100)
const sum = (numbers: number[]) => numbers.reduce((all, each) => all + each, 0)

test(
  'buckets and credits add up to the total, and groups to the whole, for any books on any day',
  async () => {
    const days = fc.array(fc.integer({ min: -10, max: 210 }), { minLength: 2, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(rows, rows, days, async (first, second, ages) => {
        const { org, operations } = await office()
        await load(operations, fileOf(first), addDays(epoch, 180))
        await load(operations, fileOf(second), lastDay)
        expect(await broken(t, org)).toEqual([])
        for (const as_of of [lastDay, ...ages.map((age) => addDays(epoch, age))])
          for (const basis of ['due', 'invoice']) {
            const totals: Part[] = []
            for (const group of ['none', 'customer', 'region', 'collector', 'currency']) {
              const { status, body } = await call(
                t,
                `GET /api/receivables/ageing?as_of=${as_of}&basis=${basis}&group_by=${group}`,
                { as: operations },
              )
              expect(status).toBe(200)
              for (const part of [body.totals, ...body.groups] as Part[]) {
                const inBuckets = sum(part.buckets.map(({ amount }) => cents(amount)))
                expect(inBuckets + cents(part.unapplied)).toBe(cents(part.total))
                expect(
                  part.buckets.every(({ amount, count }) => amount >= 0 && amount > 0 === count > 0),
                ).toBe(true)
                expect(part.unapplied).toBeLessThanOrEqual(0)
              }
              const groups: Part[] = body.groups
              for (const name of ['total', 'unapplied', 'disputed'] as const)
                expect(sum(groups.map((part) => cents(part[name])))).toBe(cents(body.totals[name]))
              totals.push(body.totals)
            }
            // However it is grouped, it is the same whole.
            for (const each of totals) expect(each).toEqual(totals[0])
          }
      }),
      { numRuns: runs, endOnFailure: true },
    )
  },
  runs * 20_000,
)

type Owed = {
  customer_id: number
  aged_from: string | null
  invoice_date: string | null
  is_disputed: boolean
  amount: number
}
type Shown = {
  from_days: number | null
  to_days: number | null
  amount: number
  count: number
  bucket: string
}

/** Adds up one balance after the other, as somebody with the ledger and a pencil would. */
function naive(owed: Owed[], shown: Shown[], as_of: string, basis: 'aged_from' | 'invoice_date') {
  const debts = owed.filter(({ amount }) => amount > 0)
  const isIn = ({ from_days, to_days, bucket }: Shown, from: string | null) => {
    if (from === null || bucket === 'undated') return from === null && bucket === 'undated'
    const days = daysBetween(from, as_of)
    return days >= (from_days ?? Number.NEGATIVE_INFINITY) && days <= (to_days ?? Number.POSITIVE_INFINITY)
  }
  return {
    buckets: shown.map((bucket) => {
      const within = debts.filter((each) => isIn(bucket, each[basis]))
      return [bucket.bucket, sum(within.map(({ amount }) => amount)), within.length]
    }),
    unapplied: sum(owed.map(({ amount }) => Math.min(amount, 0))),
    disputed: sum(debts.filter(({ is_disputed }) => is_disputed).map(({ amount }) => amount)),
    total: sum(owed.map(({ amount }) => amount)),
  }
}
type Told = Omit<Part, 'buckets'> & { key: string; buckets: Shown[] }
const told = (part: Omit<Told, 'key'>) => ({
  buckets: part.buckets.map(({ bucket, amount, count }) => [bucket, cents(amount), count]),
  unapplied: cents(part.unapplied),
  disputed: cents(part.disputed),
  total: cents(part.total),
})

test(
  'on any day it is what the ledger up to that day adds up to',
  async () => {
    const age = fc.integer({ min: -10, max: 210 })
    // Past the files: a payment may come before its invoice, or a credit after all was settled.
    const late = fc.record({
      nth: fc.nat(100),
      age,
      cents: fc.integer({ min: -9_000, max: 4_000 }).filter((n) => n !== 0),
    })
    const days = fc.array(age, { minLength: 3, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(
        rows,
        rows,
        fc.array(late, { maxLength: 8 }),
        days,
        async (first, second, entries, ages) => {
          const { org, operations } = await office()
          await load(operations, fileOf(first), addDays(epoch, 120))
          await load(operations, fileOf(second), lastDay)
          for (const { nth, age, cents } of entries)
            await rowsIn(
              t,
              org,
              sql`with one as (
                  select id from invoices where tenant_id = ${org.id} order by id
                  offset (select ${nth}::int % count(*) from invoices where tenant_id = ${org.id}) limit 1
                ), entry as (
                  insert into invoice_entries (tenant_id, invoice_id, kind, amount, effective_on)
                  select ${org.id}, id, 'payment', ${cents}::bigint, ${addDays(epoch, age)}::date from one
                )
                update invoices i set open_amount = open_amount + ${cents}, first_on = least(first_on, ${addDays(epoch, age)}::date),
                                      last_on = greatest(last_on, ${addDays(epoch, age)}::date) from one where i.tenant_id = ${org.id} and i.id = one.id`,
            )
          expect(await broken(t, org)).toEqual([])
          for (const as_of of [lastDay, ...ages.map((each) => addDays(epoch, each))])
            for (const currency of ['USD', 'EUR']) {
              const owed = await rowsIn(
                t,
                org,
                sql<Owed>`select i.customer_id, i.aged_from, i.invoice_date, sum(e.amount)::bigint as amount,
                                 coalesce((select r.is_disputed from import_rows r join imports m on m.tenant_id = r.tenant_id and m.id = r.import_id
                                            where r.tenant_id = i.tenant_id and r.invoice_id = i.id and m.as_of <= ${as_of} and r.is_disputed is not null
                                            order by m.as_of desc, m.id desc limit 1), false) as is_disputed
                          from invoices i join invoice_entries e on e.tenant_id = i.tenant_id and e.invoice_id = i.id
                         where i.tenant_id = ${org.id} and i.currency = ${currency} and e.effective_on <= ${as_of}
                         group by i.tenant_id, i.id having sum(e.amount) <> 0`,
              )
              for (const [basis, column] of [
                ['due', 'aged_from'],
                ['invoice', 'invoice_date'],
              ] as const) {
                const query = `as_of=${as_of}&basis=${basis}&currency=${currency}&group_by=customer`
                const { body } = await call(t, `GET /api/receivables/ageing?${query}`, { as: operations })
                const expected = (of: Owed[]) => naive(of, body.totals.buckets, as_of, column)
                expect(told(body.totals)).toEqual(expected(owed))
                const perCustomer = Map.groupBy(owed, (each) => String(each.customer_id))
                expect(new Map(body.groups.map((group: Told) => [group.key, told(group)]))).toEqual(
                  new Map([...perCustomer].map(([key, of]) => [key, expected(of)])),
                )
                for (const [key, of] of [...perCustomer].slice(0, 1)) {
                  const one = await call(t, `GET /api/receivables/ageing?${query}&customer_id=${key}`, {
                    as: operations,
                  })
                  expect(told(one.body.totals)).toEqual(naive(of, one.body.totals.buckets, as_of, column))
                }
              }
            }
        },
      ),
      { numRuns: runs, endOnFailure: true },
    )
  },
  runs * 20_000,
)

test(
  'a file that comes again changes nothing, for the same day or the next',
  async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (all) => {
        const { org, operations } = await office()
        const content = fileOf(all)
        const first = await load(operations, content, '2026-07-01')
        const books = await booksOf(t, org)
        const same = await load(operations, content, '2026-07-01')
        expect(same).toMatchObject({ import_id: first.import_id, new: 0, changed: 0, missing: 0 })
        expect(await booksOf(t, org)).toEqual(books)
        const next = await load(operations, content, '2026-07-02')
        expect(next).toMatchObject({
          new: 0,
          changed: 0,
          missing: 0,
          unchanged: first.new,
          rejected: first.rejected,
        })
        expect(await booksOf(t, org)).toEqual(books)
      }),
      { numRuns: runs, endOnFailure: true },
    )
  },
  runs * 10_000,
)
