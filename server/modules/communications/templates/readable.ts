import { decimalText } from '../../../core/money.ts'

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

// The basic table of GSM 03.38 and its extension (two septets each).
const basic =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'
const gsm = new Set([...basic, ...'^{}\\[~]|€'])

const replaced: Record<string, string> = {
  '₹': 'Rs ',
  '₽': 'RUB ',
  '₸': 'KZT ',
  '₦': 'NGN ',
  '“': '"',
  '”': '"',
  '„': '"',
  '«': '"',
  '»': '"',
  '‘': "'",
  '’': "'",
  ʻ: "'",
  ʼ: "'",
  '`': "'",
  '´': "'",
  '–': '-',
  '—': '-',
  '−': '-',
  '…': '...',
  '•': '-',
  '\t': ' ',
  đ: 'd',
  ł: 'l',
  Ł: 'L',
  ı: 'i',
  œ: 'oe',
  Œ: 'OE',
}

/**
 * A text as it is sent by SMS. One sign outside the alphabet of GSM makes every part hold 70 signs instead of 160, so spaces that do not
 * break, curly quotes and dashes become plain ones and the accents that GSM lacks are left out (Crêche, Citroën). Scripts of
 * their own (Cyrillic, Devanagari) stay as they are.
 */
export function smsText(text: string): string {
  let plain = ''
  for (const sign of text.normalize('NFC').replace(/[\u00a0\u202f\u2007\u2009\u200a]/g, ' ')) {
    if (gsm.has(sign)) plain += sign
    else if (sign in replaced) plain += replaced[sign]
    else if (/[\u200b-\u200f\ufeff\u00ad]/.test(sign)) continue
    else {
      const bare = sign.normalize('NFD').replace(/\p{M}/gu, '')
      plain += bare.length > 0 && [...bare].every((each) => gsm.has(each)) ? bare : sign
    }
  }
  return plain
    .replace(/[ ]{2,}/g, ' ')
    .replace(/ +\n/g, '\n')
    .trim()
}

/** Whether a text fits one part: 160 septets of the GSM alphabet, or 70 signs of any other. */
export function isOnePart(text: string): boolean {
  let septets = 0
  for (const sign of text) {
    if (!gsm.has(sign)) return text.length <= 70
    septets += '^{}\\[~]|€'.includes(sign) ? 2 : 1
  }
  return septets <= 160
}
