import { expect, test } from 'vitest'
import { amountOf, minorOf, readAmount } from './money.ts'

test('sums are made in minor units of the currency', () => {
  expect(minorOf(0.1, 'USD') + minorOf(0.2, 'USD')).toBe(30)
  expect(amountOf(30, 'USD')).toBe(0.3)
  expect([minorOf(1234, 'JPY'), minorOf(1.005, 'KWD')]).toEqual([1234, 1005])
})

test.each([
  ['1250.50', 1250.5],
  ['1,250.50', 1250.5],
  [' 12 500 ', 12_500],
  ['', null],
  ['abc', null],
  ['-5', null],
])('%j reads as %s', (text, amount) => {
  expect(readAmount(text)).toBe(amount)
})
