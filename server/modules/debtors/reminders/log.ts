import { sql } from 'kysely'
import { Refusal } from '../../../core/errors.ts'
import type { Scope } from '../../../core/scope.ts'
import { openPharmacy } from '../pharmacies.ts'
import type { CommunicationLog } from './schemas.ts'

/**
 * Everything that was written to a debtor, newest first, in the document's three states: what is not known to have gone waits, with its
 * error; what was held or taken back did not go.
 */
export async function communicationsOf(
  scope: Scope,
  pharmacyId: number,
  debtorId: number,
): Promise<CommunicationLog[]> {
  const pharmacy = await openPharmacy(scope, pharmacyId)
  const { tenantId } = scope
  return scope.overAllRows(async () => {
    const { rows: known } = await sql`
      select 1 from customers c where c.tenant_id = ${tenantId} and c.id = ${debtorId} and not c.retracted
         and (c.outlet_id = ${pharmacy.id} or c.outlet_id is null and exists (
               select from invoices i where i.tenant_id = ${tenantId} and i.customer_id = c.id and i.outlet_id = ${pharmacy.id}))`.execute(
      scope.db,
    )
    if (known.length === 0) throw new Refusal(404, 'not_found', 'Debtor not found at this pharmacy.')
    const { rows } = await sql<CommunicationLog>`
      select m.id, ${pharmacy.id}::bigint as pharmacy_id, m.customer_id as debtor_id, m.kind as communication_type, m.recipient, m.subject,
             coalesce(m.html, m.text) as message,
             case when m.state in ('sent', 'delivered') then 'sent' when m.state in ('pending', 'sending', 'unknown') then 'pending' else 'failed' end as status,
             m.external_id, coalesce(m.error, case when m.state = 'held' then 'Not sent: ' || replace(m.reason, '_', ' ')
                                                   when m.state = 'cancelled' then 'Taken back before it was sent' end) as error_message,
             m.sent_at, m.created_at
        from messages m
       where m.tenant_id = ${tenantId} and m.customer_id = ${debtorId} and (m.outlet_id is null or m.outlet_id = ${pharmacy.id})
       order by m.created_at desc, m.id desc limit 1000`.execute(scope.db)
    return rows
  })
}
