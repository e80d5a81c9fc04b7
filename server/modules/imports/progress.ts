import { sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'

/** Heard at once and written nowhere: progress is no fact of the books. */
export async function tellProgress(
  scope: Scope,
  id: number,
  { step, rows, of }: { step: string; rows: number; of: number },
) {
  const notice = {
    tenant_id: scope.tenantId,
    id: null,
    kind: 'import.progressed',
    subject: 'import',
    subject_id: id,
    step,
    rows,
    of,
  }
  await sql`select pg_notify('duebook', ${JSON.stringify(notice)})`.execute(scope.db)
}
