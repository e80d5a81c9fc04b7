import { expect, test } from 'vitest'
import { placeOfBand } from './stated-bands.ts'

test.each([
  ['0-30', 1],
  ['31-60', 2],
  ['31-90', undefined],
  ['91-180', undefined],
  ['>120', 5],
  ['>365', 5],
  ['181-365', 5],
  ['old', undefined],
])('with buckets of 30, 60, 90, 120 days the band %s is in place %s', (band, place) =>
  expect(placeOfBand(band, [30, 60, 90, 120])).toBe(place),
)
