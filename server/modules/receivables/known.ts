import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'

/**
 * The instant at which a business day is over. What was recorded before it was known on that evening: with `known_on` the books
 * speak as they did then, without what came to light later, however early it took effect.
 */
export const endOf = (scope: Scope, day: string): RawBuilder<unknown> =>
  sql`((${day}::date + 1)::timestamp at time zone ${scope.tenant.timezone})`

/** Of what an invoice is, besides its ledger, what an earlier evening may have known otherwise. */
const then = ['invoice_date', 'due_date', 'terms_days', 'region_id', 'age_band'] as const
const others =
  'tenant_id, id, customer_id, number, number_key, document_type, currency, amount, open_amount, is_disputed, assigned_to, assigned_key, department, root_cause, retracted'

/**
 * The invoices, with `known_on` dated and placed as the files said that were in the books on that evening: a table for a FROM clause.
 * Looked up for those invoices alone of which files have said something else since, or of which such files were undone since.
 */
export function invoicesAsKnown(scope: Scope, known_on: string | null | undefined): RawBuilder<unknown> {
  if (!known_on) return sql`invoices`
  const { tenantId } = scope
  const evening = endOf(scope, known_on)
  const said = sql.raw(
    then
      .map(
        (name) =>
          `(array_agg(r.${name} order by m.as_of desc, m.id desc) filter (where r.${name} is not null))[1] as ${name}`,
      )
      .join(', '),
  )
  const was = (name: string) =>
    sql`case when h.invoice_id is null then x.${sql.ref(name)} else h.${sql.ref(name)} end as ${sql.ref(name)}`
  return sql`
    (select ${sql.raw(others.replaceAll(/\w+/g, 'x.$&'))}, ${sql.join(then.map(was))},
            case when h.invoice_id is null then x.region_key else coalesce(h.region_id, 0) end as region_key,
            case when h.invoice_id is null then x.aged_from else coalesce(h.due_date, h.invoice_date + h.terms_days, h.invoice_date) end as aged_from
       from invoices x
       left join (
         select r.invoice_id, ${said}
           from (select distinct r.invoice_id
                   from imports m join import_rows r on r.tenant_id = ${tenantId} and r.import_id = m.id
                  where m.tenant_id = ${tenantId} and (m.published_at >= ${evening} or m.reverted_at >= ${evening})
                    and r.invoice_id is not null and r.outcome in ('new', 'changed', 'older')) later
           join import_rows r on r.tenant_id = ${tenantId} and r.invoice_id = later.invoice_id and r.outcome in ('new', 'changed', 'unchanged', 'older')
           join imports m on m.tenant_id = ${tenantId} and m.id = r.import_id and m.published_at < ${evening}
                         and (m.status in ('published', 'reverting') or m.reverted_at >= ${evening})
          group by r.invoice_id) h on h.invoice_id = x.id
      where x.tenant_id = ${tenantId})`
}
