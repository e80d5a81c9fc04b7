import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chargedParts } from '../../../tests/stand-ins/smsportal.ts'
import { partsOf, transliterated } from './sms.ts'

test.each([
  ['', 'GSM-7', 0],
  ['a'.repeat(160), 'GSM-7', 1],
  ['a'.repeat(161), 'GSM-7', 2],
  ['a'.repeat(306), 'GSM-7', 2],
  ['a'.repeat(307), 'GSM-7', 3],
  ['€'.repeat(80), 'GSM-7', 1],
  ['€'.repeat(81), 'GSM-7', 2],
  ['ж'.repeat(70), 'UCS-2', 1],
  ['ж'.repeat(71), 'UCS-2', 2],
  ['😀'.repeat(35), 'UCS-2', 1],
  ['😀'.repeat(36), 'UCS-2', 2],
])('%j is %s in %i parts', (text, encoding, parts) => {
  expect(partsOf(text)).toMatchObject({ encoding, parts })
})

test('5,000 texts are counted as a network charges them', () => {
  const words = fc.array(
    fc.constantFrom(...'abc €[]{}ÉñàêжR1,5 \n😀’'.split(''), 'Beste ', 'betaal asseblief ', 'ў', '\u00a0'),
    { minLength: 1, maxLength: 120 },
  )
  fc.assert(
    fc.property(words, (parts) => {
      const text = parts.join('').repeat(1 + (parts.length % 4))
      expect(partsOf(text).parts).toBe(chargedParts(text))
    }),
    { numRuns: 5_000 },
  )
})

test('signs that look the same to a reader are written in the cheap alphabet, other scripts as they are', () => {
  expect(transliterated('R\u00a01\u00a0234,50 – “Môre” gee sê… ‘ja’')).toBe(
    'R 1 234,50 - "More" gee se... \'ja\'',
  )
  expect(partsOf(transliterated('oʻzbekcha gʻisht')).encoding).toBe('GSM-7')
  expect(transliterated('Хурматли мижоз')).toBe('Хурматли мижоз')
  expect(transliterated('é ñ Ü €')).toBe('é ñ Ü €')
})
