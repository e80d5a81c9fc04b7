import { addDays } from '../../../core/dates.ts'

/**
 * Public holidays of the countries we are at home in, computed: South Africa's are law and arithmetic, the fixed days of India and
 * Uzbekistan too. The two Islamic feasts follow the calendar of Umm al-Qura that comes with Node; the moon is seen a day later in some
 * places, so the day after counts as well. Holi and Diwali follow the moon by a reckoning of their own and are listed to 2035.
 * A holiday library would bring lodash, a YAML parser and 200 countries for the same days; what one lacks here, an
 * organisation adds by itself (sending rules).
 */
export type Holiday = { day: string; name: string }

const two = (n: number) => String(n).padStart(2, '0')
const on = (year: number, month: number, day: number) => `${year}-${two(month)}-${two(day)}`
const weekdayOf = (day: string) => new Date(`${day}T00:00:00Z`).getUTCDay()

/** Easter Sunday (Gregorian), by the anonymous reckoning. */
export function easter(year: number): string {
  const a = year % 19
  const b = Math.floor(year / 100)
  const c = year % 100
  const h = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7
  const m = Math.floor((a + 11 * h + 22 * l) / 451)
  const month = Math.floor((h + l - 7 * m + 114) / 31)
  return on(year, month, ((h + l - 7 * m + 114) % 31) + 1)
}

const hijri = new Intl.DateTimeFormat('en-u-ca-islamic-umalqura', {
  day: 'numeric',
  month: 'numeric',
  timeZone: 'UTC',
})
/** The first days of the two feasts that fall into a year: 1 Shawwal and 10 Dhu al-Hijja. Rarely one falls into it twice. */
function feasts(year: number): { eidAlFitr: string[]; eidAlAdha: string[] } {
  const found = { eidAlFitr: [] as string[], eidAlAdha: [] as string[] }
  for (let day = on(year, 1, 1); day.startsWith(String(year)); day = addDays(day, 1)) {
    const parts = hijri.formatToParts(new Date(`${day}T00:00:00Z`))
    const [month, date] = ['month', 'day'].map((type) => parts.find((part) => part.type === type)?.value)
    if (month === '10' && date === '1') found.eidAlFitr.push(day)
    if (month === '12' && date === '10') found.eidAlAdha.push(day)
  }
  return found
}

function southAfrica(year: number): Holiday[] {
  const fixed: [number, number, string][] = [
    [1, 1, "New Year's Day"],
    [3, 21, 'Human Rights Day'],
    [4, 27, 'Freedom Day'],
    [5, 1, "Workers' Day"],
    [6, 16, 'Youth Day'],
    [8, 9, "National Women's Day"],
    [9, 24, 'Heritage Day'],
    [12, 16, 'Day of Reconciliation'],
    [12, 25, 'Christmas Day'],
    [12, 26, 'Day of Goodwill'],
  ]
  const days = fixed.flatMap(([month, day, name]) => {
    const itself = { day: on(year, month, day), name }
    // Public Holidays Act 36 of 1994: what falls on a Sunday is kept on the Monday too.
    return weekdayOf(itself.day) === 0
      ? [itself, { day: addDays(itself.day, 1), name: `${name} (observed)` }]
      : [itself]
  })
  const sunday = easter(year)
  return [
    ...days,
    { day: addDays(sunday, -2), name: 'Good Friday' },
    { day: addDays(sunday, 1), name: 'Family Day' },
  ]
}

// Holi (the day of colours) and Diwali as gazetted.
const holi =
  '2025-03-14 2026-03-04 2027-03-22 2028-03-11 2029-03-01 2030-03-20 2031-03-09 2032-03-27 2033-03-16 2034-03-05 2035-03-24'
const diwali =
  '2025-10-20 2026-11-08 2027-10-29 2028-10-17 2029-11-05 2030-10-26 2031-11-14 2032-11-02 2033-10-22 2034-11-10 2035-10-30'
const listed = (list: string, year: number, name: string): Holiday[] =>
  list
    .split(' ')
    .filter((day) => day.startsWith(String(year)))
    .map((day) => ({ day, name }))
const withNext = (days: string[], name: string): Holiday[] =>
  days.flatMap((day) => [
    { day, name },
    { day: addDays(day, 1), name },
  ])

function india(year: number): Holiday[] {
  const { eidAlFitr, eidAlAdha } = feasts(year)
  return [
    { day: on(year, 1, 26), name: 'Republic Day' },
    { day: on(year, 8, 15), name: 'Independence Day' },
    { day: on(year, 10, 2), name: 'Gandhi Jayanti' },
    { day: addDays(easter(year), -2), name: 'Good Friday' },
    { day: on(year, 12, 25), name: 'Christmas Day' },
    ...listed(holi, year, 'Holi'),
    ...listed(diwali, year, 'Diwali'),
    ...withNext(eidAlFitr, 'Id-ul-Fitr'),
    ...withNext(eidAlAdha, 'Id-ul-Zuha'),
  ]
}

function uzbekistan(year: number): Holiday[] {
  const { eidAlFitr, eidAlAdha } = feasts(year)
  return [
    { day: on(year, 1, 1), name: 'New Year' },
    { day: on(year, 3, 8), name: "Women's Day" },
    { day: on(year, 3, 21), name: 'Navruz' },
    { day: on(year, 5, 9), name: 'Day of Remembrance' },
    { day: on(year, 9, 1), name: 'Independence Day' },
    { day: on(year, 10, 1), name: "Teachers' Day" },
    { day: on(year, 12, 8), name: 'Constitution Day' },
    ...withNext(eidAlFitr, 'Ramazon hayit'),
    ...withNext(eidAlAdha, 'Qurbon hayit'),
  ]
}

const countries: Record<string, (year: number) => Holiday[]> = {
  ZA: southAfrica,
  IN: india,
  UZ: uzbekistan,
}
export const countriesWithHolidays = Object.keys(countries)

const reckoned = new Map<string, Map<string, string>>()
function ofYear(country: string, year: number): Map<string, string> {
  const key = `${country} ${year}`
  let days = reckoned.get(key)
  if (!days) {
    days = new Map((countries[country]?.(year) ?? []).map(({ day, name }) => [day, name]))
    reckoned.set(key, days)
  }
  return days
}

/** The name of the holiday that a day is in a country, or null. */
export const holidayOn = (country: string, day: string): string | null =>
  ofYear(country, Number(day.slice(0, 4))).get(day) ?? null

export const holidaysOf = (country: string, year: number): Holiday[] =>
  [...ofYear(country, year)].map(([day, name]) => ({ day, name })).sort((a, b) => a.day.localeCompare(b.day))
