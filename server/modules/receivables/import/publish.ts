import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../../core/scope.ts'
import type { Snapshot } from '../../imports/target.ts'
import { assignNew } from '../team/assign-new.ts'
import { isAnyByHand } from './by-hand.ts'
import { foldBooks, foldCustomers } from './fold.ts'
import { attributes, firstSaid, keptAs, laterImports, list, type Run, runner } from './plan.ts'

// Brings the stored rows of an import into the books. The usual file is the latest: its new invoices are written as they
// stand, of the known ones only what changed is folded. When later files are in the books already, everything is folded.

const written = [...attributes, 'amount', 'open_amount', 'settled_on', 'assigned_to'] as const

/** Writes what the import's rows say; the import counts as published. One transaction with its status. */
export async function publishReceivables(scope: Scope, snapshot: Snapshot): Promise<void> {
  const run = runner(scope)
  const { tenantId, now, requestId } = scope
  const { id } = snapshot
  const later = await laterImports(run, scope, snapshot)
  await writeCustomers(run, scope, snapshot, later.length === 0)
  const [returning] = await run(
    sql`select 1 from invoices where tenant_id = ${tenantId} and retracted limit 1`,
  )
  await writeNew(run, scope, snapshot, { isLatest: later.length === 0, returning: returning !== undefined })
  if (later.length === 0) {
    await gatherMoves(run, scope, snapshot)
    await updateKnown(run, scope, snapshot)
    await writeMoves(run, scope, snapshot)
  }
  snapshot.progress('settling')
  const returns = sql`(r.outcome = 'new' and exists (select from invoices i where i.tenant_id = ${tenantId} and i.id = r.invoice_id and i.retracted))`
  const isByHand = await isAnyByHand(run, scope)
  const rows = sql`from import_rows r where r.tenant_id = ${tenantId} and r.import_id = ${id} and r.invoice_id is not null`
  const affected =
    later.length > 0
      ? sql`select r.invoice_id, true as whole ${rows} and r.outcome <> 'repeated'`
      : sql`
        select invoice_id, outcome = 'missing' as whole from moves where moves and not is_simple and not by_hand
        ${
          returning || isByHand
            ? sql`
              union all
              select r.invoice_id, true ${rows} and r.outcome <> 'repeated'
                 and (false ${returning ? sql`or ${returns}` : sql``} ${
                   isByHand
                     ? sql`or r.invoice_id in (select i.id from invoices i where i.tenant_id = ${tenantId} and i.by_hand)`
                     : sql``
                 })`
            : sql``
        }`
  await foldBooks(run, scope, { affected, importId: id, later })
  // That an invoice came is told by its first import row. The import notifies once for all.
  await run(sql`
    insert into events (tenant_id, kind, subject, subject_id, user_id, data, request_id, at)
    select ${tenantId}, case outcome when 'changed' then 'invoice.changed' else 'invoice.missed' end, 'invoice', invoice_id,
           ${scope.userId > 0 ? scope.userId : null}, coalesce(changes, jsonb_build_object('import_id', ${id}::bigint)), ${requestId}, ${now}
      from ${later.length > 0 ? sql`import_rows where tenant_id = ${tenantId} and import_id = ${id} and outcome in ('changed', 'missing')` : sql`moves`}`)
  await assignNew(scope, snapshot)
}

