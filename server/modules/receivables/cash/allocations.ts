import { sql } from 'kysely'
import { invalidField, notFound, Refusal } from '../../../core/errors.ts'
import { decimalText, fromWireNumber, wireNumber } from '../../../core/money.ts'
import type { Scope } from '../../../core/scope.ts'
import { concludeFromBooks, shareBooks } from '../../imports/imports.ts'
import { foldBooks } from '../import/fold.ts'
import { runner } from '../import/plan.ts'

// What settles what. An allocation is a fact beside the statements of files; the ledger of both its documents is folded anew.

/** An invoice or a credit, held until the transaction ends. */
export type Document = {
  id: number
  number: string
  customer_id: number
  currency: string
  amount: number
  open_amount: number
  document_type: string
  aged_from: string | null
}

/** Holds documents that the caller sees, in one order for everybody; those that are not there, or not theirs to see, refuse all. */
export async function holdDocuments(
  scope: Scope,
  ids: number[],
  what = 'This invoice',
): Promise<Map<number, Document>> {
  await shareBooks(scope)
  const wanted = [...new Set(ids)]
  if (wanted.length === 0) return new Map()
  const { rows } = await sql<Document>`
    select i.id, i.number, i.customer_id, i.currency, i.amount, i.open_amount, i.document_type, i.aged_from
      from invoices i where i.tenant_id = ${scope.tenantId} and i.id = any(${wanted}) and not i.retracted
     order by i.id for no key update`.execute(scope.db)
  if (rows.length < wanted.length) throw notFound(what)
  return new Map(rows.map((row) => [row.id, row]))
}

export const minorOf = (value: number, currency: string, path: string): number => {
  const minor = fromWireNumber(value, currency)
  if (minor === undefined)
    throw invalidField(path, `Not an amount in ${currency}: write it like ${decimalText(123_450, currency)}.`)
  return Number(minor)
}

export type Wanted = { invoice_id: number; amount: number }

/** What a payment or credit shall settle, checked against what is open. Amounts in minor units. */
export async function checkWanted(
  scope: Scope,
  said: readonly { invoice_id: number; amount: number }[],
  {
    customer_id,
    currency,
    left,
    path,
  }: { customer_id: number; currency: string; left: number; path: string },
): Promise<Wanted[]> {
  const documents = await holdDocuments(
    scope,
    said.map(({ invoice_id }) => invoice_id),
    'One of these invoices',
  )
  const seen = new Set<number>()
  let sum = 0
  const wanted = said.map(({ invoice_id, amount }, at) => {
    const here = `${path}.${at}`
    const document = documents.get(invoice_id)!
    if (seen.has(invoice_id))
      throw invalidField(
        `${here}.invoice_id`,
        `Invoice ${document.number} is there twice. Leave one line and add the amounts up.`,
      )
    seen.add(invoice_id)
    if (document.customer_id !== customer_id)
      throw invalidField(
        `${here}.invoice_id`,
        `Invoice ${document.number} is another customer's. Record its share as a payment of that customer.`,
      )
    if (document.currency !== currency)
      throw invalidField(
        `${here}.invoice_id`,
        `Invoice ${document.number} is in ${document.currency}, this is in ${currency}.`,
      )
    const minor = minorOf(amount, currency, `${here}.amount`)
    if (minor > document.open_amount)
      throw invalidField(
        `${here}.amount`,
        `Of invoice ${document.number} ${decimalText(Math.max(document.open_amount, 0), currency)} ${currency} is open, less than ${decimalText(minor, currency)}. Leave the rest unapplied.`,
        'more_than_open',
      )
    sum += minor
    return { invoice_id, amount: minor }
  })
  if (sum > left)
    throw invalidField(
      path,
      `These lines add up to ${decimalText(sum, currency)} ${currency}, and there is ${decimalText(left, currency)}.`,
      'more_than_there_is',
    )
  return wanted
}

/** The oldest debts first, as far as the amount goes. */
export async function oldestFirst(
  scope: Scope,
  { customer_id, currency, left }: { customer_id: number; currency: string; left: number },
): Promise<Wanted[]> {
  await shareBooks(scope)
  const { rows } = await sql<{ id: number; open_amount: number }>`
    select i.id, i.open_amount
      from (select x.id from invoices x
             where x.tenant_id = ${scope.tenantId} and x.customer_id = ${customer_id} and x.currency = ${currency} and x.open_amount > 0
             order by x.id for no key update) held
      join invoices i on i.tenant_id = ${scope.tenantId} and i.id = held.id
     order by i.aged_from nulls last, i.id`.execute(scope.db)
  const wanted: Wanted[] = []
  let rest = left
  for (const { id, open_amount } of rows) {
    if (rest === 0) break
    const amount = Math.min(open_amount, rest)
    wanted.push({ invoice_id: id, amount })
    rest -= amount
  }
  return wanted
}

