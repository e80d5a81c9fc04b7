import type { Locale } from './i18n.ts'

export const localeKey = 'duebook.locale'

/** Every string on screen changes: a fresh load is simpler than telling each component. */
export function changeLocale(locale: Locale): void {
  try {
    localStorage.setItem(localeKey, locale)
  } catch {
    // The address says it as well.
  }
  const address = new URL(location.href)
  address.searchParams.set('locale', locale)
  location.assign(address)
}
