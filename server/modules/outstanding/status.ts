import { sql } from 'kysely'
import type { Http } from '../../core/api.ts'
import { notFound } from '../../core/errors.ts'
import type { Scope } from '../../core/scope.ts'
import { closeDispute, openDispute } from '../collections/disputes/dispute.ts'
import { settleInvoice, unsettleInvoice } from '../receivables/cash/settle.ts'
import { codeKey } from '../receivables/rules.ts'
import { findCustomer } from './edits.ts'
import type { invoiceStatuses } from './schemas.ts'

/**
 * What the tracker calls the status of an invoice: `paid` is a mark of today, which holds until a sheet disagrees; `unpaid` takes it
 * back and ends a dispute; `dispute` opens one. Whose customer it is may say so, whoever the invoice is assigned to.
 */
export async function setStatus(
  scope: Scope,
  http: Http,
  customer: string,
  number: string,
  status: (typeof invoiceStatuses)[number],
) {
  const { id: customer_id } = await findCustomer(scope, customer)
  await scope.overAllRows(async () => {
    const invoice = await scope.db
      .selectFrom('invoices')
      .select(['id', 'is_disputed'])
      .where('customer_id', '=', customer_id)
      .where('number_key', '=', codeKey(number))
      .where('retracted', '=', false)
      .executeTakeFirst()
    if (!invoice) throw notFound(`Invoice ${number} of this customer`)
    const { id } = invoice
    if (status === 'paid') await settleInvoice(scope, id)
    else await unsettleInvoice(scope, id)
    if (status === 'dispute') {
      if (!invoice.is_disputed)
        await openDispute(scope, {
          invoice_id: id,
          reason_id: await usualReason(scope),
          line: undefined,
          note: undefined,
        })
      return
    }
    const open = await scope.db
      .selectFrom('disputes')
      .select('id')
      .where('invoice_id', '=', id)
      .where('closed_on', 'is', null)
      .orderBy('id')
      .execute()
    for (const dispute of open)
      await closeDispute(scope, http, dispute.id, { state: 'withdrawn', note: undefined })
  })
  return { success: true as const }
}

/** The tracker gives no reason: that the customer contests it is all that is known. */
async function usualReason(scope: Scope): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    select id from dispute_reasons where tenant_id = ${scope.tenantId} and is_active
     order by case code when 'customer_dispute' then 0 when 'other' then 1 else 2 end, id limit 1`.execute(
    scope.db,
  )
  if (!rows[0]) throw notFound('A reason for disputes')
  return rows[0].id
}
