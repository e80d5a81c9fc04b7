import type { Deduction, Line, Remittance, Token } from './remittance-text.ts'
import { type Found, ITEMS_MAX, type Item, subsetsOf } from './subset-sum.ts'

// From what a remittance says and what is open, what the payment settles: computed alone, so that it can be shown to add up.

export type OpenDocument = { id: number; number: string; number_key: string; open_amount: number }
export type Reason =
  | 'number'
  | 'number_end'
  | 'amount_exact'
  | 'amount_stated'
  | 'only_amount'
  | 'subset_sum'
  | 'oldest_first'
  | 'short_pay'
  | 'over_pay'
  | 'named_without_amount'
  | 'credit'
export type ProposedLine = {
  document_id: number
  number: string
  open_amount: number
  /** What it settles; of a credit what of it is used. Both positive. */
  amount: number
  is_credit: boolean
  reasons: Reason[]
  /** Open less settled, when the customer says to pay less. */
  difference: number
  difference_reason: Deduction | null
  stated: number | null
  text: string | null
}
export type Proposal = {
  lines: ProposedLine[]
  amount: number
  allocated: number
  credits: number
  unapplied: number
  /** Lines that name something and were not understood. */
  unmatched: { text: string; amount: number | null; why: 'unknown_number' | 'settled' }[]
  /** Other choices that add up just as well, when the customer named none. */
  alternatives: { document_ids: number[]; how: Found['how'] }[]
  too_many: boolean
}

/** Digits and letters alone, each run of digits without leading zeros: MEQ/26/01203 and meq-26-1203 are one. */
export const squeezed = (key: string) =>
  key
    .toUpperCase()
    .split(/[^A-Z0-9]+/)
    .map((run) => run.replace(/(?<![0-9])0+(?=\d)/g, ''))
    .join('')

/** Finds the document a token names: by number, by number however it is written, or by its end when only one ends so. */
export function finderOf(documents: readonly OpenDocument[]) {
  const byKey = new Map(documents.map((each) => [each.number_key, each]))
  const bySqueezed = Map.groupBy(documents, (each) => squeezed(each.number_key))
  const ends = documents.map((each) => [squeezed(each.number_key), each] as const)
  return (token: Token): { document: OpenDocument; how: 'number' | 'number_end' } | null => {
    for (const key of token.keys) {
      const exact = byKey.get(key)
      if (exact) return { document: exact, how: 'number' }
    }
    for (const key of token.keys) {
      const same = bySqueezed.get(squeezed(key))
      if (same?.length === 1) return { document: same[0]!, how: 'number' }
    }
    if (token.isClear) return null
    for (const key of token.keys) {
      const end = squeezed(key)
      if (!/^\d{3,}$|^(?=.*\d)[A-Z0-9]{4,}$/.test(end)) continue
      const found = ends.filter(
        ([whole]) => whole.endsWith(end) && !/\d/.test(whole[whole.length - end.length - 1] ?? ''),
      )
      if (found.length === 1) return { document: found[0]![1], how: 'number_end' }
    }
    return null
  }
}

type Named = { document: OpenDocument; how: 'number' | 'number_end'; stated: number | null; line: Line }

/** Invoices in the order in which they are named, each with the amount that its line states. */
function namedIn(
  lines: readonly Line[],
  find: ReturnType<typeof finderOf>,
): { named: Named[]; loose: number[] } {
  const named = new Map<number, Named>()
  const loose: number[] = []
  for (const line of lines) {
    const here: Named[] = []
    const amounts: { amount: number; isClear: boolean }[] = []
    for (const token of line.tokens) {
      const found = find(token)
      if (found) here.push({ ...found, stated: null, line })
      else if (token.amount !== null) amounts.push({ amount: token.amount, isClear: token.isClear })
    }
    const clear = amounts.filter(({ isClear }) => isClear)
    const usable = (
      clear.length > 0 ? clear : line.text.includes('\t') || here.length === 1 ? amounts : []
    ).map(({ amount }) => amount)
    if (
      here.length === 1 &&
      !(
        line.isTotal &&
        usable.length === 1 &&
        Math.abs(usable[0]!) > Math.abs(here[0]!.document.open_amount) * 2
      )
    )
      here[0]!.stated = statedOf(usable, here[0]!.document)
    else if (here.length > 1 && usable.length === here.length)
      for (const [at, each] of here.entries()) each.stated = usable[at]!
    else if (here.length > 1 || here.length === 0) loose.push(...clear.map(({ amount }) => amount))
    for (const each of here) {
      const known = named.get(each.document.id)
      if (!known) named.set(each.document.id, each)
      else if (known.stated === null) known.stated = each.stated
    }
  }
  return { named: [...named.values()], loose }
}

