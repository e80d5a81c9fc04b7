import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../../core/scope.ts'
import { addCounterparts, balanceByHand, gatherByHand, isAnyByHand, wantedByHand } from './by-hand.ts'
import { attributes, firstSaid, keptAs, list, type Run } from './plan.ts'

// What the books say of an invoice follows from the statements about it, in the order of their days: rows of files that
// are in the books, files that should have named it and did not, and what people decided about those. Whoever changes the
// set of statements (an import of any day, an undo, a decision) names the invoices in the temporary table `affected`;
// the ledger then gets what it lacks. Nothing of it is edited: what no longer holds is taken back by entries of its own.

/**
 * Lets later complete files that do not name an affected invoice say so: they could not when they came, since it was not
 * known, or not open, or not theirs. Whether it was open and theirs on their day is left to the fold.
 */
async function nameAbsent(run: Run, { tenantId }: Scope, later: number[]) {
  if (later.length === 0) return
  await run(sql`
    insert into import_rows (tenant_id, import_id, row, outcome, invoice_id, customer_id, number, number_key, currency, amount, open_amount)
    select ${tenantId}, m.id, least(m.lowest, 0) - row_number() over (partition by m.id order by i.id), 'missing',
           i.id, i.customer_id, i.number, i.number_key, i.currency, i.amount, i.open_amount
      from (select m.id, m.as_of, m.source_id, m.coverage,
                   (select min(r.row) from import_rows r where r.tenant_id = ${tenantId} and r.import_id = m.id) as lowest
              from imports m
             where m.tenant_id = ${tenantId} and m.id = any(${later}) and m.kind in ('open_items', 'all_invoices') and m.source_id is not null) m
     cross join affected a
      join invoices i on i.tenant_id = ${tenantId} and i.id = a.invoice_id and m.coverage -> 'currencies' ? i.currency
     where not exists (select from import_rows r where r.tenant_id = ${tenantId} and r.invoice_id = i.id and r.import_id = m.id)
       and not exists (select from import_rows r
                        where r.tenant_id = ${tenantId} and r.import_id = m.id and r.outcome = 'rejected' and r.number_key = i.number_key)
       and exists (select from import_rows r join imports e on e.tenant_id = r.tenant_id and e.id = r.import_id
                    where r.tenant_id = ${tenantId} and r.invoice_id = i.id and e.source_id = m.source_id and r.outcome <> 'missing'
                      and (e.as_of, e.id) < (m.as_of, m.id))`)
}

const stated = [...attributes, 'settled_on', 'assigned_to']

