import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { booksOf, broken, send } from '../books.ts'
import { call } from '../call.ts'
import { organisation, type Person, person } from '../given.ts'

// What the books are follows from the files in them, whatever the order in which they came and whatever was undone.

let t: TestApp
beforeAll(async () => {
  t = await testApp()
})
afterAll(() => t.close())

async function office() {
  const org = await organisation(t)
  return { org, operations: await person(t, { in: org, roles: ['Operations'] }) }
}

const cents = fc.integer({ min: 1, max: 9_999 })
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: '', freq: 2 })
const day = (month: number) =>
  fc.integer({ min: 1, max: 28 }).map((n) => `2026-0${month}-${String(n).padStart(2, '0')}`)
const row = fc.record({
  number: fc.integer({ min: 1, max: 6 }),
  amount: cents,
  // Of the amount, per cent.
  open: fc.constantFrom(0, 0, 40, 100, 100, 100),
  invoiced: maybe(day(1)),
  due: maybe(day(2)),
  settled: maybe(day(2)),
  unit: maybe(fc.constantFrom('North', 'South')),
  name: maybe(fc.constantFrom('Acme', 'Acme Ltd', 'ACME')),
  disputed: maybe(fc.constantFrom('yes', 'no')),
  rejected: fc.integer({ min: 1, max: 12 }).map((n) => n === 1),
})
type Row = typeof row extends fc.Arbitrary<infer R> ? R : never
const snapshot = fc.record({
  rows: fc.uniqueArray(row, { minLength: 1, maxLength: 6, selector: ({ number }) => number }),
  kind: fc.constantFrom('open_items', 'open_items', 'all_invoices', 'changes'),
  missing: fc.constantFrom('settle', 'settle', 'keep'),
  // Another layout is another source.
  sender: fc.constantFrom('number', 'number', 'number', 'document'),
})
type Snapshot = typeof snapshot extends fc.Arbitrary<infer S> ? S : never

const days = ['2026-03-31', '2026-04-30', '2026-05-31', '2026-06-30']
const fields = ['amount', 'open', 'invoiced', 'due', 'settled', 'unit', 'name', 'disputed']
function fileOf({ rows, sender }: Snapshot, nth: number): string {
  const line = ({ number, rejected, ...said }: Row) =>
    [
      `N${number}`,
      `C${number % 3}`,
      rejected ? 'unreadable' : (said.amount / 100).toFixed(2),
      ((said.amount * said.open) / 10_000).toFixed(2),
      said.invoiced,
      said.due,
      said.settled,
      said.unit,
      said.name,
      said.disputed,
    ].join(',')
  // A last row of its own, so that no two files are the same.
  return `${sender},customer,${fields.join(',')}\n${rows.map(line).join('\n')}\nX${nth},C9,1.00,1.00,,,,,,\n`
}
const mappingOf = ({ sender }: Snapshot) =>
  JSON.stringify({
    invoice_number: sender,
    customer_code: 'customer',
    amount: 'amount',
    open_amount: 'open',
    invoice_date: 'invoiced',
    due_date: 'due',
    settled_on: 'settled',
    operating_unit: 'unit',
    customer_name: 'name',
    disputed: 'disputed',
  })

async function load(by: Person, snapshots: Snapshot[], order: number[]): Promise<number[]> {
  const ids: number[] = []
  for (const nth of order) {
    const said = snapshots[nth]!
    const { status, body } = await send(t, by, fileOf(said, nth), {
      as_of: days[nth]!,
      mapping: mappingOf(said),
      kind: said.kind,
      missing: said.missing,
    })
    expect(status, JSON.stringify(body)).toBe(200)
    ids[nth] = body.import_id
  }
  return ids
}

/** More of them in the long proofs. */
const runs = Number(process.env.BOOKS_RUNS ?? 6)
const several = fc.array(snapshot, { minLength: 2, maxLength: 4 })
const plan = several.chain((snapshots) =>
  fc.record({
    snapshots: fc.constant(snapshots),
    order: fc.shuffledSubarray(
      snapshots.map((_, nth) => nth),
      { minLength: snapshots.length },
    ),
    undone: fc.nat({ max: snapshots.length - 1 }),
  }),
)

/** An invoice settled by the file that is undone and comes again: the one after it, which does not name it, tells nothing of its day. */
const undoneBeforeAnAbsence = (() => {
  const blank = {
    invoiced: '',
    due: '',
    settled: '',
    unit: '',
    name: '',
    disputed: '',
    rejected: false,
  } as const
  const [first, settled, other, open]: [Row, Row, Row, Row] = [
    { ...blank, number: 5, amount: 5986, open: 40 },
    { ...blank, number: 3, amount: 8864, open: 0, invoiced: '2026-01-10' },
    { ...blank, number: 6, amount: 2912, open: 100 },
    { ...blank, number: 3, amount: 4108, open: 100, invoiced: '2026-01-24' },
  ]
  const from = { sender: 'number', missing: 'settle' } as const
  const snapshots: Snapshot[] = [
    { ...from, rows: [first], kind: 'open_items', missing: 'keep' },
    { ...from, rows: [settled], kind: 'all_invoices' },
    { ...from, rows: [other], kind: 'all_invoices' },
    { ...from, rows: [open], kind: 'open_items', missing: 'keep' },
  ]
  return { snapshots, order: [0, 1, 2, 3], undone: 1 }
})()

test(
  'files in any order lead to the same books, and one that is undone leaves them as if it had never come',
  async () => {
    await fc.assert(
      fc.asyncProperty(plan, async ({ snapshots, order, undone }) => {
        const inOrder = snapshots.map((_, nth) => nth)
        const [first, second, third] = [await office(), await office(), await office()]
        const ids = await load(first.operations, snapshots, inOrder)
        await load(second.operations, snapshots, order)
        expect(await booksOf(t, second.org)).toEqual(await booksOf(t, first.org))

        const { status, body } = await call(t, `POST /api/imports/${ids[undone]}/revert`, {
          as: first.operations,
        })
        expect([status, body.status]).toEqual([200, 'reverted'])
        await load(
          third.operations,
          snapshots,
          order.filter((nth) => nth !== undone),
        )
        expect(await booksOf(t, first.org)).toEqual(await booksOf(t, third.org))
        // It may come again.
        await load(first.operations, snapshots, [undone])
        expect(await booksOf(t, first.org)).toEqual(await booksOf(t, second.org))
        for (const { org } of [first, second, third]) expect(await broken(t, org)).toEqual([])
      }),
      { numRuns: runs + 1, endOnFailure: true, examples: [[undoneBeforeAnAbsence]] },
    )
  },
  (runs + 1) * 20_000,
)
