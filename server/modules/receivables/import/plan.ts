import { type RawBuilder, sql } from 'kysely'
import { Refusal } from '../../../core/errors.ts'
import { BOOK_MAX, decimalText } from '../../../core/money.ts'
import type { Scope } from '../../../core/scope.ts'
import type { Coverage, Outcome, Planning, Snapshot } from '../../imports/target.ts'
import { missedLater } from './later.ts'
import { findPlaces } from './places.ts'

// What a staged file would do to the books, set by set: each statement treats every row at once, so what it groups is hashed and not
// sorted by its texts, and tables are read as they lie: `id > 0` says no more, but leads to the key that lies as they do. The temporary tables are
// `staged` (the file), `accounts` (its customers) and `places` (what its words for regions, outlets and people mean). What
// becomes of each row is stored as the import's rows, with the statement that it makes; publishing reads nothing else. Ids
// are drawn while planning.

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
  'age_band',
] as const
/** Said first and kept: later files may write the same number otherwise. */
export const firstSaid: readonly string[] = ['number', 'document_type']
/** Where an invoice keeps what files say: a dispute by hand stands beside theirs. */
export const keptAs = (name: string) => (name === 'is_disputed' ? 'stated_disputed' : name)
export const list = (names: readonly string[], prefix = '') =>
  sql.raw(names.map((name) => `${prefix}${name}`).join(', '))
const compared = [...attributes, 'amount', 'open_amount', 'settled_on', 'assigned_to']

export type Run = <R>(query: RawBuilder<R>) => Promise<R[]>
export const runner =
  ({ db }: Scope): Run =>
  (query) =>
    query.execute(db).then((result) => result.rows)

/** Compares the staged rows with the books and stores what becomes of each. Nothing of the books is changed. */
export async function planReceivables(scope: Scope, planning: Planning): Promise<Outcome> {
  const run = runner(scope)
  await run(sql`alter table staged add column repeats int, add column lines int`)
  const folded = planning.hasLines ? await foldLines(run) : 0
  await refuseContradictions(run)
  await run(sql`set local enable_sort = off`)
  await findAccounts(run, scope)
  const unknown = await findPlaces(run, scope, planning)
  const coverage = await coverageOf(run, planning)
  await run(sql`set local enable_sort = on`)
  const later = await laterImports(run, scope, planning)
  const rows = await storeRows(run, scope, planning, later)
  const groups = await groupsOf(run, scope, planning)
  await refuseOverflow(run, scope, groups)
  // A file of open items holds nothing that is settled.
  const isSettled = groups.some(({ settled }) => settled > 0)
  const kind = planning.kind ?? (isSettled ? 'all_invoices' : 'open_items')
  const { difference: gone, ...missing } = await planMissing(
    run,
    scope,
    { ...planning, kind },
    coverage,
    groups,
    later,
  )
  const count = (outcome: string) =>
    groups.filter((group) => group.outcome === outcome).reduce((sum, group) => sum + group.count, 0)
  const taken = groups.filter(({ outcome }) => outcome !== 'rejected' && outcome !== 'repeated')
  return {
    rows,
    new: count('new'),
    changed: count('changed'),
    unchanged: count('unchanged'),
    older: count('older'),
    repeated: count('repeated'),
    rejected: count('rejected'),
    folded,
    future: taken.reduce((sum, group) => sum + group.future, 0),
    kind,
    ...missing,
    coverage,
    missed_later: await missedLater(run, scope, planning, later),
    totals: [...Map.groupBy(taken, ({ currency }) => currency)].map(([currency, of]) => ({
      currency,
      amount: of.reduce((sum, group) => sum + group.amount, 0),
      open_amount: of.reduce((sum, group) => sum + group.open_amount, 0),
    })),
    difference: [
      ...taken.map(({ outcome, currency, count: rows_, amount, open_amount, open_before }) => ({
        outcome,
        currency,
        count: rows_,
        amount,
        open_amount,
        open_before,
      })),
      ...gone,
    ],
    rejects:
      count('rejected') === 0
        ? []
        : await run(sql<Outcome['rejects'][number]>`
            select row, number, problems from import_rows
             where tenant_id = ${scope.tenantId} and import_id = ${planning.id} and outcome = 'rejected' order by row limit 1000`),
    unknown,
  }
}

