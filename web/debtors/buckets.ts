import { t } from '../i18n.ts'

/** Ages as the reports of pharmacies print them, youngest first. */
export const buckets = ['current', 'd30', 'd60', 'd90', 'd120', 'd150', 'd180'] as const
export type Bucket = (typeof buckets)[number]
export const figures = [...buckets, 'balance'] as const

const colours: Record<Bucket, number> = { current: 0, d30: 1, d60: 2, d90: 3, d120: 4, d150: 5, d180: 5 }

export const bucketWord = (bucket: Bucket | 'balance') => t(`debtors.bucket_${bucket}`)
export const bucketColour = (bucket: Bucket) => `var(--age-${colours[bucket]})`
export const colourStep = (bucket: Bucket) => colours[bucket]

/** The buckets that an address names, in their order. */
export const bucketsIn = (text: string | undefined): Bucket[] => {
  const named = (text ?? '').split(',')
  return buckets.filter((bucket) => named.includes(bucket))
}
