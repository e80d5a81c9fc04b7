import { addDays } from '../../../core/dates.ts'
import { holidayOn } from './holidays.ts'

/** From when to when messages may go out, `HH:MM` (until: that minute no more); null: not on that day. */
export type Span = { from: string; until: string } | null
/** Sunday first, as days of the week are counted. */
export type Week = readonly [Span, Span, Span, Span, Span, Span, Span]

export type Times = {
  timezone: string
  country: string
  week: Week
  /** Holidays of the country are days of rest. */
  keeps_holidays: boolean
  /** Further days of rest, and holidays that are none here. */
  rest_days: readonly string[]
  work_days: readonly string[]
}

const span = (from: string, until: string): Span => ({ from, until })
const week = (sunday: Span, weekday: Span, saturday: Span): Week => [
  sunday,
  weekday,
  weekday,
  weekday,
  weekday,
  weekday,
  saturday,
]
/** No organisation may choose wider: South Africa's Council for Debt Collectors names these hours, and nobody likes others. */
export const EARLIEST = '06:00'
export const LATEST = '21:00'

/**
 * What holds until an organisation says otherwise. South Africa: the hours of its code for unsolicited messages. India: those of the Reserve
 * Bank's rules for recovery. Elsewhere the first, since nobody complains of being reminded by day.
 */
export const defaultWeek = (country: string): Week =>
  country === 'IN'
    ? week(null, span('08:00', '19:00'), span('08:00', '19:00'))
    : country === 'UZ'
      ? week(null, span('09:00', '20:00'), span('09:00', '18:00'))
      : week(null, span('08:00', '20:00'), span('09:00', '13:00'))

const clocks = new Map<string, Intl.DateTimeFormat>()
/** The day and the minute that a clock on the wall shows in a time zone. */
export function wallClock(instant: Date, timezone: string): { day: string; time: string } {
  let clock = clocks.get(timezone)
  if (!clock) {
    clock = new Intl.DateTimeFormat('en-CA', {
      timeZone: timezone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
    clocks.set(timezone, clock)
  }
  const part = Object.fromEntries(clock.formatToParts(instant).map(({ type, value }) => [type, value]))
  return { day: `${part.year}-${part.month}-${part.day}`, time: `${part.hour}:${part.minute}` }
}

/** The instant at which the clock of a time zone shows a day and a time; in the hour that a summer time skips, the one after it. */
export function instantOf(day: string, time: string, timezone: string): Date {
  const wanted = Date.parse(`${day}T${time}:00Z`)
  const offBy = (instant: number) => {
    const shown = wallClock(new Date(instant), timezone)
    return wanted - Date.parse(`${shown.day}T${shown.time}:00Z`)
  }
  const first = wanted + offBy(wanted)
  const off = offBy(first)
  if (off === 0) return new Date(first)
  const second = first + off
  return new Date(offBy(second) === 0 ? second : Math.max(first, second))
}

/** Why nothing goes out on a day: its name; null when something may. */
function restOf(day: string, times: Times): string | null {
  if (times.rest_days.includes(day)) return 'a day of rest here'
  if (!times.keeps_holidays || times.work_days.includes(day)) return null
  return holidayOn(times.country, day)
}
const spanOf = (day: string, { week }: Times) => week[new Date(`${day}T00:00:00Z`).getUTCDay()] ?? null

export type Closed = { gate: 'quiet_hours' | 'holiday'; text: string; next: Date | null }

/** Null when messages may go out at this instant; else why not, and when next. */
export function closedAt(now: Date, times: Times): Closed | null {
  const { day, time } = wallClock(now, times.timezone)
  const holiday = restOf(day, times)
  const open = spanOf(day, times)
  if (!holiday && open && time >= open.from && time < open.until) return null
  return {
    gate: holiday ? 'holiday' : 'quiet_hours',
    text: holiday ?? (open ? `${open.from} to ${open.until}` : 'nothing goes out on this weekday'),
    next: nextOpening(now, times),
  }
}

/** The first instant from now on at which messages may go out; null when there is none within a month. */
export function nextOpening(now: Date, times: Times): Date | null {
  const { day: today, time } = wallClock(now, times.timezone)
  for (let ahead = 0; ahead <= 31; ahead++) {
    const day = addDays(today, ahead)
    const open = spanOf(day, times)
    if (!open || restOf(day, times)) continue
    if (ahead > 0 || time < open.from) return instantOf(day, open.from, times.timezone)
    if (time < open.until) return now
  }
  return null
}
