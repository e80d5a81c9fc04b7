import { type Contacts, contactsIn } from './contacts.ts'
import { finish } from './finish.ts'
import type { Group, Prepared } from './prepare.ts'
import { hasDetails, leftText, normal, repeatedTexts, shapeOf, shapesOf } from './profile.ts'
import type { LineKind } from './types.ts'
import { type Figures, figuresOf, type View, viewOf } from './views.ts'
import { words } from './wording.ts'

// Lines to accounts: which line is an account, which belongs to one, which is a total.

export type Account = {
  /** Index of the line of its amounts, and of its name. */
  at: number
  nameAt: number
  group: Group
  account: string
  name: string
  nameX: number
  nameEnd: number
  figures: Figures
  emails: string[]
  phones: string[]
  /** Text of its columns of contacts, which may go on below. */
  contact: string
  section: string | null
  sub_of: string | null
  notes: string[]
  doubtful: boolean
}
export type Total = {
  at: number
  label: string
  figures: Figures
  /** Accounts before it. */
  after: number
  /** What its label names. */
  of: string | null
  /** Repeats the one before it. */
  again: boolean
}
export type Marked = { kind: LineKind; reason: string | null; row: number | null }
export type Assembled = {
  accounts: Account[]
  totals: Total[]
  marks: Marked[]
  views: View[]
  /** For each account, the index of the first of its section. */
  sectionOf: number[]
}

/** Still to be told: name, heading or note. */
export const OPEN = 'open'

const rule = /^[\s\-_=*.~|+<>:/\\]+$/

