import { sql } from 'kysely'
import { addDays } from '../../../core/dates.ts'
import type { Scope } from '../../../core/scope.ts'
import { promiseVerdicts } from '../promises/verdict.ts'
import {
  type AccountFacts,
  type Channel,
  type Decision,
  decide,
  type InvoiceFacts,
  type MessageState,
} from './rules.ts'

export type Step = {
  step: number
  delay_days: number
  gap_days: number
  channel: Channel
  language: string
  subject: string
  body: string
}
export type Policy = { id: number; name: string; is_default: boolean; version: number; steps: Step[] }

/** A customer in one currency, with what the gates ask for and what they say. */
export type Account = {
  customer_id: number
  customer_code: string | null
  customer_name: string
  currency: string
  policy: Policy | null
  facts: AccountFacts
  decision: Decision
  waiting: { id: number; state: MessageState } | null
  credits: { number: string; amount: bigint }[]
}

/** The policies in force, each with the steps of its version. */
export async function policiesInForce({ db, tenantId }: Scope): Promise<Policy[]> {
  const { rows } = await sql<Policy>`
    select p.id, p.name, p.is_default, p.version,
           (select json_agg(json_build_object('step', s.step, 'delay_days', s.delay_days, 'gap_days', s.gap_days, 'channel', s.channel,
                                              'language', s.language, 'subject', s.subject, 'body', s.body) order by s.step)
              from dunning_steps s where s.tenant_id = ${tenantId} and s.policy_id = p.id and s.version = p.version) as steps
      from dunning_policies p where p.tenant_id = ${tenantId} and p.archived_at is null order by p.is_default desc, lower(p.name)`.execute(
    db,
  )
  return rows
}

type Only = {
  customer_ids?: readonly number[] | undefined
  currency?: string | undefined
  search?: string | undefined
}
type InvoiceRow = {
  id: number
  number: string
  customer_id: number
  currency: string
  open_amount: number
  disputed: number
  due_on: string
  promise: InvoiceFacts['promise']
  block: InvoiceFacts['block']
  last: InvoiceFacts['last']
}

/** What is late, or will be soon enough for the earliest step, with what stops it. */
async function lateInvoices(
  scope: Scope,
  { customer_ids, currency }: Only,
  earliest: number,
): Promise<InvoiceRow[]> {
  const { tenantId, today } = scope
  const { rows } = await sql<InvoiceRow>`
    with open_promises as materialized (
      select pi.invoice_id, json_build_object('id', p.id, 'deadline', p.deadline) as promise
        from (${promiseVerdicts(scope, { as_of: today, which: sql`p.state = 'active'` })}) v
        join promises p on p.tenant_id = ${tenantId} and p.id = v.promise_id
        join promise_invoices pi on pi.tenant_id = ${tenantId} and pi.promise_id = p.id and pi.is_active
       where v.verdict = 'open'),
    blocks as materialized (
      select distinct on (b.invoice_id) b.invoice_id, json_build_object('until', b.until, 'reason', b.reason) as block
        from dunning_blocks b
       where b.tenant_id = ${tenantId} and b.invoice_id is not null and b.lifted_at is null and b.until >= ${today}
       order by b.invoice_id, b.until desc),
    sent as materialized (
      select mi.invoice_id, json_build_object('step', max(mi.step), 'sent_on', max(m.sent_on)) as last
        from dunning_messages m join dunning_message_invoices mi on mi.tenant_id = ${tenantId} and mi.message_id = m.id and mi.step is not null
       where m.tenant_id = ${tenantId} and m.state = 'sent' group by mi.invoice_id)
    select i.id, i.number, i.customer_id, i.currency, i.open_amount, ${disputedAmount} as disputed, i.aged_from as due_on, o.promise, b.block, s.last
      from invoices i
      left join open_promises o on o.invoice_id = i.id
      left join blocks b on b.invoice_id = i.id
      left join sent s on s.invoice_id = i.id
     where i.tenant_id = ${tenantId} and i.open_amount > 0 and i.aged_from <= ${addDays(today, -earliest)}
       ${customer_ids ? sql`and i.customer_id = any(${customer_ids})` : sql``} ${currency ? sql`and i.currency = ${currency}` : sql``}
     order by i.customer_id, i.currency, i.aged_from, i.id`.execute(scope.db)
  return rows
}
/** What of invoice `i` is in dispute: the whole of it where a file or somebody says so, else the sum of its disputes. */
const disputedAmount = sql`
  case when i.stated_disputed or i.is_disputed and i.disputed_by_hand = 0 then i.open_amount else least(i.open_amount, i.disputed_by_hand) end`

