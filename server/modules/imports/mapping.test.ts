import { describe, expect, test } from 'vitest'
import { receivablesTarget as target } from '../receivables/import/target.ts'
import { currencyInHeader, foldHeader, headerScore, nameOf, placeColumns, readMapping } from './mapping.ts'

describe('a mapping as clients send it', () => {
  test('takes fields by their own names and by those of other systems', () => {
    expect(
      readMapping(target, {
        invoice_number: 'Nr',
        customer_id: 'Kunde',
        invoice_amount: 'Betrag',
        'Payment Status': 'Status',
        notes: null,
        phone: '',
      }),
    ).toEqual({
      mapping: { invoice_number: 'Nr', customer_code: 'Kunde', amount: 'Betrag', status: 'Status' },
      errors: [],
    })
  })
  test.each([
    [[], 'must be a JSON object'],
    [{ invoice_number: 'Nr', customer_code: 'K', amount: 'B', colour: 'C' }, 'There is no field "colour"'],
    [{ invoice_number: 5, customer_code: 'K', amount: 'B' }, 'must be a header'],
    [{ invoice_number: 'Nr', customer_code: 'K', customer_id: 'L', amount: 'B' }, 'mapped twice'],
    [{ invoice_number: 'Nr', amount: 'B' }, 'customer_code or customer_name'],
    [{ invoice_number: 'Nr', customer_name: 'K' }, 'amount or open_amount'],
  ])('%j is refused', (given, reason) =>
    expect(readMapping(target, given).errors.join(' ')).toContain(reason),
  )
})

describe('columns', () => {
  const wanted = { invoice_number: 'Invoice No', amount: 'Amount' }
  test('are found whatever their case, spaces and punctuation', () => {
    expect(placeColumns(wanted, ['x', 'AMOUNT ', 'invoice_no.'])).toEqual({
      places: { invoice_number: 2, amount: 1 },
      mapping: { invoice_number: 'invoice_no.', amount: 'AMOUNT ' },
      errors: [],
    })
    expect(foldHeader('Invoice #')).toBe(foldHeader('invoice_number'))
  })
  test.each([
    [
      'invoicenumber',
      [
        'Invoice No.',
        'Inv.No',
        'Inv. No',
        'InvoiceNo',
        'invoiceno',
        'INVOICE #',
        'Invoice Nr',
        'invoice_num',
      ],
    ],
    [
      'invoiceamount',
      ['Inv.Amt', 'Invoice Amount', 'invoiceAmount', 'Invoice Amount (USD)', 'Invoice amount in EUR'],
    ],
    [
      'outstandingamount',
      ['July.Outstg.Amt', 'Sept 2026 Outst. Amt', 'Outstanding Amount', 'Outstanding Amount [€]'],
    ],
    ['duedate', ['Due Date', 'due_date', 'DueDate', 'Due Dt.', '*DueDate']],
    ['nettofälligkeit', ['Nettofälligkeit', 'NETTOFÄLLIGKEIT']],
  ])('are known as %s in every dress', (name, headers) =>
    expect(headers.map(nameOf)).toEqual(headers.map(() => name)),
  )
  test('keep what only looks like a month, a number or a currency', () => {
    expect(['Market balance', 'Casino', 'Marchoutstanding', 'Amount (net)'].map(nameOf)).toEqual([
      'marketbalance',
      'casino',
      'outstanding',
      'amountnet',
    ])
    expect(
      ['Balance (AUD)', 'Amount [A$]', 'Total in EUR', 'Amount (ABC)', 'Amount'].map(currencyInHeader),
    ).toEqual(['AUD', 'A$', 'EUR', undefined, undefined])
  })
  test('that are missing or there twice are named; the name as written decides between two', () => {
    expect(placeColumns(wanted, ['Amount', 'AMOUNT']).errors).toEqual(['Missing column: Invoice No'])
    expect(placeColumns(wanted, ['amount', 'AMOUNT', 'invoiceno']).errors).toEqual([
      'The column Amount is there 2 times; it must be unique.',
    ])
  })
  test('the header is the record that names most of them', () => {
    const score = headerScore(wanted)
    expect(score(['Amount due per customer', ''])).toBe(0)
    expect(score(['invoice no', 'amount', 'amount'])).toBe(2)
  })
})
