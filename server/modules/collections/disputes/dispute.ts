import { type RawBuilder, sql } from 'kysely'
import type { z } from 'zod'
import { expectVersion, type Http } from '../../../core/api.ts'
import { invalidField, notFound, Refusal } from '../../../core/errors.ts'
import { decimalText, exponentOf, fromWireNumber, wireNumber } from '../../../core/money.ts'
import type { Scope } from '../../../core/scope.ts'
import { forgetSessions } from '../../identity/seen-sessions.ts'
import { requireAssignable } from '../../receivables/assignments.ts'
import { markDisputed } from '../../receivables/disputed.ts'
import { type DisputeRow, named, wireDispute, worked, workingDays } from './read.ts'
import { usableReason } from './reasons.ts'
import {
  afterBusinessDays,
  businessDaysBetween,
  isOpen,
  type State,
  stateWords,
  transitions,
} from './rules.ts'
import type { DisputeChange, DisputeInput, MoveInput, ResolveInput, WithdrawInput } from './schemas.ts'
import { tell } from './tell.ts'

// One dispute and its acts. An invoice's row is locked by whoever changes its disputes: so intervals of one part cannot come to
// overlap, and what the invoice says of its disputes is what they are.

/** Who cleared a dispute goes on seeing it when it is closed, though not its invoice. */
export async function readDispute(scope: Scope, id: number): Promise<DisputeRow> {
  const row =
    (await find(scope, sql`d.id = ${id}`)) ??
    (await scope.overAllRows(() => find(scope, sql`d.id = ${id} and d.owner_id = ${scope.userId}`)))
  if (!row) throw notFound('This dispute')
  return row
}
async function find(scope: Scope, condition: RawBuilder<unknown>) {
  const { columns, joins } = named(scope)
  const { rows } = await sql<DisputeRow>`
    select ${columns} from (${worked(scope, condition)}) p ${joins}`.execute(scope.db)
  return rows[0]
}

export const getDispute = async (scope: Scope, id: number) => detailsOf(scope, await readDispute(scope, id))

async function detailsOf(scope: Scope, row: DisputeRow) {
  const { id } = row
  const [working, { rows }] = await Promise.all([
    workingDays(scope),
    sql<{ opened_on: string; closed_on: string | null; amount: number | null }>`
      select opened_on, closed_on, amount from dispute_intervals
       where tenant_id = ${scope.tenantId} and dispute_id = ${id} order by opened_on, id`.execute(scope.db),
  ])
  return {
    ...wireDispute(scope, working, row),
    version: row.version!,
    intervals: rows.map((each) => ({
      ...each,
      amount: each.amount === null ? null : wireNumber(each.amount, row.currency),
    })),
    moves: Object.entries(transitions[row.state as State]).map(([state, by]) => ({ state, by })),
  }
}

type Invoice = {
  id: number
  number: string
  currency: string
  amount: number
  open_amount: number
}

/** Its invoice, locked; refused where the caller does not see it. */
async function lockInvoice(scope: Scope, id: number): Promise<Invoice> {
  const {
    rows: [invoice],
  } = await sql<Invoice>`
    select i.id, i.number, i.currency, i.amount, i.open_amount from invoices i
     where i.tenant_id = ${scope.tenantId} and i.id = ${id} and not i.retracted for no key update`.execute(
    scope.db,
  )
  if (!invoice) throw notFound('This invoice')
  return invoice
}

/** The dispute with its invoice locked, in the version the caller has seen. */
export async function lockDispute(scope: Scope, http: Http, id: number) {
  const { invoice_id } = await readDispute(scope, id)
  // Who sees the dispute may act on it.
  const invoice = await scope.overAllRows(() => lockInvoice(scope, invoice_id))
  // Read again: it may have been changed while the lock was waited for.
  const dispute = await readDispute(scope, id)
  expectVersion(http, { ...dispute, version: dispute.version! })
  return {
    invoice,
    dispute: dispute as DisputeRow & { id: number; version: number; opened_on: string; due_on: string },
  }
}

export function minorOf(invoice: Pick<Invoice, 'currency'>, path: string, value: number): number {
  const minor = fromWireNumber(value, invoice.currency)
  if (minor !== undefined) return Number(minor)
  throw invalidField(
    path,
    `Not an amount in ${invoice.currency}: at most ${exponentOf(invoice.currency)} decimals, such as ${decimalText(1050, invoice.currency)}.`,
    'invalid_amount',
  )
}

