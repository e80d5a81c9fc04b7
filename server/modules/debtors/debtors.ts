import { type RawBuilder, sql } from 'kysely'
import { invalidField } from '../../core/errors.ts'
import { exponentOf, minorUnits, wireNumber } from '../../core/money.ts'
import { likeText } from '../../core/schema.ts'
import type { Scope } from '../../core/scope.ts'
import type { OpenPharmacy } from './pharmacies.ts'
import { BUCKETS, type Bucket } from './report/types.ts'
import type { DebtorFilters, DebtorQuery, DetailedDebtor, sortColumns } from './schemas.ts'

// The accounts of a pharmacy: those of its current report, or of an earlier one, or, while there is none, its customers with open invoices.

export type Source = { report_id: number | null; rows: RawBuilder<unknown> }

/** Where the debtors come from, as table `b`, each a row. A report other than the current one is given by its id. */
export function debtorsOf(scope: Scope, pharmacy: OpenPharmacy, reportId = pharmacy.report_id): Source {
  if (reportId === null) return { report_id: null, rows: fromInvoices(scope, pharmacy) }
  return {
    report_id: reportId,
    // Named as a range of the key: the table alone, without a subquery in between.
    rows: sql`(select * from debtor_balances where tenant_id = ${scope.tenantId} and outlet_id = ${pharmacy.id} and report_id = ${reportId})`,
  }
}

/**
 * Open invoices by how long they are overdue. A bucket is named for the days that have surely passed, so that nobody is told of sixty days
 * before they have: 1 to 59 days are `d30`, 60 to 89 `d60`; credits and what is not due are current.
 */
function fromInvoices({ tenantId, tenant, today }: Scope, pharmacy: OpenPharmacy) {
  const late = sql`(case when i.open_amount > 0 then ${today}::date - i.aged_from else 0 end)`
  const between = (from: number, to: number | null) =>
    sql`coalesce(sum(i.open_amount) filter (where ${late} >= ${from}${to === null ? sql`` : sql` and ${late} < ${to}`}), 0)::bigint`
  return sql`(
    select o.*, o.d60 + o.d90 + o.d120 + o.d150 + o.d180 as arrears,
           concat_ws(E'\n', o.name_key, lower(o.acc_no), lower(o.email), o.phone) as search_key from (
      select c.id as customer_id, null::bigint as report_id, coalesce(c.code, '') as acc_no, c.name, lower(c.name) collate "C" as name_key,
             coalesce(sum(i.open_amount) filter (where coalesce(${late}, 0) <= 0), 0)::bigint as current,
             ${between(1, 60)} as d30, ${between(60, 90)} as d60, ${between(90, 120)} as d90, ${between(120, 150)} as d120,
             ${between(150, 180)} as d150, ${between(180, null)} as d180, sum(i.open_amount)::bigint as balance,
             c.email, c.phone, null::text as stated_email, null::text as stated_phone, false as is_medical_aid_control, false as is_control,
             null::text as sub_of, null::int as page, null::int as line, null::real as confidence, '{}'::text[] as notes
        from invoices i join customers c on c.tenant_id = ${tenantId} and c.id = i.customer_id and not c.retracted
       where i.tenant_id = ${tenantId} and i.currency = ${tenant.currency} and i.open_amount <> 0 and not i.retracted
         and coalesce(c.outlet_id, i.outlet_id) = ${pharmacy.id}
       group by c.tenant_id, c.id) o)`
}

/** Invoices follow other rules of who sees what: whoever may read the pharmacy sees what its customers owe. */
const read = <T>(scope: Scope, source: Source, work: () => Promise<T>) =>
  source.report_id === null ? scope.overAllRows(work) : work()

