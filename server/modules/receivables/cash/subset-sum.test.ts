import fc from 'fast-check'
import { expect, test } from 'vitest'
import { subsetsOf } from './subset-sum.ts'

const amounts = fc.array(fc.integer({ min: 1, max: 9_999_999 }), { minLength: 1, maxLength: 60 })
const itemsOf = (of: number[]) => of.map((amount, index) => ({ id: index + 1, amount }))
const sum = (of: number[]) => of.reduce((all, each) => all + each, 0)

test('whatever is found adds up to the cent, names nothing twice, and comes back the same', () => {
  fc.assert(
    fc.property(amounts, fc.integer({ min: 1, max: 99_999_999 }), (of, target) => {
      for (const { ids } of subsetsOf(itemsOf(of), target)) {
        expect(new Set(ids).size).toBe(ids.length)
        expect(sum(ids.map((id) => of[id - 1]!))).toBe(target)
      }
    }),
    { numRuns: 60 },
  )
})

test('up to six invoices that add up are found among sixty, and all but six', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 9_999_999 }), { minLength: 12, maxLength: 60 }),
      fc.integer({ min: 1, max: 6 }),
      fc.boolean(),
      (of, size, isRest) => {
        const chosen = sum(of.filter((_, index) => (index * 7) % of.length < size).slice(0, size))
        const target = isRest ? sum(of) - chosen : chosen
        expect(subsetsOf(itemsOf(of), target)).not.toEqual([])
      },
    ),
    { numRuns: 40 },
  )
})

test('the likeliest comes first: one invoice, then the oldest ones, then any few', () => {
  const items = itemsOf([100, 200, 300, 600])
  expect(subsetsOf(items, 600).map(({ ids, how }) => [how, ids])).toEqual([
    ['single', [4]],
    ['oldest', [1, 2, 3]],
  ])
  expect(subsetsOf(items, 1200)[0]).toEqual({ ids: [1, 2, 3, 4], how: 'all' })
  expect(subsetsOf(items, 50)).toEqual([])
})
