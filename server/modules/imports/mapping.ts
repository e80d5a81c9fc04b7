import { invalidField } from '../../core/errors.ts'
import { isCurrency } from '../../core/money.ts'
import type { Shape } from './target.ts'

/** Field -> place of its column in the file. */
export type Places = Record<string, number>
/** Field -> header as the file writes it. */
export type Mapping = Record<string, string>

/** The month in front of what a sheet says month by month. */
const months =
  /^(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?:20\d\d|\d\d)?(?=outstanding|open|balance|pending)/
/** Words that headers shorten: `Inv. No`, `Outstg.Amt`, `Doc. Date`. */
const shortened: Record<string, string> = {
  '#': 'number',
  no: 'number',
  nr: 'number',
  num: 'number',
  amt: 'amount',
  amnt: 'amount',
  inv: 'invoice',
  cust: 'customer',
  doc: 'document',
  outst: 'outstanding',
  outstg: 'outstanding',
  bal: 'balance',
  curr: 'currency',
  ref: 'reference',
  dt: 'date',
}
/** What stands before a `no` that is written in one word with it: `invoiceno`. */
const numbered =
  /(?<=^(?:invoice|bill|voucher|document|customer|account|reference|order|po|purchaseorder))no$/

const folded = new Map<string, string>()
/**
 * A header without case, spaces and punctuation, and with its shortened words in full: `Inv. No.`, `Invoice #`,
 * `InvoiceNo` and `invoice_number` are one name.
 */
export function foldHeader(name: string): string {
  const known = folded.get(name)
  if (known !== undefined) return known
  const words = name
    .normalize('NFKC')
    .replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ')
    .toLowerCase()
    .replaceAll('#', ' # ')
    .split(/[^\p{L}\p{N}#]+/u)
  const text = words
    .map((word) => (Object.hasOwn(shortened, word) ? shortened[word] : word))
    .join('')
    .replace(numbered, 'number')
  if (folded.size > 5_000) folded.clear()
  folded.set(name, text)
  return text
}

/** A currency that a header gives beside the name of its column: `Balance (AUD)`, `Total in EUR`. */
export function currencyInHeader(header: string): string | undefined {
  const said =
    /[([]\s*([A-Z]{3}|\p{Sc}|[A-Z]{1,2}\$|Rs\.?)\s*[)\]]\s*$/u.exec(header)?.[1] ??
    /\bin ([A-Z]{3})$/.exec(header)?.[1]
  return said && (!/^[A-Z]{3}$/.test(said) || isCurrency(said)) ? said : undefined
}

/** The name of a column without what changes from file to file: its currency, and the month of `July.Outstg.Amt`. */
export function nameOf(header: string): string {
  const bare = currencyInHeader(header)
    ? header.replace(/[([][^)\]]*[)\]]\s*$/u, '').replace(/\bin [A-Z]{3}$/, '')
    : header
  return foldHeader(bare).replace(months, '')
}

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
/** The month that a header names: 7 of `July.Outstg.Amt`. */
export function monthIn(header: string): number | undefined {
  const found = months.exec(foldHeader(header))
  return found ? monthNames.indexOf(found[0].slice(0, 3)) + 1 : undefined
}

export const fieldNamed = (target: Pick<Shape, 'fields' | 'needed'>, name: string) => {
  const wanted = foldHeader(name)
  return target.fields.find((field) =>
    [field.name, ...(field.aliases ?? [])].some((each) => foldHeader(each) === wanted),
  )
}

/** Reads a mapping as clients send it, {field: column header}; a field without a column is null, '' or left out. */
export function readMapping(
  target: Pick<Shape, 'fields' | 'needed'>,
  given: unknown,
  whole = true,
): { mapping: Mapping; errors: string[] } {
  const mapping: Mapping = {}
  if (given === null || typeof given !== 'object' || Array.isArray(given))
    return { mapping, errors: ['mapping must be a JSON object of field names and column headers.'] }
  const errors: string[] = []
  for (const [name, header] of Object.entries(given)) {
    const field = fieldNamed(target, name)
    if (!field)
      errors.push(
        `There is no field "${name}". Fields: ${target.fields.map((each) => each.name).join(', ')}.`,
      )
    else if (header === null || header === '') continue
    else if (typeof header !== 'string')
      errors.push(`The column of ${name} must be a header of the file, as text.`)
    else if (mapping[field.name] !== undefined) errors.push(`The field ${field.name} is mapped twice.`)
    else mapping[field.name] = header.trim()
  }
  return { mapping, errors: [...errors, ...(errors.length || !whole ? [] : missingFields(target, mapping))] }
}

/** Refuses what words of the status column are said to mean when it is none of the choices. */
export function requireMeanings(target: Pick<Shape, 'fields'>, words: Readonly<Record<string, string>>) {
  const choices =
    target.fields.find(({ name }) => name === 'status')?.choices?.map(({ value }) => value) ?? []
  const wrong = Object.values(words).find((meaning) => !choices.includes(meaning))
  if (wrong !== undefined)
    throw invalidField('status_words', `No meaning "${wrong}". Meanings: ${choices.join(', ')}.`)
}

const missingFields = (target: Pick<Shape, 'fields' | 'needed'>, mapping: Mapping) =>
  target.needed
    .map((need) => [need].flat())
    .filter((names) => !names.some((name) => mapping[name] !== undefined))
    .map((names) => `The mapping names no column for ${names.join(' or ')}.`)

/** How many wanted columns a record names: the record that names most is the header. */
export function headerScore(wanted: Mapping): (cells: string[]) => number {
  const names = new Set(Object.values(wanted).map(foldHeader))
  return (cells) => new Set(cells.map(foldHeader).filter((cell) => names.has(cell))).size
}

/** Finds each wanted column in the header; errors name those that are not there, or there twice. */
export function placeColumns(
  wanted: Mapping,
  columns: string[],
): { places: Places; mapping: Mapping; errors: string[] } {
  const places: Places = {}
  const mapping: Mapping = {}
  const errors: string[] = []
  const folded = columns.map(foldHeader)
  for (const [field, header] of Object.entries(wanted)) {
    // The name as written decides between columns that differ in punctuation alone.
    const exact = columns.flatMap((column, at) => (column === header ? [at] : []))
    const found =
      exact.length > 0 ? exact : folded.flatMap((column, at) => (column === foldHeader(header) ? [at] : []))
    const [at] = found
    if (at === undefined) errors.push(`Missing column: ${header}`)
    else if (found.length > 1)
      errors.push(`The column ${header} is there ${found.length} times; it must be unique.`)
    else {
      places[field] = at
      mapping[field] = columns[at]!
    }
  }
  return { places, mapping, errors }
}
