import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { areaUnderCurve, backTest } from './back-test.ts'
import { type Dated, type Habits, walk } from './history.ts'
import { laterThan, predict, train } from './model.ts'

const invoice = fc
  .record({
    customer: fc.integer({ min: 1, max: 4 }),
    issued: fc.integer({ min: 100, max: 300 }),
    terms: fc.integer({ min: -5, max: 60 }),
    paidAfter: fc.option(fc.integer({ min: -10, max: 120 })),
    amount: fc.integer({ min: 1, max: 1_000_000 }),
  })
  .map(
    ({ customer, issued, terms, paidAfter, amount }): Dated => ({
      customer,
      issued,
      due: issued + terms,
      settled: paidAfter === null ? null : issued + paidAfter,
      amount,
    }),
  )

/** The same habits, straight from their definition. */
function naive(invoices: Dated[], customer: number | undefined, day: number): Habits {
  const sums = { recent: { weight: 0, late: 0, days: 0 }, ever: { weight: 0, late: 0, days: 0 } }
  for (const each of invoices) {
    if (customer !== undefined && each.customer !== customer) continue
    const paid = each.settled === null ? Number.POSITIVE_INFINITY : Math.max(each.settled, each.issued)
    const overdue = Math.max(each.due, each.issued) < day
    if (paid >= day && !overdue) continue
    const days = Math.min(paid, day) - each.due
    for (const [tally, weight] of [
      [sums.recent, paid < day ? 0.5 ** ((day - paid) / 60) : 1],
      [sums.ever, 1],
    ] as const) {
      tally.weight += weight
      tally.late += weight * (days > 0 ? 1 : 0)
      tally.days += weight * days
    }
  }
  return sums
}

function same(one: Habits, other: Habits) {
  for (const side of ['recent', 'ever'] as const)
    for (const sum of ['weight', 'late', 'days'] as const)
      expect(one[side][sum]).toBeCloseTo(other[side][sum], 6)
}

test('what is known of a customer on any day is what the invoices had shown by that morning', () => {
  fc.assert(
    fc.property(
      fc.array(invoice, { maxLength: 25 }),
      fc.integer({ min: 100, max: 400 }),
      (invoices, today) => {
        const known = walk(invoices, today, (each, then) => {
          same(then.of(each.customer), naive(invoices, each.customer, each.issued))
          same(then.everybody, naive(invoices, undefined, each.issued))
        })
        for (const customer of [1, 2, 3, 4]) same(known.of(customer), naive(invoices, customer, today))
      },
    ),
  )
})

test('what happens later changes nothing of what was said before', () => {
  fc.assert(
    fc.property(
      fc.array(invoice, { minLength: 80, maxLength: 120 }),
      fc.integer({ min: 0, max: 300 }),
      (invoices, shift) => {
        const today = 260
        const otherwise = invoices
          .filter(({ issued }) => issued < today)
          .map((each) =>
            each.settled !== null && each.settled >= today
              ? { ...each, settled: each.settled + shift }
              : each,
          )
        expect(train(otherwise, today)).toEqual(train(invoices, today))
      },
    ),
    { numRuns: 30 },
  )
})

/** Ten customers, of whom each pays `customer * 4 - 20` days after the due date, give or take three. */
const habitual: Dated[] = Array.from({ length: 600 }, (_, n) => {
  const customer = n % 10
  const issued = 100 + Math.floor(n / 2)
  const due = issued + 30
  return { customer, issued, due, settled: due + customer * 4 - 20 + (n % 7) - 3, amount: 10_000 + n * 13 }
})

describe('customers with habits', () => {
  const today = 380
  const model = train(habitual, today)!
  const known = walk(habitual, today)

  test('are expected to keep them', () => {
    const early = predict(model, { customer: 0, amount: 10_000 }, known)
    const late = predict(model, { customer: 9, amount: 10_000 }, known)
    expect(early.probability).toBeLessThan(0.1)
    expect(late.probability).toBeGreaterThan(0.9)
    expect(early.days_late).toBeLessThan(-12)
    expect(late.days_late).toBeGreaterThan(10)
    expect(late.reasons.recently + late.reasons.ever).toBeGreaterThan(2)
    // Of somebody new, what everybody does.
    expect(predict(model, { customer: 99, amount: 10_000 }, known).probability).toBeGreaterThan(
      early.probability,
    )
  })

  test('are tested by what came later', () => {
    const { ours, customer_history } = backTest(habitual, 300, 500)!
    expect(ours.invoices).toBe(habitual.filter(({ issued }) => issued >= 300).length)
    expect(ours.accuracy).toBeGreaterThan(0.9)
    expect(ours.days_error).toBeLessThan(4)
    expect(customer_history.invoices).toBe(ours.invoices)
    expect(ours.calibration.reduce((sum, each) => sum + each.invoices, 0)).toBe(ours.invoices)
  })

  test('an invoice that is long overdue is not expected in the past', () => {
    const late = predict(model, { customer: 9, amount: 10_000 }, known)
    for (const elapsed of [-30, 0, 15, 40, 400]) {
      const days = laterThan(model, late, elapsed)
      expect(days.length).toBeGreaterThan(0)
      expect(Math.min(...days)).toBeGreaterThan(elapsed)
    }
  })
})

test('too few invoices say nothing', () => {
  expect(train(habitual.slice(0, 40), 380)).toBeUndefined()
  expect(backTest(habitual, 101, 400)).toBeUndefined()
})

test('the area under the curve counts pairs in the right order, and half of the ties', () => {
  const cases = (...values: [number, boolean][]) => values.map(([value, positive]) => ({ value, positive }))
  expect(areaUnderCurve(cases([0.1, false], [0.9, true]))).toBe(1)
  expect(areaUnderCurve(cases([0.1, true], [0.9, false]))).toBe(0)
  expect(areaUnderCurve(cases([0.5, true], [0.5, false], [0.2, false]))).toBe(0.75)
  expect(areaUnderCurve(cases([0.5, true]))).toBeNull()
})
