import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addDays, DateColumnReader, type DateOrder, daysBetween, readDay } from './dates.ts'

const column = (cells: string[]) => {
  const reader = new DateColumnReader()
  for (const [at, cell] of cells.entries()) reader.add(cell, at + 2)
  return reader
}
const read = (cell: string, order: DateOrder | null = null) => readDay(cell, { order, mangled: false })

describe('one cell', () => {
  test.each([
    ['2026-03-04', null, '2026-03-04'],
    ['2026-3-4', null, '2026-03-04'],
    ['2026/03/04', null, '2026-03-04'],
    ['2026-03-04T10:20:30Z', null, '2026-03-04'],
    ['2026-03-04 00:00:00', null, '2026-03-04'],
    ['4-Mar-2026', null, '2026-03-04'],
    ['4 March 2026', null, '2026-03-04'],
    ['04-Mar-26', null, '2026-03-04'],
    ['Mar 4, 2026', null, '2026-03-04'],
    ['March 4th, 2026', null, '2026-03-04'],
    ['3/4/2026', 'dmy', '2026-04-03'],
    ['3/4/2026', 'mdy', '2026-03-04'],
    ['03.04.26', 'dmy', '2026-04-03'],
    ['03-04-99', 'dmy', '1999-04-03'],
    ['3/4/2026 12:00 AM', 'mdy', '2026-03-04'],
    ['20260304', 'ymd', '2026-03-04'],
    ['04032026', 'dmy', '2026-03-04'],
    ['29/02/2024', 'dmy', '2024-02-29'],
  ] as const)('%s, %s', (cell, order, day) => expect(read(cell, order)).toEqual({ day }))
  test.each([
    ['31/02/2026', 'dmy', 'calendar'],
    ['29/02/2026', 'dmy', 'calendar'],
    ['15/03/2026', 'mdy', 'month/day/year'],
    ['1/0/1900', 'mdy', 'calendar'],
    ['45292', 'dmy', 'turned this day into a number'],
    ['45292.5', null, 'turned this day into a number'],
    ['########', null, 'too narrow'],
    ['=TODAY()', null, 'formula'],
    ['=', null, 'formula'],
    ['soon', null, 'Not a day'],
    ['4 Foo 2026', null, 'Not a day'],
    ['3/4-2026', 'dmy', 'Not a day'],
    ['1850-01-01', null, 'calendar'],
  ] as const)('%s is refused', (cell, order, reason) =>
    expect(read(cell, order)).toEqual({ problem: expect.stringContaining(reason) }),
  )
})

describe('a column', () => {
  test('one day beyond 12 proves the order, and is the evidence', () => {
    const conclusion = column(['01/02/2026', '03/04/2026', '15/03/2026']).conclude()
    expect(conclusion).toMatchObject({ order: 'dmy', undecided: false, mangled: false })
    expect(conclusion.proof).toEqual([{ row: 4, value: '15/03/2026', means: { dmy: '2026-03-15' } }])
  })
  test('without proof it is a question, with examples of both meanings', () => {
    expect(column(['01/02/2026', '03/04/2026']).conclude()).toMatchObject({
      order: null,
      undecided: true,
      candidates: ['dmy', 'mdy'],
      proof: [{ row: 2, means: { dmy: '2026-02-01', mdy: '2026-01-02' } }, { row: 3 }],
    })
  })
  test('an answer decides it, and so does what other columns prove', () => {
    expect(column(['01/02/2026']).conclude('mdy')).toMatchObject({ order: 'mdy', undecided: false })
    expect(column(['01/02/2026']).conclude(undefined, 'dmy')).toMatchObject({
      order: 'dmy',
      undecided: false,
    })
  })
  test('days that mean the same either way ask nothing', () =>
    expect(column(['01/01/2026', '02/02/2026']).conclude()).toMatchObject({ undecided: false }))
  test('two orders in one short column are a question; a slip in a long one is a bad row', () => {
    expect(column(['15/03/2026', '03/15/2026']).conclude()).toMatchObject({ undecided: true })
    const long = Array.from({ length: 300 }, (_, n) => `${13 + (n % 15)}/03/2026`)
    expect(column([...long, '03/15/2026']).conclude()).toMatchObject({ order: 'dmy', undecided: false })
  })
  test('a column that a spreadsheet half rewrote is seen: what it could swap is refused', () => {
    const reader = column(['2026-04-03', '15/03/2026', '2026-01-12', '28/02/2026'])
    const conclusion = reader.conclude()
    expect(conclusion).toMatchObject({ order: 'dmy', mangled: true, undecided: false })
    expect(readDay('15/03/2026', conclusion)).toEqual({ day: '2026-03-15' })
    expect(readDay('2026-04-03', conclusion)).toEqual({ problem: expect.stringContaining('swapped') })
  })
  test('never reads a day otherwise than it was written: right, or asked', () => {
    const day = fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
    const write = {
      dmy: (y: string, m: string, d: string) => `${d}/${m}/${y}`,
      mdy: (y: string, m: string, d: string) => `${m}/${d}/${y}`,
    }
    fc.assert(
      fc.property(
        fc.constantFrom('dmy' as const, 'mdy' as const),
        fc.array(day, { minLength: 1, maxLength: 30 }),
        (order, days) => {
          const texts = days.map((each) => each.toISOString().slice(0, 10))
          const cells = texts.map((text) => write[order](...(text.split('-') as [string, string, string])))
          const conclusion = column(cells).conclude()
          if (conclusion.undecided) return
          expect(cells.map((cell) => readDay(cell, conclusion))).toEqual(texts.map((text) => ({ day: text })))
        },
      ),
      { numRuns: 500 },
    )
  })
})

test('a cell too long for a day is none, whatever it begins with', () => {
  const long = `2026-01-12T10:00:00.${'1'.repeat(100_000)}`
  expect(readDay(long, { order: 'dmy', mangled: false })).toHaveProperty('problem')
})

test('days add and subtract', () => {
  expect(addDays('2024-02-28', 2)).toBe('2024-03-01')
  expect(daysBetween('2026-01-01', '2025-12-31')).toBe(-1)
})