/** Of several amounts on a line (gross, deduction, net): what is open, else what is left after the others, else the last. */
function statedOf(amounts: number[], { open_amount }: OpenDocument): number | null {
  if (amounts.length <= 1) return amounts[0] ?? null
  const sizes = amounts.map(Math.abs)
  const [gross, ...rest] = sizes
  const net = sizes.at(-1)!
  if (sizes.length >= 3 && gross! - rest.slice(0, -1).reduce((all, each) => all + each, 0) === net)
    return amounts.at(-1)!
  if (sizes.length === 2 && gross === Math.abs(open_amount) && net < gross!) {
    // A gross amount, and beside it what is deducted or what is paid: the smaller of both is the deduction.
    return net * 2 < gross! ? Math.sign(amounts[0]!) * (gross! - net) : amounts[1]!
  }
  return amounts.find((amount) => Math.abs(amount) === Math.abs(open_amount)) ?? amounts.at(-1)!
}

export function propose(
  remittance: Remittance,
  documents: readonly OpenDocument[],
  given: { amount: number | null; settled: ReadonlySet<string> },
): Proposal {
  const find = finderOf(documents)
  const { named, loose } = namedIn(remittance.lines, find)
  const invoices = documents.filter(({ open_amount }) => open_amount > 0)
  const sumStated = named.reduce(
    (all, { stated, document }) => all + (document.open_amount < 0 ? -Math.abs(stated ?? 0) : (stated ?? 0)),
    0,
  )
  const allStated = named.length > 0 && named.every(({ stated }) => stated !== null)
  const positive = loose.filter((amount) => amount > 0)
  const amount = Math.max(
    given.amount ??
      remittance.total ??
      (allStated ? sumStated : positive.length > 0 ? Math.max(...positive) : sumStated > 0 ? sumStated : 0),
    0,
  )
  const lines: ProposedLine[] = named.map(({ document, how, stated, line }) => {
    const isCredit = document.open_amount < 0
    const size = Math.abs(document.open_amount)
    const said = stated === null ? null : Math.abs(stated)
    const reasons: Reason[] = [how, ...(isCredit ? (['credit'] as const) : [])]
    if (said === null) reasons.push('named_without_amount')
    else if (said === size) reasons.push('amount_exact')
    else if (said < size)
      reasons.push(...(isCredit ? (['amount_stated'] as const) : (['amount_stated', 'short_pay'] as const)))
    else reasons.push('amount_stated', 'over_pay')
    const settles = Math.min(said ?? size, size)
    return {
      document_id: document.id,
      number: document.number,
      open_amount: size,
      amount: settles,
      is_credit: isCredit,
      reasons,
      difference: said !== null && said < size && !isCredit ? size - said : 0,
      difference_reason: said !== null && said < size && !isCredit ? line.deduction : null,
      stated: said,
      text: line.text,
    }
  })
  let alternatives: Proposal['alternatives'] = []
  let tooMany = false
  if (lines.length === 0 && amount > 0) {
    const items: Item[] = invoices.map(({ id, open_amount }) => ({ id, amount: open_amount }))
    tooMany = items.length > ITEMS_MAX
    const [best, ...others] = subsetsOf(items, amount)
    const byId = new Map(invoices.map((each) => [each.id, each]))
    for (const id of best?.ids ?? []) {
      const document = byId.get(id)!
      lines.push(
        lineOf(document, document.open_amount, best!.how === 'single' ? 'only_amount' : 'subset_sum'),
      )
    }
    alternatives = others.map(({ ids, how }) => ({ document_ids: ids, how }))
    if (best && best.how !== 'single')
      alternatives = [{ document_ids: best.ids, how: best.how }, ...alternatives]
    // Nothing adds up: the oldest debts first, for a person to confirm or change.
    if (!best) {
      let rest = amount
      for (const document of invoices) {
        if (rest === 0) break
        const part = Math.min(rest, document.open_amount)
        lines.push(lineOf(document, part, 'oldest_first'))
        rest -= part
      }
    }
  }
  trim(lines, amount)
  const sum = (of: ProposedLine[]) => of.reduce((all, line) => all + line.amount, 0)
  const allocated = sum(lines.filter(({ is_credit }) => !is_credit))
  const credits = sum(lines.filter(({ is_credit }) => is_credit))
  return {
    lines,
    amount,
    allocated,
    credits,
    unapplied: amount + credits - allocated,
    unmatched: unmatchedIn(remittance.lines, find, given.settled),
    alternatives,
    too_many: tooMany,
  }
}

