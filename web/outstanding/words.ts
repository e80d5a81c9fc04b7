import { type MessageKey, t } from '../i18n.ts'
import type { OutstandingChoices } from '../wire.ts'

export const bands = ['0-30', '31-90', '91-180', '181-365', '>365'] as const
export type Band = (typeof bands)[number]

/** A region by its name; words of a sheet that are none of the organisation's as they are. */
export function regionName(choices: OutstandingChoices, code: string): string {
  if (code === '') return t('outstanding.no_region')
  return choices.regions.find((region) => region.code.toLowerCase() === code.toLowerCase())?.name ?? code
}

export const remarkWord = (remark: string): string =>
  t(`outstanding.remark_${remark.replaceAll(/[ -]/g, '_')}` as MessageKey)
export const statusWord = (status: 'paid' | 'unpaid' | 'dispute'): string =>
  t(`outstanding.status_${status}` as const)
