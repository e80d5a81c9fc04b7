import { sql } from 'kysely'
import { notFound } from '../../core/errors.ts'
import { wireNumber } from '../../core/money.ts'
import type { Scope } from '../../core/scope.ts'
import { promisesOf } from '../collections/promises/of-invoices.ts'
import { allocationsOf } from './cash/allocations-of.ts'
import { invoiceView } from './invoice-view.ts'
import { balanceColumns, type InvoiceRow, invoiceColumns, invoiceNames, wireInvoice } from './invoices.ts'

type Details = InvoiceRow & {
  version: number
  terms_days: number | null
  settled_on: string | null
  operating_unit: string | null
  po_number: string | null
  notes: string | null
  sales_person: string | null
  assigned_by_hand: boolean
  assigned_on: string | null
  created_at: string
  updated_at: string
  comment_count: number
  customer_email: string | null
  customer_phone: string | null
  payment_id: number | null
  unconfirmed: number
  contradicted_on: string | null
  kept_mine: { at: string; by: { id: number; full_name: string } | null } | null
}

/** Everything about one invoice. */
export async function getInvoice(scope: Scope, id: number) {
  const view = await invoiceView(scope, {})
  const {
    rows: [row],
  } = await sql<Details>`
    select ${invoiceColumns}, i.version, i.terms_days, i.settled_on, i.operating_unit, i.po_number, i.notes, i.sales_person,
           i.assigned_by_hand, i.assigned_on, i.created_at, i.updated_at, c.email as customer_email, c.phone as customer_phone,
           i.unconfirmed, i.contradicted_on,
           case when i.contradicted_on is not null and i.kept_unconfirmed = i.unconfirmed then json_build_object('at', i.kept_at, 'by',
             (select json_build_object('id', k.id, 'full_name', coalesce(nullif(k.full_name, ''), k.username)) from users k where k.id = i.kept_by)) end as kept_mine,
           (select y.id from payments y where y.tenant_id = ${scope.tenantId} and y.document_id = i.id) as payment_id,
           (select count(*)::int from invoice_comments k
             where k.tenant_id = ${scope.tenantId} and k.invoice_id = i.id and k.deleted_at is null) as comment_count
      from (select i.id, ${balanceColumns(view)}
              from invoices i where i.tenant_id = ${scope.tenantId} and i.id = ${id} and not i.retracted) p
      join invoices i on i.tenant_id = ${scope.tenantId} and i.id = p.id
      ${invoiceNames(scope)}`.execute(scope.db)
  if (!row) throw notFound('This invoice')
  const { customer_email, customer_phone, unconfirmed, contradicted_on, kept_mine, ...invoice } = row
  const [entries, allocations, snapshots, balance, promises] = await Promise.all([
    entriesOf(scope, row),
    allocationsOf(scope, sql`(a.invoice_id = ${id} or a.credit_id = ${id})`),
    snapshotsOf(scope, row),
    balanceOf(scope, row),
    promisesOf(scope, [id], view.day),
  ])
  return {
    ...wireInvoice(scope, invoice),
    promise: promises.get(id) ?? null,
    as_of: view.day,
    customer: {
      id: row.customer_id,
      code: row.customer_code,
      name: row.customer_name,
      email: customer_email,
      phone: customer_phone,
      ...balance,
    },
    entries,
    allocations,
    unconfirmed: wireNumber(unconfirmed, row.currency),
    contradicted_on,
    kept_mine,
    snapshots,
  }
}

/** Refuses an invoice that is not there, or not the caller's to see. */
export async function requireInvoice(scope: Scope, id: number) {
  const row = await scope.db
    .selectFrom('invoices')
    .select(['id', 'number', 'assigned_to', 'version'])
    .where('id', '=', id)
    .where('retracted', '=', false)
    .executeTakeFirst()
  if (!row) throw notFound('This invoice')
  return row
}

