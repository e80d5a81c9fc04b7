import { type RawBuilder, sql } from 'kysely'
import { type Issue, Refusal } from '../../core/errors.ts'
import { decimalText, exponentOf, fromWireNumber } from '../../core/money.ts'
import { likeText } from '../../core/schema.ts'
import type { Scope } from '../../core/scope.ts'
import { disputedAsOf } from '../collections/disputes/as-of.ts'
import { promiseVerdicts } from '../collections/promises/verdict.ts'
import { ledgerSpan, since } from './ageing.ts'
import { endOf, invoicesAsKnown } from './known.ts'
import { buckets, codeKey, undated } from './rules.ts'
import type { InvoiceFilters } from './schemas.ts'
import { statedPlaces } from './stated-bands.ts'

type Sql = RawBuilder<unknown>

/** The invoices that filters mean, with their balances of a day, as pieces of SQL over `invoices i`. */
export type InvoiceView = {
  day: string
  from: Sql
  open: Sql
  overdue: Sql
  /** Which bucket, counting from 0; null where nothing is owed or no date is known. */
  place: Sql
  status: Sql
  disputed: Sql
  where: Sql
  /** The same without the choice of buckets, for counting each of them. */
  whereAnyBucket: Sql
}

export async function invoiceView(scope: Scope, query: InvoiceFilters): Promise<InvoiceView> {
  const { known_on } = query
  const day = query.as_of ?? known_on ?? scope.today
  const edges = scope.tenant.ageing_buckets
  const span = query.as_of ? await ledgerSpan(scope) : null
  // Wound back by what took effect since; `e.amount` is null for most invoices.
  const isPast = known_on !== undefined || (span?.last != null && span.last > day)
  const open = isPast ? sql`(i.open_amount - coalesce(e.amount, 0))` : sql`i.open_amount`
  const overdue = sql`(case when ${open} > 0 then ${day}::date - i.aged_from end)`
  const days =
    query.basis === 'invoice' ? sql`(case when ${open} > 0 then ${day}::date - i.invoice_date end)` : overdue
  const dated = sql`width_bucket(${days}, ${sql.raw(`array[1, ${edges.map((edge) => edge + 1).join(', ')}]`)})`
  const stated = await statedPlaces(scope)
  const place = stated ? sql`coalesce(${dated}, case when ${open} > 0 then ${stated} end)` : dated
  // Of a past day: `d.amount` is null for most invoices.
  const wasDisputed = day < scope.today || known_on !== undefined
  const disputed = wasDisputed ? sql`(d.amount is not null)` : sql`i.is_disputed`
  const status = sql`case when ${open} = 0 then 'paid' when ${open} < 0 then 'credit' when ${disputed} then 'disputed'
                          when ${open} < i.amount then 'partial' else 'open' end`
  const from = sql`
    from ${invoicesAsKnown(scope, known_on)} i
    ${
      isPast
        ? sql`left join (${
            known_on
              ? since(scope, day, known_on)
              : sql`select invoice_id, sum(amount)::bigint as amount from invoice_entries
                     where tenant_id = ${scope.tenantId} and effective_on > ${day} group by invoice_id`
          }) e on e.invoice_id = i.id`
        : sql``
    }
    ${wasDisputed ? sql`left join (${disputedAsOf(scope, day, known_on ? endOf(scope, known_on) : undefined)}) d on d.invoice_id = i.id` : sql``}`

  const conditions = [sql`i.tenant_id = ${scope.tenantId}`, ...fieldConditions(scope, query, open, disputed)]
  if (query.as_of || known_on) conditions.push(sql`(i.invoice_date is null or i.invoice_date <= ${day})`)
  // An invoice was known once something about it was recorded.
  if (known_on)
    conditions.push(
      sql`exists (select from invoice_entries k where k.tenant_id = ${scope.tenantId} and k.invoice_id = i.id and k.recorded_at < ${endOf(scope, known_on)})`,
    )
  if (query.status) {
    const each = query.status.map((said) =>
      said === 'unpaid'
        ? sql`${open} <> 0`
        : said === 'overdue'
          ? sql`${overdue} > 0`
          : sql`${status} = ${said}`,
    )
    conditions.push(sql`(${sql.join(each, sql` or `)})`)
  }
  // A retracted invoice owes nothing on any day: what asks for open amounts leaves it out already.
  // One that was taken back since was owed before that was known.
  if (!query.bucket && (!query.status || query.status.includes('paid')))
    conditions.push(
      sql`(not exists (select from invoices gone where gone.tenant_id = ${scope.tenantId} and gone.id = i.id and gone.retracted)
           ${known_on ? sql`or ${open} <> 0` : sql``})`,
    )
  const all = (those: Sql[]) => sql`where ${sql.join(those, sql` and `)}`
  const basis = query.basis === 'invoice' ? sql`i.invoice_date` : sql`i.aged_from`
  return {
    day,
    from,
    open,
    overdue,
    place,
    status,
    disputed,
    where: all(
      query.bucket
        ? [
            ...conditions,
            bucketCondition(query.bucket, edges, { place, open, basis: stated ? place : basis }),
          ]
        : conditions,
    ),
    whereAnyBucket: all(conditions),
  }
}

