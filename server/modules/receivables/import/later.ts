import { sql } from 'kysely'
import type { Scope } from '../../../core/scope.ts'
import type { Coverage, Outcome, Planning } from '../../imports/target.ts'
import type { Run } from './plan.ts'

/**
 * What is new and open in a file that comes late, and later complete files of its source cover and do not name: it is settled by
 * their days at once (`nameAbsent` of fold.ts), so whoever publishes is told how much that is. Not asked: see decision 0006.
 */
export async function missedLater(
  run: Run,
  { tenantId }: Scope,
  { id, source_id }: Planning,
  later: number[],
): Promise<Outcome['missed_later']> {
  if (later.length === 0 || source_id === null) return []
  const covered = (values: keyof Coverage, column: string) => sql`
    (coalesce(m.coverage -> ${sql.lit(values)}, '[]') = '[]' or coalesce(m.coverage -> ${sql.lit(values)} ? r.${sql.ref(column)}, false))`
  return run(sql<Outcome['missed_later'][number]>`
    select r.currency, count(*)::int as count, sum(r.open_amount)::bigint as open_amount
      from import_rows r
     where r.tenant_id = ${tenantId} and r.import_id = ${id} and r.outcome = 'new' and r.open_amount <> 0
       and exists (select from imports m
                    where m.tenant_id = ${tenantId} and m.id = any(${later}) and m.source_id = ${source_id} and m.missing_rule = 'settle'
                      and m.kind in ('open_items', 'all_invoices') and m.coverage -> 'currencies' ? r.currency
                      and (r.invoice_date is null or r.invoice_date <= m.as_of)
                      and ${covered('operating_units', 'operating_unit')}
                      and ${covered('regions', 'region')}
                      and ${covered('outlets', 'outlet')}
                      and not exists (select from import_rows x where x.tenant_id = ${tenantId} and x.import_id = m.id
                                         and x.outcome = 'rejected' and x.number_key = r.number_key))
     group by 1 order by 1`)
}
