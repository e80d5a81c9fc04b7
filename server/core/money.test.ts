import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  AMOUNT_MAX,
  currencyBeside,
  currencyNamed,
  DecimalReader,
  decimalCell,
  decimalEvidence,
  decimalText,
  exponentOf,
  fromWireNumber,
  minorUnits,
  wireNumber,
} from './money.ts'

const currencies = fc.constantFrom('USD', 'JPY', 'KWD', 'CLF', 'INR', 'IDR')
const amounts = fc.bigInt({ min: -AMOUNT_MAX, max: AMOUNT_MAX })

describe('minor units', () => {
  test('every amount comes back from its decimal text and from the wire', () => {
    fc.assert(
      fc.property(amounts, currencies, (minor, currency) => {
        expect(minorUnits(decimalText(minor, currency), currency)).toBe(minor)
        expect(decimalText(minor, currency).split('.')[1]?.length ?? 0).toBe(exponentOf(currency))
        const travelled = JSON.parse(JSON.stringify(wireNumber(minor, currency)))
        expect(fromWireNumber(travelled, currency)).toBe(minor)
      }),
    )
  })
  test.each([
    ['0.29', 'USD', 29n],
    ['-1234.5', 'USD', -123450n],
    ['10.5000', 'USD', 1050n],
    ['1569.0899999999999', 'USD', 156909n],
    ['0.30000000000000004', 'USD', 30n],
    ['10', 'JPY', 10n],
    ['1.234', 'KWD', 1234n],
    ['10.005', 'USD', undefined],
    ['10.5', 'JPY', undefined],
    ['1e3', 'USD', undefined],
    ['1e309', 'USD', undefined],
    ['NaN', 'USD', undefined],
    ['Infinity', 'USD', undefined],
    ['1,000', 'USD', undefined],
    ['9'.repeat(30), 'USD', undefined],
    ['', 'USD', undefined],
  ])('%s %s', (text, currency, minor) => expect(minorUnits(text, currency)).toBe(minor))
  test('an unknown currency has no exponent to guess', () =>
    expect(() => minorUnits('1', 'XYZ')).toThrow('ISO 4217'))
})

describe('amounts in files', () => {
  test.each([
    ['1,234.56', '.', '1234.56'],
    ['1.234,56', ',', '1234.56'],
    ['1,23,456.78', '.', '123456.78'],
    ['1 234,56', ',', '1234.56'],
    ["1'234.50", '.', '1234.50'],
    ['(1,234.50)', '.', '-1234.50'],
    ['5.00-', '.', '-5.00'],
    ['−5.00', '.', '-5.00'],
    ['5.00 CR', '.', '-5.00'],
    ['5CR', '.', '-5'],
    ['5.00 Dr', '.', '5.00'],
    ['₹1,200.00', '.', '1200.00'],
    ['Rs. 1,200.00', '.', '1200.00'],
    ['-$5.00', '.', '-5.00'],
    ['USD 12.10', '.', '12.10'],
    ['12,10 €', ',', '12.10'],
    ['.5', '.', '0.5'],
  ] as const)('%s', (cell, decimal, text) => {
    expect(decimalCell(cell, decimal)).toBe(text)
    expect([decimal, 'same']).toContain(decimalEvidence(cell))
  })
  test.each(['1e5', '12 abc', '--5', '(5', '5)', '1,000,00', '(-5)', '5-5', '١٢', 'CR', '#REF!', '=1+1'])(
    '%s is no amount',
    (cell) => {
      expect(decimalEvidence(cell)).toBe('none')
      expect(decimalCell(cell, '.')).toBeUndefined()
    },
  )
  test('what both styles read differently proves neither', () => {
    expect(decimalEvidence('1,234')).toBe('either')
    expect(decimalEvidence('1.234')).toBe('either')
    expect(decimalEvidence('0.234')).toBe('.')
    expect(decimalEvidence('1234')).toBe('same')
  })
  test('a column written in one style is read in that style, or asked about, and never read in the other', () => {
    const styles = {
      '.': new Intl.NumberFormat('en-US', { minimumFractionDigits: 2 }),
      ',': new Intl.NumberFormat('de-DE', { minimumFractionDigits: 2 }),
    }
    fc.assert(
      fc.property(
        fc.constantFrom('.' as const, ',' as const),
        fc.array(fc.integer({ min: -1e9, max: 1e9 }), { minLength: 1 }),
        fc.boolean(),
        (style, cents, whole) => {
          const reader = new DecimalReader()
          const cells = cents.map((cent) =>
            whole
              ? new Intl.NumberFormat(style === '.' ? 'en-US' : 'de-DE').format(cent)
              : styles[style].format(cent / 100),
          )
          for (const [at, cell] of cells.entries()) reader.add(cell, at + 2)
          const { undecided, decimal } = reader.conclude()
          if (undecided) return
          for (const [at, cell] of cells.entries())
            expect(Number(decimalCell(cell, decimal))).toBeCloseTo(whole ? cents[at]! : cents[at]! / 100, 2)
        },
      ),
    )
  })
  test('a slip among many is a bad row, one among few is a question', () => {
    const column = (points: number, commas: number) => {
      const reader = new DecimalReader()
      for (let row = 0; row < points; row++) reader.add('10.50', row)
      for (let row = 0; row < commas; row++) reader.add('10,50', row)
      return reader.conclude()
    }
    expect(column(500, 1)).toMatchObject({ decimal: '.', undecided: false })
    expect(column(5, 1)).toMatchObject({ undecided: true })
  })
})

describe('cells made to keep the pattern busy', () => {
  const spaces = ' '.repeat(95)
  test.each([
    `1${' '.repeat(200)}!`,
    `1${spaces}!`,
    `(${spaces}!`,
    `${'1 '.repeat(49)}!`,
    `- EUR${spaces}!`,
    `1${'\u00a0\t'.repeat(45)}!`,
    `${'9'.repeat(99)}!`,
  ])('%j is no amount, at once', (cell) => {
    const began = performance.now()
    expect(decimalEvidence(cell)).toBe('none')
    expect(decimalCell(cell, ',')).toBeUndefined()
    expect(currencyBeside(cell)).toBeUndefined()
    expect(performance.now() - began).toBeLessThan(100)
  })
  test('and columns of spaces between sign and digits are none of them', () => {
    expect(decimalCell(`$${spaces.slice(60)}1,234.50`, '.')).toBe('1234.50')
    expect(decimalCell('1  234', '.')).toBeUndefined()
  })
})

describe('currencies', () => {
  test.each([
    ['usd', 'INR', 'USD'],
    ['₹', 'USD', 'INR'],
    ['$', 'AUD', 'AUD'],
    ['$', 'EUR', undefined],
    ['Rs.', 'PKR', 'PKR'],
    ['XYZ', 'USD', undefined],
    ['', 'USD', undefined],
  ])('%s at home in %s', (text, home, code) => expect(currencyNamed(text, home)).toBe(code))
  test('beside an amount', () => {
    expect(currencyBeside('EUR 5.00')).toBe('EUR')
    expect(currencyBeside('5.00')).toBeUndefined()
    expect(currencyBeside('5.00 CR')).toBeUndefined()
  })
})
