import { lazy } from 'react'
import { loadMessages } from '../i18n.ts'

/** For the list of invoices, when some are picked. */
export const OpenMany = lazy(async () => {
  const [module] = await Promise.all([import('./open-many.tsx'), loadMessages('disputes')])
  return module
})