/** Conditions on one field each. */
function fieldConditions(scope: Scope, query: InvoiceFilters, open: Sql, disputed: Sql): Sql[] {
  const { tenantId } = scope
  const conditions: Sql[] = []
  // Amounts are of one currency.
  const isByAmount = query.amount_min !== undefined || query.amount_max !== undefined
  const currency = query.currency ?? (isByAmount ? scope.tenant.currency : undefined)
  if (currency) conditions.push(sql`i.currency = ${currency}`)
  if (query.amount_min !== undefined)
    conditions.push(sql`${open} >= ${minor('amount_min', query.amount_min, currency!)}`)
  if (query.amount_max !== undefined)
    conditions.push(sql`${open} <= ${minor('amount_max', query.amount_max, currency!)}`)
  if (query.customer_id) conditions.push(sql`i.customer_id = ${query.customer_id}`)
  if (query.region_id !== undefined) conditions.push(sql`i.region_key = ${query.region_id}`)
  if (query.assigned_to !== undefined) conditions.push(sql`i.assigned_key = ${query.assigned_to}`)
  if (query.unassigned !== undefined)
    conditions.push(query.unassigned ? sql`i.assigned_key = 0` : sql`i.assigned_key <> 0`)
  if (query.disputed !== undefined) conditions.push(sql`${disputed} = ${query.disputed}`)
  if (query.contradicted !== undefined)
    conditions.push(
      sql`${query.contradicted ? sql`` : sql`not`} i.id in (
        select b.id from invoices b where b.tenant_id = ${scope.tenantId} and b.by_hand and b.contradicted_on is not null
           and b.kept_unconfirmed is distinct from b.unconfirmed)`,
    )
  if (query.due_from) conditions.push(sql`i.due_date >= ${query.due_from}`)
  if (query.due_to) conditions.push(sql`i.due_date <= ${query.due_to}`)
  if (query.import_id || query.import_outcome) {
    const outcomes = query.import_outcome ?? ['new', 'changed', 'unchanged', 'older', 'missing']
    conditions.push(sql`i.id in (
      select r.invoice_id from import_rows r join imports m on m.tenant_id = ${tenantId} and m.id = r.import_id and m.status = 'published'
       where r.tenant_id = ${tenantId} ${query.import_id ? sql`and r.import_id = ${query.import_id}` : sql``}
         and r.outcome = any(${outcomes}) and r.invoice_id is not null)`)
  }
  if (query.promise) conditions.push(promiseCondition(scope, query.promise, query.as_of))
  if (query.promised_from || query.promised_to)
    conditions.push(sql`i.id in (
      select pi.invoice_id from promise_invoices pi join promises p on p.tenant_id = ${tenantId} and p.id = pi.promise_id
       where pi.tenant_id = ${tenantId} and pi.is_active
         ${query.promised_from ? sql`and p.promised_on >= ${query.promised_from}` : sql``}
         ${query.promised_to ? sql`and p.promised_on <= ${query.promised_to}` : sql``})`)
  const ofCustomers = (like: string) => sql`i.customer_id in (
    select c.id from customers c where c.tenant_id = ${tenantId} and (c.name ilike ${like} or c.code ilike ${like}))`
  if (query.customer) conditions.push(ofCustomers(likeText(query.customer)))
  if (query.search)
    conditions.push(
      sql`(i.number_key like ${likeText(codeKey(query.search))} or ${ofCustomers(likeText(query.search))})`,
    )
  return conditions
}

/** By what came of the promise that an invoice has: the active one, as of the day. */
function promiseCondition(
  scope: Scope,
  wanted: NonNullable<InvoiceFilters['promise']>,
  as_of = scope.today,
): Sql {
  const { tenantId } = scope
  const active = sql`select pi.invoice_id from promise_invoices pi where pi.tenant_id = ${tenantId} and pi.is_active`
  if (wanted === 'any') return sql`i.id in (${active})`
  if (wanted === 'none')
    return sql`not exists (select from promise_invoices pi where pi.tenant_id = ${tenantId} and pi.invoice_id = i.id and pi.is_active)`
  return sql`i.id in (
    select pi.invoice_id
      from (${promiseVerdicts(scope, { as_of, which: sql`p.state = 'active'` })}) v
      join promise_invoices pi on pi.tenant_id = ${tenantId} and pi.promise_id = v.promise_id and pi.is_active
     where ${wanted === 'waiting' ? sql`v.is_waiting` : sql`v.verdict = ${wanted}`})`
}

function minor(path: string, value: number, currency: string): number {
  const amount = fromWireNumber(value, currency)
  if (amount !== undefined) return Number(amount)
  throw wrong({
    path,
    code: 'invalid_amount',
    message: `Not an amount in ${currency}: at most ${exponentOf(currency)} decimals, such as ${decimalText(1050, currency)}.`,
  })
}

function bucketCondition(
  said: string,
  edges: readonly number[],
  { place, open, basis }: { place: Sql; open: Sql; basis: Sql },
): Sql {
  const shown = buckets(edges)
  const each = said.split(',').map((name) => {
    const wanted = name.trim()
    if (wanted === undated.bucket) return sql`${open} > 0 and ${basis} is null`
    const at = shown.findIndex(({ bucket }) => bucket === wanted)
    if (at >= 0) return sql`${place} = ${at}`
    const names = [...shown, undated].map(({ bucket }) => bucket).join(', ')
    throw wrong({
      path: 'bucket',
      code: 'unknown_bucket',
      message: `There is no bucket ${wanted}. Buckets are: ${names}.`,
      short: `One of: ${names}.`,
    })
  })
  return sql`(${sql.join(each, sql` or `)})`
}

const wrong = ({
  path,
  code,
  message,
  short,
}: {
  path: string
  code: string
  message: string
  short?: string
}) => {
  const issue: Issue = { in: 'query', path, message: short ?? message, code }
  return new Refusal(422, code, message, { issues: [issue] })
}
