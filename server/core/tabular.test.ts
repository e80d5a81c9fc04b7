import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { type Encoding, openTable, type Row, rowsOf } from './tabular.ts'

const folder = mkdtempSync(join(tmpdir(), 'tabular-'))
afterAll(() => rmSync(folder, { recursive: true }))
let count = 0
const file = (content: string | Buffer) => {
  const path = join(folder, `${count++}.csv`)
  writeFileSync(path, content)
  return path
}
const wanted = (cells: string[]) =>
  cells.filter((cell) => ['number', 'amount', 'name'].includes(cell.trim())).length
async function read(content: string | Buffer, encoding?: Encoding) {
  const path = file(content)
  const table = await openTable(path, wanted, { encoding })
  if (table.format !== 'csv') throw new Error(`Read as ${table.format}`)
  const rows: Row[] = []
  for await (const batch of rowsOf(path, table)) rows.push(...batch)
  return { ...table, rows: rows.map(({ row, cells }) => [row, ...cells]) }
}
const utf16 = (text: string, big: boolean, mark: boolean) => {
  const bytes = Buffer.from((mark ? '\ufeff' : '') + text, 'utf16le')
  return big ? bytes.swap16() : bytes
}

describe('encodings', () => {
  const text = 'number,name\n1,Zoë\n2,Ünal\n'
  test.each([
    ['UTF-8', Buffer.from(text), 'utf-8'],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`), 'utf-8'],
    ['UTF-16 with a mark', utf16(text, false, true), 'utf-16le'],
    ['UTF-16, big end first, with a mark', utf16(text, true, true), 'utf-16be'],
    ['UTF-16 without a mark', utf16(text, false, false), 'utf-16le'],
    ['UTF-16, big end first, without a mark', utf16(text, true, false), 'utf-16be'],
    ['Windows-1252', Buffer.from(text, 'latin1'), 'windows-1252'],
  ])('%s', async (_name, bytes, encoding) => {
    expect(await read(bytes)).toMatchObject({
      encoding,
      columns: ['number', 'name'],
      rows: [
        [2, '1', 'Zoë'],
        [3, '2', 'Ünal'],
      ],
    })
  })
  test.each([
    ['UTF-8 header', Buffer.from('number,na\u0000me\n1,a\n')],
    ['UTF-16 header', utf16('number,na\u0000me\n1,a\n', false, true)],
    ['UTF-16 cell', utf16('number,name\n1,a\u0000b\n', true, true)],
    ['UTF-16 cell far down', utf16(`number,name\n${'1,abc\n'.repeat(60_000)}2,\u0000\n`, false, true)],
  ])('NUL in a %s is no text', async (_where, bytes) => {
    await expect(read(bytes)).rejects.toThrow(/NUL.*not text/)
  })
  test('a person may say which encoding is meant', async () => {
    const { encoding, rows } = await read(utf16(text.replace('Zoë', 'Жук'), false, false), 'utf-16le')
    expect([encoding, rows[0]]).toEqual(['utf-16le', [2, '1', 'Жук']])
    const { rows: western } = await read('number,name\n1,Zo\u00eb\n', 'windows-1252')
    expect(western).toEqual([[2, '1', 'ZoÃ«']])
    await expect(read(`number,name\n${'1,abc\n'.repeat(60_000)}2,\u0000\n`, 'utf-8')).rejects.toThrow(/NUL/)
  })
  test('Windows-1252 has signs of its own', async () => {
    const bytes = Buffer.concat([
      Buffer.from('number,name\n1,'),
      Buffer.from([0x80, 0x93, 0x9a, 0x94]),
      Buffer.from('\n'),
    ])
    expect(await read(bytes)).toMatchObject({ encoding: 'windows-1252', rows: [[2, '1', '€“š”']] })
  })
  test('a character cut by a chunk of the file is whole', async () => {
    const long = `number,name\n${'1,ü€😀\n'.repeat(150_000)}`
    const { encoding, rows } = await read(long)
    expect(encoding).toBe('utf-8')
    expect(rows.length).toBe(150_000)
    expect(rows.every(([, , name]) => name === 'ü€😀')).toBe(true)
  })
  test.each([
    ['half a workbook', Buffer.from('PK\u0003\u0004rest'), 'not complete'],
    [
      'an old workbook',
      Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(2000)]),
      /old Excel workbook.*Save it as \.xlsx/,
    ],
    ['a picture', Buffer.from('89504e470d0a1a0a', 'hex'), 'a picture'],
    ['a PDF', Buffer.from('%PDF-1.7'), 'a PDF'],
    ['NUL bytes', Buffer.from('number,name\n1,a\u0000b\n'), 'NUL'],
    ['nothing', Buffer.from(''), 'empty'],
  ])('%s is refused', (_name, bytes, reason) => expect(read(bytes)).rejects.toThrow(reason))
})

describe('delimiters', () => {
  test.each([
    ['comma', 'number,amount\n1,5\n', ','],
    ['semicolon with decimal commas', 'number;amount\n1;5,00\n2;6,50\n', ';'],
    ['tab', 'number\tamount\n1\t5,00\n', '\t'],
    ['pipe', 'number|amount\n1|5\n', '|'],
    ['stated by sep=', 'sep=;\nnumber;amount\n1;5\n', ';'],
    ['sep=, in UTF-16', utf16('sep=|\nnumber|amount\n1|5,5\n', false, true), '|'],
    ['semicolon, unknown header, commas in names', 'a;b;c\nx, y;2;3\nz;4,5;6\n', ';'],
  ])('%s', async (_name, text, delimiter) => expect((await read(text)).delimiter).toBe(delimiter))
})

describe('rows', () => {
  test('quotes hold separators, line breaks and quotes', async () => {
    const { rows } = await read('number,name\n1,"a, ""b""\nc"\n2,5" pipe\n')
    expect(rows).toEqual([
      [2, '1', 'a, "b"\nc'],
      [3, '2', '5" pipe'],
    ])
  })
  test.each(['\n', '\r\n', '\r'])('line ends %j', async (end) => {
    expect((await read(['number,name', '1,a', '2,b', ''].join(end))).rows).toEqual([
      [2, '1', 'a'],
      [3, '2', 'b'],
    ])
  })
  test('titles above the header and blank rows count as rows and are left out; the header again is too', async () => {
    const text =
      'Open items\nPrinted 21.11.2026\n\nnumber,name,amount\n1,a,5\n,,\n\n2,b,6\nnumber,name,amount\n3,c,7\n'
    expect(await read(text)).toMatchObject({
      header_row: 4,
      rows: [
        [5, '1', 'a', '5'],
        [8, '2', 'b', '6'],
        [10, '3', 'c', '7'],
      ],
    })
  })
  test('short and long rows come as they are', async () => {
    expect((await read('number,name\n1\n2,b,c\n')).rows).toEqual([
      [2, '1'],
      [3, '2', 'b', 'c'],
    ])
  })
  test('a quote that is never closed is told with its line', async () => {
    await expect(read(`number,name\n1,a\n2,"b\n${'3,c\n'.repeat(10)}`)).rejects.toThrow(/quote.*never closed/)
  })
  test('a quote that swallows a large file is told, and not waited out', async () => {
    await expect(
      read(`number,name\n1,a\n2,"b\n${'3,c,ddddddddddddddddddddd\n'.repeat(30_000)}`),
    ).rejects.toThrow('quote')
  })
  test('what is written is what is read', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '1', ',', ';', '"', '\n', ' ', 'é', '|') })
    const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell), { minLength: 1 }), async (lines) => {
        const { rows } = await read(
          `number,name\n${lines.map((line) => line.map(quote).join(',')).join('\n')}\n`,
        )
        const full = lines.filter((line) => line.some((text) => text.trim() !== ''))
        expect(rows.map(([, ...cells]) => cells)).toEqual(full)
      }),
      { numRuns: 50 },
    )
  })
})
