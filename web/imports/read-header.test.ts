import { describe, expect, test } from 'vitest'
import { decode, readHeader } from './read-header.ts'

describe('the header of a file', () => {
  test.each([',', ';', '\t', '|'])('is found with %j between its columns', (delimiter) => {
    const text = [
      ['No', 'Name', 'Amount'],
      ['1', 'A', '10'],
      ['2', 'B', '20'],
    ]
      .map((row) => row.join(delimiter))
      .join('\n')
    expect(readHeader(text)).toMatchObject({ delimiter, header: ['No', 'Name', 'Amount'] })
  })

  test('quotes may hold delimiters, quotes and line breaks', () => {
    const found = readHeader('\uFEFFNo,"Name, in full",Note\r\n1,"Smith, J.","say ""hi""\nthere"\r\n')
    expect(found).toEqual({
      delimiter: ',',
      header: ['No', 'Name, in full', 'Note'],
      rows: [['1', 'Smith, J.', 'say "hi"\nthere']],
    })
  })

  test('decimal commas do not win over semicolons', () => {
    expect(readHeader('No;Amount\n1;10,50\n2;20,00\n')?.header).toEqual(['No', 'Amount'])
  })

  test('ragged rows and emptiness break nothing', () => {
    expect(readHeader('a,b,c\n1,2\n1,2,3,4\n')?.header).toEqual(['a', 'b', 'c'])
    expect(readHeader(' \n\n')).toBeNull()
    expect(readHeader('"never closed')?.header).toEqual(['never closed'])
  })
})

describe('bytes', () => {
  test('are UTF-8, also when cut inside a character', () => {
    expect(decode(new TextEncoder().encode('Müller').slice(0, 2))).toBe('M')
    expect(decode(new TextEncoder().encode('Müller'))).toBe('Müller')
  })

  test('are UTF-16 when they say so, Windows-1252 when they are no UTF-8', () => {
    expect(decode(new Uint8Array([0xff, 0xfe, 0x41, 0x00]))).toBe('A')
    expect(decode(new Uint8Array([0x4d, 0xfc, 0x6c]))).toBe('Mül')
  })
})
