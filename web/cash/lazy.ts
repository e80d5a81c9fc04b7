import { type ComponentType, lazy } from 'react'
import { loadMessages } from '../i18n.ts'

// Parts that pages of invoices and customers show when they are needed, with their own words.

const part = <Props>(load: () => Promise<{ default: ComponentType<Props> }>) =>
  lazy(async () => {
    const [module] = await Promise.all([load(), loadMessages('cash')])
    return module
  })

export const RecordPayment = part(() => import('./record-payment.tsx'))
export const WriteOff = part(() => import('./write-off.tsx'))
export const CustomerCredits = part(() => import('./customer-credits.tsx'))
export const PaymentDrawer = part(() => import('./payment-drawer.tsx'))
export const Contradiction = part(() => import('./contradiction.tsx'))
