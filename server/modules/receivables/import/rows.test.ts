import { describe, expect, test } from 'vitest'
import type { Reading } from '../../imports/target.ts'
import { readRow } from './rows.ts'

const base = { invoice_number: 'A1', customer_code: 'C1', amount: '100.00' }
function read(cells: Record<string, string>, reading: Partial<Reading> = {}) {
  const all: Record<string, string> = { ...base, ...cells }
  const day = { order: 'dmy' as const, mangled: false }
  return readRow((field) => all[field] ?? '', {
    home_currency: 'USD',
    as_of: '2026-06-30',
    standard: false,
    places: Object.fromEntries(Object.keys(all).map((field, at) => [field, at])),
    days: { invoice_date: day, due_date: day, settled_on: day },
    decimal: '.',
    ...reading,
  })
}
const staged = (cells: Record<string, string>, reading?: Partial<Reading>) => {
  const { staged, problems } = read(cells, reading)
  expect(problems).toEqual([])
  return staged
}

describe('a row', () => {
  test('has what it says, and null where it says nothing', () => {
    expect(staged({ invoice_date: '31/01/2026', terms: 'NET 30', customer_name: 'Acme' })).toMatchObject({
      number: 'A1',
      number_key: 'A1',
      customer_key: 'C1',
      customer_name: 'Acme',
      currency: 'USD',
      amount: 10000n,
      open_amount: 10000n,
      document_type: 'invoice',
      invoice_date: '2026-01-31',
      due_date: null,
      terms_days: 30,
      is_disputed: null,
    })
  })
  test('in a currency without cents', () => {
    expect(staged({ currency: 'jpy', amount: '1,500' })).toMatchObject({ currency: 'JPY', amount: 1500n })
    expect(staged({ amount: '€100.00' })).toMatchObject({ currency: 'EUR' })
  })
  test.each([
    ['a negative amount', { amount: '-100' }],
    ['brackets', { amount: '(100)' }],
    ['its type', { document_type: 'Credit Note' }],
    ['its type and sign', { document_type: 'CN', amount: '-100', open_amount: '100' }],
  ])('is a credit by %s', (_by, cells) =>
    expect(staged(cells)).toMatchObject({
      document_type: 'credit_note',
      amount: -10000n,
      open_amount: -10000n,
    }),
  )
  test.each([
    ['disputed by status', { status: 'Disputed' }, true],
    ['disputed by flag', { disputed: 'Yes' }, true],
    ['not disputed by flag', { disputed: 'No' }, false],
    ['not disputed by a blank flag', { disputed: '' }, false],
    ['not disputed by status', { status: 'Overdue' }, false],
    ['silent', {}, null],
  ])('%s', (_what, cells, is_disputed) => expect(staged(cells)).toMatchObject({ is_disputed }))
  test('paid is settled, with or without a day', () => {
    expect(staged({ status: 'Paid' })).toMatchObject({ open_amount: 0n, settled_on: null })
    expect(staged({ settled_on: '05/02/2026' })).toMatchObject({ open_amount: 0n, settled_on: '2026-02-05' })
  })
})

describe('a row is taken, and people are told', () => {
  const partial = { text: 'Partly paid without saying how much: taken as fully open', money: 10_000n }
  test.each([
    ['partly paid without an open amount', { status: 'Partial' }, [partial]],
    ['partly paid with an open amount', { status: 'Partial', open_amount: '40' }, []],
    ['partly paid with a paid amount', { status: 'Partial', paid_amount: '60' }, []],
    [
      'a root cause in other words',
      { root_cause: 'Bad weather' },
      [{ text: 'A root cause that is not known: taken as Other' }],
    ],
    ['a root cause that is Other', { root_cause: 'other' }, []],
  ])('%s', (_what, cells, notices) => expect(read(cells).notices ?? []).toEqual(notices))
})

describe('amounts', () => {
  test('of nothing invoiced and something open are a payment on account', () =>
    expect(staged({ document_type: 'Payment Entry', amount: '0.00', open_amount: '-25.00' })).toMatchObject({
      document_type: 'payment',
      amount: -2500n,
      open_amount: -2500n,
    }))
  test('of a line are a part of the invoice', () => {
    const places = { invoice_number: 0, customer_code: 1, line_amount: 2 }
    expect(staged({ amount: '', line_amount: '12.50' }, { places })).toMatchObject({
      amount: 1250n,
      is_line: true,
    })
    expect(read({ amount: '', line_amount: '' }, { places }).problems).toEqual([
      { field: 'line_amount', reason: 'The amount is missing.' },
    ])
  })
  test('that settle as postings lower what is open and not what was invoiced', () => {
    const postings = { places: { invoice_number: 0, customer_code: 1, line_amount: 2 }, postings: true }
    expect(staged({ amount: '', line_amount: '-40' }, postings)).toMatchObject({
      amount: 0n,
      open_amount: -4000n,
      is_line: true,
    })
  })
  test('are turned around where debts are written as negative', () => {
    expect(staged({ amount: '-100', open_amount: '-40' }, { flipped: true })).toMatchObject({
      document_type: 'invoice',
      amount: 10000n,
      open_amount: 4000n,
    })
  })
})

describe('a row is rejected', () => {
  test.each([
    ['invoice_number', { invoice_number: '' }, 'missing'],
    ['invoice_number', { invoice_number: '1.93E+09' }, 'shortened'],
    ['invoice_number', { invoice_number: 'x'.repeat(101) }, 'Longer'],
    ['customer_code', { customer_code: '' }, 'missing'],
    ['amount', { amount: '' }, 'missing'],
    ['amount', { amount: 'abc' }, 'Not an amount'],
    ['amount', { amount: '1e309' }, 'Not an amount'],
    ['amount', { amount: '=SUM(B2:B9)' }, 'formula whose result'],
    ['customer_name', { customer_name: '=VLOOKUP(A2,B:C,2)' }, 'formula whose result'],
    ['amount', { amount: '10.005' }, 'More decimals'],
    ['amount', { amount: '9'.repeat(18) }, 'Larger'],
    ['amount', { amount: 'EUR 5', currency: 'USD' }, 'currency says USD'],
    ['currency', { currency: 'DOLLARS' }, 'three letters'],
    ['status', { status: 'Strange' }, 'Not known'],
    ['status', { status: 'Draft' }, 'not receivable'],
    ['status', { status: 'Paid', open_amount: '5' }, 'are open'],
    ['disputed', { disputed: 'perhaps' }, 'yes nor no'],
    ['document_type', { document_type: 'poem' }, 'Not known'],
    ['due_date', { due_date: '31/02/2026' }, 'calendar'],
    ['due_date', { due_date: '45292' }, 'number'],
  ])('%s: %o', (field, cells, reason) => {
    const { problems, staged } = read(cells)
    expect(problems).toEqual([expect.objectContaining({ field, reason: expect.stringContaining(reason) })])
    // Known by its number, so that it does not count as missing.
    if (field !== 'invoice_number') expect(staged).toMatchObject({ number_key: 'A1' })
  })
  test('with everything that is wrong at once', () =>
    expect(read({ amount: 'x', currency: 'y', due_date: 'z' }).problems.map(({ field }) => field)).toEqual([
      'currency',
      'amount',
      'due_date',
    ]))
  test("the AR Tracker's own file knows four statuses", () => {
    const standard = { standard: true }
    expect(staged({ status: 'overdue' }, standard)).toMatchObject({ is_disputed: false })
    expect(read({ status: 'Open' }, standard).problems).toHaveLength(1)
    expect(read({ status: '' }, standard).problems).toHaveLength(1)
  })
})
