import { sql } from 'kysely'
import { wireNumber } from '../../../core/money.ts'
import type { Scope } from '../../../core/scope.ts'
import { foldByHand, holdDocuments, insertAllocations, reverseAllocations } from './allocations.ts'

// A mark says that something is paid, and not how: it holds until a file of a later day that disagrees, which reopens it.

/** Takes an invoice as paid today. Answers what was open, null when nothing was. */
export async function settleInvoice(
  scope: Scope,
  id: number,
): Promise<{ allocation_id: number; amount: number } | null> {
  const document = (await holdDocuments(scope, [id])).get(id)!
  if (document.open_amount === 0) return null
  const [allocation] = await insertAllocations(scope, { kind: 'mark', said_on: scope.today }, [
    { invoice_id: id, amount: document.open_amount },
  ])
  await foldByHand(scope, [id])
  await scope.record('invoice.settled', id, { amount: document.open_amount, allocation_id: allocation })
  return { allocation_id: allocation!, amount: wireNumber(document.open_amount, document.currency) }
}

/** Takes its marks back: as if it had never been taken as paid. Answers whether there was one. */
export async function unsettleInvoice(scope: Scope, id: number): Promise<boolean> {
  await holdDocuments(scope, [id])
  const { rows } = await sql<{ id: number }>`
    select id from payment_allocations
     where tenant_id = ${scope.tenantId} and invoice_id = ${id} and kind = 'mark' and reversed_at is null order by id for update`.execute(
    scope.db,
  )
  if (rows.length === 0) return false
  await reverseAllocations(
    scope,
    rows.map((row) => row.id),
    null,
  )
  await foldByHand(scope, [id])
  await scope.record('invoice.unsettled', id, {})
  return true
}