/** An amount to compare with, cut to the currency's decimals: above 100.005 is above 100.00 in cents. */
export function comparedWith(value: number, currency: string, field = 'min_balance'): bigint {
  const [whole, decimals = ''] = value.toFixed(6).split('.') as [string, string?]
  const exponent = exponentOf(currency)
  const minor = minorUnits(exponent ? `${whole}.${decimals.slice(0, exponent)}` : whole, currency)
  if (minor === undefined) throw invalidField(field, 'An amount, such as 100 or 99.50.')
  return minor
}

type Choice = Omit<DebtorFilters, 'ageing_buckets'> & {
  ageing_buckets?: string | readonly string[] | null | undefined
  debtor_ids?: readonly number[] | null | undefined
}

/** The buckets of a list of names; those it does not know are left out, as the document's clients send more. */
export const knownBuckets = (names: string | readonly string[] | null | undefined): Bucket[] => {
  const words = new Set(
    (typeof names === 'string' ? names.split(',') : (names ?? [])).map((each) => each.trim()),
  )
  return BUCKETS.filter((bucket) => words.has(bucket))
}

export function conditionsOf(scope: Scope, query: { [key in keyof Choice]?: Choice[key] | null }) {
  const conditions: RawBuilder<unknown>[] = []
  if (query.exclude_medical_aid ?? true) conditions.push(sql`not b.is_medical_aid_control`)
  if (query.debtor_ids) conditions.push(sql`b.customer_id = any(${[...query.debtor_ids]}::bigint[])`)
  if (query.min_balance !== undefined && query.min_balance !== null)
    conditions.push(sql`b.arrears > ${comparedWith(query.min_balance, scope.tenant.currency)}`)
  const buckets = knownBuckets(query.ageing_buckets)
  // All seven ask for nothing: who owes nothing at all is shown too.
  if (buckets.length > 0 && buckets.length < BUCKETS.length)
    conditions.push(
      sql`(${sql.join(
        buckets.map((bucket) => sql`b.${sql.ref(bucket)} > 0`),
        sql` or `,
      )})`,
    )
  for (const column of ['email', 'phone'] as const) {
    const wanted = query[`has_${column}`]
    if (wanted !== undefined && wanted !== null)
      conditions.push(sql`b.${sql.ref(column)} is ${wanted ? sql`not null` : sql`null`}`)
  }
  if (query.document_page) conditions.push(sql`b.page = ${query.document_page}`)
  if (query.search) conditions.push(sql`b.search_key like ${likeText(query.search.toLowerCase())}`)
  return conditions
}

const where = (conditions: RawBuilder<unknown>[]) =>
  conditions.length > 0 ? sql`where ${sql.join(conditions, sql` and `)}` : sql``

type Sort = (typeof sortColumns)[number]
export function orderOf(sort_by: Sort | null | undefined, sort_order: 'asc' | 'desc' | null | undefined) {
  const by = sort_by ?? 'balance'
  const isText = by === 'name' || by === 'acc_no' || by === 'email' || by === 'phone'
  const order = sort_order ?? (isText ? 'asc' : 'desc')
  const column = sql.ref(`b.${by === 'name' ? 'name_key' : by}`)
  // The order of the index: amounts fall while ids rise, names rise with them.
  const ties = isText ? order : order === 'desc' ? 'asc' : 'desc'
  const nulls = by === 'email' || by === 'phone' ? sql`nulls last` : sql``
  return sql`${column} ${sql.raw(order)} ${nulls}, b.customer_id ${sql.raw(ties)}`
}

export type DebtorRow = Record<Bucket | 'balance' | 'arrears', number> & {
  id: number
  report_id: number | null
  acc_no: string
  name: string
  email: string | null
  phone: string | null
  stated_email: string | null
  stated_phone: string | null
  is_medical_aid_control: boolean
  is_control: boolean
  sub_of: string | null
  page: number | null
  line: number | null
  confidence: number | null
  notes: string[]
  created_at: string
  updated_at: string
  version: number
  email_by_hand: boolean
  phone_by_hand: boolean
}