async function entriesOf(scope: Scope, { id, currency }: Details) {
  const { rows } = await sql<{
    id: number
    kind: string
    amount: number
    effective_on: string
    effective_after: string | null
    recorded_at: string
    import_id: number | null
    file_name: string | null
    allocation_id: number | null
    payment_id: number | null
    write_off_id: number | null
    user: { id: number; full_name: string } | null
    balance: string
  }>`
    select e.id, e.kind, e.amount, e.effective_on, e.effective_after, e.recorded_at, e.import_id, m.file_name, e.allocation_id, e.payment_id,
           a.write_off_id, case when u.id is not null then json_build_object('id', u.id, 'full_name', coalesce(nullif(u.full_name, ''), u.username)) end as user,
           (sum(e.amount) over (order by e.effective_on, e.id))::text as balance
      from invoice_entries e
      left join imports m on m.tenant_id = ${scope.tenantId} and m.id = e.import_id
      left join payment_allocations a on a.tenant_id = ${scope.tenantId} and a.id = e.allocation_id
      left join payments y on y.tenant_id = ${scope.tenantId} and y.id = e.payment_id
      -- Who recorded it, or took it back; what a file caused nobody did.
      left join users u on e.import_id is null and u.id =
        case when e.recorded_at < coalesce(a.reversed_at, y.reversed_at, 'infinity') then coalesce(a.created_by, y.created_by)
             else coalesce(a.reversed_by, y.reversed_by) end
     where e.tenant_id = ${scope.tenantId} and e.invoice_id = ${id}
     order by e.effective_on, e.id`.execute(scope.db)
  return rows.map((row) => ({
    ...row,
    amount: wireNumber(row.amount, currency),
    balance: wireNumber(BigInt(row.balance), currency),
  }))
}

const monies = new Set(['amount', 'open_amount'])

/** What each file in the books said of the invoice: field by field what changed. */
async function snapshotsOf(scope: Scope, { id, currency }: Details) {
  const { rows } = await sql<{
    import_id: number
    as_of: string
    file_name: string
    row: number
    outcome: string
    amount: number | null
    open_amount: number | null
    changes: Record<string, [unknown, unknown]> | null
  }>`
    select r.import_id, m.as_of, m.file_name, r.row, r.outcome, r.amount, r.open_amount, r.changes
      from import_rows r
      join imports m on m.tenant_id = ${scope.tenantId} and m.id = r.import_id and m.status = 'published'
     where r.tenant_id = ${scope.tenantId} and r.invoice_id = ${id} and r.outcome <> 'rejected'
     order by m.as_of desc, m.id desc, r.row`.execute(scope.db)
  const names = await namesIn(
    scope,
    rows.flatMap(({ changes }) => Object.entries(changes ?? {})),
  )
  const shown = (field: string, value: unknown) => {
    if (value === null || value === undefined) return null
    if (monies.has(field)) return wireNumber(BigInt(value as number), currency)
    return names.get(`${field} ${value}`) ?? value
  }
  return rows.map(({ changes, row, ...snapshot }) => ({
    ...snapshot,
    // Missing invoices have no row in the file.
    row: row > 0 ? row : null,
    amount: snapshot.amount === null ? null : wireNumber(snapshot.amount, currency),
    open_amount: snapshot.open_amount === null ? null : wireNumber(snapshot.open_amount, currency),
    changes: Object.entries(changes ?? {}).map(([field, [before, after]]) => ({
      field,
      before: shown(field, before),
      after: shown(field, after),
    })),
  }))
}

/** `region_id 4` -> its name, and the same for people. */
export async function namesIn(scope: Scope, changes: [field: string, values: unknown[]][]) {
  const ids = (wanted: string) =>
    changes.filter(([field]) => field === wanted).flatMap(([, values]) => values.filter(isId))
  const [regions, people] = [ids('region_id'), ids('assigned_to')]
  const names = new Map<string, string>()
  if (regions.length + people.length === 0) return names
  const { rows } = await sql<{ key: string; name: string }>`
    select 'region_id ' || r.id as key, r.name from regions r where r.tenant_id = ${scope.tenantId} and r.id = any(${regions})
    union all
    select 'assigned_to ' || u.id, coalesce(nullif(u.full_name, ''), u.username)
      from users u join memberships m on m.user_id = u.id and m.tenant_id = ${scope.tenantId} where u.id = any(${people})`.execute(
    scope.db,
  )
  for (const { key, name } of rows) names.set(key, name)
  return names
}
const isId = (value: unknown): value is number => typeof value === 'number'

/** What the customer owes in the invoice's currency, as far as the caller sees it. */
async function balanceOf(scope: Scope, { customer_id, currency }: Details) {
  const { rows } = await sql<{ open: string; overdue: string; count: number }>`
    select coalesce(sum(i.open_amount), 0)::text as open,
           coalesce(sum(i.open_amount) filter (where i.open_amount > 0 and i.aged_from < ${scope.today}), 0)::text as overdue,
           count(*)::int as count
      from invoices i
     where i.tenant_id = ${scope.tenantId} and i.customer_id = ${customer_id} and i.currency = ${currency} and i.open_amount <> 0`.execute(
    scope.db,
  )
  const { open, overdue, count } = rows[0]!
  return {
    open_amount: wireNumber(BigInt(open), currency),
    overdue_amount: wireNumber(BigInt(overdue), currency),
    open_count: count,
  }
}
