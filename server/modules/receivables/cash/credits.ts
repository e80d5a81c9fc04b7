import { sql } from 'kysely'
import { Refusal } from '../../../core/errors.ts'
import { wireNumber } from '../../../core/money.ts'
import { likeText, paged } from '../../../core/schema.ts'
import type { Scope } from '../../../core/scope.ts'
import { foldByHand, holdDocuments, insertAllocations } from './allocations.ts'
import { allocationsOf } from './allocations-of.ts'
import { allocatePayment, tellInvoices, wantedOf } from './payments.ts'
import type { AllocateInput, CreditQuery } from './schemas.ts'

// Credit notes, payments on account and what is left of payments: unapplied until somebody says what it settles.

type Row = {
  id: number
  number: string
  document_type: string
  payment_id: number | null
  customer_id: number
  customer_code: string | null
  customer_name: string
  currency: string
  amount: number
  unapplied: number
  credit_date: string | null
  owed: number
}

/** Everything unapplied, by customer, beside what the customer owes. */
export async function listCredits(scope: Scope, query: CreditQuery) {
  const { tenantId } = scope
  const conditions = [sql`i.tenant_id = ${tenantId}`, sql`i.open_amount < 0`]
  if (query.customer_id) conditions.push(sql`i.customer_id = ${query.customer_id}`)
  if (query.currency) conditions.push(sql`i.currency = ${query.currency}`)
  if (query.search) {
    const like = likeText(query.search)
    conditions.push(sql`(c.name ilike ${like} or c.code ilike ${like} or i.number ilike ${like})`)
  }
  const from = sql`
    from invoices i
    join customers c on c.tenant_id = ${tenantId} and c.id = i.customer_id
    left join payments p on p.tenant_id = ${tenantId} and p.document_id = i.id
   where ${sql.join(conditions, sql` and `)}`
  const [{ rows }, { rows: sums }] = await Promise.all([
    sql<Row>`
      select l.*, coalesce((select sum(o.open_amount) from invoices o
                             where o.tenant_id = ${tenantId} and o.customer_id = l.customer_id and o.currency = l.currency and o.open_amount > 0), 0)::bigint as owed
        from (select i.id, i.number, i.document_type, p.id as payment_id, i.customer_id, c.code as customer_code, c.name as customer_name, i.currency,
                     -i.amount as amount, -i.open_amount as unapplied, i.invoice_date as credit_date
              ${from} order by lower(c.name), i.customer_id, i.currency, i.invoice_date nulls last, i.id
               limit ${query.page_size} offset ${(query.page - 1) * query.page_size}) l
       order by lower(l.customer_name), l.customer_id, l.currency, l.credit_date nulls last, l.id`.execute(
      scope.db,
    ),
    sql<{ currency: string; count: number; customers: number; unapplied: string }>`
      select i.currency, count(*)::int as count, count(distinct i.customer_id)::int as customers, sum(-i.open_amount)::text as unapplied
      ${from} group by i.currency order by i.currency`.execute(scope.db),
  ])
  const money = (row: Row, minor: number) => wireNumber(minor, row.currency)
  return {
    ...paged(
      rows.map((row) => ({
        ...row,
        amount: money(row, row.amount),
        unapplied: money(row, row.unapplied),
        owed: money(row, row.owed),
      })),
      sums.reduce((all, { count }) => all + count, 0),
      query,
    ),
    totals: sums.map((row) => ({ ...row, unapplied: wireNumber(BigInt(row.unapplied), row.currency) })),
  }
}

/** Sets a credit off against invoices of its customer. */
export async function allocateCredit(scope: Scope, id: number, input: AllocateInput) {
  const document = (await holdDocuments(scope, [id], 'This credit')).get(id)!
  const payment = await scope.db
    .selectFrom('payments')
    .select('id')
    .where('document_id', '=', id)
    .executeTakeFirst()
  if (payment) await allocatePayment(scope, payment.id, input)
  else {
    if (document.open_amount >= 0)
      throw new Refusal(
        409,
        'nothing_left',
        `Nothing of ${document.number} is unapplied: there is nothing to set off.`,
      )
    const { customer_id, currency } = document
    const wanted = await wantedOf(scope, input, { customer_id, currency, left: -document.open_amount })
    await insertAllocations(
      scope,
      { kind: 'credit', credit_id: id, said_on: document.aged_from ?? scope.today },
      wanted,
    )
    await foldByHand(scope, [id, ...wanted.map(({ invoice_id }) => invoice_id)])
    await tellInvoices(scope, 'invoice.credited', wanted, { credit_id: id, number: document.number })
  }
  return getCredit(scope, id)
}

async function getCredit(scope: Scope, id: number) {
  const row = await scope.db
    .selectFrom('invoices')
    .select(['id', 'number', 'document_type', 'customer_id', 'currency', 'amount', 'open_amount'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  const { open_amount, ...credit } = row
  return {
    ...credit,
    amount: wireNumber(-row.amount, row.currency),
    unapplied: wireNumber(Math.max(-open_amount, 0), row.currency),
    allocations: await allocationsOf(scope, sql`a.credit_id = ${id}`),
  }
}
