import { type MessageKey, t } from '../i18n.ts'

const word = (prefix: 'cash.method_' | 'cash.reason_' | 'cash.state_', name: string) =>
  t(`${prefix}${name}` as MessageKey)

const methods = ['bank_transfer', 'cheque', 'card', 'cash', 'direct_debit', 'other']
export const methodLabel = (name: string) => word('cash.method_', name)
export const methodChoice = () => methods.map((value) => ({ value, label: methodLabel(value) }))

const reasons = [
  'short_payment',
  'small_difference',
  'discount',
  'bank_charges',
  'goodwill',
  'bad_debt',
  'other',
]
export const reasonLabel = (name: string) => word('cash.reason_', name)
export const reasonChoice = () => reasons.map((value) => ({ value, label: reasonLabel(value) }))

export const stateLabel = (name: string) => word('cash.state_', name)
