import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'
import { endOf, invoicesAsKnown } from '../receivables/known.ts'
import type { View } from './view.ts'

type Sql = RawBuilder<unknown>

/** A day, with all that is known of it now or with what was known by the end of another. */
export type Point = { day: string; known_on: string | null }

/** Entries that are no part of what the books said at a point. */
export const beyond = (scope: Scope, { day, known_on }: Point, e: Sql = sql``): Sql =>
  known_on
    ? sql`(${e}effective_on > ${day} or ${e}recorded_at >= ${endOf(scope, known_on)})`
    : sql`${e}effective_on > ${day}`

/**
 * Every invoice's balance at the end of several days, as columns b0, b1 … beside what it is grouped by: one pass over the invoices, and
 * over what of the ledger came after the first of the days. Wound back from today's open amounts by what took effect, or became
 * known, later.
 */
export function balancesOn(
  scope: Scope,
  view: Pick<View, 'known_on' | 'only'>,
  days: readonly (string | Point)[],
): Sql {
  const points = days.map((day) => (typeof day === 'string' ? { day, known_on: view.known_on } : day))
  const sums = points.map(
    (point, at) => sql`sum(amount) filter (where ${beyond(scope, point)}) as ${sql.ref(`a${at}`)}`,
  )
  const first = points.reduce((a, b) => (a.day < b.day ? a : b)).day
  const known = points.map(({ known_on }) => known_on).filter((day) => day !== null)
  const later = beyond(scope, { day: first, known_on: known.sort()[0] ?? null })
  const columns = days.map(
    (_, at) => sql`(i.open_amount - coalesce(e.${sql.ref(`a${at}`)}, 0))::bigint as ${sql.ref(`b${at}`)}`,
  )
  return sql`
    select i.id, i.currency, i.customer_id, i.region_key, i.assigned_key, i.aged_from, i.is_disputed, ${sql.join(columns)}
      from ${invoicesAsKnown(scope, view.known_on)} i
      left join (select invoice_id, ${sql.join(sums)} from invoice_entries
                  where tenant_id = ${scope.tenantId} and (${later}) group by invoice_id) e on e.invoice_id = i.id
     where i.tenant_id = ${scope.tenantId} ${view.only ? sql`and i.currency = ${view.only}` : sql``} and (i.open_amount <> 0 or e.invoice_id is not null)`
}

/** Entries that take part: those known on the day that the view speaks of. Over `invoice_entries e`. */
export const known = (scope: Scope, view: View): Sql =>
  view.known_on ? sql`and e.recorded_at < ${endOf(scope, view.known_on)}` : sql``

/**
 * What an entry is to the figures. Credit that is used settles here and is taken there: together no cash. What went back is cash that
 * left, unless it had been written off.
 */
export const isBilled = sql`(e.kind in ('invoice', 'correction', 'withdrawal') and o.id is null)`
export const isCash = sql`(
  e.kind in ('payment', 'credit') or (e.kind = 'invoice' and o.id is not null)
  or (e.kind = 'reversal' and not exists (
        select from payment_allocations w where w.tenant_id = e.tenant_id and w.id = e.allocation_id and w.kind = 'write_off')))`

/** Whether an entry's document is a payment on account: `o`. By an index of its own, so that of all others the key alone is read. */
export const onAccount = ({ tenantId }: Scope) => sql`
  left join invoices o on o.tenant_id = ${tenantId} and o.id = e.invoice_id and o.document_type = 'payment'`

/** For statements that read much of the book: sums by invoice of a million invoices fit. */
export const readyToSum = (scope: Scope) => scope.client.query(`set local work_mem = '128MB'`)
