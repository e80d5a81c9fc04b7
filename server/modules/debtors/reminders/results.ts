import { type RawBuilder, sql } from 'kysely'
import { wireNumber } from '../../../core/money.ts'
import { likeText, paged } from '../../../core/schema.ts'
import type { Scope } from '../../../core/scope.ts'
import type { OpenPharmacy } from '../pharmacies.ts'
import type { Bucket } from '../report/types.ts'
import { findCampaign } from './campaign.ts'
import type { CampaignQuery, MemberQuery } from './schemas.ts'

// Campaigns as they are shown: what became of everybody, from the messages as they stand.

type Row = {
  id: number
  name: string
  kind: 'email' | 'sms'
  source: 'call' | 'campaign' | 'escalation' | 'resend'
  state: 'draft' | 'scheduled' | 'sending' | 'done' | 'cancelled'
  ageing_buckets: Bucket[]
  filters: Record<string, unknown>
  chosen: number | null
  language: string | null
  subject: string | null
  message: string | null
  send_at: string | null
  note: string | null
  resend_of: number | null
  created_by: { id: number; full_name: string } | null
  created_at: string
  started_at: string | null
  version: number
  members: number
  left_out: number
  waiting: number
  sent: number
  delivered: number
  failed: number
  unknown: number
  held: number
  amount: number
  parts: number | null
  cost: number | null
}

const counted = (scope: Scope, pharmacy: OpenPharmacy) => sql`
  select c.*, t.*,
         case when c.state <> 'started' then c.state when t.waiting > 0 then 'sending' else 'done' end as shown
    from campaigns c
    cross join lateral (
      select count(*)::int as members, (count(*) filter (where m.message_id is null))::int as left_out,
             (count(*) filter (where g.state in ('pending', 'sending')))::int as waiting, (count(*) filter (where g.state = 'sent'))::int as sent,
             (count(*) filter (where g.state = 'delivered'))::int as delivered, (count(*) filter (where g.state = 'failed'))::int as failed,
             (count(*) filter (where g.state = 'unknown'))::int as unknown, (count(*) filter (where g.state in ('held', 'cancelled')))::int as held,
             coalesce(sum(m.amount) filter (where m.message_id is not null), 0)::bigint as amount, sum(g.parts)::int as parts, sum(g.cost)::bigint as cost
        from campaign_members m left join messages g on g.tenant_id = ${scope.tenantId} and g.id = m.message_id
       where m.tenant_id = ${scope.tenantId} and m.campaign_id = c.id) t
   where c.tenant_id = ${scope.tenantId} and c.outlet_id = ${pharmacy.id}`
const columns = sql`
  x.id, x.name, x.kind, x.source, x.shown as state, x.ageing_buckets, x.filters, cardinality(x.debtor_ids) as chosen, x.language, x.subject, x.message,
  x.send_at, x.note, x.resend_of, x.created_at, x.started_at, x.version, x.members, x.left_out, x.waiting, x.sent, x.delivered, x.failed, x.unknown,
  x.held, x.amount, x.parts, x.cost,
  (select json_build_object('id', u.id, 'full_name', coalesce(nullif(u.full_name, ''), u.username)) from users u where u.id = x.created_by) as created_by`

function wire({ tenant }: Scope, pharmacy: OpenPharmacy, row: Row) {
  const { members, left_out, waiting, sent, delivered, failed, unknown, held, ...rest } = row
  return {
    ...rest,
    pharmacy_id: pharmacy.id,
    currency: tenant.currency,
    amount: wireNumber(row.amount, tenant.currency),
    // In hundredths of the provider's unit.
    cost: row.cost === null ? null : row.cost / 100,
    counts: { members, left_out, waiting, sent, delivered, failed, unknown, held },
  }
}

