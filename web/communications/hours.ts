import type { PictureDay } from './week-picture.tsx'

/** From when to when messages go out on a day, HH:MM; null: nothing goes out. Sunday first. */
export type Span = { from: string; until: string } | null
export type Hours = {
  week: Span[]
  keeps_holidays: boolean
  rest_days: string[]
  work_days: string[]
}

/** No organisation may choose wider. */
export const earliest = '06:00'
export const latest = '21:00'

const DAY_MS = 86_400_000
export const dayAfter = (day: string, days: number) =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
const weekday = (day: string) => new Date(`${day}T00:00:00Z`).getUTCDay()

export const hourOf = (time: string) => {
  const [hours, minutes] = time.split(':').map(Number)
  return (hours ?? 0) + (minutes ?? 0) / 60
}

/** The coming days as rules would have them: what the picture shows while somebody changes them. */
export function comingDays(
  hours: Hours,
  holidays: { day: string; name: string }[],
  today: string,
  count: number,
  words: { label: (day: string) => string; restDay: string },
): PictureDay[] {
  const named = new Map(holidays.map(({ day, name }) => [day, name]))
  return Array.from({ length: count }, (_, ahead) => {
    const day = dayAfter(today, ahead)
    const span = hours.week[weekday(day)] ?? null
    const holiday = named.get(day)
    const rests = hours.rest_days.includes(day)
    const isOff = rests || (holiday !== undefined && hours.keeps_holidays && !hours.work_days.includes(day))
    const why = rests ? (holiday ?? words.restDay) : holiday
    return {
      day,
      label: words.label(day),
      open: span && !isOff ? [[hourOf(span.from), hourOf(span.until)]] : [],
      ...(why === undefined ? {} : { why }),
      ...(ahead === 0 ? { isToday: true } : {}),
    }
  })
}
