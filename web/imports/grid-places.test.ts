import { expect, test } from 'vitest'
import { badFirst, step, stepBad } from './grid-places.ts'

test('columns with a bad cell stand first, in the order of the file', () => {
  const problem = (column: string) => ({ problems: [{ column, value: null, reason: '' }] })
  expect(badFirst(['a', 'b', 'c', 'd'], [problem('d'), problem('b')])).toEqual([1, 3, 0, 2])
})

test('arrows stay inside the grid', () => {
  const limits = { rows: 2, columns: 3 }
  expect(step({ row: 0, column: 0 }, 'ArrowUp', limits)).toEqual({ row: 0, column: 0 })
  expect(step({ row: 1, column: 2 }, 'ArrowRight', limits)).toEqual({ row: 1, column: 2 })
  expect(step({ row: 0, column: 0 }, 'ArrowDown', limits)).toEqual({ row: 1, column: 0 })
  expect(step({ row: 1, column: 0 }, 'End', limits)).toEqual({ row: 1, column: 2 })
  expect(step({ row: 0, column: 0 }, 'x', limits)).toBeNull()
})

test('Tab goes from bad cell to bad cell, and leaves the grid at its end', () => {
  const limits = { rows: 2, columns: 2 }
  const bad = ({ row, column }: { row: number; column: number }) => row === column
  expect(stepBad({ row: 0, column: 0 }, 1, limits, bad)).toEqual({ row: 1, column: 1 })
  expect(stepBad({ row: 1, column: 1 }, 1, limits, bad)).toBeNull()
  expect(stepBad({ row: 1, column: 1 }, -1, limits, bad)).toEqual({ row: 0, column: 0 })
})
