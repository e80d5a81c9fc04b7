import { sql } from 'kysely'
import type { Scope } from '../../../core/scope.ts'
import { confirm, type Recorded, type Stated } from './confirmation.ts'
import type { Run } from './plan.ts'

// What people recorded on the affected invoices, for the fold: `by_hand` with the days on which it takes effect, `absorbed` what
// of the files' changes it is, `reopened` the marks that a file does not bear out, `contradicted` where the last file does not.

export async function isAnyByHand(run: Run, { tenantId }: Scope): Promise<boolean> {
  const [some] = await run(sql`select 1 from invoices where tenant_id = ${tenantId} and by_hand limit 1`)
  return some !== undefined
}

/** An allocation writes to two documents: whatever moves its day on one moves it on the other. */
export async function addCounterparts(run: Run, { tenantId }: Scope) {
  await run(sql`create index on affected (invoice_id)`)
  await run(sql`
    insert into affected (invoice_id, whole)
    select o.id, false
      from (select a.credit_id as id from affected f join payment_allocations a on a.tenant_id = ${tenantId} and a.invoice_id = f.invoice_id
             where a.credit_id is not null
            union
            select a.invoice_id from affected f join payment_allocations a on a.tenant_id = ${tenantId} and a.credit_id = f.invoice_id) o
     where not exists (select from affected x where x.invoice_id = o.id)`)
  await run(sql`analyze affected`)
}

/** The day from which a document is there; null while nothing states it. */
const dayOf = (tenantId: number, id: string) => sql`
  select coalesce(
           (select coalesce((array_agg(s.invoice_date order by s.n desc) filter (where s.invoice_date is not null))[1], min(s.as_of))
              from said s where s.invoice_id = x.id and not s.is_absence),
           case when not x.retracted and not coalesce((select f.whole from affected f where f.invoice_id = x.id), false)
                then coalesce(x.invoice_date,
                              (select min(m.as_of) from import_rows r join imports m on m.tenant_id = r.tenant_id and m.id = r.import_id and m.status = 'published'
                                where r.tenant_id = ${tenantId} and r.invoice_id = x.id and r.outcome <> 'missing')) end) as day
    from invoices x where x.tenant_id = ${tenantId} and x.id = ${sql.ref(id)}`

export async function gatherByHand(run: Run, { tenantId }: Scope) {
  await run(sql`
    create temp table by_hand on commit drop as
    select a.id, a.kind, a.payment_id, a.invoice_id, a.credit_id, a.amount, a.counts_from, a.returned_on,
           case when a.kind in ('payment', 'mark') or c.document_type = 'payment' then 'payment' else a.kind end as entry_kind,
           greatest(a.said_on, di.day, dc.day) as effective_on
      from payment_allocations a
      left join invoices c on c.tenant_id = ${tenantId} and c.id = a.credit_id
      join lateral (${dayOf(tenantId, 'a.invoice_id')}) di on di.day is not null
      left join lateral (${dayOf(tenantId, 'a.credit_id')}) dc on true
     where a.tenant_id = ${tenantId} and (a.reversed_at is null or a.returned_on is not null)
       and (a.credit_id is null or dc.day is not null)
       and (a.invoice_id in (select invoice_id from affected) or a.credit_id in (select invoice_id from affected))`)
  await run(sql`create temp table absorbed (invoice_id bigint, n int, amount bigint) on commit drop`)
  await run(sql`
    create temp table reopened (invoice_id bigint, n int, allocation_id bigint, amount bigint) on commit drop`)
  await run(sql`create temp table contradicted (invoice_id bigint, day date) on commit drop`)
  await confirmAll(run)
}

async function confirmAll(run: Run) {
  type Row = Stated & { invoice_id: number; sign: number }
  const statements = await run(sql<Row>`
    select s.invoice_id, s.n, s.as_of, s.is_absence, case when s.amount < 0 then -1 else 1 end as sign,
           case when s.amount < 0 then s.open_amount - s.amount else s.amount - s.open_amount end as settled
      from said s where s.invoice_id in (select invoice_id from by_hand union select credit_id from by_hand)
     order by s.invoice_id, s.n`)
  const recorded = await run(sql<Recorded & { document_id: number }>`
    select d.id as document_id, b.id, b.kind, abs(b.amount) as amount, b.counts_from, b.returned_on
      from by_hand b cross join lateral (values (b.invoice_id), (b.credit_id)) d (id)
     where d.id in (select invoice_id from said)
     order by d.id, b.counts_from, b.id`)
  const byDocument = Map.groupBy(recorded, ({ document_id }) => document_id)
  const absorbed: object[] = []
  const reopened: object[] = []
  const contradicted: object[] = []
  for (const [invoice_id, of] of Map.groupBy(statements, (row) => row.invoice_id)) {
    const found = confirm(of, byDocument.get(invoice_id) ?? [])
    const sign = new Map(of.map((row) => [row.n, row.sign]))
    for (const [n, amount] of found.absorbed) absorbed.push({ invoice_id, n, amount: sign.get(n)! * amount })
    for (const { n, id, amount } of found.reopened)
      reopened.push({ invoice_id, n, allocation_id: id, amount: sign.get(n)! * amount })
    if (found.contradicted_on) contradicted.push({ invoice_id, day: found.contradicted_on })
  }
  const fill = (table: string, columns: string, rows: object[]) =>
    rows.length > 0 &&
    run(
      sql`insert into ${sql.table(table)} select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(${sql.raw(columns)})`,
    )
  await fill('absorbed', 'invoice_id bigint, n int, amount bigint', absorbed)
  await fill('reopened', 'invoice_id bigint, n int, allocation_id bigint, amount bigint', reopened)
  await fill('contradicted', 'invoice_id bigint, day date', contradicted)
}

