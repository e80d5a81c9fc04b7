import { expect, test } from 'vitest'
import { receivablesTarget } from '../../server/modules/receivables/import/target.ts'
import { fieldNames, isStandard, missing, suggest } from './fields.ts'

test('the fields offered are those the server knows', () => {
  expect(fieldNames.toSorted()).toEqual(receivablesTarget.fields.map((field) => field.name).toSorted())
})

test("the AR Tracker's header needs no mapping, in any case and spacing", () => {
  const header = Object.values(receivablesTarget.standard)
  expect(isStandard(header)).toBe(true)
  expect(isStandard(header.map((column) => column.toUpperCase().replaceAll('_', ' ')))).toBe(true)
  expect(isStandard(header.slice(1))).toBe(false)
})

test('columns of a common export are recognised, each once', () => {
  const header =
    'countryCode,customerID,PaperlessDate,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate,PaperlessBill,DaysToSettle,DaysLate'
  const mapping = suggest(header.split(','))
  expect(mapping).toEqual({
    invoice_number: 'invoiceNumber',
    customer_code: 'customerID',
    invoice_date: 'InvoiceDate',
    due_date: 'DueDate',
    amount: 'InvoiceAmount',
    settled_on: 'SettledDate',
    disputed: 'Disputed',
    region: 'countryCode',
  })
  expect(missing(mapping)).toEqual([])
})

test('what is still needed is named', () => {
  expect(missing({})).toEqual([
    ['invoice_number'],
    ['customer_code', 'customer_name'],
    ['amount', 'open_amount'],
  ])
  expect(missing({ invoice_number: 'No', customer_name: 'Client', open_amount: 'Balance' })).toEqual([])
})
