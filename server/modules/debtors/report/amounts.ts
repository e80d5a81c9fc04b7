// Amounts as reports print them, to minor units. What is not surely an amount is none; what was one once and can no longer be
// read says so.

export type Style = {
  decimal: '.' | ','
  /** Decimals the report prints: with two, an amount always ends in them. */
  decimals: number
  exponent: number
}
export type Amount = { minor: number } | 'unreadable' | null

const CURRENCY = String.raw`(?:R|ZAR|Rs\.?|INR|UZS|so'm|US\$|USD|EUR|GBP|[$€£₹])`
const currencyBefore = new RegExp(`^${CURRENCY}\\s*`, 'i')
const currencyAfter = /\s*(?:ZAR|INR|UZS|USD|EUR|GBP|[€£₹])$/i
export const isCurrency = (text: string) => new RegExp(`^[-(]?${CURRENCY}$`, 'i').test(text)

const spaces = /[\u0020\u00a0\u2000-\u200a\u202f'’]/g
const dashes = /[\u2010-\u2015\u2212]/g
const unreadable = /#{2,}|[*]{3,}$|\u2026|\d\.\.+$|^\d[\d,. ]*\.{3}/

/** Whole numbers in groups: thousands, or thousands and hundreds as in India. */
const grouped = (mark: string) =>
  new RegExp(`^\\d{1,3}(?:${mark}\\d{3})+$|^\\d{1,2}(?:${mark}\\d{2})*${mark}\\d{3}$`)
const byComma = grouped(',')
const byPoint = grouped('\\.')
const bySpace = grouped(' ')

/** The digits of an amount without sign and currency, as minor units. */
function digitsOf(text: string, style: Style): number | null {
  const mark = style.decimal
  const at = text.lastIndexOf(mark)
  let whole = at < 0 ? text : text.slice(0, at)
  const part = at < 0 ? '' : text.slice(at + 1)
  if (at >= 0 && !/^\d+$/.test(part)) return null
  if (part.length > style.exponent) {
    // The mark stands for thousands, or the rest is zeros.
    if (!/^0+$/.test(part.slice(style.exponent))) return null
  }
  whole = whole.replaceAll(spaces, ' ')
  if (whole === '' && part !== '') whole = '0'
  const other = mark === '.' ? byComma : byPoint
  if (!/^\d+$/.test(whole)) {
    if (other.test(whole) || bySpace.test(whole)) whole = whole.replaceAll(/[ ,.]/g, '')
    else return null
  }
  if (whole.length > 13) return null
  return Number(whole + part.slice(0, style.exponent).padEnd(style.exponent, '0'))
}

/** Reads the text of one cell. */
export function amountOf(printed: string, style: Style): Amount {
  let text = printed.trim().replaceAll(dashes, '-')
  if (text === '') return null
  if (unreadable.test(text)) return 'unreadable'
  if (/^(-+|nil|\.|-\.-|0)$/i.test(text)) return { minor: 0 }
  let negative = false
  let signs = 0
  const take = (pattern: RegExp, sign: boolean) => {
    const next = text.replace(pattern, '')
    if (next === text) return
    text = next.trim()
    if (sign) {
      negative = !negative
      signs++
    }
  }
  const brackets = /^[(<[]\s*(.*?)\s*[)>\]]$/.exec(text)
  if (brackets) {
    text = brackets[1]!
    negative = true
    signs++
  }
  take(/\s*\bcr\.?$|(?<=\d)\s*cr\.?$/i, true)
  take(/\s*(?:\bdr\.?|(?<=\d)\s*dr\.?)$/i, false)
  take(/^-\s*/, true)
  take(currencyBefore, false)
  take(currencyAfter, false)
  take(/^-\s*/, true)
  take(/\s*-$/, true)
  take(/^\+\s*/, false)
  const inner = /^\(\s*(.*?)\s*\)$/.exec(text)
  if (inner) {
    text = inner[1]!
    negative = true
    signs++
  }
  // Two signs contradict or repeat each other: nobody knows which.
  if (signs > 1) return /^\D*[\d.,\s]+\D*$/.test(printed) ? 'unreadable' : null
  if (/^-+$/.test(text)) return { minor: 0 }
  if (!/^[\d.,\s\u00a0\u2000-\u200a\u202f'’]+$/.test(text) || !/\d/.test(text)) return null
  const minor = digitsOf(text, style)
  return minor === null ? null : { minor: negative && minor !== 0 ? -minor : minor }
}

const exact = (decimals: number, mark: string) =>
  new RegExp(
    `^[-(<+]?\\s*(?:${CURRENCY})?\\s*[-(]?(?:\\d[\\d ,.'’\u00a0\u202f]*)?${mark === '.' ? '\\.' : ','}\\d{${decimals}}\\s*(?:-|\\)|>|cr\\.?|dr\\.?|-?\\s*[€₹])?\\)?$`,
    'i',
  )

/** Whether a word surely is an amount on its own: it ends in the decimals that the report prints. */
export function looksLikeAmount(text: string, style: Style): boolean {
  if (style.decimals > 0) return exact(style.decimals, style.decimal).test(text.replaceAll(dashes, '-'))
  return amountOf(text, style) !== null && /\d/.test(text)
}

const withMark = /\d*([.,])(\d{1,3})(?:-|\)|>|cr|dr)?\)?$/i

/** How the report prints its amounts, told by all words of it that hold a digit. */
export function styleOf(words: Iterable<string>, exponent: number, decimal?: '.' | ','): Style {
  const counts = { '.': 0, ',': 0 }
  let whole = 0
  const thousands = { '.': 0, ',': 0 }
  for (const text of words) {
    if (!/\d/.test(text) || !/^[-(<+R$€£₹\d.,)>CDRcdr\u2010-\u2015\u2212 \u00a0'’]+$/.test(text)) continue
    const found = withMark.exec(text)
    if (found?.[2]?.length === exponent && exponent > 0) counts[found[1] as '.' | ',']++
    else if (found?.[2]?.length === 3) thousands[found[1] as '.' | ',']++
    else if (/^[-(]?\d{1,9}[-)]?$/.test(text)) whole++
  }
  const most = counts['.'] >= counts[','] ? '.' : ','
  const found = counts[most]
  const mark =
    found > 0 && (!decimal || counts[decimal] === 0)
      ? most
      : (decimal ?? (thousands['.'] > thousands[','] ? ',' : '.'))
  const decimals =
    found > 0 && found * 3 >= thousands['.'] + thousands[','] && found * 8 > whole ? exponent : 0
  return { decimal: mark, decimals, exponent }
}
