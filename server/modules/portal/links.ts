import { sql } from 'kysely'
import { randomToken, sha256 } from '../../core/crypto.ts'
import { notFound, Refusal } from '../../core/errors.ts'
import type { Scope, SystemScope } from '../../core/scope.ts'
import { requireCustomer } from '../receivables/customer.ts'
import type { LinkInput } from './schemas.ts'
import { isPart } from './statement.ts'

const DAY_MS = 86_400_000
/** Opened again within this time it is the same visit. */
const VISIT_MS = 30 * 60_000

type Row = {
  id: number
  customer_id: number
  currency: string | null
  note: string | null
  state: 'open' | 'expired' | 'revoked'
  created_by: { id: number; full_name: string } | null
  created_at: string
  expires_at: string
  opened_count: number
  last_opened_at: string | null
}

async function read(scope: Scope, where: ReturnType<typeof sql>): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select l.id, l.customer_id, l.currency, l.note, l.created_at, l.expires_at, l.opened_count, l.last_opened_at,
           case when l.revoked_at is not null then 'revoked' when l.expires_at <= ${scope.now} then 'expired' else 'open' end as state,
           case when u.id is not null then json_build_object('id', u.id, 'full_name', coalesce(nullif(u.full_name, ''), u.username)) end as created_by
      from statement_links l left join users u on u.id = l.created_by
     where l.tenant_id = ${scope.tenantId} and ${where}
     order by l.id desc limit 100`.execute(scope.db)
  return rows
}

/** Shown once, to whoever passes it on: only the digest of its token stays here. */
export async function makeLink(scope: Scope, customerId: number, input: LinkInput, publicUrl: string) {
  await requireCustomer(scope, customerId)
  // The link shows all of the account, so whoever sees a part of it could read the rest by making one.
  if (await isPart(scope, customerId))
    throw new Refusal(
      403,
      'part_of_account',
      'You see a part of this account, and the link would show all of it. Ask somebody who sees the whole account.',
    )
  // The organisation's number leads, so that the link can be looked up behind its wall.
  const token = `${scope.tenantId}.${randomToken()}`
  const { id } = await scope.db
    .insertInto('statement_links')
    .values({
      customer_id: customerId,
      currency: input.currency ?? null,
      note: input.note ?? null,
      token_hash: sha256(token),
      created_by: scope.userId > 0 ? scope.userId : null,
      created_at: scope.now,
      expires_at: new Date(scope.now.getTime() + input.days * DAY_MS),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await scope.record('statement_link.made', id, {
    customer_id: customerId,
    days: input.days,
    ...(input.currency ? { currency: input.currency } : {}),
  })
  const [made] = await read(scope, sql`l.id = ${id}`)
  return { ...made!, link: `${publicUrl}/p/${token}` }
}

export async function listLinks(scope: Scope, customerId: number) {
  await requireCustomer(scope, customerId)
  return { items: await read(scope, sql`l.customer_id = ${customerId}`) }
}

export async function revokeLink(scope: Scope, id: number) {
  const [link] = await read(scope, sql`l.id = ${id}`)
  if (!link) throw notFound('This link')
  await requireCustomer(scope, link.customer_id).catch((error: unknown) => {
    throw error instanceof Refusal ? notFound('This link') : error
  })
  if (link.state !== 'revoked') {
    await scope.db
      .updateTable('statement_links')
      .set({ revoked_at: scope.now, revoked_by: scope.userId })
      .where('id', '=', id)
      .execute()
    await scope.record('statement_link.revoked', id, { customer_id: link.customer_id })
  }
  return (await read(scope, sql`l.id = ${id}`))[0]!
}

export type OpenLink = {
  id: number
  customer_id: number
  currency: string | null
  created_by: number | null
  expires_at: string
  last_opened_at: string | null
}

/** Behind the wall of the link's organisation, as nobody of it. Unknown, expired and revoked are told alike. */
export async function enterByLink(
  system: SystemScope,
  token: string,
): Promise<{ scope: Scope; link: OpenLink }> {
  const gone = new Refusal(
    404,
    'link_gone',
    'This link is not valid any more. Ask whoever sent it for a new one.',
  )
  const tenantId = Number(/^(\d{1,15})\.[A-Za-z0-9_-]{43}$/.exec(token)?.[1] ?? 0)
  const tenant = await system.db
    .selectFrom('tenants')
    .select('id')
    .where('id', '=', tenantId)
    .where('is_active', '=', true)
    .executeTakeFirst()
  if (!tenant) throw gone
  const scope = await system.enter(tenantId)
  const {
    rows: [link],
  } = await sql<OpenLink>`
    select l.id, l.customer_id, l.currency, l.created_by, l.expires_at, l.last_opened_at
      from statement_links l join customers c on c.tenant_id = ${tenantId} and c.id = l.customer_id and not c.retracted
     where l.tenant_id = ${tenantId} and l.token_hash = ${sha256(token)} and l.revoked_at is null and l.expires_at > ${scope.now}`.execute(
    scope.db,
  )
  if (!link) throw gone
  return { scope, link }
}

/** Somebody looks at the page. Programs that fetch the address of a link in a message do not come so far. */
export async function markOpened(scope: Scope, link: OpenLink) {
  const before = link.last_opened_at
  if (before && scope.now.getTime() - new Date(before).getTime() < VISIT_MS) return
  await scope.db
    .updateTable('statement_links')
    .set((expression) => ({
      last_opened_at: scope.now,
      opened_count: expression('opened_count', '+', 1),
    }))
    .where('id', '=', link.id)
    .execute()
  await scope.record('statement_link.opened', link.id, { customer_id: link.customer_id })
}
