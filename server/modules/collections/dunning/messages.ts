import { type RawBuilder, sql } from 'kysely'
import { notFound } from '../../../core/errors.ts'
import { wireNumber } from '../../../core/money.ts'
import { likeText, paged } from '../../../core/schema.ts'
import type { Scope } from '../../../core/scope.ts'
import { requireCustomer } from '../../receivables/customer.ts'
import { readBlocks } from './blocks.ts'
import { wireLine, wireReasons } from './dry-run.ts'
import { type Account, dunningAccounts, policiesInForce } from './facts.ts'
import { requireWholeBook } from './prepare.ts'
import { type Channel, type MessageState, type Move, moves } from './rules.ts'
import type { MessageDecision, MessageQuery } from './schemas.ts'

type Sql = RawBuilder<unknown>
type Row = {
  id: number
  customer_id: number
  customer_code: string | null
  customer_name: string
  currency: string
  policy_id: number
  policy_version: number
  policy_name: string
  step: number
  channel: Channel
  language: string
  recipient: string | null
  subject: string
  body: string
  amount: number
  state: MessageState
  held_because: string | null
  prepared_on: string
  decided_at: string | null
  decided_by: { id: number; full_name: string } | null
  sent_on: string | null
  /** How the message stands that it left as. */
  delivery: string | null
  invoice_count: number
  version: number
}

/** Messages about what the caller sees, over `dunning_messages m`. */
const visible = ({ tenantId }: Scope) => sql`
  exists (select from dunning_message_invoices seen join invoices i on i.tenant_id = ${tenantId} and i.id = seen.invoice_id and not i.retracted
           where seen.tenant_id = ${tenantId} and seen.message_id = m.id)`
const from = (scope: Scope, conditions: Sql[]) => sql`
  from dunning_messages m
  join customers c on c.tenant_id = ${scope.tenantId} and c.id = m.customer_id
 where m.tenant_id = ${scope.tenantId} and ${visible(scope)} and ${sql.join(conditions, sql` and `)}`
const columns = ({ tenantId }: Scope) => sql`
  m.id, m.customer_id, c.code as customer_code, c.name as customer_name, m.currency, m.policy_id, m.policy_version,
  (select p.name from dunning_policies p where p.tenant_id = ${tenantId} and p.id = m.policy_id) as policy_name, m.step, m.channel, m.language,
  m.recipient, m.subject, m.body, m.amount, m.state, m.held_because, m.prepared_on, m.decided_at, m.sent_on, m.version,
  (select o.state from messages o where o.tenant_id = ${tenantId} and o.id = m.outgoing_id) as delivery,
  (select json_build_object('id', u.id, 'full_name', coalesce(nullif(u.full_name, ''), u.username)) from users u where u.id = m.decided_by) as decided_by,
  (select count(*)::int from dunning_message_invoices mi where mi.tenant_id = ${tenantId} and mi.message_id = m.id) as invoice_count`
const wire = <R extends { amount: number; currency: string }>(row: R) => ({
  ...row,
  amount: wireNumber(row.amount, row.currency),
})

const sorts: Record<MessageQuery['sort'], Sql> = {
  prepared: sql`m.id`,
  customer_name: sql`lower(c.name)`,
  amount: sql`m.amount`,
  step: sql`m.step`,
}

export async function listMessages(scope: Scope, query: MessageQuery) {
  const conditions = [sql`true`]
  if (query.customer_id) conditions.push(sql`m.customer_id = ${query.customer_id}`)
  if (query.channel) conditions.push(sql`m.channel = ${query.channel}`)
  if (query.currency) conditions.push(sql`m.currency = ${query.currency}`)
  if (query.search) {
    const like = likeText(query.search)
    conditions.push(sql`(c.name ilike ${like} or c.code ilike ${like} or m.recipient ilike ${like})`)
  }
  const shown = query.state ? [...conditions, sql`m.state = any(${query.state})`] : conditions
  const direction = sql.raw(query.order ?? (query.sort === 'customer_name' ? 'asc' : 'desc'))
  const [{ rows }, { rows: totals }, { rows: counts }] = await Promise.all([
    sql<Row>`select ${columns(scope)} ${from(scope, shown)} order by ${sorts[query.sort]} ${direction}, m.id
              limit ${query.page_size} offset ${(query.page - 1) * query.page_size}`.execute(scope.db),
    sql<{ currency: string; count: number; amount: string }>`
      select m.currency, count(*)::int as count, sum(m.amount)::text as amount ${from(scope, shown)} group by 1 order by 1`.execute(
      scope.db,
    ),
    sql<{
      state: string
      n: number
    }>`select m.state, count(*)::int as n ${from(scope, conditions)} group by 1`.execute(scope.db),
  ])
  return {
    ...paged(
      rows.map(wire),
      totals.reduce((all, each) => all + each.count, 0),
      query,
    ),
    totals: totals.map((each) => ({ ...each, amount: wireNumber(BigInt(each.amount), each.currency) })),
    counts: Object.fromEntries(counts.map(({ state, n }) => [state, n])),
  }
}