type Source = {
  kind: 'payment' | 'credit' | 'write_off' | 'mark'
  credit_id?: number | null
  payment_id?: number | null
  write_off_id?: number | null
  said_on: string
}

/**
 * Writes allocations. Files that speak of a document up to its last one are what they were made from; only later ones may
 * include them. The caller folds afterwards.
 */
export async function insertAllocations(
  scope: Scope,
  source: Source,
  wanted: readonly Wanted[],
): Promise<number[]> {
  if (wanted.length === 0) return []
  const { tenantId, now } = scope
  const { rows } = await sql<{ id: number }>`
    insert into payment_allocations (tenant_id, kind, invoice_id, credit_id, payment_id, write_off_id, amount, said_on, counts_from, created_by, created_at)
    select ${tenantId}, ${source.kind}, w.invoice_id, ${source.credit_id ?? null}, ${source.payment_id ?? null}, ${source.write_off_id ?? null}, w.amount,
           ${source.said_on}::date,
           greatest(${source.said_on}::date,
                    (select max(m.as_of) + 1 from import_rows r
                       join imports m on m.tenant_id = r.tenant_id and m.id = r.import_id and m.status = 'published'
                      where r.tenant_id = ${tenantId} and r.invoice_id in (w.invoice_id, ${source.credit_id ?? null}::bigint)
                        and r.outcome in ('new', 'changed', 'unchanged', 'older', 'missing'))),
           ${scope.userId > 0 ? scope.userId : null}, ${now}
      from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) as w(invoice_id bigint, amount bigint)
    returning id`.execute(scope.db)
  return rows.map(({ id }) => id)
}

/** Brings the ledgers of documents in line with what is recorded on them, and of all that settles with them. */
export async function foldByHand(scope: Scope, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return
  const documents = [...new Set(ids)]
  await scope.overAllRows(async () => {
    await sql`update invoices set by_hand = true where tenant_id = ${scope.tenantId} and id = any(${documents}) and not by_hand`.execute(
      scope.db,
    )
    await foldBooks(runner(scope), scope, {
      affected: sql`select distinct unnest(${documents}::bigint[]) as invoice_id, false as whole`,
      importId: null,
      later: [],
    })
  })
  // Promises are kept and predictions change by money that people record, as by what files tell.
  await concludeFromBooks(scope)
}

/** Takes allocations back: from a day on, or as if they had never been. */
export async function reverseAllocations(
  scope: Scope,
  ids: readonly number[],
  returned_on: string | null,
): Promise<void> {
  await sql`
    update payment_allocations set reversed_at = ${scope.now}, reversed_by = ${scope.userId > 0 ? scope.userId : null},
           returned_on = greatest(${returned_on}::date, case when ${returned_on}::date is not null then said_on end)
     where tenant_id = ${scope.tenantId} and id = any(${ids}) and reversed_at is null`.execute(scope.db)
}

type Held = {
  id: number
  kind: string
  invoice_id: number
  credit_id: number | null
  payment_id: number | null
  amount: number
  currency: string
}

/** One allocation taken back: what it settled is open again, what paid it unapplied. */
export async function reverseAllocation(scope: Scope, id: number) {
  await shareBooks(scope)
  const {
    rows: [held],
  } = await sql<Held & { reversed_at: string | null }>`
    select a.id, a.kind, a.invoice_id, a.credit_id, a.payment_id, a.amount, i.currency, a.reversed_at
      from payment_allocations a join invoices i on i.tenant_id = a.tenant_id and i.id = a.invoice_id
     where a.tenant_id = ${scope.tenantId} and a.id = ${id} and not i.retracted for no key update of a, i`.execute(
    scope.db,
  )
  if (!held) throw notFound('This allocation')
  if (held.reversed_at) throw new Refusal(409, 'already_reversed', 'This allocation was taken back already.')
  if (held.kind === 'write_off')
    throw new Refusal(409, 'write_off', 'Take the write-off back as a whole instead.')
  await reverseAllocations(scope, [id], null)
  await foldByHand(scope, [held.invoice_id, ...(held.credit_id ? [held.credit_id] : [])])
  await scope.record('invoice.allocation_reversed', held.invoice_id, {
    allocation_id: id,
    payment_id: held.payment_id,
    amount: held.amount,
  })
  return {
    id,
    invoice_id: held.invoice_id,
    payment_id: held.payment_id,
    amount: wireNumber(held.amount, held.currency),
  }
}
