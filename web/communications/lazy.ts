import { type ComponentType, lazy } from 'react'
import { loadMessages } from '../i18n.ts'

// The log of messages on pages of other areas: with its own words, fetched when it is shown.

export const MessageLog = lazy(async (): Promise<{ default: ComponentType<{ customerId: number }> }> => {
  const [module] = await Promise.all([import('./message-log.tsx'), loadMessages('communications')])
  return module
})