type Part = { amount: number | null; line: string | null }

/** Refuses a part that is in dispute already at some time from `from` on, and parts that are more than the invoice. */
async function requireFreePart(
  scope: Scope,
  invoice: Invoice,
  { amount, line }: Part,
  from: string,
  except: number | null,
) {
  const { rows } = await sql<Part & { id: number; opened_on: string; closed_on: string | null }>`
    select d.id, v.amount, d.line, v.opened_on, v.closed_on
      from dispute_intervals v join disputes d on d.tenant_id = ${scope.tenantId} and d.id = v.dispute_id
     where v.tenant_id = ${scope.tenantId} and v.invoice_id = ${invoice.id} and d.id is distinct from ${except}::bigint
       and (v.closed_on is null or v.closed_on > greatest(${from}::date, v.opened_on))`.execute(scope.db)
  const same = (other: Part) =>
    amount === null ||
    other.amount === null ||
    (line !== null && other.line !== null && line.toLowerCase() === other.line.toLowerCase())
  const taken = rows.find(same)
  if (taken) {
    const what =
      taken.amount === null
        ? 'as a whole'
        : taken.line
          ? `for ${taken.line}`
          : `for ${decimalText(taken.amount, invoice.currency)} ${invoice.currency}`
    const when = taken.closed_on
      ? `was in dispute ${what} until ${taken.closed_on}`
      : `is in dispute ${what} already`
    throw new Refusal(
      409,
      'part_disputed',
      `Invoice ${invoice.number} ${when}. ${taken.closed_on ? 'Choose a later day.' : 'Change that dispute, or close it first.'}`,
      { body: { dispute_id: taken.id } },
    )
  }
  if (amount === null) return
  const others = rows.filter((each) => each.closed_on === null).reduce((sum, each) => sum + each.amount!, 0)
  if (amount + others > invoice.amount)
    throw invalidField(
      'amount',
      `More than the invoice: ${decimalText(invoice.amount - others, invoice.currency)} ${invoice.currency} of it is not in dispute.`,
      'too_much',
    )
}

function requireDay(scope: Scope, path: string, day: string, from?: string) {
  if (day > scope.today) throw invalidField(path, `Not later than today, ${scope.today}.`, 'in_future')
  if (from && day < from) throw invalidField(path, `Not before ${from}.`, 'too_early')
}

type Opening = Omit<z.output<typeof DisputeInput>, 'invoice_id'> & {
  source?: 'manual' | 'import' | 'customer'
}

