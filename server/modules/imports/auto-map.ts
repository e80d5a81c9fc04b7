import { cut } from '../../core/schema.ts'
import type { Row } from '../../core/tabular.ts'
import { currencyInHeader, foldHeader, type Mapping, nameOf } from './mapping.ts'
import { bearsOut, examplesOf, isRunning, type Profile, profileOf, sameValues } from './profile.ts'
import type { Field, Layout, MappingProposal, Question, Shape } from './target.ts'

// Which column feeds which field, from headers and contents. A name of the first rank is taken at its word; a shorter
// one ("Amount", "Date") when the contents bear it out; between equals a person decides. Nothing is guessed.

type Column = { header: string; name: string; at: number; profile: Profile }
type Choice = MappingProposal[number]

type AutoMap = {
  mapping: Mapping
  proposal: MappingProposal
  questions: Question[]
  /** Some column holds days, and some other amounts with decimals. */
  dated: boolean
}

export function findLayout(layouts: readonly Layout[], columns: readonly string[]): Layout | undefined {
  const names = new Set(columns.flatMap((column) => [foldHeader(column), nameOf(column)]))
  return layouts.find((layout) => layout.has.every((header) => names.has(header)))
}

/** How many columns a record names that some field knows: what a header does and a row does not. */
export function knownHeaders(shape: Shape): (cells: string[]) => number {
  const names = new Set([
    ...shape.fields.flatMap((field) =>
      [field.name, ...(field.headers ?? []).flat(), ...(field.doubtful ?? [])].map(foldHeader),
    ),
    ...shape.layouts.flatMap((layout) => layout.has),
    ...Object.values(shape.standard).map(foldHeader),
  ])
  const known = (cells: string[]) =>
    new Set(cells.map((cell) => (cell.length > 80 ? '' : nameOf(cell))).filter((name) => names.has(name)))
      .size
  // One alone may be a word of a row: "Invoice", "Open".
  return (cells) => {
    const count = known(cells)
    return count > 1 ? count : 0
  }
}

/**
 * Decides for every field that `fixed` does not decide already. `heading` says that the headings above the rows feed
 * the field of that name.
 */
