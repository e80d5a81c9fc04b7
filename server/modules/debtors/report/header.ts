import { isAge, type Label, labelOf } from './labels.ts'
import type { Line } from './tokens.ts'
import { spaceOf, type Word } from './words.ts'

// Finds the lines that head the columns: on one line, stacked over two or three, in two tiers, or twice side by side.

export type HeaderCell = { label: string; is: Label | null; x0: number; x1: number; tier: number }
export type Header = {
  /** Index of its first line, and how many lines it takes. */
  line: number
  lines: number
  cells: HeaderCell[]
  tiers: number
  /** Left edge of the second half, where the page holds two columns of accounts. */
  split: number | null
  /** How far its columns stand from those of the first. */
  repeat: number
}

type Part = { text: string; x0: number; x1: number }
type Tried = { cells: HeaderCell[]; score: number; ages: number; balance: boolean; named: boolean }

const hint =
  /\d{2}|curr|huidig|not due|month|period|over|older|days|dae|future|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|okt|nov|dec|des/i

const partOf = (words: Word[]): Part => ({
  text: words.map(({ text }) => text).join(' '),
  x0: words[0]!.x0,
  x1: Math.max(...words.map(({ x1 }) => x1)),
})

/** Words of one line to labels: the longest known label each time, else words that stand close together. */
function oneLine(line: Line, pitch: number | null, answers: Set<string>): Part[] {
  const parts: Part[] = []
  const { words } = line
  let at = 0
  let open: Word[] = []
  const close = () => {
    if (open.length > 0) parts.push(partOf(open))
    open = []
  }
  const gap = (i: number) => words[i]!.x0 - words[i - 1]!.x1
  while (at < words.length) {
    const space = spaceOf(words[at]!.h, pitch)
    let taken = 0
    for (let count = Math.min(6, words.length - at); count > 0; count--) {
      const some = words.slice(at, at + count)
      const text = some.map(({ text }) => text).join(' ')
      if (some.slice(1).some((_, i) => gap(at + i + 1) > space * 2.6)) continue
      const label = labelOf(text)
      if (label === null && !answers.has(text.toLowerCase())) continue
      // "ACCOUNT NAME" and "CURRENT BALANCE" may be one label or two: a wide gap tells.
      if (
        count > 1 &&
        label &&
        !isAge(label) &&
        some.slice(1).some((_, i) => gap(at + i + 1) > space * 1.7)
      ) {
        if (some.every((word) => labelOf(word.text))) continue
      }
      taken = count
      break
    }
    if (taken > 0) {
      const next = words[at + taken]
      const before = open.length > 0 && gap(at) <= space * 1.6
      const after = next && next.x0 - words[at + taken - 1]!.x1 <= space * 1.6 && labelOf(next.text) === null
      // A known word inside an unknown phrase is part of the phrase ("Last 30 days' sales").
      const label = labelOf(partOf(words.slice(at, at + taken)).text)
      if ((before || after) && !isAge(label) && /^[a-z]/i.test(next?.text ?? 'a') && before) {
        open.push(...words.slice(at, at + taken))
      } else {
        close()
        parts.push(partOf(words.slice(at, at + taken)))
      }
      at += taken
    } else {
      if (open.length > 0 && gap(at) > space * 1.6) close()
      open.push(words[at]!)
      at++
    }
  }
  close()
  return parts
}

/** Phrases of several lines that stand above each other, top to bottom. */
function stacked(lines: Line[], pitch: number | null): Part[] {
  const phrases: (Part & { row: number })[] = []
  for (const [row, { words }] of lines.entries()) {
    let open: Word[] = []
    for (const [at, word] of words.entries()) {
      const far = at > 0 && word.x0 - words[at - 1]!.x1 > spaceOf(word.h, pitch) * 1.6
      if (far && open.length > 0) {
        phrases.push({ ...partOf(open), row })
        open = []
      }
      open.push(word)
    }
    if (open.length > 0) phrases.push({ ...partOf(open), row })
  }
  const groups: (typeof phrases)[] = []
  for (const phrase of phrases.sort((a, b) => a.x0 - b.x0)) {
    const group = groups.find((each) =>
      each.some(
        (other) =>
          other.row !== phrase.row &&
          Math.min(other.x1, phrase.x1) - Math.max(other.x0, phrase.x0) >
            0.3 * Math.min(other.x1 - other.x0, phrase.x1 - phrase.x0),
      ),
    )
    if (group && !group.some((other) => other.row === phrase.row)) group.push(phrase)
    else groups.push([phrase])
  }
  return groups.map((group) => ({
    text: group
      .sort((a, b) => a.row - b.row)
      .map(({ text }) => text)
      .join(' ')
      .replace(/- /g, '-'),
    x0: Math.min(...group.map(({ x0 }) => x0)),
    x1: Math.max(...group.map(({ x1 }) => x1)),
  }))
}

