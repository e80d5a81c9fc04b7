import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { readAll, row, scratchFiles, workbook, zip } from '../../tests/workbook.ts'
import { Unreadable } from './tabular.ts'

const files = scratchFiles()
afterAll(() => files.remove())
type Made = Parameters<typeof workbook>[0]
const read = async (made: Made | Buffer) => {
  const path = files.put(Buffer.isBuffer(made) ? made : workbook(made))
  const { rows } = await readAll(path, ['number', 'name'])
  return { rows: rows.map(({ row, cells }) => [row, ...cells]) }
}
const refused = async (made: Made | Buffer, reason: RegExp) => {
  const error = await read(made).catch((each) => each)
  expect(error).toBeInstanceOf(Unreadable)
  expect(error.message).toMatch(reason)
}

describe('what is refused says why', () => {
  const sound = row(1, 'number', 'name') + row(2, 1, 'a')
  const sheetPart = (text: string | Buffer): Made => ({
    sheets: [{ rows: '' }],
    parts: { 'xl/worksheets/sheet1.xml': text },
  })
  test.each<[string, Made, RegExp]>([
    [
      'macros',
      { sheets: [{ rows: sound }], parts: { 'xl/vbaProject.bin': 'x' } },
      /macros.*save it as \.xlsx/,
    ],
    ['a binary workbook', { parts: { 'xl/workbook.bin': 'x' } }, /\.xlsb/],
    ['OpenDocument', { parts: { 'content.xml': '<a/>', mimetype: 'x' } }, /OpenDocument/],
    ['a Word document', { parts: { 'word/document.xml': '<a/>' } }, /Word document/],
    ['any zip', { parts: { 'xl/workbook.xml': null, 'a.csv': 'a,b' } }, /zip file, not a workbook/],
    ['no sheet', { sheets: [] }, /no sheet/],
    ['nothing on any sheet', '', /empty/],
    [
      'a sheet that is not there',
      { sheets: [{ rows: sound }], parts: { 'xl/worksheets/sheet1.xml': null } },
      /part xl\/worksheets\/sheet1\.xml is missing/,
    ],
    ['a text that is not there', `${sound}<row><c t="s"><v>7</v></c></row>`, /A3 refers to text 7/],
    [
      'a document type',
      sheetPart(
        `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet><sheetData>${row(1, 'a', 'b')}</sheetData></worksheet>`,
      ),
      /declares a document type/,
    ],
    [
      'an entity of its own',
      sheetPart(
        `<worksheet><sheetData>${row(1, 'a', 'b')}<row><c t="str"><v>&lol9;</v></c></row></sheetData></worksheet>`,
      ),
      /&lol9; is no character/,
    ],
    [
      'a sheet cut short',
      sheetPart(`<worksheet><sheetData>${row(1, 'a', 'b')}<row r="2"><c>`),
      /ends in the middle/,
    ],
    ['rows out of order', row(5, 'number', 'name') + row(3, 1, 'a'), /after row 5.*row 3/],
    ['more rows than there can be', row(1, 'number', 'name') + row(1048577, 1, 'a'), /more rows/],
    [
      'columns far out',
      `${row(1, 'number', 'name')}<row r="2"><c r="XFD2"><v>1</v></c></row>`,
      /XFD2.*500 columns/,
    ],
    [
      'a place that is none',
      `${row(1, 'number', 'name')}<row r="2"><c r="ABCD2"><v>1</v></c></row>`,
      /stands at ABCD2/,
    ],
    [
      'a cell of a book',
      `${row(1, 'number', 'name')}${row(2, 1, 'x'.repeat(140_000))}`,
      /B2.*131068 characters/,
    ],
  ])('%s', async (_what, made, reason) => refused(made, reason))

  test('an empty cell far out and a row far down hold nothing', async () => {
    const { rows } = await read(
      `${sound}<row r="1048576"><c r="A1048576" t="str"><v>z</v></c><c r="XFD1048576" s="1"/></row>`,
    )
    expect(rows.at(-1)).toEqual([1048576, 'z'])
  })
  test('a password, told by the container that Excel puts around', async () => {
    const bytes = Buffer.alloc(2048)
    bytes.write('d0cf11e0a1b11ae1', 0, 'hex')
    bytes.writeUInt16LE(9, 30)
    bytes.writeUInt32LE(1, 48)
    bytes.write('EncryptionInfo', 1024 + 128, 'utf16le')
    await refused(bytes, /protected with a password/)
  })

  const parts = (sheet: { content: string | Buffer; size?: number; sum?: number }) => {
    const made = workbook({ sheets: [{ rows: '' }], parts: { 'xl/worksheets/sheet1.xml': null } })
    return { made, sheet: { name: 'xl/worksheets/sheet1.xml', ...sheet } }
  }
  /** A workbook whose sheet is written beside the usual parts, with a directory that may lie about it. */
  const lying = (sheet: { content: string | Buffer; size?: number; sum?: number }) => {
    const usual = ['_rels/.rels', 'xl/workbook.xml', 'xl/_rels/workbook.xml.rels', 'xl/styles.xml']
    return zip([...usual.map((name) => ({ name, content: usualParts[name]! })), parts(sheet).sheet])
  }
  const usualParts: Record<string, string> = {
    '_rels/.rels':
      '<Relationships><Relationship Id="a" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    'xl/workbook.xml': '<workbook><sheets><sheet name="S" r:id="a"/></sheets></workbook>',
    'xl/_rels/workbook.xml.rels':
      '<Relationships><Relationship Id="a" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    'xl/styles.xml': '<styleSheet/>',
  }
  const whole = `<worksheet><sheetData>${sound}</sheetData></worksheet>`
  test('sound parts beside which the next ones lie are read', async () => {
    expect((await read(lying({ content: whole }))).rows).toEqual([[2, '1', 'a']])
  })
  test('a part that grows beyond what it declares', () =>
    refused(lying({ content: `${whole}${' '.repeat(50_000_000)}`, size: 1000 }), /not what the file says/))
  test('a part that declares more than it holds', () =>
    refused(lying({ content: whole, size: whole.length + 10 }), /not what the file says/))
  test('a part whose checksum is wrong', () =>
    refused(lying({ content: whole, sum: 7 }), /not what the file says/))
  test('a part that unpacks to gigabytes', () =>
    refused(lying({ content: whole, size: 1_500_000_000 }), /too large.*1431 MB/))
  test('a part that is packed a thousandfold', () =>
    refused(
      lying({ content: whole.replace('</sheetData>', `${' '.repeat(20_000_000)}</sheetData>`) }),
      /packed \d+-fold/,
    ))
  test('parts that are small each and gigabytes together', () => {
    const many = Array.from({ length: 5 }, (_, at) => ({
      name: `xl/media/${at}`,
      content: Buffer.alloc(800_000, '0123456789'),
      size: 150_000_000,
    }))
    return refused(zip(many), /too large/)
  })
  test('parts without number', () =>
    refused(zip(Array.from({ length: 10_001 }, (_, at) => ({ name: `${at}`, content: '' }))), /10001 parts/))
  test('a part that is there twice', () =>
    refused(
      zip([
        { name: 'xl/workbook.xml', content: 'a' },
        { name: 'XL/workbook.xml', content: 'b' },
      ]),
      /twice/,
    ))
  test('millions of empty rows', async () => {
    const rows = Buffer.from('<row/>'.repeat(1_048_580))
    const content = Buffer.concat([
      Buffer.from('<worksheet><sheetData>'),
      rows,
      Buffer.from('</sheetData></worksheet>'),
    ])
    await refused(lying({ content }), /more rows than a workbook can have|packed/)
  })
  test('a bomb inside a bomb is never opened', async () => {
    const inner = zip([{ name: 'a', content: Buffer.alloc(3_000_000) }])
    const { rows } = await read({ sheets: [{ rows: sound }], parts: { 'xl/embeddings/inner.zip': inner } })
    expect(rows).toEqual([[2, '1', 'a']])
  })
  test('parts whose bytes overlap are bounded by what they declare', async () => {
    // Every entry of the directory leads to the same packed bytes.
    const one = zip([{ name: 'aa', content: Buffer.alloc(4_000_000) }])
    const start = one.indexOf('PK\u0001\u0002')
    const entry = one.subarray(start, one.indexOf('PK\u0005\u0006'))
    const entries = Array.from({ length: 200 }, (_, at) => {
      const copy = Buffer.from(entry)
      copy.write((at + 36).toString(36).padStart(2, 'z'), 46)
      return copy
    })
    const end = Buffer.from(one.subarray(one.indexOf('PK\u0005\u0006')))
    end.writeUInt16LE(200, 8)
    end.writeUInt16LE(200, 10)
    end.writeUInt32LE(entry.length * 200, 12)
    await refused(Buffer.concat([one.subarray(0, start), ...entries, end]), /too large|twice/)
  })

  test('a file cut anywhere', async () => {
    const whole = workbook({ texts: '<si><t>x</t></si>', sheets: [{ rows: sound }] })
    for (let length = 4; length < whole.length; length += 37)
      await refused(whole.subarray(0, length), /damaged or not complete/)
  })
  test('bytes of chance and changed workbooks give rows or a reason, and nothing else', async () => {
    const whole = workbook({
      texts: '<si><t>number</t></si><si><t>name</t></si>',
      formats: [14, 'dd/mm/yyyy'],
      sheets: [
        {
          rows: `<row r="1"><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>${row(2, 1, 'a')}<row><c s="1"><v>45000</v></c><c t="b"><v>1</v></c></row>`,
          after: '<mergeCells><mergeCell ref="A1:B1"/></mergeCells>',
        },
      ],
    })
    const stored = zip(
      Object.entries({
        ...usualParts,
        'xl/worksheets/sheet1.xml': `<worksheet><sheetData>${sound}</sheetData></worksheet>`,
      }).map(([name, content]) => ({ name, content, stored: true })),
    )
    const sane = async (bytes: Buffer) => {
      const error = await read(bytes).then(
        () => undefined,
        (each) => each,
      )
      if (error && !(error instanceof Unreadable)) throw error
    }
    const change = fc.record({ at: fc.nat(), byte: fc.nat(255) })
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(whole, stored),
        fc.array(change, { minLength: 1, maxLength: 8 }),
        async (base, changes) => {
          const bytes = Buffer.from(base)
          for (const { at, byte } of changes) bytes[at % bytes.length] = byte
          await sane(bytes)
        },
      ),
      { numRuns: 300 },
    )
    // The XML inside, changed under a sound zip.
    const xml = `<worksheet><sheetData>${row(1, 'number', 'name')}${row(2, 1, 'a&amp;b')}<row r="3" hidden="1"><c r="A3" s="1"><f>A1</f><v>45000</v></c></row></sheetData></worksheet>`
    const piece = fc.constantFrom(
      '<',
      '>',
      '/',
      '"',
      '&',
      '<!--',
      '<![CDATA[',
      ']]>',
      '<c ',
      '<row>',
      '</v>',
      'r="ZZ9"',
      '\u0000',
      '1e999',
      '=',
      ' ',
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(xml.length), fc.nat(6), piece), { minLength: 1, maxLength: 4 }),
        async (changes) => {
          let text = xml
          for (const [at, cut, put] of changes) text = text.slice(0, at) + put + text.slice(at + cut)
          await sane(lying({ content: text }))
        },
      ),
      { numRuns: 300 },
    )
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), fc.boolean(), (bytes, asZip) =>
        sane(Buffer.concat([Buffer.from(asZip ? 'PK\u0003\u0004' : ''), bytes])),
      ),
      { numRuns: 100 },
    )
  })
})
