import { expect, test } from 'vitest'
import { instantOf, wallClock } from './zone.ts'

test('a time on the wall of the organisation is one instant, and back', () => {
  expect(instantOf('2026-11-24T08:00', 'Africa/Johannesburg')).toBe('2026-11-24T06:00:00.000Z')
  expect(instantOf('2026-11-24T08:00', 'Asia/Kolkata')).toBe('2026-11-24T02:30:00.000Z')
  expect(instantOf('2026-07-01T08:00', 'Europe/London')).toBe('2026-07-01T07:00:00.000Z')
  for (const zone of ['Africa/Johannesburg', 'Asia/Kolkata', 'America/New_York', 'UTC'])
    expect(wallClock(instantOf('2026-03-08T12:15', zone), zone)).toBe('2026-03-08T12:15')
})

test('an hour that a summer time skips is the hour after', () => {
  const skipped = instantOf('2026-03-29T01:30', 'Europe/London')
  expect(['2026-03-29T00:30:00.000Z', '2026-03-29T01:30:00.000Z']).toContain(skipped)
})
