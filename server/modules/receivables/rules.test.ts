import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  buckets,
  codeKey,
  codeText,
  isShortened,
  lowersDebt,
  nameKey,
  openAmount,
  readDocumentType,
  readFlag,
  readRootCause,
  readSide,
  readStatus,
  termsDays,
} from './rules.ts'

describe('codes', () => {
  test.each([
    ['0000611365', '611365'],
    ['611365.0', '611365'],
    ['00611365.00', '611365'],
    ['inv-001', 'INV-001'],
    ['INV 1', 'INV 1'],
    ['000', '0'],
    ['007A', '7A'],
    ['1.5', '1.5'],
    ['V1.0', 'V1.0'],
  ])('%s is %s', (code, key) => expect(codeKey(codeText(code))).toBe(key))
  test('the same code in another dress is the same code', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[1-9A-Z][0-9A-Z-]{0,12}$/),
        fc.nat(5),
        fc.boolean(),
        (code, zeros, float) => {
          const dressed = '0'.repeat(zeros) + code.toLowerCase() + (float && /^\d+$/.test(code) ? '.0' : '')
          expect(codeKey(codeText(dressed))).toBe(codeKey(codeText(code)))
        },
      ),
    )
  })
  test('what a spreadsheet shortened is no code', () => {
    expect(['1.93E+09', '1,93E+09', '5E+10'].map(isShortened)).toEqual([true, true, true])
    expect(['1E5', 'E1', '1930438491.0', '12E'].map(isShortened)).toEqual([false, false, false, false])
  })
  test('a customer without code is its name', () => {
    expect(nameKey('Acme  Ltd.')).toBe(nameKey('ACME Ltd'))
    expect(nameKey('Acme')).not.toBe(codeKey('Acme'))
  })
})

describe('what is open', () => {
  const amount = 100n
  test.each([
    [{ amount, settled: false }, 100n],
    [{ amount, settled: true }, 0n],
    [{ amount, settled: false, status: 'paid' as const }, 0n],
    [{ amount, settled: false, status: 'partial' as const }, 100n],
    [{ amount, settled: false, status: 'partial' as const, paid: 30n }, 70n],
    [{ amount, settled: true, paid: 30n }, 70n],
    [{ amount, settled: true, open: 5n, paid: 30n }, 5n],
    [{ amount, settled: false, paid: 120n }, -20n],
  ])('%o', (row, open) => expect(openAmount(row)).toBe(open))
})

test('words', () => {
  expect(
    ['Paid', 'PARTIALLY_PAID', 'past due', 'In Dispute', 'Sent', 'Draft', 'odd'].map(readStatus),
  ).toEqual(['paid', 'partial', 'overdue', 'disputed', 'open', 'draft', undefined])
  expect(['Invoice', 'Credit Note', 'CN', 'Payment on account', 'JV', '?'].map(readDocumentType)).toEqual([
    'invoice',
    'credit_note',
    'credit_note',
    'payment',
    'journal',
    undefined,
  ])
  expect(['Yes', '1', 'no', '', 'maybe'].map(readFlag)).toEqual([true, true, false, false, undefined])
  expect(
    ['NET 30', 'net60', 'n/45', '2/10 net 30', '14 days', '7', 'Due on receipt', 'soon'].map(termsDays),
  ).toEqual([30, 60, 45, 30, 14, 7, 0, undefined])
})

test('words of other systems', () => {
  const said = {
    'Awaiting Payment': 'open',
    'Not Paid': 'open',
    'Partly Paid': 'partial',
    PartiallyPaid: 'partial',
    '16 days overdue': 'overdue',
    'Overdue by 3 days': 'overdue',
    'Due in 5 days': 'open',
    'Awaiting Approval': 'draft',
    Voided: 'void',
    'due diligence': undefined,
  }
  expect(Object.keys(said).map(readStatus)).toEqual(Object.values(said))
  expect(
    ['Sales Invoice', 'RV', 'DG', 'DZ', 'Sales Return', 'Journal Entry', '', '?'].map(lowersDebt),
  ).toEqual([false, false, true, true, true, undefined, undefined, undefined])
  expect(['S', 'H', 'Dr', 'Cr.', 'x'].map(readSide)).toEqual([
    'debit',
    'credit',
    'debit',
    'credit',
    undefined,
  ])
  expect(
    ['Billing Error', 'PRICING_ERROR', 'PO Mismatch', 'Goods damaged', 'customer dispute', 'weather', ''].map(
      readRootCause,
    ),
  ).toEqual([
    'Billing Error',
    'Billing Error',
    'PO Mismatch',
    'Delivery Issue',
    'Customer Dispute',
    'Other',
    undefined,
  ])
})

test('every number of days falls into exactly one bucket', () => {
  const edges = fc
    .uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 8 })
    .map((all) => all.sort((a, b) => a - b))
  fc.assert(
    fc.property(edges, fc.integer({ min: -2000, max: 2000 }), (edges, days) => {
      const holding = buckets(edges).filter(
        ({ from_days, to_days }) => (from_days ?? -Infinity) <= days && days <= (to_days ?? Infinity),
      )
      expect(holding).toHaveLength(1)
    }),
  )
  expect(buckets([30, 60, 90, 120]).map(({ label }) => label)).toEqual([
    'Current',
    '1-30 days',
    '31-60 days',
    '61-90 days',
    '91-120 days',
    'Over 120 days',
  ])
})
