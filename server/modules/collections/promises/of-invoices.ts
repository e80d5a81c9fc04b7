import { sql } from 'kysely'
import { wireNumber } from '../../../core/money.ts'
import type { Scope } from '../../../core/scope.ts'
import { countedCells, promiseVerdicts } from './verdict.ts'

export type PromiseOfInvoice = {
  id: number
  promised_on: string
  verdict: string
  is_waiting: boolean
  /** Of the invoice; and what of it is still to come while the promise can be kept, else 0. */
  amount: number
  open_amount: number
}

/** The active promise of each of some invoices that has one, with what came of it by the end of a day. */
export async function promisesOf(
  scope: Scope,
  invoiceIds: readonly number[],
  day: string,
): Promise<Map<number, PromiseOfInvoice>> {
  if (invoiceIds.length === 0) return new Map()
  const { tenantId } = scope
  const about = sql`select pi.promise_id from promise_invoices pi where pi.tenant_id = ${tenantId} and pi.is_active and pi.invoice_id = any(${invoiceIds})`
  const { rows } = await sql<PromiseOfInvoice & { invoice_id: number; currency: string }>`
    with about as materialized (
      select p.id, p.made_on, p.made_at, p.deadline, p.ended_on, p.ended_at from promises p where p.tenant_id = ${tenantId} and p.id in (${about})
    ), paid as (
      select c.promise_id, c.invoice_id, sum(c.amount)::bigint as amount from (${countedCells(scope, sql`about`, day)}) c group by 1, 2
    )
    select pi.invoice_id, p.id, p.promised_on, v.verdict, v.is_waiting, p.currency, pi.amount,
           case when v.verdict = 'open' then greatest(pi.amount - greatest(coalesce(m.amount, 0), 0), 0) else 0 end as open_amount
      from (${promiseVerdicts(scope, { as_of: day, which: sql`p.id in (select id from about)` })}) v
      join promises p on p.tenant_id = ${tenantId} and p.id = v.promise_id
      join promise_invoices pi on pi.tenant_id = ${tenantId} and pi.promise_id = p.id and pi.is_active and pi.invoice_id = any(${invoiceIds})
      left join paid m on m.promise_id = p.id and m.invoice_id = pi.invoice_id`.execute(scope.db)
  return new Map(
    rows.map(({ invoice_id, currency, amount, open_amount, ...promise }) => [
      invoice_id,
      {
        ...promise,
        amount: wireNumber(amount, currency),
        open_amount: wireNumber(open_amount, currency),
      },
    ]),
  )
}
