import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codeKey } from '../rules.ts'
import { type OpenDocument, propose } from './proposal.ts'
import { readRemittance } from './remittance-text.ts'

const documents = (of: Record<string, number>): OpenDocument[] =>
  Object.entries(of).map(([number, open], at) => ({
    id: at + 1,
    number,
    number_key: codeKey(number),
    open_amount: Math.round(open * 100),
  }))
const proposed = (
  text: string,
  open: Record<string, number>,
  amount: number | null = null,
  currency = 'USD',
) => {
  const read = readRemittance({ text }, currency)
  const found = propose(read, documents(open), {
    amount: amount === null ? null : amount * 100,
    settled: new Set(['OLD-1']),
  })
  return {
    ...found,
    read,
    said: Object.fromEntries(found.lines.map((line) => [line.number, line.amount / 100])),
    why: Object.fromEntries(found.lines.map((line) => [line.number, line.reasons.join(' ')])),
  }
}

describe('what a customer writes', () => {
  test('an e-mail: numbers with their amounts, a short-pay with its reason, a total', () => {
    const { said, why, lines, amount, unapplied, read } = proposed(
      `Dear team,
we have paid today by NEFT, UTR N1234567890:
INV-1001   1,000.00
INV-1002     490.00  (less 2% TDS)
1003         250.50
Total amount paid: 1,740.50 on 12 Nov 2026`,
      { 'INV-1001': 1000, 'INV-1002': 500, 'INV-1003': 250.5, 'INV-1004': 99 },
    )
    expect(said).toEqual({ 'INV-1001': 1000, 'INV-1002': 490, 'INV-1003': 250.5 })
    expect(why).toEqual({
      'INV-1001': 'number amount_exact',
      'INV-1002': 'number amount_stated short_pay',
      'INV-1003': 'number_end amount_exact',
    })
    expect(lines[1]).toMatchObject({ difference: 1000, difference_reason: 'withholding_tax' })
    expect([amount, unapplied]).toEqual([174_050, 0])
    expect(read).toMatchObject({ received_on: '2026-11-12', reference: 'N1234567890', total: 174_050 })
  })

  test('cells of a sheet: gross, deduction and net; a number that Excel took for a float; leading zeros gone', () => {
    const { said, lines } = proposed(
      'Invoice\tGross\tDiscount\tNet\n1930438491.0\t100.00\t2.00\t98.00\n4711\t50.00\t0.00\t50.00\n',
      { '1930438491': 100, '0004711': 50 },
    )
    expect(said).toEqual({ '1930438491': 98, '0004711': 50 })
    expect(lines[0]).toMatchObject({ difference: 200 })
  })

  test('a line of a bank statement', () => {
    const { said, amount } = proposed(
      '12/11/2026 NEFT CR AXIS0001 ARAVALLI INFRA PVT LTD MEQ/26/01203 INR 12,500.00',
      { 'MEQ/26/01203': 12_500, 'MEQ/26/01204': 12_500 },
      null,
      'INR',
    )
    expect(said).toEqual({ 'MEQ/26/01203': 12_500 })
    expect(amount).toBe(1_250_000)
  })

  test('several numbers in one sentence and one total', () => {
    const { said, unapplied } = proposed('Payment of USD 330.00 for invoices A-100, A-101 and A-102.', {
      'A-100': 100,
      'A-101': 110,
      'A-102': 120,
    })
    expect(said).toEqual({ 'A-100': 100, 'A-101': 110, 'A-102': 120 })
    expect(unapplied).toBe(0)
  })

  test('more than is open stays unapplied; a credit note that is set off pays beside the payment', () => {
    expect(proposed('A-100 150.00', { 'A-100': 100 })).toMatchObject({
      said: { 'A-100': 100 },
      why: { 'A-100': 'number amount_stated over_pay' },
      unapplied: 5000,
    })
    expect(
      proposed('A-100\t100.00\nCN-7\t-30.00\nTotal\t70.00', { 'A-100': 100, 'CN-7': -30 }),
    ).toMatchObject({ said: { 'A-100': 100, 'CN-7': 30 }, amount: 7000, credits: 3000, unapplied: 0 })
  })

  test('an amount alone: the one invoice of it, else those that add up, with every other choice; else the oldest', () => {
    const open = { A: 100, B: 250, C: 150, D: 400 }
    expect(proposed('', open, 250)).toMatchObject({ said: { B: 250 }, why: { B: 'only_amount' } })
    const sum = proposed('', open, 500)
    expect(sum.said).toEqual({ A: 100, B: 250, C: 150 })
    expect(sum.alternatives.map(({ how, document_ids }) => [how, document_ids])).toEqual([
      ['oldest', [1, 2, 3]],
      ['few', [1, 4]],
    ])
    expect(proposed('', open, 120)).toMatchObject({ said: { A: 100, B: 20 }, why: { A: 'oldest_first' } })
  })

  test('a number that nobody knows, and one that is paid, are told', () => {
    expect(proposed('ZZ-999 10.00\nOLD-1 5.00\nA-100 100.00', { 'A-100': 100 }).unmatched).toEqual([
      { text: 'ZZ-999', amount: 1000, why: 'unknown_number' },
      { text: 'OLD-1', amount: 500, why: 'settled' },
    ])
  })
})

test('whatever is pasted, allocations add up to the cent and settle no more than is open', () => {
  const open = fc.dictionary(
    fc.constantFrom('A-1', 'A-2', 'A-3', 'INV-1001', 'INV-1002', '77/0012', 'CN-1'),
    fc.integer({ min: -5000, max: 90_000 }).filter((cents) => cents !== 0),
    { minKeys: 1 },
  )
  const word = fc.oneof(
    fc.constantFrom(
      'A-1',
      'A-2',
      'INV-1001',
      '1002',
      'CN-1',
      'Total',
      'less TDS',
      '12/11/2026',
      '\t',
      '\n',
      '(',
      '-',
    ),
    fc.integer({ min: 0, max: 99_999 }).map((cents) => (cents / 100).toFixed(2)),
    fc.string({ maxLength: 8 }),
  )
  fc.assert(
    fc.property(
      open,
      fc.array(word, { maxLength: 30 }),
      fc.option(fc.integer({ min: 1, max: 200_000 })),
      (of, words, amount) => {
        const all = Object.entries(of).map(([number, open_amount], at) => ({
          id: at + 1,
          number,
          number_key: codeKey(number),
          open_amount,
        }))
        const found = propose(readRemittance({ text: words.join(' ') }, 'USD'), all, {
          amount,
          settled: new Set(),
        })
        const sum = (isCredit: boolean) =>
          found.lines
            .filter((line) => line.is_credit === isCredit)
            .reduce((total, line) => total + line.amount, 0)
        expect([found.allocated, found.credits]).toEqual([sum(false), sum(true)])
        expect(found.unapplied).toBe(found.amount + found.credits - found.allocated)
        expect(found.unapplied).toBeGreaterThanOrEqual(0)
        expect(new Set(found.lines.map((line) => line.document_id)).size).toBe(found.lines.length)
        for (const line of found.lines) {
          expect(Number.isSafeInteger(line.amount)).toBe(true)
          expect(line.amount).toBeGreaterThanOrEqual(0)
          expect(line.amount).toBeLessThanOrEqual(line.open_amount)
        }
      },
    ),
    { numRuns: 300 },
  )
})
