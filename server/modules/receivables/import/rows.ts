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
import { wordKey } from '../../../core/schema.ts'
import { isFormula, noResult } from '../../../core/table.ts'
import type { Notice, ReadRow, Staged } from '../../imports/target.ts'
import { bandText } from '../bands.ts'
import {
  codeKey,
  codeText,
  isShortened,
  lowersDebt,
  nameKey,
  openAmount,
  readDocumentType,
  readFlag,
  readRootCause,
  readSide,
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
  department: 200,
  outlet: 200,
  assigned_to: 254,
  sales_person: 200,
  age_bucket: 60,
}

export const knows = (field: string, word: string): boolean =>
  field !== 'status' || readStatus(word) !== undefined
export const lowers = lowersDebt

/** What Tally and others print instead of a number for money that settles no bill. */
const onAccount = /^on account$|^advance$/i
/** What is owed from before the file begins is owed as well: it is taken as a journal, and never left out. */
const before = /^opening balance$|^balance (?:brought )?forward$|^b\/f$/i
const unstated = (number: string) =>
  /\d/.test(number)
    ? 'invoice'
    : onAccount.test(number)
      ? 'payment'
      : before.test(number)
        ? 'journal'
        : 'invoice'

/** Reads one row of an export into the staging table's columns, with everything that is wrong with it. */
export const readRow: ReadRow = (cell, reading) => {
  const problems: ReturnType<ReadRow>['problems'] = []
  let notices: Notice[] | undefined
  const notice = (text: string, money?: bigint) => {
    notices ??= []
    notices.push(money === undefined ? { text } : { text, money })
  }
  const wrong = (field: string | null, reason: string) => {
    problems.push({ field, reason })
    return undefined
  }
  const text = (field: string) => {
    const value = cell(field)
    if (value === '') return null
    if (isFormula(value)) wrong(field, noResult)
    if (value.length > lengths[field]!) wrong(field, `Longer than ${lengths[field]} characters.`)
    return value
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

  const stated = cell('document_type')
  const number = code('invoice_number') ?? unnumbered()
  if (!number) wrong('invoice_number', 'The invoice number is missing.')
  const customerCode = code('customer_code')
  const customerName = text('customer_name')
  if (!customerCode && !customerName) wrong('customer_code', 'The customer is missing.')

  const isLine = 'line_amount' in reading.places && !('amount' in reading.places)
  const amountField = isLine ? 'line_amount' : 'amount'
  const currency = readCurrency()
  const amount = debitAndCredit() ?? money(amountField)
  const open = money('open_amount')
  const paid = money('paid_amount')
  if (
    amount === null &&
    cell(amountField) === '' &&
    cell('open_amount') === '' &&
    !('debit' in reading.places)
  )
    wrong(
      isLine
        ? 'line_amount'
        : 'amount' in reading.places || !('open_amount' in reading.places)
          ? 'amount'
          : 'open_amount',
      'The amount is missing.',
    )
  else if (amount === null && 'debit' in reading.places && problems.length === 0)
    wrong('debit', 'The amount is missing.')

  const status = readStatusCell()
  const disputed = cell('disputed') === '' ? undefined : readFlag(cell('disputed'))
  if (cell('disputed') !== '' && disputed === undefined) wrong('disputed', 'Neither yes nor no.')
  const document = stated === '' ? unstated(number ?? '') : readDocumentType(stated)
  if (!document) wrong('document_type', 'Not known. Write invoice, credit note, payment or journal.')

  const dates = {
    invoice_date: day('invoice_date'),
    due_date: day('due_date'),
    settled_on: day('settled_on'),
  }
  const key = customerCode ? codeKey(customerCode) : customerName && nameKey(customerName)
  const numberKey = number && codeKey(number)
  // A rejected row still says which invoice it is about: that one is not missing.
  const rejected = () => ({
    staged: { customer_key: key, number, number_key: numberKey } as Staged,
    problems,
  })
  // Every column from the start, and filled in place: copying it cost a tenth of the reading.
  const staged: Staged = {
    customer_key: key,
    number,
    number_key: numberKey,
    customer_code: customerCode,
    customer_name: customerName,
    email: text('email'),
    phone: text('phone'),
    currency: currency ?? null,
    invoice_date: dates.invoice_date,
    due_date: dates.due_date,
    settled_on: dates.settled_on,
    terms_days: termsDays(cell('terms')) ?? null,
    is_disputed: readDisputed(),
    operating_unit: text('operating_unit'),
    region: text('region'),
    po_number: text('po_number'),
    notes: text('notes'),
    department: text('department'),
    outlet: text('outlet'),
    assigned_to: text('assigned_to'),
    root_cause: readRootCause(cell('root_cause')) ?? null,
    sales_person: text('sales_person'),
    is_line: isLine || Boolean(reading.postings),
    // Of an invoice with dates they say how old it is.
    age_band: dates.invoice_date || dates.due_date ? null : band(),
    document_type: null,
    amount: null,
    open_amount: null,
    row: 0,
  }
  const state = cell('state')
  if (state !== '' && ['draft', 'void'].includes(readStatus(state) ?? ''))
    wrong('state', `A ${readStatus(state) === 'void' ? 'void invoice' : 'draft'} is not receivable.`)
  if (problems.length > 0) return rejected()

  if (reading.postings) {
    // A posting that settles lowers what is open of the invoice that it names, and not its amount.
    staged.document_type = 'invoice'
    staged.amount = amount! > 0n ? amount! : 0n
    staged.open_amount = amount!
    return { staged, problems }
  }
  // Exports write credits with or without a minus; in the books they are always negative.
  const credit = document === 'credit_note' || document === 'payment' || readSide(cell('side')) === 'credit'
  const signed = (value: bigint) => {
    const turned = reading.flipped ? -value : value
    return credit && turned > 0n ? -turned : turned
  }
  // Nothing invoiced and something open is a payment on account, which reports print so.
  const whole = signed(amount === 0n && open ? open : (amount ?? open!))
  const left = openAmount({
    amount: whole,
    open: open === null ? undefined : signed(open),
    paid: paid === null ? undefined : signed(paid),
    status,
    settled: dates.settled_on !== null,
  })
  if (status === 'partial' && open === null && paid === null)
    notice('Partly paid without saying how much: taken as fully open', left)
  if (cell('root_cause') !== '' && staged.root_cause === 'Other' && !/^other$/i.test(cell('root_cause')))
    notice('A root cause that is not known: taken as Other')
  if (status === 'paid' && left !== 0n) {
    wrong('status', `Paid, but ${decimalText(left, currency!)} ${currency} are open.`)
    return rejected()
  }
  staged.document_type = document === 'invoice' && whole < 0n ? 'credit_note' : document!
  staged.amount = whole
  staged.open_amount = left
  return { staged, problems, notices }

  /** Payments and journals often have no number: their kind and day tell them apart. */
  function unnumbered(): string | null {
    const kind = stated === '' ? undefined : readDocumentType(stated)
    if (kind !== 'payment' && kind !== 'journal') return null
    const on = isBlankDate(cell('invoice_date'))
      ? undefined
      : readDay(cell('invoice_date'), reading.days.invoice_date!)
    return on && 'day' in on ? `${stated} ${on.day}` : null
  }

  function debitAndCredit(): bigint | null {
    if (!('debit' in reading.places)) return null
    const debit = money('debit')
    const credit = money('credit')
    return debit === null && credit === null ? null : (debit ?? 0n) - (credit ?? 0n)
  }

  function band(): string | null {
    const said = text('age_bucket')
    return said && bandText(said)
  }

  function readCurrency() {
    const said = cell('currency')
    const beside =
      currencyBeside(cell(amountField)) ??
      currencyBeside(cell('open_amount')) ??
      currencyBeside(cell('debit'))
    const named =
      said !== ''
        ? currencyNamed(said, reading.home_currency)
        : reading.currency && currencyNamed(reading.currency, reading.home_currency)
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
    const read = readStatus(said) ?? (reading.words?.status?.[wordKey(said)] as ReturnType<typeof readStatus>)
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
