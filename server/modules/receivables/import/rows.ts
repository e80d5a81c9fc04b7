import { isBlankDate, readDay } from '../../../core/dates.ts'
import {
  AMOUNT_MAX,
  currencyBeside,
  currencyNamed,
  decimalCell,
  decimalText,
  exponentOf,
  minorUnits,
} from '../../../core/money.ts'
import { isFormula, noResult } from '../../../core/table.ts'
import type { ReadRow, Staged } from '../../imports/target.ts'
import {
  codeKey,
  codeText,
  isShortened,
  nameKey,
  openAmount,
  readDocumentType,
  readFlag,
  readStatus,
  type Status,
  termsDays,
  trackerStatuses,
} from '../rules.ts'

const lengths: Record<string, number> = {
  invoice_number: 100,
  customer_code: 100,
  customer_name: 300,
  email: 254,
  phone: 60,
  operating_unit: 200,
  region: 120,
  po_number: 100,
  notes: 2000,
}

/** Reads one row of an export into the staging table's columns, with everything that is wrong with it. */
export const readRow: ReadRow = (cell, reading) => {
  const problems: ReturnType<ReadRow>['problems'] = []
  const wrong = (field: string | null, reason: string) => {
    problems.push({ field, reason })
    return undefined
  }
  const text = (field: string) => {
    const value = cell(field)
    if (isFormula(value)) wrong(field, noResult)
    if (value.length > lengths[field]!) wrong(field, `Longer than ${lengths[field]} characters.`)
    return value === '' ? null : value
  }
  const code = (field: string) => {
    const value = text(field)
    if (value && isShortened(value))
      wrong(
        field,
        'A spreadsheet has shortened this number and its digits are lost. Format the column as text and export it again.',
      )
    return value && codeText(value)
  }
  const day = (field: string) => {
    const value = cell(field)
    if (isBlankDate(value)) return null
    const read = readDay(value, reading.days[field]!)
    if ('day' in read) return read.day
    wrong(field, read.problem)
    return null
  }

  const number = code('invoice_number')
  if (!number) wrong('invoice_number', 'The invoice number is missing.')
  const customerCode = code('customer_code')
  const customerName = text('customer_name')
  if (!customerCode && !customerName) wrong('customer_code', 'The customer is missing.')

  const currency = readCurrency()
  const amount = money('amount')
  const open = money('open_amount')
  const paid = money('paid_amount')
  if (cell('amount') === '' && cell('open_amount') === '') wrong('amount', 'The amount is missing.')

  const status = readStatusCell()
  const disputed = cell('disputed') === '' ? undefined : readFlag(cell('disputed'))
  if (cell('disputed') !== '' && disputed === undefined) wrong('disputed', 'Neither yes nor no.')
  const stated = cell('document_type')
  const document = stated === '' ? 'invoice' : readDocumentType(stated)
  if (!document) wrong('document_type', 'Not known. Write invoice, credit note, payment or journal.')

  const dates = {
    invoice_date: day('invoice_date'),
    due_date: day('due_date'),
    settled_on: day('settled_on'),
  }
  // A rejected row still says which invoice it is about: that one is not missing.
  const identity: Staged = {
    customer_key: customerCode ? codeKey(customerCode) : customerName && nameKey(customerName),
    number,
    number_key: number && codeKey(number),
  }
  const staged: Staged = {
    ...identity,
    customer_code: customerCode,
    customer_name: customerName,
    email: text('email'),
    phone: text('phone'),
    currency: currency ?? null,
    ...dates,
    terms_days: termsDays(cell('terms')) ?? null,
    is_disputed: readDisputed(),
    operating_unit: text('operating_unit'),
    region: text('region'),
    po_number: text('po_number'),
    notes: text('notes'),
  }
  if (problems.length > 0) return { staged: identity, problems }

  // Exports write credits with or without a minus; in the books they are always negative.
  const credit = document === 'credit_note' || document === 'payment'
  const signed = (value: bigint) => (credit && value > 0n ? -value : value)
  const whole = signed(amount ?? open!)
  const left = openAmount({
    amount: whole,
    open: open === null ? undefined : signed(open),
    paid: paid === null ? undefined : signed(paid),
    status,
    settled: dates.settled_on !== null,
  })
  if (status === 'paid' && left !== 0n) {
    wrong('status', `Paid, but ${decimalText(left, currency!)} ${currency} are open.`)
    return { staged: identity, problems }
  }
  const type = document === 'invoice' && whole < 0n ? 'credit_note' : document!
  return { staged: { ...staged, document_type: type, amount: whole, open_amount: left }, problems }

  function readCurrency() {
    const said = cell('currency')
    const beside = currencyBeside(cell('amount')) ?? currencyBeside(cell('open_amount'))
    const named = said === '' ? undefined : currencyNamed(said, reading.home_currency)
    if (said !== '' && !named)
      return wrong('currency', 'Not a currency. Write its three letters, such as EUR.')
    const home = named ?? reading.home_currency
    const meant = beside === undefined ? home : currencyNamed(beside, home)
    if (named && meant !== named)
      return wrong('amount', `The amount is in ${beside}, the currency says ${named}.`)
    return (
      meant ??
      wrong('amount', `Which currency is ${beside}? Add a currency column with three letters, such as USD.`)
    )
  }

  function money(field: string): bigint | null {
    const value = cell(field)
    if (value === '') return null
    const decimal = decimalCell(value, reading.decimal)
    if (decimal === undefined) wrong(field, isFormula(value) ? noResult : 'Not an amount.')
    if (decimal === undefined || !currency) return null
    const minor = minorUnits(decimal, currency)
    if (minor !== undefined) return minor
    if ((decimal.split('.')[1] ?? '').replace(/0+$/, '').length > exponentOf(currency))
      wrong(field, `More decimals than ${currency} has (${exponentOf(currency)}).`)
    else wrong(field, `Larger than ${decimalText(AMOUNT_MAX, currency)} ${currency}.`)
    return null
  }

  function readStatusCell(): Status | undefined {
    const said = cell('status')
    if (said === '' && !reading.standard) return undefined
    const read = readStatus(said)
    if (!read || (reading.standard && !trackerStatuses.includes(read)))
      return wrong('status', 'Not known. Write Paid, Partial, Overdue or Disputed.')
    if (read === 'draft' || read === 'void')
      return wrong('status', `A ${read === 'void' ? 'void invoice' : read} is not receivable.`)
    return read
  }

  /** null when the file does not speak of disputes. */
  function readDisputed(): boolean | null {
    if (status === 'disputed' || disputed) return true
    return status || 'disputed' in reading.places ? false : null
  }
}
