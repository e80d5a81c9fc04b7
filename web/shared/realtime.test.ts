import { expect, test } from 'vitest'
import { backoff, rootsOf } from './realtime.ts'

test('an event marks what it may have changed', () => {
  expect(rootsOf('import.published')).toContain('ageing')
  expect(rootsOf('role.changed')).toContain('session')
  expect(rootsOf('something.new')).toEqual(['audit'])
})

test('attempts wait longer each time, up to half a minute, and not all alike', () => {
  expect([0, 1, 2, 3].map((attempt) => backoff(attempt, 0.5))).toEqual([1000, 2000, 4000, 8000])
  expect(backoff(20, 0.5)).toBe(30_000)
  expect(backoff(0, 0)).toBe(750)
  expect(backoff(0, 1)).toBe(1250)
})
