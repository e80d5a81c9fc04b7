import { execFileSync } from 'node:child_process'
import { afterAll, describe, expect, test } from 'vitest'
import { readAll, row, scratchFiles, workbook } from '../../tests/workbook.ts'
import { numberText } from './cells.ts'

const files = scratchFiles()
afterAll(() => files.remove())
const names = ['number', 'amount', 'name', 'due']
type Made = Parameters<typeof workbook>[0]
const read = async (made: Made | Buffer, sheet?: string) => {
  const path = files.put(Buffer.isBuffer(made) ? made : workbook(made))
  const { table, rows } = await readAll(path, names, { sheet })
  return { table, columns: table.columns, rows: rows.map(({ row, cells }) => [row, ...cells]), all: rows }
}
describe('a sheet', () => {
  test('is read by its own row numbers, with gaps and without places', async () => {
    const { table, rows } = await read(
      `${row(2, 'number', 'name')}<row r="5"><c r="B5" t="str"><v>b</v></c></row><row><c t="str"><v>1</v></c><c/><c t="str"><v>x</v></c></row>${row(9, '', '')}${row(20, '2', 'c')}`,
    )
    expect(table).toEqual({
      format: 'xlsx',
      sheet: 'Sheet1',
      sheets: ['Sheet1'],
      header_row: 2,
      columns: ['number', 'name'],
    })
    // What stands right of the header belongs to no column.
    expect(rows).toEqual([
      [5, '', 'b'],
      [6, '1', ''],
      [20, '2', 'c'],
    ])
  })
  test('repeats its header on every page', async () => {
    const { rows } = await read(
      row(1, 'number', 'name') + row(2, '1', 'a') + row(3, 'number', 'name') + row(4, '2', 'b'),
    )
    expect(rows.map(([number]) => number)).toEqual([2, 4])
  })
  test('hides rows that are still data', async () => {
    const { all } = await read(
      `${row(1, 'number', 'name')}${row(2, 1, 'a').replace('<row ', '<row hidden="1" ')}${row(3, 2, 'b')}`,
    )
    expect(all.map(({ row, hidden }) => [row, hidden ?? false])).toEqual([
      [2, true],
      [3, false],
    ])
  })
  test('the first visible one with a table is read, another when it is named', async () => {
    const made: Made = {
      sheets: [
        { name: 'Secret', state: 'veryHidden', rows: row(1, 'number', 'name') + row(2, '1', 'hidden') },
        { name: 'Title', rows: row(1, 'Open items') },
        { name: 'Items &amp; more', rows: row(1, 'a', 'b') + row(2, '1', 'first') },
        { name: 'Better', rows: row(1, 'number', 'name') + row(2, '1', 'better') },
      ],
    }
    const first = await read(made)
    expect(first.table).toMatchObject({ sheet: 'Items & more', sheets: ['Title', 'Items & more', 'Better'] })
    expect(first.rows).toEqual([[2, '1', 'first']])
    expect((await read(made, 'Better')).rows).toEqual([[2, '1', 'better']])
    expect((await read(made, 'Secret')).rows).toEqual([[2, '1', 'hidden']])
    await expect(read(made, 'Missing')).rejects.toThrow(
      'The workbook has no sheet "Missing". Its sheets: "Title", "Items & more", "Better".',
    )
  })
  test('a list of one column is a table when there is no other', async () => {
    expect((await read(row(1, 'name') + row(2, 'a'))).rows).toEqual([[2, 'a']])
  })
  test('prefixes, comments, CDATA, single quotes and space in tags are XML too', async () => {
    const { rows } = await read({
      sheets: [{ rows: '' }],
      parts: {
        'xl/worksheets/sheet1.xml': `<?xml version='1.0'?><!-- <row> --><x:worksheet xmlns:x="m"><x:sheetData>\n <x:row r = '1' note="a > b"><x:c r='A1' t='inlineStr'><x:is><x:t>number</x:t></x:is></x:c><x:c t="inlineStr"><x:is><x:t><![CDATA[name]]></x:t></x:is></x:c></x:row>\n<x:row><x:c t="str"><x:v>a &lt;&#38;&#x20AC; &gt; <![CDATA[<b>]]></x:v></x:c></x:row></x:sheetData></x:worksheet>\n`,
      },
    })
    expect(rows).toEqual([[2, 'a <&€ > <b>']])
  })
  test('parts are where the workbook says they are', async () => {
    const relations = (list: string) => `<Relationships>${list}</Relationships>`
    const { rows } = await read({
      parts: {
        '_rels/.rels': relations('<Relationship Id="a" Type="x/officeDocument" Target="/book/main.xml"/>'),
        'xl/workbook.xml': null,
        'book/main.xml': '<workbook><sheets><sheet name="S" r:id="a"/></sheets></workbook>',
        'book/_rels/main.xml.rels': relations(
          '<Relationship Id="a" Type="x/worksheet" Target="../Über sicht/./Sheet.XML"/><Relationship Id="b" Type="x/hyperlink" Target="http://[" TargetMode="External"/><Relationship Id="c" Type="x/theme" Target="http://["/>',
        ),
        'Über sicht/sheet.xml': `<worksheet><sheetData>${row(1, 'number', 'name')}${row(2, 1, 'a')}</sheetData></worksheet>`,
      },
    })
    expect(rows).toEqual([[2, '1', 'a']])
  })
  test('UTF-16 is XML too', async () => {
    const text = `<?xml version="1.0" encoding="UTF-16"?><worksheet><sheetData>${row(1, 'number', 'name')}${row(2, 1, 'Жук')}</sheetData></worksheet>`
    const parts = { 'xl/worksheets/sheet1.xml': Buffer.from(`\ufeff${text}`, 'utf16le') }
    expect((await read({ sheets: [{ rows: '' }], parts })).rows).toEqual([[2, '1', 'Жук']])
  })
})

