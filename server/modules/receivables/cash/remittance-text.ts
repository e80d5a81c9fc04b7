import { DateColumnReader, readDay } from '../../../core/dates.ts'
import { currencyBeside, DecimalReader, decimalCell, isCurrency, minorUnits } from '../../../core/money.ts'
import { codeKey, isShortened } from '../rules.ts'

// What a pasted e-mail, rows of a sheet or a line of a bank statement says about a payment. What a word means is not decided
// here: a token may be an invoice number and an amount, and only the books can tell.

export type Token = {
  text: string
  /** Under which invoices are known, the likeliest first. */
  keys: string[]
  /** Minor units, when it can be read as an amount; `isClear` when it can hardly be anything else. */
  amount: number | null
  isClear: boolean
  day: string | null
}
export type Line = {
  at: number
  text: string
  tokens: Token[]
  deduction: Deduction | null
  isTotal: boolean
}
export type Deduction =
  | 'withholding_tax'
  | 'discount'
  | 'goods'
  | 'freight'
  | 'bank_charges'
  | 'dispute'
  | 'deduction'
export type Remittance = {
  lines: Line[]
  total: number | null
  received_on: string | null
  reference: string | null
  currency: string
  /** Numbers that a spreadsheet shortened: their digits are lost. */
  shortened: string[]
}

export const LINES_MAX = 1_000
const TOKENS_MAX = 5_000
const deductions: [Deduction, RegExp][] = [
  ['withholding_tax', /\b(?:tds|wht|withh\w*|tax deducted|194[a-z]?)\b/i],
  ['discount', /\b(?:discount|skonto|rebate|cash disc)/i],
  ['goods', /\b(?:damage|damaged|short(?:age| supply| delivery)|return(?:ed|s)?|defect)/i],
  ['freight', /\b(?:freight|transport|shipping|fracht)/i],
  ['bank_charges', /\b(?:bank (?:charge|fee)|charges|fees?)\b/i],
  ['dispute', /\b(?:dispute|disputed|hold|withheld|retention)/i],
  ['deduction', /\b(?:less|deduct\w*|adjust\w*|debit note|short paid)\b/i],
]
const totalWords =
  /\b(?:grand total|total|sum|amount (?:paid|transferred|remitted|credited)|payment (?:of|amount)|paid an? amount|net (?:amount|payable|paid)|gesamt|summe)\b/i