async function readMessage(scope: Scope, id: number) {
  const { rows } = await sql<Row>`select ${columns(scope)} ${from(scope, [sql`m.id = ${id}`])}`.execute(
    scope.db,
  )
  if (!rows[0]) throw notFound('This message')
  return rows[0]
}

/** One message as it would go, and what the gates say of it now. */
export async function getMessage(scope: Scope, id: number) {
  const row = await readMessage(scope, id)
  const { rows } = await sql<{
    invoice_id: number
    invoice_number: string
    due_date: string | null
    step: number | null
    amount: number
    open_amount: number
    days_overdue: number
  }>`
    select mi.invoice_id, i.number as invoice_number, i.due_date, mi.step, mi.amount, i.open_amount, mi.days_overdue
      from dunning_message_invoices mi join invoices i on i.tenant_id = ${scope.tenantId} and i.id = mi.invoice_id
     where mi.tenant_id = ${scope.tenantId} and mi.message_id = ${id} order by mi.days_overdue desc, i.id`.execute(
    scope.db,
  )
  const stopped = ['prepared', 'approved', 'held'].includes(row.state)
    ? stoppedBy(await dunningAccounts(scope, { customer_ids: [row.customer_id] }), row, rows)
    : []
  const numbers = new Map(rows.map((each) => [each.invoice_id, each.invoice_number]))
  const money = (minor: number) => wireNumber(minor, row.currency)
  return {
    ...wire(row),
    invoices: rows.map((each) => ({
      ...each,
      amount: money(each.amount),
      open_amount: money(each.open_amount),
    })),
    stopped_by: wireReasons(stopped, row.currency, numbers),
  }
}

/** Why a message that waits may not go as it is: the gates, asked now; an amount that is not owed any more is one of them. */
export function stoppedBy(
  accounts: readonly Account[],
  message: Pick<Row, 'customer_id' | 'currency' | 'amount'>,
  invoices: readonly { invoice_id: number; amount: number }[],
) {
  const account = accounts.find(
    (each) => each.customer_id === message.customer_id && each.currency === message.currency,
  )
  const ids = invoices.map((each) => each.invoice_id)
  const balance = {
    gate: 'balance' as const,
    invoice_ids: ids,
    amount: BigInt(message.amount),
    until: null,
    text: null,
  }
  if (!account) return [balance]
  const { decision } = account
  if (!decision.step) return decision.reasons.length > 0 ? decision.reasons : [balance]
  const now = new Map(decision.invoices.map((each) => [each.id, each.amount]))
  const gone = invoices.filter((each) => (now.get(each.invoice_id) ?? 0n) < BigInt(each.amount))
  if (gone.length === 0) return []
  const why = decision.reasons.filter(({ invoice_ids }) =>
    invoice_ids.some((id) => gone.some((each) => each.invoice_id === id)),
  )
  return why.length > 0
    ? why
    : [
        {
          ...balance,
          invoice_ids: gone.map((each) => each.invoice_id),
          amount: gone.reduce((sum, each) => sum + BigInt(each.amount), 0n),
        },
      ]
}

export const gateWords: Record<string, string> = {
  balance: 'what it asks for is not owed any more',
  dispute: 'part of it is in dispute',
  promise: 'the customer has promised to pay',
  block: 'the customer or an invoice is blocked',
  credit: 'the customer has as much unapplied credit',
  address: 'there is no address that works',
  not_due: 'its step is not due',
  finished: 'every step has gone out',
  no_policy: 'there is no dunning policy',
}

/**
 * Approves, holds or cancels many, or says that approved ones went out. What a decision does not fit is named with the reason, and
 * the rest is done. Approving asks the gates once more: the day it was prepared has passed; what is by mail or text goes then by itself.
 */
