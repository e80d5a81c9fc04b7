import type { Account, Assembled, Total } from './assemble.ts'
import type { Placed } from './prepare.ts'
import { BUCKETS, type Bucket, type Check } from './types.ts'
import { type Figures, sumOf } from './views.ts'
import { words } from './wording.ts'

// Printed totals against the sums of the accounts, in minor units.

type Column = Bucket | 'balance'
type Scope = { what: Check['what']; rows: Account[] }
export const COLUMNS: Column[] = [...BUCKETS, 'balance']

export const figureOf = (figures: Figures, column: Column) =>
  column === 'balance' ? (figures.balance ?? sumOf(figures.buckets)) : figures.buckets[column]

const summed = (rows: Account[], column: Column) =>
  rows.reduce((sum, { figures }) => sum + figureOf(figures, column), 0)

export type Reconciled = {
  checks: Check[]
  /** Every column of every account is within a total of the whole report that agrees. */
  covered: boolean
  /** The total that covers most is there, and something of it is not. */
  uncovered: Column[]
}

export function reconcile(made: Assembled, placed: Placed[]): Reconciled {
  const { accounts, totals } = made
  const pageOf = (at: number) => placed[at]!.line.page
  const checks: Check[] = []
  const printedColumns = new Set(accounts.flatMap(({ group }) => columnsIn(group)))
  const agreed = new Set<Column>()
  let previous = 0

  for (const account of accounts) {
    if (account.figures.balance === null) continue
    const total = sumOf(account.figures.buckets)
    if (total !== account.figures.balance)
      checks.push({
        what: 'row',
        label: `${account.account} ${account.name}`.trim(),
        page: pageOf(account.at),
        line: account.at,
        column: 'balance',
        printed: account.figures.balance,
        summed: total,
        agrees: false,
      })
  }

  const plain = totals.filter(({ label, again }) => !again && isWhole(label))
  for (const total of totals) {
    const columns = COLUMNS.filter((column) => total.figures.printed.has(column))
    const scopes = scopesOf(total, previous)
    const agrees = (scope: Scope, column: Column) =>
      summed(scope.rows, column) === figureOf(total.figures, column)
    const best =
      scopes.find((scope) => columns.every((column) => agrees(scope, column))) ??
      scopes
        .map((scope) => ({ scope, count: columns.filter((column) => agrees(scope, column)).length }))
        .sort((a, b) => b.count - a.count || (a.scope.what === 'grand' ? -1 : 0))[0]!.scope
    for (const column of columns)
      checks.push({
        what: best.what,
        label: total.label,
        page: pageOf(total.at),
        line: total.at,
        column,
        printed: figureOf(total.figures, column),
        summed: summed(best.rows, column),
        agrees: agrees(best, column),
      })
    if (best.what === 'grand' && isWhole(total.label)) {
      for (const column of columns) if (agrees(best, column)) agreed.add(column)
      // Where zeros are left blank, a blank total is zero.
      if (columns.length > 1)
        for (const column of COLUMNS)
          if (!columns.includes(column) && printedColumns.has(column) && summed(accounts, column) === 0)
            agreed.add(column)
    }
    if (best.what !== 'carried') previous = total.after
  }
  const uncovered = [...printedColumns].filter((column) => !agreed.has(column))
  return { checks, covered: accounts.length > 0 && uncovered.length === 0, uncovered }

  /** What a total may be the total of, by its words and its place; the likeliest first. */
  function scopesOf(total: Total, since: number): Scope[] {
    const page = pageOf(total.at)
    const before = accounts.slice(0, total.after)
    const all: Scope = { what: 'grand', rows: accounts }
    const onPage: Scope = { what: 'page', rows: accounts.filter(({ at }) => pageOf(at) === page) }
    const onPageBefore: Scope = { what: 'page', rows: before.filter(({ at }) => pageOf(at) === page) }
    const run: Scope = { what: 'section', rows: accounts.slice(since, total.after) }
    const running: Scope = { what: 'carried', rows: before }
    const lastRow = accounts[total.after - 1]
    const section: Scope = {
      what: 'section',
      rows: lastRow ? accounts.slice(made.sectionOf[total.after - 1] ?? 0, total.after) : [],
    }
    const named: Scope[] = total.of ? branch(total) : []
    const { label } = total
    if (words.grand.test(label)) return [all]
    if (words.brought.test(label))
      return [running, { what: 'carried', rows: accounts.filter(({ at }) => pageOf(at) < page) }]
    if (words.carried.test(label)) return [running, onPage, onPageBefore]
    if (words.page.test(label)) return [onPage, onPageBefore, running, run]
    if (total.of) return [...named, section, run]
    if (words.sub.test(label)) return [run, section, onPage, onPageBefore, running]
    if (/section|group|medical|branch/i.test(label)) return [section, run]
    if (label === '') return [all, run, onPage, onPageBefore, section, running]
    return plain.at(-1) === total
      ? [all, run, section, onPage]
      : [all, onPage, onPageBefore, run, section, running]
  }

  /** A customer together with its branches. */
  function branch(total: Total): Scope[] {
    const name = total.of!.toLowerCase()
    const rows: Account[] = []
    for (const account of accounts.slice(0, total.after).reverse()) {
      const own = account.name.toLowerCase() === name || account.account.toLowerCase() === name
      if (own || account.sub_of?.toLowerCase() === name) rows.unshift(account)
      else if (rows.length > 0) break
    }
    const inSection = accounts.filter(({ section }) => section?.toLowerCase() === name)
    return [
      { what: 'section', rows },
      { what: 'section', rows: inSection },
    ]
  }
}

/** Not the total of a page or section by its own words: then it may speak for the whole report. */
const isWhole = (label: string) =>
  !words.page.test(label) &&
  !words.carried.test(label) &&
  !words.brought.test(label) &&
  !words.sub.test(label)

function columnsIn(group: Account['group']): Column[] {
  return group.meanings.filter((meaning): meaning is Column => COLUMNS.includes(meaning as Column))
}
