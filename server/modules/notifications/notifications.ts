import { sql } from 'kysely'
import { notFound } from '../../core/errors.ts'
import { cut, paged } from '../../core/schema.ts'
import type { Scope } from '../../core/scope.ts'
import { type NotificationKind, notificationKinds, sentenceOf } from './kinds.ts'
import type { Notification, NotificationQuery } from './schemas.ts'

export type Told = {
  user_ids: readonly number[]
  kind: NotificationKind
  /** What it is about; of anything else than an invoice or a customer, `data.invoice_id` and `data.customer_id` say which. */
  subject: string
  subject_id: number | null
  data?: Record<string, unknown>
  text?: string
}

/**
 * Tells people something, in the transaction of what they are told: never the one who did it, nor those who do not want to hear of
 * this kind, or are not in the organisation. Their pages hear of it at commit.
 */
export async function notify(
  scope: Scope,
  { user_ids, kind, subject, subject_id, data = {}, text }: Told,
): Promise<void> {
  const to = [...new Set(user_ids)].filter((id) => id !== scope.userId && id > 0)
  if (to.length === 0) return
  const idOf = (noun: string) =>
    subject === noun ? subject_id : typeof data[`${noun}_id`] === 'number' ? data[`${noun}_id`] : null
  const words = cut(text ?? sentenceOf(kind, data), 1000)
  await sql`
    with told as (
      insert into notifications (tenant_id, user_id, kind, sender_id, subject, subject_id, customer_id, invoice_id, text, data, created_at)
      select ${scope.tenantId}, m.user_id, ${kind}, ${scope.userId > 0 ? scope.userId : null}, ${subject}, ${subject_id},
             ${idOf('customer')}, ${idOf('invoice')}, ${words}, ${JSON.stringify(data)}::jsonb, ${scope.now}
        from memberships m
        left join notification_preferences p on p.tenant_id = ${scope.tenantId} and p.user_id = m.user_id
       where m.tenant_id = ${scope.tenantId} and m.is_active and m.user_id = any(${to}) and not (${kind} = any(coalesce(p.muted, '{}')))
      returning id, user_id
    )
    select pg_notify('duebook', json_build_object('tenant_id', ${scope.tenantId}::bigint, 'id', null, 'kind', 'notification.received',
      'subject', 'notification', 'subject_id', id, 'user_id', user_id)::text) from told`.execute(scope.db)
}

/** Told of an invoice or a customer that one does not see any more: not told. */
const visible = (scope: Scope) => sql`(
  (n.customer_id is null or exists (select from invoices i where i.tenant_id = ${scope.tenantId} and i.customer_id = n.customer_id and not i.retracted))
  and (n.invoice_id is null or exists (select from invoices i where i.tenant_id = ${scope.tenantId} and i.id = n.invoice_id and not i.retracted)))`
const own = (scope: Scope) =>
  sql`n.tenant_id = ${scope.tenantId} and n.user_id = ${scope.userId} and ${visible(scope)}`

async function read(
  scope: Scope,
  where: ReturnType<typeof sql>,
  paging: { page: number; page_size: number },
) {
  const { rows } = await sql<Notification>`
    select n.id, n.kind, case when u.id is not null then json_build_object('id', u.id, 'full_name', coalesce(nullif(u.full_name, ''), u.username)) end as sender,
           n.subject, n.subject_id, n.customer_id, n.invoice_id, n.text, n.data, n.created_at, n.read_at
      from notifications n left join users u on u.id = n.sender_id
     where ${own(scope)} and ${where}
     order by n.id desc limit ${paging.page_size} offset ${(paging.page - 1) * paging.page_size}`.execute(
    scope.db,
  )
  return rows
}

/** What one was told, newest first. */
export async function listNotifications(scope: Scope, query: NotificationQuery) {
  const where = sql`${query.unread === undefined ? sql`true` : query.unread ? sql`n.read_at is null` : sql`n.read_at is not null`}
    ${query.kind ? sql`and n.kind = ${query.kind}` : sql``}`
  const [items, { rows }] = await Promise.all([
    read(scope, where, query),
    sql<{ total: number; unread: number }>`
      select count(*) filter (where ${where})::int as total, count(*) filter (where n.read_at is null)::int as unread
        from notifications n where ${own(scope)}`.execute(scope.db),
  ])
  const { total, unread } = rows[0]!
  return { ...paged(items, total, query), unread }
}

export async function countUnread(scope: Scope) {
  const { rows } = await sql<{ unread: number }>`
    select count(*)::int as unread from notifications n where ${own(scope)} and n.read_at is null`.execute(
    scope.db,
  )
  return rows[0]!
}

/** Read, or to be read again. */
export async function markRead(scope: Scope, id: number, isRead: boolean) {
  const [known] = await read(scope, sql`n.id = ${id}`, { page: 1, page_size: 1 })
  if (!known) throw notFound('This notification')
  if ((known.read_at !== null) !== isRead) await mark(scope, sql`n.id = ${id}`, isRead)
  return (await read(scope, sql`n.id = ${id}`, { page: 1, page_size: 1 }))[0]!
}

export async function markAllRead(scope: Scope) {
  await mark(scope, sql`n.read_at is null`, true)
  return countUnread(scope)
}

/** Their other windows follow. Nobody's history but one's own, so no event of the organisation. */
async function mark(scope: Scope, which: ReturnType<typeof sql>, isRead: boolean) {
  await sql`
    with marked as (
      update notifications n set read_at = ${isRead ? scope.now : null}
       where n.tenant_id = ${scope.tenantId} and n.user_id = ${scope.userId} and ${which}
      returning n.id
    )
    select pg_notify('duebook', json_build_object('tenant_id', ${scope.tenantId}::bigint, 'id', null, 'kind', 'notification.read',
      'subject', 'notification', 'subject_id', max(id), 'user_id', ${scope.userId}::bigint)::text) from marked having count(*) > 0`.execute(
    scope.db,
  )
}

export async function getPreferences(scope: Scope) {
  const row = await scope.db
    .selectFrom('notification_preferences')
    .select('muted')
    .where('user_id', '=', scope.userId)
    .executeTakeFirst()
  const muted = new Set(row?.muted ?? [])
  return { kinds: notificationKinds.map((kind) => ({ kind, on: !muted.has(kind) })) }
}

export async function setPreferences(scope: Scope, muted: readonly NotificationKind[]) {
  const kinds = [...new Set(muted)]
  await scope.db
    .insertInto('notification_preferences')
    .values({ user_id: scope.userId, muted: kinds })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'user_id']).doUpdateSet({ muted: kinds }))
    .execute()
  return getPreferences(scope)
}
