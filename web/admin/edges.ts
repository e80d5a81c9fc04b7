import { t } from '../i18n.ts'

/** "30, 60 90" to [30, 60, 90]; what is not a number becomes NaN. */
export function edgesOf(text: string): number[] {
  return text
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map(Number)
}

/** Rising whole days between 1 and 3650, at most twelve; null when fine. */
export function edgesRule(text: string): string | null {
  const edges = edgesOf(text)
  const fine =
    edges.length >= 1 &&
    edges.length <= 12 &&
    edges.every(
      (edge, index) => Number.isInteger(edge) && edge >= 1 && edge <= 3650 && edge > (edges[index - 1] ?? 0),
    )
  return fine ? null : t('admin.buckets_rule')
}
