import { expect, test } from 'vitest'
import { lineOf } from './line.ts'

test('a line spans the picture, with zero in it', () => {
  expect(lineOf([0, 50, 100], 200, 108)).toEqual({
    points: [
      { x: 0, y: 104 },
      { x: 100, y: 54 },
      { x: 200, y: 4 },
    ],
    zero: 104,
  })
})

test('credit lies below zero, and nothing at all lies on it', () => {
  const { points, zero } = lineOf([10, -10], 100, 108)
  expect([points[0]!.y < zero, points[1]!.y > zero]).toEqual([true, true])
  expect(lineOf([0, 0], 100, 108).points.every(({ y }) => y === lineOf([0, 0], 100, 108).zero)).toBe(true)
})
