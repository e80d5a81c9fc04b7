import { type RawBuilder, sql } from 'kysely'
import { expectVersion, type Http } from '../../../core/api.ts'
import { wireNumber } from '../../../core/money.ts'
import { likeText, paged } from '../../../core/schema.ts'
import type { Scope } from '../../../core/scope.ts'
import { requireInvoice } from '../invoice.ts'
import { codeKey } from '../rules.ts'
import type { InboxItem, InboxQuery } from './schemas.ts'

/** The order of the groups: the presets as billers know them, then reasons of one's own, then what nobody has named. */
const presets = [
  'billing_error',
  'delivery_issue',
  'po_mismatch',
  'customer_dispute',
  'payment_processing',
  'other',
]
const UNNAMED = 'unnamed'

/**
 * Open invoices that something keeps from being paid: disputed ones, and those that a file or a person gave a cause. The reason of a
 * dispute that people work comes before the cause; a reason below another counts there.
 */
const held = (scope: Scope) => sql`
  select i.id, i.number, i.number_key, i.customer_id, c.name as customer_name, c.code as customer_code, i.currency, i.amount, i.open_amount,
         case when i.open_amount > 0 then ${scope.today}::date - i.aged_from end as days_overdue,
         coalesce(d.cause, lower(replace(i.root_cause, ' ', '_')), ${UNNAMED}) as cause,
         coalesce(d.cause_name, i.root_cause, '') as cause_name,
         i.root_cause, i.root_cause_by_hand, i.is_disputed, i.assigned_to, i.assigned_key, i.po_number, i.version,
         d.id as dispute_id, d.state, d.due_on, d.waiting_since, d.owner_id
    from invoices i
    join customers c on c.tenant_id = ${scope.tenantId} and c.id = i.customer_id
    left join lateral (
      select x.id, x.state, x.due_on, x.waiting_since, x.owner_id,
             coalesce(top.code, 'reason_' || top.id) as cause, top.name as cause_name
        from disputes x
        join dispute_reasons r on r.tenant_id = ${scope.tenantId} and r.id = x.reason_id
        left join dispute_reasons p on p.tenant_id = ${scope.tenantId} and p.id = r.parent_id
        left join dispute_reasons g on g.tenant_id = ${scope.tenantId} and g.id = p.parent_id
        join dispute_reasons top on top.tenant_id = ${scope.tenantId} and top.id = coalesce(g.id, p.id, r.id)
       where x.tenant_id = ${scope.tenantId} and x.invoice_id = i.id and x.closed_on is null
       order by x.due_on, x.id limit 1) d on true
   where i.tenant_id = ${scope.tenantId} and i.open_amount <> 0 and not i.retracted and (i.is_disputed or i.root_cause is not null)`

const isLate = (scope: Scope) =>
  sql`(h.dispute_id is not null and h.waiting_since is null and h.due_on < ${scope.today}::date)`

