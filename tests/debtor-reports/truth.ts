// Debtors that never were, and what is true of them.

export const AGES = ['current', 'd30', 'd60', 'd90', 'd120', 'd150', 'd180'] as const
export type Age = (typeof AGES)[number]
export type True = {
  acc_no: string
  name: string
  buckets: Record<Age, number>
  balance: number
  email: string | null
  phone: string | null
  is_medical_aid_control: boolean
  sub_of?: string | null
}

const firsts = [
  'THANDI',
  'PIETER',
  'SUNETTE',
  'A',
  'J P',
  'FATIMA',
  'MEDAIDA',
  'KOBUS',
  'LERATO',
  'R',
  'ÉLOÏSE',
  'SIPHO',
]
const lasts = [
  'NKOSI',
  'VAN DER MERWE',
  'DLAMINI',
  "O'REILLY",
  'DU PLESSIS',
  'NAIDOO',
  'BOTHA',
  'JANSE VAN RENSBURG',
  'ADAMS',
  'LE ROUX',
]
const titles = ['MR', 'MEV', 'DR', 'PROF', 'MNR', '']
const controls = ['MEDICAL AID CONTROL ACC', 'MED AID CONTROL', 'MEDAID CONTROL BONITAS']

export type Wanted = {
  count?: number
  ages?: readonly Age[]
  mixedCase?: boolean
  contacts?: boolean
  negatives?: number
  account?: (n: number, random: () => number) => string
  large?: boolean
  controls?: boolean
}

export function debtors(random: () => number, wanted: Wanted = {}): True[] {
  const { count = 40, ages = AGES, contacts = true, negatives = 0.15, large = true } = wanted
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!
  const rows: True[] = []
  const taken = new Set<string>()
  for (let n = 0; n < count; n++) {
    let acc_no = ''
    do acc_no = wanted.account?.(n, random) ?? String(100_000 + Math.floor(random() * 899_999))
    while (taken.has(acc_no))
    taken.add(acc_no)
    const control = wanted.controls !== false && n % 17 === 11
    const first = pick(firsts)
    const last = pick(lasts)
    const person = [pick(titles), first, last].filter(Boolean).join(' ')
    const name = control ? controls[Math.floor(n / 17) % controls.length]! : person
    const buckets = Object.fromEntries(AGES.map((age) => [age, 0])) as Record<Age, number>
    for (const age of ages) {
      if (random() < 0.45) continue
      const size = large && random() < 0.08 ? 200_000_000 : random() < 0.3 ? 900_000 : 90_000
      buckets[age] = Math.floor(random() * size) + 1
      if (random() < negatives) buckets[age] = -buckets[age]
    }
    if (ages.every((age) => buckets[age] === 0)) buckets[ages[0]!] = 12_345 + n
    const balance = AGES.reduce((sum, age) => sum + buckets[age], 0)
    const email =
      contacts && !control && random() < 0.6
        ? `${first.toLowerCase().replaceAll(/[^a-z]/g, '')}.${last.toLowerCase().replaceAll(/[^a-z]/g, '')}${n}@example.${pick(['com', 'org', 'co.za'])}`
        : null
    const phone =
      contacts && !control && random() < 0.7
        ? `0${pick(['82', '71', '83', '60'])}555${String(1000 + Math.floor(random() * 8999))}`
        : null
    rows.push({
      acc_no,
      name: wanted.mixedCase
        ? name.toLowerCase().replaceAll(/(^|[ '-])\p{L}/gu, (found) => found.toUpperCase())
        : name,
      buckets,
      balance,
      email,
      phone,
      is_medical_aid_control: control,
    })
  }
  return rows
}

export const total = (rows: True[], age: Age | 'balance') =>
  rows.reduce((sum, row) => sum + (age === 'balance' ? row.balance : row.buckets[age]), 0)

// ---- notations

export type Print = (minor: number) => string
const parts = (minor: number) => {
  const digits = String(Math.abs(minor)).padStart(3, '0')
  return { negative: minor < 0, whole: digits.slice(0, -2), cents: digits.slice(-2) }
}
const group = (whole: string, mark: string) => whole.replaceAll(/\B(?=(\d{3})+(?!\d))/g, mark)
const indian = (whole: string) =>
  whole.length <= 3
    ? whole
    : `${whole.slice(0, -3).replaceAll(/\B(?=(\d{2})+(?!\d))/g, ',')},${whole.slice(-3)}`
const made =
  (format: (whole: string, cents: string) => string, sign: (text: string) => string, zero?: string): Print =>
  (minor) => {
    if (minor === 0 && zero !== undefined) return zero
    const { negative, whole, cents } = parts(minor)
    const text = format(whole, cents)
    return negative ? sign(text) : text
  }
const before = (text: string) => `-${text}`
const after = (text: string) => `${text}-`
const point = (mark: string) => (whole: string, cents: string) => `${group(whole, mark)}.${cents}`

const plain = made(point(','), before)
export const prints = {
  plain,
  deb013: made((whole, cents) => `${whole === '0' ? '' : whole}.${cents}`, after, '.00'),
  blank: made(point(','), before, ''),
  gap: made(point(' '), before),
  nbsp: made(point('\u00a0'), before),
  none: made(point(''), before),
  trailing: made(point(','), after),
  indian: made((whole, cents) => `${indian(whole)}.${cents}`, before),
  comma: made((whole, cents) => `${group(whole, '.')},${cents}`, before),
  brackets: made(point(','), (text) => `(${text})`, '-'),
  credit: made(point(','), (text) => `${text} CR`),
  tally: (minor: number): string =>
    minor === 0 ? '' : `${plain(Math.abs(minor))} ${minor < 0 ? 'Cr' : 'Dr'}`,
  rand: made(
    (whole, cents) => `R ${group(whole, ',')}.${cents}`,
    (text) => `-${text}`,
  ),
  randInside: made((whole, cents) => `${group(whole, ' ')}.${cents}`, before),
} satisfies Record<string, Print>
