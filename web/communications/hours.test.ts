import { expect, test } from 'vitest'
import { comingDays, type Hours } from './hours.ts'

const weekdays = { from: '08:00', until: '20:00' }
const hours: Hours = {
  week: [null, weekdays, weekdays, weekdays, weekdays, weekdays, { from: '09:00', until: '13:30' }],
  keeps_holidays: true,
  rest_days: ['2026-12-24'],
  work_days: [],
}
const christmas = [{ day: '2026-12-25', name: 'Christmas Day' }]
const words = { label: (day: string) => day, restDay: 'day of rest' }
const days = (some: Hours) => comingDays(some, christmas, '2026-12-23', 5, words)

test('the picture shows open hours, days of rest with their reason, and where today is', () => {
  expect(days(hours)).toEqual([
    { day: '2026-12-23', label: '2026-12-23', open: [[8, 20]], isToday: true },
    { day: '2026-12-24', label: '2026-12-24', open: [], why: 'day of rest' },
    { day: '2026-12-25', label: '2026-12-25', open: [], why: 'Christmas Day' },
    { day: '2026-12-26', label: '2026-12-26', open: [[9, 13.5]] },
    { day: '2026-12-27', label: '2026-12-27', open: [] },
  ])
})

test('a holiday that one works on, or holidays that are not kept, are open and still named', () => {
  const open = { open: [[8, 20]], why: 'Christmas Day' }
  expect(days({ ...hours, work_days: ['2026-12-25'] })[2]).toMatchObject(open)
  expect(days({ ...hours, keeps_holidays: false })[2]).toMatchObject(open)
})
