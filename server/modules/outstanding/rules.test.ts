import { expect, test } from 'vitest'
import { bandHolding, bandOfDays, bandText } from '../receivables/bands.ts'
import { addMonths, monthEnd, monthsIn, monthsOf, monthText, readMonth, readYear, yearOf } from './rules.ts'

test.each([
  ['Apr-25', '2024-2025', '2025-04-01'],
  ['April', '2025-2026', '2025-04-01'],
  ['Feb', '2025-2026', '2026-02-01'],
  ['sept 2025', undefined, '2025-09-01'],
  ['2025-06', undefined, '2025-06-01'],
  ['May', undefined, undefined],
  ['Spring-25', '2025-2026', undefined],
  ['2025-13', undefined, undefined],
])('%s in %s is %s', (text, year, month) => expect(readMonth(text, year, 4)).toBe(month))

test('an Indian financial year goes from April to March', () => {
  expect([yearOf('2025-03-01', 4), yearOf('2025-04-01', 4)]).toEqual(['2024-2025', '2025-2026'])
  expect(monthsOf('2025-2026', 4).map(monthText).join(' ')).toBe(
    'Apr-25 May-25 Jun-25 Jul-25 Aug-25 Sep-25 Oct-25 Nov-25 Dec-25 Jan-26 Feb-26 Mar-26',
  )
  expect(yearOf('2025-01-01', 1)).toBe('2025-2025')
  expect([addMonths('2025-01-01', -1), monthEnd('2024-02-01')]).toEqual(['2024-12-01', '2024-02-29'])
})

test.each([
  ['2025-2026', '2025-2026'],
  ['2025-26', '2025-2026'],
  ['FY 25-26', '2025-2026'],
  ['2025', '2025-2026'],
  ['2025-2027', undefined],
  ['soon', undefined],
])('the year %s is %s', (text, year) => expect(readYear(text, 4)).toBe(year))

test.each([
  ['0-30', '0-30', '0-30'],
  ['31 to 60 days', '31-60', '31-90'],
  ['> 365', '>365', '>365'],
  ['Over 180', '>180', undefined],
  ['60-120', '60-120', undefined],
  ['1 year +', '>365', '>365'],
  ['45', '31-90', '31-90'],
  ['old', 'old', undefined],
])('the band %s reads %s and lies in %s', (text, read, held) => {
  expect(bandText(text)).toBe(read)
  expect(bandHolding(read)).toBe(held)
})

test('every day lies in one band', () => {
  expect([0, 30, 31, 90, 91, 180, 181, 365, 366, 5000, -4].map(bandOfDays)).toEqual([
    '0-30',
    '0-30',
    '31-90',
    '31-90',
    '91-180',
    '91-180',
    '181-365',
    '181-365',
    '>365',
    '>365',
    '0-30',
  ])
})

test('the month that a file speaks of', () => {
  const read = (text: string, year?: string) => monthsIn(text, year, 4, '2026-11-24')
  expect(read('July.Outstg.Amt')).toEqual(['2026-07-01'])
  expect(read('December.Outstg.Amt')).toEqual(['2025-12-01'])
  expect(read('Mar Outstg', '2025-2026')).toEqual(['2026-03-01'])
  expect(read('Outstanding Apr-25.xlsx')).toEqual(['2025-04-01'])
  expect(read("BP May'24 final")).toEqual(['2024-05-01'])
  expect(read('as on 30-Sep-2025')).toEqual(['2025-09-01'])
  expect(read('September 30, 2025')).toEqual(['2025-09-01'])
  expect(read('sheet_2025-06_pune.csv')).toEqual(['2025-06-01'])
  expect(read('Market report')).toEqual([])
  expect(read('May and June')).toEqual(['2026-05-01', '2026-06-01'])
})
