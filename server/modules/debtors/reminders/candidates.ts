import { type RawBuilder, sql } from 'kysely'
import { notFound } from '../../../core/errors.ts'
import { fromWireNumber } from '../../../core/money.ts'
import type { Scope } from '../../../core/scope.ts'
import { addressOf, type Kind } from '../../communications/address.ts'
import { type Facts, judge, type Stop } from '../../communications/gates/rules.ts'
import { gateRules, rulesOf } from '../../communications/gates/sending-rules.ts'
import type { Channel } from '../../communications/messages.ts'
import { conditionsOf, debtorsOf } from '../debtors.ts'
import type { OpenPharmacy } from '../pharmacies.ts'
import { BUCKETS, type Bucket } from '../report/types.ts'
import { ARREARS } from '../schemas.ts'

/** Reminders count as given from when they are in the outbox, and until it is known that they failed. */
const PURPOSES = ['reminder', 'dunning']
const MAY_HAVE_GONE = ['pending', 'sending', 'sent', 'delivered', 'unknown']

export type Choice = {
  debtor_ids?: readonly number[] | null | undefined
  filters?: Parameters<typeof conditionsOf>[1] & {
    oldest_bucket?: Bucket | null | undefined
    min_amount?: number | null | undefined
  }
}

type Row = Record<Bucket | 'balance', number> & {
  id: number
  acc_no: string
  name: string
  email: string | null
  phone: string | null
  is_medical_aid_control: boolean
  is_control: boolean
  report_date: string | null
}
type More = {
  id: number
  paid_since: number
  disputed: number
  promised_until: string | null
  blocked_until: string | null
  reminded_on: string | null
}

/** Somebody who was chosen: what a reminder would ask for and what stops it; no stops: it may go. */
export type Candidate = {
  id: number
  acc_no: string
  name: string
  address: string | null
  /** What the message asks for: the chosen buckets less what came in since, and what is in dispute. */
  amount: bigint
  balance: bigint
  stops: Stop[]
}

export const oldestBucketIs = (bucket: Bucket): RawBuilder<unknown> => {
  const older = BUCKETS.slice(BUCKETS.indexOf(bucket) + 1)
  return sql.join(
    [sql`b.${sql.ref(bucket)} > 0`, ...older.map((each) => sql`b.${sql.ref(each)} <= 0`)],
    sql` and `,
  )
}

/** The accounts of the current list that a choice names, largest balance first, control accounts too: they are left out with a reason. */
async function chosenRows(scope: Scope, pharmacy: OpenPharmacy, choice: Choice): Promise<Row[]> {
  const source = debtorsOf(scope, pharmacy)
  const conditions = choice.debtor_ids
    ? [sql`b.customer_id = any(${[...choice.debtor_ids]}::bigint[])`]
    : conditionsOf(scope, { exclude_medical_aid: true, ...choice.filters })
  if (choice.filters?.oldest_bucket) conditions.push(oldestBucketIs(choice.filters.oldest_bucket))
  const { rows } = await sql<Row>`
    select b.customer_id as id, b.acc_no, b.name, b.current, b.d30, b.d60, b.d90, b.d120, b.d150, b.d180, b.balance, b.email, b.phone,
           b.is_medical_aid_control, b.is_control, coalesce(r.report_date, (r.uploaded_at at time zone ${scope.tenant.timezone})::date) as report_date
      from ${source.rows} b
      left join debtor_reports r on r.tenant_id = ${scope.tenantId} and r.id = b.report_id
      ${conditions.length > 0 ? sql`where ${sql.join(conditions, sql` and `)}` : sql``}
     order by b.balance desc, b.customer_id`.execute(scope.db)
  return rows
}

