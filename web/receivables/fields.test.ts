import { beforeAll, expect, test } from 'vitest'
import { formatter } from '../shared/format.ts'
import { speakEnglish } from '../words-for-tests.ts'
import { fieldLabel, fieldValue } from './fields.ts'

beforeAll(speakEnglish)
const format = formatter('en-GB', 'EUR', 'UTC')

test('fields of files are named in the words of the page', () => {
  expect(['open_amount', 'region_id', 'po_number', 'brand_new_field'].map(fieldLabel)).toEqual([
    'Open',
    'Region',
    'PO number',
    'brand new field',
  ])
})

test.each([
  ['due_date', '2026-06-30', '30 Jun 2026'],
  ['open_amount', 1234.5, '€1,234.50'],
  ['terms_days', 30, '30'],
  ['is_disputed', true, 'Yes'],
  ['notes', null, '–'],
  ['region_id', 'Pune', 'Pune'],
])('%s %s', (field, value, expected) => expect(fieldValue(field, value, format)).toBe(expected))

test('an amount is written in the currency of its invoice', () => {
  expect(fieldValue('amount', 5, format, 'USD')).toMatch(/\$5\.00$/)
})