export async function writeCustomers(run: Run, scope: Scope, { id }: Snapshot, isLatest: boolean) {
  const { tenantId, now, requestId } = scope
  const actor = scope.userId > 0 ? scope.userId : null
  await run(sql`
    insert into customers (tenant_id, id, key, code, name, email, phone, created_at, updated_at)
    select ${tenantId}, a.customer_id, a.key, a.code, coalesce(a.name, a.code), a.email, a.phone, ${now}, ${now}
      from import_accounts a
     where a.tenant_id = ${tenantId} and a.import_id = ${id}
       and not exists (select from customers c where c.tenant_id = ${tenantId} and c.id = a.customer_id)
     order by a.customer_id`)
  if (!isLatest) return foldCustomers(run, scope, id)
  const said = (name: string) => sql.raw(`coalesce(a.${name}, case when not c.retracted then c.${name} end)`)
  await run(sql`
    with changed as (
      update customers c
         set code = ${said('code')}, name = coalesce(a.name, case when not c.retracted then c.name end, a.code), email = ${said('email')}, phone = ${said('phone')},
             retracted = false, version = c.version + 1, updated_at = ${now}
        from import_accounts a
       where a.tenant_id = ${tenantId} and a.import_id = ${id} and c.tenant_id = ${tenantId} and c.id = a.customer_id
         and (c.retracted or (${said('code')}, coalesce(a.name, c.name), ${said('email')}, ${said('phone')}) is distinct from (c.code, c.name, c.email, c.phone))
      returning c.id
    )
    insert into events (tenant_id, kind, subject, subject_id, user_id, data, request_id, at)
    select ${tenantId}, 'customer.changed', 'customer', id, ${actor}, jsonb_build_object('import_id', ${id}::bigint), ${requestId}, ${now}
      from changed`)
}

/** New invoices; with their first entries when no later file has a say about them. */
async function writeNew(
  run: Run,
  { tenantId, now }: Scope,
  { id, as_of, source_id }: Snapshot,
  { isLatest, returning }: { isLatest: boolean; returning: boolean },
) {
  const isNew = sql`r.tenant_id = ${tenantId} and r.import_id = ${id} and r.outcome = 'new'
    ${returning ? sql`and not exists (select from invoices i where i.tenant_id = ${tenantId} and i.id = r.invoice_id)` : sql``}`
  const values = written.map((name) =>
    name === 'is_disputed' ? 'coalesce(r.is_disputed, false)' : `r.${name}`,
  )
  // The ledger first: it is what tells afterwards which invoices were new.
  const entries = sql`
    insert into invoice_entries (tenant_id, invoice_id, kind, amount, effective_on, effective_after, import_id, recorded_at)
    select ${tenantId}, r.invoice_id, e.kind, e.amount, e.effective_on, e.effective_after, ${id}, ${now}
      from fresh r
     cross join lateral (select coalesce(r.invoice_date, ${as_of}::date) as debit_on) d
     cross join lateral (values
       ('invoice', r.amount, d.debit_on, null::date),
       (case when sign(r.amount - r.open_amount) = sign(r.amount) then 'payment' else 'correction' end, r.open_amount - r.amount,
        greatest(coalesce(r.settled_on, ${as_of}::date), d.debit_on), case when r.settled_on is null then d.debit_on end)
     ) e (kind, amount, effective_on, effective_after)
     where e.amount <> 0`
  const debitOn = sql`coalesce(r.invoice_date, ${as_of}::date)`
  // Between these days the entries lie; where there are none yet, no day.
  const days = isLatest
    ? sql`${debitOn}, case when r.amount = r.open_amount then ${debitOn} else greatest(coalesce(r.settled_on, ${as_of}::date), ${debitOn}) end`
    : sql`'infinity'::date, '-infinity'::date`
  const insert = (rows: RawBuilder<unknown>) => sql`
    insert into invoices (tenant_id, id, customer_id, number_key, currency, source_id, created_at, updated_at, first_on, last_on, is_disputed, ${list(written.map(keptAs))})
    select ${tenantId}, r.invoice_id, r.customer_id, r.number_key, r.currency, ${source_id}, ${now}, ${now}, ${days}, coalesce(r.is_disputed, false), ${sql.raw(values.join(', '))}
      from import_rows r where ${isNew} ${rows} order by r.invoice_id`
  const write = (rows: RawBuilder<unknown>) =>
    run(
      isLatest
        ? sql`with fresh as (${insert(rows)} returning id as invoice_id, invoice_date, amount, open_amount, settled_on) ${entries}`
        : insert(rows),
    )
  const [rest] = await run(sql<{ row: number }>`
    select row from import_rows where tenant_id = ${tenantId} and import_id = ${id} and outcome = 'new' order by row offset ${FIRST_ROWS} limit 1`)
  if (!rest) return write(sql``)
  await write(sql`and r.row < ${rest.row}`)
  await run(sql`discard plans`)
  await write(sql`and r.row >= ${rest.row}`)
}