/** Lines of one invoice become one row, the first; an invoice of which a line cannot be read is not taken. */
async function foldLines(run: Run): Promise<number> {
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
  const [counted] = await run(
    sql<{ folded: number }>`select count(repeats)::int as folded from staged where lines is not null`,
  )
  return counted!.folded
}

/** An invoice that is there twice: said again it is one, said differently nobody can tell which row is right. */
async function refuseContradictions(run: Run) {
  // By one number for both keys, which is grouped in half the time; what only seems to be there twice is found out below.
  const [twice] = await run(sql`
    select 1 from staged where problems is null and repeats is null
     group by hashtextextended(number_key, hashtextextended(customer_key, 0)) having count(*) > 1 limit 1`)
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

export async function findAccounts(run: Run, { tenantId }: Scope) {
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

/** Imports in the books that come after this one: theirs is the last word. */
export async function laterImports(
  run: Run,
  { tenantId }: Scope,
  { id, as_of }: Pick<Snapshot, 'id' | 'as_of'>,
): Promise<number[]> {
  const rows = await run(sql<{ id: number }>`
    select id from imports
     where tenant_id = ${tenantId} and target in ('receivables', 'outstanding') and status = 'published' and id <> ${id}
       and (as_of, id) > (${as_of}::date, ${id}::bigint)`)
  return rows.map((row) => row.id)
}

/** Field -> [before, after] of each changed row. As text, since few fields differ: an object of all of them cost six times as much. */
const changes = sql.raw(
  `('{' || concat_ws(',', ${compared
    .map(
      (name) =>
        `case when was_${name} is distinct from now_${name} then '"${name}":' || jsonb_build_array(was_${name}, now_${name})::text end`,
    )
    .join(', ')}) || '}')::jsonb`,
)

const stored = ['customer_id', 'number_key', 'currency', ...compared]

/**
 * One row per row of the file: what it states, and by that (`now_`) and by what the invoice was (`was_`), what becomes of it.
 * In the order of the file, which the ids of new invoices then follow.
 */
async function storeRows(run: Run, { tenantId }: Scope, { id }: Planning, later: number[]): Promise<number> {
  const now = compared.map((name) => {
    switch (name) {
      case 'amount':
      case 'open_amount':
        return `s.${name} as now_${name}`
      // The day of the last payment: nothing new was paid, so the day that is known still holds.
      case 'settled_on':
        return `case when s.amount - s.open_amount = k.amount - k.open_amount - k.unconfirmed then coalesce(s.settled_on, k.settled_on)
                     else s.settled_on end as now_settled_on`
      case 'assigned_to':
        return `case when k.assigned_by_hand then k.assigned_to else coalesce(s.assigned_to, k.assigned_to) end as now_assigned_to`
      case 'root_cause':
        return `case when k.root_cause_by_hand then k.root_cause else coalesce(s.root_cause, k.root_cause) end as now_root_cause`
      default:
        return firstSaid.includes(name)
          ? `coalesce(k.${name}, s.${name}) as now_${name}`
          : `coalesce(s.${name}, k.${keptAs(name)}) as now_${name}`
    }
  })
  const stated = compared.filter((name) => !places.some(({ column }) => column === name))
  const older =
    later.length === 0
      ? sql`false`
      : sql`exists (select from import_rows r where r.tenant_id = ${tenantId} and r.invoice_id = k.id
                       and r.import_id = any(${later}) and r.outcome in ('new', 'changed', 'unchanged', 'older'))`
  const [returning] = await run(
    sql`select 1 from invoices where tenant_id = ${tenantId} and retracted limit 1`,
  )
  await run(sql`
    insert into import_rows (tenant_id, import_id, row, outcome, invoice_id, changes, problems, ${list(stored)})
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
    ), merged as (
      select s.*, k.id as was_id, k.currency as was_currency, ${older} as is_older, ${sql.raw(now.join(', '))},
             ${sql.raw(compared.map((name) => `k.${keptAs(name)}${name === 'open_amount' ? ' + k.unconfirmed' : ''} as was_${name}`).join(', '))}
        from stated s
        left join invoices k on k.tenant_id = ${tenantId} and k.id > 0 and k.customer_id = s.customer_id and k.number_key = s.number_key and not k.retracted
    ), judged as (
      select m.*,
             case when was_id is null then 'new'
                  when was_currency <> currency then 'rejected'
                  when is_older then 'older'
                  when (${list(compared, 'now_')}) is distinct from (${list(compared, 'was_')}) then 'changed'
                  else 'unchanged' end as outcome
        from merged m
       order by m.row
    )
    select ${tenantId}, ${id}, j.row, j.outcome,
           case when j.outcome <> 'rejected' then coalesce(j.was_id, ${returning ? sql`gone.id, ` : sql``}nextval('invoices_id_seq')) end,
           case when j.outcome = 'changed' then ${changes} end,
           case when j.outcome = 'rejected' then jsonb_build_array(jsonb_build_object('column', null, 'value', j.currency,
             'reason', 'This invoice is in the books in ' || j.was_currency || '.')) end,
           ${list(stored, 'j.')}
      from judged j
      ${
        returning
          ? sql`left join invoices gone on gone.tenant_id = ${tenantId} and gone.customer_id = j.customer_id and gone.number_key = j.number_key and gone.retracted`
          : sql``
      }`)
  const [counted] = await run(sql<{ rows: number; apart: number }>`
    select count(*)::int as rows, (count(*) filter (where problems is not null or repeats is not null))::int as apart from staged`)
  if (counted!.apart > 0)
    await run(sql`
      insert into import_rows (tenant_id, import_id, row, outcome, number, number_key, problems, cells)
      select ${tenantId}, ${id}, row, case when problems is null then 'repeated' else 'rejected' end, number, number_key, problems, cells
        from staged where problems is not null or repeats is not null`)
  await run(sql`
    insert into import_accounts (tenant_id, import_id, customer_id, key, code, name, email, phone)
    select ${tenantId}, ${id}, id, key, code, name, email, phone from accounts`)
  return counted!.rows
}

/** Words of the file that stand for something of the organisation, and the column that its id goes to. */
export const places = [
  { word: 'region', column: 'region_id' },
  { word: 'outlet', column: 'outlet_id' },
  { word: 'assigned_to', column: 'assigned_to' },
] as const

/** What the file speaks about: an invoice outside of it cannot be missing. */
async function coverageOf(run: Run, { fields }: Planning): Promise<Coverage> {
  const names = ['currency', ...['operating_unit', 'region', 'outlet'].filter((name) => fields.has(name))]
  const found = await run(
    sql<Record<string, string | null>>`select distinct ${list(names)} from staged where problems is null`,
  )
  const values = (name: string) =>
    [...new Set(found.map((each) => each[name]).filter((value) => value != null))].sort() as string[]
  return {
    currencies: values('currency'),
    operating_units: values('operating_unit'),
    regions: values('region'),
    outlets: values('outlet'),
  }
}

/** The rows by what becomes of them and currency, with their money. Sizes are sums without signs, as text. */
type Group = Outcome['difference'][number] & {
  future: number
  settled: number
  size: string
  open_size: string
  before_size: string
}

/** What is open is told as of the day of the file, which may know more. Sums are read as text: whether a number holds them exactly is asked next. */
async function groupsOf(run: Run, { tenantId }: Scope, { id, as_of }: Planning): Promise<Group[]> {
  const groups = await run(sql<Group>`
    select outcome, coalesce(currency, '') as currency, count(*)::int as count, coalesce(sum(amount), 0)::text as amount,
           coalesce(sum(case when invoice_date > ${as_of} then 0 when settled_on > ${as_of} then amount else open_amount end), 0)::text as open_amount,
           coalesce(sum(before), 0)::text as open_before,
           count(*) filter (where greatest(invoice_date, settled_on) > ${as_of})::int as future,
           count(*) filter (where open_amount = 0 and amount <> 0)::int as settled,
           coalesce(sum(greatest(abs(amount), abs(open_amount))), 0)::text as size, coalesce(sum(abs(open_amount)), 0)::text as open_size,
           coalesce(sum(abs(before)), 0)::text as before_size
      from (select *, case outcome when 'changed' then coalesce((changes -> 'open_amount' ->> 0)::bigint, open_amount)
                                   when 'unchanged' then open_amount end as before
              from import_rows where tenant_id = ${tenantId} and import_id = ${id}) r
     group by 1, 2 order by 1, 2`)
  return groups.map((group) => ({
    ...group,
    amount: Number(group.amount),
    open_amount: Number(group.open_amount),
    open_before: Number(group.open_before),
  }))
}

/** What is owed in the books, and what a file says, stays a sum that is exact wherever it is shown. */
async function refuseOverflow(run: Run, { tenantId }: Scope, groups: Group[]) {
  const taken = groups.filter(({ outcome }) => outcome !== 'rejected' && outcome !== 'repeated')
  for (const [currency, of] of Map.groupBy(taken, (group) => group.currency)) {
    const sum = (size: (group: Group) => string) => of.reduce((all, group) => all + BigInt(size(group)), 0n)
    const more = sum(({ outcome, open_size }) =>
      outcome === 'new' || outcome === 'changed' ? open_size : '0',
    )
    let book = 0n
    if (more > 0n) {
      const [open] = await run(sql<{ size: string }>`
        select coalesce(sum(abs(open_amount)), 0)::text as size from invoices
         where tenant_id = ${tenantId} and currency = ${currency} and open_amount <> 0`)
      book =
        BigInt(open!.size) +
        more -
        sum(({ outcome, before_size }) => (outcome === 'changed' ? before_size : '0'))
    }
    if (book <= BOOK_MAX && sum(({ size }) => size) <= BOOK_MAX) continue
    throw new Refusal(
      422,
      'book_too_large',
      `With this file the ${currency} amounts in the books would add up to more than ${decimalText(BOOK_MAX, currency)} ${currency}, and sums would no longer be exact. Nothing was imported; check the amounts and their decimal sign.`,
    )
  }
}

/**
 * Open invoices that the file covers and does not name, not even in a row that was rejected, and that its source named
 * last. With later files in the books the question is what was open then: `candidates` of fold.ts answers it.
 */
async function planMissing(
  run: Run,
  { tenantId }: Scope,
  { id, as_of, source_id, kind }: Planning,
  { currencies, operating_units, regions, outlets }: Coverage,
  groups: Group[],
  later: number[],
): Promise<Pick<Outcome, 'missing' | 'missing_share' | 'difference'>> {
  if (kind === 'changes' || source_id === null) return { missing: 0, missing_share: 0, difference: [] }
  const covered = (of: 'i' | 'then_') => sql`
    i.currency = any(${currencies}) and (${sql.ref(`${of}.invoice_date`)} is null or ${sql.ref(`${of}.invoice_date`)} <= ${as_of})
    and (cardinality(${operating_units}::text[]) = 0 or ${sql.ref(`${of}.operating_unit`)} = any(${operating_units}))
    and (cardinality(${regions}::text[]) = 0 or ${sql.ref(`${of}.region`)} = any(${regions}))
    and (cardinality(${outlets}::text[]) = 0 or ${sql.ref(`${of}.outlet`)} = any(${outlets}))`
  // What was known of the invoice on the file's day decides, as in the fold, not what later files say.
  const known = (name: string) =>
    `(array_agg(r.${name} order by m.as_of desc, m.id desc) filter (where r.${name} is not null))[1] as ${name}`
  const open =
    later.length === 0
      ? sql`
        select i.id as invoice_id, i.customer_id, i.number, i.number_key, i.currency, i.amount, i.open_amount + i.unconfirmed as open_amount
          from invoices i
         where i.tenant_id = ${tenantId} and i.id > 0 and i.open_amount <> 0 and i.open_amount + i.unconfirmed <> 0 and i.source_id = ${source_id} and ${covered('i')}
        union all
        select i.id, i.customer_id, i.number, i.number_key, i.currency, i.amount, i.unconfirmed
          from invoices i
         where i.tenant_id = ${tenantId} and i.open_amount = 0 and i.unconfirmed <> 0 and i.source_id = ${source_id} and ${covered('i')}`
      : sql`
        select i.id as invoice_id, i.customer_id, i.number, i.number_key, i.currency, then_.amount, then_.open_amount
          from (select r.invoice_id, (array_agg(r.amount order by m.as_of desc, m.id desc))[1] as amount,
                       (array_agg(r.open_amount order by m.as_of desc, m.id desc))[1] as open_amount,
                       (array_agg(m.source_id order by m.as_of desc, m.id desc))[1] as source_id,
                       ${sql.raw(['invoice_date', 'operating_unit', 'region', 'outlet'].map(known).join(', '))}
                  from import_rows r join imports m on m.tenant_id = r.tenant_id and m.id = r.import_id
                 where r.tenant_id = ${tenantId} and m.status = 'published'
                   and (m.as_of, m.id) < (${as_of}::date, ${id}::bigint)
                   and r.outcome in ('new', 'changed', 'unchanged', 'older')
                 group by r.invoice_id) then_
          join invoices i on i.tenant_id = ${tenantId} and i.id = then_.invoice_id
         where then_.open_amount <> 0 and then_.source_id = ${source_id} and ${covered('then_')}`
  const hasRejects = groups.some(({ outcome }) => outcome === 'rejected')
  const gone = await run(sql<Outcome['difference'][number]>`
    with named as materialized (
      select invoice_id from import_rows where tenant_id = ${tenantId} and import_id = ${id} and row > 0
    ), missing as (
      insert into import_rows (tenant_id, import_id, row, outcome, invoice_id, customer_id, number, number_key, currency, amount, open_amount)
      select ${tenantId}, ${id}, -row_number() over (order by o.invoice_id), 'missing', o.*
        from (${open}) o
       where not exists (select from named n where n.invoice_id = o.invoice_id)
         ${
           hasRejects
             ? sql`and not exists (select from import_rows p where p.tenant_id = ${tenantId} and p.import_id = ${id} and p.outcome = 'rejected'
                                      and p.number_key = o.number_key)`
             : sql``
         }
      returning currency, amount, open_amount
    )
    select 'missing' as outcome, currency, count(*)::int as count, sum(amount)::bigint as amount, 0 as open_amount,
           sum(open_amount)::bigint as open_before, sum(greatest(open_amount, 0))::bigint as owed
      from missing group by currency order by currency`)
  // Of what the source has open within the coverage: the largest share of a currency that would go.
  const shares = gone.map((group) => {
    const { owed, currency } = group as typeof group & { owed: number }
    const stays = groups
      .filter((each) => each.currency === currency)
      .reduce((sum, each) => sum + Math.max(each.open_before, 0), 0)
    return owed === 0 ? 0 : owed / (owed + stays)
  })
  return {
    missing: gone.reduce((sum, { count }) => sum + count, 0),
    missing_share: Math.max(0, ...shares),
    difference: gone.map(({ outcome, currency, count, amount, open_amount, open_before }) => ({
      outcome,
      currency,
      count,
      amount,
      open_amount,
      open_before,
    })),
  }
}