const dayWords = /\b(?:date|dated|paid on|value|on|datum)\b/i
const referenceWords =
  /\b(?:utr|ref(?:erence)?|txn|transaction|cheque|check|neft|rtgs|imps|trace)\b[\s.:#]*(?:(?:no|number|id|nr)\b[\s.:#]*)?([A-Z0-9][A-Z0-9/-]{3,38})/gi
const prefix = /^(?:invoice|inv|bill|rechnung|document|doc|number|no|nr)?[\s.:#-]*/i

/** Parts of a line: the cells of a row, or the words of a sentence. A currency sign stays with its amount. */
function partsOf(line: string): string[] {
  const cells = line.split(/\t|;|\||,(?=\s*[^\d\s])|(?<=[^\d\s]),(?=\S)/).map((cell) => cell.trim())
  return cells
    .flatMap((cell) =>
      /^\S+$/.test(cell) || decimalCell(cell, '.') !== undefined
        ? [cell]
        : cell
            .replace(/((?:\b(?:Rs\.?|INR|USD|EUR|GBP|ZAR|UZS|AED|SGD)|[€£$₹]))\s+(?=\d)/gi, '$1')
            .replace(/(\d)\s+(?=(?:INR|USD|EUR|GBP|ZAR|UZS|AED|SGD|CR|DR|€|₹|£)(?![\w]))/gi, '$1')
            // A day in words is one part.
            .replace(/\b(\d{1,2})(?:st|nd|rd|th)?[ .]+([A-Za-z]{3,9})\.?,?[ ]+(\d{4})\b/g, '$1-$2-$3')
            .replace(/\b([A-Za-z]{3,9})\.?[ ]+(\d{1,2})(?:st|nd|rd|th)?,?[ ]+(\d{4})\b/g, '$2-$1-$3')
            .split(/\s+/),
    )
    .map((part) => part.replace(/^["'“(]+(?=[^)]*$)|["'”.,:;!?]+$|(?<=^[^(]*)\)+$/g, ''))
    .filter((part) => part !== '')
}

export function readRemittance(
  input: { text?: string | undefined; rows?: string[][] | undefined },
  home: string,
): Remittance {
  const raw = (
    input.rows ? input.rows.map((cells) => cells.join('\t')) : (input.text ?? '').split(/\r\n?|\n/)
  ).slice(0, LINES_MAX)
  const parts = raw.map(partsOf)
  const currency = currencyIn(parts, home)
  const decimals = new DecimalReader()
  const days = new DateColumnReader()
  for (const [at, each] of parts.entries())
    for (const part of each) {
      days.add(part, at)
      if (/\d/.test(part) && /[.,]/.test(part)) decimals.add(part, at)
    }
  const decimal = decimals.conclude().decimal
  const order = days.conclude()
  const column = { order: order.order ?? 'dmy', mangled: false } as const
  let count = 0
  const lines = raw.map((text, at): Line => {
    const tokens = parts[at]!.flatMap((part): Token[] => (++count > TOKENS_MAX ? [] : [tokenOf(part)]))
    return {
      at,
      text: text.trim().slice(0, 300),
      tokens,
      deduction: deductions.find(([, words]) => words.test(text))?.[0] ?? null,
      isTotal: totalWords.test(text),
    }
  })
  function tokenOf(part: string): Token {
    const read = /\d/.test(part) && /[-/. ]|[a-z]{3}/i.test(part) ? readDay(part, column) : undefined
    const day = read && 'day' in read ? read.day : null
    const written = decimalCell(part, decimal)
    const minor = written === undefined ? undefined : minorUnits(written, currency)
    const bare = part.replace(prefix, '')
    return {
      text: part,
      keys: day || !/\d/.test(part) ? [] : [...new Set([codeKey(part), ...(bare ? [codeKey(bare)] : [])])],
      amount: minor === undefined || day ? null : Number(minor),
      isClear: minor !== undefined && !day && (/[.,]\d/.test(part) || currencyBeside(part) !== undefined),
      day,
    }
  }
  const ofTotals = lines.filter(({ isTotal }) => isTotal).flatMap(({ tokens }) => tokens)
  const clear = ofTotals.filter(({ isClear }) => isClear)
  const totals = (clear.length > 0 ? clear : ofTotals).flatMap(({ amount }) => amount ?? [])
  const dated = lines.find(({ text, tokens }) => dayWords.test(text) && tokens.some(({ day }) => day))
  const allDays = [...new Set(lines.flatMap(({ tokens }) => tokens.flatMap(({ day }) => day ?? [])))]
  const reference = [...raw.join('\n').matchAll(referenceWords)]
    .map((match) => match[1]!)
    .find((word) => /\d{4}/.test(word))
  return {
    lines,
    total: totals.length > 0 ? Math.max(...totals) : null,
    received_on: dated?.tokens.find(({ day }) => day)?.day ?? (allDays.length === 1 ? allDays[0]! : null),
    reference: reference ?? null,
    currency,
    shortened: [...new Set(parts.flat().filter(isShortened))].slice(0, 20),
  }
}

/** The currency that is named most often beside amounts, else the one given. */
function currencyIn(parts: string[][], home: string): string {
  const count = new Map<string, number>()
  for (const part of parts.flat()) {
    const said = /^[A-Z]{3}$/.test(part) && isCurrency(part) ? part : currencyBeside(part)
    const code = said === '€' ? 'EUR' : said === '£' ? 'GBP' : said === '₹' ? 'INR' : said
    if (code && isCurrency(code)) count.set(code, (count.get(code) ?? 0) + 1)
  }
  return [...count].sort((a, b) => b[1] - a[1])[0]?.[0] ?? home
}
