import { sql } from 'kysely'
import { addDays } from '../../../core/dates.ts'
import { invalidField, notFound, Refusal } from '../../../core/errors.ts'
import { decimalText, exponentOf, fromWireNumber } from '../../../core/money.ts'
import type { Scope } from '../../../core/scope.ts'
import { requireCustomer } from '../../receivables/customer.ts'
import { getPromise, requirePromise } from './promise.ts'
import { allocate } from './rules.ts'
import type { NewPromise } from './schemas.ts'
import { promiseVerdicts } from './verdict.ts'

const YEARS_AHEAD = 2
/** So long after it, making or withdrawing a promise can be undone. */
const UNDO_MS = 24 * 3_600_000

type Open = { id: number; number: string; customer_id: number; currency: string; open_amount: number }

/** The open invoices that are meant, oldest first; of those, only what the caller sees. */
async function openInvoices(
  scope: Scope,
  { customer_id, currency, invoice_ids, invoices }: NewPromise,
): Promise<Open[]> {
  const ids = invoices?.map((each) => each.invoice_id) ?? invoice_ids
  if (!ids && !customer_id)
    throw invalidField('customer_id', 'Say whose promise it is: a customer, or invoices.', 'required')
  if (customer_id) await requireCustomer(scope, customer_id)
  const { rows } = await sql<Open>`
    select i.id, i.number, i.customer_id, i.currency, i.open_amount
      from invoices i
     where i.tenant_id = ${scope.tenantId} and not i.retracted
       and ${ids ? sql`i.id = any(${[...new Set(ids)]})` : sql`i.customer_id = ${customer_id} and i.open_amount > 0 and i.currency = ${currency ?? scope.tenant.currency}`}
     order by i.aged_from nulls last, i.id`.execute(scope.db)
  if (ids && rows.length < new Set(ids).size) throw notFound('One of these invoices')
  const field = invoices ? 'invoices' : ids ? 'invoice_ids' : 'customer_id'
  const other = rows.find((each) => each.customer_id !== (customer_id ?? rows[0]!.customer_id))
  if (other)
    throw invalidField(
      field,
      `Invoice ${other.number} is another customer's. A promise is one customer's word.`,
      'other_customer',
    )
  const foreign = rows.find((each) => each.currency !== (currency ?? rows[0]!.currency))
  if (foreign)
    throw invalidField(
      field,
      `Invoice ${foreign.number} is in ${foreign.currency}. A promise is in the currency of its invoices.`,
      'other_currency',
    )
  const settled = rows.find((each) => each.open_amount <= 0)
  if (settled)
    throw invalidField(
      field,
      `Nothing is owed on invoice ${settled.number} any more. Leave it out.`,
      'nothing_open',
    )
  if (rows.length === 0)
    throw invalidField(
      'customer_id',
      `Nothing of this customer is open in ${currency ?? scope.tenant.currency}.`,
      'nothing_open',
    )
  return rows
}

/** What is promised for which invoice. */
function partsOf({ amount, invoices }: NewPromise, open: Open[]) {
  const { currency } = open[0]!
  const minor = (path: string, value: number) => {
    const read = fromWireNumber(value, currency)
    if (read !== undefined) return read
    throw invalidField(
      path,
      `Not an amount in ${currency}: at most ${exponentOf(currency)} decimals, such as ${decimalText(1050, currency)}.`,
      'invalid_amount',
    )
  }
  const owed = new Map(open.map((each) => [each.id, each]))
  if (invoices) {
    if (new Set(invoices.map((each) => each.invoice_id)).size < invoices.length)
      throw invalidField('invoices', 'An invoice is named twice.', 'repeated')
    const parts = invoices.map((each, at) => ({
      invoice_id: each.invoice_id,
      amount: minor(`invoices.${at}.amount`, each.amount),
    }))
    for (const [at, part] of parts.entries()) {
      const { number, open_amount } = owed.get(part.invoice_id)!
      if (part.amount > BigInt(open_amount))
        throw invalidField(
          `invoices.${at}.amount`,
          `Only ${decimalText(open_amount, currency)} ${currency} of invoice ${number} is open.`,
          'more_than_open',
        )
    }
    const sum = parts.reduce((all, part) => all + part.amount, 0n)
    if (amount !== undefined && minor('amount', amount) !== sum)
      throw invalidField(
        'amount',
        `The invoices add up to ${decimalText(sum, currency)} ${currency}. Change the amount or its parts.`,
        'does_not_add_up',
      )
    return { parts, amount: sum }
  }
  const all = open.reduce((sum, each) => sum + BigInt(each.open_amount), 0n)
  const wanted = amount === undefined ? all : minor('amount', amount)
  if (wanted > all)
    throw invalidField(
      'amount',
      `Only ${decimalText(all, currency)} ${currency} of these invoices is open.`,
      'more_than_open',
    )
  const { parts } = allocate(
    wanted,
    open.map((each) => ({ id: each.id, open_amount: BigInt(each.open_amount) })),
  )
  return { parts, amount: wanted }
}