/** The statements about the affected invoices, in order: `said`. Absences count only where the file spoke of the invoice. */
async function gatherStatements(run: Run, { tenantId }: Scope) {
  await byLookup(
    run,
    sql`
    create temp table said on commit drop as
    select r.invoice_id, row_number() over (partition by r.invoice_id order by m.as_of, m.id)::int as n, m.as_of, m.id as import_id,
           m.source_id, r.outcome = 'missing' as is_absence, r.amount, case when r.outcome <> 'missing' then r.open_amount else 0 end as open_amount,
           case when r.outcome = 'missing' then
             coalesce(d.decision, case when m.missing_rule = 'keep' then 'open' when m.kind = 'all_invoices' then 'withdrawn' else 'paid' end)
           end as taken_as,
           ${list(
             stated.filter((name) => name !== 'settled_on'),
             'r.',
           )}, coalesce(d.paid_on, r.settled_on) as settled_on, a.whole, case when r.outcome = 'missing' then m.coverage end as coverage
      from affected a
     cross join lateral (select x.* from import_rows x where x.tenant_id = ${tenantId} and x.invoice_id = a.invoice_id offset 0) r
      join imports m on m.tenant_id = ${tenantId} and m.id = r.import_id and m.status = 'published'
      left join missing_decisions d on d.tenant_id = ${tenantId} and d.import_id = m.id and d.invoice_id = r.invoice_id
     where r.outcome in ('new', 'changed', 'unchanged', 'older', 'missing')`,
  )
  await run(sql`create index on said (invoice_id, n)`)
  await run(sql`analyze said (invoice_id, n, is_absence)`)
  const [absence] = await run(sql`select 1 from said where is_absence limit 1`)
  if (!absence) return
  await run(sql`delete from said where is_absence and taken_as = 'open'`)
  // What was known of the invoice on the file's day decides whether the file spoke of it.
  const known = (name: string) => sql`
    (select x.${sql.ref(name)} from said x
      where x.invoice_id = s.invoice_id and x.n < s.n and not x.is_absence and x.${sql.ref(name)} is not null order by x.n desc limit 1)`
  const covered = (values: string, name: string) => sql`
    (coalesce(s.coverage -> ${sql.lit(values)}, '[]') = '[]' or coalesce(s.coverage -> ${sql.lit(values)} ? ${known(name)}, false))`
  await run(sql`
    update said s
       set amount = last.amount,
           is_absence = last.source_id = s.source_id
             and coalesce(${known('invoice_date')} <= s.as_of, true)
             and ${covered('operating_units', 'operating_unit')}
             and ${covered('regions', 'region')}
             and ${covered('outlets', 'outlet')},
           open_amount = 0
      from said last
     where s.is_absence and last.invoice_id = s.invoice_id and not last.is_absence
       and last.n = (select max(x.n) from said x where x.invoice_id = s.invoice_id and x.n < s.n and not x.is_absence)`)
  await run(sql`
    delete from said s
     where taken_as is not null
       and (not is_absence or not exists (select from said x where x.invoice_id = s.invoice_id and x.n < s.n and not x.is_absence and x.taken_as is null))`)
}

/**
 * The entries that the statements make. A lower paid-up share than before is paid: on the day the sender gives before its
 * next change, else at some time after the statement before. A restated amount is a correction.
 */
async function foldEntries(run: Run, scope: Scope, importId: number | null, isByHand: boolean) {
  const { tenantId, now } = scope
  const absorbed = isByHand
    ? sql`coalesce((select a.amount from absorbed a where a.invoice_id = r.invoice_id and a.n = r.n), 0)`
    : sql`0`
  await byLookup(
    run,
    sql`
    create temp table booked on commit drop as
    select e.invoice_id, e.kind, e.amount, e.effective_on, e.effective_after, e.allocation_id, e.payment_id, e.import_id
      from affected a
     cross join lateral (select x.* from invoice_entries x where x.tenant_id = ${tenantId} and x.invoice_id = a.invoice_id offset 0) e
     where e.import_id is not null or e.allocation_id is not null or e.payment_id is not null`,
  )
  await run(sql`
    insert into invoice_entries (tenant_id, invoice_id, kind, amount, effective_on, effective_after, allocation_id, payment_id, import_id, recorded_at)
    with told as (
      -- A file that does not name what was settled before it says nothing: had it come in its turn, it would not have been asked.
      select s.*, is_absence and coalesce(lag(open_amount) over (partition by invoice_id order by n), 0) = 0 as is_empty from said s
    ), steps as (
      select s.*, amount - open_amount as paid,
             lag(amount) over w as amount_before, coalesce(lag(amount - open_amount) over w, 0) as paid_before,
             max(as_of) filter (where not is_empty) over (w rows between unbounded preceding and 1 preceding) as as_of_before
        from told s window w as (partition by invoice_id order by n)
    ), runs as (
      select *, count(*) filter (where paid <> paid_before) over (partition by invoice_id order by n) as payment from steps
    ), days as (
      select invoice_id, payment, (array_agg(settled_on order by n desc) filter (where settled_on is not null))[1] as settled_on
        from runs group by invoice_id, payment
    ), dated as (
      select invoice_id, coalesce((array_agg(invoice_date order by n desc) filter (where invoice_date is not null))[1],
                                  (array_agg(as_of order by n))[1]) as debit_on
        from said where not is_absence group by invoice_id
    ), wanted as (
      select invoice_id, 'invoice' as kind, amount, debit_on as effective_on, null::date as effective_after,
             null::bigint as allocation_id, null::bigint as payment_id, import_id
        from runs join dated using (invoice_id) where amount_before is null
      union all
      select invoice_id, 'correction', amount - amount_before, greatest(as_of, debit_on), null, null, null, import_id
        from runs join dated using (invoice_id) where amount <> amount_before
      union all
      select invoice_id,
             case when r.taken_as = 'withdrawn' then 'withdrawal' when sign(paid - paid_before) = sign(amount) then 'payment' else 'correction' end,
             paid_before - paid + ${absorbed}, e.effective_on,
             case when d.settled_on is null then least(coalesce(as_of_before, debit_on), e.effective_on) end, null, null, import_id
        from runs r join dated using (invoice_id) join days d using (invoice_id, payment)
       cross join lateral (select greatest(coalesce(d.settled_on, r.as_of), debit_on) as effective_on) e
       where paid <> paid_before
      ${isByHand ? sql`union all ${wantedByHand(scope)}` : sql``}
    )
    select ${tenantId}, invoice_id, kind, sum(amount)::bigint, effective_on, effective_after, allocation_id, payment_id,
           coalesce(${importId}, max(import_id)), ${now}
      from (select * from wanted
            union all
            select invoice_id, kind, -amount, effective_on, effective_after, allocation_id, payment_id, import_id from booked) x
     group by invoice_id, kind, effective_on, effective_after, allocation_id, payment_id having sum(amount) <> 0`)
  await byLookup(
    run,
    sql`
    update invoices i set first_on = least(i.first_on, e.first_on), last_on = greatest(i.last_on, e.last_on)
      from (select e.invoice_id, min(e.effective_on) as first_on, max(e.effective_on) as last_on
              from affected a join invoice_entries e on e.tenant_id = ${tenantId} and e.invoice_id = a.invoice_id group by e.invoice_id) e
     where i.tenant_id = ${tenantId} and i.id = e.invoice_id and (e.first_on < i.first_on or e.last_on > i.last_on)`,
  )
}

