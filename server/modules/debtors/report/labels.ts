import type { Bucket, ColumnMeaning } from './types.ts'
import { BUCKETS } from './types.ts'

// Words that head the columns of age analyses, in English, Afrikaans and what programs make of them.

/** Ages as labels tell them. `from` is days; the bucket is known once all ages of a header are. */
export type Label =
  | { is: 'account' | 'name' | 'balance' | 'phone' | 'email' | 'contact' | 'other' }
  | { is: 'age'; from: number; kind: 'current' | 'future' | 'days' | 'range' | 'open' | 'older' }
  | { is: 'month'; year: number | null; month: number; open: boolean }

const named: [
  Label['is'] & ('account' | 'name' | 'balance' | 'phone' | 'email' | 'contact' | 'other'),
  RegExp,
][] = [
  [
    'account',
    /^(?:(?:acc(?:ount)?|acct|a\/c|rek(?:ening)?|debtor|cust(?:omer)?|client|klant|patient|deb|member|ledger)[ .\-_/]*(?:no|nr|num(?:ber)?|#|code|id|kode|nommer|ref|key)|acc|acct|account|a\/c|rek(?:ening)?|code|kode|no|nr|number|#|id)$/,
  ],
  [
    'name',
    /^(?:(?:account|acc|a\/c|debtor|customer|cust|client|patient|party|company|contact|full|member)[ \-_/']*(?:s )?(?:name|naam|description|details)|<*-*n a m e-*>*|name|names|naam|debtor|debtors|debtor'?s name|debiteur|customer|customers|client|klant|particulars|description|surname|party|patient|name of (?:debtor|customer|party)|name and address|surname(?: and|,|\/|&)? (?:initials|first name|name))$/,
  ],
  [
    'balance',
    /^(?:(?:total|tot|balance|bal|amount|amt|account|acc|closing|net|grand|nett)[ \-_/]*(?:balance|bal|due|outstanding|o\/s|owing|owed|amount|debt|value|saldo)|balance|bal|total|totals|totaal|saldo|outstanding|o\/s|owing|pending|due|pending amount|total amount due|total balance due|balance due now|uitstaande|totale? (?:saldo|uitstaande|verskuldig))$/,
  ],
  [
    'phone',
    /^(?:(?:tel(?:ephone)?|phone|cell(?:phone)?|mobile|mob|contact|sel(?:foon)?|telefoon)[ .\-_]*(?:no|nr|num(?:ber)?|#|phone|nommer)?s?|home|work tel)$/,
  ],
  ['email', /^(?:e-?mail(?:[ \-_]*(?:addr(?:ess)?|adres|id))?|epos|e-pos)$/],
  [
    'contact',
    /^(?:contact|contacts|contact (?:details|info(?:rmation)?|person)|kontak|phone\/e-?mail|tel\/e-?mail|telephone \/ email)$/,
  ],
  [
    'other',
    /^(?:cr(?:edit)?[ \-_.]*(?:limit|lim|bal(?:ance)?)|crlim|crgrn|limit|terms?|type|typ|chn|chain|group|branch|rep|area|last (?:paid|payment|pmt|receipt|pay)(?: date| amount| amt)?|(?:last )?(?:pmt|payment)[ \-_]*(?:amt|amount|date)?|date|doc(?:ument)?(?: no| date| type| ref)?|ref(?:erence)?|inv(?:oice)?(?: no| date| number| num)?|due date|unallocated|status|stat|cat(?:egory)?|class|pd|days|%|perc(?:ent(?:age)?)?|comments?|notes?|remarks?|region|currency|cur|address|details|transaction(?: type)?|num|debit|credit|kontant|fax|medical aid|med aid|scheme|ins(?:urance)?|rank|seq)$/,
  ],
]

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const afrikaans: Record<string, number> = {
  mrt: 2,
  maart: 2,
  mei: 4,
  okt: 9,
  des: 11,
  januarie: 0,
  februarie: 1,
}
export const monthOf = (word: string): number | null => {
  const lower = word.toLowerCase().replace(/\.$/, '')
  if (lower in afrikaans) return afrikaans[lower]!
  const at = MONTHS.indexOf(lower.slice(0, 3))
  const full = 'january february march april may june july august september october november december'.split(
    ' ',
  )
  return at >= 0 && (lower.length === 3 || full[at]!.startsWith(lower) || lower === 'sept') ? at : null
}

const D = String.raw`(?:days?|d|dae|dag|dys)?\.?`
const OPEN = String.raw`(?:\+|&? ?(?:over|above|older|more|up|plus|ouer|en meer|or more|and over|and above|and older|and more|& ?over|& ?above|& ?older|and up))`
const patterns: [RegExp, (found: RegExpExecArray) => Label | null][] = [
  [
    /^(?:current|curr?|cur\.?|huidig|huidige|not (?:yet )?due|undue|this month|at date|at due date|within terms|lopend|present|not overdue|current (?:month|period|due)|0 ?days|period 0|0|curnt|crnt)$/,
    () => ({ is: 'age', from: 0, kind: 'current' }),
  ],
  [/^(?:future|advance|toekoms)$/, () => ({ is: 'age', from: -1, kind: 'future' })],
  [/^(?:<|less than|under|up to|upto) ?1 ?months?$/, () => ({ is: 'age', from: 1, kind: 'range' })],
  [
    new RegExp(`^(?:<|<=|under|up to|upto|less than) ?30 ?${D}$`),
    () => ({ is: 'age', from: 1, kind: 'range' }),
  ],
  [
    new RegExp(
      `^(?:days? ?)?(\\d{1,3}) ?${D} ?(?:-|–|to|tot|t\\/m|\\.\\.) ?(\\d{1,4}) ?${D}(?: ?(?:overdue|past due|old))?$`,
    ),
    ([, from, to]) =>
      Number(to) > Number(from) && Number(to) - Number(from) <= 400
        ? { is: 'age', from: Number(from), kind: 'range' }
        : null,
  ],
  [
    new RegExp(`^(?:over|>|>=|above|older than|more than|oor|ouer as|beyond|past) ?(\\d{1,3}) ?${D}$`),
    ([, from]) => ({ is: 'age', from: Number(from), kind: 'open' }),
  ],
  [
    new RegExp(`^(\\d{1,3}) ?-? ?${D} ?${OPEN} ?${D}$`),
    ([, from]) => ({ is: 'age', from: Number(from), kind: 'open' }),
  ],
  [/^(?:older|over|oldest|ouer|and older|beyond|& over)$/, () => ({ is: 'age', from: 9999, kind: 'older' })],
  [
    /^(?:over|>|older than|more than) ?(\d{1,2}) ?(?:months?|mths?|periods?)$|^(\d{1,2}) ?(?:months?|mths?) ?(?:\+|and over|& over|and older)$/,
    ([, a, b]) => ({ is: 'age', from: Number(a ?? b) * 30, kind: 'open' }),
  ],
  [
    /^(?:(?:period|month|mth|per|prd|maand) ?-?(\d{1,2})|(\d{1,2}) ?-?(?:months?|mths?|periods?|maande?)(?: ago| old)?)$/,
    ([, a, b]) => ({ is: 'age', from: Number(a ?? b) * 30, kind: 'days' }),
  ],
  [
    new RegExp(`^(\\d{2,3}) ?-? ?${D}(?: ?(?:overdue|past due|old))?$`),
    ([, from]) =>
      Number(from) % 15 === 0 && Number(from) > 0 && Number(from) <= 365
        ? { is: 'age', from: Number(from), kind: 'days' }
        : null,
  ],
  [
    /^([a-z]{3,9})\.?(?:[ '\-/]*((?:20)?\d{2}))? ?(\+|& ?(?:older|over|before|prior)|and (?:older|over|before|prior)|older|before)?$/,
    ([, word, year, open]) => {
      const month = monthOf(word!)
      if (month === null) return null
      return {
        is: 'month',
        month,
        year: year ? (Number(year) < 100 ? 2000 + Number(year) : Number(year)) : null,
        open: Boolean(open),
      }
    },
  ],
]

export const plain = (label: string) =>
  label
    .toLowerCase()
    .replaceAll(/[\u2010-\u2015\u2212]/g, '-')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/^[\s|:*_.]+|[\s|:*_.]+$/g, '')
    .replace(/ ?\((?:zar|r|inr|rs\.?|₹|\$|usd|eur|€)\)$/, '')
    .trim()

export function labelOf(text: string): Label | null {
  let label = plain(text)
  if (label === '' || label.length > 40) return null
  if (/^<?-+ ?n ?a ?m ?e ?-+>?$/.test(label)) return { is: 'name' }
  for (const [pattern, make] of patterns) {
    const found = pattern.exec(label)
    const made = found && make(found)
    if (made) return made
  }
  label = label.replace(/\.$/, '')
  for (const [is, pattern] of named) if (pattern.test(label)) return { is }
  return null
}

export const isAge = (label: Label | null) => label?.is === 'age' || label?.is === 'month'

/**
 * What the labels of one header mean together. "0-30, 31-60" starts with the current month; "Current, 1-30, 31-60" has it
 * before; "Over 90" after "90 days" is the next age. Ages beyond 180 days are added into the last.
 */
export function meaningsOf(labels: (Label | null)[], reportDate: string | null): (ColumnMeaning | null)[] {
  const months = labels.filter((label) => label?.is === 'month')
  const newest = newestMonth(months, reportDate)
  const ages = labels.map((label) => {
    if (label?.is === 'age') return label
    if (label?.is !== 'month' || newest === null) return null
    const year = label.year ?? yearBefore(label.month, newest)
    const ago = newest.year * 12 + newest.month - (year * 12 + label.month)
    return { is: 'age' as const, from: ago * 30, kind: label.open ? ('open' as const) : ('days' as const) }
  })
  const has = (kind: string) => ages.some((age) => age?.kind === kind)
  const ranges = ages.filter((age) => age?.kind === 'range').map((age) => age!.from)
  const startsAtZero = !has('current') && ranges.some((from) => from === 0 || (from === 1 && !has('days')))
  const steps = ages.map((age) => {
    if (!age) return null
    if (age.kind === 'current' || age.kind === 'future') return 0
    if (age.kind === 'days') return Math.round(age.from / 30)
    if (age.kind === 'range') return Math.floor((age.from + 2) / 30) + (startsAtZero ? 0 : 1)
    return null
  })
  // What is open towards the past is older than all others: the step after them, unless its own number says a later one.
  const last = Math.max(...steps.map((step) => step ?? -1))
  for (const [at, age] of ages.entries())
    if (age?.kind === 'open') {
      const own = Math.floor((age.from + 1) / 30)
      steps[at] = own > last ? (has('range') && !startsAtZero ? last + 1 : own) : last + 1
    } else if (age?.kind === 'older') steps[at] = last + 1
  return labels.map((label, at) => {
    if (label === null) return null
    if (isAge(label)) return steps[at] === null ? null : BUCKETS[Math.max(0, Math.min(6, steps[at]!))]!
    if (label.is === 'contact') return 'phone'
    return label.is as ColumnMeaning
  })
}

type Month = { year: number; month: number }
const yearBefore = (month: number, newest: Month) => (month <= newest.month ? newest.year : newest.year - 1)

function newestMonth(
  months: { year: number | null; month: number; open: boolean }[],
  reportDate: string | null,
): Month | null {
  if (months.length === 0) return null
  const dated = months.filter(({ year }) => year !== null).map(({ year, month }) => year! * 12 + month)
  if (dated.length > 0) {
    const top = Math.max(...dated)
    return { year: Math.floor(top / 12), month: top % 12 }
  }
  if (reportDate) return { year: Number(reportDate.slice(0, 4)), month: Number(reportDate.slice(5, 7)) - 1 }
  // Without any year: the months are neighbours, and the newest is the one whose next is missing.
  const set = new Set(months.map(({ month }) => month))
  const newest = months.find(({ month }) => !set.has((month + 1) % 12))
  return { year: 2000, month: newest?.month ?? months[0]!.month }
}

export const isBucket = (meaning: ColumnMeaning | null): meaning is Bucket =>
  BUCKETS.includes(meaning as Bucket)
