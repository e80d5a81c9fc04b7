import { type RawBuilder, sql } from 'kysely'
import { Refusal } from '../../../core/errors.ts'
import { BOOK_MAX, decimalText } from '../../../core/money.ts'
import type { Scope } from '../../../core/scope.ts'
import type { Coverage, Outcome, Snapshot } from '../../imports/target.ts'
import { findPlaces } from './places.ts'

// What a staged file would do to the books, set by set: each statement treats every row at once. The temporary tables are
// `staged` (the file), `accounts` (its customers), `places` (what its words for regions, outlets and people mean), `known`
// (its invoices that are in the books), `plan` (what becomes of each row) and `missing`. The plan is stored as the
// import's rows, each with the statement that it makes; publishing reads nothing else. Ids are drawn while planning.

/** What a row states about its invoice besides amounts; a blank says nothing and keeps what is known. */
export const attributes = [
  'number',
  'document_type',
  'invoice_date',
  'due_date',
  'terms_days',
  'is_disputed',
  'operating_unit',
  'region',
  'region_id',
  'department',
  'outlet',
  'outlet_id',
  'po_number',
  'notes',
  'root_cause',
  'sales_person',
] as const
/** Said first and kept: later files may write the same number otherwise. */
export const firstSaid: readonly string[] = ['number', 'document_type']
export const list = (names: readonly string[], prefix = '') =>
  sql.raw(names.map((name) => `${prefix}${name}`).join(', '))
const compared = [...attributes, 'amount', 'open_amount', 'settled_on', 'assigned_to']

export type Run = <R>(query: RawBuilder<R>) => Promise<R[]>
export const runner =
  ({ db }: Scope): Run =>
  (query) =>
    query.execute(db).then((result) => result.rows)

/** What the file speaks of at all. */
export type Says = Record<'lines' | 'region' | 'outlet' | 'assigned_to' | 'operating_unit', boolean>

/** Compares the staged rows with the books and stores what becomes of each. Nothing of the books is changed. */
export async function planReceivables(scope: Scope, snapshot: Snapshot): Promise<Outcome> {
  const run = runner(scope)
  const [says] = await run(sql<Says>`
    select coalesce(bool_or(is_line), false) as lines, bool_or(region is not null) as region, bool_or(outlet is not null) as outlet,
           bool_or(assigned_to is not null) as assigned_to, bool_or(operating_unit is not null) as operating_unit
      from staged`)
  await foldLines(run, says!)
  await refuseContradictions(run)
  await findAccounts(run, scope)
  const unknown = await findPlaces(run, scope, says!)
  await findKnown(run, scope)
  const later = await laterImports(run, scope, snapshot)
  await planRows(run, later)
  const coverage = await coverageOf(run, says!)
  await refuseOverflow(run, scope, coverage)
  await storeRows(run, scope, snapshot)
  const { settled, ...counts } = await countRows(run, snapshot)
  // A file of open items holds nothing that is settled.
  const kind = snapshot.kind ?? (settled > 0 ? 'all_invoices' : 'open_items')
  const missing = await planMissing(run, scope, { ...snapshot, kind }, coverage, later)
  return { ...counts, ...missing, kind, coverage, ...(await detailsOf(run, counts)), unknown }
}

/** Lines of one invoice become one row, the first; an invoice of which a line cannot be read is not taken. */
async function foldLines(run: Run, says: Says) {
  await run(sql`alter table staged add column repeats int, add column lines int`)
  if (!says.lines) return
  await run(sql`
    update staged s
       set problems = jsonb_build_array(jsonb_build_object('column', null, 'value', s.number,
             'reason', 'Row ' || bad.row || ' is a line of the same invoice and cannot be read.'))
      from (select customer_key, number_key, min(row) as row from staged where problems is not null group by 1, 2) bad
     where s.is_line and s.problems is null and s.customer_key = bad.customer_key and s.number_key = bad.number_key`)
  await run(sql`
    update staged s
       set amount = case when s.row = g.first then g.amount else s.amount end,
           open_amount = case when s.row = g.first then g.open_amount else s.open_amount end,
           repeats = case when s.row > g.first then g.first end, lines = g.lines
      from (select customer_key, number_key, currency, min(row) as first, count(*)::int as lines,
                   sum(amount)::bigint as amount, sum(open_amount)::bigint as open_amount
              from staged where problems is null and is_line group by 1, 2, 3) g
     where s.is_line and s.problems is null and s.customer_key = g.customer_key and s.number_key = g.number_key
       and s.currency = g.currency`)
}