export function assemble({ placed, groups }: Prepared): Assembled {
  const views = placed.map(({ line, group }) => viewOf(line, group === null ? null : groups[group]!))
  const marks: Marked[] = placed.map(() => ({ kind: 'noise', reason: null, row: null }))
  const mark = (at: number, kind: LineKind, reason: string | null = null, row: number | null = null) => {
    marks[at] = { kind, reason, row }
  }
  const repeated = repeatedTexts(placed)
  const hasAccount = groups.some(({ meanings }) => meanings.includes('account'))
  const shapes = shapesOf(views, placed)
  const known = (account: string) => account !== '' && shapes.has(shapeOf(account))
  const details = hasDetails(views, placed)
  const accounts: Account[] = []
  const totals: Total[] = []
  const taken = new Set<number>()
  let head = null as { at: number; view: View; contacts: Contacts; details: number } | null
  let label: { at: number; text: string } | null = null
  let afterTotal: Total | null = null

  function addAccount(at: number, view: View, from: { at: number; view: View } = { at, view }): number {
    const side = contactsOf(view)
    const name = contactsIn(from.view.name)
    const account: Account = {
      at,
      nameAt: from.at,
      group: view.group!,
      account: from.view.account.trim(),
      name: name.emails.length + name.phones.length > 0 || name.fields ? name.rest : from.view.name.trim(),
      nameX: from.view.nameX,
      nameEnd: from.view.nameEnd,
      figures: figuresOf(view.amounts, view.group!),
      emails: [...side.emails, ...(from.view === view ? [] : name.emails)],
      phones: [...side.phones, ...(from.view === view ? [] : name.phones)],
      contact: `${view.phone} ${view.email}`.trim(),
      section: null,
      sub_of: null,
      notes: [],
      doubtful: false,
    }
    const row = accounts.push(account) - 1
    doubt(account, view)
    mark(at, account.doubtful ? 'flagged' : 'account', account.notes.join(' ') || null, row)
    label = null
    afterTotal = null
    head = null
    if (view.group!.header.tiers === 2) secondTier(at, row)
    return row
  }

  function doubt(account: Account, view: View) {
    const bad = view.unreadable.map(
      (column) => view.group!.columns.columns[column]!.label || 'a column without a label',
    )
    if (bad.length > 0) account.notes.push(`The amount under ${bad.join(', ')} cannot be read.`)
    if (view.strays.length > 0) account.notes.push(`${view.strays.join(', ')} stands between the columns.`)
    account.doubtful ||= account.notes.length > 0
  }

  /** The other half of an account or total whose columns take two lines. */
  function second(at: number): View | null {
    const next = placed[at + 1]
    if (!next || next.group !== placed[at]!.group || next.header || next.line.page !== placed[at]!.line.page)
      return null
    const view = viewOf(next.line, groups[next.group!]!, 1)
    if (known(views[at + 1]!.account) || words.total.test(view.text)) return null
    return view
  }

  function secondTier(at: number, row: number) {
    const view = second(at)
    if (!view) return
    const account = accounts[row]!
    account.figures = figuresOf(new Map([...views[at]!.amounts, ...view.amounts]), account.group)
    const contacts = contactsIn(view.text)
    account.emails.push(...contacts.emails)
    account.phones.push(...contacts.phones)
    doubt(account, view)
    if (account.doubtful) mark(at, 'flagged', account.notes.join(' '), row)
    mark(at + 1, 'continuation', null, row)
    taken.add(at + 1)
  }

  function addTotal(at: number, view: View, text: string, again = false) {
    let { amounts } = view
    if (view.group!.header.tiers === 2) {
      const other = second(at)
      if (other && other.figures > 0) {
        amounts = new Map([...amounts, ...other.amounts])
        mark(at + 1, 'total')
        taken.add(at + 1)
      }
    }
    const of = text.replace(words.totalStart, '').trim()
    const total: Total = {
      at,
      label: text.trim(),
      figures: figuresOf(amounts, view.group!),
      after: accounts.length,
      of: of === '' || words.totalRest.test(of) ? null : of,
      again,
    }
    if (view.unreadable.length + view.strays.length > 0)
      mark(at, 'flagged', 'An amount of this total cannot be read.')
    else mark(at, 'total')
    totals.push(total)
    afterTotal = total
    label = null
    head = null
  }

  /** "Total Fitness CC" may be a debtor where accounts have no numbers: then it is not the sum of what stands above. */
  function isTotal(view: View): boolean {
    if (hasAccount && view.group?.meanings.includes('account')) return true
    if (!words.totalStart.test(view.text)) return true
    const rest = view.text.replace(words.totalStart, '').trim().toLowerCase()
    if (rest === '' || words.totalRest.test(rest)) return true
    if (accounts.some(({ name }) => name.toLowerCase() === rest)) return true
    if (marks.some(({ reason }, at) => reason === OPEN && views[at]!.text.toLowerCase() === rest)) return true
    const { balance } = figuresOf(view.amounts, view.group!)
    let sum = 0
    for (let row = accounts.length - 1; row >= 0; row--) {
      sum += accounts[row]!.figures.balance ?? 0
      if (sum === balance && row < accounts.length - 1) return true
    }
    return false
  }

  const anchored = (view: View) => {
    if (!view.group) return false
    const { columns } = view.group.columns
    const balances = view.group.meanings.includes('balance')
    if (!balances || view.group.header.tiers === 2) return view.figures >= 1
    return (
      view.figures >= 2 ||
      [...view.amounts.keys(), ...view.unreadable].some((at) => columns[at]!.meaning === 'balance')
    )
  }

  for (let at = 0; at < views.length; at++) {
    if (taken.has(at)) continue
    const view = views[at]!
    const { line, text } = view
    const { beforeHeader, header } = placed[at]!
    if (header) {
      mark(at, 'header')
      continue
    }
    if (rule.test(line.text)) {
      mark(at, 'noise', 'a rule')
      continue
    }
    if (view.percent || words.percent.test(text)) {
      mark(at, 'noise', 'percentages')
      continue
    }
    const accountHere = known(view.account) && !words.totalStart.test(text)
    if (words.total.test(text) && !accountHere) {
      if (view.figures >= 1) {
        if (head && details && head.details > 0 && !words.grand.test(text)) {
          addAccount(at, view, head)
          mark(accounts.at(-1)!.nameAt, 'account', null, accounts.length - 1)
          continue
        }
        if (isTotal(view)) {
          addTotal(at, view, text)
          continue
        }
      } else if (
        !/\p{L}{3,}/u.test(text.replace(words.total, '').replace(words.totalRest, '')) &&
        !beforeHeader
      ) {
        label = { at, text }
        mark(at, 'total')
        continue
      }
    }
    if (beforeHeader && !(anchored(view) && accountHere && at > 0)) {
      mark(at, 'noise', 'head of the page')
      continue
    }
    if (repeated.has(normal(line)) && !(anchored(view) && (accountHere || !hasAccount))) {
      if (view.figures > 0 || line.text.length > 60 || !/\bmed(?:ical)?\s*aid/i.test(text)) {
        mark(at, 'noise', 'repeated on the pages')
        continue
      }
    }
    if (words.foot.test(line.text) && !accountHere && view.figures < 2) {
      mark(at, 'noise', 'head or foot of the page')
      continue
    }
    if (anchored(view)) {
      anchor(at, view)
      continue
    }
    if (view.figures > 0) {
      stub(at, view)
      continue
    }
    textual(at, view)
  }

  function anchor(at: number, view: View) {
    const { text } = view
    const bare = text.replaceAll(/[^\p{L}\d]/gu, '').replaceAll(/R|ZAR|CR|DR/gi, '') === ''
    if (bare) {
      if (label && at - label.at <= 3) return addTotal(at, view, label.text)
      if (head) {
        const from = head
        const row = addAccount(at, view, from)
        adopt(row, from.contacts)
        return mark(from.at, 'account', null, row)
      }
      if (afterTotal && isShares(view)) return mark(at, 'noise', 'percentages')
      return addTotal(at, view, '', afterTotal !== null && repeats(view, afterTotal))
    }
    if (details && words.date.test(leftText(view)) && (head || accounts.length > 0)) {
      if (head) head.details++
      return mark(at, 'detail', null, head ? accounts.length : accounts.length - 1)
    }
    const own = view.group!.meanings.includes('account')
    if (own && view.account === '') {
      if (head && !details) {
        const from = head
        const joined = { ...from, view: { ...from.view, name: from.view.name || view.name } }
        const row = addAccount(at, view, joined)
        adopt(row, from.contacts)
        return mark(from.at, 'account', null, row)
      }
      if (!/\p{L}{2}/u.test(view.name))
        return mark(at, 'rejected', 'It has amounts, and neither an account nor the word of a total.')
      const row = addAccount(at, view)
      return flag(at, row, 'It has no account number.')
    }
    addAccount(at, view)
  }

  /** Right below the last account or a line of its own: the foot of a page tells the pharmacy's own number. */
  function near(at: number): boolean {
    const { line } = placed[at]!
    for (let back = at - 1; back >= 0; back--) {
      const { line: other, header } = placed[back]!
      if (other.page !== line.page || other.panel !== line.panel) {
        // A page may end between an account and its second line.
        return marks[back + 1]!.kind === 'header' || marks[back + 1]!.kind === 'noise'
      }
      const { kind, row } = marks[back]!
      if (header || (kind === 'noise' && back < at && row === null)) continue
      if (kind === 'total' || kind === 'section') return false
      return line.y - other.y <= Math.max(line.h, other.h) * 3.2
    }
    return false
  }

  function adopt(row: number, { emails, phones }: Contacts) {
    accounts[row]!.emails.push(...emails)
    accounts[row]!.phones.push(...phones)
  }
  function flag(at: number, row: number, note: string) {
    accounts[row]!.doubtful = true
    accounts[row]!.notes.push(note)
    mark(at, 'flagged', note, row)
  }

  /** Amounts, but no balance: a line of details, a note, or an account that lost its balance. */
  function stub(at: number, view: View) {
    const row = accounts.length - 1
    if (known(view.account) && view.name !== '' && !details)
      return flag(at, addAccount(at, view), 'It has no balance.')
    const contacts = contactsOf(view)
    if (row >= 0 && contacts.fields && near(at)) {
      adopt(row, contacts)
      return mark(at, 'contact', null, row)
    }
    if (words.detail.test(view.text) || details) return mark(at, 'detail', null, row < 0 ? null : row)
    if (row >= 0 && /\p{L}{3}/u.test(view.text)) return mark(at, 'detail', 'A note with an amount.', row)
    if (afterTotal && isShares(view)) return mark(at, 'noise', 'percentages')
    mark(at, 'rejected', 'It has an amount, and neither an account nor a balance.')
  }

  function textual(at: number, view: View) {
    const contacts = contactsOf(view)
    const found = contacts.emails.length + contacts.phones.length > 0 || contacts.fields
    if (known(view.account) && !words.detail.test(view.text)) {
      const again = head !== null && head.view.account === view.account && head.details > 0
      if (!again) head = { at, view, contacts, details: 0 }
      return mark(at, 'continuation', OPEN)
    }
    if (head && found) {
      head.contacts.emails.push(...contacts.emails)
      head.contacts.phones.push(...contacts.phones)
      return mark(at, 'contact', null, accounts.length)
    }
    if (found && !near(at)) return mark(at, 'noise', 'an address of nobody in the list')
    if (found && accounts.length > 0) {
      adopt(accounts.length - 1, contacts)
      // A wrapped name may stand beside its number.
      const name = contactsIn(view.name)
      const plain = name.emails.length + name.phones.length === 0 && !name.fields && /\p{L}/u.test(view.name)
      return plain
        ? mark(at, 'continuation', OPEN, accounts.length - 1)
        : mark(at, 'contact', null, accounts.length - 1)
    }
    if (words.detail.test(view.text) && accounts.length > 0)
      return mark(at, 'detail', null, accounts.length - 1)
    mark(at, 'continuation', OPEN)
  }

  return finish({ accounts, totals, marks, views, sectionOf: [] }, placed)
}

