import { wireNumber } from '../../../core/money.ts'
import { paged } from '../../../core/schema.ts'
import type { Scope } from '../../../core/scope.ts'
import { requireCustomer } from '../../receivables/customer.ts'
import { type Account, dunningAccounts } from './facts.ts'
import { gates, type Reason } from './rules.ts'
import type { DryRunInput, DunningLine } from './schemas.ts'

/** The reasons of an account as they travel. */
export function wireReasons(
  reasons: readonly Reason[],
  currency: string,
  numbers: ReadonlyMap<number, string>,
) {
  return reasons.map(({ amount, ...reason }) => ({
    ...reason,
    amount: wireNumber(amount, currency),
    invoice_numbers: reason.invoice_ids.map((id) => numbers.get(id) ?? ''),
  }))
}

export function wireLine(account: Account): DunningLine {
  const { decision, currency, facts, policy } = account
  const numbers = new Map(facts.invoices.map(({ id, number }) => [id, number]))
  return {
    customer_id: account.customer_id,
    customer_code: account.customer_code,
    customer_name: account.customer_name,
    currency,
    policy_id: policy?.id ?? null,
    policy_name: policy?.name ?? null,
    action: decision.step ? 'message' : 'nothing',
    step: decision.step?.step ?? null,
    channel: decision.step?.channel ?? null,
    recipient: decision.recipient,
    amount: wireNumber(decision.amount, currency),
    invoices: decision.invoices.map(({ id, amount, ...each }) => ({
      ...each,
      invoice_id: id,
      invoice_number: numbers.get(id)!,
      amount: wireNumber(amount, currency),
    })),
    reasons: wireReasons(decision.reasons, currency, numbers),
    message: account.waiting,
  }
}

/** Who would get what today, and why others get nothing or less. Writes nothing. */
export async function dryRun(scope: Scope, input: DryRunInput) {
  if (input.customer_id) await requireCustomer(scope, input.customer_id)
  const accounts = await dunningAccounts(scope, {
    customer_ids: input.customer_id ? [input.customer_id] : undefined,
    currency: input.currency,
    search: input.search || undefined,
  })
  const stops = ({ decision }: Account, gate: string) =>
    decision.reasons.some((reason) => reason.gate === gate)
  const shown = accounts.filter(
    (account) =>
      (!input.action || (account.decision.step !== null) === (input.action === 'message')) &&
      (!input.gate || stops(account, input.gate)),
  )
  // Money of different currencies has no order: the organisation's own comes first.
  const order = (account: Account) => (account.currency === scope.tenant.currency ? '' : account.currency)
  shown.sort(
    (a, b) =>
      Number(b.decision.step !== null) - Number(a.decision.step !== null) ||
      order(a).localeCompare(order(b)) ||
      (b.decision.step?.step ?? 0) - (a.decision.step?.step ?? 0) ||
      Number(b.decision.amount - a.decision.amount) ||
      a.customer_name.localeCompare(b.customer_name),
  )
  const at = (input.page - 1) * input.page_size
  return {
    ...paged(shown.slice(at, at + input.page_size).map(wireLine), shown.length, input),
    as_of: scope.today,
    totals: [...Map.groupBy(accounts, ({ currency }) => currency)]
      .map(([currency, of]) => ({
        currency,
        customers: of.length,
        messages: of.filter(({ decision }) => decision.step !== null).length,
        amount: wireNumber(
          of.reduce((sum, { decision }) => sum + decision.amount, 0n),
          currency,
        ),
      }))
      .sort((a, b) => b.customers - a.customers || a.currency.localeCompare(b.currency)),
    gates: gates
      .map((gate) => ({ gate, count: accounts.filter((account) => stops(account, gate)).length }))
      .filter(({ count }) => count > 0),
  }
}
