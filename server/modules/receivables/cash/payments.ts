import { type RawBuilder, sql } from 'kysely'
import { invalidField, notFound, Refusal } from '../../../core/errors.ts'
import { decimalText, wireNumber } from '../../../core/money.ts'
import { likeText, paged } from '../../../core/schema.ts'
import type { Scope } from '../../../core/scope.ts'
import { requireCustomer } from '../customer.ts'
import { codeKey } from '../rules.ts'
import {
  checkWanted,
  foldByHand,
  holdDocuments,
  insertAllocations,
  minorOf,
  oldestFirst,
  reverseAllocations,
  type Wanted,
} from './allocations.ts'
import { allocationsOf, who } from './allocations-of.ts'
import type { AllocateInput, PaymentFilters, PaymentInput, PaymentQuery, ReverseInput } from './schemas.ts'

/** Records money that came in, and what it settles. What is left stays in the books as the customer's unapplied credit. */
export async function recordPayment(scope: Scope, input: PaymentInput) {
  await requireCustomer(scope, input.customer_id)
  const currency = input.currency ?? scope.tenant.currency
  const amount = minorOf(input.amount, currency, 'amount')
  if (input.received_on > scope.today)
    throw invalidField('received_on', `Today is ${scope.today}: money cannot have come on a later day.`)
  const credits = await creditsOf(scope, input, currency)
  const left = amount + credits.reduce((all, each) => all + each.amount, 0)
  const lines = await wantedOf(scope, input, { customer_id: input.customer_id, currency, left })
  const [wanted, ...setOff] = shared(lines, [amount, ...credits.map((each) => each.amount)])
  const { id, document_id } = await insertPayment(scope, input, {
    currency,
    amount,
    first: lines[0]?.invoice_id,
  })
  await insertAllocations(
    scope,
    { kind: 'payment', credit_id: document_id, payment_id: id, said_on: input.received_on },
    wanted!,
  )
  for (const [at, { credit_id, day }] of credits.entries())
    await insertAllocations(
      scope,
      { kind: 'credit', credit_id, payment_id: id, said_on: day ?? input.received_on },
      setOff[at]!,
    )
  await foldByHand(scope, [
    document_id,
    ...lines.map(({ invoice_id }) => invoice_id),
    ...credits.map(({ credit_id }) => credit_id),
  ])
  await scope.record('payment.recorded', id, {
    customer_id: input.customer_id,
    amount,
    currency,
    received_on: input.received_on,
  })
  await scope.record('customer.paid', input.customer_id, { payment_id: id, amount, currency })
  await tellInvoices(scope, 'invoice.payment_recorded', lines, { payment_id: id })
  return getPayment(scope, id)
}

/** The credits that the customer set off, with what of each is used. */
async function creditsOf(scope: Scope, { credits = [], customer_id }: PaymentInput, currency: string) {
  const ids = credits.map(({ credit_id }) => credit_id)
  if (new Set(ids).size < ids.length)
    throw invalidField('credits', 'A credit is there twice. Leave one line.')
  const documents = await holdDocuments(scope, ids, 'One of these credits')
  return credits.map(({ credit_id, amount }, at) => {
    const document = documents.get(credit_id)!
    const path = `credits.${at}`
    if (document.customer_id !== customer_id || document.currency !== currency)
      throw invalidField(
        `${path}.credit_id`,
        `Credit ${document.number} is another customer's, or in another currency.`,
      )
    const minor = minorOf(amount, currency, `${path}.amount`)
    if (minor > -document.open_amount)
      throw invalidField(
        `${path}.amount`,
        `Of ${document.number} ${decimalText(Math.max(-document.open_amount, 0), currency)} ${currency} is unapplied.`,
        'more_than_there_is',
      )
    return { credit_id, amount: minor, day: document.aged_from }
  })
}

/** Lines divided among what pays them, in order: each settles what the one before left. */
export function shared(lines: readonly Wanted[], amounts: readonly number[]): Wanted[][] {
  const left = lines.map((line) => ({ ...line }))
  return amounts.map((amount) => {
    let rest = amount
    return left.flatMap((line) => {
      const part = Math.min(line.amount, rest)
      line.amount -= part
      rest -= part
      return part > 0 ? [{ invoice_id: line.invoice_id, amount: part }] : []
    })
  })
}

