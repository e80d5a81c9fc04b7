import type { ImportDetails } from '../wire.ts'
import type { Proposal, Reading } from './reading.ts'

/** Fields with the column proposed for each: first those that a question is about or that are uncertain, then the found. */
export function proposalsOf(
  one: Pick<ImportDetails, 'questions' | 'mapping'>,
  reading: Pick<Reading, 'proposal'>,
): Proposal[] {
  const asked = one.questions.flatMap(({ id, field }) => (id === 'mapping' && field ? [field] : []))
  const proposed = reading.proposal.map((each) => each.field)
  const unproposed = [...asked, ...Object.keys(one.mapping)].filter((field) => !proposed.includes(field))
  const all: Proposal[] = [
    ...reading.proposal,
    ...[...new Set(unproposed)].map((field): Proposal => {
      const column = one.mapping[field] ?? null
      return { field, column, certainty: column ? 'known' : 'none', why: null }
    }),
  ]
  const rank = (each: Proposal) => {
    if (asked.includes(each.field)) return 0
    return each.certainty === 'asked' ? 1 : each.column ? 2 : 3
  }
  return all
    .map((each): Proposal => (asked.includes(each.field) ? { ...each, certainty: 'asked' } : each))
    .sort((a, b) => rank(a) - rank(b))
}
