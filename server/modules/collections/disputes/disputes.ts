import { type RawBuilder, sql } from 'kysely'
import type { z } from 'zod'
import type { OwnHttp } from '../../../core/api.ts'
import { notFound, Refusal } from '../../../core/errors.ts'
import { decimalText, wireNumber } from '../../../core/money.ts'
import { likeText, paged } from '../../../core/schema.ts'
import type { Scope } from '../../../core/scope.ts'
import type { SheetCell } from '../../../core/sheets.ts'
import { forgetSessions } from '../../identity/seen-sessions.ts'
import { requireAssignable } from '../../receivables/assignments.ts'
import { markDisputed } from '../../receivables/disputed.ts'
import { amount, count, day, sheetOf, text } from '../../receivables/export.ts'
import { invoiceView } from '../../receivables/invoice-view.ts'
import { codeKey } from '../../receivables/rules.ts'
import type { InvoiceFilters } from '../../receivables/schemas.ts'
import { minorOf, openOn } from './dispute.ts'
import { type DisputeRow, named, stated, wireDispute, worked, workingDays } from './read.ts'
import { usableReason } from './reasons.ts'
import { openStates, type State, stateWords } from './rules.ts'
import type { DisputeExport, DisputeFilters, DisputeQuery, DisputesInput, UndoOpened } from './schemas.ts'

type Sql = RawBuilder<unknown>
const all = (conditions: Sql[]) => (conditions.length > 0 ? sql.join(conditions, sql` and `) : sql`true`)

/** The disputes that filters mean: those that people work, and those that files state alone. */
function rowsOf(scope: Scope, query: DisputeFilters): Sql {
  const { tenantId } = scope
  const wanted = new Set(
    (query.state ?? ['open', 'stated']).flatMap((word) =>
      word === 'open'
        ? openStates
        : word === 'closed'
          ? (['resolved', 'withdrawn'] as const)
          : word === 'all'
            ? ([...openStates, 'resolved', 'withdrawn', 'stated'] as const)
            : [word],
    ),
  )
  const ofInvoice: Sql[] = []
  const byAmount = query.amount_min !== undefined || query.amount_max !== undefined
  const currency = query.currency ?? (byAmount ? scope.tenant.currency : undefined)
  if (currency) ofInvoice.push(sql`i.currency = ${currency}`)
  if (query.customer_id) ofInvoice.push(sql`i.customer_id = ${query.customer_id}`)
  if (query.invoice_id) ofInvoice.push(sql`i.id = ${query.invoice_id}`)
  if (query.search) {
    const like = likeText(query.search)
    ofInvoice.push(sql`(i.number_key like ${likeText(codeKey(query.search))} or i.customer_id in (
      select c.id from customers c where c.tenant_id = ${tenantId} and (c.name ilike ${like} or c.code ilike ${like})))`)
  }
  const hand: Sql[] = [sql`d.state = any(${[...wanted]})`]
  if (query.reason_id) hand.push(sql`${query.reason_id} in (r.id, p.id, g.id)`)
  if (query.owner_id !== undefined)
    hand.push(query.owner_id === 0 ? sql`d.owner_id is null` : sql`d.owner_id = ${query.owner_id}`)
  if (query.mine) hand.push(sql`d.owner_id = ${scope.userId}`)
  if (query.late !== undefined) {
    const late = sql`(d.closed_on is null and d.waiting_since is null and d.due_on < ${scope.today})`
    hand.push(query.late ? late : sql`not ${late}`)
  }
  // Of what nobody works there is no reason, no owner and no clock.
  const isWorked =
    query.reason_id !== undefined || (query.owner_id ?? 0) > 0 || query.mine === true || query.late === true
  const parts = [worked(scope, all([...hand, ...ofInvoice]))]
  if (wanted.has('stated') && !isWorked) parts.push(sql`(${stated(scope, all(ofInvoice))})`)
  const outer: Sql[] = []
  if (query.amount_min !== undefined)
    outer.push(sql`x.disputed_amount >= ${minorOf({ currency: currency! }, 'amount_min', query.amount_min)}`)
  if (query.amount_max !== undefined)
    outer.push(sql`x.disputed_amount <= ${minorOf({ currency: currency! }, 'amount_max', query.amount_max)}`)
  if (query.opened_from) outer.push(sql`x.opened_on >= ${query.opened_from}`)
  if (query.opened_to) outer.push(sql`x.opened_on <= ${query.opened_to}`)
  return sql`(select * from (${sql.join(parts, sql` union all `)}) x where ${all(outer)})`
}

