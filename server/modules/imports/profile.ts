import { DateColumnReader, isBlankDate } from '../../core/dates.ts'
import { decimalCell, decimalEvidence } from '../../core/money.ts'
import type { Row } from '../../core/tabular.ts'
import type { Field } from './target.ts'

/** What a column holds, seen over the first rows of a file. */
export type Profile = {
  values: { row: number; value: string }[]
  /** Shares of the filled cells. */
  days: number
  amounts: number
  decimals: number
  lettered: number
}

const EXAMPLES = 3

export function profileOf(rows: readonly Row[], at: number): Profile {
  const values = rows
    .map(({ row, cells }) => ({ row, value: cells[at]?.trim() ?? '' }))
    .filter(({ value }) => value !== '')
  let days = 0
  let amounts = 0
  let decimals = 0
  let lettered = 0
  for (const { row, value } of values) {
    const reader = new DateColumnReader()
    reader.add(value, row)
    if (reader.certain + reader.digits > 0 || isBlankDate(value)) days++
    if (decimalEvidence(value) !== 'none') amounts++
    if (/\d[.,]\d{1,2}\D*$/.test(value)) decimals++
    if (/\p{L}/u.test(value)) lettered++
  }
  const share = (count: number) => (values.length === 0 ? 0 : count / values.length)
  return {
    values,
    days: share(days),
    amounts: share(amounts),
    decimals: share(decimals),
    lettered: share(lettered),
  }
}

export const examplesOf = (profile: Profile) => profile.values.slice(0, EXAMPLES)

/** Whether the contents of a column are what the field holds. A column without contents holds anything. */
export function bearsOut(profile: Profile, field: Field): boolean {
  const { values, days, amounts, decimals } = profile
  if (values.length === 0) return true
  if (field.looks) {
    const { looks } = field
    return values.filter(({ value }) => looks.test(value)).length >= values.length * 0.6
  }
  switch (field.kind) {
    case 'day':
      return days >= 0.6
    case 'amount':
      return amounts >= 0.6 && days < 0.6
    case 'code':
      return days < 0.6 && decimals < 0.6
    case 'text':
      return true
  }
}

/** Whether two columns say the same in every row. */
export const sameValues = (a: Profile, b: Profile) =>
  a.values.length === b.values.length &&
  a.values.every(({ row, value }, at) => b.values[at]!.row === row && b.values[at]!.value === value)

const numberIn = (value: string) => Number(decimalCell(value, '.') ?? decimalCell(value, ','))
/** Whether a column adds up another: a balance of the account, and not of each row. */
export function isRunning(sums: Profile, amounts: Profile): boolean {
  const amountOf = new Map(amounts.values.map(({ row, value }) => [row, numberIn(value)]))
  let added = 0
  let compared = 0
  for (const [at, { row, value }] of sums.values.entries()) {
    const before = sums.values[at - 1]
    const amount = amountOf.get(row)
    if (!before || before.row !== row - 1 || amount === undefined) continue
    compared++
    if (Math.abs(numberIn(before.value) + amount - numberIn(value)) < 0.005) added++
  }
  // The first row under each heading starts anew.
  return added >= 3 && added >= compared * 0.6
}
