import { decimalText } from '../../../core/money.ts'
import { partsOf, transliterated } from '../sms.ts'

/** The locale of a reader: the language of the template in the country of the organisation. */
export const localeOf = (language: string, country: string): string =>
  language.includes('-') ? language : `${language}-${country}`

const formats = new Map<string, Intl.NumberFormat>()
function formatOf(locale: string, currency: string) {
  const key = `${locale} ${currency}`
  let format = formats.get(key)
  if (!format) {
    format = new Intl.NumberFormat(locale, { style: 'currency', currency, currencyDisplay: 'narrowSymbol' })
    formats.set(key, format)
  }
  return format
}

/**
 * An amount as its reader writes amounts: R1,234.50, ₹12,34,567.50, 1 234 567,50 soʻm. English in South Africa has the form
 * that pharmacies print (point and comma), not the one of the locale data, which nobody's statement has.
 * Formatted from text, so that no amount becomes a float; its spaces do not break (see smsText for those that must not stay).
 */
export function readableAmount(minor: bigint, currency: string, locale: string): string {
  const english = locale === 'en-ZA'
  const text = decimalText(minor, currency) as unknown as number
  const written = formatOf(english ? 'en-US' : locale, currency).format(text)
  return english ? written.replace(/^(-?R)\u00a0/, '$1') : written
}

export function readableDay(day: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(
    new Date(`${day}T00:00:00Z`),
  )
}

/**
 * A text as it is sent by SMS. One sign outside the alphabet of GSM makes every part hold 70 signs instead of 160, so it is written in that
 * alphabet as far as a reader would not notice; scripts of their own (Cyrillic, Devanagari) stay as they are.
 */
export const smsText = (text: string): string =>
  transliterated(text).replace(/ {2,}/g, ' ').replace(/ +\n/g, '\n').trim()

export const isOnePart = (text: string): boolean => partsOf(text).parts <= 1
