import { type Amount, amountOf, isCurrency, looksLikeAmount, type Style } from './amounts.ts'
import { spaceOf, type Word } from './words.ts'

// Words of a line to tokens: what belongs to one amount is joined ("R", "1", "234.50", "CR"), what ran into each other is cut.

export type Token = {
  text: string
  x0: number
  x1: number
  /** Where its digits begin and end: signs and brackets hang out. */
  left: number
  right: number
  h: number
  /** Null where it is text. */
  amount: Amount
  /** Surely an amount; else it may be one if it stands in a column of amounts. */
  sure: boolean
}

export type Line = {
  page: number
  panel: number
  /** Width of all characters, where they are equally wide. */
  pitch: number | null
  /** How far it was moved to the left, to stand under the header of the first half. */
  shifted: number
  y: number
  h: number
  x0: number
  x1: number
  words: Word[]
  tokens: Token[]
  text: string
}

const digit = /\d/

function tokenOf(word: Word, _style: Style, sure: boolean, amount: Amount): Token {
  let first = 0
  let last = word.text.length
  if (amount !== null && digit.test(word.text)) {
    first = word.text.search(/[\d.,]*\d/)
    last = word.text.length - /\D*$/.exec(word.text)![0].length
  }
  return {
    text: word.text,
    x0: word.x0,
    x1: word.x1,
    left: word.xs[first] ?? word.x0,
    right: word.xs[last] ?? word.x1,
    h: word.h,
    amount,
    sure,
  }
}

const slice = (word: Word, from: number, to: number): Word => ({
  ...word,
  text: word.text.slice(from, to),
  x0: word.xs[from] ?? word.x0,
  x1: to >= word.text.length ? word.x1 : (word.xs[to] ?? word.x1),
  xs: word.xs.slice(from, to + 1),
})

/** Words in which several amounts, or a name and an amount, run into each other, cut apart. */
function cut(word: Word, style: Style, leadingMinus: boolean): Word[] {
  if (style.decimals === 0 || !digit.test(word.text) || word.text.includes('@')) return [word]
  const mark = style.decimal === '.' ? '\\.' : ','
  const other = style.decimal === '.' ? ',' : '\\.'
  const amount = leadingMinus
    ? `[-(]?(?:\\d[\\d${other}]*)?${mark}\\d{${style.decimals}}\\)?`
    : `\\(?(?:\\d[\\d${other}]*)?${mark}\\d{${style.decimals}}[-)]?`
  const several = new RegExp(`^(?:${amount}){2,}(?:cr|dr)?$`, 'i')
  if (several.test(word.text)) {
    const parts: Word[] = []
    for (const found of word.text.matchAll(new RegExp(amount, 'g')))
      parts.push(slice(word, found.index, found.index + found[0].length))
    return parts
  }
  const name = new RegExp(`^(.*[A-Za-z)])((?:${amount})+)$`).exec(word.text)
  if (
    name &&
    !looksLikeAmount(word.text, style) &&
    /[a-z]{2}/i.test(name[1]!) &&
    !/^(zar|inr|uzs)$/i.test(name[1]!)
  )
    return [
      slice(word, 0, name[1]!.length),
      ...cut(slice(word, name[1]!.length, word.text.length), style, leadingMinus),
    ]
  return [word]
}

const piece = /^[-(<+]?[\d.,'’]+[-)>]?$|^[-()<>]+$|^(?:cr|dr)\.?\)?$/i
const partial = /^[-(<]*\d{1,3}$/

export function tokensOf(words: Word[], style: Style, pitch: number | null, leadingMinus: boolean): Token[] {
  const parts = words.flatMap((word) => cut(word, style, leadingMinus))
  const tokens: Token[] = []
  let at = 0
  while (at < parts.length) {
    const joined = join(parts, at, style, pitch)
    if (joined) {
      tokens.push(joined.token)
      at += joined.words
      continue
    }
    const word = parts[at]!
    const sure = style.decimals > 0 && looksLikeAmount(word.text, style)
    let amount = sure || /\d|^[-–—]+$|#{2,}|\u2026/.test(word.text) ? amountOf(word.text, style) : null
    if (amount === 'unreadable' && /[a-z]{2}/i.test(word.text)) amount = null
    tokens.push(tokenOf(word, style, sure && amount !== null, amount))
    at++
  }
  return tokens
}

/** The longest run of neighbours from here that is one amount. */
function join(parts: Word[], at: number, style: Style, pitch: number | null) {
  const first = parts[at]!
  if (!isCurrency(first.text) && !piece.test(first.text)) return null
  let text = first.text
  let best: { token: Token; words: number } | null = null
  for (let end = at + 1; end < Math.min(parts.length, at + 7); end++) {
    const [last, next] = [parts[end - 1]!, parts[end]!]
    const gap = next.x0 - last.x1
    const space = spaceOf(last.h, pitch)
    if (gap > space * 1.75) break
    if (!piece.test(next.text) && !isCurrency(next.text)) break
    // Digits after a blank are a group of thousands, or another number.
    const lastDigits = digit.test(last.text)
    const nextDigits = digit.test(next.text)
    if (lastDigits && nextDigits) {
      if (!partial.test(last.text.replace(/^[-(<]*R/, '')) && !/^\d{2,3}$/.test(last.text)) break
      if (!/^\d{2,3}(?:[.,]\d+)?[-)>]?(?:cr|dr)?$/i.test(next.text)) break
    }
    text += ` ${next.text}`
    const amount = amountOf(text, style)
    const sure = looksLikeAmount(text, style)
    if (amount !== null && digit.test(text) && sure) {
      const words = parts.slice(at, end + 1)
      const word: Word = {
        text,
        x0: first.x0,
        x1: next.x1,
        y: first.y,
        h: first.h,
        xs: words.flatMap((each, i) => [...(i ? [each.x0] : []), ...each.xs.slice(0, each.text.length)]),
      }
      word.xs.push(next.x1)
      best = { token: tokenOf(word, style, style.decimals > 0, amount), words: end + 1 - at }
    }
  }
  return best
}