const listed = sql`b.customer_id as id, b.report_id, b.acc_no, b.name, b.current, b.d30, b.d60, b.d90, b.d120, b.d150, b.d180, b.balance, b.arrears,
  b.email, b.phone, b.stated_email, b.stated_phone, b.is_medical_aid_control, b.is_control, b.sub_of, b.page, b.line, b.confidence, b.notes`

/** Rows of the source with what the account itself knows; `chosen` has decided which, and orders them. */
const withAccount = (scope: Scope, chosen: RawBuilder<unknown>, order: RawBuilder<unknown>) => sql<DebtorRow>`
  select ${listed}, c.created_at, greatest(c.updated_at, r.uploaded_at) as updated_at, c.version, c.email_by_hand, c.phone_by_hand
    from (${chosen}) b
    join customers c on c.tenant_id = ${scope.tenantId} and c.id = b.customer_id
    left join debtor_reports r on r.tenant_id = ${scope.tenantId} and r.id = b.report_id
   order by ${order}`

/** Those that the filters find, all of them or a page. */
export async function debtorRows(
  scope: Scope,
  pharmacy: OpenPharmacy,
  query: Parameters<typeof conditionsOf>[1] & {
    sort_by?: Sort | null | undefined
    sort_order?: 'asc' | 'desc' | null | undefined
  },
  options: { report_id?: number | null; limit?: number; offset?: number } = {},
): Promise<DebtorRow[]> {
  const source = debtorsOf(scope, pharmacy, options.report_id ?? undefined)
  const order = orderOf(query.sort_by, query.sort_order)
  const limit =
    options.limit === undefined ? sql`` : sql`limit ${options.limit} offset ${options.offset ?? 0}`
  const chosen = sql`select b.* from ${source.rows} b ${where(conditionsOf(scope, query))} order by ${order} ${limit}`
  const { rows } = await read(scope, source, () => withAccount(scope, chosen, order).execute(scope.db))
  return rows
}

const BATCH = 1_000

/** Every debtor that the filters find, by a cursor that the transaction keeps open. */
export async function* eachDebtor(
  scope: Scope,
  pharmacy: OpenPharmacy,
  query: Parameters<typeof debtorRows>[2],
  reportId?: number,
): AsyncGenerator<DebtorRow> {
  const source = debtorsOf(scope, pharmacy, reportId)
  if (source.report_id === null) await scope.seeAllRows()
  await sql`
    declare every_debtor no scroll cursor for
    select ${listed} from ${source.rows} b ${where(conditionsOf(scope, query))}
     order by ${orderOf(query.sort_by, query.sort_order)}`.execute(scope.db)
  for (;;) {
    const { rows } = await sql<DebtorRow>`fetch ${sql.raw(String(BATCH))} from every_debtor`.execute(scope.db)
    yield* rows
    if (rows.length < BATCH) return
  }
}

export async function listDebtors(
  scope: Scope,
  pharmacy: OpenPharmacy,
  query: DebtorQuery,
  reportId?: number,
) {
  const { page, per_page } = query
  const options = {
    ...(reportId === undefined ? {} : { report_id: reportId }),
    limit: per_page,
    offset: (page - 1) * per_page,
  }
  const [rows, total] = await read(scope, debtorsOf(scope, pharmacy, reportId), () =>
    Promise.all([debtorRows(scope, pharmacy, query, options), countOf(scope, pharmacy, query, reportId)]),
  )
  const wire = query.details ? detailedDebtor : wireDebtor
  return {
    total,
    page,
    per_page,
    pages: Math.ceil(total / per_page),
    debtors: rows.map((row) => wire(scope, pharmacy, row)),
  }
}

type Totals = Record<Bucket | 'balance', number> & { accounts: number }
export type StoredTotals = { all: Totals; listed: Totals }