/** An invoice that is there twice: said again it is one, said differently nobody can tell which row is right. */
async function refuseContradictions(run: Run) {
  await run(sql`analyze staged (customer_key, number_key)`)
  const [twice] = await run(sql`
    select 1 from staged where problems is null and repeats is null group by customer_key, number_key having count(*) > 1 limit 1`)
  if (!twice) return
  const said = list([
    'customer_code',
    'customer_name',
    'currency',
    'amount',
    'open_amount',
    'invoice_date',
    'due_date',
    'settled_on',
    'is_disputed',
    'document_type',
    'operating_unit',
    'region',
  ])
  await run(sql`
    update staged s
       set repeats = case when g.variants = 1 and s.row > g.first then g.first end,
           problems = case when g.variants > 1 then jsonb_build_array(jsonb_build_object('column', null, 'value', s.number,
             'reason', 'This invoice is on rows ' || g.rows || ' with different figures. Leave one, or sum them up.')) end
      from (select customer_key, number_key, min(row) as first, count(distinct row(${said})::text) as variants,
                   array_to_string((array_agg(row order by row))[1:5], ', ') || case when count(*) > 5 then ' …' else '' end as rows
              from staged where problems is null and repeats is null group by customer_key, number_key having count(*) > 1) g
     where s.problems is null and s.repeats is null and s.customer_key = g.customer_key and s.number_key = g.number_key`)
}

async function findAccounts(run: Run, { tenantId }: Scope) {
  await run(sql`
    create temp table accounts on commit drop as
    select customer_key as key, max(customer_code) as code, max(customer_name) as name, max(email) as email,
           max(phone) as phone, null::bigint as id
      from staged where problems is null group by customer_key`)
  await run(sql`
    update accounts a set id = c.id from customers c
     where c.tenant_id = ${tenantId} and c.outlet_id is null and c.key = a.key`)
  await run(sql`update accounts set id = nextval('customers_id_seq') where id is null`)
  await run(sql`analyze accounts`)
}

/** The invoices of the file that are in the books. */
async function findKnown(run: Run, { tenantId }: Scope) {
  await run(sql`
    create temp table known on commit drop as
    select s.row, i.id, i.currency, i.retracted, i.assigned_by_hand, ${list(compared, 'i.')}
      from staged s
      join accounts a on a.key = s.customer_key
      join invoices i on i.tenant_id = ${tenantId} and i.customer_id = a.id and i.number_key = s.number_key
     where s.problems is null and s.repeats is null`)
  await run(sql`analyze known (row, id)`)
  await run(sql`
    update staged s
       set problems = jsonb_build_array(jsonb_build_object('column', null, 'value', s.currency,
             'reason', 'This invoice is in the books in ' || k.currency || '.'))
      from known k where k.row = s.row and k.currency <> s.currency and not k.retracted`)
}

/** Imports in the books that come after this one: theirs is the last word. */
export async function laterImports(
  run: Run,
  { tenantId }: Scope,
  { id, as_of }: Pick<Snapshot, 'id' | 'as_of'>,
): Promise<number[]> {
  const rows = await run(sql<{ id: number }>`
    select id from imports
     where tenant_id = ${tenantId} and target = 'receivables' and status = 'published' and id <> ${id}
       and (as_of, id) > (${as_of}::date, ${id}::bigint)`)
  return rows.map((row) => row.id)
}

