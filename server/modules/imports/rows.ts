import { sql } from 'kysely'
import { notFound } from '../../core/errors.ts'
import { decimalText, isCurrency, wireNumber } from '../../core/money.ts'
import { likeText, paged } from '../../core/schema.ts'
import type { Scope } from '../../core/scope.ts'
import { keptImport, requireAllRows } from './kept.ts'
import { differenceOf, type Kept, listed, reconciliationOf, reportOf } from './rules.ts'
import { progressOf } from './running.ts'
import type { outcomes } from './schemas.ts'
import type { Outcome, Problem } from './target.ts'

/** The rejected rows of an import, the first thousand. */
export const rejectsOf = (scope: Scope, id: number) =>
  scope.db
    .selectFrom('import_rows')
    .select(['row', 'number', 'problems'])
    .where('import_id', '=', id)
    .where('outcome', '=', 'rejected')
    .orderBy('row')
    .limit(1000)
    .execute() as Promise<Outcome['rejects']>

export async function listImports(
  scope: Scope,
  query: { page: number; page_size: number; status?: string | undefined },
) {
  requireAllRows(scope.actor)
  const [rows, { count }] = await Promise.all([
    scope.db
      .selectFrom('imports')
      .leftJoin('users', 'users.id', 'imports.created_by')
      .leftJoin('import_sources as s', (join) => join.onRef('s.id', '=', 'imports.source_id'))
      .selectAll('imports')
      .select(['users.full_name as created_by_name', 's.name as source_name'])
      .$if(query.status !== undefined, (rows) => rows.where('imports.status', '=', query.status!))
      .orderBy('imports.id', 'desc')
      .limit(query.page_size)
      .offset((query.page - 1) * query.page_size)
      .execute(),
    scope.db
      .selectFrom('imports')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .$if(query.status !== undefined, (rows) => rows.where('status', '=', query.status!))
      .executeTakeFirstOrThrow(),
  ])
  return paged(
    rows.map((row) => listed(row as unknown as Kept)),
    count,
    query,
  )
}

/** One import with its rejected rows and the invoices that it did not name, up to a thousand of each. */
export async function getImport(scope: Scope, id: number) {
  requireAllRows(scope.actor)
  const [kept, rejects, same, missing, touched] = await Promise.all([
    keptImport(scope, id),
    rejectsOf(scope, id),
    sql<{ id: number; file_name: string; as_of: string; status: Kept['status'] }>`
      select other.id, other.file_name, other.as_of, other.status
        from imports m
        join imports other on other.tenant_id = m.tenant_id and other.target = m.target and other.file_sha256 = m.file_sha256 and other.id <> m.id
       where m.tenant_id = ${scope.tenantId} and m.id = ${id} and other.status in ('reading', 'asking', 'checked', 'publishing', 'published', 'reverting')
       order by other.id desc limit 5`.execute(scope.db),
    sql<{
      invoice_id: number
      invoice_number: string
      customer_name: string
      currency: string
      open_amount: number | null
    }>`
      select i.id as invoice_id, i.number as invoice_number, c.name as customer_name, i.currency, r.open_amount
        from import_rows r
        join invoices i on i.tenant_id = r.tenant_id and i.id = r.invoice_id and not i.retracted
        join customers c on c.tenant_id = i.tenant_id and c.id = i.customer_id
       where r.tenant_id = ${scope.tenantId} and r.import_id = ${id} and r.outcome = 'missing'
       order by r.row desc limit 1000`.execute(scope.db),
    countTouched(scope, id),
  ])
  const said = kept.said.kind ?? kept.source_kind ?? null
  return {
    ...listed(kept),
    rejects: reportOf(kept, rejects).rejects,
    mapping: kept.mapping,
    reading: kept.reading,
    questions: kept.questions,
    coverage: kept.coverage,
    problem: kept.problem,
    as_of_from: kept.as_of_from,
    as_of_proof: kept.as_of_proof,
    same_files: same.rows,
    progress: progressOf(id),
    source:
      kept.source_id === null
        ? null
        : { id: kept.source_id, name: kept.source_name ?? '', kind: kept.source_kind ?? null },
    kind: kept.kind,
    kind_is_guess: said === null,
    missing_rule: kept.missing_rule,
    said: kept.said,
    difference: {
      ...differenceOf(kept.difference),
      rejected: { count: kept.rejected_count, totals: [] },
      repeated: { count: kept.repeated_count, totals: [] },
    },
    reconciliation: reconciliationOf(kept.reconciliation),
    touched,
    missing_invoices: missing.rows.map((each) => ({
      ...each,
      open_amount: wireNumber(each.open_amount ?? 0, each.currency),
    })),
  }
}

const amountFields = new Set(['amount', 'open_amount'])
const shown = (value: unknown, field: string, currency: string | null) =>
  value === null || value === undefined
    ? null
    : amountFields.has(field) && currency && isCurrency(currency)
      ? decimalText(value as number, currency)
      : String(value)

type Row = {
  row: number
  outcome: (typeof outcomes)[number]
  invoice_id: number | null
  invoice_number: string | null
  customer_name: string | null
  currency: string | null
  amount: number | null
  open_amount: number | null
  changes: Record<string, [unknown, unknown]> | null
  problems: Problem[] | null
  cells: string[] | null
  decision: 'paid' | 'withdrawn' | 'open' | null
  is_known: boolean
}

