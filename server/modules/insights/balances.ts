import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'
import { endOf } from '../receivables/known.ts'
import { ofCurrency, type View } from './view.ts'

type Sql = RawBuilder<unknown>

/**
 * Every invoice's balance at the end of several days, as columns b0, b1 … beside what it is grouped by: one pass over the invoices, and
 * over what of the ledger came after the first of the days. Wound back from today's open amounts by what took effect, or became
 * known, later.
 */
export function balancesOn(scope: Scope, view: View, days: readonly string[], more: Sql = sql``): Sql {
  const first = days.reduce((a, b) => (a < b ? a : b))
  const unknown = view.known_on ? sql`recorded_at >= ${endOf(scope, view.known_on)}` : null
  const later = (day: string) =>
    unknown ? sql`effective_on > ${day} or ${unknown}` : sql`effective_on > ${day}`
  const sums = days.map((day, at) => sql`sum(amount) filter (where ${later(day)}) as ${sql.ref(`a${at}`)}`)
  const columns = days.map(
    (_, at) => sql`(i.open_amount - coalesce(e.${sql.ref(`a${at}`)}, 0))::bigint as ${sql.ref(`b${at}`)}`,
  )
  return sql`
    select i.id, i.currency, i.customer_id, i.region_key, i.assigned_key, i.aged_from, i.is_disputed, ${sql.join(columns)} ${more}
      from invoices i
      left join (select invoice_id, ${sql.join(sums)} from invoice_entries
                  where tenant_id = ${scope.tenantId} and (${later(first)}) group by invoice_id) e on e.invoice_id = i.id
     where i.tenant_id = ${scope.tenantId} ${ofCurrency(view)} and (i.open_amount <> 0 or e.invoice_id is not null)`
}

/** Entries that take part: those known on the day that the view speaks of. Over `invoice_entries e`. */
export const known = (scope: Scope, view: View): Sql =>
  view.known_on ? sql`and e.recorded_at < ${endOf(scope, view.known_on)}` : sql``

/** What an entry is to the figures. Credit that is applied is paid here and taken there: it is no cash. */
export const isBilled = sql`(e.kind in ('invoice', 'correction', 'withdrawal') and i.document_type <> 'payment')`
export const isCash = sql`(e.kind = 'payment' or (e.kind = 'invoice' and i.document_type = 'payment'))`

/** For statements that read much of the book: sums by invoice of a million invoices fit. */
export const readyToSum = (scope: Scope) => scope.client.query(`set local work_mem = '128MB'`)