/** Percentages of a total: they sum to a hundred. */
function isShares(view: View): boolean {
  const { buckets, balance } = figuresOf(view.amounts, view.group!)
  const shares = Object.values(buckets)
  const sum = shares.reduce((all, each) => all + each, 0)
  return Math.abs(sum - 10_000) <= 10 && (balance === null || Math.abs(balance - 10_000) <= 10)
}

function repeats(view: View, total: Total): boolean {
  const again = figuresOf(view.amounts, view.group!)
  return [...again.printed].every((column) =>
    column === 'balance'
      ? again.balance === total.figures.balance
      : again.buckets[column] === total.figures.buckets[column],
  )
}

function contactsOf(view: View): Contacts {
  const all: Contacts = { emails: [], phones: [], rest: '', fields: false }
  const take = (text: string, column?: 'phone' | 'email') => {
    if (text === '') return
    const found = contactsIn(text, column)
    all.emails.push(...found.emails)
    all.phones.push(...found.phones)
    all.fields ||= found.fields
  }
  take(view.phone, 'phone')
  take(view.email, 'email')
  // A label may stand in one column and its number in the next.
  take(
    view.figures === 0
      ? [view.account, view.name, view.other].join(' ').trim()
      : `${view.name} ${view.other}`.trim(),
  )
  return all
}