/** What the invoices are besides their ledger, from all statements; those that nothing states any more are retracted. */
async function foldInvoices(run: Run, { tenantId, now }: Scope) {
  const last = (name: string) =>
    `(array_agg(${name} order by n ${firstSaid.includes(name) ? 'asc' : 'desc'}) filter (where ${name} is not null))[1]`
  const folded = [...attributes, 'assigned_to', 'source_id'].map((name) => `${last(name)} as ${name}`)
  const said = (name: string) =>
    name === 'is_disputed'
      ? 'coalesce(f.is_disputed, false)'
      : firstSaid.includes(name)
        ? `coalesce(f.${name}, i.${name})`
        : name === 'root_cause'
          ? 'case when i.root_cause_by_hand then i.root_cause else f.root_cause end'
          : `f.${name}`
  // What is retracted keeps what was said of it last: by it the books as known before are told.
  const sets = attributes.map(
    (name) => `${keptAs(name)} = case when f.n is null then i.${keptAs(name)} else ${said(name)} end`,
  )
  const settled = sql`
    select distinct on (invoice_id) invoice_id, settled_on
      from (select invoice_id, payment, (array_agg(settled_on order by n desc) filter (where settled_on is not null))[1] as settled_on
              from (select *, count(*) filter (where paid <> before) over (partition by invoice_id order by n) as payment
                      from (select *, amount - open_amount as paid,
                                   coalesce(lag(amount - open_amount) over (partition by invoice_id order by n), 0) as before from said where whole) p) r
             group by invoice_id, payment) g
     order by invoice_id, payment desc`
  await run(sql`
    create temp table folded on commit drop as
    select a.invoice_id, s.*, d.settled_on
      from (select * from affected where whole) a
      left join (select invoice_id as id, max(n) as n, ${sql.raw(folded.join(', '))},
                        (array_agg(amount order by n desc))[1] as amount, (array_agg(open_amount order by n desc))[1] as open_amount
                   from said where whole group by invoice_id) s on s.id = a.invoice_id
      left join (${settled}) d on d.invoice_id = a.invoice_id`)
  await run(sql`analyze folded (invoice_id)`)
  await byLookup(
    run,
    sql`
    update invoices i
       set ${sql.raw(sets.join(', '))}, is_disputed = case when f.n is null then i.stated_disputed else coalesce(f.is_disputed, false) end or i.disputed_by_hand > 0, amount = coalesce(f.amount, i.amount), open_amount = coalesce(f.open_amount, 0), settled_on = f.settled_on,
           source_id = f.source_id, assigned_to = case when i.assigned_by_hand then i.assigned_to else f.assigned_to end,
           retracted = f.n is null, version = i.version + 1, updated_at = ${now}
      from folded f
     where i.tenant_id = ${tenantId} and i.id = f.invoice_id`,
  )
}

