import { type MessageKey, t } from '../i18n.ts'
import type { Formatter } from '../shared/format.ts'
import type { OutstandingChoices } from '../wire.ts'

export const bands = ['0-30', '31-90', '91-180', '181-365', '>365'] as const
export type Band = (typeof bands)[number]

/** A region by its name; words of a sheet that are none of the organisation's as they are. */
export function regionName(choices: OutstandingChoices, code: string): string {
  if (code === '') return t('outstanding.no_region')
  return choices.regions.find((region) => region.code.toLowerCase() === code.toLowerCase())?.name ?? code
}

export const statusWord = (status: 'paid' | 'unpaid' | 'dispute'): string =>
  t(`outstanding.status_${status}` as const)

/** The figures by their names on the wire. */
export const kpiWords: Record<string, MessageKey> = {
  'Total Outstanding': 'outstanding.kpi_total',
  'Recovered Amount': 'outstanding.kpi_recovered',
  'New Outstanding': 'outstanding.kpi_new',
  'Total Invoices': 'outstanding.kpi_invoices',
  'Disputed Invoices': 'outstanding.kpi_disputed',
  'Total Customers': 'outstanding.kpi_customers',
}
/** All but this one are compared with the month before. */
export const isCompared = (label: string) => label !== 'Total Customers'
/** Only of what was recovered is more better. */
export const isGood = (label: string, type: 'increase' | 'decrease') =>
  (type === 'increase') === (label === 'Recovered Amount')

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
export function monthBefore(month: string): string {
  const [name, year] = month.split('-') as [string, string]
  const at = months.indexOf(name)
  return at === 0 ? `Dec-${String(Number(year) - 1).padStart(2, '0')}` : `${months[at - 1]}-${year}`
}

export const leads = (role: string) => role === 'Country Manager' || role === 'Admin'

/** Sheets hold whole amounts; where they do, decimals would take the room of a column. */
export const wholeMoney = (format: Formatter, amount: number): string =>
  Number.isInteger(amount) ? format.money(amount).replace(/[.,]0+(?=\D*$)/, '') : format.money(amount)
