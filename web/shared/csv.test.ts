import { expect, test } from 'vitest'
import { csvCell, toCsv } from './csv.ts'

test.each([
  ['plain', 'plain'],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\nlines', '"two\nlines"'],
  ['=HYPERLINK("x")', '"\'=HYPERLINK(""x"")"'],
  ['+1', "'+1"],
  ['-3', "'-3"],
  [-3.5, '-3.5'],
  [null, ''],
])('%j becomes %j', (value, cell) => expect(csvCell(value)).toBe(cell))

test('rows end as Excel wants them', () => {
  expect(
    toCsv([
      ['a', 1],
      ['b', null],
    ]),
  ).toBe('\uFEFFa,1\r\nb,\r\n')
})
