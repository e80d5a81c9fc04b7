import type { Account, Assembled } from './assemble.ts'
import { OPEN } from './assemble.ts'
import { contactsIn, isEmail } from './contacts.ts'
import { isMedicalSection } from './control.ts'
import type { Placed } from './prepare.ts'
import { words } from './wording.ts'
import { medianOf } from './words.ts'

// Lines of text alone: the rest of a name, the rest of an address, a customer with branches, a heading, or a note.

export function finish(made: Assembled, placed: Placed[]): Assembled {
  const { accounts, totals, marks, views } = made
  const byName = new Map(accounts.map((account, row) => [account.nameAt, row]))
  const totalled = new Set(totals.flatMap(({ of }) => (of ? [of.toLowerCase()] : [])))
  const baseX = medianOf(accounts.map(({ nameX }) => nameX))
  const upper = accounts.filter(({ name }) => name === name.toUpperCase()).length > accounts.length * 0.8
  const endOf = new Map<number, { end: number; y: number }>()
  for (const [row, account] of accounts.entries())
    endOf.set(row, { end: account.nameEnd, y: placed[account.nameAt]!.line.y })
  const parents: { at: number; name: string; x: number }[] = []
  const sections: { at: number; text: string }[] = []

  const same = (a: number, b: number) =>
    placed[a]?.line.page === placed[b]?.line.page && placed[a]?.line.panel === placed[b]?.line.panel
  const rowBefore = (at: number) => {
    for (let back = at - 1; back >= 0 && same(back, at); back--) {
      const row = byName.get(back)
      if (row !== undefined) return row
      if (['total', 'section', 'header'].includes(marks[back]!.kind)) return null
    }
    return null
  }
  const rowAfter = (at: number) => {
    for (let next = at + 1; next < placed.length && same(next, at); next++) {
      const row = byName.get(next)
      if (row !== undefined) return row
      if (['total', 'header'].includes(marks[next]!.kind)) return null
    }
    return null
  }
  const wouldFit = (account: Account, end: number, text: string, line: Placed['line']) => {
    const limit = account.group.columns.nameLimit
    const word = line.words.find(({ text: each }) => text.startsWith(each))
    return end + line.h * 0.25 + (word ? word.x1 - word.x0 : 0) <= limit - line.h * 0.1
  }

  for (const [at, { kind, reason }] of marks.entries()) {
    if (kind !== 'continuation' || reason !== OPEN) continue
    const view = views[at]!
    const { line } = view
    const text = view.text.trim()
    const lower = text.toLowerCase()
    const before = rowBefore(at)
    const after = rowAfter(at)
    const set = (
      to: (typeof marks)[number]['kind'],
      why: string | null = null,
      row: number | null = null,
    ) => {
      marks[at] = { kind: to, reason: why, row }
    }
    const nextX = after === null ? null : accounts[after]!.nameX
    // A customer whose branches stand indented below, or whose total follows.
    if (totalled.has(lower)) {
      if (nextX !== null && nextX > line.x0 + line.h * 0.4) {
        parents.push({ at, name: text, x: line.x0 })
        set('section', 'a customer with branches')
      } else {
        sections.push({ at, text })
        set('section')
      }
      continue
    }
    // The rest of an address.
    if (
      before !== null &&
      view.email + view.phone !== '' &&
      continuesContact(accounts[before]!, `${view.phone} ${view.email}`.trim())
    ) {
      set('contact', null, before)
      if (view.name === '') continue
    }
    const name = view.name.trim()
    const inNames =
      view.account === '' && /[\p{L}\d]/u.test(name) && !words.detail.test(text) && !/:\s|:$/.test(text)
    const sentence = upper && /\p{Ll}{3}/u.test(name)
    if (inNames && !sentence) {
      const up = before === null ? null : endOf.get(before)!
      const down = after === null ? null : placed[accounts[after]!.nameAt]!.line.y
      const toUp = up === null ? Number.POSITIVE_INFINITY : line.y - up.y
      const toDown = down === null ? Number.POSITIVE_INFINITY : down - line.y
      const reach = line.h * 1.6
      const next = after === null ? null : accounts[after]!
      if (
        next &&
        toDown <= line.h * 1.25 &&
        toDown < toUp - line.h * 0.1 &&
        (next.name === '' || !wouldFit(next, view.nameEnd, next.name, placed[next.nameAt]!.line))
      ) {
        next.name = `${name} ${next.name}`.trim()
        set('continuation', null, after)
        continue
      }
      const own = before === null ? null : accounts[before]!
      if (
        own &&
        toUp <= reach &&
        (own.name === '' || !wouldFit(own, up!.end, name, line)) &&
        Math.abs(view.nameX - own.nameX) < line.h * 2.2
      ) {
        own.name =
          own.name.endsWith('-') && /^\p{L}/u.test(name) ? `${own.name}${name}` : `${own.name} ${name}`.trim()
        endOf.set(before!, { end: view.nameEnd, y: line.y })
        set('continuation', null, before)
        continue
      }
    }
    if (marks[at]!.kind === 'contact') continue
    if (
      nextX !== null &&
      nextX > line.x0 + line.h * 0.4 &&
      nextX > baseX - 1 &&
      isDeeper(accounts[after!]!, accounts) &&
      /\p{L}/u.test(text) &&
      !words.detail.test(text)
    ) {
      parents.push({ at, name: view.name || text, x: line.x0 })
      set('section', 'a customer with branches')
      continue
    }
    const few = text.split(' ').length <= 8 && !/[.!?]$/.test(text)
    if (isMedicalSection(text) && few && view.account.length < 40 && !/\d{4}/.test(text)) {
      sections.push({ at, text })
      set('section')
      continue
    }
    if (view.account !== '' && /\d/.test(view.account) && before !== null)
      set('detail', 'It begins like an account and has no amounts.', before)
    else if (accounts.length > 0 && before !== null && (/\d/.test(text) || !few || view.account === ''))
      set('detail', 'a note', before)
    else if (few && /\p{L}/u.test(text) && after !== null) {
      sections.push({ at, text })
      set('section')
    } else set('noise', before === null && after === null ? 'text outside the table' : 'a note')
  }

  // Sections and parents hold until the next one or a total of theirs.
  let section: { text: string; first: number } = { text: '', first: 0 }
  let parent: { name: string; x: number } | null = null
  let s = 0
  let p = 0
  let t = 0
  for (const [row, account] of accounts.entries()) {
    for (; t < totals.length && totals[t]!.at < account.at; t++) {
      const { of, at, label } = totals[t]!
      if (parent && of && of.toLowerCase() === parent.name.toLowerCase()) parent = null
      const ends = of !== null || words.sub.test(label) || /section|group|medical/i.test(label)
      if (
        ends &&
        section.text !== '' &&
        !words.page.test(label) &&
        !words.carried.test(label) &&
        (sections[s - 1]?.at ?? -1) < at
      )
        if (
          of === null ||
          section.text.toLowerCase().includes(of.toLowerCase()) ||
          of.toLowerCase().includes(section.text.toLowerCase())
        )
          section = { text: '', first: row }
    }
    for (; s < sections.length && sections[s]!.at < account.at; s++)
      section = { text: sections[s]!.text, first: row }
    for (; p < parents.length && parents[p]!.at < account.at; p++) parent = parents[p]!
    if (parent && account.nameX <= parent.x + 1) parent = null
    account.section = section.text || null
    account.sub_of = parent?.name ?? null
    made.sectionOf[row] = section.first
  }
  branches(accounts)
  return made
}

