/**
 * Money is a whole number of minor units (cents, paise, fils) beside its currency. This file alone knows how many
 * decimals a currency has; nobody else divides by a hundred, and no amount is ever a binary fraction in between.
 */

// ISO 4217, list of 2025-01: active currencies and their exponents where it is not 2.
const codes =
  'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG'
const exceptions: Record<number, string> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
}
const exponents = new Map(codes.split(' ').map((code) => [code, 2]))
for (const [exponent, list] of Object.entries(exceptions))
  for (const code of list.split(' ')) exponents.set(code, Number(exponent))

export const isCurrency = (code: string) => exponents.has(code)

/** Decimals of the currency. Throws for a code that is not ISO 4217, since guessing 2 would be wrong by 10 or 100. */
export function exponentOf(currency: string): number {
  const exponent = exponents.get(currency)
  if (exponent === undefined) throw new RangeError(`${currency} is not an ISO 4217 currency`)
  return exponent
}

/** The largest amount taken, in minor units: a number that JavaScript holds exactly, and so are sums of ninety such. */
export const AMOUNT_MAX = 100_000_000_000_000n
/** The largest sum of a whole book in one currency, in minor units: beyond it sums are no longer exact on the wire. */
export const BOOK_MAX = BigInt(Number.MAX_SAFE_INTEGER)

const plain = /^(-?)(\d+)(?:\.(\d*))?$/

/**
 * Minor units of a decimal text (`-1234.5`, point as decimal sign, no grouping). Undefined when the text is no
 * decimal, has more decimals than the currency, or is beyond AMOUNT_MAX. Trailing zeros are no decimals, and neither
 * is the dust of a binary fraction: 1569.0899999999999 is 1569.09.
 */
export function minorUnits(text: string, currency: string): bigint | undefined {
  const match = plain.exec(text)
  if (!match) return undefined
  const exponent = exponentOf(currency)
  const decimals = match[3] ?? ''
  const kept = decimals.slice(0, exponent).padEnd(exponent, '0')
  const dust = decimals.slice(exponent)
  if (match[2]!.length > 20) return undefined
  let minor = BigInt(match[2]! + kept)
  if (!/^0*$/.test(dust)) {
    if (/^9{6}/.test(dust)) minor += 1n
    else if (!/^0{6}/.test(dust)) return undefined
  }
  if (minor > AMOUNT_MAX) return undefined
  return match[1] ? -minor : minor
}

/** Minor units as decimal text with exactly the currency's decimals: (123450, 'USD') -> '1234.50'. */
export function decimalText(minor: bigint | number, currency: string): string {
  const exponent = exponentOf(currency)
  if (typeof minor === 'number' && !Number.isSafeInteger(minor))
    throw new RangeError(`not minor units: ${minor}`)
  const value = BigInt(minor)
  const digits = (value < 0n ? -value : value).toString().padStart(exponent + 1, '0')
  const whole = exponent ? `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}` : digits
  return value < 0n ? `-${whole}` : whole
}

/**
 * Minor units as the number whose shortest text is the decimal, for wires that speak numbers: (14770318, 'USD') ->
 * 147703.18. It is for writing only; arithmetic stays in minor units.
 */
export function wireNumber(minor: bigint | number, currency: string): number {
  const number = Number(minor)
  // One division of two exact numbers is rounded to what the text would be read as, in a tenth of the time.
  return Number.isSafeInteger(number)
    ? number / 10 ** exponentOf(currency)
    : Number(decimalText(minor, currency))
}

/** The same for many amounts of one currency. */
export function wireNumbers(currency: string): (minor: bigint | number) => number {
  const units = 10 ** exponentOf(currency)
  return (minor) => {
    const number = Number(minor)
    return Number.isSafeInteger(number) ? number / units : wireNumber(minor, currency)
  }
}

/** Minor units of a number that came over the wire; undefined when it has more decimals than the currency. */
export function fromWireNumber(value: number, currency: string): bigint | undefined {
  return Number.isFinite(value) && Math.abs(value) < 1e15 ? minorUnits(fixed(value), currency) : undefined
}
/** The shortest text that reads back as the number, never in scientific notation. */
function fixed(value: number) {
  const text = String(value)
  return text.includes('e') ? value.toFixed(20).replace(/0+$/, '') : text
}