/** A few invoices are looked up in tables that grow with the book, not found by reading all of them. */
async function byLookup(run: Run, statement: RawBuilder<unknown>) {
  const [before] = await run(sql<{ was: string }>`select current_setting('enable_nestloop') as was`)
  await run(sql`set local enable_nestloop = on`)
  await run(statement)
  await run(sql`select set_config('enable_nestloop', ${before!.was}, true)`)
}

/**
 * Brings the books of some invoices in line with the statements about them: `affected` names them, and whether the invoice
 * as a `whole` follows anew or its ledger alone. `later` are imports whose word about them may
 * have to be heard anew; new entries are said to come from `importId`, or when a person caused them from the file that states them.
 */
export async function foldBooks(
  run: Run,
  scope: Scope,
  { affected, importId, later }: { affected: RawBuilder<unknown>; importId: number | null; later: number[] },
): Promise<void> {
  await run(sql`create temp table affected on commit drop as ${affected}`)
  await run(sql`analyze affected`)
  const [some] = await run(sql`select 1 from affected limit 1`)
  if (some) {
    await nameAbsent(run, scope, later)
    const isByHand = await isAnyByHand(run, scope)
    if (isByHand) await addCounterparts(run, scope)
    await gatherStatements(run, scope)
    if (isByHand) await gatherByHand(run, scope)
    await foldEntries(run, scope, importId, isByHand)
    await foldInvoices(run, scope)
    if (isByHand) await balanceByHand(run, scope, importId)
    await run(sql`drop table said, booked, folded`)
  }
  await run(sql`drop table affected`)
}

/** What customers are called and how they are reached, from all files in the books; those of none are retracted. */
export async function foldCustomers(run: Run, { tenantId, now }: Scope, importId: number) {
  const last = (name: string) =>
    `(array_agg(a.${name} order by m.as_of desc, m.id desc) filter (where a.${name} is not null))[1] as ${name}`
  await run(sql`
    update customers c
       set code = f.code, name = coalesce(f.name, f.code, c.name), email = f.email, phone = f.phone, retracted = f.gone,
           version = c.version + 1, updated_at = ${now}
      from (select x.customer_id, s.*,
                   -- Money that came from somebody keeps them in the books.
                   s.said is null and not exists (select from payments p where p.tenant_id = ${tenantId} and p.customer_id = x.customer_id) as gone
              from (select customer_id from import_accounts where tenant_id = ${tenantId} and import_id = ${importId}) x
              left join lateral (
                select max(m.id) as said, ${sql.raw(['code', 'name', 'email', 'phone'].map(last).join(', '))}
                  from import_accounts a join imports m on m.tenant_id = a.tenant_id and m.id = a.import_id and m.status = 'published'
                 where a.tenant_id = ${tenantId} and a.customer_id = x.customer_id) s on true) f
     where c.tenant_id = ${tenantId} and c.id = f.customer_id
       and (c.code, c.name, c.email, c.phone, c.retracted)
           is distinct from (f.code, coalesce(f.name, f.code, c.name), f.email, f.phone, f.gone)`)
}