type Customer = {
  id: number
  code: string | null
  name: string
  email: string | null
  phone: string | null
  policy_id: number | null
  block: AccountFacts['block']
}
async function customersOf({ db, tenantId, today }: Scope, ids: number[]): Promise<Map<number, Customer>> {
  // Whom to ask first, else what files say of the customer.
  const reachedBy = (field: 'email' | 'phone') => sql`
    coalesce((select k.${sql.ref(field)} from contacts k
               where k.tenant_id = ${tenantId} and k.customer_id = c.id and k.deleted_at is null and k.${sql.ref(field)} is not null
               order by k.is_main desc, k.id limit 1), c.${sql.ref(field)})`
  const { rows } = await sql<Customer>`
    select c.id, c.code, c.name, ${reachedBy('email')} as email, ${reachedBy('phone')} as phone, d.policy_id,
           (select json_build_object('until', b.until, 'reason', b.reason) from dunning_blocks b
             where b.tenant_id = ${tenantId} and b.customer_id = c.id and b.invoice_id is null and b.lifted_at is null and b.until >= ${today}
             order by b.until desc limit 1) as block
      from customers c left join dunning_customers d on d.tenant_id = ${tenantId} and d.customer_id = c.id
     where c.tenant_id = ${tenantId} and c.id = any(${ids})`.execute(db)
  return new Map(rows.map((row) => [row.id, row]))
}

type Credit = { customer_id: number; currency: string; number: string; amount: number }
async function creditsOf({ db, tenantId }: Scope, ids: number[]): Promise<Map<string, Credit[]>> {
  const { rows } = await sql<Credit>`
    select i.customer_id, i.currency, i.number, -i.open_amount as amount from invoices i
     where i.tenant_id = ${tenantId} and i.open_amount < 0 and i.customer_id = any(${ids}) order by i.invoice_date nulls last, i.id`.execute(
    db,
  )
  return Map.groupBy(rows, ({ customer_id, currency }) => `${customer_id} ${currency}`)
}

async function waitingMessages({ db, tenantId }: Scope) {
  const { rows } = await sql<{ id: number; state: MessageState; customer_id: number; currency: string }>`
    select m.id, m.state, m.customer_id, m.currency from dunning_messages m
     where m.tenant_id = ${tenantId} and m.state in ('prepared', 'approved', 'held')`.execute(db)
  return new Map(rows.map((row) => [`${row.customer_id} ${row.currency}`, { id: row.id, state: row.state }]))
}

/** Every account that has something late, with what the gates decide about it today. */
export async function dunningAccounts(scope: Scope, only: Only = {}): Promise<Account[]> {
  const policies = await policiesInForce(scope)
  const earliest = Math.min(1, ...policies.flatMap(({ steps }) => steps.map((step) => step.delay_days)))
  const invoices = await lateInvoices(scope, only, earliest)
  const ids = [...new Set(invoices.map((each) => each.customer_id))]
  const [customers, credits, waiting, { rows: dead }] = await Promise.all([
    customersOf(scope, ids),
    creditsOf(scope, ids),
    waitingMessages(scope),
    sql<{
      address: string
    }>`select address from dead_addresses where tenant_id = ${scope.tenantId} and cleared_at is null`.execute(
      scope.db,
    ),
  ])
  const isDead = new Set(dead.map(({ address }) => address))
  const byId = new Map(policies.map((policy) => [policy.id, policy]))
  const standard = policies.find((policy) => policy.is_default) ?? null
  const wanted = only.search?.toLowerCase()
  const accounts: Account[] = []
  for (const [key, of] of Map.groupBy(
    invoices,
    ({ customer_id, currency }) => `${customer_id} ${currency}`,
  )) {
    const { customer_id, currency } = of[0]!
    const customer = customers.get(customer_id)!
    if (wanted && !`${customer.name} ${customer.code ?? ''}`.toLowerCase().includes(wanted)) continue
    const policy = byId.get(customer.policy_id ?? 0) ?? standard
    const open = (credits.get(key) ?? []).map(({ number, amount }) => ({ number, amount: BigInt(amount) }))
    const facts: AccountFacts = {
      credit: open.reduce((sum, { amount }) => sum + amount, 0n),
      block: customer.block,
      email: customer.email,
      phone: customer.phone,
      dead: isDead,
      steps: policy?.steps ?? null,
      invoices: of.map(({ open_amount, disputed, ...each }) => ({
        ...each,
        open: BigInt(open_amount),
        disputed: BigInt(disputed),
      })),
    }
    accounts.push({
      customer_id,
      customer_code: customer.code,
      customer_name: customer.name,
      currency,
      policy,
      facts,
      decision: decide(facts, scope.today),
      waiting: waiting.get(key) ?? null,
      credits: open,
    })
  }
  return accounts
}