/** What of each came in since its report, is in dispute, promised or blocked, and when it was reminded last by this way. */
async function moreOf(
  scope: Scope,
  kind: Kind,
  rows: readonly Row[],
  days: number,
): Promise<Map<number, More>> {
  const { tenantId, today, tenant } = scope
  const asked = JSON.stringify(rows.map(({ id, report_date }) => ({ id, since: report_date })))
  const { rows: found } = await sql<More>`
    with asked as (select * from jsonb_to_recordset(${asked}::jsonb) as a(id bigint, since date))
    select a.id,
           -- A live list of invoices has no day of its own and nothing after it. Money is recorded as a payment, or told by a file as an entry without one.
           coalesce((select sum(p.amount) from payments p
                      where p.tenant_id = ${tenantId} and p.customer_id = a.id and p.currency = ${tenant.currency} and p.state = 'active' and p.received_on > a.since), 0)::bigint
         + coalesce((select sum(-e.amount) from invoices i join invoice_entries e on e.tenant_id = ${tenantId} and e.invoice_id = i.id
                      where i.tenant_id = ${tenantId} and i.customer_id = a.id and i.currency = ${tenant.currency} and e.kind = 'payment' and e.payment_id is null
                        and e.effective_on > a.since), 0)::bigint as paid_since,
           coalesce((select sum(case when i.stated_disputed or i.is_disputed and i.disputed_by_hand = 0 then i.open_amount else least(i.open_amount, i.disputed_by_hand) end)
                       from invoices i where i.tenant_id = ${tenantId} and i.customer_id = a.id and i.currency = ${tenant.currency} and i.open_amount > 0), 0)::bigint as disputed,
           (select max(p.deadline) from promises p where p.tenant_id = ${tenantId} and p.customer_id = a.id and p.state = 'active'
               and p.undone_at is null and p.deadline >= ${today})::text as promised_until,
           (select max(k.until) from dunning_blocks k where k.tenant_id = ${tenantId} and k.customer_id = a.id and k.invoice_id is null
               and k.lifted_at is null and k.until >= ${today})::text as blocked_until,
           (select max((coalesce(m.sent_at, m.created_at) at time zone ${tenant.timezone})::date) from messages m
             where m.tenant_id = ${tenantId} and m.customer_id = a.id and m.kind = ${kind} and m.purpose = any(${PURPOSES}) and m.state = any(${MAY_HAVE_GONE})
               and coalesce(m.sent_at, m.created_at) > ${scope.now}::timestamptz - make_interval(days => ${days + 1}))::text as reminded_on
      from asked a`.execute(scope.db)
  return new Map(found.map((row) => [row.id, row]))
}

type Suppression = { kind: Kind; address: string; reason: NonNullable<Facts['suppressed']> }

/** Who must not be written to: by the address itself, and by a refusal given on the other way, which counts for both. */
async function suppressedOf(scope: Scope, reached: { email: string; sms: string }[]) {
  const emails = [...new Set(reached.map(({ email }) => email).filter(Boolean))]
  const phones = [...new Set(reached.map(({ sms }) => sms).filter(Boolean))]
  const { rows } = await sql<Suppression>`
    select kind, address, reason from suppressions
     where tenant_id = ${scope.tenantId} and (kind = 'email' and address = any(${emails}) or kind = 'sms' and address = any(${phones}))
    union all
    -- Marked by hand for the reminders of receivables: it is dead for these too.
    select 'email', address, 'bounced' from dead_addresses where tenant_id = ${scope.tenantId} and cleared_at is null and address = any(${emails})`.execute(
    scope.db,
  )
  return new Map(rows.map((row) => [`${row.kind} ${row.address}`, row.reason]))
}

/** Addresses at which somebody else was reminded by this pharmacy within the days of the rule. */
async function earlierReached(
  scope: Scope,
  pharmacy: OpenPharmacy,
  kind: Kind,
  reaches: string[],
  ids: readonly number[],
  days: number,
) {
  if (days === 0) return new Set<string>()
  const { rows } = await sql<{ address: string }>`
    select distinct m.address from messages m
     where m.tenant_id = ${scope.tenantId} and m.outlet_id = ${pharmacy.id} and m.kind = ${kind} and m.address = any(${reaches}) and m.purpose = any(${PURPOSES})
       and m.state = any(${MAY_HAVE_GONE}) and m.customer_id is not null and not m.customer_id = any(${[...ids]}::bigint[])
       and (coalesce(m.sent_at, m.created_at) at time zone ${scope.tenant.timezone})::date > ${scope.today}::date - ${days}::int`.execute(
    scope.db,
  )
  return new Set(rows.map(({ address }) => address))
}

/**
 * Everybody a choice names, each judged by the gates as things stand now: the current report, money that came since, promises,
 * disputes, refusals. Ids that are not on the list are told apart: gone from it is paid, and nobody's is unknown.
 */
