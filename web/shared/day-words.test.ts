import { expect, test } from 'vitest'
import { dayMeant } from './day-words.ts'

// Tuesday, 24 November 2026.
const today = '2026-11-24'

test.each([
  ['today', '2026-11-24'],
  ['Tomorrow', '2026-11-25'],
  ['fri', '2026-11-27'],
  ['Friday', '2026-11-27'],
  // The next one: nobody promises for a day that is over.
  ['tue', '2026-12-01'],
  ['next fri', '2026-12-04'],
  ['in 3 days', '2026-11-27'],
  ['3d', '2026-11-27'],
  ['+10', '2026-12-04'],
  ['in 3', '2026-11-27'],
  ['30', '2026-11-30'],
  ['15', '2026-12-15'],
  ['31', '2026-12-31'],
  ['32', undefined],
  ['2 weeks', '2026-12-08'],
  ['next week', '2026-12-01'],
  ['in 3 months', '2027-02-24'],
  ['end of month', '2026-11-30'],
  ['eom', '2026-11-30'],
  ['15/12', '2026-12-15'],
  ['15.12.', '2026-12-15'],
  ['5/1', '2027-01-05'],
  ['15 dec', '2026-12-15'],
  ['Dec 15', '2026-12-15'],
  ['15/12/27', '2027-12-15'],
  ['2026-12-15', '2026-12-15'],
  ['31/2', undefined],
  ['soon', undefined],
  ['', undefined],
])('%s', (typed, day) => {
  expect(dayMeant(typed, today)).toBe(day)
})

test('where months come first', () => {
  expect(dayMeant('12/5', today, true)).toBe('2026-12-05')
  expect(dayMeant('15/12', today, true)).toBe('2026-12-15')
})

test('a month later never falls into the one after', () => {
  expect(dayMeant('1 month', '2027-01-31')).toBe('2027-02-28')
})
