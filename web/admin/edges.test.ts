import { beforeAll, expect, test } from 'vitest'
import { speakEnglish } from '../words-for-tests.ts'
import { edgesOf, edgesRule } from './edges.ts'

beforeAll(speakEnglish)

test.each(['30, 60, 90', '30 60 90', '30;60;90'])('%s', (text) => {
  expect(edgesOf(text)).toEqual([30, 60, 90])
  expect(edgesRule(text)).toBeNull()
})

test.each(['', '30, 30', '60, 30', '0', '1.5', 'x', '4000', '1 2 3 4 5 6 7 8 9 10 11 12 13'])(
  'refuses %j',
  (text) => expect(edgesRule(text)).toMatch(/rising/),
)