export async function candidatesOf(
  scope: Scope,
  pharmacy: OpenPharmacy,
  input: {
    kind: Kind
    choice: Choice
    buckets: readonly Bucket[]
    channel: Channel | null
    at?: Date
  },
): Promise<Candidate[]> {
  const { kind, choice, buckets, channel } = input
  // Gates ask what is so, not what the caller may see.
  return scope.overAllRows(async () => {
    const found = await chosenRows(scope, pharmacy, choice)
    const listed = found.map((row) => ({
      row,
      owed: buckets.reduce((sum, bucket) => sum + BigInt(row[bucket]), 0n),
    }))
    const least = fromWireNumber(choice.filters?.min_amount ?? 0, scope.tenant.currency) ?? 0n
    const rules = await rulesOf(scope, pharmacy.id)
    const rows = least > 0n ? listed.filter(({ owed }) => owed >= least) : listed
    const { country } = scope.tenant
    const reached = rows.map(({ row }) => ({
      email: addressOf('email', row.email ?? '', country),
      sms: addressOf('sms', row.phone ?? '', country),
    }))
    const plain = rows.map(({ row }) => row)
    const [more, suppressed, earlier] = await Promise.all([
      moreOf(scope, kind, plain, rules.repeat_days),
      suppressedOf(scope, reached),
      earlierReached(
        scope,
        pharmacy,
        kind,
        reached.map((each) => each[kind]),
        plain.map(({ id }) => id),
        rules.repeat_days,
      ),
    ])
    const facts = rows.map(({ row, owed }, n): Facts => {
      const known = more.get(row.id)!
      const reach = reached[n]!
      const own = suppressed.get(`${kind} ${reach[kind]}`)
      const other = suppressed.get(kind === 'email' ? `sms ${reach.sms}` : `email ${reach.email}`)
      return {
        id: row.id,
        kind,
        address: kind === 'email' ? row.email : row.phone,
        reach: reach[kind],
        is_medical_aid: row.is_medical_aid_control,
        is_control: row.is_control && !row.is_medical_aid_control,
        suppressed: own ?? (other === 'opted_out' ? other : null),
        owed,
        paid_since: BigInt(known.paid_since),
        disputed: BigInt(known.disputed),
        promised_until: known.promised_until,
        blocked_until: known.blocked_until,
        reminded_on: known.reminded_on,
      }
    })
    const leaves = channel?.provider !== 'outbox'
    const judged = judge(facts, gateRules(scope, rules, leaves, input.at), earlier)
    const candidates = rows.map(({ row }, n): Candidate => {
      const { owed, paid_since, disputed, address } = facts[n]!
      const left = owed - paid_since - disputed
      return {
        id: row.id,
        acc_no: row.acc_no,
        name: row.name,
        address,
        amount: left > 0n ? left : 0n,
        balance: BigInt(row.balance),
        stops: judged[n]!.stops,
      }
    })
    return choice.debtor_ids
      ? [...candidates, ...(await absentOf(scope, pharmacy, choice.debtor_ids, candidates))]
      : candidates
  })
}

async function absentOf(
  scope: Scope,
  pharmacy: OpenPharmacy,
  ids: readonly number[],
  present: readonly Candidate[],
): Promise<Candidate[]> {
  const seen = new Set(present.map(({ id }) => id))
  const absent = [...new Set(ids)].filter((id) => !seen.has(id))
  if (absent.length === 0) return []
  const { rows } = await sql<{ id: number; acc_no: string; name: string }>`
    select c.id, coalesce(c.code, '') as acc_no, c.name from customers c
     where c.tenant_id = ${scope.tenantId} and c.outlet_id = ${pharmacy.id} and c.id = any(${absent}) and not c.retracted`.execute(
    scope.db,
  )
  const known = new Map(rows.map((row) => [row.id, row]))
  return absent.map((id) => {
    const row = known.get(id)
    const stop: Stop = row
      ? { gate: 'paid', text: 'Not on the current report any more', until: null }
      : { gate: 'unknown', text: 'Debtor not found at this pharmacy', until: null }
    return {
      id,
      acc_no: row?.acc_no ?? '',
      name: row?.name ?? '',
      address: null,
      amount: 0n,
      balance: 0n,
      stops: [stop],
    }
  })
}

/** Debtors named by id are all this pharmacy's, on its current report or once on one. */
export async function requireDebtors(scope: Scope, { id }: OpenPharmacy, ids: readonly number[]) {
  const wanted = [...new Set(ids)]
  const { rows } = await sql<{ id: number }>`
    select c.id from customers c
     where c.tenant_id = ${scope.tenantId} and c.outlet_id = ${id} and c.id = any(${wanted}) and not c.retracted`.execute(
    scope.db,
  )
  const known = new Set(rows.map((row) => row.id))
  const missing = wanted.find((each) => !known.has(each))
  if (missing !== undefined) throw notFound(`Debtor ${missing}`)
}

export const isUnknown = ({ stops }: Pick<Candidate, 'stops'>): boolean => stops[0]?.gate === 'unknown'
/** Who could be reminded at all: accounts of persons. */
export const isEligible = ({ stops }: Pick<Candidate, 'stops'>): boolean =>
  !stops.some(({ gate }) => gate === 'unknown' || gate === 'medical_aid')
/** The requested buckets that count as arrears; the others are no part of a reminder. */
export const arrearsIn = (buckets: readonly string[]): Bucket[] =>
  ARREARS.filter((bucket) => buckets.includes(bucket))
