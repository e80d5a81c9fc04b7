import { sql } from 'kysely'
import { invalidField, notFound } from '../../../core/errors.ts'
import { paged } from '../../../core/schema.ts'
import type { Scope } from '../../../core/scope.ts'
import { requireCustomer } from '../../receivables/customer.ts'
import { requireInvoice } from '../../receivables/invoice.ts'
import type { DunningBlock } from './schemas.ts'

const person = (alias: string) =>
  sql.raw(
    `case when ${alias}.id is not null then json_build_object('id', ${alias}.id, 'full_name', coalesce(nullif(${alias}.full_name, ''), ${alias}.username)) end`,
  )

/** Blocks on what the caller sees: an invoice of theirs, or a customer with one. */
export async function readBlocks(
  scope: Scope,
  condition: ReturnType<typeof sql>,
  { page, page_size }: { page: number; page_size: number } = { page: 1, page_size: 200 },
) {
  const { tenantId, today } = scope
  const from = sql`
    from dunning_blocks b
    join customers c on c.tenant_id = ${tenantId} and c.id = b.customer_id and not c.retracted
    left join invoices bi on bi.tenant_id = ${tenantId} and bi.id = b.invoice_id
   where b.tenant_id = ${tenantId} and ${condition}
     and exists (select from invoices i where i.tenant_id = ${tenantId} and i.customer_id = b.customer_id and not i.retracted
                    and (b.invoice_id is null or i.id = b.invoice_id))`
  const [{ rows }, { rows: counts }] = await Promise.all([
    sql<DunningBlock>`
      select b.id, b.customer_id, c.name as customer_name, b.invoice_id, bi.number as invoice_number, b.until, b.reason, b.created_at, b.lifted_at,
             b.lifted_at is null and b.until >= ${today} as is_active,
             (select ${person('u')} from users u where u.id = b.created_by) as created_by, (select ${person('u')} from users u where u.id = b.lifted_by) as lifted_by
      ${from} order by b.until desc, b.id desc limit ${page_size} offset ${(page - 1) * page_size}`.execute(
      scope.db,
    ),
    sql<{ n: number }>`select count(*)::int as n ${from}`.execute(scope.db),
  ])
  return { items: rows, total: counts[0]!.n }
}

export async function listBlocks(
  scope: Scope,
  query: {
    customer_id?: number | undefined
    invoice_id?: number | undefined
    active: 'yes' | 'all'
    page: number
    page_size: number
  },
) {
  const conditions = [sql`true`]
  if (query.customer_id) conditions.push(sql`b.customer_id = ${query.customer_id}`)
  if (query.invoice_id) conditions.push(sql`b.invoice_id = ${query.invoice_id}`)
  if (query.active === 'yes') conditions.push(sql`b.lifted_at is null and b.until >= ${scope.today}`)
  const { items, total } = await readBlocks(scope, sql.join(conditions, sql` and `), query)
  return paged(items, total, query)
}

/** No reminders to a customer, or about an invoice, up to and with a day; then they go on by themselves. */
export async function addBlock(
  scope: Scope,
  input: { customer_id?: number | undefined; invoice_id?: number | undefined; until: string; reason: string },
) {
  if (input.until < scope.today)
    throw invalidField('until', 'The last day of a block cannot have passed already.', 'in_past')
  if (input.customer_id) await requireCustomer(scope, input.customer_id)
  if (input.invoice_id) await requireInvoice(scope, input.invoice_id)
  const customer_id = input.invoice_id ? await customerOf(scope, input.invoice_id) : input.customer_id!
  if (input.customer_id && input.customer_id !== customer_id)
    throw invalidField('invoice_id', 'That invoice is another customer’s.', 'other_customer')
  const { id } = await scope.db
    .insertInto('dunning_blocks')
    .values({
      customer_id,
      invoice_id: input.invoice_id ?? null,
      until: input.until,
      reason: input.reason,
      created_by: scope.userId > 0 ? scope.userId : null,
      created_at: scope.now,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await scope.record('dunning_block.added', id, {
    customer_id,
    invoice_id: input.invoice_id ?? null,
    until: input.until,
    reason: input.reason,
  })
  return (await readBlocks(scope, sql`b.id = ${id}`)).items[0]!
}
async function customerOf(scope: Scope, invoice: number) {
  const row = await scope.db
    .selectFrom('invoices')
    .select('customer_id')
    .where('id', '=', invoice)
    .executeTakeFirstOrThrow()
  return row.customer_id
}

/** Ends a block before its day. */
export async function liftBlock(scope: Scope, id: number) {
  const [block] = (await readBlocks(scope, sql`b.id = ${id}`)).items
  if (!block) throw notFound('This block')
  if (block.lifted_at) return block
  await scope.db
    .updateTable('dunning_blocks')
    .set({ lifted_at: scope.now, lifted_by: scope.userId > 0 ? scope.userId : null })
    .where('id', '=', id)
    .execute()
  await scope.record('dunning_block.lifted', id, {
    customer_id: block.customer_id,
    invoice_id: block.invoice_id,
  })
  return (await readBlocks(scope, sql`b.id = ${id}`)).items[0]!
}

// ---- dead addresses -------------------------------------------------------------------------------------------------

type Address = {
  id: number
  address: string
  reason: string
  marked_at: string
  marked_by: { id: number; full_name: string } | null
}
const readAddresses = (scope: Scope, condition: ReturnType<typeof sql>) =>
  sql<Address>`
    select d.id, d.address, d.reason, d.marked_at, (select ${person('u')} from users u where u.id = d.marked_by) as marked_by
      from dead_addresses d where d.tenant_id = ${scope.tenantId} and ${condition} order by d.id desc`

export async function listDeadAddresses(scope: Scope, query: { page: number; page_size: number }) {
  const { rows } = await readAddresses(scope, sql`d.cleared_at is null`).execute(scope.db)
  const at = (query.page - 1) * query.page_size
  return paged(rows.slice(at, at + query.page_size), rows.length, query)
}

/** A message came back from it: nothing is sent there until it is cleared. Marking it again changes nothing. */
export async function markAddressDead(scope: Scope, address: string, reason: string) {
  const { rows } = await sql<{ id: number }>`
    insert into dead_addresses (tenant_id, address, reason, marked_at, marked_by)
    values (${scope.tenantId}, ${address.toLowerCase()}, ${reason}, ${scope.now}, ${scope.userId > 0 ? scope.userId : null})
    on conflict (tenant_id, address) where cleared_at is null do nothing returning id`.execute(scope.db)
  if (rows[0]) await scope.record('dead_address.marked', rows[0].id, { address, reason })
  const { rows: known } = await readAddresses(
    scope,
    sql`d.address = ${address.toLowerCase()} and d.cleared_at is null`,
  ).execute(scope.db)
  return known[0]!
}

export async function clearAddress(scope: Scope, id: number) {
  const { rows } = await readAddresses(scope, sql`d.id = ${id}`).execute(scope.db)
  if (!rows[0]) throw notFound('This address')
  const done = await scope.db
    .updateTable('dead_addresses')
    .set({ cleared_at: scope.now })
    .where('id', '=', id)
    .where('cleared_at', 'is', null)
    .executeTakeFirst()
  if (Number(done.numUpdatedRows) > 0)
    await scope.record('dead_address.cleared', id, { address: rows[0].address })
  return rows[0]
}