/** Field -> [before, after] of each changed row. */
const changes = sql.raw(
  `jsonb_strip_nulls(jsonb_build_object(${compared
    .map(
      (name) =>
        `'${name}', case when was_${name} is distinct from now_${name} then jsonb_build_array(was_${name}, now_${name}) end`,
    )
    .join(', ')}))`,
)

/** One line per row that is taken: what it states, what that makes of the invoice (`now_`), and what it was (`was_`). */
async function planRows(run: Run, later: number[]) {
  const now = compared.map((name) => {
    switch (name) {
      case 'amount':
      case 'open_amount':
        return `s.${name} as now_${name}`
      // The day of the last payment: nothing new was paid, so the day that is known still holds.
      case 'settled_on':
        return `case when s.amount - s.open_amount = k.amount - k.open_amount then coalesce(s.settled_on, k.settled_on)
                     else s.settled_on end as now_settled_on`
      case 'assigned_to':
        return `case when k.assigned_by_hand then k.assigned_to else coalesce(s.assigned_to, k.assigned_to) end as now_assigned_to`
      default:
        return firstSaid.includes(name)
          ? `coalesce(k.${name}, s.${name}) as now_${name}`
          : `coalesce(s.${name}, k.${name}) as now_${name}`
    }
  })
  const stated = compared.filter((name) => !places.some(({ column }) => column === name))
  const older =
    later.length === 0
      ? sql`false`
      : sql`exists (select from import_rows r where r.tenant_id = current_setting('app.tenant_id')::bigint
                       and r.invoice_id = k.id and r.import_id = any(${later}) and r.outcome in ('new', 'changed', 'unchanged', 'older'))`
  // In the order of the file, which the new ids then follow.
  await run(sql`
    create temp table plan on commit drop as
    with stated as (
      select s.row, a.id as customer_id, s.number_key, s.currency, ${list(stated, 's.')},
             ${sql.raw(places.map(({ word, column }) => `${word}_place.id as ${column}`).join(', '))}
        from staged s
        join accounts a on a.key = s.customer_key
        ${sql.raw(
          places
            .map(
              ({ word }) =>
                `left join places ${word}_place on ${word}_place.kind = '${word}' and ${word}_place.word = s.${word}`,
            )
            .join('\n'),
        )}
       where s.problems is null and s.repeats is null
       order by s.row
    ), merged as (
      select s.*, k.id as was_id, ${older} as is_older, ${sql.raw(now.join(', '))},
             ${sql.raw(compared.map((name) => `k.${name} as was_${name}`).join(', '))}
        from stated s
        left join known k on k.row = s.row and not k.retracted
    ), judged as (
      select m.*,
             case when was_id is null then 'new'
                  when is_older then 'older'
                  when (${list(compared, 'now_')}) is distinct from (${list(compared, 'was_')}) then 'changed'
                  else 'unchanged' end as outcome
        from merged m
    )
    select j.row, j.outcome, coalesce(j.was_id, gone.id, nextval('invoices_id_seq')) as invoice_id,
           j.customer_id, j.number_key, j.currency, ${list(compared, 'j.')}, j.was_open_amount,
           case when j.outcome = 'changed' then ${changes} end as changes
      from judged j left join known gone on gone.row = j.row and gone.retracted`)
  await run(sql`analyze plan (row, invoice_id, outcome)`)
}

/** Words of the file that stand for something of the organisation, and the column that its id goes to. */
export const places = [
  { word: 'region', column: 'region_id' },
  { word: 'outlet', column: 'outlet_id' },
  { word: 'assigned_to', column: 'assigned_to' },
] as const

/** What the file speaks about: an invoice outside of it cannot be missing. */
async function coverageOf(run: Run, says: Says): Promise<Coverage> {
  const values = async (name: 'currency' | 'operating_unit' | 'region' | 'outlet') => {
    if (name !== 'currency' && !says[name]) return []
    const column = sql.ref(name)
    const rows = await run(
      sql<{
        value: string
      }>`select distinct ${column} as value from staged where problems is null and ${column} is not null order by 1`,
    )
    return rows.map(({ value }) => value)
  }
  return {
    currencies: await values('currency'),
    operating_units: await values('operating_unit'),
    regions: await values('region'),
    outlets: await values('outlet'),
  }
}

