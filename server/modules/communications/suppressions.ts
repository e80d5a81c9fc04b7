import { sql } from 'kysely'
import type { z } from 'zod'
import { invalidField, notFound } from '../../core/errors.ts'
import { likeText, paged } from '../../core/schema.ts'
import type { Scope } from '../../core/scope.ts'
import { addressOf, type Kind } from './address.ts'
import type { SuppressionInput, SuppressionQuery } from './schemas.ts'
import { visible } from './visible.ts'

// One list for both ways of writing. An opt-out holds for whoever was reached at the address, by whichever way they are written to.

export type SuppressionReason = 'opted_out' | 'bounced' | 'spam' | 'manual'

/** Puts an address on the list. What somebody asked for outlives what a machine reported of the same address. */
export async function suppress(
  scope: Scope,
  {
    kind,
    address,
    reason,
    source,
    message_id = null,
  }: { kind: Kind; address: string; reason: SuppressionReason; source: string; message_id?: number | null },
): Promise<number> {
  const { rows } = await sql<{ id: number; is_new: boolean }>`
    insert into suppressions as s (tenant_id, kind, address, reason, source, message_id, created_by, since)
    values (${scope.tenantId}, ${kind}, ${address}, ${reason}, ${source}, ${message_id}, ${scope.userId > 0 ? scope.userId : null}, ${scope.now})
    on conflict (tenant_id, kind, address) do update
       set reason = excluded.reason, source = excluded.source, message_id = coalesce(excluded.message_id, s.message_id), created_by = excluded.created_by
     where s.reason <> excluded.reason and array_position(array['bounced', 'spam', 'manual', 'opted_out'], excluded.reason)
           > array_position(array['bounced', 'spam', 'manual', 'opted_out'], s.reason)
    returning id, (xmax = 0) as is_new`.execute(scope.db)
  if (rows[0]) {
    await scope.record(rows[0].is_new ? 'suppression.added' : 'suppression.changed', rows[0].id, {
      kind,
      reason,
      source,
    })
    return rows[0].id
  }
  const { rows: known } = await sql<{ id: number }>`
    select id from suppressions where tenant_id = ${scope.tenantId} and kind = ${kind} and address = ${address}`.execute(
    scope.db,
  )
  return known[0]!.id
}

type Row = {
  id: number
  kind: Kind
  address: string
  reason: SuppressionReason
  source: string
  since: string
  customers: { id: number; name: string }[]
  created_by: { id: number; full_name: string } | null
}

const select = (scope: Scope) => sql`
  select s.id, s.kind, s.address, s.reason, s.source, s.since,
         coalesce((select json_agg(distinct jsonb_build_object('id', c.id, 'name', c.name))
            from messages m join customers c on c.tenant_id = ${scope.tenantId} and c.id = m.customer_id
           where m.tenant_id = ${scope.tenantId} and m.kind = s.kind and m.address = s.address and ${visible(scope)}), '[]') as customers,
         case when u.id is not null then json_build_object('id', u.id, 'full_name', coalesce(nullif(u.full_name, ''), u.username)) end as created_by
    from suppressions s left join users u on u.id = s.created_by
   where s.tenant_id = ${scope.tenantId} and ${known(scope)}`

/** Who sees a part of the organisation sees the addresses they wrote to. */
const known = (scope: Scope) =>
  scope.actor.row_access === 'all' || scope.actor.sees_all_outlets
    ? sql`true`
    : sql`(s.created_by = ${scope.userId} or exists (select from messages m where m.tenant_id = ${scope.tenantId} and m.kind = s.kind and m.address = s.address and ${visible(scope)}))`

export async function listSuppressions(scope: Scope, query: z.output<typeof SuppressionQuery>) {
  const where = sql`
    ${query.kind ? sql`and s.kind = ${query.kind}` : sql``} ${query.reason ? sql`and s.reason = ${query.reason}` : sql``}
    ${query.search ? sql`and s.address like ${likeText(query.search.toLowerCase())}` : sql``}`
  const { rows } = await sql<Row>`
    ${select(scope)} ${where} order by s.since desc, s.id desc limit ${query.page_size} offset ${(query.page - 1) * query.page_size}`.execute(
    scope.db,
  )
  const { rows: counts } = await sql<{ count: number }>`
    select count(*)::int as count from suppressions s where s.tenant_id = ${scope.tenantId} and ${known(scope)} ${where}`.execute(
    scope.db,
  )
  return paged(rows, counts[0]!.count, query)
}

const read = async (scope: Scope, id: number) => {
  const { rows } = await sql<Row>`${select(scope)} and s.id = ${id}`.execute(scope.db)
  if (!rows[0]) throw notFound('This address')
  return rows[0]
}

export async function addSuppression(
  scope: Scope,
  { kind, address: given, note }: z.output<typeof SuppressionInput>,
) {
  const address = addressOf(kind, given, scope.tenant.country)
  if (!address)
    throw invalidField(
      'address',
      kind === 'email' ? 'Enter an e-mail address such as name@example.com.' : 'Enter a mobile number.',
    )
  return read(scope, await suppress(scope, { kind, address, reason: 'manual', source: note ?? '' }))
}

/** Somebody changed their mind, or the mailbox is back. Who opted out by themselves is asked first: the event says who lifted it. */
export async function liftSuppression(scope: Scope, id: number) {
  const row = await read(scope, id)
  await sql`delete from suppressions where tenant_id = ${scope.tenantId} and id = ${id}`.execute(scope.db)
  await scope.record('suppression.lifted', id, { kind: row.kind, reason: row.reason })
}