export function autoMap(
  shape: Shape,
  headers: readonly string[],
  sample: readonly Row[],
  layout: Layout | undefined,
  fixed: Readonly<Record<string, { column: string | null; why: string }>>,
  heading: string | null,
): AutoMap {
  // What stands alone in its row is a heading or a note, and says nothing about the column that it is printed in.
  const full = sample.filter(({ cells }) => cells.filter((cell) => cell.trim() !== '').length > 1)
  const columns: Column[] = headers
    .map((header, at) => ({ header, name: nameOf(header), at, profile: profileOf(full, at) }))
    .filter(({ header }) => header !== '')
  const choices = new Map<string, Choice>()
  const free = new Set(columns)
  const settle = (field: string, column: Column | null, why: string) => {
    if (column) free.delete(column)
    choices.set(field, {
      field,
      column: column?.header ?? null,
      certainty: column ? 'known' : 'none',
      why,
      candidates: column ? [column.header] : [],
    })
  }
  const ask = (field: string, candidates: Column[], why: string) =>
    choices.set(field, {
      field,
      column: null,
      certainty: 'asked',
      why,
      candidates: candidates.map(({ header }) => header),
    })

  for (const [field, { column, why }] of Object.entries(fixed)) {
    const found = columns.find(({ header }) => header === column)
    settle(field, found ?? null, why)
  }
  for (const [field, name] of Object.entries(layout?.mapping ?? {})) {
    if (choices.has(field)) continue
    const found = columns.find((column) => column.name === name || foldHeader(column.header) === name)
    if (found || name === null) settle(field, found ?? null, `${layout!.name} names it so.`)
  }
  if (heading && !choices.has(heading))
    choices.set(heading, {
      field: heading,
      column: null,
      certainty: 'known',
      why: 'It stands in the headings above the rows.',
      candidates: [],
    })

  const ranks = Math.max(...shape.fields.map((field) => field.headers?.length ?? 0))
  for (let rank = 0; rank < ranks; rank++) {
    for (const field of shape.fields) {
      const names = field.headers?.[rank]
      if (!names || choices.has(field.name)) continue
      if (field.unless?.some((name) => choices.get(name)?.column || choices.get(name)?.certainty === 'asked'))
        continue
      const named = [...free].filter(({ name }) => names.includes(name))
      if (named.length === 0) continue
      const fitting = fits(field, named, rank)
      const doubted =
        field.asks && rank > 0 && rank === field.headers!.length - 1
          ? fits(
              field,
              [...free].filter(({ name }) => field.doubtful?.includes(name)),
              1,
            )
          : []
      const [first, ...others] = fitting
      if (!first) {
        // What its name says beyond doubt and its contents deny is a matter for a person.
        if (rank === 0 && field.asks && named[0]!.profile.values.length >= 3)
          ask(field.name, named, `The column ${named[0]!.header} does not hold ${holds[field.kind]}.`)
      } else if (doubted.length > 0) {
        ask(field.name, [...fitting, ...doubted], 'Several columns may be meant.')
      } else if (others.length === 0 || !field.asks) {
        settle(
          field.name,
          first,
          rank === 0 ? 'Its header says so.' : `Its header says so, and it holds ${holds[field.kind]}.`,
        )
      } else if (others.every((other) => sameValues(first.profile, other.profile))) {
        settle(field.name, first, `It says the same as ${others.map(({ header }) => header).join(', ')}.`)
      } else ask(field.name, fitting, 'Several columns may be meant.')
    }
  }
  for (const field of shape.fields) {
    if (choices.has(field.name) || !field.asks) continue
    if (field.unless?.some((name) => choices.get(name)?.column)) continue
    const doubtful = fits(
      field,
      [...free].filter(({ name }) => field.doubtful?.includes(name)),
      1,
    )
    if (doubtful.length > 0) ask(field.name, doubtful, 'Its header may mean something else.')
  }
  // A field that a better one replaces may have been found first: it had the plainer name.
  for (const { name, unless } of shape.fields)
    if (
      unless?.some((other) => choices.get(other)?.certainty === 'known') &&
      choices.get(name)?.column !== undefined &&
      !(name in fixed)
    )
      choices.delete(name)
  const open = choices.get('open_amount')
  const [balance, amount] = [open, choices.get('amount')].map((choice) =>
    columns.find(({ header }) => header === choice?.column),
  )
  if (balance && amount && !('open_amount' in fixed) && isRunning(balance.profile, amount.profile))
    choices.set('open_amount', {
      field: 'open_amount',
      column: null,
      certainty: 'none',
      why: `${balance.header} is a running balance: each is the one above plus ${amount.header}.`,
      candidates: [balance.header],
    })
  else if (balance && amount && !('open_amount' in fixed) && differ(balance.header, amount.header))
    ask('open_amount', [balance], `${balance.header} is in another currency than ${amount.header}.`)
  pairCurrency(shape, columns, choices)
  askForNeeded(shape, columns, [...free], choices)

  const proposal = shape.fields.map(
    ({ name }): Choice =>
      choices.get(name) ?? {
        field: name,
        column: null,
        certainty: 'none',
        why: 'No column names it.',
        candidates: [],
      },
  )
  const mapping = Object.fromEntries(
    proposal.flatMap(({ field, column }) => (column === null ? [] : [[field, column]])),
  )
  const questions = proposal
    .filter(({ certainty }) => certainty === 'asked')
    .map((choice) => mappingQuestion(choice, columns, needsOf(shape, choice.field).length > 0))
  const holding = (what: 'days' | 'decimals') => columns.some(({ profile }) => profile[what] >= 0.6)
  return { mapping, proposal, questions, dated: holding('days') && holding('decimals') }
}

const differ = (a: string, b: string) => {
  const [one, other] = [currencyInHeader(a), currencyInHeader(b)]
  return one !== undefined && other !== undefined && one !== other
}

const holds = { day: 'days', amount: 'amounts', code: 'codes', text: 'text' }