/** What is owed in the books, and what a file says, stays a sum that is exact wherever it is shown. */
async function refuseOverflow(run: Run, { tenantId }: Scope, { currencies }: Coverage) {
  const [over] = await run(sql<{ currency: string }>`
    select currency
      from (select currency, sum(size) as size
              from (select currency, abs(open_amount) as size from invoices
                     where tenant_id = ${tenantId} and currency = any(${currencies}) and open_amount <> 0
                    union all
                    select currency, abs(open_amount) - coalesce(abs(was_open_amount), 0) from plan
                     where outcome in ('new', 'changed')) book
             group by currency
            union all
            select currency, sum(greatest(abs(amount), abs(open_amount))) from plan group by currency) sums
     where size > ${String(BOOK_MAX)}::numeric order by currency limit 1`)
  if (!over) return
  const { currency } = over
  throw new Refusal(
    422,
    'book_too_large',
    `With this file the ${currency} amounts in the books would add up to more than ${decimalText(BOOK_MAX, currency)} ${currency}, and sums would no longer be exact. Nothing was imported; check the amounts and their decimal sign.`,
  )
}

const stored = ['customer_id', 'number_key', 'currency', ...compared]

async function storeRows(run: Run, { tenantId }: Scope, { id }: Snapshot) {
  await run(sql`
    insert into import_rows (tenant_id, import_id, row, outcome, invoice_id, changes, ${list(stored)})
    select ${tenantId}, ${id}, row, outcome, invoice_id, changes, ${list(stored)} from plan`)
  await run(sql`
    insert into import_rows (tenant_id, import_id, row, outcome, number, number_key, problems, cells)
    select ${tenantId}, ${id}, row, case when problems is null then 'repeated' else 'rejected' end, number, number_key, problems, cells
      from staged where problems is not null or repeats is not null`)
  await run(sql`
    insert into import_accounts (tenant_id, import_id, customer_id, key, code, name, email, phone)
    select ${tenantId}, ${id}, id, key, code, name, email, phone from accounts`)
}

/**
 * Open invoices that the file covers and does not name, not even in a row that was rejected, and that its source named
 * last. With later files in the books the question is what was open then: `candidates` of fold.ts answers it.
 */