function tried(parts: Part[], tier: number, answers: Set<string>): Tried {
  const cells = parts
    .filter(({ text }) => /[^\s|_=-]/.test(text))
    .map((part): HeaderCell => {
      const label = part.text.replaceAll(/^[|\s]+|[|\s]+$/g, '')
      return { label, is: labelOf(label), x0: part.x0, x1: part.x1, tier }
    })
  const ages = new Set(cells.flatMap(({ is }) => (isAge(is) ? [JSON.stringify(is)] : []))).size
  const balance = cells.some(({ is }) => is?.is === 'balance')
  const named = cells.some(({ is }) => is?.is === 'account' || is?.is === 'name')
  const known = cells.filter(({ is, label }) => is !== null || answers.has(label.toLowerCase())).length
  const score = ages * 3 + (balance ? 2 : 0) + (named ? 2 : 0) + known * 0.3 - (cells.length - known) * 0.8
  return { cells, ages, balance, named, score }
}

const words = (cells: HeaderCell[]) =>
  cells.filter(({ is, label }) => is !== null && !/^\d+$/.test(label)).length

/** Enough to be the head of an age analysis. */
const enough = ({ cells, ages, balance, named }: Tried) =>
  (ages >= 3 || (ages >= 2 && (balance || named))) &&
  words(cells) >= 2 &&
  cells.length - words(cells) <= cells.length * 0.7

export function headerAt(
  lines: Line[],
  at: number,
  pitch: number | null,
  answers: Set<string>,
): Header | null {
  const found = bestAt(lines, at, pitch, answers)
  if (!found) return null
  // A title above a header makes no better header of it.
  for (let next = at + 1; next < at + found.header.lines; next++) {
    const later = bestAt(lines, next, pitch, answers)
    if (later && later.score >= found.score - 0.4) return null
  }
  return found.header
}

function bestAt(
  lines: Line[],
  at: number,
  pitch: number | null,
  answers: Set<string>,
): { header: Header; score: number } | null {
  const first = lines[at]!
  const near = (i: number) => {
    const [above, line] = [lines[i - 1], lines[i]]
    return (
      above &&
      line &&
      line.page === above.page &&
      line.panel === above.panel &&
      line.y - above.y < Math.max(line.h, above.h) * 2.4 &&
      line.tokens.filter(({ sure }) => sure).length < 2
    )
  }
  if (first.tokens.filter(({ sure, text }) => sure && /\d[.,]\d/.test(text)).length > 1) return null
  let window = 1
  while (window < 3 && near(at + window)) window++
  if (!lines.slice(at, at + window).some(({ text }) => hint.test(text) || answersIn(text, answers)))
    return null
  const singles = lines
    .slice(at, at + window)
    .map((line, i) => tried(oneLine(line, pitch, answers), i, answers))
  let best: { tried: Tried; lines: number; tiers: number } | null = null
  const offer = (each: Tried, count: number, tiers: number) => {
    if (enough(each) && (!best || each.score > best.tried.score + 0.01))
      best = { tried: each, lines: count, tiers }
  }
  offer(singles[0]!, 1, 1)
  for (let count = 2; count <= window; count++) {
    const over = tried(stacked(lines.slice(at, at + count), pitch), 0, answers)
    // The first line of a header must say something of it: titles above do not.
    if (singles[0]!.cells.length >= 2) offer({ ...over, score: over.score - 0.2 * count }, count, 1)
  }
  const [one, two] = singles
  const whole = (each: Tried) => enough(each) && each.balance && each.named
  if (one && two && one.ages >= 1 && two.ages >= 1 && !whole(one) && !whole(two)) {
    const both: Tried = {
      cells: [...one.cells, ...two.cells],
      ages: one.ages + two.ages,
      balance: one.balance || two.balance,
      named: one.named || two.named,
      score: one.score + two.score - 1,
    }
    const labels = both.cells.flatMap(({ is }) => (isAge(is) ? [JSON.stringify(is)] : []))
    if (new Set(labels).size === labels.length) offer(both, 2, 2)
  }
  const found = best as { tried: Tried; lines: number; tiers: number } | null
  if (!found) return null
  let { cells } = found.tried
  let count = found.lines
  // A last line of units below ("Days", "R") belongs to the header.
  const below = lines[at + count]
  if (
    count === 1 &&
    below &&
    near(at + 1) &&
    below.words.every(({ text }) => /^(?:days?|dae|r|rand|no\.?|zar|due|code|\(r\))$/i.test(text))
  )
    count++
  cells = cells.sort((a, b) => a.tier - b.tier || a.x0 - b.x0)
  const split = twice(cells)
  const header: Header = {
    line: at,
    lines: count,
    cells: split === null ? cells : cells.filter(({ x0 }) => x0 < split.at),
    tiers: found.tiers,
    split: split?.at ?? null,
    repeat: split?.by ?? 0,
  }
  return { header, score: found.tried.score }
}

const answersIn = (text: string, answers: Set<string>) => {
  const lower = text.toLowerCase()
  return [...answers].some((answer) => lower.includes(answer))
}

/** Where the second of two equal halves begins. */
function twice(cells: HeaderCell[]): { at: number; by: number } | null {
  const half = cells.length / 2
  if (!Number.isInteger(half) || half < 3) return null
  for (let i = 0; i < half; i++)
    if (cells[i]!.label.toLowerCase() !== cells[i + half]!.label.toLowerCase()) return null
  const [last, next] = [cells[half - 1]!, cells[half]!]
  return { at: next.x0 - Math.max(2, Math.min((next.x0 - last.x1) / 2, 10)), by: next.x0 - cells[0]!.x0 }
}
