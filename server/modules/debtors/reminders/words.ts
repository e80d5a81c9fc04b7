import type { Scope } from '../../../core/scope.ts'
import type { Kind } from '../../communications/address.ts'
import { rulesOf } from '../../communications/gates/sending-rules.ts'
import { composeMail, composeSms } from '../../communications/templates/compose.ts'
import {
  languageKnown,
  type ReminderWord,
  reminderDefaults,
  reminderWords,
} from '../../communications/templates/defaults.ts'
import { checkTemplate } from '../../communications/templates/liquid.ts'
import { localeOf, readableAmount, readableDay } from '../../communications/templates/readable.ts'
import { templateFor } from '../../communications/templates/templates.ts'
import type { OpenPharmacy } from '../pharmacies.ts'
import type { Candidate } from './candidates.ts'

/** What the pharmacy's own words replace: a call, or a campaign, may say them for itself. */
export type Overrides = {
  language?: string | null | undefined
  subject?: string | null | undefined
  message?: string | null | undefined
}
export type Composed = { subject: string | null; text: string; html: string | null }
export type Composer = {
  language: string
  of(candidate: Pick<Candidate, 'name' | 'acc_no' | 'amount' | 'balance'>): Composed
}

/** Everything about the words of reminders that is the same for all of them, read once. */
export async function composerFor(
  scope: Scope,
  pharmacy: OpenPharmacy,
  kind: Kind,
  { language: asked, subject, message }: Overrides,
): Promise<Composer> {
  const language = asked ?? (await rulesOf(scope, pharmacy.id)).language
  const template = await templateFor(scope, pharmacy.id, kind, language)
  const words = { subject: subject || template.subject, body: message || template.body }
  if (message) checkTemplate('message', words.body, reminderWords)
  if (subject && kind === 'email') checkTemplate('subject', words.subject, reminderWords)
  const locale = localeOf(template.language, scope.tenant.country)
  const { currency } = scope.tenant
  const fixed = {
    pharmacy_name: pharmacy.name,
    bank_name: pharmacy.bank_name ?? '',
    account_number: pharmacy.banking_account ?? '',
    pharmacy_email: pharmacy.email ?? '',
    pharmacy_phone: pharmacy.phone ?? '',
    today: readableDay(scope.today, locale),
  }
  const { footer } = reminderDefaults[languageKnown(template.language)]
  return {
    language: template.language,
    of({ name, acc_no, amount, balance }) {
      const asksFor = readableAmount(amount, currency, locale)
      const values: Record<ReminderWord, string> = {
        ...fixed,
        name,
        acc_no,
        amount: asksFor,
        arrears_amount: asksFor,
        total_balance: readableAmount(balance, currency, locale),
      }
      if (kind === 'sms')
        return {
          subject: null,
          text: composeSms(words.body, values, { name: 'name', sender: 'pharmacy_name' }),
          html: null,
        }
      return composeMail(words, values, {
        sender: pharmacy.name,
        language: template.language,
        footer: { text: footer },
      })
    },
  }
}
