import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/mobile'
import { email } from '../../core/schema.ts'

export type Kind = 'email' | 'sms'

/**
 * The one way an address is written where addresses are compared: e-mail in lower case, a mobile number as its digits with the
 * country's. Empty when nothing can be sent there; a landline takes no texts.
 */
export function addressOf(kind: Kind, recipient: string, country: string): string {
  if (kind === 'email') return email.safeParse(recipient).data ?? ''
  // Two numbers in one field are nobody's number.
  const number = parsePhoneNumberFromString(recipient.trim(), country as CountryCode)
  return number?.isValid() ? number.number.slice(1) : ''
}