describe('a header', () => {
  test('stands under titles', async () => {
    const { table } = await read({
      sheets: [
        {
          rows:
            row(1, 'Open items of all customers') +
            row(2, 'Printed', 'by Ann') +
            row(4, 'number', 'name', 'amount') +
            row(5, 1, 'a', 5),
          after: '<mergeCells count="1"><mergeCell ref="A1:C1"/></mergeCells>',
        },
      ],
    })
    expect(table).toMatchObject({ header_row: 4, columns: ['number', 'name', 'amount'] })
  })
  const merges = (...refs: string[]) =>
    `<mergeCells>${refs.map((ref) => `<mergeCell ref="${ref}"/>`).join('')}</mergeCells>`
  test.each([
    ['by its upper row', ['name', 'Amount', '', 'due'], ['', 'Open', 'Total', '']],
    ['without a wanted name', ['Customer', 'Amount', '', 'When'], ['', 'Open', 'Total', '']],
  ])('of two rows is joined where a merged cell spans several, found %s', async (_how, upper, lower) => {
    const { table, rows } = await read({
      sheets: [
        {
          rows: row(1, 'Report') + row(2, ...upper) + row(3, ...lower) + row(4, 'a', 5, 6, 'x'),
          after: merges('A1:D1', 'B2:C2', 'A2:A3', 'D2:D3'),
        },
      ],
    })
    expect(table).toMatchObject({
      header_row: 3,
      columns: [upper[0], 'Amount Open', 'Amount Total', upper[3]],
    })
    expect(rows).toEqual([[4, 'a', '5', '6', 'x']])
  })
  test('of two rows resolves names that are there twice', async () => {
    const { columns } = await read({
      sheets: [
        {
          rows:
            row(1, '', 'USD', '', 'EUR', '') +
            row(2, 'number', 'amount', 'paid', 'amount', 'paid') +
            row(3, 1, 2, 3, 4, 5),
          after: merges('B1:C1', 'D1:E1'),
        },
      ],
    })
    expect(columns).toEqual(['number', 'USD amount', 'USD paid', 'EUR amount', 'EUR paid'])
  })
  const twice = ['number', 'name', 'name']
  const blank = ['number', '', 'name']
  const data = ['A', 'x', 'b']
  test.each([
    ['names that are there twice and nothing above them', twice, [twice, data], []],
    ['a blank name over data', blank, [blank, data], []],
    ['a merged name over two columns of data', blank, [blank, data], ['A1:B1']],
    ['a merged title over a blank name', blank, [['Open items'], blank, data], ['A1:C1']],
    [
      'bands of titles over names that lack nothing',
      names.slice(0, 3),
      [['Invoice', '', 'Customer'], names.slice(0, 3), data],
      ['A1:B1'],
    ],
  ])('stays as it is with %s', async (_what, header, lines, merged) => {
    const { columns, rows } = await read({
      sheets: [{ rows: lines.map((cells, at) => row(at + 1, ...cells)).join(''), after: merges(...merged) }],
    })
    expect(columns).toEqual(header)
    expect(rows).toEqual([[lines.length, ...data]])
  })
})

