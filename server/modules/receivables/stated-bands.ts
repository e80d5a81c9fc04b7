import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'
import { bandDays } from './bands.ts'
import { buckets } from './rules.ts'

/**
 * The bucket that holds the whole of a stated band, counting from 0. A band that begins with day 0 begins with day 1 here: what is
 * stated to be old is not "not yet due". Undefined for one that lies across two buckets: nobody can say which.
 */
export function placeOfBand(band: string, edges: readonly number[]): number | undefined {
  const days = bandDays(band)
  if (!days) return undefined
  const from = Math.max(days.from, 1)
  const at = buckets(edges).findIndex(
    (bucket) =>
      bucket.from_days !== null &&
      bucket.from_days <= from &&
      (bucket.to_days === null || (days.to !== null && days.to <= bucket.to_days)),
  )
  return at < 0 ? undefined : at
}

/**
 * Place of undated invoices by the band that their sender states, as SQL over `age_band`; null where no invoice states one, so that
 * an organisation without sheets reads no more than before.
 */
export async function statedPlaces(scope: Scope): Promise<RawBuilder<unknown> | null> {
  const { rows } = await sql<{ age_band: string }>`
    select distinct i.age_band from invoices i
     where i.tenant_id = ${scope.tenantId} and i.age_band is not null and i.aged_from is null`.execute(
    scope.db,
  )
  const placed = rows.flatMap(({ age_band }) => {
    const place = placeOfBand(age_band, scope.tenant.ageing_buckets)
    return place === undefined ? [] : [sql`when ${age_band}::text then ${place}::int`]
  })
  return placed.length === 0 ? null : sql`case age_band ${sql.join(placed, sql` `)} end`
}
