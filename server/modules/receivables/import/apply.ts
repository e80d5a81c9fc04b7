import { type RawBuilder, sql } from 'kysely'
import { Refusal } from '../../../core/errors.ts'
import { BOOK_MAX, decimalText } from '../../../core/money.ts'
import type { Scope } from '../../../core/scope.ts'
import type { Coverage, Outcome, Snapshot } from '../../imports/target.ts'

// What a staged file does to the books, set by set: each statement treats every row at once. The temporary tables are
// `staged` (the file), `accounts` (its customers), `known` (its invoices that are in the books) and `plan` (what
// becomes of each row). Ids are drawn while planning, so nothing written here is ever joined back to: statistics of
// fresh rows do not exist, and PostgreSQL would plan such joins for one row.

/** Of what an invoice is besides its amounts: a blank in the file says nothing and keeps what is known. */
const attributes = [
  'number',
  'document_type',
  'invoice_date',
  'due_date',
  'terms_days',
  'is_disputed',
  'operating_unit',
  'po_number',
  'notes',
  'region_id',
]
const list = (names: readonly string[], prefix = '') =>
  sql.raw(names.map((name) => `${prefix}${name}`).join(', '))
const compared = [...attributes, 'amount', 'open_amount', 'settled_on']

/** Plans what the staged rows change, and unless `snapshot.dry_run` writes it. Returns what became of the rows. */
export async function applyReceivables(scope: Scope, snapshot: Snapshot): Promise<Outcome> {
  const run = <R>(query: RawBuilder<R>) => query.execute(scope.db).then((result) => result.rows)
  await refuseContradictions(run)
  await findAccounts(run, scope)
  await findRegions(run, scope)
  await findKnown(run, scope, snapshot)
  await planRows(run, snapshot)
  const coverage = await coverageOf(run)
  await refuseOverflow(run, scope, coverage)
  await planMissing(run, scope, snapshot, coverage)
  const counts = await countRows(run, snapshot)
  // A file of which nothing can be taken leaves nothing, so that it can come again.
  if (counts.rows > counts.rejected && !snapshot.dry_run) {
    await snapshot.progress('writing')
    await writeCustomers(run, scope, snapshot)
    if (counts.new > 0) await writeNew(run, scope, snapshot)
    if (counts.changed > 0) await writeChanged(run, scope, snapshot)
    await writeRows(run, scope, snapshot)
    if (counts.rejected + counts.repeated > 0) await writeRejected(run, scope, snapshot)
  }
  return { ...counts, coverage, ...(await detailsOf(run, counts)) }
}

type Run = <R>(query: RawBuilder<R>) => Promise<R[]>

