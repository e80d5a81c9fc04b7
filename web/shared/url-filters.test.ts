import { expect, test } from 'vitest'
import { nextSort, pageOf, parseSearch, pick, sortOf, stringifySearch } from './url-filters.ts'

test('the address holds plain text and survives the way there and back', () => {
  const search = { search: 'A & B', page: '2', as_of: '2026-11-21', empty: '', gone: undefined }
  expect(stringifySearch(search)).toBe('?search=A+%26+B&page=2&as_of=2026-11-21')
  expect(parseSearch('?search=A+%26+B&page=2')).toEqual({ search: 'A & B', page: '2' })
  expect(stringifySearch({})).toBe('')
})

test('only named filters pass', () => {
  expect(pick({ page: 2, admin: 'yes', search: '' }, ['page', 'search'])).toEqual({ page: '2' })
})

test.each([
  [undefined, 1],
  ['3', 3],
  ['0', 1],
  ['-1', 1],
  ['x', 1],
])('page %s is %i', (text, page) => expect(pageOf(text)).toBe(page))

test('a header sorts up, down, not at all', () => {
  expect(nextSort(undefined, 'amount')).toBe('amount')
  expect(nextSort('amount', 'amount')).toBe('-amount')
  expect(nextSort('-amount', 'amount')).toBeUndefined()
  expect(sortOf('-amount')).toEqual({ by: 'amount', descending: true })
})
