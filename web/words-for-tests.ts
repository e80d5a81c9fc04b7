import { i18n } from '@lingui/core'
import { compileCatalogue } from './compile-messages.ts'
import admin from './locales/en/admin.ts'
import core from './locales/en/core.ts'
import disputes from './locales/en/disputes.ts'
import home from './locales/en/home.ts'
import identity from './locales/en/identity.ts'
import imports from './locales/en/imports.ts'
import receivables from './locales/en/receivables.ts'

/** English, all areas at once, so that unit tests read the words a person would. */
export function speakEnglish(): void {
  for (const area of [core, disputes, home, identity, admin, imports, receivables])
    i18n.load('en', compileCatalogue(area))
  i18n.activate('en')
}
