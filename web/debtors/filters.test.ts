import { expect, test } from 'vitest'
import { bucketsIn } from './buckets.ts'
import { downloadBody, filterQuery, remindSearch } from './filters.ts'

test('control accounts of medical aids are left out unless they are asked for', () => {
  expect(filterQuery({ search: 'x' }).exclude_medical_aid).toBeUndefined()
  expect(filterQuery({ medical_aid: 'yes' }).exclude_medical_aid).toBe('false')
})

test('a download holds what the page shows, or those that were picked whatever the filters say', () => {
  const filters = { min_balance: '99.50', ageing_buckets: 'd60,d90', has_email: 'false' }
  expect(downloadBody(filters, '-d60', 'all')).toEqual({
    search: undefined,
    min_balance: 99.5,
    ageing_buckets: ['d60', 'd90'],
    has_email: false,
    has_phone: undefined,
    exclude_medical_aid: true,
    sort_by: 'd60',
    sort_order: 'desc',
  })
  expect(downloadBody(filters, undefined, [3, 4])).toEqual({ debtor_ids: [3, 4], exclude_medical_aid: false })
})

test('reminders go to the debtors picked, or to all that the filters find', () => {
  expect(remindSearch('7', { search: 'x' }, [3, 4])).toEqual({ outlet: '7', ids: '3,4' })
  expect(remindSearch('7', { search: 'x', medical_aid: 'yes' }, 'all')).toMatchObject({
    outlet: '7',
    search: 'x',
  })
})

test('an address names buckets in any order, and none that there are not', () => {
  expect(bucketsIn('d90,current,d45,d30')).toEqual(['current', 'd30', 'd90'])
  expect(bucketsIn(undefined)).toEqual([])
})
