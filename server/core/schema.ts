import { z } from 'zod'
import { isCurrency } from './money.ts'

z.config({ customError: (issue) => (issue.input === undefined ? 'This field is required.' : undefined) })

// The types of the wire, each defined once. Query strings arrive as text, so numbers and flags are read from text here;
// bodies keep their JSON types.

/**
 * Text may not hold NUL, control characters (tab and line breaks excepted), lone surrogates, or the characters that
 * turn the direction of what follows: they make a name read as something else. Checked on every input by `http.ts`.
 */
const forbidden = /[[\p{Cc}--[\t\n\r]]\p{Cs}\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/v
export const forbiddenCharacter = (text: string): string | undefined => {
  const found = forbidden.exec(text)
  return found ? `U+${found[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}` : undefined
}

/** The beginning of a text for showing it. A character cut in half could not be stored as JSON. */
export const cut = (text: string, max: number) =>
  text.length > max ? text.slice(0, max).replace(/[\ud800-\udbff]$/, '') : text

/** The last part of a file's name as sent, without what does not belong into names; its ending stays. */
export function cleanFileName(sent: string | undefined, otherwise: string): string {
  const name = (sent?.split(/[\\/]/).at(-1) ?? '').normalize('NFC')
  return (
    [...name]
      .filter((character) => !forbiddenCharacter(character))
      .join('')
      .trim()
      .slice(-255)
      .replace(/^[\udc00-\udfff]/, '') || otherwise
  )
}

/** Longer words of a column are known by their beginning: nobody could name them in an answer. */
export const wordOf = (cell: string) => cut(cell.trim(), 200).trim()
export const wordKey = (cell: string) => wordOf(cell).toLowerCase()

export const text = (max: number, min = 0) =>
  z
    .string()
    .trim()
    .normalize('NFC')
    .min(min, min ? 'This may not be empty.' : undefined)
    .max(max, `At most ${max} characters.`)
export const name = text(200, 1)
export const id = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER)
/** An id to look for, or 0 for those without. Left empty it asks for nothing. */
export const idOrNone = z
  .preprocess(
    (value) => (typeof value === 'string' && value.trim() === '' ? undefined : value),
    z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  )
  .optional()
export const flag = z.union([z.boolean(), z.stringbool()])
/** A business day. The years end where no book begins and no arithmetic on days overflows. */
export const date = z.iso
  .date('Write the day as YYYY-MM-DD.')
  .refine((day) => day >= '1900-01-01' && day < '2200-01-01', 'A day from 1900 to 2199.')
export const email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .regex(
    /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/,
    'Enter an e-mail address such as name@example.com.',
  )
export const username = z
  .string()
  .trim()
  .normalize('NFKC')
  .min(2, 'At least 2 characters.')
  .max(150, 'At most 150 characters.')
  .regex(/^[\p{L}\p{N}._+-]+$/u, 'Letters, digits and . _ + - only.')
export const phone = z
  .string()
  .trim()
  .regex(/^\+?[0-9][0-9 ()-]{4,24}$/, 'Enter a telephone number, digits with an optional leading +.')
export const currency = z
  .string()
  .trim()
  .toUpperCase()
  .refine(isCurrency, 'A currency of ISO 4217, such as INR, USD or ZAR.')
export const country = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-Z]{2}$/, 'Two letters, such as IN, US or ZA.')
export const timezone = z.string().refine((zone) => {
  // An offset is no place, and PostgreSQL reads its sign the other way round.
  if (/^[+-]/.test(zone)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}, 'A time zone name such as Asia/Kolkata.')

export const idParams = z.object({ id })
export const ok = z.object({ message: z.string() })
export const nothing = z.null()

/** Pages as every list of ours takes them: `page` from 1, `page_size` up to 500. */
export const page = {
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  page_size: z.coerce.number().int().min(1).max(500).default(50),
}
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    total: z.number(),
    page: z.number(),
    page_size: z.number(),
    pages: z.number(),
  })
export const paged = <T>(items: T[], total: number, query: { page: number; page_size: number }) => ({
  items,
  total,
  page: query.page,
  page_size: query.page_size,
  pages: Math.max(1, Math.ceil(total / query.page_size)),
})

/** Makes text literal inside a LIKE pattern. */
export const likeText = (text: string) => `%${text.replace(/[\\%_]/g, '\\$&')}%`
