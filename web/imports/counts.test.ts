import { expect, test } from 'vitest'
import { countOf, taken, unaccounted } from './counts.ts'

const counts = { rows: 20, new: 5, changed: 3, unchanged: 10, older: 2, repeated: 1, missing: 4, rejected: 2 }

test('every row is one of six outcomes, and invoices that are missing are no rows', () => {
  expect(countOf(counts, 'unchanged')).toBe(7)
  expect(unaccounted(counts)).toBe(0)
  expect(taken(counts)).toBe(18)
})

test('a row that is counted nowhere is found', () => {
  expect(unaccounted({ ...counts, rows: 21 })).toBe(1)
})