const lineOf = (document: OpenDocument, amount: number, reason: Reason): ProposedLine => ({
  document_id: document.id,
  number: document.number,
  open_amount: document.open_amount,
  amount,
  is_credit: false,
  reasons: [reason],
  difference: 0,
  difference_reason: null,
  stated: null,
  text: null,
})

/** Lines never settle more than there is: what was named without an amount gives way first, then the last lines. */
function trim(lines: ProposedLine[], amount: number) {
  const invoices = lines.filter(({ is_credit }) => !is_credit)
  const credits = lines.filter(({ is_credit }) => is_credit)
  const sum = (of: ProposedLine[]) => of.reduce((all, line) => all + line.amount, 0)
  let over = sum(invoices) - amount - sum(credits)
  for (const line of [
    ...invoices.filter(({ stated }) => stated === null).reverse(),
    ...invoices.filter(({ stated }) => stated !== null).reverse(),
  ]) {
    if (over <= 0) break
    const less = Math.min(over, line.amount)
    line.amount -= less
    over -= less
    if (
      line.amount < line.open_amount &&
      !line.reasons.includes('short_pay') &&
      !line.reasons.includes('oldest_first')
    )
      line.reasons.push('short_pay')
    line.difference = line.reasons.includes('short_pay') ? line.open_amount - line.amount : 0
  }
  // A credit is of use only as far as the payment does not reach.
  let spare = sum(credits) - Math.min(sum(credits), Math.max(0, sum(invoices) - amount))
  for (const line of [...credits].reverse()) {
    const less = Math.min(spare, line.amount)
    line.amount -= less
    spare -= less
  }
}

/** What looks like an invoice number and is none that is open: the customer may mean one that is settled, or another's. */
function unmatchedIn(
  lines: readonly Line[],
  find: ReturnType<typeof finderOf>,
  settled: ReadonlySet<string>,
): Proposal['unmatched'] {
  const found: Proposal['unmatched'] = []
  for (const line of lines) {
    if (line.isTotal || line.tokens.some((token) => find(token))) continue
    const named = line.tokens.find(({ keys, isClear }) => !isClear && keys.some((key) => settled.has(key)))
    const number =
      named ??
      line.tokens.find(
        ({ text, isClear, keys }) =>
          !isClear && keys.length > 0 && /\d{2,}/.test(text) && /[A-Z/-]/i.test(text),
      )
    if (!number || !line.tokens.some(({ isClear }) => isClear)) {
      if (named) found.push({ text: named.text, amount: null, why: 'settled' })
      continue
    }
    found.push({
      text: number.text,
      amount: line.tokens.find(({ isClear }) => isClear)?.amount ?? null,
      why: named ? 'settled' : 'unknown_number',
    })
  }
  return found.slice(0, 100)
}
