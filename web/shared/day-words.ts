/** The business day that somebody means: "fri", "in 3 days", "tomorrow", "15/12", "15 dec", "end of month". Undefined: no day. */
export function dayMeant(typed: string, today: string, monthFirst = false): string | undefined {
  const text = typed.trim().toLowerCase().replace(/\s+/g, ' ')
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text)
  if (iso) return valid(Number(iso[1]), Number(iso[2]), Number(iso[3]))
  if (text === 'today') return today
  if (/^tom(orrow)?$/.test(text)) return plus(today, 1)
  const ahead =
    /^(?:in |\+)?(\d{1,3}) ?(d|days?|w|weeks?|m|months?)$/.exec(text) ?? /^(?:in |\+)(\d{1,3})()$/.exec(text)
  if (ahead) {
    const count = Number(ahead[1])
    const unit = ahead[2]?.[0] ?? 'd'
    return unit === 'm' ? plusMonths(today, count) : plus(today, unit === 'w' ? count * 7 : count)
  }
  if (/^(eom|end of (the )?month|month end)$/.test(text)) return lastOfMonth(today)
  if (/^next week$/.test(text)) return plus(today, 7)
  if (/^next month$/.test(text)) return plusMonths(today, 1)
  if (/^\d{1,2}$/.test(text)) return dayOfMonth(Number(text), today)
  return weekday(text, today) ?? dayAndMonth(text, today, monthFirst)
}

const DAY_MS = 86_400_000
const at = (day: string) => new Date(`${day}T00:00:00Z`)
const said = (date: Date) => date.toISOString().slice(0, 10)
const plus = (day: string, days: number) => said(new Date(at(day).getTime() + days * DAY_MS))
const lastOfMonth = (day: string) =>
  said(new Date(Date.UTC(at(day).getUTCFullYear(), at(day).getUTCMonth() + 1, 0)))
/** The same day of a later month, or its last one. */
function plusMonths(day: string, months: number) {
  const from = at(day)
  const first = said(new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + months, 1)))
  const last = Number(lastOfMonth(first).slice(8))
  return `${first.slice(0, 8)}${String(Math.min(from.getUTCDate(), last)).padStart(2, '0')}`
}

function valid(year: number, month: number, day: number): string | undefined {
  const date = new Date(Date.UTC(year, month - 1, day))
  return year >= 1900 && year < 2200 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
    ? said(date)
    : undefined
}

/** The next day of that number. */
function dayOfMonth(day: number, today: string): string | undefined {
  const [year, month] = [Number(today.slice(0, 4)), Number(today.slice(5, 7))]
  return [0, 1, 2]
    .map((ahead) => valid(year + Math.floor((month - 1 + ahead) / 12), ((month - 1 + ahead) % 12) + 1, day))
    .find((found) => found !== undefined && found >= today)
}

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
/** The next one, never today; "next fri" is the one of next week. */
function weekday(text: string, today: string): string | undefined {
  const match = /^(next |this |on )?([a-z]{3,9})$/.exec(text)
  const index = match ? weekdays.findIndex((name) => name.startsWith(match[2]!)) : -1
  if (index < 0) return undefined
  const weekdayNow = at(today).getUTCDay()
  if (match![1] === 'next ') {
    const monday = plus(today, 7 - ((weekdayNow + 6) % 7))
    return plus(monday, (index + 6) % 7)
  }
  return plus(today, (index - weekdayNow + 7) % 7 || 7)
}

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
const monthNamed = (word: string) =>
  word.length >= 3 ? months.findIndex((name) => name.startsWith(word)) + 1 : 0

/** A day without a year is the next one of its name. */
function dayAndMonth(text: string, today: string, monthFirst: boolean): string | undefined {
  const digits = /^(\d{1,2})[./-](\d{1,2})\.?(?:[./-]?(\d{2}|\d{4}))?$/.exec(text)
  const named = /^(\d{1,2})(?:st|nd|rd|th)?\.? ?([a-z]{3,9})\.?(?: (\d{4}))?$/.exec(text)
  const turned = /^([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,?(?: (\d{4}))?$/.exec(text)
  const [day, month, year] = digits
    ? monthFirst && Number(digits[1]) <= 12
      ? [Number(digits[2]), Number(digits[1]), digits[3]]
      : [Number(digits[1]), Number(digits[2]), digits[3]]
    : named
      ? [Number(named[1]), monthNamed(named[2]!), named[3]]
      : turned
        ? [Number(turned[2]), monthNamed(turned[1]!), turned[3]]
        : []
  if (!day || !month) return undefined
  if (year) return valid(year.length === 2 ? 2000 + Number(year) : Number(year), month, day)
  const thisYear = Number(today.slice(0, 4))
  const near = valid(thisYear, month, day)
  return near && near >= today ? near : valid(thisYear + 1, month, day)
}
