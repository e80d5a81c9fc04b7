import { expect, test } from 'vitest'
import { formatter } from './format.ts'

const india = formatter('en-IN', 'INR', 'Asia/Kolkata')

test('money and days are written as the country of the organisation writes them', () => {
  expect(india.money(1234567.5)).toBe('₹12,34,567.50')
  expect(india.money(12, 'JPY')).toBe('¥12')
  expect(india.day('2026-11-21')).toBe('21 Nov 2026')
  expect(formatter('en-US', 'USD', 'UTC').money(-12000)).toBe('-$12,000.00')
})

test('a business day is the same day in every time zone', () => {
  for (const zone of ['Pacific/Kiritimati', 'America/Los_Angeles'])
    expect(formatter('en-GB', 'EUR', zone).day('2026-03-01')).toBe('1 Mar 2026')
})

test('instants and today are those of the organisation', () => {
  const lateEvening = Date.parse('2026-11-20T20:00:00Z')
  expect(india.today(lateEvening)).toBe('2026-11-21')
  expect(india.instant('2026-11-20T20:00:00Z')).toContain('21 Nov 2026')
})

test.each([
  ['2026-11-21T11:59:40Z', 'this minute'],
  ['2026-11-21T11:57:00Z', '3 minutes ago'],
  ['2026-11-20T12:00:00Z', 'yesterday'],
  ['2025-10-01T12:00:00Z', 'last year'],
])('%s was %s', (at, words) => {
  expect(formatter('en', 'USD', 'UTC').ago(at, Date.parse('2026-11-21T12:00:00Z'))).toBe(words)
})
