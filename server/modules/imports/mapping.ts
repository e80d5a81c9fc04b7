import type { Target } from './target.ts'

/** Field -> place of its column in the file. */
export type Places = Record<string, number>
/** Field -> header as the file writes it. */
export type Mapping = Record<string, string>

/** A header without case, spaces and punctuation: `Invoice No.` and `invoice_no` are one name. */
export const foldHeader = (name: string) =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll('#', 'number')
    .replace(/[^\p{L}\p{N}]/gu, '')

const fieldNamed = (target: Target, name: string) => {
  const wanted = foldHeader(name)
  return target.fields.find((field) =>
    [field.name, ...(field.aliases ?? [])].some((each) => foldHeader(each) === wanted),
  )
}

/** Reads a mapping as clients send it, {field: column header}; a field without a column is null, '' or left out. */
export function readMapping(target: Target, given: unknown): { mapping: Mapping; errors: string[] } {
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
  return { mapping, errors: [...errors, ...(errors.length ? [] : missingFields(target, mapping))] }
}

const missingFields = (target: Target, mapping: Mapping) =>
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
