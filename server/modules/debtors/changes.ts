import { type RawBuilder, sql } from 'kysely'
import type { z } from 'zod'
import { wireNumber } from '../../core/money.ts'
import { paged } from '../../core/schema.ts'
import type { Scope } from '../../core/scope.ts'
import type { OpenPharmacy } from './pharmacies.ts'
import { BUCKETS } from './report/types.ts'
import type { Change, ChangeQuery, Changes } from './schemas.ts'

// What is different between two reports of a pharmacy. Medical-aid control accounts belong to no list and to no comparison.

const figures = [...BUCKETS, 'balance'] as const

/** Each account of either report with its figures in both, and how it has changed, as a table. */
function compared(
  scope: Scope,
  pharmacy: OpenPharmacy,
  before: number | null,
  after: number,
): RawBuilder<unknown> {
  const of = (report: number | null) => sql`
    (select * from debtor_balances where tenant_id = ${scope.tenantId} and outlet_id = ${pharmacy.id} and report_id = ${report ?? 0}
        and not is_medical_aid_control)`
  const both = (side: string) => sql.join(figures.map((column) => sql.ref(`${side}.${column}`)))
  const sided = sql.join(
    figures.flatMap((column) => [
      sql`a.${sql.ref(column)} as ${sql.ref(`before_${column}`)}`,
      sql`b.${sql.ref(column)} as ${sql.ref(`after_${column}`)}`,
    ]),
  )
  return sql`(
    select coalesce(b.customer_id, a.customer_id) as customer_id, coalesce(b.acc_no, a.acc_no) as acc_no, coalesce(b.name, a.name) as name,
           coalesce(b.balance, 0) - coalesce(a.balance, 0) as moved_by, ${sided},
           a.customer_id is not null as was, b.customer_id is not null as still, b.stated_email, b.stated_phone,
           case when a.customer_id is null then 'new'
                when a.balance > 0 and coalesce(b.balance, 0) <= 0 then 'settled'
                when b.customer_id is null then 'settled'
                when (${both('a')}) is distinct from (${both('b')}) then 'moved'
                else 'unchanged' end as kind
      from ${of(before)} a full join ${of(after)} b on b.customer_id = a.customer_id)`
}

/** Where what a person wrote differs from what the report prints. */
const differs = sql`(c.email_by_hand and (d.still and c.email is distinct from d.stated_email)
  or c.phone_by_hand and (d.still and c.phone is distinct from d.stated_phone))`

type Counted = {
  new: number
  settled: number
  moved: number
  unchanged: number
  new_amount: number
  settled_amount: number
  moved_amount: number
  contacts: number
}
/** Counts, and minor units, as they are kept with the report. */
export type StoredChanges = Counted & { previous_id: number | null }

export async function changesBetween(
  scope: Scope,
  pharmacy: OpenPharmacy,
  before: number | null,
  after: number,
): Promise<StoredChanges> {
  const count = (kind: string) => sql`(count(*) filter (where d.kind = ${kind}))::int`
  const amount = (kind: string) => sql`coalesce(sum(d.moved_by) filter (where d.kind = ${kind}), 0)::bigint`
  const { rows } = await sql<Counted>`
    select ${count('new')} as new, ${count('settled')} as settled, ${count('moved')} as moved, ${count('unchanged')} as unchanged,
           ${amount('new')} as new_amount, ${amount('settled')} as settled_amount, ${amount('moved')} as moved_amount,
           (count(*) filter (where ${differs}))::int as contacts
      from ${compared(scope, pharmacy, before, after)} d
      join customers c on c.tenant_id = ${scope.tenantId} and c.id = d.customer_id`.execute(scope.db)
  return { previous_id: before, ...rows[0]! }
}

export function wireChanges(scope: Scope, stored: StoredChanges): z.input<typeof Changes> {
  const money = (minor: number) => wireNumber(minor, scope.tenant.currency)
  return {
    ...stored,
    new_amount: money(stored.new_amount),
    settled_amount: money(stored.settled_amount),
    moved_amount: money(stored.moved_amount),
  }
}

type Row = Record<`${'before' | 'after'}_${(typeof figures)[number]}`, number> & {
  id: number
  acc_no: string
  name: string
  kind: z.output<typeof Change>['kind']
  moved_by: number
  was: boolean
  still: boolean
  email: string | null
  phone: string | null
  stated_email: string | null
  stated_phone: string | null
}

/** Account by account; the largest movement first. */
export async function listChanges(
  scope: Scope,
  pharmacy: OpenPharmacy,
  before: number | null,
  after: number,
  query: z.output<typeof ChangeQuery>,
) {
  const condition =
    query.kind === undefined ? sql`true` : query.kind === 'contact' ? differs : sql`d.kind = ${query.kind}`
  const { rows } = await sql<Row & { total: number }>`
    select d.*, d.customer_id as id, count(*) over ()::int as total,
           case when c.email_by_hand then c.email end as email, case when c.phone_by_hand then c.phone end as phone
      from ${compared(scope, pharmacy, before, after)} d
      join customers c on c.tenant_id = ${scope.tenantId} and c.id = d.customer_id
     where ${condition}
     order by abs(d.moved_by) desc, d.customer_id
     limit ${query.page_size} offset ${(query.page - 1) * query.page_size}`.execute(scope.db)
  const money = (minor: number) => wireNumber(minor, scope.tenant.currency)
  const side = (row: Row, which: 'before' | 'after') =>
    Object.fromEntries(figures.map((column) => [column, money(row[`${which}_${column}`])])) as z.output<
      typeof Change
    >['after']
  return paged(
    rows.map((row) => ({
      id: row.id,
      acc_no: row.acc_no,
      name: row.name,
      kind: row.kind,
      before: row.was ? side(row, 'before') : null,
      after: row.still ? side(row, 'after') : null,
      moved_by: money(row.moved_by),
      email: row.email,
      stated_email: row.stated_email,
      phone: row.phone,
      stated_phone: row.stated_phone,
    })),
    rows[0]?.total ?? 0,
    query,
  )
}
