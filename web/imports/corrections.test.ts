import { expect, test } from 'vitest'
import { alike, combined, forAll, mended, withCell } from './corrections.ts'

const cell = { row: 5, column: 'Balance', from: 'many', to: '10.00' }

test('a cell is mended, and its old value again takes that back', () => {
  const made = withCell([], cell)
  expect(mended(made, 5, 'Balance', 'many')?.to).toBe('10.00')
  expect(mended(made, 6, 'Balance', 'many')).toBeUndefined()
  expect(withCell(made, { ...cell, to: 'many' })).toEqual([])
  expect(withCell(made, { ...cell, to: '11.00' })).toEqual([{ ...cell, to: '11.00' }])
})

test('one value for all cells that read the same, and another for one of them', () => {
  const made = forAll(withCell([], cell), cell)
  expect(made).toEqual([{ column: 'Balance', from: 'many', to: '10.00' }])
  expect(mended(made, 99, 'Balance', 'many')?.to).toBe('10.00')
  expect(mended(made, 99, 'Balance', 'few')).toBeUndefined()
  const apart = withCell(made, { ...cell, row: 6, to: '12.00' })
  expect(mended(apart, 6, 'Balance', 'many')?.to).toBe('12.00')
  expect(mended(apart, 5, 'Balance', 'many')?.to).toBe('10.00')
})

test('cells that read the same are counted by row', () => {
  const reject = { row: 5, column: 'Balance', value: 'many', reason: 'Not an amount.' }
  expect(
    alike([reject, { ...reject }, { ...reject, row: 6 }, { ...reject, value: 'few' }], 'Balance', 'many'),
  ).toBe(2)
})

test('what was corrected once is corrected further: the file itself still reads as it did', () => {
  const before = [cell]
  expect(combined(before, [{ ...cell, from: '10.00', to: '11.00' }])).toEqual([{ ...cell, to: '11.00' }])
  const all = [{ column: 'Balance', from: 'many', to: 'ten' }]
  expect(combined(all, [{ column: 'Balance', from: 'ten', to: '10.00' }])).toEqual([
    { column: 'Balance', from: 'many', to: '10.00' },
    { column: 'Balance', from: 'ten', to: '10.00' },
  ])
  // For one row the server applies it after those of the column.
  expect(combined(all, [{ row: 5, column: 'Balance', from: 'ten', to: '9.00' }])).toEqual([
    ...all,
    { row: 5, column: 'Balance', from: 'ten', to: '9.00' },
  ])
})

test('a correction that is undone is gone', () => {
  expect(combined([cell], [{ ...cell, from: '10.00', to: 'many' }])).toEqual([])
})