const sorted: Record<DisputeQuery['sort'], Sql> = {
  due_on: sql`p.due_on`,
  opened_on: sql`p.opened_on`,
  disputed_amount: sql`p.disputed_amount`,
  customer_name: sql`c.name`,
  invoice_number: sql`i.number`,
  reason: sql`p.reason`,
  owner: sql`coalesce(nullif(o.full_name, ''), o.username)`,
  state: sql`array_position(array['new', 'in_review', 'waiting', 'stated', 'resolved', 'withdrawn'], p.state)`,
}
const orderOf = ({ sort, order }: Pick<DisputeQuery, 'sort' | 'order'>) =>
  sql`${sorted[sort]} ${sql.raw(order ?? (sort === 'disputed_amount' ? 'desc' : 'asc'))} nulls last, p.id nulls last, p.invoice_id`

export const listDisputes = (scope: Scope, query: DisputeQuery) =>
  overOwn(scope, query, () => list(scope, query))

/** One's own are seen whether one sees their invoices or not: those that are closed one may not. */
const overOwn = <T>(scope: Scope, { mine }: DisputeFilters, work: () => Promise<T>) =>
  mine ? scope.overAllRows(work) : work()

async function list(scope: Scope, query: DisputeQuery) {
  const rowsWanted = rowsOf(scope, query)
  const { columns, joins } = named(scope)
  const [{ rows }, { rows: totals }, working] = await Promise.all([
    sql<DisputeRow>`
      select ${columns} from ${rowsWanted} p ${joins}
       order by ${orderOf(query)}
       limit ${query.page_size} offset ${(query.page - 1) * query.page_size}`.execute(scope.db),
    sql<{ currency: string; count: number; disputed_amount: string; late: number }>`
      select i.currency, count(*)::int as count, sum(p.disputed_amount)::text as disputed_amount,
             (count(*) filter (where p.closed_on is null and p.waiting_since is null and p.due_on < ${scope.today}))::int as late
        from ${rowsWanted} p join invoices i on i.tenant_id = ${scope.tenantId} and i.id = p.invoice_id
       group by 1 order by 1`.execute(scope.db),
    workingDays(scope),
  ])
  return {
    ...paged(
      rows.map((row) => wireDispute(scope, working, row)),
      totals.reduce((sum, each) => sum + each.count, 0),
      query,
    ),
    as_of: scope.today,
    totals: totals.map(({ disputed_amount, ...each }) => ({
      ...each,
      disputed_amount: wireNumber(BigInt(disputed_amount), each.currency),
    })),
  }
}

export const exportDisputes = (http: OwnHttp, { format, ...query }: z.output<typeof DisputeExport>) =>
  sheetOf(http, format, async (scope) => {
    const columns = [
      text('Invoice number'),
      text('Customer code'),
      text('Customer name', 30),
      text('Reason', 24),
      text('State'),
      text('Currency'),
      amount('Disputed amount'),
      amount('Open amount'),
      text('Line'),
      text('Owner'),
      text('Collector'),
      day('Opened on'),
      day('Due on'),
      count('Business days left'),
      day('Closed on'),
      text('Resolution'),
      amount('Agreed amount'),
      text('Note', 40),
    ]
    const { columns: wanted, joins } = named(scope)
    const working = await workingDays(scope)
    // For as long as the cursor is read, and nothing else is.
    if (query.mine) await scope.seeAllRows()
    await sql`
      declare every_dispute no scroll cursor for
      select ${wanted} from ${rowsOf(scope, query)} p ${joins} order by ${orderOf(query)}`.execute(scope.db)
    async function* rows(): AsyncGenerator<SheetCell[]> {
      for (;;) {
        const { rows: batch } = await sql<DisputeRow>`fetch 1000 from every_dispute`.execute(scope.db)
        for (const row of batch) {
          const { days_left } = wireDispute(scope, working, row)
          const money = (minor: number | null) => (minor === null ? null : decimalText(minor, row.currency))
          yield [
            row.invoice_number,
            row.customer_code,
            row.customer_name,
            row.reason,
            row.state === 'stated' ? 'stated by a file' : stateWords[row.state as State],
            row.currency,
            money(row.disputed_amount),
            money(row.open_amount),
            row.line,
            row.owner_name,
            row.assigned_to_name,
            row.opened_on,
            row.due_on,
            days_left,
            row.closed_on,
            row.resolution,
            money(row.agreed_amount),
            row.note,
          ]
        }
        if (batch.length < 1000) return
      }
    }
    return { name: `disputes-${scope.today}`, columns, rows: rows() }
  })

/**
 * Opens one dispute of the whole on each of many invoices. `dry_run` tells what would be opened and what left out, and changes
 * nothing. An id that is not there, or not the caller's to see, refuses all.
 */
