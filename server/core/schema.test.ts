import { expect, test } from 'vitest'
import { idOrNone, timezone } from './schema.ts'

test.each([
  ['Asia/Kolkata', true],
  ['UTC', true],
  ['Etc/GMT+5', true],
  ['+05:30', false],
  ['-08:00', false],
  ['Mars/Olympus', false],
  ['', false],
])('the time zone %j: %s', (zone, good) => expect(timezone.safeParse(zone).success).toBe(good))

test.each([
  ['', undefined],
  [' ', undefined],
  [undefined, undefined],
  ['0', 0],
  ['12', 12],
])('%j asks for %j', (text, wanted) => expect(idOrNone.parse(text)).toBe(wanted))
test.each(['-1', '1.5', 'x', '9'.repeat(20)])('%j is refused', (text) =>
  expect(idOrNone.safeParse(text).success).toBe(false),
)