/** Of columns with a fitting name those whose contents fit; empty ones only when no other is filled. */
function fits(field: Field, named: Column[], rank: number): Column[] {
  const filled = named.filter(({ profile }) => profile.values.length > 0)
  const fitting = (filled.length > 0 ? filled : named).filter(({ profile }) => bearsOut(profile, field))
  // A name beyond doubt is taken although some of its cells are wrong: those rows are rejected, with the reason.
  if (rank === 0 && fitting.length === 0 && filled.length === 1 && someFit(field, filled[0]!.profile))
    return filled
  return fitting
}
const someFit = (field: Field, { days, amounts, values }: Profile) =>
  values.length < 3 ||
  (field.kind === 'day'
    ? days > 0 || values.every(({ value }) => /^[\d.#]+$/.test(value))
    : field.kind !== 'amount' || amounts > 0)

/** The currency of an amount stands in a certain column: that of another amount would be wrong. */
function pairCurrency(shape: Shape, columns: Column[], choices: Map<string, Choice>) {
  const amount = choices.get('amount')
  const currency = choices.get('currency')
  const names = amount?.column ? shape.pairs[nameOf(amount.column)] : undefined
  if (!names || (currency?.column && names.includes(nameOf(currency.column)))) return
  const own = columns.find(({ name }) => names.includes(name))
  choices.set('currency', {
    field: 'currency',
    column: own?.header ?? null,
    certainty: own ? 'known' : 'none',
    why: own
      ? `It is the currency of ${amount!.column}.`
      : `No column gives the currency of ${amount!.column}.`,
    candidates: own ? [own.header] : [],
  })
}

const needsOf = (shape: Shape, field: string) =>
  shape.needed.map((need) => [need].flat()).filter((need) => need.includes(field))

/** A field that the target needs and no column names is asked, with every column that may hold it. */
function askForNeeded(shape: Shape, columns: Column[], free: Column[], choices: Map<string, Choice>) {
  for (const names of shape.needed.map((need) => [need].flat())) {
    if (
      names.some(
        (name) =>
          choices.get(name)?.column ||
          (choices.get(name)?.certainty !== undefined && choices.get(name)!.certainty !== 'none'),
      )
    )
      continue
    const asked = names.includes(shape.heading) ? shape.heading : names[0]
    const field = shape.fields.find(({ name }) => name === asked)!
    const candidates = free.filter((column) => mayHold(field, column, columns))
    if (candidates.length === 0) continue
    choices.set(field.name, {
      field: field.name,
      column: null,
      certainty: 'asked',
      why: 'No header names it.',
      candidates: candidates.map(({ header }) => header),
    })
  }
}

function mayHold(field: Field, { profile, name }: Column, columns: Column[]) {
  const { values, days, amounts, decimals, lettered } = profile
  if (values.length === 0 || days >= 0.6) return false
  if (columns.some((other) => other.name === name && other.profile !== profile)) return false
  if (field.kind === 'amount')
    return amounts >= 0.6 && (decimals > 0 || !values.every(({ value }) => /^\d{1,4}$/.test(value)))
  if (field.kind === 'code')
    return decimals < 0.6 && new Set(values.map(({ value }) => value)).size > 1 === values.length > 1
  return lettered >= 0.5
}

function mappingQuestion(choice: Choice, columns: Column[], needed: boolean): Question {
  const said = choice.field.replaceAll('_', ' ')
  const of = (header: string) => columns.find((column) => column.header === header)!
  return {
    id: 'mapping',
    field: choice.field,
    column: choice.candidates.join(', '),
    message: `Which column is the ${said}? ${choice.why}`,
    options: [
      ...choice.candidates.map((column) => ({
        value: column,
        label: `${column}: ${examplesOf(of(column).profile)
          .map(({ value }) => cut(value, 40))
          .join(', ')}`,
      })),
      ...(needed ? [] : [{ value: '', label: 'none of them' }]),
    ],
    examples: choice.candidates.flatMap((column) =>
      examplesOf(of(column).profile)
        .slice(0, 2)
        .map(({ row, value }) => ({ row, value: cut(value, 200), means: { column } })),
    ),
  }
}

/** Whether a file that lacks something needed is a table of the target's things all the same, and worth asking about. */
export function isEvident(shape: Shape, { proposal, dated }: AutoMap): boolean {
  const groups = shape.needed.map((need) => proposal.filter(({ field }) => [need].flat().includes(field)))
  if (groups.some((group) => group.every(({ certainty }) => certainty === 'none'))) return false
  const known = proposal.filter(({ column }) => column !== null).length
  return (
    dated || known >= 2 || groups.filter((group) => group.some(({ column }) => column !== null)).length >= 2
  )
}
