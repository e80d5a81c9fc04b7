import { sql } from 'kysely'
import { notFound, Refusal } from '../../../core/errors.ts'
import type { Scope } from '../../../core/scope.ts'
import { shareBooks } from '../../imports/imports.ts'

/**
 * Where the last file does not include what people recorded, somebody decides that what was recorded holds: the invoice is no longer
 * among those that differ, for as long as files go on saying the same. `kept` false asks again.
 */
export async function keepMine(scope: Scope, id: number, kept: boolean) {
  const { tenantId } = scope
  await shareBooks(scope)
  type Row = {
    currency: string
    unconfirmed: number
    contradicted_on: string | null
    kept_unconfirmed: number | null
    version: number
  }
  const { rows } = await sql<Row>`
    select i.currency, i.unconfirmed, i.contradicted_on, i.kept_unconfirmed, i.version from invoices i
     where i.tenant_id = ${tenantId} and i.id = ${id} and not i.retracted for no key update`.execute(scope.db)
  const [row] = rows
  if (!row) throw notFound('This invoice')
  if (row.contradicted_on === null)
    throw new Refusal(409, 'not_contradicted', 'No file says otherwise. There is nothing to decide.')
  const was = row.kept_unconfirmed === row.unconfirmed
  if (was === kept) return { id, kept, version: row.version }
  await sql`
    update invoices
       set kept_unconfirmed = ${kept ? row.unconfirmed : null}::bigint, kept_by = ${kept ? scope.userId : null}::bigint,
           kept_at = ${kept ? scope.now : null}::timestamptz, version = version + 1, updated_at = ${scope.now}
     where tenant_id = ${tenantId} and id = ${id}`.execute(scope.db)
  await scope.record(kept ? 'invoice.kept_mine' : 'invoice.asked_again', id, {
    as_of: row.contradicted_on,
    amount: row.unconfirmed,
    currency: row.currency,
  })
  return { id, kept, version: row.version + 1 }
}