/**
 * Into tables that are nearly empty so many rows go first. Foreign keys are checked by a plan that is made at the first row
 * and kept for the statement, and in a small table all its indexes look alike: one that leads to an organisation's invoices
 * by customer read all of them for each of 30,000 entries.
 */
const FIRST_ROWS = 500

/**
 * The rows that change invoices, `moves`: read once, since nobody knows yet how many a file has and each statement over the stored rows
 * would look for them one by one. The ledger of most follows from what is known: the difference to the statement before, or that
 * the file does not name an invoice that it named last. Days that are restated, what files missed before, and what people had a hand
 * in are left to the fold.
 */
async function gatherMoves(run: Run, { tenantId }: Scope, { id, as_of }: Snapshot) {
  const [kept] = await run(
    sql`select 1 from imports where tenant_id = ${tenantId} and id = ${id} and missing_rule = 'keep'`,
  )
  const row = written.filter((name) => !['open_amount', 'amount'].includes(name))
  const open = sql`case when r.outcome = 'missing' then 0 else r.open_amount end`
  await run(sql`
    create temp table moves on commit drop as
    with rows as materialized (
      select r.*,
             case when r.outcome = 'missing' then ${!kept}::boolean
                  else r.changes ?| array['amount', 'open_amount', 'invoice_date', 'settled_on'] end as moves
        from import_rows r
       where r.tenant_id = ${tenantId} and r.import_id = ${id} and r.outcome in ('changed', 'missing')
    ), published as materialized (
      select id, as_of from imports where tenant_id = ${tenantId} and status = 'published'
    ), before as (
      select r.invoice_id, max(m.as_of) as as_of, bool_or(x.outcome = 'missing') as was_missed
        from rows r
       cross join lateral (
         select x.import_id, x.outcome from import_rows x
          where x.tenant_id = ${tenantId} and x.invoice_id = r.invoice_id and x.import_id <> ${id} offset 0) x
        join published m on m.id = x.import_id
       where r.moves group by r.invoice_id
    )
    select r.invoice_id, r.outcome, r.changes, ${list(row, 'r.')}, r.amount, ${open} as open_amount, r.moves, i.by_hand,
           i.amount as was_amount, r.amount - ${open} as paid, i.amount - i.open_amount as was_paid,
           coalesce(i.invoice_date, ${as_of}::date) as debit_on, before.as_of as as_of_before,
           r.moves and not i.by_hand and not coalesce(before.was_missed, false)
             and (r.outcome = 'missing'
                  or (not r.changes ? 'invoice_date' and (i.invoice_date is not null or r.settled_on is null)
                      and (r.amount - r.open_amount <> i.amount - i.open_amount or not r.changes ? 'settled_on'))) as is_simple
      from rows r
      join invoices i on i.tenant_id = ${tenantId} and i.id = r.invoice_id
      left join before on before.invoice_id = r.invoice_id`)
  await run(sql`analyze moves (invoice_id, outcome, is_simple)`)
}

