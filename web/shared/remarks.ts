import { type MessageKey, t } from '../i18n.ts'

/** What a customer's debt may be waiting for. */
export const remarks = [
  'payment received',
  'partial payment',
  'under follow-up',
  'dispute',
  'write-off',
] as const

export const remarkWord = (remark: string): string =>
  t(`core.remark_${remark.replaceAll(/[ -]/g, '_')}` as MessageKey)