export const tellInvoices = (
  scope: Scope,
  kind: string,
  wanted: readonly Wanted[],
  data: Record<string, unknown>,
) =>
  scope.recordEach(
    kind,
    wanted.map(({ invoice_id, amount }) => ({ subject_id: invoice_id, data: { amount, ...data } })),
  )

export async function wantedOf(
  scope: Scope,
  { allocations, strategy }: AllocateInput,
  of: { customer_id: number; currency: string; left: number },
): Promise<Wanted[]> {
  if (allocations && allocations.length > 0) {
    if (strategy !== 'none')
      throw invalidField('strategy', 'Name the lines, or let the oldest debts be taken first: not both.')
    return checkWanted(scope, allocations, { ...of, path: 'allocations' })
  }
  return strategy === 'oldest_first' ? oldestFirst(scope, of) : []
}

/**
 * The payment and its document. Who sees a part of the invoices sees the payments of that part: the document belongs where the
 * invoice that it pays belongs, or else the customer's oldest open one.
 */
async function insertPayment(
  scope: Scope,
  input: PaymentInput,
  { currency, amount, first }: { currency: string; amount: number; first: number | undefined },
) {
  const { tenantId, now } = scope
  const reference = input.reference?.trim() || null
  const { rows } = await sql<{ id: number; document_id: number }>`
    with ids as (
      select nextval('payments_id_seq') as id, nextval('invoices_id_seq') as document_id
    ), place as (
      select i.region_id, i.region, i.outlet_id, i.outlet, i.assigned_to
        from invoices i
       where i.tenant_id = ${tenantId} and i.customer_id = ${input.customer_id} and not i.retracted
       order by (i.id = ${first ?? null}::bigint) desc nulls last, (i.open_amount > 0) desc, i.aged_from nulls last, i.id limit 1
    ), document as (
      -- No file can hold such a key: those have no leading zeros.
      insert into invoices (tenant_id, id, customer_id, number, number_key, document_type, currency, amount, open_amount, invoice_date,
                            first_on, last_on, region_id, region, outlet_id, outlet, assigned_to, by_hand, created_at, updated_at)
      select ${tenantId}, ids.document_id, ${input.customer_id}, coalesce(${reference}, 'Payment ' || ids.id),
             '0' || left(${reference === null ? 'PAYMENT' : codeKey(reference)}, 70) || '#' || ids.id, 'payment', ${currency}, ${-amount}, 0, ${input.received_on},
             'infinity', '-infinity', p.region_id, p.region, p.outlet_id, p.outlet, p.assigned_to, true, ${now}, ${now}
        from ids left join place p on true
      returning id
    )
    insert into payments (tenant_id, id, customer_id, document_id, currency, amount, received_on, method, reference, note, remittance, created_by, created_at)
    select ${tenantId}, ids.id, ${input.customer_id}, document.id, ${currency}, ${amount}, ${input.received_on}, ${input.method}, ${reference},
           ${input.note ?? null}, ${input.remittance ?? null}, ${scope.userId > 0 ? scope.userId : null}, ${now}
      from ids, document
    returning id, document_id`.execute(scope.db)
  return rows[0]!
}

/** A payment that the caller sees, held until the transaction ends. */
async function holdPayment(scope: Scope, id: number) {
  const payment = await scope.db
    .selectFrom('payments')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (!payment) throw notFound('This payment')
  const document = (await holdDocuments(scope, [payment.document_id], 'This payment')).get(
    payment.document_id,
  )!
  if (payment.state === 'reversed')
    throw new Refusal(409, 'already_reversed', 'This payment was taken back already.')
  return { payment, left: Math.max(-document.open_amount, 0) }
}

