import { lazy } from 'react'
import { loadMessages } from '../i18n.ts'

// Fetched when it is first seen, with its words: the pages that hold it stay small.

export const PromisesOfInvoice = lazy(async () => {
  const [module] = await Promise.all([import('../promises/some-promises.tsx'), loadMessages('promises')])
  return { default: module.PromisesOfInvoice }
})
