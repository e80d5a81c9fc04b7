import { sql } from 'kysely'
import { addDays } from '../../core/dates.ts'
import { invalidField, Refusal } from '../../core/errors.ts'
import { wireNumber } from '../../core/money.ts'
import type { Scope } from '../../core/scope.ts'
import { disputedAsOf } from '../collections/disputes/as-of.ts'
import { requireCustomer } from '../receivables/customer.ts'
import { buckets, undated } from '../receivables/rules.ts'
import type { StatementQuery } from './schemas.ts'

/** Paper and pages hold so many; larger accounts have the list of invoices as a workbook. */
export const LINES_MAX = 3_000
const SETTLED_DAYS = 90

type Line = {
  id: number
  number: string
  document_type: string
  currency: string
  invoice_date: string | null
  due_date: string | null
  days_overdue: number | null
  amount: number
  open_amount: number
  disputed_amount: number
  promised_amount: number
  promised_on: string | null
  place: number | null
}

/** A customer's open items at the end of a day, of what the caller sees: by currency, with credits apart. Their sum is the balance. */
export async function readStatement(
  scope: Scope,
  customerId: number,
  { as_of = scope.today, currency, open_only }: StatementQuery,
) {
  if (as_of > scope.today)
    throw invalidField('as_of', `A statement is of today, ${scope.today}, or a day before.`, 'in_future')
  const customer = await requireCustomer(scope, customerId)
  const lines = await linesOf(scope, customerId, { as_of, currency, open_only })
  if (lines.length > LINES_MAX)
    throw new Refusal(
      422,
      'too_many_lines',
      `This account has more than ${LINES_MAX} lines. Choose one currency, or export its invoices as a workbook.`,
    )
  const codes = [...new Set(lines.map((line) => line.currency))].sort()
  return {
    organisation: scope.tenant.name,
    customer: customer.name,
    customer_code: customer.code,
    as_of,
    country: scope.tenant.country,
    timezone: scope.tenant.timezone,
    is_part: await isPart(scope, customerId),
    parts: codes.map((code) =>
      partOf(
        scope,
        code,
        lines.filter((line) => line.currency === code),
      ),
    ),
  }
}
export type Statement = Awaited<ReturnType<typeof readStatement>>

async function linesOf(
  scope: Scope,
  customerId: number,
  { as_of, currency, open_only }: { as_of: string; currency: string | undefined; open_only: boolean },
): Promise<Line[]> {
  const { tenantId } = scope
  const day = sql`${as_of}::date`
  const isPast = as_of < scope.today
  const starts = sql.raw(`array[1, ${scope.tenant.ageing_buckets.map((edge) => edge + 1).join(', ')}]`)
  const disputed = isPast
    ? sql`coalesce((select least(d.amount, b.open) from (${disputedAsOf(scope, as_of)}) d where d.invoice_id = i.id), 0)`
    : sql`case when not i.is_disputed then 0 when i.disputed_by_hand > 0 then least(i.disputed_by_hand, b.open) else b.open end`
  const settled = open_only
    ? sql`false`
    : sql`i.amount > 0 and i.last_on between ${day} - ${SETTLED_DAYS}::int and ${day}`
  const { rows } = await sql<Line>`
    select i.id, i.number, i.document_type, i.currency, i.invoice_date, i.due_date, ${day} - i.aged_from as days_overdue, i.amount,
           b.open as open_amount, case when b.open > 0 then ${disputed} else 0 end as disputed_amount,
           case when b.open > 0 then coalesce(least(p.amount, b.open), 0) else 0 end as promised_amount, case when b.open > 0 then p.promised_on end as promised_on,
           width_bucket(${day} - i.aged_from, ${starts}) as place
      from invoices i
     cross join lateral (
       -- Nothing happened since the day: then the cached amount is the day's.
       select case when i.last_on <= ${day} then i.open_amount
                   else (select coalesce(sum(e.amount), 0)::bigint from invoice_entries e
                          where e.tenant_id = ${tenantId} and e.invoice_id = i.id and e.effective_on <= ${day}) end as open) b
      left join lateral (
        select x.amount, p.promised_on from promise_invoices x join promises p on p.tenant_id = ${tenantId} and p.id = x.promise_id
         where x.tenant_id = ${tenantId} and x.invoice_id = i.id and p.undone_at is null and p.made_on <= ${day} and p.deadline >= ${day}
           and (p.ended_on is null or p.ended_on > ${day})
         order by p.id desc limit 1) p on true
     where i.tenant_id = ${tenantId} and i.customer_id = ${customerId} and not i.retracted and i.first_on <= ${day}
       ${currency ? sql`and i.currency = ${currency}` : sql``}
       and (b.open <> 0 or ${settled})
     order by i.currency, i.aged_from nulls last, i.id limit ${LINES_MAX + 1}`.execute(scope.db)
  return rows
}

/** Whether the customer has invoices that the caller does not see: then this is no statement of the account. */
export async function isPart(scope: Scope, customerId: number): Promise<boolean> {
  if (scope.actor.row_access === 'all') return false
  const open = async () => {
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from invoices i where i.tenant_id = ${scope.tenantId} and i.customer_id = ${customerId} and not i.retracted`.execute(
      scope.db,
    )
    return rows[0]!.n
  }
  const seen = await open()
  return seen < (await scope.overAllRows(open))
}

function partOf(scope: Scope, currency: string, lines: Line[]) {
  const sum = (of: Line[], amount: (line: Line) => number) =>
    of.reduce((all, line) => all + BigInt(amount(line)), 0n)
  const open = ({ open_amount }: Line) => open_amount
  const money = (minor: bigint | number) => wireNumber(minor, currency)
  const owed = lines.filter((line) => line.open_amount > 0)
  const credits = lines.filter((line) => line.open_amount < 0)
  const named = buckets(scope.tenant.ageing_buckets)
  const shown = owed.some((line) => line.place === null) ? [...named, undated] : named
  const wire = ({ place: _, ...line }: Line) => ({
    ...line,
    amount: money(line.amount),
    open_amount: money(line.open_amount),
    disputed_amount: money(line.disputed_amount),
    promised_amount: money(line.promised_amount),
  })
  return {
    currency,
    items: lines.filter((line) => line.open_amount >= 0).map(wire),
    credits: credits.map(wire),
    open_amount: money(sum(owed, open)),
    unapplied: money(sum(credits, open)),
    balance: money(sum(lines, open)),
    overdue_amount: money(
      sum(
        owed.filter((line) => (line.days_overdue ?? 0) > 0),
        open,
      ),
    ),
    disputed_amount: money(sum(owed, (line) => line.disputed_amount)),
    promised_amount: money(sum(owed, (line) => line.promised_amount)),
    buckets: shown.map(({ bucket, label }, at) => {
      const of = owed.filter((line) => (line.place ?? named.length) === at)
      return { bucket, label, amount: money(sum(of, open)), count: of.length }
    }),
  }
}

/** The last day that a customer can promise by themselves; later ones are talked about. */
export const PROMISE_DAYS = 90
export const promiseUntil = (scope: Scope) => addDays(scope.today, PROMISE_DAYS)
