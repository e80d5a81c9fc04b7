import { invalidField } from '../../core/errors.ts'
import { fieldNamed, readMapping, requireMeanings } from './mapping.ts'
import type { Revision } from './schemas.ts'
import type { Answers, Said, Target } from './target.ts'

/** What was said, with what another upload of the same file says: only what it names changes. */
export function saidAlso(said: Said, { answers, ...rest }: Said): Said {
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
  return {
    ...said,
    ...given,
    answers: {
      ...said.answers,
      ...answers,
      ...(answers.mapping ? { mapping: { ...said.answers.mapping, ...answers.mapping } } : {}),
      ...(answers.status ? { status: { ...said.answers.status, ...answers.status } } : {}),
    },
  }
}

/** What was said, with what is said now: null takes back, mappings and words of a status add up. */
export function revised(target: Target, said: Said, revision: Revision): Said {
  const { mapping, date_order, decimal, sign, currency, status_words, as_of: _, ...rest } = revision
  const answers: Record<string, unknown> = { ...said.answers }
  for (const [name, value] of Object.entries({ date_order, decimal, sign, currency }))
    if (value === null) delete answers[name]
    else if (value !== undefined) answers[name] = value
  if (mapping) {
    const { errors } = readMapping(target, mapping, false)
    if (errors.length > 0) throw invalidField('mapping', errors.join(' '))
    const named = Object.entries(mapping).map(([name, header]) => [
      fieldNamed(target, name)!.name,
      header ?? '',
    ])
    answers.mapping = { ...said.answers.mapping, ...Object.fromEntries(named) }
  }
  if (status_words) requireMeanings(target, status_words)
  if (status_words) answers.status = { ...said.answers.status, ...status_words }
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
  return { ...said, ...given, answers: answers as Answers }
}
