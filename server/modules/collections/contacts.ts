import { sql } from 'kysely'
import type { z } from 'zod'
import { expectVersion, type Http } from '../../core/api.ts'
import { notFound, Refusal } from '../../core/errors.ts'
import type { Scope } from '../../core/scope.ts'
import { requireCustomer } from '../receivables/customer.ts'
import type { Contact, ContactInput } from './schemas.ts'

type Row = z.input<typeof Contact>
type Input = z.output<typeof ContactInput>
const CONTACTS_MAX = 200

/** The people of a customer, whom to ask first before the others. */
async function read(scope: Scope, condition: ReturnType<typeof sql>): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select k.id, k.customer_id, k.name, k.role, k.email, k.phone, k.preferred_channel, k.is_main, k.note, k.version, k.created_at, k.updated_at,
           (select max(a.attempted_at) from contact_attempts a where a.tenant_id = ${scope.tenantId} and a.contact_id = k.id) as last_attempt_at
      from contacts k
     where k.tenant_id = ${scope.tenantId} and k.deleted_at is null and ${condition}
     order by k.is_main desc, lower(k.name), k.id`.execute(scope.db)
  return rows
}

export async function listContacts(scope: Scope, customerId: number) {
  await requireCustomer(scope, customerId)
  return { items: await read(scope, sql`k.customer_id = ${customerId}`) }
}

export async function addContact(scope: Scope, customerId: number, input: Input) {
  await requireCustomer(scope, customerId)
  const known = await read(scope, sql`k.customer_id = ${customerId}`)
  if (known.length >= CONTACTS_MAX)
    throw new Refusal(
      409,
      'too_many_contacts',
      `A customer has at most ${CONTACTS_MAX} people. Remove some first.`,
    )
  // The first one is whom to ask first.
  const isMain = input.is_main || known.length === 0
  if (isMain) await onlyMain(scope, customerId)
  const { id } = await scope.db
    .insertInto('contacts')
    .values({
      ...input,
      is_main: isMain,
      customer_id: customerId,
      created_at: scope.now,
      updated_at: scope.now,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await scope.record('customer.contact_added', customerId, { contact_id: id, name: input.name })
  return (await read(scope, sql`k.id = ${id}`))[0]!
}

const onlyMain = (scope: Scope, customerId: number) =>
  scope.db
    .updateTable('contacts')
    .set({ is_main: false })
    .where('customer_id', '=', customerId)
    .where('is_main', '=', true)
    .execute()

/** A contact whose customer the caller sees, in the version they have seen; locked, so that of two edits the second is told. */
async function requireContact(scope: Scope, http: Http, id: number): Promise<Row> {
  const locked = await scope.db
    .selectFrom('contacts')
    .select('customer_id')
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .forUpdate()
    .executeTakeFirst()
  if (!locked) throw notFound('This contact')
  await requireCustomer(scope, locked.customer_id).catch((error) => {
    throw error instanceof Refusal && error.status === 404 ? notFound('This contact') : error
  })
  const contact = (await read(scope, sql`k.id = ${id}`))[0]!
  expectVersion(http, contact)
  return contact
}

export async function changeContact(scope: Scope, http: Http, id: number, input: Input) {
  const before = await requireContact(scope, http, id)
  const changed = (Object.keys(input) as (keyof Input)[]).filter((key) => input[key] !== before[key])
  if (changed.length === 0) return before
  if (input.is_main && !before.is_main) await onlyMain(scope, before.customer_id)
  await scope.db
    .updateTable('contacts')
    .set({ ...input, version: before.version + 1, updated_at: scope.now })
    .where('id', '=', id)
    .execute()
  await scope.record('customer.contact_changed', before.customer_id, {
    contact_id: id,
    name: input.name,
    ...Object.fromEntries(changed.map((key) => [key, [before[key], input[key]]])),
  })
  return (await read(scope, sql`k.id = ${id}`))[0]!
}

export async function removeContact(scope: Scope, http: Http, id: number) {
  const before = await requireContact(scope, http, id)
  await scope.db
    .updateTable('contacts')
    .set({ deleted_at: scope.now, is_main: false, version: before.version + 1 })
    .where('id', '=', id)
    .execute()
  await scope.record('customer.contact_removed', before.customer_id, { contact_id: id, name: before.name })
  return before
}
