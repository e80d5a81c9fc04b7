import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'

/**
 * The instant at which a business day is over. What was recorded before it was known on that evening: with `known_on` the books
 * speak as they did then, without what came to light later, however early it took effect.
 */
export const endOf = (scope: Scope, day: string): RawBuilder<unknown> =>
  sql`((${day}::date + 1)::timestamp at time zone ${scope.tenant.timezone})`