// Signs that belong to one currency. `$`, `Rs` and `kr` belong to several: they mean the organisation's own when it is
// one of those, and nothing otherwise.
const signs: Record<string, string[]> = {
  '€': ['EUR'],
  '£': ['GBP'],
  '₹': ['INR'],
  '₽': ['RUB'],
  '₺': ['TRY'],
  '₩': ['KRW'],
  '₦': ['NGN'],
  '₱': ['PHP'],
  '₫': ['VND'],
  '₪': ['ILS'],
  US$: ['USD'],
  A$: ['AUD'],
  C$: ['CAD'],
  $: [
    'USD',
    'AUD',
    'CAD',
    'NZD',
    'SGD',
    'HKD',
    'MXN',
    'ARS',
    'CLP',
    'COP',
    'NAD',
    'FJD',
    'BBD',
    'JMD',
    'TTD',
  ],
  RS: ['INR', 'PKR', 'LKR', 'NPR', 'MUR', 'SCR'],
  'RS.': ['INR', 'PKR', 'LKR', 'NPR', 'MUR', 'SCR'],
  R: ['ZAR'],
  KR: ['SEK', 'NOK', 'DKK', 'ISK'],
  '¥': ['JPY', 'CNY'],
}

/** The ISO code meant by a cell such as `usd`, `₹` or `Rs.`; undefined when it is none or could be several. */
export function currencyNamed(text: string, home: string): string | undefined {
  const wanted = text.trim().toUpperCase()
  if (isCurrency(wanted)) return wanted
  const meant = signs[wanted]
  if (!meant) return undefined
  return meant.length === 1 ? meant[0] : meant.find((code) => code === home)
}

// ---- reading amounts out of files -----------------------------------------------------------------------------------

/** Which sign separates decimals: `.` as in 1,234.56 or `,` as in 1.234,56. */
export type DecimalSign = '.' | ','

