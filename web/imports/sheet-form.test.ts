import { expect, test } from 'vitest'
import { monthAmong, monthInName, monthsOfYear } from './sheet-form.ts'

test.each([
  ['june.xlsx', { month: 6, year: null }],
  ['Outstanding Apr-25.xlsx', { month: 4, year: 2025 }],
  ['pune_2025-06.csv', { month: 6, year: 2025 }],
  ['Sept 2025 BP.xlsx', { month: 9, year: 2025 }],
  ['Mayor list.xlsx', { month: 5, year: null }],
  ['debtors.xlsx', null],
])('%s says %j', (name, month) => expect(monthInName(name)).toEqual(month))

test('the month of a name, within a year', () => {
  const months = monthsOfYear('2025-2026', 4)
  expect([months[0], months[11]]).toEqual(['Apr-25', 'Mar-26'])
  expect(monthAmong('june.xlsx', months)).toBe('Jun-25')
  expect(monthAmong('Feb.xlsx', months)).toBe('Feb-26')
  expect(monthAmong('Apr-24.xlsx', months)).toBeUndefined()
})
