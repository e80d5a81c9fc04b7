// Days as people say them: "fri", "in 3 days", "2w", "15/12", "end of month". Whoever types sees at once which day was understood.

const DAY_MS = 86_400_000
const at = (day: string) => new Date(`${day}T00:00:00Z`)
const iso = (date: Date) => date.toISOString().slice(0, 10)
const later = (day: string, days: number) => iso(new Date(at(day).getTime() + days * DAY_MS))

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const months = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
]
const begins = (names: readonly string[], word: string) =>
  word.length < 3 ? -1 : names.findIndex((name) => name.startsWith(word))

/** The day meant, YYYY-MM-DD, never before `today`; undefined when the words say none. Days of figures are day first unless `monthFirst`. */
export function dayFromWords(words: string, today: string, monthFirst = false): string | undefined {
  const said = words.trim().toLowerCase().replace(/[.,]/g, ' ').replace(/\s+/g, ' ').trim()
  if (said === '') return undefined
  if (/^\d{4}-\d{2}-\d{2}$/.test(said))
    return valid(Number(said.slice(0, 4)), Number(said.slice(5, 7)), Number(said.slice(8)), today)
  if (said === 'today' || said === 'tod') return today
  if (said === 'tomorrow' || said === 'tom' || said === 'tmr') return later(today, 1)
  if (/^(eom|end of( the)? month|month end)$/.test(said)) return monthEnd(today)
  const next = /^next (week|month)$/.exec(said)
  if (next) return next[1] === 'week' ? later(today, 7) : addMonths(today, 1)
  const span = /^(?:in )?(\d{1,3}) ?(d|days?|w|weeks?|m|months?)?$/.exec(said)
  if (span && (span[2] || said.startsWith('in '))) return spanned(Number(span[1]), span[2] ?? 'd', today)
  const weekday = begins(weekdays, said.replace(/^(on|next|this) /, ''))
  if (weekday >= 0) {
    const ahead = (weekday - at(today).getUTCDay() + 7) % 7 || 7
    return later(today, said.startsWith('next ') && ahead < 7 ? ahead + 7 : ahead)
  }
  return ofMonth(said, today, monthFirst)
}

function spanned(count: number, unit: string, today: string) {
  if (unit.startsWith('w')) return later(today, count * 7)
  return unit.startsWith('m') ? addMonths(today, count) : later(today, count)
}

/** "15", "15/12", "15 dec", "dec 15", "15/12/2026": the next such day. */
function ofMonth(said: string, today: string, monthFirst: boolean): string | undefined {
  const figures = /^(\d{1,2})(?:[/\- ](\d{1,2})(?:[/\- ](\d{2}|\d{4}))?)?(?:st|nd|rd|th)?$/.exec(said)
  if (figures) {
    const [, first, second, year] = figures
    if (!second) return nextDayOfMonth(Number(first), today)
    const [day, month] = monthFirst ? [second, first] : [first, second]
    return nextOf(Number(month), Number(day), year, today)
  }
  const named =
    /^(?:(\d{1,2})(?:st|nd|rd|th)? ([a-z]+)|([a-z]+) (\d{1,2})(?:st|nd|rd|th)?)(?: (\d{4}))?$/.exec(said)
  if (!named) return undefined
  const month = begins(months, named[2] ?? named[3]!) + 1
  return month === 0 ? undefined : nextOf(month, Number(named[1] ?? named[4]), named[5], today)
}

function nextOf(month: number, day: number, year: string | undefined, today: string): string | undefined {
  if (year) return valid(Number(year.length === 2 ? `20${year}` : year), month, day, today)
  const thisYear = Number(today.slice(0, 4))
  return valid(thisYear, month, day, today) ?? valid(thisYear + 1, month, day, today)
}

function nextDayOfMonth(day: number, today: string): string | undefined {
  const [year, month] = [Number(today.slice(0, 4)), Number(today.slice(5, 7))]
  for (let ahead = 0; ahead < 3; ahead++) {
    const found = valid(
      year + Math.floor((month - 1 + ahead) / 12),
      ((month - 1 + ahead) % 12) + 1,
      day,
      today,
    )
    if (found) return found
  }
  return undefined
}

function valid(year: number, month: number, day: number, today: string): string | undefined {
  const date = new Date(Date.UTC(year, month - 1, day))
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  return iso(date) >= today ? iso(date) : undefined
}

function monthEnd(today: string): string {
  const date = at(today)
  return iso(new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)))
}

/** The same day of a later month, or that month's last. */
function addMonths(day: string, count: number): string {
  const date = at(day)
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + count + 1, 0)).getUTCDate()
  return iso(
    new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + count, Math.min(date.getUTCDate(), last))),
  )
}