/** What nobody filters was counted when the report was stored. */
async function storedTotals(scope: Scope, reportId: number): Promise<StoredTotals | undefined> {
  const { rows } = await sql<{ totals: StoredTotals }>`
    select totals from debtor_reports where tenant_id = ${scope.tenantId} and id = ${reportId}`.execute(
    scope.db,
  )
  return rows[0]?.totals
}

async function countOf(
  scope: Scope,
  pharmacy: OpenPharmacy,
  query: Parameters<typeof conditionsOf>[1],
  reportId?: number,
): Promise<number> {
  const source = debtorsOf(scope, pharmacy, reportId)
  const conditions = conditionsOf(scope, query)
  const all = query.exclude_medical_aid === false
  if (source.report_id !== null && conditions.length === (all ? 0 : 1)) {
    const totals = await storedTotals(scope, source.report_id)
    if (totals) return (all ? totals.all : totals.listed).accounts
  }
  const { rows } = await read(scope, source, () =>
    sql<{ n: number }>`select count(*)::int as n from ${source.rows} b ${where(conditions)}`.execute(
      scope.db,
    ),
  )
  return rows[0]!.n
}

export const summed = (rows: RawBuilder<unknown>, conditions: RawBuilder<unknown>[]) => sql<Totals>`
  select count(*)::int as accounts, ${sql.join(
    [...BUCKETS, 'balance'].map(
      (column) => sql`coalesce(sum(b.${sql.ref(column)}), 0)::bigint as ${sql.ref(column)}`,
    ),
  )} from ${rows} b ${where(conditions)}`

export async function statistics(
  scope: Scope,
  pharmacy: OpenPharmacy,
  query: DebtorFilters,
  reportId?: number,
) {
  const source = debtorsOf(scope, pharmacy, reportId)
  const conditions = conditionsOf(scope, query)
  const all = query.exclude_medical_aid === false
  const stored =
    source.report_id !== null && conditions.length === (all ? 0 : 1)
      ? await storedTotals(scope, source.report_id)
      : undefined
  const { accounts, balance, ...buckets } = stored
    ? all
      ? stored.all
      : stored.listed
    : (await read(scope, source, () => summed(source.rows, conditions).execute(scope.db))).rows[0]!
  const money = (minor: number) => wireNumber(minor, scope.tenant.currency)
  return {
    total_accounts: accounts,
    total_outstanding: money(balance),
    ...(Object.fromEntries(BUCKETS.map((bucket) => [bucket, money(buckets[bucket])])) as Record<
      Bucket,
      number
    >),
  }
}

/** The document's object. */
export function wireDebtor(scope: Scope, pharmacy: OpenPharmacy, row: DebtorRow) {
  const money = (minor: number) => wireNumber(minor, scope.tenant.currency)
  return {
    id: row.id,
    pharmacy_id: pharmacy.id,
    report_id: row.report_id,
    acc_no: row.acc_no,
    name: row.name,
    current: money(row.current),
    d30: money(row.d30),
    d60: money(row.d60),
    d90: money(row.d90),
    d120: money(row.d120),
    d150: money(row.d150),
    d180: money(row.d180),
    balance: money(row.balance),
    email: row.email,
    phone: row.phone,
    is_medical_aid_control: row.is_medical_aid_control,
    created_at: row.created_at,
    updated_at: row.updated_at,
  }
}

/** With what our own pages show beside it. */
export const detailedDebtor = (scope: Scope, pharmacy: OpenPharmacy, row: DebtorRow): DetailedDebtor => ({
  ...wireDebtor(scope, pharmacy, row),
  arrears: wireNumber(row.arrears, scope.tenant.currency),
  version: row.version,
  email_by_hand: row.email_by_hand,
  phone_by_hand: row.phone_by_hand,
  stated_email: row.stated_email,
  stated_phone: row.stated_phone,
  is_control: row.is_control,
  sub_of: row.sub_of,
  page: row.page,
  line: row.line,
  confidence: row.confidence,
  notes: row.notes,
})
