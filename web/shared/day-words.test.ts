import { expect, test } from 'vitest'
import { dayFromWords } from './day-words.ts'

// A Tuesday.
const today = '2026-11-24'

test.each([
  ['today', '2026-11-24'],
  ['tom', '2026-11-25'],
  ['fri', '2026-11-27'],
  ['Friday', '2026-11-27'],
  ['tue', '2026-12-01'],
  ['next fri', '2026-12-04'],
  ['in 3 days', '2026-11-27'],
  ['in 3', '2026-11-27'],
  ['10d', '2026-12-04'],
  ['2w', '2026-12-08'],
  ['1 month', '2026-12-24'],
  ['next week', '2026-12-01'],
  ['eom', '2026-11-30'],
  ['30', '2026-11-30'],
  ['15', '2026-12-15'],
  ['31', '2026-12-31'],
  ['15/12', '2026-12-15'],
  ['5/1', '2027-01-05'],
  ['15/12/26', '2026-12-15'],
  ['15 dec', '2026-12-15'],
  ['Dec 15th', '2026-12-15'],
  ['3 mar', '2027-03-03'],
  ['29 feb', undefined],
  ['2026-12-01', '2026-12-01'],
  ['2026-11-01', undefined],
  ['31/11', undefined],
  ['soon', undefined],
  ['', undefined],
])('%s', (words, day) => {
  expect(dayFromWords(words, today)).toBe(day)
})

test('figures in the American order', () => {
  expect(dayFromWords('12/15', today, true)).toBe('2026-12-15')
})

test('a month later is no later than the end of that month', () => {
  expect(dayFromWords('1m', '2026-01-31')).toBe('2026-02-28')
})
