import type { Scope } from '../../core/scope.ts'

/** Hands the invoices of somebody who leaves to a colleague, or back to the queue of unassigned ones. Answers how many. */
export async function reassignInvoices(scope: Scope, from: number, to: number | null): Promise<number> {
  const result = await scope.db
    .updateTable('invoices')
    .set((expression) => ({ assigned_to: to, version: expression('version', '+', 1), updated_at: scope.now }))
    .where('assigned_to', '=', from)
    .executeTakeFirst()
  const count = Number(result.numUpdatedRows)
  if (count > 0) await scope.record('invoice.reassigned', null, { from, to, count })
  return count
}