/** The entries of what people recorded, as part of the fold's `wanted`. */
export const wantedByHand = ({ tenantId }: Scope) => sql`
  select b.invoice_id, b.entry_kind, -b.amount, b.effective_on, null::date, b.id, b.payment_id, null::bigint
    from by_hand b join affected f on f.invoice_id = b.invoice_id
  union all
  select b.credit_id, 'credit', b.amount, b.effective_on, null, b.id, b.payment_id, null
    from by_hand b join affected f on f.invoice_id = b.credit_id
  union all
  select d.id, 'reversal', d.amount, greatest(b.returned_on, b.effective_on), null, b.id, b.payment_id, null
    from by_hand b cross join lateral (values (b.invoice_id, b.amount), (b.credit_id, -b.amount)) d (id, amount)
    join affected f on f.invoice_id = d.id
   where b.returned_on is not null
  union all
  select r.invoice_id, 'reversal', r.amount, greatest(s.as_of, b.effective_on), null, b.id, b.payment_id, s.import_id
    from reopened r join by_hand b on b.id = r.allocation_id join said s on s.invoice_id = r.invoice_id and s.n = r.n
  union all
  select p.document_id, e.kind, e.amount, e.day, null, null, p.id, null
    from payments p join affected f on f.invoice_id = p.document_id
   cross join lateral (values ('invoice', -p.amount, p.received_on), ('reversal', p.amount, p.returned_on)) e (kind, amount, day)
   where p.tenant_id = ${tenantId} and (p.state = 'active' or p.returned_on is not null) and e.day is not null`

/** Open amounts of what has a ledger by hand, beside what files state; tells of marks that were reopened and of new contradictions. */
export async function balanceByHand(
  run: Run,
  { tenantId, now, userId, requestId }: Scope,
  importId: number | null,
) {
  await run(sql`
    with balances as (
      select f.invoice_id, f.whole, h.contradicted_on as was_contradicted, c.day,
             coalesce((select sum(e.amount) from invoice_entries e where e.tenant_id = ${tenantId} and e.invoice_id = f.invoice_id), 0)::bigint as open_amount,
             (select s.open_amount from said s where s.invoice_id = f.invoice_id order by s.n desc limit 1) as stated
        from affected f
        join invoices h on h.tenant_id = ${tenantId} and h.id = f.invoice_id and h.by_hand
        left join contradicted c on c.invoice_id = f.invoice_id
    ), changed as (
      update invoices i
         set open_amount = b.open_amount, unconfirmed = coalesce(b.stated - b.open_amount, 0), contradicted_on = b.day,
             kept_unconfirmed = case when b.day is not null then i.kept_unconfirmed end,
             version = i.version + case when b.whole then 0 else 1 end, updated_at = ${now}
        from balances b
       where i.tenant_id = ${tenantId} and i.id = b.invoice_id
      returning i.id, i.contradicted_on, b.was_contradicted, i.unconfirmed, i.kept_unconfirmed
    )
    insert into events (tenant_id, kind, subject, subject_id, user_id, data, request_id, at)
    select ${tenantId}, e.kind, 'invoice', e.id, ${userId > 0 ? userId : null}, e.data, ${requestId}, ${now}
      from (select 'invoice.contradicted' as kind, c.id, jsonb_build_object('as_of', c.contradicted_on, 'amount', c.unconfirmed, 'import_id', ${importId}::bigint) as data
              from changed c
             where c.contradicted_on > coalesce(c.was_contradicted, '-infinity') and c.kept_unconfirmed is distinct from c.unconfirmed
            union all
            select 'invoice.reopened', r.invoice_id, jsonb_build_object('as_of', s.as_of, 'amount', r.amount, 'import_id', s.import_id)
              from reopened r join said s on s.invoice_id = r.invoice_id and s.n = r.n where s.import_id = ${importId}) e`)
  await run(sql`drop table by_hand, absorbed, reopened, contradicted`)
}