/** Opens a dispute on an invoice whose row is locked by now; answers its id. */
export async function openOn(
  scope: Scope,
  invoice: Invoice,
  input: Opening,
  working: number[],
): Promise<number> {
  const reason = await usableReason(scope, input.reason_id)
  const opened_on = input.opened_on ?? scope.today
  requireDay(scope, 'opened_on', opened_on)
  if (invoice.amount <= 0)
    throw new Refusal(409, 'not_disputable', `${invoice.number} is a credit: there is nothing to dispute.`)
  const amount = input.amount == null ? null : minorOf(invoice, 'amount', input.amount)
  const line = input.line ?? null
  if (line !== null && amount === null)
    throw invalidField('amount', 'Say how much of the invoice this line is.', 'missing_amount')
  await requireFreePart(scope, invoice, { amount, line }, opened_on, null)
  const owner_id = await ownerOf(scope, invoice.id, input.owner_id, reason.owner_id)
  const { id } = await scope.db
    .insertInto('disputes')
    .values({
      invoice_id: invoice.id,
      reason_id: reason.id,
      amount,
      opened_amount: amount ?? Math.max(invoice.open_amount, 0),
      line,
      note: input.note ?? null,
      source: input.source ?? 'manual',
      state: 'new',
      owner_id,
      opened_on,
      due_on: afterBusinessDays(opened_on, reason.sla_days, working),
      opened_by: scope.userId > 0 ? scope.userId : null,
      opened_at: scope.now,
      updated_at: scope.now,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await beginInterval(scope, { id, invoice_id: invoice.id, amount }, opened_on)
  if (owner_id) forgetSessions()
  return id
}

/** Who clears it: whom the caller names, else who clears the invoice's other disputes, else the reason's own person. */
async function ownerOf(
  scope: Scope,
  invoiceId: number,
  named: number | null | undefined,
  own: number | null,
) {
  if (named) await requireAssignable(scope, named, 'owner_id')
  if (named !== undefined) return named
  const other = await scope.db
    .selectFrom('disputes')
    .select('owner_id')
    .where('invoice_id', '=', invoiceId)
    .where('closed_on', 'is', null)
    .where('owner_id', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  return other?.owner_id ?? own
}

async function beginInterval(
  scope: Scope,
  { id, invoice_id, amount }: { id: number; invoice_id: number; amount: number | null },
  opened_on: string,
) {
  await scope.db
    .insertInto('dispute_intervals')
    .values({ dispute_id: id, invoice_id, amount, opened_on, opened_at: scope.now })
    .execute()
}
const endInterval = (scope: Scope, id: number, closed_on: string) =>
  scope.db
    .updateTable('dispute_intervals')
    .set({ closed_on, closed_at: scope.now })
    .where('dispute_id', '=', id)
    .where('closed_on', 'is', null)
    .execute()

export async function openDispute(
  scope: Scope,
  { invoice_id, ...input }: z.output<typeof DisputeInput>,
  by: 'us' | 'customer' = 'us',
) {
  const invoice = await lockInvoice(scope, invoice_id)
  const source = by === 'customer' ? by : await statedAlone(scope, invoice_id)
  const id = await openOn(scope, invoice, { ...input, source }, await workingDays(scope))
  await markDisputed(scope, [invoice_id])
  const opened = await readOverAll(scope, id)
  await tell(scope, 'dispute.opened', opened, { reason: opened.reason })
  return answer(scope, id)
}

/** Whether files alone call the invoice disputed: then a dispute that is opened takes up what they say. */
async function statedAlone(scope: Scope, invoiceId: number): Promise<'manual' | 'import'> {
  const row = await scope.db
    .selectFrom('invoices')
    .select(['stated_disputed', sql<boolean>`disputed_by_hand > 0`.as('by_hand')])
    .where('id', '=', invoiceId)
    .executeTakeFirst()
  return row?.stated_disputed && !row.by_hand ? 'import' : 'manual'
}

/** Who gives a dispute away may not see its invoice afterwards; what they did is answered all the same. */
const readOverAll = async (scope: Scope, id: number) =>
  (await scope.overAllRows(() => find(scope, sql`d.id = ${id}`)))!
const answer = async (scope: Scope, id: number) => detailsOf(scope, await readOverAll(scope, id))

/** What it is about. States have acts of their own. */
export async function changeDispute(
  scope: Scope,
  http: Http,
  id: number,
  input: z.output<typeof DisputeChange>,
) {
  const { invoice, dispute } = await lockDispute(scope, http, id)
  if (input.state !== undefined && input.state !== dispute.state)
    throw ownAct(dispute.state as State, input.state)
  requireOpen(dispute)
  const amount =
    input.amount === undefined
      ? dispute.amount
      : input.amount === null
        ? null
        : minorOf(invoice, 'amount', input.amount)
  const line = input.line === undefined ? dispute.line : input.line
  if (line !== null && amount === null)
    throw invalidField('amount', 'Say how much of the invoice this line is.', 'missing_amount')
  const reason = input.reason_id ? await usableReason(scope, input.reason_id) : null
  const next = {
    reason_id: reason?.id ?? dispute.reason_id!,
    amount,
    line,
    note: input.note === undefined ? dispute.note : input.note,
    due_on: input.due_on ?? dispute.due_on,
  }
  const fields = Object.keys(next) as (keyof typeof next)[]
  const changed = fields.filter((field) => next[field] !== dispute[field])
  if (changed.length === 0) return answer(scope, id)
  if (amount !== dispute.amount || line !== dispute.line)
    await requireFreePart(scope, invoice, { amount, line }, scope.today, id)
  if (amount !== dispute.amount) {
    // From today on; what was disputed until now stays what it was.
    const from = scope.today > dispute.opened_on ? scope.today : dispute.opened_on
    await endInterval(scope, id, from)
    await beginInterval(scope, { id, invoice_id: invoice.id, amount }, from)
  }
  await scope.db
    .updateTable('disputes')
    .set({ ...next, version: dispute.version + 1, updated_at: scope.now })
    .where('id', '=', id)
    .execute()
  await markDisputed(scope, [invoice.id])
  const changes = Object.fromEntries(
    changed.map((field) =>
      field === 'reason_id'
        ? ['reason', [dispute.reason, reason!.path]]
        : [field === 'amount' ? 'amount' : field, [dispute[field], next[field]]],
    ),
  )
  await scope.record('dispute.changed', id, { invoice_id: invoice.id, ...changes })
  return answer(scope, id)
}

const acts: Record<string, string> = {
  move: 'POST /api/receivables/disputes/:id/move',
  resolve: 'POST /api/receivables/disputes/:id/resolve',
  withdraw: 'POST /api/receivables/disputes/:id/withdraw',
  reopen: 'POST /api/receivables/disputes/:id/reopen',
}
function ownAct(from: State, to: State) {
  const act = transitions[from][to]
  return act
    ? new Refusal(
        409,
        'state_has_own_action',
        `A dispute becomes ${stateWords[to]} by its own action: ${acts[act]}.`,
      )
    : new Refusal(
        409,
        'no_such_move',
        `This dispute is ${stateWords[from]}; from there it cannot become ${stateWords[to]}.`,
      )
}
function requireOpen(dispute: { state: string }) {
  if (!isOpen(dispute.state))
    throw new Refusal(
      409,
      'dispute_closed',
      `This dispute is ${stateWords[dispute.state as State]}. Reopen it first.`,
    )
}

/** Between the states of an open dispute. While the customer is waited for, the clock stands still. */
export async function moveDispute(
  scope: Scope,
  http: Http,
  id: number,
  { state, note }: z.output<typeof MoveInput>,
) {
  const { invoice, dispute } = await lockDispute(scope, http, id)
  const from = dispute.state as State
  if (state === from) return answer(scope, id)
  if (transitions[from][state] !== 'move') throw ownAct(from, state)
  const clock = await movedClock(scope, dispute, state)
  await scope.db
    .updateTable('disputes')
    .set({ state, ...clock, version: dispute.version + 1, updated_at: scope.now })
    .where('id', '=', id)
    .execute()
  if (note) await addComment(scope, id, note)
  await tell(scope, 'dispute.moved', await readOverAll(scope, id), {
    from,
    to: state,
    invoice_id: invoice.id,
  })
  return answer(scope, id)
}

async function movedClock(
  scope: Scope,
  { due_on, waiting_since }: { due_on: string; waiting_since: string | null },
  state: State,
) {
  if (state === 'waiting') return { waiting_since: waiting_since ?? scope.today }
  if (waiting_since === null) return {}
  const working = await workingDays(scope)
  const stood = Math.max(0, businessDaysBetween(waiting_since, scope.today, working))
  return { waiting_since: null, due_on: afterBusinessDays(due_on, stood, working) }
}

/** Gives it to who clears it from now on, or to nobody. */
export async function assignDispute(scope: Scope, http: Http, id: number, to: number | null) {
  const { invoice, dispute } = await lockDispute(scope, http, id)
  requireOpen(dispute)
  await requireAssignable(scope, to, 'owner_id')
  if (dispute.owner_id === to) return answer(scope, id)
  await scope.db
    .updateTable('disputes')
    .set({ owner_id: to, version: dispute.version + 1, updated_at: scope.now })
    .where('id', '=', id)
    .execute()
  forgetSessions()
  await tell(scope, 'dispute.assigned', await readOverAll(scope, id), {
    from: dispute.owner_id,
    to,
    invoice_id: invoice.id,
  })
  return answer(scope, id)
}

type Closing =
  | ({ state: 'resolved' } & z.output<typeof ResolveInput>)
  | ({ state: 'withdrawn' } & z.output<typeof WithdrawInput>)

/** Ends it: by what was agreed, or because it was none. What was agreed is credited by who keeps the books, not by this. */
export async function closeDispute(scope: Scope, http: Http, id: number, input: Closing) {
  const { invoice, dispute } = await lockDispute(scope, http, id)
  requireOpen(dispute)
  const closed_on = input.closed_on ?? (scope.today > dispute.opened_on ? scope.today : dispute.opened_on)
  requireDay(scope, 'closed_on', closed_on, await lastBegin(scope, id))
  const accepted = input.state === 'resolved' && input.resolution === 'accepted'
  if (input.state === 'resolved' && input.agreed_amount != null && !accepted)
    throw invalidField(
      'agreed_amount',
      'Only an accepted dispute has an amount that will be credited.',
      'not_accepted',
    )
  const agreed =
    input.state === 'resolved' && accepted
      ? input.agreed_amount == null
        ? dispute.disputed_amount
        : minorOf(invoice, 'agreed_amount', input.agreed_amount)
      : null
  if (agreed !== null && agreed > invoice.amount)
    throw invalidField('agreed_amount', 'More than the invoice.', 'too_much')
  await endInterval(scope, id, closed_on)
  await scope.db
    .updateTable('disputes')
    .set({
      state: input.state,
      resolution: input.state === 'resolved' ? input.resolution : null,
      resolution_note: input.note ?? null,
      agreed_amount: agreed,
      closed_on,
      closed_by: scope.userId > 0 ? scope.userId : null,
      closed_at: scope.now,
      version: dispute.version + 1,
      updated_at: scope.now,
    })
    .where('id', '=', id)
    .execute()
  await markDisputed(scope, [invoice.id])
  forgetSessions()
  const kind = input.state === 'resolved' ? 'dispute.resolved' : 'dispute.withdrawn'
  await tell(scope, kind, await readOverAll(scope, id), {
    ...(input.state === 'resolved' ? { resolution: input.resolution } : {}),
    ...(agreed === null ? {} : { agreed_amount: agreed }),
  })
  return answer(scope, id)
}

const lastBegin = async (scope: Scope, id: number) => {
  const { rows } = await sql<{ day: string }>`
    select max(opened_on) as day from dispute_intervals where tenant_id = ${scope.tenantId} and dispute_id = ${id}`.execute(
    scope.db,
  )
  return rows[0]!.day
}

/** Takes its closing back, from today on; the clock goes on as many business days as were left. */
export async function reopenDispute(scope: Scope, http: Http, id: number, note?: string) {
  const { invoice, dispute } = await lockDispute(scope, http, id)
  if (isOpen(dispute.state))
    throw new Refusal(409, 'dispute_open', 'This dispute is open. There is nothing to reopen.')
  const from = scope.today > dispute.closed_on! ? scope.today : dispute.closed_on!
  await requireFreePart(scope, invoice, { amount: dispute.amount, line: dispute.line }, from, id)
  await beginInterval(scope, { id, invoice_id: invoice.id, amount: dispute.amount }, from)
  const working = await workingDays(scope)
  const stopped = dispute.waiting_since ?? dispute.closed_on!
  const stood = Math.max(0, businessDaysBetween(stopped, from, working))
  await scope.db
    .updateTable('disputes')
    .set({
      state: 'in_review',
      resolution: null,
      resolution_note: null,
      agreed_amount: null,
      closed_on: null,
      closed_by: null,
      closed_at: null,
      waiting_since: null,
      due_on: afterBusinessDays(dispute.due_on, stood, working),
      version: dispute.version + 1,
      updated_at: scope.now,
    })
    .where('id', '=', id)
    .execute()
  if (note) await addComment(scope, id, note)
  await markDisputed(scope, [invoice.id])
  forgetSessions()
  await tell(scope, 'dispute.reopened', await readOverAll(scope, id), {})
  return answer(scope, id)
}

async function addComment(scope: Scope, id: number, body: string) {
  const comment = await scope.db
    .insertInto('dispute_comments')
    .values({ dispute_id: id, user_id: scope.userId, body, created_at: scope.now })
    .returning('id')
    .executeTakeFirstOrThrow()
  return comment.id
}

export async function listDisputeComments(scope: Scope, id: number) {
  await readDispute(scope, id)
  return { items: await commentsWhere(scope, sql`k.dispute_id = ${id}`) }
}

type Comment = {
  id: number
  dispute_id: number
  user: { id: number; full_name: string }
  body: string
  created_at: string
}
async function commentsWhere(scope: Scope, condition: ReturnType<typeof sql>) {
  const { rows } = await sql<Comment>`
    select k.id, k.dispute_id, json_build_object('id', u.id, 'full_name', coalesce(nullif(u.full_name, ''), u.username)) as user,
           k.body, k.created_at
      from dispute_comments k join users u on u.id = k.user_id
     where k.tenant_id = ${scope.tenantId} and ${condition} order by k.id`.execute(scope.db)
  return rows
}

export async function commentOnDispute(scope: Scope, id: number, body: string) {
  const dispute = await readDispute(scope, id)
  const comment = await addComment(scope, id, body)
  await tell(scope, 'dispute.commented', dispute, { comment_id: comment })
  return (await commentsWhere(scope, sql`k.id = ${comment}`))[0]!
}