export async function decideMessages(scope: Scope, { message_ids, decision, reason }: MessageDecision) {
  requireWholeBook(scope)
  const ids = [...new Set(message_ids)]
  const { rows } = await sql<
    Pick<Row, 'id' | 'customer_id' | 'currency' | 'amount' | 'state'> & { outgoing_id: number | null }
  >`
    select m.id, m.customer_id, m.currency, m.amount, m.state, m.outgoing_id from dunning_messages m
     where m.tenant_id = ${scope.tenantId} and m.id = any(${ids}) and ${visible(scope)} order by m.id for update of m`.execute(
    scope.db,
  )
  if (rows.length < ids.length) throw notFound('One of these messages')
  const { from: allowed, to } = moves[decision as Move]
  const refused = new Map<number, { id: number; code: string; detail: string }>()
  for (const { id, state } of rows)
    if (state !== to && !(allowed as readonly string[]).includes(state))
      refused.set(id, {
        id,
        code: 'wrong_state',
        detail: `It is ${state}: that decision is for ${allowed.join(' and ')} ones.`,
      })
  for (const { id, state, outgoing_id } of rows)
    if (outgoing_id && state === 'approved' && to !== 'approved')
      refused.set(id, {
        id,
        code: 'leaving',
        detail: 'It is on its way already: what became of it is told by itself.',
      })
  const changing = rows.filter(({ id, state }) => state !== to && !refused.has(id))
  if (decision === 'approve' && changing.length > 0) {
    const accounts = await dunningAccounts(scope, {
      customer_ids: [...new Set(changing.map((each) => each.customer_id))],
    })
    const { rows: parts } = await sql<{ message_id: number; invoice_id: number; amount: number }>`
      select mi.message_id, mi.invoice_id, mi.amount from dunning_message_invoices mi
       where mi.tenant_id = ${scope.tenantId} and mi.message_id = any(${changing.map(({ id }) => id)})`.execute(
      scope.db,
    )
    const of = Map.groupBy(parts, ({ message_id }) => message_id)
    for (const message of changing) {
      const [first] = stoppedBy(accounts, message, of.get(message.id) ?? [])
      if (first)
        refused.set(message.id, {
          id: message.id,
          code: `stopped_by_${first.gate}`,
          detail: `Since it was prepared, ${gateWords[first.gate]}. Prepare the messages again.`,
        })
    }
  }
  const changed = changing.filter(({ id }) => !refused.has(id)).map(({ id }) => id)
  if (changed.length > 0) {
    await sql`
      update dunning_messages m
         set state = ${to}, held_because = ${decision === 'hold' ? (reason ?? null) : null}, decided_at = ${scope.now},
             decided_by = ${scope.userId > 0 ? scope.userId : null}, version = m.version + 1
             ${decision === 'sent' ? sql`, sent_on = ${scope.today}, sent_at = ${scope.now}` : sql``}
       where m.tenant_id = ${scope.tenantId} and m.id = any(${changed})`.execute(scope.db)
    await scope.recordEach(
      `dunning_message.${to}`,
      changed.map((id) => ({ subject_id: id, data: reason ? { reason } : {} })),
    )
    if (decision === 'approve')
      await scope.enqueue('send_dunning', {}, { key: `send dunning ${scope.tenantId}` })
  }
  return { changed, refused: [...refused.values()] }
}

/** Reminders of one customer, as far as the caller sees its invoices. */
export async function customerDunning(scope: Scope, customerId: number) {
  await requireCustomer(scope, customerId)
  const [accounts, blocks, { rows: messages }, policies, { rows: own }] = await Promise.all([
    dunningAccounts(scope, { customer_ids: [customerId] }),
    readBlocks(
      scope,
      sql`b.customer_id = ${customerId} and b.lifted_at is null and b.until >= ${scope.today}`,
    ),
    sql<Row>`select ${columns(scope)} ${from(scope, [sql`m.customer_id = ${customerId}`, sql`m.state <> 'cancelled'`])} order by m.id desc limit 20`.execute(
      scope.db,
    ),
    policiesInForce(scope),
    sql<{ policy_id: number }>`
      select d.policy_id from dunning_customers d where d.tenant_id = ${scope.tenantId} and d.customer_id = ${customerId}`.execute(
      scope.db,
    ),
  ])
  const policy =
    policies.find(({ id }) => id === own[0]?.policy_id) ?? policies.find(({ is_default }) => is_default)
  return {
    policy: policy ? { id: policy.id, name: policy.name, is_own: own.length > 0 } : null,
    lines: accounts.map(wireLine),
    blocks: blocks.items,
    messages: messages.map(wire),
  }
}
