import { sql } from 'kysely'
import { invalidField } from '../../../core/errors.ts'
import type { Scope } from '../../../core/scope.ts'
import { requireCustomer } from '../../receivables/customer.ts'
import type { PauseInput } from './schemas.ts'

/** Puts a customer off for oneself: until a day, or for the rest of today. Others still see them. */
export async function pauseCustomer(
  scope: Scope,
  customerId: number,
  { kind, until_on, reason }: PauseInput,
) {
  await requireCustomer(scope, customerId)
  const until = kind === 'skip' ? scope.today : until_on
  if (!until) throw invalidField('until_on', 'Name the day up to which the customer is put off.', 'required')
  if (until < scope.today)
    throw invalidField('until_on', `${until} has passed. Name today or a later day.`, 'in_past')
  await sql`
    insert into worklist_pauses (tenant_id, user_id, customer_id, until_on, kind, reason, created_at)
    values (${scope.tenantId}, ${scope.userId}, ${customerId}, ${until}, ${kind}, ${reason}, ${scope.now})
    on conflict (tenant_id, user_id, customer_id)
    do update set until_on = excluded.until_on, kind = excluded.kind, reason = excluded.reason, created_at = excluded.created_at`.execute(
    scope.db,
  )
  await scope.record(kind === 'skip' ? 'customer.skipped' : 'customer.snoozed', customerId, {
    until_on: until,
    reason,
  })
  return { customer_id: customerId, kind, until_on: until, reason }
}

/** Takes a customer up again. */
export async function resumeCustomer(scope: Scope, customerId: number) {
  await requireCustomer(scope, customerId)
  const { numAffectedRows } = await sql`
    delete from worklist_pauses where tenant_id = ${scope.tenantId} and user_id = ${scope.userId} and customer_id = ${customerId}`.execute(
    scope.db,
  )
  if (numAffectedRows) await scope.record('customer.resumed', customerId)
}
