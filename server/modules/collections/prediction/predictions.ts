import { sql } from 'kysely'
import { addDays, dayNumber } from '../../../core/dates.ts'
import { wireNumber } from '../../../core/money.ts'
import type { Scope } from '../../../core/scope.ts'
import { type BackTest, backTest } from './back-test.ts'
import { expectedCash, type Owed, testForecast } from './forecast.ts'
import { type Dated, type Known, walk } from './history.ts'
import { type Model, predict, train } from './model.ts'
import type { ForecastQuery } from './schemas.ts'

/** The newest invoices say most; so many train in a few seconds. */
const HISTORY_MAX = 200_000
/** The back-test asks about the invoices of so many days. */
const TEST_DAYS = 180
const BATCH = 10_000

const dayOf = (number: number) => addDays('1970-01-01', number)

/** Invoices with both their days, as the ledger says they were paid. All of them, whoever asks: habits are no one's secret. */
export async function datedInvoices(scope: Scope, currency?: string): Promise<Dated[]> {
  const { rows } = await scope.overAllRows(() =>
    sql<{ packed: [number, number, number, number | null, number][] }>`
    select coalesce(json_agg(json_build_array(customer_id, issued, due, settled, amount)), '[]') as packed
      from (select i.customer_id, i.invoice_date - date '1970-01-01' as issued, i.aged_from - date '1970-01-01' as due, i.amount,
                   case when i.open_amount = 0 and isfinite(i.last_on) then i.last_on - date '1970-01-01' end as settled
              from invoices i
             where i.tenant_id = ${scope.tenantId} and not i.retracted and i.amount > 0 and i.document_type = 'invoice'
               and i.invoice_date is not null ${currency ? sql`and i.currency = ${currency}` : sql``}
             order by i.invoice_date desc limit ${HISTORY_MAX}) newest`.execute(scope.db),
  )
  return rows[0]!.packed.map(([customer, issued, due, settled, amount]) => ({
    customer,
    issued,
    due,
    settled,
    amount,
  }))
}

/** Learns anew from the books, and tests what was learned on the invoices of the last half year. */
export async function refreshPredictions(scope: Scope): Promise<void> {
  const { tenantId } = scope
  const invoices = await datedInvoices(scope)
  const today = dayNumber(scope.today)
  const model = train(invoices, today)
  const test = backTest(invoices, today - TEST_DAYS, today)
  await sql`
    insert into prediction_models (tenant_id, trained_on, invoices, model, back_test, updated_at)
    values (${tenantId}, ${scope.today}, ${model?.invoices ?? 0}, ${model ? JSON.stringify(model) : null}::jsonb,
            ${test ? JSON.stringify(test) : null}::jsonb, ${scope.now})
    on conflict (tenant_id) do update set trained_on = excluded.trained_on, invoices = excluded.invoices, model = excluded.model,
      back_test = excluded.back_test, updated_at = excluded.updated_at`.execute(scope.db)
  await sql`delete from customer_habits where tenant_id = ${tenantId}`.execute(scope.db)
  if (!model) return
  const known = walk(invoices, today)
  const customers = [...new Set(invoices.map(({ customer }) => customer))]
  for (let at = 0; at < customers.length; at += BATCH) {
    const habits = customers.slice(at, at + BATCH).map((customer) => habitsOf(model, known, customer))
    await sql`
      insert into customer_habits (tenant_id, customer_id, log_odds, days_late, recently, ever, invoices, late)
      select ${tenantId}, h.* from jsonb_to_recordset(${JSON.stringify(habits)}::jsonb)
        as h(customer_id bigint, log_odds double precision, days_late double precision, recently double precision, ever double precision, invoices int, late int)`.execute(
      scope.db,
    )
  }
}

function habitsOf(model: Model, known: Known, customer: number) {
  const usual = predict(model, { customer, amount: Math.exp(model.size) - 1 }, known)
  const { ever } = known.of(customer)
  return {
    customer_id: customer,
    log_odds: Math.log(usual.probability / (1 - usual.probability)),
    days_late: usual.days_late,
    recently: usual.reasons.recently,
    ever: usual.reasons.ever,
    invoices: ever.weight,
    late: ever.late,
  }
}

type Stored = { trained_on: string; invoices: number; model: Model | null; back_test: BackTest | null }

async function stored(scope: Scope): Promise<Stored | undefined> {
  const { rows } = await sql<Stored>`
    select trained_on, invoices, model, back_test from prediction_models where tenant_id = ${scope.tenantId}`.execute(
    scope.db,
  )
  return rows[0]
}

