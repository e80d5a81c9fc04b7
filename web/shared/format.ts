// Dates, money and numbers as the reader's language and the organisation's currency and time zone write them.

export type Formatter = {
  /** `currency` is the organisation's unless given. Amounts are decimals as on the wire. */
  money(amount: number, currency?: string): string
  /** Short form for headlines, e.g. 1.2M. */
  moneyShort(amount: number, currency?: string): string
  number(value: number): string
  /** An amount without its currency, for columns that say it once. */
  amount(amount: number): string
  percent(share: number): string
  /** A business day, YYYY-MM-DD: the same day everywhere. */
  day(day: string): string
  /** An instant, in the organisation's time zone. */
  instant(at: string): string
  /** How long ago, in the largest fitting unit. */
  ago(at: string, now?: number): string
  /** Today in the organisation's time zone, YYYY-MM-DD. */
  today(now?: number): string
  currency: string
}

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

export function formatter(locale: string, currency: string, timezone: string): Formatter {
  const moneyFormats = new Map<string, Intl.NumberFormat>()
  const moneyFormat = (code: string, notation: 'standard' | 'compact') => {
    const key = `${code}${notation}`
    let format = moneyFormats.get(key)
    if (!format) {
      const digits = notation === 'compact' ? { maximumFractionDigits: 1 } : {}
      format = new Intl.NumberFormat(locale, {
        style: 'currency',
        currency: code,
        currencyDisplay: 'narrowSymbol',
        notation,
        ...digits,
      })
      moneyFormats.set(key, format)
    }
    return format
  }
  const number = new Intl.NumberFormat(locale)
  const { maximumFractionDigits: digits = 2 } = moneyFormat(currency, 'standard').resolvedOptions()
  const plain = new Intl.NumberFormat(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 })
  const day = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  })
  const instant = new Intl.DateTimeFormat(locale, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: timezone,
  })
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  // sv-SE writes ISO dates; the language of the page does not matter here.
  const isoDay = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone })

  return {
    currency,
    money: (amount, code = currency) => moneyFormat(code, 'standard').format(amount),
    moneyShort: (amount, code = currency) => moneyFormat(code, 'compact').format(amount),
    number: (value) => number.format(value),
    amount: (amount) => plain.format(amount),
    // What is there is not shown as nothing.
    percent: (share) => (share > 0 && share < 0.005 ? `<${percent.format(0.01)}` : percent.format(share)),
    day: (value) => day.format(new Date(`${value.slice(0, 10)}T00:00:00Z`)),
    instant: (at) => instant.format(new Date(at)),
    ago: (at, now = Date.now()) => {
      const seconds = (new Date(at).getTime() - now) / 1000
      const unit = units.find(([, length]) => Math.abs(seconds) >= length)
      return unit ? relative.format(Math.trunc(seconds / unit[1]), unit[0]) : relative.format(0, 'minute')
    },
    today: (now = Date.now()) => isoDay.format(now),
  }
}
