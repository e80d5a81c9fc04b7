import { i18n, type Messages } from '@lingui/core'
import type admin from './locales/en/admin.ts'
import type cash from './locales/en/cash.ts'
import type communications from './locales/en/communications.ts'
import core from './locales/en/core.ts'
import type debtors from './locales/en/debtors.ts'
import type disputes from './locales/en/disputes.ts'
import type dunning from './locales/en/dunning.ts'
import type home from './locales/en/home.ts'
import type identity from './locales/en/identity.ts'
import type imports from './locales/en/imports.ts'
import type insights from './locales/en/insights.ts'
import type outstanding from './locales/en/outstanding.ts'
import type portal from './locales/en/portal.ts'
import type promises from './locales/en/promises.ts'
import type receivables from './locales/en/receivables.ts'
import type work from './locales/en/work.ts'
import type worklist from './locales/en/worklist.ts'

/** One catalogue per area; a page loads its own area before it is shown. */
export type Area =
  | 'core'
  | 'debtors'
  | 'disputes'
  | 'home'
  | 'identity'
  | 'admin'
  | 'imports'
  | 'receivables'
  | 'outstanding'
  | 'portal'
  | 'cash'
  | 'communications'
  | 'work'
  | 'worklist'
  | 'promises'
  | 'dunning'
  | 'insights'

export type MessageKey =
  | keyof typeof core
  | keyof typeof debtors
  | keyof typeof disputes
  | keyof typeof home
  | keyof typeof identity
  | keyof typeof admin
  | keyof typeof imports
  | keyof typeof receivables
  | keyof typeof cash
  | keyof typeof communications
  | keyof typeof promises
  | keyof typeof dunning
  | keyof typeof outstanding
  | keyof typeof portal
  | keyof typeof work
  | keyof typeof worklist
  | keyof typeof insights

export const locales = ['en', 'pseudo'] as const
export type Locale = (typeof locales)[number]

const written = import.meta.glob<Messages>(['./locales/*/*.ts', '!./locales/en/core.ts'], {
  import: 'default',
})
const pseudo = import.meta.glob<Messages>('./locales/en/*.ts', { import: 'default', query: '?pseudo' })

/** The only way text reaches the screen. Values are already formatted (see shared/format.ts) or counts. */
export function t(key: MessageKey, values?: Record<string, string | number>): string {
  return i18n._(key, values)
}

/** `?locale=` wins and is remembered; then what was remembered; then English. */
export function chooseLocale(search: string, remembered: string | null): Locale {
  const asked = new URLSearchParams(search).get('locale') ?? remembered
  return locales.find((locale) => locale === asked) ?? 'en'
}

/** Language for Intl: the pseudo-locale formats as English does. */
export const intlLocale = (): string => (i18n.locale === 'pseudo' ? 'en' : i18n.locale || 'en')

const loaded = new Set<string>()

export async function loadMessages(...areas: Area[]): Promise<void> {
  const locale = i18n.locale
  await Promise.all(
    areas.map(async (area) => {
      if (loaded.has(area)) return
      const load =
        locale === 'pseudo' ? pseudo[`./locales/en/${area}.ts`] : written[`./locales/${locale}/${area}.ts`]
      if (load) i18n.load(locale, await load())
      loaded.add(area)
    }),
  )
}

export async function startI18n(locale: Locale): Promise<void> {
  // English shell text is in the first file already: signing in needs no second request for words.
  if (locale === 'en') {
    i18n.load('en', core as unknown as Messages)
    loaded.add('core')
  }
  i18n.activate(locale, locale === 'pseudo' ? 'en' : locale)
  await loadMessages('core')
}