/** How well late payment is predicted, beside what the customers' history alone would say. */
export async function getPredictionQuality(scope: Scope) {
  const found = await stored(scope)
  const test = found?.back_test ?? null
  return {
    trained_on: found?.trained_on ?? null,
    invoices: found?.invoices ?? 0,
    back_test: test && {
      from: dayOf(test.from),
      trained_on_invoices: test.trained_on,
      ours: test.ours,
      customer_history: test.customer_history,
    },
  }
}

/** Cash that is expected in the coming weeks, of what the caller sees, with what the same forecast would have said of the past. */
export async function getForecast(scope: Scope, query: ForecastQuery) {
  const currency = query.currency ?? scope.tenant.currency
  const today = dayNumber(scope.today)
  const found = await stored(scope)
  const open = await owed(scope, currency)
  const money = (minor: number) => wireNumber(BigInt(Math.round(minor)), currency)
  const sum = (amounts: number[]) => amounts.reduce((all, amount) => all + amount, 0)
  const facts = {
    as_of: scope.today,
    currency,
    open_amount: money(sum(open.items.map(({ amount }) => amount)) + open.disputed),
    disputed: money(open.disputed),
  }
  if (!found?.model) return { ...facts, weeks: [], later: null, past: [] }
  const invoices = await datedInvoices(scope, currency)
  const { weeks, later } = expectedCash(found.model, walk(invoices, today), open.items, today, query.weeks)
  const days = Array.from({ length: 6 }, (_, at) => today - 28 * (6 - at))
  return {
    ...facts,
    weeks: weeks.map((week) => ({
      from: dayOf(week.from),
      to: dayOf(week.from + 6),
      p50: money(week.p50),
      p80: money(week.p80),
      promised: money(week.promised),
    })),
    later: money(later),
    past: testForecast(invoices, days).map((each) => ({
      from: dayOf(each.from),
      to: dayOf(each.from + 27),
      expected: money(each.expected),
      safe: money(each.safe),
      came: money(each.came),
    })),
  }
}

type Open = {
  customer: number
  due: number
  amount: number
  size: number
  disputed: number
  promised: number | null
  day: number | null
}

/** What is open in one currency, apart from what is disputed, with the promise that is in force for it. */
async function owed(scope: Scope, currency: string): Promise<{ items: Owed[]; disputed: number }> {
  const { tenantId, today } = scope
  const [{ rows }, kept] = await Promise.all([
    sql<Open>`
      select i.customer_id as customer, coalesce(i.aged_from, i.invoice_date, ${today}::date) - date '1970-01-01' as due, i.open_amount as amount, i.amount as size,
             case when i.stated_disputed then i.open_amount else least(i.disputed_by_hand, i.open_amount) end as disputed,
             p.amount as promised, p.promised_on - date '1970-01-01' as day
        from invoices i
        left join (select pi.invoice_id, pi.amount, p.promised_on
                     from promise_invoices pi join promises p on p.tenant_id = ${tenantId} and p.id = pi.promise_id
                    where pi.tenant_id = ${tenantId} and pi.is_active and p.deadline >= ${today} and p.undone_at is null) p on p.invoice_id = i.id
       where i.tenant_id = ${tenantId} and i.currency = ${currency} and i.open_amount > 0`.execute(scope.db),
    keptShare(scope),
  ])
  const items = rows.map(({ customer, due, amount, size, disputed, promised, day }): Owed => {
    const promise =
      promised !== null && day !== null ? { day, amount: promised, kept: kept(customer) } : undefined
    return { customer, due, amount: amount - disputed, size, promise }
  })
  return {
    items: items.filter(({ amount }) => amount > 0),
    disputed: rows.reduce((all, { disputed }) => all + disputed, 0),
  }
}

/** Share of a customer's promises that were kept, drawn towards two in three, which is what is usual. */
async function keptShare(scope: Scope) {
  const { rows } = await sql<{ customer_id: number; kept: number; of: number }>`
    select customer_id, (count(*) filter (where announced = 'kept'))::int as kept, count(*)::int as of
      from promises where tenant_id = ${scope.tenantId} and undone_at is null and announced in ('kept', 'partially_kept', 'broken')
     group by customer_id`.execute(scope.db)
  const known = new Map(rows.map((row) => [row.customer_id, row]))
  return (customer: number) => {
    const { kept = 0, of = 0 } = known.get(customer) ?? {}
    return (kept + 2) / (of + 3)
  }
}
