import { sql } from 'kysely'
import type { z } from 'zod'
import { expectVersion, type Http } from '../../core/api.ts'
import { forbidden, invalidField, notFound } from '../../core/errors.ts'
import { likeText, paged } from '../../core/schema.ts'
import { businessDay, type Scope } from '../../core/scope.ts'
import { requireCustomer } from '../receivables/customer.ts'
import { hangsOnVisible } from '../receivables/who-sees.ts'
import type { Attempt, AttemptChange, AttemptInput, AttemptQuery } from './schemas.ts'
import { addTask } from './tasks.ts'

type Row = z.input<typeof Attempt>
type Sql = ReturnType<typeof sql>

/** Who sees the customer, and one of the invoices where it was about some. */
const visible = (scope: Scope) => sql`(${hangsOnVisible(scope, sql`a.customer_id`, sql`null::bigint`)}
  and (not exists (select from attempt_invoices x where x.tenant_id = ${scope.tenantId} and x.attempt_id = a.id)
       or exists (select from attempt_invoices x join invoices i on i.tenant_id = ${scope.tenantId} and i.id = x.invoice_id and not i.retracted
                   where x.tenant_id = ${scope.tenantId} and x.attempt_id = a.id)))`

async function read(scope: Scope, where: Sql, paging?: { page: number; page_size: number }) {
  const { tenantId } = scope
  const { rows } = await sql<Row>`
    select a.id, a.customer_id, c.name as customer_name, json_build_object('id', u.id, 'full_name', coalesce(nullif(u.full_name, ''), u.username)) as user,
           a.contact_id, k.name as contact_name, a.channel, a.outcome, a.person, a.note, a.attempted_at, a.next_follow_up,
           (select min(t.id) from tasks t where t.tenant_id = ${tenantId} and t.attempt_id = a.id) as task_id,
           -- Of what it was about, what the reader sees.
           coalesce((select json_agg(json_build_object('id', i.id, 'invoice_number', i.number) order by i.number)
                       from attempt_invoices x join invoices i on i.tenant_id = ${tenantId} and i.id = x.invoice_id and not i.retracted
                      where x.tenant_id = ${tenantId} and x.attempt_id = a.id), '[]') as invoices,
           a.user_id = ${scope.userId} as is_own, a.version, a.created_at
      from contact_attempts a
      join customers c on c.tenant_id = ${tenantId} and c.id = a.customer_id
      join users u on u.id = a.user_id
      left join contacts k on k.tenant_id = ${tenantId} and k.id = a.contact_id
     where a.tenant_id = ${tenantId} and ${where}
     order by a.attempted_at desc, a.id desc
     ${paging ? sql`limit ${paging.page_size} offset ${(paging.page - 1) * paging.page_size}` : sql``}`.execute(
    scope.db,
  )
  return rows
}

/** Who was called, written to or visited, newest first; of the customers that the caller sees. */
export async function listAttempts(scope: Scope, query: AttemptQuery) {
  const { tenantId, tenant } = scope
  const day = sql`(a.attempted_at at time zone ${tenant.timezone})::date`
  const conditions: Sql[] = [visible(scope)]
  if (query.customer_id) conditions.push(sql`a.customer_id = ${query.customer_id}`)
  if (query.invoice_id)
    conditions.push(sql`exists (select from attempt_invoices x join invoices i on i.tenant_id = ${tenantId} and i.id = x.invoice_id
      where x.tenant_id = ${tenantId} and x.attempt_id = a.id and x.invoice_id = ${query.invoice_id})`)
  if (query.user_id) conditions.push(sql`a.user_id = ${query.user_id}`)
  if (query.channel) conditions.push(sql`a.channel = ${query.channel}`)
  if (query.outcome) conditions.push(sql`a.outcome = ${query.outcome}`)
  if (query.from) conditions.push(sql`${day} >= ${query.from}::date`)
  if (query.to) conditions.push(sql`${day} <= ${query.to}::date`)
  if (query.search) {
    const like = likeText(query.search)
    conditions.push(sql`(a.person ilike ${like} or a.note ilike ${like} or a.customer_id in (
      select c.id from customers c where c.tenant_id = ${tenantId} and (c.name ilike ${like} or c.code ilike ${like})))`)
  }
  const where = sql.join(conditions, sql` and `)
  const [items, { rows: counts }] = await Promise.all([
    read(scope, where, query),
    sql<{
      n: number
    }>`select count(*)::int as n from contact_attempts a where a.tenant_id = ${tenantId} and ${where}`.execute(
      scope.db,
    ),
  ])
  return paged(items, counts[0]!.n, query)
}