/** Accounts that stand indented under one that has amounts of its own. */
function branches(accounts: Account[]) {
  const base = Math.min(...accounts.filter(({ name }) => name !== '').map(({ nameX }) => nameX))
  const flat = accounts.filter(({ nameX }) => nameX < base + 2).length
  if (flat < accounts.length * 0.2) return
  let above: Account | null = null
  for (const account of accounts) {
    if (account.nameX < base + 2) above = account
    else if (
      above &&
      account.sub_of === null &&
      account.nameX > above.nameX + 3 &&
      account.nameX < above.nameX + 40
    )
      account.sub_of = above.name
  }
}

const isDeeper = (account: Account, accounts: Account[]) =>
  accounts.some(({ nameX }) => nameX < account.nameX - 3) ||
  accounts.every(({ nameX }) => Math.abs(nameX - account.nameX) < 2)

/** "someone@exam" and below it "ple.com". */
function continuesContact(account: Account, text: string): boolean {
  if (!/^[\p{L}\d._@+-]+$/u.test(text)) return false
  const last = account.contact.split(' ').at(-1) ?? ''
  if (last === '' || /^[\d()+]+$/.test(last)) return false
  const joined = last + text
  if (!isEmail(joined) || isEmail(text)) return false
  account.emails = [joined, ...account.emails.filter((each) => each !== last)]
  account.contact = account.contact.slice(0, account.contact.length - last.length) + joined
  const { phones } = contactsIn(account.contact, 'phone')
  account.phones.push(...phones.filter((phone) => !account.phones.includes(phone)))
  return true
}