export async function openDisputes(
  scope: Scope,
  filters: InvoiceFilters,
  input: z.output<typeof DisputesInput>,
) {
  const { invoice_ids, dry_run, ...opening } = input
  const ids = invoice_ids && [...new Set(invoice_ids)]
  await usableReason(scope, opening.reason_id)
  if (opening.owner_id) await requireAssignable(scope, opening.owner_id, 'owner_id')
  const { from, where } = await invoiceView(scope, filters)
  const { rows: found } = await sql<{
    id: number
    number: string
    currency: string
    amount: number
    open_amount: number
    disputed_by_hand: boolean
    stated_disputed: boolean
  }>`
    select i.id, i.number, i.currency, i.amount, i.open_amount, i.disputed_by_hand > 0 as disputed_by_hand, i.stated_disputed
      from invoices i
     where i.tenant_id = ${scope.tenantId} and not i.retracted
       and ${ids ? sql`i.id = any(${ids})` : sql`i.id in (select i.id ${from} ${where})`}
     order by i.id ${dry_run ? sql`` : sql`for no key update`} limit 10001`.execute(scope.db)
  if (ids && found.length < ids.length) throw notFound('One of these invoices')
  if (found.length > 10_000)
    throw new Refusal(422, 'too_many', 'More than 10,000 invoices. Narrow the filters, and do it in parts.')
  const why = (invoice: (typeof found)[number]) =>
    invoice.amount <= 0
      ? 'credits'
      : invoice.open_amount <= 0
        ? 'nothing is open'
        : invoice.disputed_by_hand
          ? 'in dispute already'
          : undefined
  const wanted = found.filter((invoice) => !why(invoice))
  const skipped = [...Map.groupBy(found.filter(why), (invoice) => why(invoice)!)].map(([reason, of]) => ({
    why: reason,
    count: of.length,
  }))
  const opened: { subject_id: number; data: Record<string, unknown> }[] = []
  if (!dry_run && wanted.length > 0) {
    const working = await workingDays(scope)
    for (const invoice of wanted) {
      const source = invoice.stated_disputed ? ('import' as const) : ('manual' as const)
      const id = await openOn(scope, invoice, { ...opening, source, line: undefined }, working)
      opened.push({ subject_id: id, data: { invoice_id: invoice.id } })
    }
    await markDisputed(
      scope,
      wanted.map(({ id }) => id),
    )
    await scope.recordEach('dispute.opened', opened)
  }
  return {
    dry_run,
    opened: wanted.length,
    totals: [...Map.groupBy(wanted, ({ currency }) => currency)].map(([currency, of]) => ({
      currency,
      count: of.length,
      amount: wireNumber(
        of.reduce((sum, each) => sum + BigInt(each.open_amount), 0n),
        currency,
      ),
    })),
    skipped,
    dispute_ids: opened.map(({ subject_id }) => subject_id),
  }
}

/**
 * Takes back what somebody has just opened, as if it had never been: withdrawn as of the day it was opened, so that no day knows it.
 * What a colleague has worked since stays.
 */
export async function undoOpened(scope: Scope, input: z.output<typeof UndoOpened>) {
  const { tenantId, now, userId } = scope
  const ids = [...new Set(input.dispute_ids)]
  const { rows: found } = await sql<{ id: number; invoice_id: number; fresh: boolean }>`
    select d.id, d.invoice_id,
           d.opened_by = ${userId} and d.state = 'new' and d.version = 1
             and not exists (select from dispute_comments k where k.tenant_id = ${tenantId} and k.dispute_id = d.id) as fresh
      from disputes d join invoices i on i.tenant_id = ${tenantId} and i.id = d.invoice_id
     where d.tenant_id = ${tenantId} and d.id = any(${ids})
     order by i.id for no key update of i`.execute(scope.db)
  if (found.length < ids.length) throw notFound('One of these disputes')
  const fresh = found.filter((each) => each.fresh)
  if (fresh.length > 0) {
    const these = fresh.map(({ id }) => id)
    await sql`
      update dispute_intervals set closed_on = opened_on, closed_at = ${now}
       where tenant_id = ${tenantId} and dispute_id = any(${these}) and closed_on is null`.execute(scope.db)
    await sql`
      update disputes set state = 'withdrawn', closed_on = opened_on, closed_by = ${userId}, closed_at = ${now},
             version = version + 1, updated_at = ${now}
       where tenant_id = ${tenantId} and id = any(${these})`.execute(scope.db)
    await markDisputed(
      scope,
      fresh.map(({ invoice_id }) => invoice_id),
    )
    forgetSessions()
    await scope.recordEach(
      'dispute.withdrawn',
      fresh.map(({ id, invoice_id }) => ({ subject_id: id, data: { invoice_id, undone: true } })),
    )
  }
  return { undone: fresh.length, kept: found.length - fresh.length }
}
