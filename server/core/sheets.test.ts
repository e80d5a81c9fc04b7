import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { readAll, scratchFiles } from '../../tests/workbook.ts'
import { type SheetCell, type SheetColumn, writeSheet } from './sheets.ts'
import { openZip } from './zip.ts'

const files = scratchFiles()
afterAll(() => files.remove())

const columns: SheetColumn[] = [
  { header: 'number', kind: 'text' },
  { header: 'amount', kind: 'amount' },
  { header: 'due', kind: 'day' },
  { header: 'days', kind: 'number' },
]
const csvOf = async (rows: SheetCell[][], of = columns, mark = false) =>
  (await buffer(writeSheet('csv', of, rows, { mark }))).toString()
const read = async (bytes: Buffer, sheet?: string) => {
  const { table, rows } = await readAll(files.put(bytes), ['number', 'amount', 'due', 'days'], { sheet })
  return { table, rows: rows.map(({ row, cells }) => [row, ...cells]) }
}

describe('CSV', () => {
  test('has a header, quotes where they are needed, and nothing where there is nothing', async () => {
    expect(
      await csvOf([
        ['A "b", c', '1234.50', '2026-06-30', 12],
        ['two\nlines', null, null, null],
      ]),
    ).toBe('number,amount,due,days\r\n"A ""b"", c",1234.50,2026-06-30,12\r\n"two\nlines",,,\r\n')
  })
  test('begins with a byte order mark unless it is asked not to', async () => {
    expect((await csvOf([], columns, true)).startsWith('\ufeffnumber')).toBe(true)
    expect((await csvOf([])).startsWith('number')).toBe(true)
    expect((await buffer(writeSheet('csv', columns, []))).subarray(0, 3).toString('hex')).toBe('efbbbf')
  })
  test.each(['=1+1', '+49 30', '-5', '@SUM(A1)', '\tx', '\rx'])('text %j is no formula', async (text) => {
    expect((await csvOf([[text, null, null, null]])).split('\r\n')[1]).toMatch(/^"?'/)
  })
  test('what pretends to be an amount or a day is text as well', async () => {
    expect((await csvOf([[null, '=cmd()', '-1+1', '=2']])).split('\r\n')[1]).toBe(",'=cmd(),'-1+1,'=2")
  })
  test('negative amounts and numbers stay numbers', async () => {
    expect((await csvOf([['a', '-1234.50', null, -3]])).split('\r\n')[1]).toBe('a,-1234.50,,-3')
  })
  test('a header is no formula either', async () => {
    expect(await csvOf([], [{ header: '=x', kind: 'text' }])).toBe("'=x\r\n")
  })
})

describe('a workbook', () => {
  test('shows an amount with the decimals that it has, which are its currency’s, unless its column says how many', async () => {
    const two: SheetColumn[] = [
      { header: 'number', kind: 'text' },
      { header: 'amount', kind: 'amount' },
      { header: 'due', kind: 'amount', decimals: 2 },
    ]
    const path = files.put(
      await buffer(
        writeSheet(
          'xlsx',
          two,
          ['5.00', '700', '1.250'].map((text) => ['A1', text, text]),
        ),
      ),
    )
    const zip = await openZip(path)
    const part = async (name: string) => (await buffer(Readable.from(zip.read(name)))).toString()
    const formats = [...(await part('xl/styles.xml')).matchAll(/formatCode="([^"]+)"/g)].map(
      ([, code]) => code,
    )
    const sheet = await part('xl/worksheets/sheet1.xml')
    zip.close()
    const shown = [...sheet.matchAll(/<c s="(\d+)"><v>([\d.]+)<\/v>/g)]
    expect(shown.map(([, style, amount]) => [amount, formats[Number(style) - 2]])).toEqual([
      ['5.00', '#,##0.00'],
      ['5.00', '#,##0.00'],
      ['700', '#,##0'],
      ['700', '#,##0.00'],
      ['1.250', '#,##0.000'],
      ['1.250', '#,##0.00'],
    ])
  })
  test('holds typed cells that read back as they were', async () => {
    const rows: SheetCell[][] = [
      ['INV-1', '1234.50', '2026-06-30', 12],
      ['=1+1', '-0.05', '1900-03-01', -3],
      ['00123', '90071992547409.93', '1899-01-01', 0.5],
      ['tab\tand\nline, _x0041_ & <b> \u0001', null, null, null],
    ]
    const bytes = await buffer(writeSheet('xlsx', columns, rows, { sheet: 'Open: [items]' }))
    const { table, rows: back } = await read(bytes)
    expect(table).toMatchObject({ format: 'xlsx', sheet: 'Open   items', header_row: 1 })
    expect(back).toEqual([
      [2, 'INV-1', '1234.5', '2026-06-30', '12'],
      [3, '=1+1', '-0.05', '1900-03-01', '-3'],
      // More digits than Excel keeps, and a day before its calendar: text, so nothing is lost.
      [4, '00123', '90071992547409.93', '1899-01-01', '0.5'],
      [5, 'tab\tand\nline, _x0041_ & <b> \u0001'],
    ])
  })
  test('without rows has its header', async () => {
    const { table, rows } = await read(await buffer(writeSheet('xlsx', columns, [])))
    expect([table.columns, rows]).toEqual([['number', 'amount', 'due', 'days'], []])
  })
  test('goes on with another sheet where one is full', async () => {
    const rows = Array.from({ length: 7 }, (_, at): SheetCell[] => [`N${at}`, '1', null, null])
    const bytes = await buffer(writeSheet('xlsx', columns, rows, { sheet: 'Items', rowsPerSheet: 4 }))
    const first = await read(bytes)
    expect(first.table).toMatchObject({ sheets: ['Items', 'Items 2', 'Items 3'] })
    expect(first.rows.map(([, number]) => number)).toEqual(['N0', 'N1', 'N2'])
    expect((await read(bytes, 'Items 3')).rows).toEqual([[2, 'N6', '1']])
  })
  test('gives the same bytes for the same rows', async () => {
    const made = () => buffer(writeSheet('xlsx', columns, [['a', '1.00', null, null]]))
    expect((await made()).equals(await made())).toBe(true)
  })
  test('any rows read back', async () => {
    const text = fc.string({
      unit: fc.constantFrom(
        'a',
        'Ж',
        '😀',
        '&',
        '<',
        '"',
        "'",
        ' ',
        '\n',
        '\t',
        '=',
        '_x000D_',
        ']]>',
        '\u0007',
        '0',
      ),
      minLength: 1,
      maxLength: 40,
    })
    const amount = fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }).map((minor) => {
      const digits = String(minor < 0n ? -minor : minor).padStart(3, '0')
      return `${minor < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
    })
    const day = fc
      .integer({ min: -25_000, max: 2_000_000 })
      .map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(text, amount, day), { minLength: 1, maxLength: 30 }),
        async (rows) => {
          const bytes = await buffer(writeSheet('xlsx', columns.slice(0, 3), rows))
          const plain = ([text, amount, day]: [string, string, string]) => [
            text,
            Number(amount) === 0 ? '0' : amount.replace(/\.?0+$/, ''),
            day,
          ]
          expect((await read(bytes)).rows.map(([, ...cells]) => cells)).toEqual(rows.map(plain))
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe.each(['csv', 'xlsx'] as const)('rows of a long list as %s', (format) => {
  const counted = () => {
    const state = { taken: 0, ended: false }
    async function* rows(): AsyncGenerator<SheetCell[]> {
      try {
        for (;;) {
          state.taken++
          // A text that does not pack: every row costs bytes.
          yield [Math.random().toString(36), '1.00', '2026-06-30', state.taken]
        }
      } finally {
        state.ended = true
      }
    }
    return { state, rows: rows() }
  }
  test('are taken no faster than they are read, and let go when nobody reads on', async () => {
    const { state, rows } = counted()
    const stream = writeSheet(format, columns, rows)
    await new Promise((ready) => stream.once('readable', ready))
    let before = -1
    while (before !== state.taken) {
      before = state.taken
      for (let turn = 0; turn < 200; turn++) await setImmediate()
    }
    expect(state.taken).toBeLessThan(100_000)
    stream.destroy()
    while (!state.ended) await setImmediate()
  })
  test('that end in an error end the stream with it', async () => {
    const rows = Readable.from(
      (function* () {
        yield ['a', '1', null, null]
        throw new Error('The database went away')
      })(),
    )
    await expect(buffer(writeSheet(format, columns, rows))).rejects.toThrow('The database went away')
  })
})
