import { useFormat, useMe } from '../session.ts'
import { dayMeant } from './day-words.ts'

/** Reads a day in words as people of the organisation's country write it. Undefined: no day. */
export function useDayMeant(): (words: string) => string | undefined {
  const today = useFormat().today()
  const monthFirst = useMe().tenant?.country === 'US'
  return (words) => dayMeant(words, today, monthFirst)
}