export async function listCampaigns(scope: Scope, pharmacy: OpenPharmacy, query: CampaignQuery) {
  const conditions: RawBuilder<unknown>[] = [sql`true`]
  if (query.state) conditions.push(sql`x.shown = ${query.state}`)
  if (query.kind) conditions.push(sql`x.kind = ${query.kind}`)
  if (query.source) conditions.push(sql`x.source = ${query.source}`)
  if (query.search) conditions.push(sql`x.name ilike ${likeText(query.search)}`)
  const from = sql`from (${counted(scope, pharmacy)}) x where ${sql.join(conditions, sql` and `)}`
  const [{ rows }, { rows: total }] = await Promise.all([
    sql<Row>`select ${columns} ${from} order by x.id desc limit ${query.page_size} offset ${(query.page - 1) * query.page_size}`.execute(
      scope.db,
    ),
    sql<{ n: number }>`select count(*)::int as n ${from}`.execute(scope.db),
  ])
  return paged(
    rows.map((row) => wire(scope, pharmacy, row)),
    total[0]!.n,
    query,
  )
}

export async function showCampaign(scope: Scope, pharmacy: OpenPharmacy, id: number) {
  await findCampaign(scope, pharmacy.id, id)
  const { rows } =
    await sql<Row>`select ${columns} from (${counted(scope, pharmacy)} and c.id = ${id}) x`.execute(scope.db)
  return wire(scope, pharmacy, rows[0]!)
}

type MemberRow = {
  debtor_id: number
  acc_no: string
  name: string
  recipient: string | null
  amount: number
  state:
    | 'left_out'
    | 'pending'
    | 'sending'
    | 'sent'
    | 'delivered'
    | 'failed'
    | 'unknown'
    | 'held'
    | 'cancelled'
  gate: string | null
  reason: string | null
  message_id: number | null
  external_id: string | null
  sent_at: string | null
}

export async function listMembers(scope: Scope, pharmacy: OpenPharmacy, id: number, query: MemberQuery) {
  await findCampaign(scope, pharmacy.id, id)
  const conditions: RawBuilder<unknown>[] = [sql`m.tenant_id = ${scope.tenantId}`, sql`m.campaign_id = ${id}`]
  if (query.state) conditions.push(sql`coalesce(g.state, 'left_out') = ${query.state}`)
  if (query.gate) conditions.push(sql`m.gate = ${query.gate}`)
  if (query.search) {
    const like = likeText(query.search)
    conditions.push(sql`(m.name ilike ${like} or m.acc_no ilike ${like} or m.recipient ilike ${like})`)
  }
  const from = sql`
    from campaign_members m left join messages g on g.tenant_id = ${scope.tenantId} and g.id = m.message_id where ${sql.join(conditions, sql` and `)}`
  const [{ rows }, { rows: total }] = await Promise.all([
    sql<MemberRow>`
      select m.customer_id as debtor_id, m.acc_no, m.name, m.recipient, m.amount, coalesce(g.state, 'left_out') as state, m.gate,
             coalesce(m.reason, g.error, replace(g.reason, '_', ' ')) as reason, m.message_id, g.external_id, g.sent_at
        ${from} order by m.amount desc, m.customer_id limit ${query.page_size} offset ${(query.page - 1) * query.page_size}`.execute(
      scope.db,
    ),
    sql<{ n: number }>`select count(*)::int as n ${from}`.execute(scope.db),
  ])
  return paged(
    rows.map((row) => ({ ...row, amount: wireNumber(row.amount, scope.tenant.currency) })),
    total[0]!.n,
    query,
  )
}

/** Those of a campaign whose message is known to have failed; what is not known to have gone is never sent again by itself. */
export async function failuresOf(scope: Scope, id: number): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select m.customer_id as id from campaign_members m join messages g on g.tenant_id = ${scope.tenantId} and g.id = m.message_id
     where m.tenant_id = ${scope.tenantId} and m.campaign_id = ${id}
       and (g.state = 'failed' or g.state = 'held' and g.reason = 'no_channel') order by 1`.execute(scope.db)
  return rows.map((row) => row.id)
}