/** What billers clear, by what keeps it from being paid. */
export async function getInbox(scope: Scope, query: InboxQuery) {
  const shared: RawBuilder<unknown>[] = [sql`true`]
  if (query.assigned_to !== undefined) shared.push(sql`h.assigned_key = ${query.assigned_to}`)
  if (query.customer_id) shared.push(sql`h.customer_id = ${query.customer_id}`)
  if (query.late !== undefined) shared.push(sql`${isLate(scope)} = ${query.late}`)
  if (query.search) {
    const like = likeText(query.search)
    shared.push(
      sql`(h.number_key like ${likeText(codeKey(query.search))} or h.customer_name ilike ${like} or h.customer_code ilike ${like})`,
    )
  }
  const filters = sql.join(shared, sql` and `)
  const chosen = query.cause ? sql`${filters} and h.cause = ${query.cause}` : filters
  const order = {
    due: sql`h.due_on nulls last, h.days_overdue desc nulls last`,
    amount: sql`h.open_amount desc`,
    days_overdue: sql`h.days_overdue desc nulls last`,
  }[query.sort]
  type Row = Omit<InboxItem, 'amount' | 'open_amount'> & { amount: number; open_amount: number }
  const [{ rows }, { rows: sums }] = await Promise.all([
    sql<Row>`
      with h as (${held(scope)}), p as (
        select h.*, row_number() over (order by ${order}, h.id) as place from h where ${chosen}
         order by place limit ${query.page_size} offset ${(query.page - 1) * query.page_size})
      select p.id as invoice_id, p.number as invoice_number, p.customer_id, p.customer_name, p.currency, p.amount, p.open_amount, p.days_overdue,
             p.cause, p.cause_name, p.root_cause, p.root_cause_by_hand, p.is_disputed, p.assigned_to,
             coalesce(nullif(a.full_name, ''), a.username) as assigned_to_name, p.po_number, p.version,
             (select count(*)::int from invoice_comments k where k.tenant_id = ${scope.tenantId} and k.invoice_id = p.id and k.deleted_at is null) as comment_count,
             case when p.dispute_id is not null then json_build_object('id', p.dispute_id, 'state', p.state, 'due_on', p.due_on,
               'is_waiting', p.waiting_since is not null,
               'owner', case when o.id is not null then json_build_object('id', o.id, 'full_name', coalesce(nullif(o.full_name, ''), o.username)) end) end as dispute
        from p left join users a on a.id = p.assigned_to left join users o on o.id = p.owner_id
       order by p.place`.execute(scope.db),
    sql<{
      cause: string
      name: string
      currency: string
      count: number
      open_amount: string
      disputed: number
      late: number
    }>`
      with h as (${held(scope)})
      select h.cause, max(h.cause_name) as name, h.currency, count(*)::int as count, sum(h.open_amount)::text as open_amount,
             (count(*) filter (where h.is_disputed))::int as disputed, (count(*) filter (where ${isLate(scope)}))::int as late
        from h where ${filters} group by h.cause, h.currency order by h.currency`.execute(scope.db),
  ])
  const groups = [...Map.groupBy(sums, ({ cause }) => cause)].map(([cause, of]) => ({
    cause,
    name: of[0]!.name,
    count: total(of, 'count'),
    disputed: total(of, 'disputed'),
    late: total(of, 'late'),
    totals: of.map(({ currency, count, open_amount }) => ({
      currency,
      count,
      open_amount: wireNumber(BigInt(open_amount), currency),
    })),
  }))
  const rank = ({ cause }: { cause: string }) => {
    const at = presets.indexOf(cause)
    return at >= 0 ? at : cause === UNNAMED ? presets.length + 1 : presets.length
  }
  groups.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name))
  const found = query.cause ? groups.filter(({ cause }) => cause === query.cause) : groups
  return {
    ...paged(
      rows.map((row) => ({
        ...row,
        amount: wireNumber(row.amount, row.currency),
        open_amount: wireNumber(row.open_amount, row.currency),
      })),
      total(found, 'count'),
      query,
    ),
    as_of: scope.today,
    groups,
  }
}
const total = <Key extends string>(of: { [key in Key]: number }[], key: Key) =>
  of.reduce((sum, each) => sum + each[key], 0)

/** Says why an invoice is not paid, or that nobody knows; files do not change it any more. */
export async function setRootCause(scope: Scope, http: Http, id: number, cause: string | null) {
  const invoice = await requireInvoice(scope, id)
  expectVersion(http, invoice)
  const { rows } = await sql<{ was: string | null }>`
    update invoices i set root_cause = ${cause}, root_cause_by_hand = true, version = i.version + 1, updated_at = ${scope.now}
      from (select id, root_cause as was from invoices where tenant_id = ${scope.tenantId} and id = ${id} for update) o
     where i.tenant_id = ${scope.tenantId} and i.id = o.id and o.was is distinct from ${cause}
    returning o.was`.execute(scope.db)
  if (rows[0]) await scope.record('invoice.cause_named', id, { root_cause: [rows[0].was, cause] })
  const row = await scope.db
    .selectFrom('invoices')
    .select(['id', 'root_cause', 'root_cause_by_hand', 'version'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return row
}
