import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Refusal } from '../../server/core/errors.ts'
import { readFileOf } from '../../server/modules/debtors/report/sources.ts'
import { type Drawn, layouts } from '../debtor-reports/layouts.ts'
import type { Tamper } from '../debtor-reports/table.ts'
import { AGES, type True } from '../debtor-reports/truth.ts'
import type { Proof } from '../prove.ts'
import { seeded } from '../seeded.ts'

// Layouts whose drawing takes every kind of damage.
const damaged = layouts.filter(({ name }) => /^L(?:1|2|3|4|5|6|7|9|10|13|19|20|24) /.test(name))
const kinds = ['digit', 'sign', 'cells', 'labels', 'page'] as const

const proof: Proof = {
  name: 'debtor-reports',
  claim: 'a report with a digit, a sign, two columns or a page wrong is never taken for one that agrees',
  full: 1000,
  sample: 25,
  async run({ trials, random }) {
    const folder = mkdtempSync(join(tmpdir(), 'proof-reports-'))
    const told = { noticed: 0, refused: 0, unchanged: 0 }
    try {
      for (let trial = 0; trial < trials; trial++) {
        const layout = damaged[trial % damaged.length]!
        const kind = kinds[Math.floor(random() * kinds.length)]!
        const seed = Math.floor(random() * 1_000_000_000)
        const tamper = damage(kind, random)
        const drawn = await layout.make(seeded(seed), tamper)
        const path = join(folder, 'report.pdf')
        writeFileSync(path, drawn.pdf)
        try {
          const reading = await readFileOf({ path, name: 'report.pdf' }, { exponent: 2 }, () => {})
          if (!reading.agrees) told.noticed++
          else if (right(drawn, reading.rows)) told.unchanged++
          else throw new Error(`${layout.name}, seed ${seed}: ${kind} is wrong and the report agrees`)
        } catch (error) {
          if (!(error instanceof Refusal)) throw error
          told.refused++
        }
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
    if (told.noticed < trials * 0.6)
      throw new Error(`only ${told.noticed} of ${trials} were damaged and noticed`)
    return `${told.noticed} noticed, ${told.refused} refused, ${told.unchanged} where the damage changed nothing`
  },
}
export default proof

const right = (
  { rows }: Drawn,
  read: { acc_no: string; buckets: Record<string, number>; balance: number }[],
) =>
  rows.length === read.length &&
  rows.every((row, at) => {
    const other = read[at]!
    return (
      row.acc_no === other.acc_no &&
      row.balance === other.balance &&
      AGES.every((age) => row.buckets[age] === other.buckets[age])
    )
  })

function damage(kind: (typeof kinds)[number], random: () => number): Tamper {
  const below = (n: number) => Math.floor(random() * n)
  const filled = (row: True) => AGES.filter((age) => row.buckets[age] !== 0)
  const change = (make: (row: True) => Partial<True['buckets']> & { balance?: number }): Tamper => ({
    row: {
      at: below(20),
      change: (row) => {
        const { balance = row.balance, ...ages } = make(row)
        return { ...row, buckets: { ...row.buckets, ...ages }, balance }
      },
    },
  })
  const [one, two, three] = [random(), random(), 1 + below(8)]
  if (kind === 'digit')
    return change((row) => {
      if (one < 0.3) return { balance: otherDigit(row.balance, two, three) }
      const ages = filled(row)
      const age = ages[Math.floor(two * ages.length)]!
      return { [age]: otherDigit(row.buckets[age], one, three) }
    })
  if (kind === 'sign')
    return change((row) => {
      if (one < 0.3) return { balance: -row.balance }
      const ages = filled(row)
      const age = ages[Math.floor(two * ages.length)]!
      return { [age]: -row.buckets[age] }
    })
  if (kind === 'cells')
    return change((row) => {
      const age = filled(row)[0]!
      const other = AGES[(AGES.indexOf(age) + 1) % 5]!
      return { [age]: row.buckets[other], [other]: row.buckets[age] }
    })
  if (kind === 'labels') return { swap: { page: 1, a: below(2), b: 2 + below(2) } }
  return { skip: 1 + below(2) }
}

/** One digit of it, another one. */
function otherDigit(minor: number, where: number, by: number): number {
  const digits = String(Math.abs(minor))
  const at = Math.floor(where * digits.length)
  const digit = (Number(digits[at]) + by) % 10
  const changed = Number(digits.slice(0, at) + digit + digits.slice(at + 1))
  return minor < 0 ? -changed : changed
}
