import { monthOf } from './labels.ts'

// The day of the report, from the lines above its table.

const pad = (n: number) => String(n).padStart(2, '0')
const day = (year: number, month: number, date: number) =>
  month >= 1 && month <= 12 && date >= 1 && date <= 31 && year >= 1990 && year < 2100
    ? `${year}-${pad(month)}-${pad(date)}`
    : null
const full = (year: string) => (year.length === 2 ? 2000 + Number(year) : Number(year))

const patterns: [RegExp, (found: RegExpMatchArray) => string | null][] = [
  [
    /(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)/g,
    ([, y, m, d]) => day(Number(y), Number(m), Number(d)),
  ],
  [
    /(?<!\d)(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?!\d)/g,
    ([, a, b, y]) => day(full(y!), Number(b), Number(a)) ?? day(full(y!), Number(a), Number(b)),
  ],
  [
    /(?<!\d)(\d{1,2})(?:st|nd|rd|th)?[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4}|\d{2})(?!\d)/g,
    ([, d, m, y]) => {
      const month = monthOf(m!)
      return month === null ? null : day(full(y!), month + 1, Number(d))
    },
  ],
  [
    /([A-Za-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(?!\d)/g,
    ([, m, d, y]) => {
      const month = monthOf(m!)
      return month === null ? null : day(Number(y), month + 1, Number(d))
    },
  ],
]

export function reportDateOf(lines: string[]): string | null {
  const found: { date: string; weight: number }[] = []
  for (const [at, line] of lines.entries())
    for (const [pattern, make] of patterns)
      for (const match of line.matchAll(pattern)) {
        const date = make(match)
        if (!date) continue
        const before = line.slice(Math.max(0, match.index - 24), match.index)
        const stated =
          /\b(?:as (?:at|of|on)|ageing date|aged? (?:at|to|as)|period|up to|soos op|per|ending|ended|analysis)\b/i.test(
            before,
          )
        const printed = /\b(?:print|run|user|time)/i.test(before)
        found.push({ date, weight: (stated ? 10 : 0) - (printed ? 5 : 0) - at * 0.01 })
      }
  return found.sort((a, b) => b.weight - a.weight)[0]?.date ?? null
}

/** "Page 3 of 7", as printed. */
export function pageNumberOf(text: string): { page: number; of: number | null } | null {
  const found =
    /\b(?:page|bladsy|pg)\.?\s*(?:no\.?)?\s*:?\s*(\d{1,4})(?:\s*(?:of|van|\/)\s*(\d{1,4}))?/i.exec(text)
  return found ? { page: Number(found[1]), of: found[2] ? Number(found[2]) : null } : null
}
