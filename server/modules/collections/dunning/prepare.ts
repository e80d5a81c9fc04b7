import { sql } from 'kysely'
import { forbidden } from '../../../core/errors.ts'
import type { Scope } from '../../../core/scope.ts'
import { requireCustomer } from '../../receivables/customer.ts'
import { type Account, dunningAccounts, type Step } from './facts.ts'
import { render } from './wording.ts'

/** The words of what an account gets, filled in. */
export function wordingOf(scope: Scope, account: Account) {
  const { decision, facts, policy } = account
  const step = policy!.steps.find((each) => each.step === decision.step!.step) as Step
  const known = new Map(facts.invoices.map((invoice) => [invoice.id, invoice]))
  const letter = {
    customer: account.customer_name,
    customer_code: account.customer_code,
    organisation: scope.tenant.name,
    currency: account.currency,
    amount: decision.amount,
    today: scope.today,
    invoices: decision.invoices.map(({ id, amount, days_overdue }) => {
      const { number, due_on } = known.get(id)!
      return { number, due_on, days_overdue, amount }
    }),
    credits: account.credits,
  }
  return {
    step,
    subject: render(step.subject, letter, step.language).slice(0, 400),
    body: render(step.body, letter, step.language),
  }
}

/** The queue speaks for whole accounts: who sees a part of the invoices would send half-truths. */
export function requireWholeBook(scope: Scope) {
  if (scope.actor.row_access !== 'all')
    throw forbidden('Reminders are prepared by who may do more: this needs sight of every invoice.')
}

/**
 * Puts today's messages into the queue. What was prepared before and nobody has decided about is made anew, since balances move;
 * what is approved or held stays; what nothing speaks for any more is cancelled. Sends nothing.
 */
export async function prepareMessages(
  scope: Scope,
  only: { customer_id?: number | undefined; currency?: string | undefined } = {},
) {
  requireWholeBook(scope)
  if (only.customer_id) await requireCustomer(scope, only.customer_id)
  // One run after the other: two at once would each cancel what the other prepares.
  await sql`select pg_advisory_xact_lock(hashtextextended('dunning', ${scope.tenantId}))`.execute(scope.db)
  const accounts = await dunningAccounts(scope, {
    customer_ids: only.customer_id ? [only.customer_id] : undefined,
    currency: only.currency,
  })
  const key = (each: { customer_id: number; currency: string }) => `${each.customer_id} ${each.currency}`
  const { rows: waiting } = await sql<{ id: number; customer_id: number; currency: string; state: string }>`
    select m.id, m.customer_id, m.currency, m.state from dunning_messages m
     where m.tenant_id = ${scope.tenantId} and m.state in ('prepared', 'approved', 'held')
       ${only.customer_id ? sql`and m.customer_id = ${only.customer_id}` : sql``} ${only.currency ? sql`and m.currency = ${only.currency}` : sql``}
     for update`.execute(scope.db)
  const due = new Map(
    accounts.filter(({ decision }) => decision.step).map((account) => [key(account), account]),
  )
  const kept = waiting.filter((each) => each.state !== 'prepared' && due.has(key(each)))
  const replaced = waiting.filter((each) => !kept.includes(each))
  if (replaced.length > 0) {
    await sql`
      update dunning_messages m set state = 'cancelled', decided_at = ${scope.now}, decided_by = ${scope.userId > 0 ? scope.userId : null}, version = m.version + 1
       where m.tenant_id = ${scope.tenantId} and m.id = any(${replaced.map(({ id }) => id)})`.execute(
      scope.db,
    )
    await scope.recordEach(
      'dunning_message.cancelled',
      replaced.map((each) => ({ subject_id: each.id, data: { renewed: due.has(key(each)) } })),
    )
  }
  const keeps = new Set(kept.map(key))
  const fresh = [...due.values()].filter((account) => !keeps.has(key(account)))
  await insert(scope, fresh)
  const renewed = replaced.filter((each) => due.has(key(each))).length
  return {
    prepared: fresh.length - renewed,
    renewed,
    cancelled: replaced.length - renewed,
    kept: kept.length,
  }
}

const BATCH = 500

async function insert(scope: Scope, accounts: Account[]) {
  for (let at = 0; at < accounts.length; at += BATCH) {
    const some = accounts.slice(at, at + BATCH)
    const rows = some.map((account) => {
      const { step, subject, body } = wordingOf(scope, account)
      return {
        customer_id: account.customer_id,
        currency: account.currency,
        policy_id: account.policy!.id,
        policy_version: account.policy!.version,
        step: step.step,
        channel: step.channel,
        language: step.language,
        recipient: account.decision.recipient,
        subject,
        body,
        amount: Number(account.decision.amount),
      }
    })
    const { rows: made } = await sql<{ id: number; customer_id: number; currency: string }>`
      insert into dunning_messages (tenant_id, customer_id, currency, policy_id, policy_version, step, channel, language, recipient, subject, body,
                                    amount, prepared_on, prepared_at, prepared_by)
      select ${scope.tenantId}, x.customer_id, x.currency, x.policy_id, x.policy_version, x.step, x.channel, x.language, x.recipient, x.subject, x.body,
             x.amount, ${scope.today}, ${scope.now}, ${scope.userId > 0 ? scope.userId : null}
        from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as x(customer_id bigint, currency text, policy_id bigint, policy_version int, step int,
               channel text, language text, recipient text, subject text, body text, amount bigint)
      returning id, customer_id, currency`.execute(scope.db)
    const ids = new Map(made.map((row) => [`${row.customer_id} ${row.currency}`, row.id]))
    const invoices = some.flatMap((account) =>
      account.decision.invoices.map((each) => ({
        message_id: ids.get(`${account.customer_id} ${account.currency}`)!,
        invoice_id: each.id,
        step: each.step,
        amount: Number(each.amount),
        days_overdue: each.days_overdue,
      })),
    )
    await sql`
      insert into dunning_message_invoices (tenant_id, message_id, invoice_id, step, amount, days_overdue)
      select ${scope.tenantId}, x.message_id, x.invoice_id, x.step, x.amount, x.days_overdue
        from jsonb_to_recordset(${JSON.stringify(invoices)}::jsonb) as x(message_id bigint, invoice_id bigint, step int, amount bigint, days_overdue int)`.execute(
      scope.db,
    )
    await scope.recordEach(
      'dunning_message.prepared',
      some.map((account) => ({
        subject_id: ids.get(`${account.customer_id} ${account.currency}`)!,
        data: { customer_id: account.customer_id, step: account.decision.step!.step },
      })),
    )
  }
}