function daysOf(scope: Scope, { promised_on, made_on = scope.today }: NewPromise) {
  if (made_on > scope.today)
    throw invalidField('made_on', 'The day of the promise cannot lie ahead.', 'in_future')
  if (promised_on < made_on)
    throw invalidField(
      'promised_on',
      `The promised day cannot come before the day of the promise, ${made_on}.`,
      'before_made',
    )
  if (promised_on > addDays(made_on, YEARS_AHEAD * 366))
    throw invalidField('promised_on', 'That is more than two years ahead. Check the year.', 'too_far')
  return { promised_on, made_on }
}

/** Takes a promise. Active promises about one of its invoices end with it: an invoice has one. */
export async function makePromise(scope: Scope, input: NewPromise, source: 'staff' | 'customer' = 'staff') {
  const { promised_on, made_on } = daysOf(scope, input)
  const open = await openInvoices(scope, input)
  const { customer_id, currency } = open[0]!
  const { parts, amount } = partsOf(input, open)
  const ids = parts.map((part) => part.invoice_id)
  const { promise_tolerance_days } = await scope.db
    .selectFrom('tenants')
    .select('promise_tolerance_days')
    .where('id', '=', scope.tenantId)
    .executeTakeFirstOrThrow()
  const { rows: before } = await sql<{ id: number; made_on: string }>`
    select p.id, p.made_on from promises p
     where p.tenant_id = ${scope.tenantId} and p.state = 'active'
       and exists (select from promise_invoices pi
                    where pi.tenant_id = ${scope.tenantId} and pi.promise_id = p.id and pi.is_active and pi.invoice_id = any(${ids}))
     order by p.id for update`.execute(scope.db)
  const later = before.find((each) => each.made_on > made_on)
  if (later)
    throw invalidField(
      'made_on',
      `A promise of ${later.made_on} about these invoices is newer than this one.`,
      'older_than_active',
    )
  const which = sql`p.id in (select pi.promise_id from promise_invoices pi where pi.tenant_id = ${scope.tenantId} and pi.invoice_id = any(${ids}))`
  const { rows: unkept } = await sql<{ n: number }>`
    select count(*)::int as n from (${promiseVerdicts(scope, { as_of: scope.today, which })}) v where v.verdict in ('broken', 'partially_kept')`.execute(
    scope.db,
  )
  const { id } = await scope.db
    .insertInto('promises')
    .values({
      customer_id,
      currency,
      amount: Number(amount),
      promised_on,
      made_on,
      made_at: scope.now,
      made_by: scope.userId > 0 ? scope.userId : null,
      tolerance_days: input.tolerance_days ?? promise_tolerance_days,
      note: input.note ?? null,
      source,
      level: unkept[0]!.n + 1,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await end(
    scope,
    before.map((each) => each.id),
    { state: 'superseded', ended_on: made_on, superseded_by: id },
  )
  await scope.recordEach(
    'promise.superseded',
    before.map((each) => ({ subject_id: each.id, data: { by: id } })),
  )
  await sql`
    insert into promise_invoices (tenant_id, promise_id, invoice_id, amount)
    select ${scope.tenantId}, ${id}, x.invoice_id, x.amount
      from jsonb_to_recordset(${JSON.stringify(parts.map((part) => ({ ...part, amount: Number(part.amount) })))}::jsonb) as x(invoice_id bigint, amount bigint)`
    .execute(scope.db)
    .catch(promisedMeanwhile)
  await scope.record('promise.made', id, {
    customer_id,
    amount: Number(amount),
    currency,
    promised_on,
    ...(source === 'customer' ? { source } : {}),
    supersedes: before.map((each) => each.id),
  })
  return getPromise(scope, id, {})
}

function promisedMeanwhile(error: { code?: string }): never {
  if (error.code !== '23505') throw error
  throw new Refusal(
    409,
    'promised_meanwhile',
    'Somebody else took a promise about one of these invoices just now. Look at it first.',
  )
}

type Ending = {
  state: 'superseded' | 'withdrawn'
  ended_on: string
  superseded_by?: number
  withdrawn_because?: string
  undone_at?: Date
}
async function end(scope: Scope, ids: number[], ending: Ending) {
  if (ids.length === 0) return
  await scope.db
    .updateTable('promises')
    .set((expression) => ({
      ...ending,
      ended_at: scope.now,
      ended_by: scope.userId > 0 ? scope.userId : null,
      version: expression('version', '+', 1),
    }))
    .where('id', 'in', ids)
    .execute()
  await scope.db
    .updateTable('promise_invoices')
    .set({ is_active: false })
    .where('promise_id', 'in', ids)
    .execute()
}

/** The customer takes it back, or it was a misunderstanding: it is neither kept nor broken. */
export async function withdrawPromise(scope: Scope, id: number, reason: string) {
  const promise = await requirePromise(scope, id, true)
  if (promise.state === 'withdrawn') return getPromise(scope, id, {})
  if (promise.state === 'superseded')
    throw new Refusal(
      409,
      'wrong_state',
      'A newer promise has taken the place of this one. Withdraw that one.',
      { body: { state: promise.state } },
    )
  const { verdict } = await getPromise(scope, id, {})
  if (verdict !== 'open')
    throw new Refusal(
      409,
      'decided',
      `This promise is ${verdict.replace('_', ' ')} by what the ledger says; withdrawing does not change that.`,
      { body: { verdict } },
    )
  await end(scope, [id], { state: 'withdrawn', ended_on: scope.today, withdrawn_because: reason })
  await scope.record('promise.withdrawn', id, { reason })
  return getPromise(scope, id, {})
}

/** What would be undone: the making of an active promise, or its withdrawal; within a day. */
export const undoable = (
  scope: Scope,
  promise: { state: string; made_at: string; ended_at: string | null },
) => {
  const at =
    promise.state === 'active' ? promise.made_at : promise.state === 'withdrawn' ? promise.ended_at : null
  return at !== null && scope.now.getTime() - Date.parse(at) <= UNDO_MS
}

/** Takes the last step about a promise back: made, it counts nowhere, and what it superseded stands again; withdrawn, it stands again. */
export async function undoPromise(scope: Scope, id: number) {
  const promise = await requirePromise(scope, id, true)
  if (!undoable(scope, promise))
    throw new Refusal(
      409,
      'too_late',
      promise.state === 'superseded'
        ? 'A newer promise has taken the place of this one. Undo that one.'
        : 'This can be undone within a day only. Withdraw the promise, or take a new one.',
      { body: { state: promise.state } },
    )
  if (promise.state === 'withdrawn') {
    await restore(scope, [id])
    await scope.record('promise.restored', id)
    return getPromise(scope, id, {})
  }
  const answer = await getPromise(scope, id, {})
  await end(scope, [id], {
    state: 'withdrawn',
    ended_on: promise.made_on,
    withdrawn_because: 'Undone',
    undone_at: scope.now,
  })
  const before = await scope.db.selectFrom('promises').select('id').where('superseded_by', '=', id).execute()
  await restore(
    scope,
    before.map((each) => each.id),
  )
  await scope.record('promise.undone', id, { restores: before.map((each) => each.id) })
  return {
    ...answer,
    state: 'withdrawn' as const,
    verdict: 'withdrawn' as const,
    may_undo: false,
    may_withdraw: false,
  }
}

async function restore(scope: Scope, ids: number[]) {
  if (ids.length === 0) return
  await scope.db
    .updateTable('promises')
    .set((expression) => ({
      state: 'active',
      ended_on: null,
      ended_at: null,
      ended_by: null,
      superseded_by: null,
      withdrawn_because: null,
      version: expression('version', '+', 1),
    }))
    .where('id', 'in', ids)
    .execute()
  await scope.db
    .updateTable('promise_invoices')
    .set({ is_active: true })
    .where('promise_id', 'in', ids)
    .execute()
    .catch(promisedMeanwhile)
}
