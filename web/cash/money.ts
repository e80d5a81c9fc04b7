import { intlLocale } from '../i18n.ts'

// Sums are made in minor units: 0.1 + 0.2 is no amount of money.

const decimals = new Map<string, number>()
function decimalsOf(currency: string): number {
  let known = decimals.get(currency)
  if (known === undefined) {
    known =
      new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ??
      2
    decimals.set(currency, known)
  }
  return known
}
export const minorOf = (amount: number, currency: string) => Math.round(amount * 10 ** decimalsOf(currency))
export const amountOf = (minor: number, currency: string) => minor / 10 ** decimalsOf(currency)
export const textOf = (amount: number, currency: string) => amount.toFixed(decimalsOf(currency))

/** An amount as people type it, in their own way of writing; null when it is none. */
export function readAmount(text: string): number | null {
  const decimal =
    new Intl.NumberFormat(intlLocale()).formatToParts(1.5).find(({ type }) => type === 'decimal')?.value ??
    '.'
  const plain = text.trim().replace(/[\s'’\u00a0]/g, '')
  const point =
    decimal === ',' && /,\d{0,3}$/.test(plain)
      ? plain.replaceAll('.', '').replace(',', '.')
      : plain.replaceAll(',', '')
  return /^\d+(\.\d*)?$|^\.\d+$/.test(point) ? Number(point) : null
}
