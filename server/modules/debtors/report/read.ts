import { createHash } from 'node:crypto'
import { Refusal } from '../../../core/errors.ts'
import { styleOf } from './amounts.ts'
import { type Account, assemble, OPEN } from './assemble.ts'
import { bestPhone } from './contacts.ts'
import { controlOf } from './control.ts'
import { pageNumberOf, reportDateOf } from './dates.ts'
import { identify } from './identify.ts'
import { isBucket } from './labels.ts'
import { choose } from './meanings.ts'
import { type Prepared, prepare } from './prepare.ts'
import { reconcile } from './totals.ts'
import {
  BUCKETS,
  type Bucket,
  type Reading,
  type ReadOptions,
  type ReportColumn,
  type ReportLine,
  type ReportRow,
} from './types.ts'
import { sumOf } from './views.ts'
import { asShown, type Page, rowsOf } from './words.ts'

// Pages of words to a reading. Nothing here knows whether they come from text, from a scan or from a sheet.

export function readPages(pages: Page[], how: Reading['how'], name: string, options: ReadOptions): Reading {
  const all = pages.flatMap(({ words }) => words.map(({ text }) => text))
  const style = styleOf(all, options.exponent, options.decimal)
  if (how === 'sheet') style.decimals = 0
  const leading = all.filter((text) => /^-[\d.,]*\d$/.test(text)).length
  const trailing = all.filter((text) => /^\d[\d.,]*-$|^\.\d+-$/.test(text)).length
  const answers = new Map(
    Object.entries(options.columns ?? {}).map(([label, meaning]) => [label.toLowerCase(), meaning]),
  )
  const tops = topLines(pages)
  const date = reportDateOf(tops)
  const prepared = choose(prepare(pages, style, leading > trailing, date, answers))
  const { placed, groups } = prepared
  if (groups.length === 0)
    throw new Refusal(
      400,
      'not_a_report',
      `${name} has no columns of ages such as Current, 30 Days and 60 Days: it is no debtor age analysis. Choose the report that lists balances by age.`,
    )
  const made = assemble(prepared)
  if (made.accounts.length === 0)
    throw new Refusal(
      400,
      'no_accounts',
      `No account was found in ${name}: under the header of ages there is no line with an account and a balance.`,
    )
  identify(
    made.accounts,
    groups.some(({ meanings }) => meanings.includes('account')),
  )
  const { checks, covered, uncovered } = reconcile(made, placed)

  const doubts: string[] = []
  const notes: string[] = []
  const rows = made.accounts.map((account, row) => rowOf(account, row, options.medical_aid ?? []))
  const failing = new Set(
    checks.filter(({ what, agrees }) => what === 'row' && !agrees).map(({ line }) => line),
  )
  for (const row of rows)
    if (failing.has(row.line)) {
      row.confidence = Math.min(row.confidence, 0.3)
      row.notes.push('The ages do not add up to the balance.')
    }
  const lines = placed.map(({ line }, at): ReportLine => {
    const mark = made.marks[at]!
    const page = pages[line.page - 1]!
    return {
      page: line.page,
      line: at,
      text: line.text,
      box: boxOf(page, line.x0 + line.shifted, line.x1 + line.shifted, line.y, line.h),
      kind: mark.reason === OPEN ? 'noise' : mark.kind,
      reason: mark.reason === OPEN ? null : mark.reason,
      row: mark.row,
    }
  })
  for (const page of pages)
    for (const word of page.aslant)
      lines.push({
        page: page.page,
        line: lines.length,
        text: word.text,
        box: { x: word.x0, y: word.y - word.h, width: word.x1 - word.x0, height: word.h },
        kind: 'noise',
        reason: 'runs across the page',
        row: null,
      })

  const { columns, questions } = columnsOf(prepared)
  const of = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`
  const bad = lines.filter(({ kind }) => kind === 'rejected' || kind === 'flagged')
  if (questions.length > 0)
    doubts.push(
      `The meaning of ${questions.map(({ label }) => (label === '' ? 'a column without a label' : `"${label}"`)).join(', ')} is not known. Say what it is.`,
    )
  if (failing.size > 0)
    doubts.push(
      `${of(failing.size, 'account does', 'accounts do')} not add up to the balance that is printed.`,
    )
  const off = checks.filter(({ what, agrees }) => what !== 'row' && !agrees)
  if (off.length > 0)
    doubts.push(`${of(off.length, 'printed total differs', 'printed totals differ')} from the accounts.`)
  if (bad.length > 0) doubts.push(`${of(bad.length, 'line', 'lines')} could not be read for certain.`)
  if (how !== 'sheet' && !covered && off.length === 0)
    doubts.push(
      checks.some(({ what }) => what === 'grand')
        ? `No total of the whole report is printed for ${uncovered.map((column) => column.replace('d', '')).join(', ')}: nothing shows that these are complete.`
        : 'No total of the whole report was found: nothing shows that it is complete.',
    )
  if (
    how === 'sheet' &&
    !covered &&
    off.length === 0 &&
    rows.some(({ balance }) => balance !== 0) &&
    !groups.some(({ meanings }) => meanings.includes('balance'))
  )
    notes.push('The file has neither balances nor totals; balances are the sums of the ages.')
  doubts.push(...doubtsOf(prepared, pages, rows))
  if (how === 'ocr')
    doubts.push(
      'This is a scan: names, numbers and addresses were recognised from a picture. Look them over.',
    )
  const layout = fingerprint(prepared, how)
  if (options.layout && options.layout !== layout)
    notes.push('The layout differs from the last report of this pharmacy.')
  return {
    rows,
    lines,
    checks,
    agrees: doubts.length === 0,
    columns,
    questions,
    layout,
    report_date: date,
    title: titleOf(tops),
    pages: pages.map(({ page, width, height, rotation }) => ({ page, width, height, rotation })),
    how,
    warnings: [...doubts, ...notes],
  }

  function rowOf(account: Account, _row: number, listed: string[]): ReportRow {
    const { figures } = account
    const control = controlOf(account.account, account.name, account.section, listed)
    return {
      acc_no: account.account,
      name: account.name,
      buckets: figures.buckets,
      balance: figures.balance ?? sumOf(figures.buckets),
      email: account.emails[0]?.toLowerCase() === undefined ? null : account.emails[0]!,
      phone: bestPhone(account.phones),
      ...control,
      page: placed[account.at]!.line.page,
      line: account.at,
      sub_of: account.sub_of,
      confidence: account.doubtful ? 0.2 : how === 'ocr' ? 0.8 : 1,
      notes: [...account.notes],
    }
  }
}

const boxOf = (page: Page, x0: number, x1: number, y: number, h: number) => {
  const [ax, ay] = asShown(page, x0, y - h * 0.8)
  const [bx, by] = asShown(page, x1, y + h * 0.2)
  const round = (value: number) => Math.round(value * 100) / 100
  return {
    x: round(Math.min(ax, bx)),
    y: round(Math.min(ay, by)),
    width: round(Math.abs(bx - ax)),
    height: round(Math.abs(by - ay)),
  }
}

const topLines = (pages: Page[]) =>
  pages.slice(0, 1).flatMap(({ words }) =>
    rowsOf(words, (word) => ({ x: word.x0, y: word.y, h: word.h }))
      .slice(0, 14)
      .map((row) => row.map(({ text }) => text).join(' ')),
  )

const titleOf = (lines: string[]) =>
  lines.find((line) =>
    /\b(?:age(?:ing|d)?|aging)\b.*\b(?:analysis|balance|report|debtors|summary)\b|\bdebtors?\b.*\bage|ouderdom|\breceivables?\b/i.test(
      line,
    ),
  ) ??
  lines.find((line) => /\p{L}{3}/u.test(line)) ??
  null

function columnsOf({ groups }: Prepared) {
  const columns: ReportColumn[] = []
  const questions: Reading['questions'] = []
  for (const group of groups)
    for (const column of group.columns.columns) {
      const page = Math.min(...group.pages)
      const at =
        columns.push({
          label: column.label,
          meaning: column.meaning,
          page: Number.isFinite(page) ? page : 1,
          x0: Math.min(column.x0, column.from),
          x1: Math.max(column.x1, column.to),
        }) - 1
      const asked = questions.some(({ label }) => label === column.label && label !== '')
      if (column.question && !asked)
        questions.push({ column: at, label: column.label, guess: column.question.guess })
    }
  return { columns, questions }
}

/** What a person should look at although the figures may agree. */
function doubtsOf({ groups, headed }: Prepared, pages: Page[], rows: ReportRow[]): string[] {
  const doubts: string[] = []
  // Two labels that changed places change the printed totals along with the accounts: only their order shows it.
  for (const { columns, header } of groups) {
    const steps = columns.columns
      .filter(({ meaning }) => isBucket(meaning))
      .sort((a, b) => a.tier - b.tier || a.x0 - b.x0)
      .map(({ meaning }) => BUCKETS.indexOf(meaning as Bucket))
    const turns = steps.slice(1).map((step, at) => Math.sign(step - steps[at]!))
    if (header.tiers === 1 && turns.includes(1) && turns.includes(-1))
      doubts.push(
        'The ages stand neither from young to old nor from old to young. See that each column is what it says.',
      )
  }
  // Pages that lost the header all others have.
  const withRows = new Set(rows.map(({ page }) => page))
  const without = pages.filter(({ page }) => withRows.has(page) && !headed.has(page)).map(({ page }) => page)
  if (headed.size >= 2 && without.length > 0)
    doubts.push(
      `Page ${without.join(', ')} has no header, although others have: its columns are taken to be those of the page before.`,
    )
  // Printed page numbers.
  const numbers = pages.map(({ words }) => {
    const found = rowsOf(words, (word) => ({ x: word.x0, y: word.y, h: word.h }))
      .map((row) => pageNumberOf(row.map(({ text }) => text).join(' ')))
      .filter((number) => number !== null)
    return found.length === 1 ? found[0]! : null
  })
  for (let at = 1; at < numbers.length; at++) {
    const [last, next] = [numbers[at - 1], numbers[at]]
    if (last && next && next.page !== last.page + 1 && next.page > 1)
      doubts.push(`Page ${next.page} follows page ${last.page}: pages are missing or out of order.`)
  }
  const stated = numbers.find((number) => number?.of)?.of
  if (stated && stated > pages.length && numbers.at(-1)?.page !== stated)
    doubts.push(`The report says that it has ${stated} pages, and ${pages.length} are here.`)
  const seen = new Map<string, ReportRow>()
  for (const row of rows) {
    const twin = row.acc_no === '' ? undefined : seen.get(row.acc_no)
    if (twin) {
      row.notes.push(`Account ${row.acc_no} is on page ${twin.page} as well.`)
      doubts.push(`Account ${row.acc_no} stands in the report twice.`)
    }
    seen.set(row.acc_no, row)
    if (row.acc_no === '') doubts.push(`${row.name || 'An account'} has no account number.`)
  }
  return doubts
}

/** Labels from left to right, without the names of months, which move on. */
function fingerprint({ groups }: Prepared, how: string): string {
  const [first] = groups
  const labels = first!.columns.columns
    .filter(({ label }) => label !== '')
    .map(({ label, meaning }) =>
      isBucket(meaning) && /[a-z]{3}/i.test(label) && !/day|dae|cur|huid|month|period|over|older/i.test(label)
        ? meaning
        : label.toLowerCase().replaceAll(/\s+/g, ' '),
    )
  return createHash('sha256')
    .update(
      [
        how === 'sheet' ? 'sheet' : 'paper',
        first!.header.tiers,
        first!.header.split !== null,
        ...labels,
      ].join('|'),
    )
    .digest('hex')
    .slice(0, 24)
}
