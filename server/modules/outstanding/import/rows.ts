import type { ReadRow } from '../../imports/target.ts'
import { readRow as readReceivable } from '../../receivables/import/rows.ts'

export { knows, lowers } from '../../receivables/import/rows.ts'

/**
 * Reads one row of a monthly sheet: an invoice, or where the sheet has no column of invoices the balance of a customer. What it says
 * is read as in every export of receivables, and two things of it are needed besides: what is outstanding, and where.
 */
export const readRow: ReadRow = (cell, reading) => {
  const isInvoice = 'invoice_number' in reading.places
  const read = readReceivable(
    (field) => (field === 'invoice_number' && !isInvoice ? 'balance' : cell(field)),
    reading,
  )
  const wrong = (field: string, reason: string) => read.problems.push({ field, reason })
  if (cell('customer_code') === '' && cell('customer_name') !== '')
    wrong('customer_code', 'The code of the customer is missing.')
  if (cell('open_amount') === '') wrong('open_amount', 'The outstanding amount is missing.')
  if ('region' in reading.places) {
    const region = cell('region')
    if (region === '') wrong('region', 'The region is missing.')
    // A column that has slipped: the sheets of the field hold amounts and codes here.
    else if (/^[\d\s.,+-]+$/.test(region)) wrong('region', 'A number is no region.')
  }
  if (!isInvoice) {
    read.staged.number = null
    read.staged.number_key = null
  }
  return read
}
