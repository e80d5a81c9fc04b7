import { sql } from 'kysely'
import { wireNumber } from '../../../core/money.ts'
import type { Scope } from '../../../core/scope.ts'
import { promiseVerdicts } from './verdict.ts'

export type PromiseOfInvoice = {
  id: number
  promised_on: string
  verdict: string
  is_waiting: boolean
  amount: number
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
    select pi.invoice_id, p.id, p.promised_on, v.verdict, v.is_waiting, p.currency, pi.amount
      from (${promiseVerdicts(scope, { as_of: day, which: sql`p.id in (${about})` })}) v
      join promises p on p.tenant_id = ${tenantId} and p.id = v.promise_id
      join promise_invoices pi on pi.tenant_id = ${tenantId} and pi.promise_id = p.id and pi.is_active and pi.invoice_id = any(${invoiceIds})`.execute(
    scope.db,
  )
  return new Map(
    rows.map(({ invoice_id, currency, amount, ...promise }) => [
      invoice_id,
      { ...promise, amount: wireNumber(amount, currency) },
    ]),
  )
}
