import { type RawBuilder, sql } from 'kysely'
import { forbidden, invalidField, notFound, Refusal } from '../../../core/errors.ts'
import { decimalText, wireNumber } from '../../../core/money.ts'
import { paged } from '../../../core/schema.ts'
import type { Scope } from '../../../core/scope.ts'
import { foldByHand, holdDocuments, insertAllocations, minorOf, reverseAllocations } from './allocations.ts'
import type { WriteOffInput, WriteOffQuery } from './schemas.ts'
import { isSegregated, ownLimit } from './write-off-policy.ts'

// What will not be collected. Up to the own limit a person decides alone; above it somebody else approves.
//
//   requested -> approved -> reversed
//            \-> rejected

type Row = {
  id: number
  invoice_id: number
  amount: number
  state: 'requested' | 'approved' | 'rejected' | 'reversed'
  requested_by: number | null
  version: number
}

const money = (minor: number, currency: string) => `${decimalText(minor, currency)} ${currency}`

/** Asks for a write-off; within the own limit, or where nobody else could approve it, it is approved at once. */
export async function requestWriteOff(scope: Scope, input: WriteOffInput) {
  const document = (await holdDocuments(scope, [input.invoice_id])).get(input.invoice_id)!
  const { currency, open_amount } = document
  if (open_amount <= 0)
    throw new Refusal(
      409,
      'nothing_open',
      `Nothing of invoice ${document.number} is open: there is nothing to write off.`,
    )
  const amount = input.amount === undefined ? open_amount : minorOf(input.amount, currency, 'amount')
  if (amount > open_amount)
    throw invalidField(
      'amount',
      `Of invoice ${document.number} ${money(open_amount, currency)} is open: not more than that can be written off.`,
      'more_than_open',
    )
  const { rows: waiting } = await sql`
    select 1 from write_offs where tenant_id = ${scope.tenantId} and invoice_id = ${document.id} and state = 'requested'`.execute(
    scope.db,
  )
  if (waiting.length > 0)
    throw new Refusal(
      409,
      'already_requested',
      `A write-off of invoice ${document.number} waits for approval already.`,
    )
  const alone =
    amount <= (await left(scope, document)) ||
    (scope.may('receivables.write_off_approve') && !(await isSegregated(scope)))
  const { id } = await scope.db
    .insertInto('write_offs')
    .values({
      invoice_id: document.id,
      amount,
      reason: input.reason,
      note: input.note,
      state: 'requested',
      requested_by: scope.userId > 0 ? scope.userId : null,
      requested_at: scope.now,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await scope.record('invoice.write_off_requested', document.id, {
    write_off_id: id,
    amount,
    reason: input.reason,
  })
  if (alone) await approve(scope, { id, invoice_id: document.id, amount }, { isOwn: true })
  return getWriteOff(scope, id)
}

/** What of the own limit an invoice leaves: several small write-offs of one invoice count together. */
async function left(scope: Scope, { id, currency }: { id: number; currency: string }): Promise<number> {
  const limit = await ownLimit(scope)
  // The limit is an amount of the organisation's currency; of another one somebody else decides.
  if (limit === 0 || currency !== scope.tenant.currency) return 0
  const { rows } = await sql<{ amount: number }>`
    select coalesce(sum(amount), 0)::bigint as amount from write_offs
     where tenant_id = ${scope.tenantId} and invoice_id = ${id} and requested_by = ${scope.userId} and self_approved and state = 'approved'`.execute(
    scope.db,
  )
  return limit - rows[0]!.amount
}

async function approve(
  scope: Scope,
  { id, invoice_id, amount }: Pick<Row, 'id' | 'invoice_id' | 'amount'>,
  { isOwn, note }: { isOwn: boolean; note?: string | null | undefined },
) {
  await scope.db
    .updateTable('write_offs')
    .set((expression) => ({
      state: 'approved',
      written_off_on: scope.today,
      decided_by: scope.userId > 0 ? scope.userId : null,
      decided_at: scope.now,
      decision_note: note || null,
      self_approved: isOwn,
      version: expression('version', '+', 1),
    }))
    .where('id', '=', id)
    .execute()
  await insertAllocations(scope, { kind: 'write_off', write_off_id: id, said_on: scope.today }, [
    { invoice_id, amount },
  ])
  await foldByHand(scope, [invoice_id])
  await scope.record('invoice.written_off', invoice_id, { write_off_id: id, amount, self_approved: isOwn })
}

/** A write-off on an invoice that the caller sees, held in the state that the act needs. */
async function hold(scope: Scope, id: number, state: Row['state'], act: string) {
  const row = await scope.db
    .selectFrom('write_offs')
    .select(['id', 'invoice_id', 'amount', 'state', 'requested_by', 'version'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw notFound('This write-off')
  const document = (await holdDocuments(scope, [row.invoice_id], 'This write-off')).get(row.invoice_id)!
  // After the invoice, as whoever asks for one holds it: two who decide take turns.
  const held = await scope.db
    .selectFrom('write_offs')
    .select('state')
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirstOrThrow()
  if (held.state !== state)
    throw new Refusal(
      409,
      `not_${state}`,
      `This write-off is ${held.state}: only one that is ${state} can be ${act}.`,
    )
  return { row, document }
}

export async function approveWriteOff(scope: Scope, id: number, note: string | null | undefined) {
  const { row, document } = await hold(scope, id, 'requested', 'approved')
  const isOwn = row.requested_by === scope.userId
  if (isOwn && (await isSegregated(scope)))
    throw forbidden(
      'You asked for this write-off: somebody else who may approve write-offs has to approve it.',
    )
  if (row.amount > document.open_amount)
    throw new Refusal(
      409,
      'more_than_open',
      `Of invoice ${document.number} only ${money(Math.max(document.open_amount, 0), document.currency)} is open by now. Reject this and ask anew.`,
    )
  await approve(scope, row, { isOwn, note })
  return getWriteOff(scope, id)
}

/** Turns it down; who asked for it may withdraw it. */
export async function rejectWriteOff(scope: Scope, id: number, note: string | null | undefined) {
  const { row } = await hold(scope, id, 'requested', 'rejected')
  if (row.requested_by !== scope.userId) scope.require('receivables.write_off_approve')
  await scope.db
    .updateTable('write_offs')
    .set({
      state: 'rejected',
      decided_by: scope.userId > 0 ? scope.userId : null,
      decided_at: scope.now,
      decision_note: note || null,
      version: row.version + 1,
    })
    .where('id', '=', id)
    .execute()
  await scope.record('invoice.write_off_rejected', row.invoice_id, {
    write_off_id: id,
    amount: row.amount,
    note: note || null,
  })
  return getWriteOff(scope, id)
}

/** The amount is owed again, as if it had never been written off. */
export async function reverseWriteOff(scope: Scope, id: number) {
  const { row } = await hold(scope, id, 'approved', 'taken back')
  const { rows } = await sql<{ id: number }>`
    select id from payment_allocations where tenant_id = ${scope.tenantId} and write_off_id = ${id} and reversed_at is null for update`.execute(
    scope.db,
  )
  await reverseAllocations(
    scope,
    rows.map((each) => each.id),
    null,
  )
  await scope.db
    .updateTable('write_offs')
    .set({
      state: 'reversed',
      reversed_by: scope.userId > 0 ? scope.userId : null,
      reversed_at: scope.now,
      version: row.version + 1,
    })
    .where('id', '=', id)
    .execute()
  await foldByHand(scope, [row.invoice_id])
  await scope.record('invoice.write_off_reversed', row.invoice_id, { write_off_id: id, amount: row.amount })
  return getWriteOff(scope, id)
}

type Listed = Omit<Row, 'requested_by'> & {
  invoice_number: string
  customer_id: number
  customer_name: string
  currency: string
  open_amount: number
  reason: string
  note: string
  written_off_on: string | null
  requested_by: { id: number; full_name: string } | null
  requested_at: string
  decided_by: { id: number; full_name: string } | null
  decided_at: string | null
  decision_note: string | null
  self_approved: boolean
  reversed_at: string | null
}

async function read(scope: Scope, where: RawBuilder<unknown>, paging: RawBuilder<unknown>) {
  const { tenantId } = scope
  const person = (alias: string) =>
    sql`case when ${sql.ref(`${alias}.id`)} is not null then json_build_object('id', ${sql.ref(`${alias}.id`)}, 'full_name', coalesce(nullif(${sql.ref(`${alias}.full_name`)}, ''), ${sql.ref(`${alias}.username`)})) end`
  const { rows } = await sql<Listed>`
    select w.id, w.invoice_id, i.number as invoice_number, i.customer_id, c.name as customer_name, i.currency, i.open_amount, w.amount, w.reason, w.note,
           w.state, w.written_off_on, ${person('u')} as requested_by, w.requested_at, ${person('v')} as decided_by, w.decided_at, w.decision_note,
           w.self_approved, w.reversed_at, w.version
    ${from(tenantId)}
      left join users u on u.id = w.requested_by
      left join users v on v.id = w.decided_by
     where w.tenant_id = ${tenantId} and ${where} ${paging}`.execute(scope.db)
  const approves = scope.may('receivables.write_off_approve')
  const isSeparate = approves && (await isSegregated(scope))
  return rows.map((row) => {
    const isOwn = row.requested_by?.id === scope.userId
    return {
      ...row,
      amount: wireNumber(row.amount, row.currency),
      open_amount: wireNumber(row.open_amount, row.currency),
      may_approve: row.state === 'requested' && approves && !(isOwn && isSeparate),
      may_reject: row.state === 'requested' && (approves || isOwn),
    }
  })
}
// Whoever sees the invoice sees its write-offs.
const from = (tenantId: number) => sql`
  from write_offs w
  join invoices i on i.tenant_id = ${tenantId} and i.id = w.invoice_id and not i.retracted
  join customers c on c.tenant_id = ${tenantId} and c.id = i.customer_id`

async function getWriteOff(scope: Scope, id: number) {
  const [row] = await read(scope, sql`w.id = ${id}`, sql``)
  if (!row) throw notFound('This write-off')
  return row
}

/** Write-offs, those that wait first of all the oldest. */
export async function listWriteOffs(scope: Scope, query: WriteOffQuery) {
  const conditions = [sql`true`]
  if (query.state) conditions.push(sql`w.state = ${query.state}`)
  if (query.invoice_id) conditions.push(sql`w.invoice_id = ${query.invoice_id}`)
  if (query.customer_id) conditions.push(sql`i.customer_id = ${query.customer_id}`)
  const where = sql.join(conditions, sql` and `)
  const [items, { rows: sums }] = await Promise.all([
    read(
      scope,
      where,
      sql`order by (w.state = 'requested') desc, case when w.state = 'requested' then w.id end, w.id desc
          limit ${query.page_size} offset ${(query.page - 1) * query.page_size}`,
    ),
    sql<{ currency: string; count: number; amount: string }>`
      select i.currency, count(*)::int as count, sum(w.amount)::text as amount ${from(scope.tenantId)}
       where w.tenant_id = ${scope.tenantId} and ${where} group by i.currency order by i.currency`.execute(
      scope.db,
    ),
  ])
  return {
    ...paged(
      items,
      sums.reduce((all, { count }) => all + count, 0),
      query,
    ),
    totals: sums.map((row) => ({ ...row, amount: wireNumber(BigInt(row.amount), row.currency) })),
  }
}
