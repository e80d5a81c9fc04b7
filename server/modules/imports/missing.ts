import { sql } from 'kysely'
import { invalidField, notFound, Refusal } from '../../core/errors.ts'
import { wireNumber } from '../../core/money.ts'
import { likeText, paged } from '../../core/schema.ts'
import type { Scope } from '../../core/scope.ts'
import { booksChanged, checkByIndex, lockBooks, prepare, snapshotOf } from './imports.ts'
import { keptImport, requireAllRows } from './kept.ts'
import type { Watch } from './running.ts'
import type { Target } from './target.ts'

// The queue "paid or withdrawn?": invoices that a complete file covers and does not name. The books take them for what
// the import's rule says until somebody decides.

type Missing = {
  import_id: number
  file_name: string
  as_of: string
  last_named: string | null
  invoice_id: number
  invoice_number: string
  customer_id: number
  customer_name: string
  currency: string
  open_amount: number
  taken_as: 'paid' | 'withdrawn' | 'open'
  decision: 'paid' | 'withdrawn' | 'open' | null
  paid_on: string | null
  decided_by: string | null
}

/** What is missing, the latest file first; of an invoice that several files miss, the first that missed it. */
export async function listMissing(
  scope: Scope,
  query: {
    import_id?: number | undefined
    decided?: boolean | undefined
    search?: string | undefined
    page: number
    page_size: number
  },
) {
  requireAllRows(scope.actor)
  const like = query.search && likeText(query.search)
  const from = sql`
    from import_rows r
    join imports m on m.tenant_id = r.tenant_id and m.id = r.import_id and m.status = 'published'
    join invoices i on i.tenant_id = r.tenant_id and i.id = r.invoice_id and not i.retracted
    left join missing_decisions d on d.tenant_id = r.tenant_id and d.import_id = r.import_id and d.invoice_id = r.invoice_id
    left join lateral (
      select max(e.as_of) as as_of from import_rows x join imports e on e.tenant_id = x.tenant_id and e.id = x.import_id and e.status = 'published'
       where x.tenant_id = r.tenant_id and x.invoice_id = r.invoice_id and x.outcome <> 'missing' and (e.as_of, e.id) < (m.as_of, m.id)) named on true
    where r.tenant_id = ${scope.tenantId} and r.outcome = 'missing' and m.source_id is not null and named.as_of is not null
      ${query.import_id ? sql`and r.import_id = ${query.import_id}` : sql``}
      ${query.decided === undefined ? sql`` : query.decided ? sql`and d.decision is not null` : sql`and d.decision is null`}
      ${
        like
          ? sql`and (i.number ilike ${like} or exists (select from customers c where c.tenant_id = i.tenant_id and c.id = i.customer_id
                                                          and (c.name ilike ${like} or c.code ilike ${like})))`
          : sql``
      }`
  const [{ rows }, sums] = await Promise.all([
    sql<Missing>`
      select r.import_id, m.file_name, m.as_of, named.as_of as last_named, i.id as invoice_id, i.number as invoice_number,
             i.customer_id, (select c.name from customers c where c.tenant_id = i.tenant_id and c.id = i.customer_id) as customer_name,
             i.currency, coalesce(r.open_amount, 0) as open_amount, d.decision, d.paid_on,
             (select u.full_name from users u where u.id = d.decided_by) as decided_by,
             coalesce(d.decision, case when m.missing_rule = 'keep' then 'open' when m.kind = 'all_invoices' then 'withdrawn' else 'paid' end) as taken_as
      ${from}
       order by m.as_of desc, m.id desc, r.row desc
       limit ${query.page_size} offset ${(query.page - 1) * query.page_size}`.execute(scope.db),
    sql<{ currency: string; count: number; open_amount: number }>`
      select i.currency, count(*)::int as count, coalesce(sum(r.open_amount), 0)::bigint as open_amount ${from} group by 1 order by 1`.execute(
      scope.db,
    ),
  ])
  const spelled = <Row extends { open_amount: number; currency: string }>(row: Row) => ({
    ...row,
    open_amount: wireNumber(row.open_amount, row.currency),
  })
  const count = sums.rows.reduce((sum, each) => sum + each.count, 0)
  return { ...paged(rows.map(spelled), count, query), totals: sums.rows.map(spelled) }
}

/** Decides about missing invoices of an import; all of them when none is named. The last decision holds. */
export async function decideMissing(
  scope: Scope,
  target: Target,
  id: number,
  said: {
    invoice_ids?: number[] | undefined
    decision: 'paid' | 'withdrawn' | 'open'
    paid_on?: string | undefined
  },
  watch: Watch,
): Promise<{ decided: number }> {
  requireAllRows(scope.actor)
  await prepare(scope, 0)
  await lockBooks(scope)
  const kept = await keptImport(scope, id, true)
  if (kept.status !== 'published')
    throw new Refusal(409, 'not_published', 'Only of an import that is in the books can invoices be missing.')
  if (said.paid_on && said.decision !== 'paid')
    throw invalidField('paid_on', 'A day of payment goes with the decision "paid" alone.')
  if (said.paid_on && said.paid_on > kept.as_of)
    throw invalidField(
      'paid_on',
      `The file of ${kept.as_of} did not name it any more: it was paid by that day. Give a day up to ${kept.as_of}.`,
    )
  const { rows } = await sql<{ invoice_id: number }>`
    insert into missing_decisions (tenant_id, import_id, invoice_id, decision, paid_on, decided_by, decided_at)
    select ${scope.tenantId}, ${id}, r.invoice_id, ${said.decision}, ${said.paid_on ?? null}::date, ${scope.userId > 0 ? scope.userId : null}, ${scope.now}
      from import_rows r
     where r.tenant_id = ${scope.tenantId} and r.import_id = ${id} and r.outcome = 'missing'
       ${said.invoice_ids ? sql`and r.invoice_id = any(${said.invoice_ids}::bigint[])` : sql``}
    on conflict (tenant_id, import_id, invoice_id) do update
       set decision = excluded.decision, paid_on = excluded.paid_on, decided_by = excluded.decided_by, decided_at = excluded.decided_at
    returning invoice_id`.execute(scope.db)
  if (said.invoice_ids && rows.length < new Set(said.invoice_ids).size)
    throw notFound('One of these invoices among those that the import misses')
  if (rows.length === 0) return { decided: 0 }
  const ids = rows.map((row) => row.invoice_id)
  await checkByIndex(scope)
  await target.books.decide(scope, snapshotOf(kept, watch), ids)
  await booksChanged(scope)
  await scope.recordEach(
    'invoice.decided',
    ids.map((subject_id) => ({
      subject_id,
      data: { import_id: id, decision: said.decision, ...(said.paid_on ? { paid_on: said.paid_on } : {}) },
    })),
  )
  return { decided: ids.length }
}