async function writeMoves(run: Run, { tenantId, now }: Scope, { id, as_of, kind }: Snapshot) {
  await run(sql`
    insert into invoice_entries (tenant_id, invoice_id, kind, amount, effective_on, effective_after, import_id, recorded_at)
    select ${tenantId}, m.invoice_id, e.kind, e.amount, e.effective_on, e.effective_after, ${id}, ${now}
      from moves m
     cross join lateral (select greatest(coalesce(m.settled_on, ${as_of}::date), m.debit_on) as paid_on) d
     cross join lateral (values
       ('correction', m.amount - m.was_amount, greatest(${as_of}::date, m.debit_on), null::date),
       (case when m.outcome = 'missing' and ${kind === 'all_invoices'} then 'withdrawal'
             when sign(m.paid - m.was_paid) = sign(m.amount) then 'payment' else 'correction' end, m.was_paid - m.paid,
        d.paid_on, case when m.settled_on is null then least(m.as_of_before, d.paid_on) end)
     ) e (kind, amount, effective_on, effective_after)
     where m.is_simple and e.amount <> 0`)
}

/**
 * Known invoices of the latest file, besides their ledger: a blank keeps what is known. Before `writeMoves`: that its entries reach
 * further is said here, else each invoice would be written twice.
 */
async function updateKnown(run: Run, { tenantId, now }: Scope, { id, as_of, source_id }: Snapshot) {
  const sets = written
    .filter((name) => !firstSaid.includes(name) && name !== 'assigned_to' && name !== 'settled_on')
    .map(
      (name) =>
        `${keptAs(name)} = coalesce(${name === 'root_cause' ? 'case when not i.root_cause_by_hand then r.root_cause end' : `r.${name}`}, i.${keptAs(name)})`,
    )
  await run(sql`
    update invoices i
       set ${sql.raw(sets.join(', '))}, source_id = ${source_id},
           is_disputed = coalesce(r.is_disputed, i.stated_disputed) or i.disputed_by_hand > 0,
           settled_on = case when r.amount - r.open_amount = i.amount - i.open_amount then coalesce(r.settled_on, i.settled_on) else r.settled_on end,
           last_on = case when r.outcome = 'missing' or r.changes ?| array['amount', 'open_amount']
                          then greatest(i.last_on, ${as_of}::date, r.settled_on, i.invoice_date) else i.last_on end,
           assigned_to = case when i.assigned_by_hand then i.assigned_to else coalesce(r.assigned_to, i.assigned_to) end,
           version = i.version + 1, updated_at = ${now}
      from moves r
     where i.tenant_id = ${tenantId} and i.id = r.invoice_id and not i.retracted and not i.by_hand and (r.outcome = 'changed' or r.is_simple)`)
  const sources = await run(sql`select 1 from import_sources where tenant_id = ${tenantId} limit 2`)
  if (sources.length > 1)
    await run(sql`
      update invoices i set source_id = ${source_id}, version = i.version + 1, updated_at = ${now}
        from import_rows r
       where r.tenant_id = ${tenantId} and r.import_id = ${id} and r.outcome = 'unchanged' and i.tenant_id = ${tenantId} and i.id = r.invoice_id
         and not i.retracted and not i.by_hand and i.source_id is distinct from ${source_id}`)
}

/** Takes an import out of the books: they become what they would be had it never come. Its status is changed before. */
export async function revertReceivables(scope: Scope, snapshot: Snapshot): Promise<void> {
  const run = runner(scope)
  const affected = sql`
    select r.invoice_id, true as whole from import_rows r
     where r.tenant_id = ${scope.tenantId} and r.import_id = ${snapshot.id} and r.invoice_id is not null and r.outcome <> 'repeated'`
  const later = await laterImports(run, scope, snapshot)
  await foldBooks(run, scope, { affected, importId: snapshot.id, later })
  await foldCustomers(run, scope, snapshot.id)
}

/** What people decided about invoices that the import did not name changes the books at once. */
export async function decideReceivables(scope: Scope, snapshot: Snapshot, ids: number[]): Promise<void> {
  const run = runner(scope)
  const affected = sql`select distinct unnest(${ids}::bigint[]) as invoice_id, true as whole`
  const later = await laterImports(run, scope, snapshot)
  await foldBooks(run, scope, { affected, importId: snapshot.id, later })
}
