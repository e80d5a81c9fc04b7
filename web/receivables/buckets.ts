import { useMemo } from 'react'
import { t } from '../i18n.ts'
import { useMe } from '../session.ts'
import type { AgeingBucket } from '../wire.ts'

/** The server's name for invoices that say no date at all. */
const undatedBucket = 'undated'

type Span = Pick<AgeingBucket, 'bucket' | 'from_days' | 'to_days'>

/** The words of a bucket, from its days: "Not due", "1 to 30 days", "Over 120 days". */
export function bucketLabel({ bucket, from_days, to_days }: Span): string {
  if (bucket === undatedBucket) return t('core.bucket_undated')
  if (from_days === null || (to_days !== null && to_days <= 0)) return t('core.bucket_current')
  if (to_days === null) return t('core.bucket_over', { days: from_days - 1 })
  return t('core.bucket_range', { from: from_days, to: to_days })
}

/**
 * Colour of the n-th bucket: the first is not due, the last is the oldest, the rest spread between; invoices without a
 * date stand apart.
 */
export function bucketColour(buckets: Pick<AgeingBucket, 'bucket'>[], index: number): string {
  if (buckets[index]?.bucket === undatedBucket) return 'var(--age-credit)'
  const count = buckets.filter(({ bucket }) => bucket !== undatedBucket).length
  if (index === 0) return 'var(--age-0)'
  const step = count <= 2 ? 5 : 1 + Math.round(((index - 1) * 4) / (count - 2))
  return `var(--age-${Math.min(5, step)})`
}

/** Shares of the bar; credits (negative buckets) take no width. */
export function shares(buckets: Pick<AgeingBucket, 'amount'>[]): number[] {
  const positive = buckets.map((bucket) => Math.max(0, bucket.amount))
  const sum = positive.reduce((total, amount) => total + amount, 0)
  return positive.map((amount) => (sum === 0 ? 0 : amount / sum))
}

/** What is past due: every bucket but those not due and those without a date. */
export function overdue(buckets: (Span & Pick<AgeingBucket, 'amount'>)[]): number {
  return buckets.filter(({ from_days }) => from_days !== null).reduce((sum, bucket) => sum + bucket.amount, 0)
}

/** The organisation's buckets from their edges, as the server names them; the undated come last. */
export const bucketsOf = (edges: readonly number[]): Span[] => [
  { bucket: 'current', from_days: null, to_days: 0 },
  ...edges.map((to, at) => {
    const from = (edges[at - 1] ?? 0) + 1
    return { bucket: `${from}-${to}`, from_days: from, to_days: to }
  }),
  { bucket: `over-${edges.at(-1)}`, from_days: edges.at(-1)! + 1, to_days: null },
  { bucket: undatedBucket, from_days: null, to_days: null },
]

export function useBuckets(): Span[] {
  const edges = useMe().tenant?.ageing_buckets
  return useMemo(() => bucketsOf(edges ?? []), [edges])
}
