// Telephone numbers and e-mail addresses in the text of a line: only from fields that say what they are, from columns of
// theirs, or by a shape nothing else has.

export type Contacts = { emails: string[]; phones: string[]; rest: string; fields: boolean }

const email = /[\p{L}\d._%+'-]+@[\p{L}\d-]+(?:\.[\p{L}\d-]+)*\.[\p{L}]{2,}/gu
const wholeEmail = /^[\p{L}\d._%+'-]+@[\p{L}\d-]+(?:\.[\p{L}\d-]+)*\.[\p{L}]{2,}$/u
const phoneLabel =
  /(?<![\p{L}\d])(tel(?:ephone|efoon)?|phone|cell(?:phone|ular)?|mobile|mob|sel(?:foon)?|contact|fax|faks|home|work|h|w|c|t|m)(?:[ .]*(?:no|nr|number|num|nommer|#|\(h\)|\(w\)))?\s*[.]*\s*:\s*/giu
const emailLabel = /(?<![\p{L}\d])e-?(?:mail|pos)(?: addr(?:ess)?| adres)?\s*[.:]+\s*/giu
const digits = /^[+(]?\d[\d\s()\-/.]*/
/** A South African number, or one with its country: nothing else in such a report has this shape. */
const shaped =
  /(?<![\p{L}\d.,+/-])(?:\+\d{2}[\s-]?\(?\d{2}\)?|\(?0\d{2}\)?)[\s-]?\d{3}[\s-]?\d{4}(?![\d.,]\d|\d|-\d)/gu

export const isEmail = (text: string) => wholeEmail.test(text)

/** Digits, with the + of a country. Null where it is too short or long for a number. */
export function phoneOf(printed: string): string | null {
  const text = printed.trim()
  const only = text.replaceAll(/\D/g, '')
  if (only.length < 7 || only.length > 15 || /^0+$/.test(only)) return null
  // South African numbers as they are dialled at home.
  const home = /^(?:00)?27(?:0)?([1-9]\d{8})$/.exec(only)
  if (home) return `0${home[1]}`
  return text.startsWith('+') || text.startsWith('(+') ? `+${only}` : only
}

/** Several numbers may share a field: "011 555 1234 / 082 555 1234". */
const phonesIn = (text: string) =>
  text.split(/\s*(?:\/|;|,|\bor\b)\s*/i).flatMap((each) => phoneOf(each) ?? [])

export function contactsIn(text: string, column?: 'phone' | 'email'): Contacts {
  const emails: string[] = []
  const phones: string[] = []
  let fields = false
  let rest = text.replaceAll(email, (found) => {
    emails.push(found.replace(/^[.'-]+/, ''))
    return ' '
  })
  rest = rest.replaceAll(emailLabel, () => {
    fields = true
    return ' '
  })
  // Each labelled field ends where its digits do.
  let out = ''
  let from = 0
  for (const found of rest.matchAll(phoneLabel)) {
    if (found.index < from) continue
    const label = found[1]!.toLowerCase()
    const after = found.index + found[0].length
    const value = digits.exec(rest.slice(after))?.[0] ?? ''
    // One letter and a colon is a label only before a number.
    if (label.length === 1 && phoneOf(value) === null) continue
    fields = true
    out += `${rest.slice(from, found.index)} `
    from = after + value.length
    if (/^fa/.test(label)) continue
    phones.push(...phonesIn(value))
  }
  rest = out + rest.slice(from)
  rest = rest.replaceAll(shaped, (found) => {
    const phone = phoneOf(found)
    if (phone) phones.push(phone)
    return ' '
  })
  if (column === 'phone' && phones.length === 0) {
    const value = rest.trim()
    if (/^[+(]?\d[\d\s()\-/.]*$/.test(value)) {
      phones.push(...phonesIn(value))
      rest = ''
    }
  }
  return { emails, phones, rest: rest.replaceAll(/\s+/g, ' ').trim(), fields }
}

const mobile = /^(?:\+27|27|0)[678]\d{8}$/
/** A mobile first: it takes texts. */
export const bestPhone = (phones: string[]) => phones.find((phone) => mobile.test(phone)) ?? phones[0] ?? null