/** Settles more with what is left of a payment. */
export async function allocatePayment(scope: Scope, id: number, input: AllocateInput) {
  const { payment, left } = await holdPayment(scope, id)
  const { customer_id, currency, document_id, received_on } = payment
  if (left === 0)
    throw new Refusal(409, 'nothing_left', 'All of this payment is allocated. Take an allocation back first.')
  const wanted = await wantedOf(scope, input, { customer_id, currency, left })
  await insertAllocations(
    scope,
    { kind: 'payment', credit_id: document_id, payment_id: id, said_on: received_on },
    wanted,
  )
  await foldByHand(scope, [document_id, ...wanted.map(({ invoice_id }) => invoice_id)])
  const sum = wanted.reduce((all, { amount }) => all + amount, 0)
  await scope.record('payment.allocated', id, { amount: sum, currency, invoices: wanted.length })
  await tellInvoices(scope, 'invoice.payment_recorded', wanted, { payment_id: id })
  return getPayment(scope, id)
}

/** Takes a payment back with all that it settles: from the day on which the money went back, or as if it had never come. */
export async function reversePayment(scope: Scope, id: number, input: ReverseInput) {
  const { payment } = await holdPayment(scope, id)
  const returned_on = input.returned_on ?? null
  if (returned_on && (returned_on < payment.received_on || returned_on > scope.today))
    throw invalidField(
      'returned_on',
      `The money came on ${payment.received_on} and today is ${scope.today}: it went back on a day between.`,
    )
  const { rows: active } = await sql<{ id: number; invoice_id: number; credit_id: number; amount: number }>`
    select id, invoice_id, credit_id, amount from payment_allocations
     where tenant_id = ${scope.tenantId} and payment_id = ${id} and reversed_at is null order by id for update`.execute(
    scope.db,
  )
  await reverseAllocations(
    scope,
    active.map((each) => each.id),
    returned_on,
  )
  await scope.db
    .updateTable('payments')
    .set({
      state: 'reversed',
      returned_on,
      reversal_reason: input.reason || null,
      reversed_by: scope.userId > 0 ? scope.userId : null,
      reversed_at: scope.now,
      version: payment.version + 1,
    })
    .where('id', '=', id)
    .execute()
  await foldByHand(scope, [
    payment.document_id,
    ...active.flatMap(({ invoice_id, credit_id }) => [invoice_id, credit_id]),
  ])
  await scope.record('payment.reversed', id, {
    amount: payment.amount,
    currency: payment.currency,
    returned_on,
    reason: input.reason || null,
  })
  await tellInvoices(scope, 'invoice.payment_reversed', active, { payment_id: id, returned_on })
  return getPayment(scope, id)
}

type Row = {
  id: number
  document_id: number
  customer_id: number
  customer_code: string | null
  customer_name: string
  currency: string
  amount: number
  unapplied: number
  received_on: string
  method: string
  reference: string | null
  state: string
  returned_on: string | null
  created_by: { id: number; full_name: string } | null
  created_at: string
}

const columns = sql`
  p.id, p.document_id, p.customer_id, c.code as customer_code, c.name as customer_name, p.currency, p.amount,
  greatest(-d.open_amount, 0) as unapplied, p.received_on, p.method, p.reference, p.state, p.returned_on, ${who('u')} as created_by, p.created_at`
// Whoever sees the document sees the payment.
const from = ({ tenantId }: Scope) => sql`
  from payments p
  join invoices d on d.tenant_id = ${tenantId} and d.id = p.document_id
  join customers c on c.tenant_id = ${tenantId} and c.id = p.customer_id
  left join users u on u.id = p.created_by`

const wirePayment = <R extends Row>(row: R) => ({
  ...row,
  amount: wireNumber(row.amount, row.currency),
  allocated: wireNumber(row.state === 'active' ? row.amount - row.unapplied : 0, row.currency),
  unapplied: wireNumber(row.unapplied, row.currency),
})

