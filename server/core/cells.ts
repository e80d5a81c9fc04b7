import { Unreadable } from './table.ts'
import { attributeOf, readXml } from './xml.ts'

// What a workbook's typed cells say, as text that the columns of a file are read by: days year first, numbers as
// plain decimals. All of it is arithmetic on the stored numbers: no time zone and no language takes part.

/** What the number format of a cell makes of its number. */
export type Shown = 'number' | 'day' | 'moment' | 'time'

const STYLES_MAX = 100_000

/** The part that holds the styles -> for each cell format, in order, what it shows. */
export async function readStyles(bytes: AsyncIterable<Buffer>): Promise<Shown[]> {
  const custom = new Map<number, Shown>()
  const styles: Shown[] = []
  let inCells = false
  await readXml(bytes, {
    open(name, attributes) {
      if (name === 'numFmt') {
        if (custom.size >= STYLES_MAX) throw tooMany()
        custom.set(
          Number(attributeOf(attributes, 'numFmtId')),
          shownBy(attributeOf(attributes, 'formatCode') ?? ''),
        )
      } else if (name === 'cellXfs') inCells = true
      else if (name === 'xf' && inCells) {
        if (styles.length >= STYLES_MAX) throw tooMany()
        const id = Number(attributeOf(attributes, 'numFmtId') ?? 0)
        styles.push(custom.get(id) ?? builtin(id))
      }
    },
    close(name) {
      if (name === 'cellXfs') inCells = false
    },
    text() {},
  })
  return styles
}
const tooMany = () => new Unreadable(`The workbook has more than ${STYLES_MAX} cell formats.`)

/** Formats that have a number instead of a text; those of East Asian and Thai editions included. */
function builtin(id: number): Shown {
  if (id === 22) return 'moment'
  if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id === 36 || (id >= 50 && id <= 54)) return 'day'
  if ((id >= 57 && id <= 58) || (id >= 71 && id <= 74)) return 'day'
  if (
    (id >= 18 && id <= 21) ||
    (id >= 32 && id <= 35) ||
    id === 45 ||
    id === 47 ||
    id === 55 ||
    id === 56 ||
    (id >= 75 && id <= 76)
  )
    return 'time'
  if (id === 77) return 'moment'
  return 'number'
}

/** What a custom format such as `dd/mm/yyyy;@` or `[$-409]d-mmm-yy h:mm AM/PM` shows. */
function shownBy(format: string): Shown {
  // Quoted text and escaped characters are no letters of a date; [h] counts hours, and is no time of day.
  const bare = format.replace(/"[^"]*"?|\\.|[_*]./g, '').split(';')[0]!
  if (/general|\[[hms]+\]/i.test(bare)) return 'number'
  const letters = bare
    .replace(/\[[^\]]*\]?/g, '')
    .replace(/am\/pm|a\/p/gi, 'h')
    .replace(/s\.0+/gi, 's')
  // Where digits have a place, letters are a currency: USD 0.00.
  if (/[0#?]/.test(letters)) return 'number'
  const time = /[hs]/i.test(letters)
  if (/[yd]/i.test(letters)) return time ? 'moment' : 'day'
  return time ? 'time' : /m/i.test(letters) ? 'day' : 'number'
}

/** From this on a double no longer holds every whole number, and a spreadsheet has cut the digits of what was typed. */
const DIGITS_LOST = 1e15

/** A stored number as text. */
export function numberText(stored: string, shown: Shown, since1904: boolean): string {
  const value = Number(stored)
  // What is no number, or no finite one, is told as it is written.
  if (!Number.isFinite(value) || stored === '') return stored
  if (shown !== 'number') {
    const text = dayText(value, shown, since1904)
    if (text !== undefined) return text
  }
  return plainNumber(value)
}

function plainNumber(value: number): string {
  if (Math.abs(value) >= DIGITS_LOST) {
    const [digits, exponent] = value.toExponential().split('e')
    return `${digits}E${exponent}`
  }
  const text = String(value)
  const plain = text.includes('e') ? fromExponent(text) : text
  // 123.456 could also be read as a grouped 123456; 123.4560 could not.
  return plain.at(-4) === '.' ? `${plain}0` : plain === '-0' ? '0' : plain
}

/** 1.5e-7 -> 0.00000015 */
function fromExponent(text: string): string {
  const [, minus, whole, fraction = '', exponent] = /^(-?)(\d)(?:\.(\d+))?e-(\d+)$/.exec(text)!
  return `${minus}0.${'0'.repeat(Number(exponent) - 1)}${whole}${fraction}`
}

const SECONDS = 86_400
/** Last day of the year 9999. */
const LAST_SERIAL = 2_958_465

function dayText(value: number, shown: Shown, since1904: boolean): string | undefined {
  const serial = since1904 ? value + 1462 : value
  if (serial < 0 || serial >= LAST_SERIAL + 1) return undefined
  // Times are kept to the second where the format shows them; binary dust must not turn midnight into the day before.
  const seconds = Math.round(serial * SECONDS)
  const clock = seconds % SECONDS
  if (shown === 'time' && value < 1) return clockText(clock)
  const day = dayOf(shown === 'day' ? Math.floor(serial + 1e-8) : (seconds - clock) / SECONDS, since1904)
  return shown === 'day' || clock === 0 ? day : `${day} ${clockText(clock)}`
}

const two = (value: number) => (value < 10 ? `0${value}` : `${value}`)
const clockText = (clock: number) =>
  `${two(Math.floor(clock / 3600))}:${two(Math.floor(clock / 60) % 60)}:${two(clock % 60)}`

// A file of 100,000 rows has some thousand different days.
const known = new Map<number, string>()
/** The calendar day of a serial number that counts from 1900. */
function dayOf(serial: number, since1904: boolean): string {
  // Excel believes in a 29 February 1900, and shows day 0 as the 0th of January. The 1904 system has neither.
  if (!since1904 && serial === 60) return '1900-02-29'
  if (!since1904 && serial === 0) return '1900-01-00'
  const days = serial - 25_569 + (serial < 60 && !since1904 ? 1 : 0)
  const before = known.get(days)
  if (before) return before
  const day = new Date(days * SECONDS * 1000).toISOString().slice(0, 10)
  if (known.size >= 20_000) known.clear()
  known.set(days, day)
  return day
}

/** A day that is stored as text, 2026-03-05T00:00:00. */
export const isoText = (stored: string) =>
  stored
    .replace(/T00:00(?::00(?:\.0+)?)?Z?$/, '')
    .replace(/^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?Z?$/, '$1 $2')

/** `_x000D_` is how a workbook writes a character that XML cannot hold. */
export const unquoted = (text: string) =>
  text.includes('_x')
    ? text
        .replace(/_x([0-9a-f]{4})_/gi, (written, code) =>
          code === '0000' ? written : String.fromCharCode(Number.parseInt(code, 16)),
        )
        .toWellFormed()
    : text
