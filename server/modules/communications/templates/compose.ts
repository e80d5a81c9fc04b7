import { fill, type Values } from './liquid.ts'
import type { Letterhead } from './mail.ts'
import { mailHtml, mailText } from './mail.ts'
import { isOnePart, smsText } from './readable.ts'

/** Begins with the whole and ends where a word ends, for names that would make a text one part longer. */
export function shortened(text: string, max: number): string {
  if (text.length <= max) return text
  const cut = text.slice(0, max).replace(/[\ud800-\udbff]$/, '')
  const end = text[cut.length] === ' ' ? cut.length : cut.lastIndexOf(' ')
  const word = cut.slice(0, Math.max(0, end))
  return (word.length >= max / 2 ? word : cut).replace(/[\s,.;&-]+$/, '')
}

/** Tried in turn while a text needs more than one part: nobody pays twice for a long name. */
const shorter: { name?: number; sender?: number }[] = [
  {},
  { name: 22 },
  { name: 14 },
  { name: 14, sender: 20 },
  { name: 10, sender: 12 },
]

/** An SMS filled in, in plain signs, in one part where names allow it. `names` are the values that may be shortened. */
export function composeSms(
  template: string,
  values: Values,
  names: { name?: string; sender?: string } = {},
): string {
  let whole = ''
  for (const step of shorter) {
    const some: Values = { ...values }
    for (const part of ['name', 'sender'] as const) {
      const key = names[part]
      const max = step[part]
      if (key && max && typeof some[key] === 'string') some[key] = shortened(some[key], max)
    }
    const text = smsText(fill(template, some))
    if (whole === '') whole = text
    if (isOnePart(text)) return text
  }
  // It does not fit anyway: then with whole names.
  return whole
}

export type Mail = { subject: string; text: string; html: string }

export function composeMail(
  template: { subject: string; body: string },
  values: Values,
  letterhead: Letterhead,
): Mail {
  const subject = fill(template.subject, values).replaceAll(/\s+/g, ' ').trim().slice(0, 200)
  const body = fill(template.body, values)
  return { subject, text: mailText(body, letterhead.footer), html: mailHtml(subject, body, letterhead) }
}