const sign = '[-+−–]?'
const unit = String.raw`(?:\p{Sc}|[A-Z]{1,3}\p{Sc}|[A-Z]{1,3}\.?)`
/** Sign, currency and brackets around the digits with their separators. CR marks a credit, DR a debit. */
const money = new RegExp(
  String.raw`^(\()?\s*(${sign})\s*(${unit})?\s*(${sign})\s*(\d[\d.,'’\u00a0\u202f ]*|[.,]\d+)\s*(${unit}(?<!CR|DR))?\s*([-−–])?\s*(\))?\s*(CR|DR)?\.?$`,
  'iu',
)
const grouped: Record<DecimalSign, RegExp> = {
  // Groups of three, or of two before the last as in India; a point or comma groups, and so do spaces and apostrophes.
  '.': /^(?:\d+|[1-9]\d{0,2}(?:([,'’\u00a0\u202f ])\d{3}(?:\1\d{3})*)|[1-9]\d?(?:,\d{2})*,\d{3})?(?:\.\d*)?$/u,
  ',': /^(?:\d+|[1-9]\d{0,2}(?:([.'’\u00a0\u202f ])\d{3}(?:\1\d{3})*)|[1-9]\d?(?:\.\d{2})*\.\d{3})?(?:,\d*)?$/u,
}

/** No amount is written longer. What people send is matched in bounded time. */
const CELL_MAX = 100

/** The digits of a money cell, the currency written beside them, and whether brackets, a minus or CR make it negative. */
function partsOf(cell: string) {
  if (cell.length > CELL_MAX) return undefined
  // The pattern may place a space in several of its parts: of a long run it would try every division. Two are kept,
  // since two spaces between digits group nothing.
  const match = money.exec(cell.replace(/\s{3,}/g, '  '))
  if (!match) return undefined
  const [, open, before, ahead, after, digits, behind, last, close, side] = match
  if (Boolean(open) !== Boolean(close) || (ahead && behind)) return undefined
  const minus = [before, after, last].filter((each) => each && each !== '+').length + (open ? 1 : 0)
  if (minus > 1) return undefined
  const currency = (ahead ?? behind)?.toUpperCase()
  if (currency && !isCurrency(currency) && !signs[currency]) return undefined
  return { digits: digits!.trim(), currency, negative: (minus === 1) !== (side?.toUpperCase() === 'CR') }
}

/** The currency written beside the digits, as written: `Rs.` of `Rs. 1,200`. */
export const currencyBeside = (cell: string): string | undefined =>
  /^[-\d.,]+$/.test(cell) ? undefined : partsOf(cell)?.currency

/** What most cells are: no grouping, and so few decimals that a point can only be the decimal sign. */
const pointed = /^-?\d+(?:\.\d{1,2})?$/

/**
 * How a money cell can be read: `.` or `,` when only that decimal sign fits, `either` when both fit and mean
 * different amounts (1,234), `same` when the sign does not matter, `none` when the cell is no amount.
 */
export function decimalEvidence(cell: string): DecimalSign | 'either' | 'same' | 'none' {
  if (pointed.test(cell)) return cell.includes('.') ? '.' : 'same'
  const parts = partsOf(cell)
  if (!parts) return 'none'
  const dot = grouped['.'].test(parts.digits)
  const comma = grouped[','].test(parts.digits)
  if (dot && comma) return /[.,]/.test(parts.digits) && !same(parts.digits) ? 'either' : 'same'
  return dot ? '.' : comma ? ',' : 'none'
}
const same = (digits: string) => decimalOf(digits, '.') === decimalOf(digits, ',')

function decimalOf(digits: string, decimal: DecimalSign) {
  const grouping = decimal === '.' ? /[,'’\u00a0\u202f ]/gu : /[.'’\u00a0\u202f ]/gu
  const text = digits.replace(grouping, '').replace(',', '.')
  return text.startsWith('.') ? `0${text}` : text
}

/** The plain decimal text of a money cell, `-1234.50`, or undefined when it is no amount in that style. */
export function decimalCell(cell: string, decimal: DecimalSign): string | undefined {
  if (decimal === '.' && pointed.test(cell)) return cell
  const parts = partsOf(cell)
  if (!parts || !grouped[decimal].test(parts.digits)) return undefined
  const text = decimalOf(parts.digits, decimal)
  return parts.negative ? `-${text}` : text
}

export type DecimalConclusion = {
  decimal: DecimalSign
  /** Only cells such as 1,234 were found, or cells of both styles: the question to ask is which sign is meant. */
  undecided: boolean
  proof: { row: number; value: string }[]
}

/** Watches the money cells of a file, whose columns share one style, and concludes at the end. */
export class DecimalReader {
  proven: Record<DecimalSign, number> = { '.': 0, ',': 0 }
  proofs: Record<DecimalSign, { row: number; value: string }[]> = { '.': [], ',': [] }
  open: { row: number; value: string }[] = []

  add(cell: string, row: number) {
    const evidence = decimalEvidence(cell)
    if (evidence === 'same' || evidence === 'none') return
    const kept = evidence === 'either' ? this.open : this.proofs[evidence]
    if (evidence !== 'either') this.proven[evidence]++
    if (kept.length < 3) kept.push({ row, value: cell })
  }

  conclude(chosen?: DecimalSign): DecimalConclusion {
    const { '.': point, ',': comma } = this.proven
    const proof = [...this.proofs['.'], ...this.proofs[',']]
    if (chosen) return { decimal: chosen, undecided: false, proof }
    // A slip of the pen in a long column is a bad row, not a second style.
    const slip = (few: number, many: number) => few === 0 || (many >= 20 && few <= many / 100)
    if (point > comma && slip(comma, point)) return { decimal: '.', undecided: false, proof }
    if (comma > point && slip(point, comma)) return { decimal: ',', undecided: false, proof }
    const undecided = point + comma > 0 || this.open.length > 0
    return { decimal: '.', undecided, proof: undecided ? [...proof, ...this.open] : proof }
  }
}
