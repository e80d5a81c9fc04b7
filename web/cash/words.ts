import { type MessageKey, t } from '../i18n.ts'

const methods = ['bank_transfer', 'cheque', 'card', 'cash', 'direct_debit', 'other']
export const methodLabel = (name: string) => t(`cash.method_${name}` as MessageKey)
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
export const reasonLabel = (name: string) => t(`cash.reason_${name}` as MessageKey)
export const reasonChoice = () => reasons.map((value) => ({ value, label: reasonLabel(value) }))

export const stateLabel = (name: string) => t(`cash.state_${name}` as MessageKey)