/** Writes down a call, a message or a visit; with the day of the next one it makes a task. */
export async function addAttempt(scope: Scope, customerId: number, input: AttemptInput) {
  const customer = await requireCustomer(scope, customerId)
  const { follow_up_title, follow_up_owner_id, invoice_ids, attempted_at, ...said } = input
  const at = attempted_at ? new Date(attempted_at) : scope.now
  // A clock that is somewhat ahead is no mistake.
  if (at.getTime() > scope.now.getTime() + 5 * 60_000)
    throw invalidField('attempted_at', 'This lies in the future. Write down what has happened.', 'in_future')
  const about = { ...said, person: await personOf(scope, customerId, said) }
  await requireInvoicesOf(scope, customerId, invoice_ids)
  const { id } = await scope.db
    .insertInto('contact_attempts')
    .values({
      ...about,
      customer_id: customerId,
      user_id: scope.userId,
      attempted_at: at,
      created_at: scope.now,
      updated_at: scope.now,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await setInvoices(scope, id, invoice_ids)
  await scope.record('customer.contacted', customerId, {
    attempt_id: id,
    channel: said.channel,
    outcome: said.outcome,
    person: about.person,
    note: said.note,
    at: at.toISOString(),
    invoice_ids,
  })
  if (input.next_follow_up)
    await addTask(scope, {
      customer_id: customerId,
      invoice_id: invoice_ids.length === 1 ? invoice_ids[0]! : null,
      owner_id: follow_up_owner_id,
      title: follow_up_title ?? `Follow up with ${about.person ?? customer.name}`.slice(0, 300),
      note: null,
      due_on: input.next_follow_up,
      attempt_id: id,
    })
  return (await read(scope, sql`a.id = ${id}`))[0]!
}

/** Whom it was with: as written, else the contact's name. Refuses a contact of somebody else. */
async function personOf(
  scope: Scope,
  customerId: number,
  { contact_id, person }: Pick<AttemptInput, 'contact_id' | 'person'>,
): Promise<string | null> {
  if (contact_id === null) return person
  const contact = await scope.db
    .selectFrom('contacts')
    .select('name')
    .where('id', '=', contact_id)
    .where('customer_id', '=', customerId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  if (!contact)
    throw invalidField(
      'contact_id',
      'This customer has no such contact. Choose one of its people, or write the name.',
      'unknown',
    )
  return person ?? contact.name
}

async function requireInvoicesOf(scope: Scope, customerId: number, ids: number[]) {
  if (ids.length === 0) return
  const found = await scope.db
    .selectFrom('invoices')
    .select('id')
    .where('id', 'in', ids)
    .where('customer_id', '=', customerId)
    .where('retracted', '=', false)
    .execute()
  if (found.length < new Set(ids).size)
    throw invalidField('invoice_ids', 'One of these invoices is not of this customer.', 'unknown')
}

async function setInvoices(scope: Scope, id: number, invoiceIds: number[]) {
  await scope.db.deleteFrom('attempt_invoices').where('attempt_id', '=', id).execute()
  if (invoiceIds.length === 0) return
  await scope.db
    .insertInto('attempt_invoices')
    .values([...new Set(invoiceIds)].map((invoice_id) => ({ attempt_id: id, invoice_id })))
    .execute()
}

/** One's own, in the version the caller has seen. */
async function ownAttempt(scope: Scope, http: Http, id: number): Promise<Row> {
  await scope.db.selectFrom('contact_attempts').select('id').where('id', '=', id).forUpdate().execute()
  const [attempt] = await read(scope, sql`a.id = ${id} and ${visible(scope)}`)
  if (!attempt) throw notFound('This contact attempt')
  if (!attempt.is_own) throw forbidden('Only who wrote this down can change or remove it.')
  expectVersion(http, attempt)
  return attempt
}

export async function changeAttempt(
  scope: Scope,
  http: Http,
  id: number,
  { invoice_ids, ...input }: z.output<typeof AttemptChange>,
) {
  const before = await ownAttempt(scope, http, id)
  const after = { ...input, person: await personOf(scope, before.customer_id, input) }
  await requireInvoicesOf(scope, before.customer_id, invoice_ids)
  await setInvoices(scope, id, invoice_ids)
  await scope.db
    .updateTable('contact_attempts')
    .set({ ...after, version: before.version + 1, updated_at: scope.now })
    .where('id', '=', id)
    .execute()
  const fields = ['channel', 'outcome', 'person', 'note'] as const
  const changed = fields.filter((field) => before[field] !== after[field])
  await scope.record('customer.contact_corrected', before.customer_id, {
    attempt_id: id,
    invoice_ids,
    ...Object.fromEntries(changed.map((field) => [field, [before[field], after[field]]])),
  })
  return (await read(scope, sql`a.id = ${id}`))[0]!
}

/** Takes back what was written down by mistake, with the follow-up that it made; the audit trail keeps it. */
export async function removeAttempt(scope: Scope, http: Http, id: number) {
  const before = await ownAttempt(scope, http, id)
  await scope.db.deleteFrom('tasks').where('attempt_id', '=', id).where('done_at', 'is', null).execute()
  await scope.db.updateTable('tasks').set({ attempt_id: null }).where('attempt_id', '=', id).execute()
  await scope.db.deleteFrom('contact_attempts').where('id', '=', id).execute()
  await scope.record('customer.contact_taken_back', before.customer_id, {
    attempt_id: id,
    channel: before.channel,
    outcome: before.outcome,
    person: before.person,
    day: businessDay(new Date(before.attempted_at), scope.tenant.timezone),
    invoice_ids: before.invoices.map((invoice) => invoice.id),
  })
  return before
}
