import { expect, test } from 'vitest'
import { unaccounted } from './counts.ts'

test('every row of the file is new, changed, unchanged or rejected', () => {
  expect(unaccounted({ rows: 10, new: 4, changed: 3, unchanged: 2, rejected: 1 })).toBe(0)
  expect(unaccounted({ rows: 10, new: 4, changed: 3, unchanged: 2, rejected: 0 })).toBe(1)
})
