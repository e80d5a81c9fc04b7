import { expect, test } from 'vitest'
import { meaning, nextRow } from './keys.ts'

const press = (key: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey', boolean>> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...held,
})

test('single keys move, search, help', () => {
  expect(meaning(press('j'), false)).toEqual({ do: 'move', by: 1 })
  expect(meaning(press('K'), false)).toEqual({ do: 'move', by: -1 })
  expect(meaning(press('/'), false)).toEqual({ do: 'search' })
  expect(meaning(press('?'), false)).toEqual({ do: 'help' })
})

test('G waits for a letter, also for J and K', () => {
  expect(meaning(press('g'), false)).toEqual({ do: 'wait' })
  expect(meaning(press('u'), true)).toEqual({ do: 'go', letter: 'u' })
  expect(meaning(press('j'), true)).toEqual({ do: 'go', letter: 'j' })
})

test("the browser's own shortcuts and other keys are left alone", () => {
  expect(meaning(press('k', { metaKey: true }), false)).toBeNull()
  expect(meaning(press('j', { ctrlKey: true }), true)).toBeNull()
  expect(meaning(press('Escape'), false)).toBeNull()
  expect(meaning(press('x'), false)).toBeNull()
})

test('J and K start at the ends and stay there', () => {
  expect(nextRow(-1, 1, 3)).toBe(0)
  expect(nextRow(-1, -1, 3)).toBe(2)
  expect(nextRow(2, 1, 3)).toBe(2)
  expect(nextRow(0, -1, 3)).toBe(0)
  expect(nextRow(0, 1, 0)).toBe(-1)
})