/** An invoice that is there twice: said again it is one, said differently nobody can tell which row is right. */
async function refuseContradictions(run: Run) {
  await run(sql`alter table staged add column repeats int`)
  await run(sql`analyze staged (customer_key, number_key)`)
  const [twice] = await run(sql`
    select 1 from staged where problems is null group by customer_key, number_key having count(*) > 1 limit 1`)
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
              from staged where problems is null group by customer_key, number_key having count(*) > 1) g
     where s.problems is null and s.customer_key = g.customer_key and s.number_key = g.number_key`)
}

async function findAccounts(run: Run, { tenantId }: Scope) {
  await run(sql`
    create temp table accounts on commit drop as
    select customer_key as key, max(customer_code) as code, max(customer_name) as name, max(email) as email,
           max(phone) as phone, null::bigint as id, false as is_new
      from staged where problems is null group by customer_key`)
  await run(sql`
    update accounts a set id = c.id from customers c
     where c.tenant_id = ${tenantId} and c.outlet_id is null and c.key = a.key`)
  await run(sql`update accounts set id = nextval('customers_id_seq'), is_new = true where id is null`)
  await run(sql`analyze accounts`)
}

/** Regions are the organisation's own; a file names them by code or name. */
async function findRegions(run: Run, { tenantId }: Scope) {
  await run(sql`
    create temp table places on commit drop as
    select s.region, (select min(r.id) from regions r where r.tenant_id = ${tenantId}
                        and lower(s.region) in (lower(r.code), lower(r.name))) as id
      from (select distinct region from staged where problems is null and region is not null) s`)
}

/** The invoices of the file that are in the books, and whether a later snapshot has spoken of them already. */
async function findKnown(run: Run, { tenantId }: Scope, { as_of }: Snapshot) {
  await run(sql`
    create temp table known on commit drop as
    select s.row, i.id, i.currency, ${list(compared, 'i.')}, false as is_older
      from staged s
      join accounts a on a.key = s.customer_key and not a.is_new
      join invoices i on i.tenant_id = ${tenantId} and i.customer_id = a.id and i.number_key = s.number_key
     where s.problems is null and s.repeats is null`)
  await run(sql`analyze known (row, id)`)
  await run(sql`
    update staged s
       set problems = jsonb_build_array(jsonb_build_object('column', null, 'value', s.currency,
             'reason', 'This invoice is in the books in ' || k.currency || '.'))
      from known k where k.row = s.row and k.currency <> s.currency`)
  const [later] = await run(sql`
    select 1 from imports where tenant_id = ${tenantId} and target = 'receivables' and status = 'published' and as_of > ${as_of} limit 1`)
  if (!later) return
  await run(sql`
    update known k set is_older = true
      from (select distinct r.invoice_id
              from imports m join import_rows r on r.tenant_id = m.tenant_id and r.import_id = m.id
             where m.tenant_id = ${tenantId} and m.target = 'receivables' and m.status = 'published' and m.as_of > ${as_of}
               and r.outcome in ('new', 'changed', 'unchanged')) later
     where later.invoice_id = k.id`)
}

/** Field -> [before, after] of each changed row. */
const changes = sql.raw(
  `jsonb_strip_nulls(jsonb_build_object(${compared
    .map(
      (name) =>
        `'${name}', case when was_${name} is distinct from ${name} then jsonb_build_array(was_${name}, ${name}) end`,
    )
    .join(', ')}))`,
)

/** One line per row that is taken. Values are merged, `was_` is what the books say now. */
async function planRows(run: Run, { as_of }: Snapshot) {
  const merged = attributes.map((name) =>
    name === 'region_id'
      ? 'coalesce(p.id, k.region_id) as region_id'
      : name === 'document_type' || name === 'number'
        ? `coalesce(k.${name}, s.${name}) as ${name}`
        : `coalesce(s.${name}, k.${name}) as ${name}`,
  )
  // In the order of the file, which the new ids then follow.
  await run(sql`
    create temp table plan on commit drop as
    with merged as (
      select s.row, a.id as customer_id, s.number_key, s.currency, ${sql.raw(merged.join(', '))}, s.amount, s.open_amount,
             case when s.open_amount = 0 then coalesce(s.settled_on, k.settled_on) else s.settled_on end as settled_on,
             k.id as was_id, k.is_older, ${sql.raw(compared.map((name) => `k.${name} as was_${name}`).join(', '))}
        from staged s
        join accounts a on a.key = s.customer_key
        left join places p on p.region = s.region
        left join known k on k.row = s.row
       where s.problems is null and s.repeats is null
       order by s.row
    ), judged as (
      select m.*, coalesce(was_id, nextval('invoices_id_seq')) as invoice_id, coalesce(invoice_date, ${as_of}::date) as debit_on,
             case when was_id is null then 'new'
                  when is_older then 'older'
                  when (${list(compared, 'm.')}) is distinct from (${list(compared, 'was_')}) then 'changed'
                  else 'unchanged' end as outcome
        from merged m
    )
    select j.*, case when outcome = 'changed' then ${changes} end as changes from judged j`)
  await run(sql`analyze plan (row, invoice_id, outcome)`)
}

/** What the file speaks about: an invoice outside of it cannot be missing. */
async function coverageOf(run: Run): Promise<Coverage> {
  const [coverage] = await run(sql<Coverage>`
    select coalesce(array_agg(distinct currency), '{}') as currencies,
           coalesce(array_agg(distinct operating_unit) filter (where operating_unit is not null), '{}') as operating_units,
           coalesce(array_agg(distinct region) filter (where region is not null), '{}') as regions
      from staged where problems is null`)
  return coverage!
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

/** Open invoices that the file covers and does not name, not even in a row that was rejected. They stay open. */
async function planMissing(run: Run, { tenantId }: Scope, { as_of }: Snapshot, coverage: Coverage) {
  const { currencies, operating_units, regions } = coverage
  await run(sql`
    create temp table missing on commit drop as
    select i.id as invoice_id, i.amount, i.open_amount, row_number() over (order by i.id)::int as n
      from invoices i
     where i.tenant_id = ${tenantId} and i.open_amount <> 0 and i.currency = any(${currencies})
       and (i.invoice_date is null or i.invoice_date <= ${as_of})
       and (cardinality(${operating_units}::text[]) = 0 or i.operating_unit = any(${operating_units}))
       and (cardinality(${regions}::text[]) = 0 or i.region_id in (select id from places))
       and not exists (select from known k where k.id = i.id)
       and not exists (select from staged s where s.problems is not null and s.number_key = i.number_key)`)
}

async function writeCustomers(run: Run, scope: Scope, { id }: Snapshot) {
  const { tenantId, now, requestId } = scope
  const actor = scope.userId > 0 ? scope.userId : null
  await run(sql`
    insert into customers (tenant_id, id, key, code, name, email, phone, created_at, updated_at)
    select ${tenantId}, id, key, code, coalesce(name, code), email, phone, ${now}, ${now} from accounts where is_new order by id`)
  await run(sql`
    with changed as (
      update customers c
         set name = coalesce(a.name, c.name), email = coalesce(a.email, c.email), phone = coalesce(a.phone, c.phone),
             version = c.version + 1, updated_at = ${now}
        from accounts a
       where c.tenant_id = ${tenantId} and c.id = a.id and not a.is_new
         and (coalesce(a.name, c.name), coalesce(a.email, c.email), coalesce(a.phone, c.phone)) is distinct from (c.name, c.email, c.phone)
         and exists (select from plan p where p.customer_id = a.id and p.outcome <> 'older')
      returning c.id
    )
    insert into events (tenant_id, kind, subject, subject_id, user_id, data, request_id, at)
    select ${tenantId}, 'customer.changed', 'customer', id, ${actor}, jsonb_build_object('import_id', ${id}::bigint), ${requestId}, ${now}
      from changed`)
}

/** New invoices with their first entries. */
async function writeNew(run: Run, { tenantId, now }: Scope, { id, as_of }: Snapshot) {
  await run(sql`
    insert into invoices (tenant_id, id, customer_id, number_key, currency, created_at, updated_at, ${list(compared)})
    select ${tenantId}, invoice_id, customer_id, number_key, currency, ${now}, ${now}, ${sql.raw(
      compared.map((name) => (name === 'is_disputed' ? 'coalesce(is_disputed, false)' : name)).join(', '),
    )} from plan where outcome = 'new'`)
  await run(sql`
    insert into invoice_entries (tenant_id, invoice_id, kind, amount, effective_on, effective_after, import_id, recorded_at)
    select ${tenantId}, p.invoice_id, e.kind, e.amount, e.effective_on, e.effective_after, ${id}, ${now}
      from plan p
     cross join lateral (values
       ('invoice', p.amount, p.debit_on, null::date),
       (${kindOf(sql`p.amount - p.open_amount`)}, p.open_amount - p.amount,
        greatest(coalesce(p.settled_on, ${as_of}::date), p.debit_on), case when p.settled_on is null then p.debit_on end)
     ) e (kind, amount, effective_on, effective_after)
     where p.outcome = 'new' and e.amount <> 0`)
}

/** What lowers a debt, or uses up a credit, is a payment; the other direction corrects. */
const kindOf = (paid: RawBuilder<unknown>) =>
  sql`case when sign(${paid}) = sign(p.amount) then 'payment' else 'correction' end`

/**
 * Changed invoices, their entries and the lines of their timelines. A day or an amount that the sender restates is a
 * new entry, never an edit: moved entries are taken back on their old day and written on the new one.
 */
async function writeChanged(run: Run, scope: Scope, { id, as_of }: Snapshot) {
  const { tenantId, now, requestId } = scope
  await run(sql`
    update invoices i
       set ${sql.raw(compared.map((name) => `${name} = p.${name}`).join(', '))}, version = i.version + 1, updated_at = ${now}
      from plan p
     where p.outcome = 'changed' and i.tenant_id = ${tenantId} and i.id = p.invoice_id`)
  await run(sql`
    insert into invoice_entries (tenant_id, invoice_id, kind, amount, effective_on, effective_after, import_id, recorded_at)
    with moved as (
      select p.invoice_id, e.kind, e.effective_on, m.moved_to, sum(e.amount) as amount
        from plan p
        join invoice_entries e on e.tenant_id = ${tenantId} and e.invoice_id = p.invoice_id
       cross join lateral (select case
               when e.kind = 'invoice' then coalesce(p.invoice_date, e.effective_on)
               when e.kind = 'payment' and p.settled_on <> p.was_settled_on then greatest(p.settled_on, p.invoice_date)
               else greatest(e.effective_on, p.invoice_date) end as moved_to) m
       where p.outcome = 'changed' and m.moved_to <> e.effective_on
       group by p.invoice_id, e.kind, e.effective_on, m.moved_to
      having sum(e.amount) <> 0
    ), entries as (
      select invoice_id, kind, -amount as amount, effective_on, null::date as effective_after from moved
      union all
      select invoice_id, kind, amount, moved_to, null from moved
      union all
      select p.invoice_id, e.kind, e.amount, e.effective_on, e.effective_after
        from plan p
        left join lateral (
          select max(m.as_of) as as_of
            from import_rows r join imports m on m.tenant_id = r.tenant_id and m.id = r.import_id
           where r.tenant_id = ${tenantId} and r.invoice_id = p.invoice_id and m.status = 'published' and m.as_of < ${as_of}
             and r.outcome in ('new', 'changed', 'unchanged')
        ) seen on p.settled_on is null
       cross join lateral (values
         ('correction', p.amount - p.was_amount, greatest(${as_of}::date, p.invoice_date), null::date),
         (${kindOf(sql`(p.amount - p.open_amount) - (p.was_amount - p.was_open_amount)`)},
          (p.was_amount - p.was_open_amount) - (p.amount - p.open_amount),
          greatest(coalesce(p.settled_on, ${as_of}::date), p.invoice_date), seen.as_of)
       ) e (kind, amount, effective_on, effective_after)
       where p.outcome = 'changed' and e.amount <> 0
    )
    select ${tenantId}, invoice_id, kind, amount, effective_on, effective_after, ${id}, ${now} from entries`)
  // That an invoice came is told by its first import row. The import notifies once for all.
  await run(sql`
    insert into events (tenant_id, kind, subject, subject_id, user_id, data, request_id, at)
    select ${tenantId}, 'invoice.changed', 'invoice', invoice_id, ${scope.userId > 0 ? scope.userId : null}, changes, ${requestId}, ${now}
      from plan where outcome = 'changed'`)
}

async function writeRows(run: Run, { tenantId }: Scope, { id }: Snapshot) {
  await run(sql`
    insert into import_rows (tenant_id, import_id, row, outcome, invoice_id, amount, open_amount, changes)
    select ${tenantId}::bigint, ${id}::bigint, row, outcome, invoice_id, amount, open_amount, changes
      from plan
    union all
    select ${tenantId}::bigint, ${id}::bigint, -n, 'missing', invoice_id, amount, open_amount, null from missing`)
}

async function writeRejected(run: Run, { tenantId }: Scope, { id }: Snapshot) {
  await run(sql`
    insert into import_rows (tenant_id, import_id, row, outcome, number, problems, cells)
    select ${tenantId}, ${id}, row, case when problems is null then 'repeated' else 'rejected' end, number, problems, cells
      from staged where problems is not null or repeats is not null`)
}

type Counts = Omit<Outcome, 'totals' | 'rejects' | 'coverage' | 'unknown_regions'>

async function countRows(run: Run, { as_of }: Snapshot): Promise<Counts> {
  const [counts] = await run(sql<Counts>`
    select p.*, r.*, (select count(*)::int from missing) as missing
      from (select count(*) filter (where outcome = 'new')::int as new,
                   count(*) filter (where outcome = 'changed')::int as changed,
                   count(*) filter (where outcome = 'unchanged')::int as unchanged,
                   count(*) filter (where outcome = 'older')::int as older,
                   count(*) filter (where greatest(invoice_date, settled_on) > ${as_of})::int as future
              from plan) p,
           (select count(*)::int as rows, count(problems)::int as rejected, count(repeats)::int as repeated from staged) r`)
  return counts!
}

async function detailsOf(
  run: Run,
  counts: Counts,
): Promise<Pick<Outcome, 'totals' | 'rejects' | 'unknown_regions'>> {
  const totals = await run(sql<Outcome['totals'][number]>`
    select currency, sum(amount)::bigint as amount, sum(open_amount)::bigint as open_amount from plan group by currency order by currency`)
  const rejects =
    counts.rejected === 0
      ? []
      : await run(sql<Outcome['rejects'][number]>`
          select row, number, problems from staged where problems is not null order by row limit 1000`)
  const unknown = await run(
    sql<{ region: string }>`select region from places where id is null order by region limit 10`,
  )
  return { totals, rejects, unknown_regions: unknown.map(({ region }) => region) }
}
