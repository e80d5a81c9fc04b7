import { sql } from 'kysely'
import { Refusal } from '../../core/errors.ts'
import type { Scope } from '../../core/scope.ts'
import type { Answer } from '../imports/rules.ts'
import type { Period } from '../imports/target.ts'
import { monthText } from './rules.ts'

/** What the uploader is told; a sheet of which no row could be taken is refused. */
export async function uploaded(scope: Scope, answer: Answer) {
  if (answer.processed_count === 0)
    throw new Refusal(
      400,
      'nothing_imported',
      answer.errors.length > 0 ? `${answer.message} ${answer.errors[0]!.error}` : answer.message,
      { body: { errors: answer.errors } },
    )
  const { rows } = await sql<{ period: Period; customers: number }>`
    select said -> 'period' as period,
           (select count(*)::int from import_accounts a where a.tenant_id = m.tenant_id and a.import_id = m.id) as customers
      from imports m where m.tenant_id = ${scope.tenantId} and m.id = ${answer.import_id}`.execute(scope.db)
  const { period, customers } = rows[0] ?? { period: null, customers: 0 }
  return {
    count: customers,
    message: 'Upload successful.',
    import_id: answer.import_id,
    month: period ? monthText(period.month) : '',
    financialYear: period?.financial_year ?? '',
    department: period?.department ?? '',
    rows: answer.rows,
    rejected: answer.rejected,
    warnings: answer.warnings,
    errors: answer.errors,
  }
}