/** What became of the rows, in the order of the file; missing invoices last. */
export async function listRows(
  scope: Scope,
  id: number,
  query: { outcome?: string | undefined; search?: string | undefined; page: number; page_size: number },
) {
  requireAllRows(scope.actor)
  await keptImport(scope, id)
  const like = query.search ? likeText(query.search) : null
  const where = sql`
    r.tenant_id = ${scope.tenantId} and r.import_id = ${id}
    ${query.outcome ? sql`and r.outcome = ${query.outcome}` : sql``}
    ${
      like
        ? sql`and (r.number ilike ${like} or array_to_string(r.cells, ' ') ilike ${like} or exists (
                select from import_accounts a where a.tenant_id = r.tenant_id and a.import_id = r.import_id
                   and a.customer_id = r.customer_id and (a.name ilike ${like} or a.code ilike ${like})))`
        : sql``
    }`
  const [{ rows }, total] = await Promise.all([
    sql<Row>`
      select r.row, r.outcome, r.invoice_id, coalesce(r.number, i.number) as invoice_number, coalesce(a.name, a.code, c.name) as customer_name,
             coalesce(r.currency, i.currency) as currency, r.amount, r.open_amount, r.changes, r.problems, r.cells, d.decision,
             i.id is not null and not i.retracted as is_known
        from (select * from import_rows r where ${where}
               order by r.row <= 0, abs(r.row) limit ${query.page_size} offset ${(query.page - 1) * query.page_size}) r
        left join import_accounts a on a.tenant_id = r.tenant_id and a.import_id = r.import_id and a.customer_id = r.customer_id
        left join invoices i on i.tenant_id = r.tenant_id and i.id = r.invoice_id
        left join customers c on c.tenant_id = r.tenant_id and c.id = i.customer_id
        left join missing_decisions d on d.tenant_id = r.tenant_id and d.import_id = r.import_id and d.invoice_id = r.invoice_id
       order by r.row <= 0, abs(r.row)`.execute(scope.db),
    sql<{ count: number }>`select count(*)::int as count from import_rows r where ${where}`.execute(scope.db),
  ])
  const items = rows.map(({ changes, is_known, ...row }) => ({
    ...row,
    // Drawn while planning: it names an invoice only once the import is in the books.
    invoice_id: is_known ? row.invoice_id : null,
    amount: row.amount === null || !row.currency ? null : wireNumber(row.amount, row.currency),
    open_amount: row.open_amount === null || !row.currency ? null : wireNumber(row.open_amount, row.currency),
    changes: Object.entries(changes ?? {}).map(([field, [before, after]]) => ({
      field,
      before: shown(before, field, row.currency),
      after: shown(after, field, row.currency),
    })),
    problems: row.problems ?? [],
  }))
  return paged(items, total.rows[0]!.count, query)
}

/**
 * The invoices of an import to which something happened since it came into the books. An intersection, not a join: before
 * statistics know of the file just published, a join is planned as a loop, and 20,000 rows take minutes.
 */
const touchedBy = (scope: Scope, id: number) => sql`
  select e.subject_id as invoice_id from events e
   where e.tenant_id = ${scope.tenantId} and e.subject = 'invoice'
     and e.id > (select max(p.id) from events p
                  where p.tenant_id = ${scope.tenantId} and p.subject = 'import' and p.subject_id = ${id} and p.kind = 'import.published')
  intersect
  select r.invoice_id from import_rows r
   where r.tenant_id = ${scope.tenantId} and r.import_id = ${id} and r.invoice_id is not null and r.outcome <> 'repeated'`

async function countTouched(scope: Scope, id: number): Promise<number> {
  const { rows } = await sql<{
    count: number
  }>`select count(*)::int as count from (${touchedBy(scope, id)}) t`.execute(scope.db)
  return rows[0]!.count
}

/** The invoices of an import on which somebody has worked since, or about which a later file spoke. */
export async function listTouched(scope: Scope, id: number, query: { page: number; page_size: number }) {
  requireAllRows(scope.actor)
  const kept = await keptImport(scope, id)
  if (!kept.published_at) throw notFound('This import in the books')
  const { rows } = await sql<{
    invoice_id: number
    invoice_number: string
    customer_name: string
    events: { kind: string; at: string; by: string | null }[]
  }>`
    select t.invoice_id, i.number as invoice_number, c.name as customer_name,
           (select jsonb_agg(jsonb_build_object('kind', e.kind, 'at', e.at, 'by', (select u.full_name from users u where u.id = e.user_id)) order by e.id)
              from events e
             where e.tenant_id = ${scope.tenantId} and e.subject = 'invoice' and e.subject_id = t.invoice_id and e.at > ${kept.published_at}) as events
      from (${touchedBy(scope, id)} order by 1 limit ${query.page_size} offset ${(query.page - 1) * query.page_size}) t
      join invoices i on i.tenant_id = ${scope.tenantId} and i.id = t.invoice_id
      join customers c on c.tenant_id = ${scope.tenantId} and c.id = i.customer_id
     order by t.invoice_id`.execute(scope.db)
  return paged(rows, await countTouched(scope, id), query)
}
