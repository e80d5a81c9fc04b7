import { sql } from 'kysely'
import { invalidField } from '../../../core/errors.ts'
import { wireNumber } from '../../../core/money.ts'
import type { Scope } from '../../../core/scope.ts'
import { requireCustomer } from '../customer.ts'
import { minorOf } from './allocations.ts'
import { type OpenDocument, propose, squeezed } from './proposal.ts'
import { type Line, readRemittance } from './remittance-text.ts'
import type { RemittanceInput } from './schemas.ts'

/** What a pasted remittance pays, proposed with reasons. Nothing is booked: a person confirms it as a payment. */
export async function proposeRemittance(scope: Scope, input: RemittanceInput) {
  if (!input.text?.trim() && !input.rows?.length && input.amount === undefined)
    throw invalidField('text', 'Paste what the customer wrote, or give at least the amount.')
  const read = readRemittance(input, input.currency ?? scope.tenant.currency)
  const currency = input.currency ?? read.currency
  const customers = await findCustomers(scope, input.customer_id, read.lines)
  const customer =
    customers.length > 0 && (customers.length === 1 || customers[0]!.score > customers[1]!.score)
      ? customers[0]!
      : null
  const documents = customer ? await openDocuments(scope, customer.id, currency) : []
  const settled = customer ? await settledKeys(scope, customer.id, read.lines) : new Set<string>()
  const proposal = propose(read, documents, {
    amount: input.amount === undefined ? null : minorOf(input.amount, currency, 'amount'),
    settled,
  })
  const money = (minor: number) => wireNumber(minor, currency)
  const day = input.received_on ?? read.received_on
  return {
    customer: customer && { id: customer.id, code: customer.code, name: customer.name, why: customer.why },
    customers: customers.slice(0, 5).map(({ score: _, ...each }) => each),
    currency,
    amount: money(proposal.amount),
    received_on: day && day <= scope.today ? day : scope.today,
    is_day_read: day !== null && day !== undefined && day <= scope.today,
    reference: read.reference,
    lines: proposal.lines.map(({ text, ...line }) => ({
      ...line,
      open_amount: money(line.open_amount),
      amount: money(line.amount),
      difference: money(line.difference),
      stated: line.stated === null ? null : money(line.stated),
      said: text,
    })),
    /** Everything else of the customer that is open, to choose from. */
    others: documents
      .filter(({ id }) => !proposal.lines.some(({ document_id }) => document_id === id))
      .map((each) => ({
        document_id: each.id,
        number: each.number,
        open_amount: money(Math.abs(each.open_amount)),
        is_credit: each.open_amount < 0,
      })),
    allocated: money(proposal.allocated),
    credits: money(proposal.credits),
    unapplied: money(proposal.unapplied),
    unmatched: proposal.unmatched.map((each) => ({
      ...each,
      amount: each.amount === null ? null : money(each.amount),
    })),
    alternatives: proposal.alternatives,
    too_many: proposal.too_many,
    shortened: read.shortened,
  }
}

type Candidate = {
  id: number
  code: string | null
  name: string
  score: number
  why: 'given' | 'invoice_numbers' | 'name' | 'code'
}
const KEYS_MAX = 2_000

/** Whose payment it is: as given, else whose invoices it names, else whose name or code stands in it. */
async function findCustomers(
  scope: Scope,
  given: number | undefined,
  lines: readonly Line[],
): Promise<Candidate[]> {
  if (given) {
    const { id, code, name } = await requireCustomer(scope, given)
    return [{ id, code, name, score: 1, why: 'given' }]
  }
  const keys = keysOf(lines)
  const text = lines.map((line) => line.text).join('\n')
  const { rows } = await sql<Candidate>`
    with seen as (
      select c.id, c.code, c.name from customers c
       where c.tenant_id = ${scope.tenantId} and not c.retracted
         and exists (select from invoices i where i.tenant_id = ${scope.tenantId} and i.customer_id = c.id and not i.retracted)
    ), found as (
      select i.customer_id as id, 10 * count(*) as score, 'invoice_numbers' as why
        from invoices i where i.tenant_id = ${scope.tenantId} and i.number_key = any(${keys}) and not i.retracted group by 1
      union all
      select s.id, 5 + length(s.name), 'name' from seen s
       where length(s.name) >= 4 and position(lower(s.name) in lower(${text})) > 0
      union all
      -- Without the form of the company, which nobody writes.
      select s.id, 3 + length(n.short), 'name'
        from seen s
       cross join lateral (select lower(regexp_replace(s.name, '[\\s,]+(pvt|private|ltd|limited|inc|llc|llp|gmbh|ag|co|corp|company|plc|sa|bv|pty)\\.?(?=\\s|$)', '', 'gi')) as short) n
       where length(n.short) >= 5 and n.short <> lower(s.name) and position(n.short in lower(${text})) > 0
      union all
      select s.id, 8, 'code' from seen s where upper(s.code) = any(${keys})
    )
    select s.id, s.code, s.name, sum(f.score)::int as score, (array_agg(f.why order by f.score desc))[1] as why
      from found f join seen s on s.id = f.id
     group by s.id, s.code, s.name order by score desc, s.name limit 20`.execute(scope.db)
  return rows
}

const keysOf = (lines: readonly Line[]) =>
  [...new Set(lines.flatMap(({ tokens }) => tokens.flatMap(({ keys }) => keys)))].slice(0, KEYS_MAX)

const OPEN_MAX = 2_000
/** What is open, the oldest first; credits too. */
async function openDocuments(scope: Scope, customerId: number, currency: string): Promise<OpenDocument[]> {
  const { rows } = await sql<OpenDocument>`
    select i.id, i.number, i.number_key, i.open_amount from invoices i
     where i.tenant_id = ${scope.tenantId} and i.customer_id = ${customerId} and i.currency = ${currency} and i.open_amount <> 0
     order by i.aged_from nulls last, i.id limit ${OPEN_MAX}`.execute(scope.db)
  return rows
}

async function settledKeys(scope: Scope, customerId: number, lines: readonly Line[]): Promise<Set<string>> {
  const keys = keysOf(lines)
  const { rows } = await sql<{ number_key: string }>`
    select i.number_key from invoices i
     where i.tenant_id = ${scope.tenantId} and i.customer_id = ${customerId} and i.open_amount = 0 and not i.retracted
       and (i.number_key = any(${keys}) or i.number_key = any(${keys.map(squeezed)}))`.execute(scope.db)
  return new Set(rows.map((row) => row.number_key))
}