describe('cells', () => {
  const one = async (cell: string, made: Exclude<Made, string> = {}) => {
    const { rows } = await read({
      ...made,
      sheets: [{ rows: `${row(1, 'number', 'name')}<row r="2"><c r="A2" t="str"><v>k</v></c>${cell}</row>` }],
    })
    return rows[0]?.[2] ?? ''
  }
  test.each([
    ['5', '5'],
    ['-0.5', '-0.5'],
    ['1234.56', '1234.56'],
    ['1569.0899999999999', '1569.09'],
    ['0.30000000000000004', '0.30000000000000004'],
    ['0.1', '0.1'],
    ['123.456', '123.4560'],
    ['1000.125', '1000.1250'],
    ['1.5E-7', '0.00000015'],
    ['1.2345E+4', '12345'],
    ['193000000', '193000000'],
    ['4711.0', '4711'],
    ['-0', '0'],
    ['999999999999999', '999999999999999'],
    ['1934567890123456', '1.934567890123456E+15'],
    ['1e15', '1E+15'],
    ['1e309', '1e309'],
    [' 7 ', '7'],
  ])('the number %s is %s', async (stored, text) => {
    expect(await one(`<c r="B2"><v>${stored}</v></c>`)).toBe(text)
  })
  test.each([
    ['45000', 14, '2023-03-15'],
    ['45000.75', 14, '2023-03-15'],
    ['45000.75', 22, '2023-03-15 18:00:00'],
    ['45000', 22, '2023-03-15'],
    ['45000.9999999999', 22, '2023-03-16'],
    ['1', 14, '1900-01-01'],
    ['59', 14, '1900-02-28'],
    ['60', 14, '1900-02-29'],
    ['61', 14, '1900-03-01'],
    ['0', 14, '1900-01-00'],
    ['2958465', 14, '9999-12-31'],
    ['2958466', 14, '2958466'],
    ['-1', 14, '-1'],
    ['0.5', 20, '12:00:00'],
    ['45000', 'dd/mm/yyyy;@', '2023-03-15'],
    ['45000', '[$-409]d-mmm-yy', '2023-03-15'],
    ['45000.5', '[$-F400]h:mm:ss AM/PM', '2023-03-15 12:00:00'],
    ['45000', 'mmm', '2023-03-15'],
    ['45000', '"day "0', '45000'],
    ['45000', '#,##0.00\\d', '45000'],
    ['45000', '0.00E+00', '45000'],
    ['45000', '[Red]General', '45000'],
    ['1.5', '[h]:mm', '1.5'],
    ['1.5', 46, '1.5'],
    ['0.5', 'mm:ss.000', '12:00:00'],
    ['45000', 'USD 0.00', '45000'],
    ['45000', 'dd/mm/yyyy hh:mm:ss.000', '2023-03-15'],
    ['45000', 'yyyy"年"m"月"d"日"', '2023-03-15'],
    ['45000', '_-* #,##0.00\\ "kr"_-;-* #,##0.00', '45000'],
  ])('%s shown as %s is %s', async (stored, format, text) => {
    expect(await one(`<c r="B2" s="1"><v>${stored}</v></c>`, { formats: [format] })).toBe(text)
  })
  test.each([
    ['0', 14, '1904-01-01'],
    ['43538', 14, '2023-03-15'],
    ['60', 14, '1904-03-01'],
    ['0.5', 20, '12:00:00'],
  ])('%s shown as %s, of a workbook that counts from 1904, is %s', async (stored, format, text) => {
    expect(await one(`<c r="B2" s="1"><v>${stored}</v></c>`, { formats: [format], since1904: true })).toBe(
      text,
    )
  })
  test.each([
    ['a day as text', '<c r="B2" t="d"><v>2026-03-05T00:00:00</v></c>', '2026-03-05'],
    ['a moment as text', '<c r="B2" t="d"><v>2026-03-05T14:30:00.000Z</v></c>', '2026-03-05 14:30:00'],
    ['yes', '<c r="B2" t="b"><v>1</v></c>', 'TRUE'],
    ['no', '<c r="B2" t="b"><v>0</v></c>', 'FALSE'],
    ['an error', '<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', '#DIV/0!'],
    [
      'text of runs',
      '<c r="B2" t="inlineStr"><is><r><t>two </t></r><r><t xml:space="preserve"> runs</t></r></is></c>',
      'two  runs',
    ],
    ['a formula with its result', '<c r="B2"><f>A1+1</f><v>12.5</v></c>', '12.5'],
    ['a formula that is text', '<c r="B2" t="str"><f>A1&amp;"x"</f><v>ax</v></c>', 'ax'],
    ['a formula that is an empty text', '<c r="B2" t="str"><f>""</f><v></v></c>', ''],
    ['a formula without result', '<c r="B2"><f>SUM(B3:B9)</f></c>', '=SUM(B3:B9)'],
    ['a formula with an empty result', '<c r="B2"><f>SUM(B3:B9)</f><v/></c>', '=SUM(B3:B9)'],
    ['a shared formula without result', '<c r="B2"><f t="shared" si="0"/></c>', '='],
    [
      'characters that XML cannot hold',
      '<c r="B2" t="inlineStr"><is><t>a_x0009_b_x005F_x</t></is></c>',
      'a\tb_x',
    ],
  ])('%s', async (_what, cell, text) => {
    expect(await one(cell)).toBe(text)
  })
  test.each(['Asia/Kolkata', 'America/Los_Angeles', 'Pacific/Kiritimati'])(
    'days are the same in %s',
    (TZ) => {
      const url = new URL('./cells.ts', import.meta.url).href
      const script = `const { numberText } = await import('${url}'); console.log(numberText('45000.99', 'day', false), numberText('45000.5', 'moment', false), new Date(0).getHours())`
      const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
        env: { ...process.env, TZ },
      })
      const [day, ...moment] = said.toString().trim().split(' ')
      expect([day, ...moment.slice(0, 2)]).toEqual(['2023-03-15', '2023-03-15', '12:00:00'])
      expect(moment[2]).not.toBe('0')
      expect(numberText('45000.99', 'day', false)).toBe(day)
    },
  )
  test('texts are told apart by number; rich ones are whole, without how they are pronounced', async () => {
    const texts =
      '<si><t>number</t></si><si><r><rPr><b/></rPr><t>Mül</t></r><r><t>ler &amp; Co</t></r><rPh sb="0" eb="1"><t>mu</t></rPh></si><si/>'
    const { rows } = await read({
      texts,
      sheets: [
        {
          rows: `<row><c t="s"><v>0</v></c><c t="inlineStr"><is><t>name</t></is></c></row><row><c t="s"><v>1</v></c><c t="s"><v>0</v></c></row><row><c t="s"><v/></c><c t="s"><v>2</v></c></row><row><c t="s"><v>2</v></c><c t="str"><v>x</v></c></row>`,
        },
      ],
    })
    expect(rows).toEqual([
      [2, 'Müller & Co', 'number'],
      [4, '', 'x'],
    ])
  })
})