async function planMissing(
  run: Run,
  scope: Scope,
  snapshot: Snapshot,
  coverage: Coverage,
  later: number[],
): Promise<Pick<Outcome, 'missing' | 'missing_share'>> {
  const { tenantId } = scope
  const { id, as_of, source_id, kind } = snapshot
  if (kind === 'changes' || source_id === null) return { missing: 0, missing_share: 0 }
  const { currencies, operating_units, regions, outlets } = coverage
  const covered = sql`
    i.currency = any(${currencies}) and (i.invoice_date is null or i.invoice_date <= ${as_of})
    and (cardinality(${operating_units}::text[]) = 0 or i.operating_unit = any(${operating_units}))
    and (cardinality(${regions}::text[]) = 0 or i.region = any(${regions}))
    and (cardinality(${outlets}::text[]) = 0 or i.outlet = any(${outlets}))`
  const open =
    later.length === 0
      ? sql`
        select i.id as invoice_id, i.customer_id, i.number, i.number_key, i.currency, i.amount, i.open_amount
          from invoices i
         where i.tenant_id = ${tenantId} and i.open_amount <> 0 and i.source_id = ${source_id} and ${covered}`
      : sql`
        select i.id as invoice_id, i.customer_id, i.number, i.number_key, i.currency, then_.amount, then_.open_amount
          from (select distinct on (r.invoice_id) r.invoice_id, r.amount, r.open_amount, r.outcome, m.source_id
                  from import_rows r join imports m on m.tenant_id = r.tenant_id and m.id = r.import_id
                 where r.tenant_id = ${tenantId} and m.status = 'published' and m.target = 'receivables'
                   and (m.as_of, m.id) < (${as_of}::date, ${id}::bigint)
                   and r.outcome in ('new', 'changed', 'unchanged', 'older')
                 order by r.invoice_id, m.as_of desc, m.id desc) then_
          join invoices i on i.tenant_id = ${tenantId} and i.id = then_.invoice_id
         where then_.open_amount <> 0 and then_.source_id = ${source_id} and ${covered}`
  await run(sql`
    create temp table missing on commit drop as
    select o.*, row_number() over (order by o.invoice_id)::int as n
      from (${open}) o
     where not exists (select from plan p where p.invoice_id = o.invoice_id)
       and not exists (select from staged s where s.problems is not null and s.number_key = o.number_key)`)
  await run(sql`
    insert into import_rows (tenant_id, import_id, row, outcome, invoice_id, customer_id, number, number_key, currency, amount, open_amount)
    select ${tenantId}, ${id}, -n, 'missing', invoice_id, customer_id, number, number_key, currency, amount, open_amount from missing`)
  // Of what the source has open within the coverage, per currency: the largest share that would go.
  const [found] = await run(sql<{ missing: number; missing_share: number }>`
    select coalesce(sum(c.n), 0)::int as missing, coalesce(max(c.gone / nullif(c.gone + coalesce(p.stays, 0), 0)), 0)::float8 as missing_share
      from (select currency, count(*) as n, sum(greatest(open_amount, 0))::numeric as gone from missing group by currency) c
      left join (select currency, sum(greatest(was_open_amount, 0))::numeric as stays from plan group by currency) p using (currency)`)
  return found!
}

type Counts = Pick<
  Outcome,
  'rows' | 'new' | 'changed' | 'unchanged' | 'older' | 'repeated' | 'folded' | 'rejected' | 'future'
>

async function countRows(run: Run, { as_of }: Snapshot): Promise<Counts & { settled: number }> {
  const [counts] = await run(sql<Counts & { settled: number }>`
    select p.*, r.*
      from (select count(*) filter (where outcome = 'new')::int as new,
                   count(*) filter (where outcome = 'changed')::int as changed,
                   count(*) filter (where outcome = 'unchanged')::int as unchanged,
                   count(*) filter (where outcome = 'older')::int as older,
                   count(*) filter (where greatest(invoice_date, settled_on) > ${as_of})::int as future,
                   count(*) filter (where open_amount = 0 and amount <> 0)::int as settled
              from plan) p,
           (select count(*)::int as rows, count(problems)::int as rejected,
                   count(repeats) filter (where problems is null)::int as repeated,
                   count(lines) filter (where problems is null and repeats is not null)::int as folded from staged) r`)
  return counts!
}

async function detailsOf(
  run: Run,
  counts: Counts,
): Promise<Pick<Outcome, 'totals' | 'rejects' | 'difference'>> {
  const totals = await run(sql<Outcome['totals'][number]>`
    select currency, sum(amount)::bigint as amount, sum(open_amount)::bigint as open_amount from plan group by currency order by currency`)
  const hasMissing = await run(sql`select from pg_class where oid = to_regclass('pg_temp.missing')`)
  const difference = await run(sql<Outcome['difference'][number]>`
    select outcome, currency, count(*)::int as count, sum(amount)::bigint as amount, sum(open_amount)::bigint as open_amount,
           coalesce(sum(was_open_amount), 0)::bigint as open_before
      from plan group by outcome, currency
    ${
      hasMissing.length > 0
        ? sql`union all select 'missing', currency, count(*)::int, sum(amount)::bigint, 0, sum(open_amount)::bigint from missing group by currency`
        : sql``
    }
     order by 1, 2`)
  const rejects =
    counts.rejected === 0
      ? []
      : await run(sql<Outcome['rejects'][number]>`
          select row, number, problems from staged where problems is not null order by row limit 1000`)
  return { totals, rejects, difference }
}
