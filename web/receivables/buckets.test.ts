import { beforeAll, expect, test } from 'vitest'
import { buckets as serversBuckets, undated } from '../../server/modules/receivables/rules.ts'
import { speakEnglish } from '../words-for-tests.ts'
import { bucketColour, bucketLabel, bucketsOf, overdue, shares } from './buckets.ts'

beforeAll(speakEnglish)
const buckets = [...serversBuckets([30, 60, 90, 120]), undated]

test('buckets are named from their days', () => {
  expect(buckets.map(bucketLabel)).toEqual([
    'Not due',
    '1 to 30 days',
    '31 to 60 days',
    '61 to 90 days',
    '91 to 120 days',
    'Over 120 days',
    'No date',
  ])
})

test('colours go from not due to oldest, however many there are', () => {
  const ages = (edges: number[]) =>
    serversBuckets(edges).map((_, at, all) => Number(bucketColour(all, at).slice(10, 11)))
  expect(ages([30, 60, 90, 120])).toEqual([0, 1, 2, 3, 4, 5])
  expect(ages([30])).toEqual([0, 1, 5])
  expect(ages([15, 30, 45, 60, 90, 120, 180])).toEqual([0, 1, 2, 2, 3, 3, 4, 4, 5])
  expect(bucketColour(buckets, 6)).toBe('var(--age-credit)')
})

test('the bar has no room for credits, and none at all when nothing is open', () => {
  expect(shares([{ amount: 30 }, { amount: -10 }, { amount: 10 }])).toEqual([0.75, 0, 0.25])
  expect(shares([{ amount: 0 }, { amount: -5 }])).toEqual([0, 0])
})

test('overdue leaves out what is not due and what has no date', () => {
  expect(overdue(buckets.map((bucket) => ({ ...bucket, amount: 10 })))).toBe(50)
})

test('buckets are worked out from the edges as the server does', () => {
  const names = (spans: { bucket: string; from_days: number | null; to_days: number | null }[]) =>
    spans.map(({ bucket, from_days, to_days }) => [bucket, from_days, to_days])
  for (const edges of [[30], [15, 45], [30, 60, 90, 120]])
    expect(names(bucketsOf(edges))).toEqual(names([...serversBuckets(edges), undated]))
})