export async function getPayment(scope: Scope, id: number) {
  const { tenantId } = scope
  type Details = Row & {
    note: string | null
    remittance: string | null
    reversed_by: Row['created_by']
    reversed_at: string | null
    reversal_reason: string | null
    version: number
  }
  const {
    rows: [row],
  } = await sql<Details>`
    select ${columns}, p.note, p.remittance, ${who('v')} as reversed_by, p.reversed_at, p.reversal_reason, p.version
    ${from(scope)} left join users v on v.id = p.reversed_by
     where p.tenant_id = ${tenantId} and p.id = ${id}`.execute(scope.db)
  if (!row) throw notFound('This payment')
  return { ...wirePayment(row), allocations: await allocationsOf(scope, sql`a.payment_id = ${id}`) }
}

function conditions(scope: Scope, query: PaymentFilters) {
  const all = [sql`p.tenant_id = ${scope.tenantId}`]
  if (query.search) {
    const like = likeText(query.search)
    all.push(sql`(c.name ilike ${like} or c.code ilike ${like} or p.reference ilike ${like} or d.number ilike ${like} or exists (
      select from payment_allocations a join invoices i on i.tenant_id = a.tenant_id and i.id = a.invoice_id
       where a.tenant_id = ${scope.tenantId} and a.payment_id = p.id and i.number ilike ${like}))`)
  }
  if (query.customer_id) all.push(sql`p.customer_id = ${query.customer_id}`)
  if (query.currency) all.push(sql`p.currency = ${query.currency}`)
  if (query.method) all.push(sql`p.method = ${query.method}`)
  if (query.state !== 'all') all.push(sql`p.state = ${query.state}`)
  if (query.unapplied !== undefined)
    all.push(query.unapplied ? sql`d.open_amount < 0` : sql`d.open_amount >= 0`)
  if (query.received_from) all.push(sql`p.received_on >= ${query.received_from}`)
  if (query.received_to) all.push(sql`p.received_on <= ${query.received_to}`)
  return sql.join(all, sql` and `)
}
const sorts: Record<PaymentFilters['sort'], RawBuilder<unknown>> = {
  received_on: sql`p.received_on`,
  amount: sql`p.amount`,
  unapplied: sql`greatest(-d.open_amount, 0)`,
  customer_name: sql`lower(c.name)`,
  reference: sql`lower(p.reference)`,
}
const orderOf = ({ sort, order }: PaymentFilters) => {
  const direction = sql.raw(order ?? (sort === 'customer_name' || sort === 'reference' ? 'asc' : 'desc'))
  return sql`order by ${sorts[sort]} ${direction} nulls last, p.id ${direction}`
}

/** Payments with what is left of each. Sums are of those that were not taken back. */
export async function listPayments(scope: Scope, query: PaymentQuery) {
  const where = conditions(scope, query)
  const [{ rows }, { rows: sums }] = await Promise.all([
    sql<Row>`select ${columns} ${from(scope)} where ${where} ${orderOf(query)}
              limit ${query.page_size} offset ${(query.page - 1) * query.page_size}`.execute(scope.db),
    sql<{ currency: string; found: number; count: number; amount: string; unapplied: string }>`
      select p.currency, count(*)::int as found, (count(*) filter (where p.state = 'active'))::int as count,
             coalesce(sum(p.amount) filter (where p.state = 'active'), 0)::text as amount, coalesce(sum(greatest(-d.open_amount, 0)), 0)::text as unapplied
      ${from(scope)} where ${where} group by p.currency order by p.currency`.execute(scope.db),
  ])
  return {
    ...paged(
      rows.map(wirePayment),
      sums.reduce((all, { found }) => all + found, 0),
      query,
    ),
    totals: sums.map(({ currency, count, amount, unapplied }) => ({
      currency,
      count,
      amount: wireNumber(BigInt(amount), currency),
      unapplied: wireNumber(BigInt(unapplied), currency),
    })),
  }
}

const BATCH = 500
/** Every payment that the filters find, by a cursor. */
export async function* eachPayment(scope: Scope, query: PaymentFilters) {
  await sql`declare every_payment no scroll cursor for
    select ${columns} ${from(scope)} where ${conditions(scope, query)} ${orderOf(query)}`.execute(scope.db)
  for (;;) {
    const { rows } = await sql<Row>`fetch ${sql.raw(String(BATCH))} from every_payment`.execute(scope.db)
    for (const row of rows) yield row
    if (rows.length < BATCH) return
  }
}
