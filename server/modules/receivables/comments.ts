import { sql } from 'kysely'
import { expectVersion, type Http } from '../../core/api.ts'
import { forbidden, invalidField, notFound, Refusal } from '../../core/errors.ts'
import { cut } from '../../core/schema.ts'
import type { Scope } from '../../core/scope.ts'
import { notify } from '../notifications/notifications.ts'
import { requireCustomer } from './customer.ts'
import { requireInvoice } from './invoice.ts'
import { called } from './rules.ts'
import { type Member, whoSees } from './who-sees.ts'

type Person = { id: number; full_name: string }
type Row = {
  id: number
  invoice_id: number | null
  customer_id: number | null
  user: Person | null
  body: string
  /** Who is called by @name in it. */
  mentions: (Person & { username: string })[]
  version: number
  created_at: string
  edited_at: string | null
  is_deleted: boolean
  is_own: boolean
}
/** What a comment is about. */
export type About = { invoice_id: number } | { customer_id: number }

/** Comments in the order in which they were written; of a deleted one its place remains. */
async function read(scope: Scope, condition: ReturnType<typeof sql>): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select k.id, k.invoice_id, k.customer_id, json_build_object('id', u.id, 'full_name', coalesce(nullif(u.full_name, ''), u.username)) as user,
           case when k.deleted_at is null then k.body else '' end as body,
           case when k.deleted_at is null then coalesce((
             select json_agg(json_build_object('id', p.id, 'full_name', coalesce(nullif(p.full_name, ''), p.username), 'username', p.username) order by p.id)
               from users p join memberships m on m.tenant_id = ${scope.tenantId} and m.user_id = p.id where p.id = any(k.mentions)), '[]')
                else '[]' end as mentions,
           k.version, k.created_at, k.edited_at, k.deleted_at is not null as is_deleted, k.user_id = ${scope.userId} as is_own
      from invoice_comments k join users u on u.id = k.user_id
     where k.tenant_id = ${scope.tenantId} and ${condition} order by k.id`.execute(scope.db)
  return rows
}

const requireAbout = async (scope: Scope, about: About): Promise<string> =>
  'invoice_id' in about
    ? `invoice ${(await requireInvoice(scope, about.invoice_id)).number}`
    : (await requireCustomer(scope, about.customer_id)).name
const aboutOf = ({ invoice_id, customer_id }: Pick<Row, 'invoice_id' | 'customer_id'>): About =>
  invoice_id !== null ? { invoice_id } : { customer_id: customer_id! }
const isAbout = (about: About) =>
  'invoice_id' in about ? sql`k.invoice_id = ${about.invoice_id}` : sql`k.customer_id = ${about.customer_id}`
const record = (scope: Scope, about: About, what: string, data: Record<string, unknown>) =>
  'invoice_id' in about
    ? scope.record(`invoice.${what}`, about.invoice_id, data)
    : scope.record(`customer.${what}`, about.customer_id, data)

export async function listComments(scope: Scope, about: About) {
  await requireAbout(scope, about)
  return { items: await read(scope, isAbout(about)) }
}

/** Colleagues whom a comment on an invoice can call by name. */
export async function listMentionable(scope: Scope, invoiceId: number) {
  await requireInvoice(scope, invoiceId)
  return { items: await whoSees(scope, { invoice_id: invoiceId }) }
}

/**
 * Whom the words call by @name. A colleague who does not see what the comment is about would not hear of it: refused, rather than
 * let somebody believe that they were told.
 */
async function mentionsOf(scope: Scope, about: About, body: string): Promise<Member[]> {
  const names = called(body)
  if (names.length === 0) return []
  const { rows: members } = await sql<Member>`
    select u.id, u.username, coalesce(nullif(u.full_name, ''), u.username) as full_name
      from users u join memberships m on m.tenant_id = ${scope.tenantId} and m.user_id = u.id and m.is_active
     where u.deleted_at is null and lower(u.username) = any(${names})`.execute(scope.db)
  // Other words after an @ are words.
  if (members.length === 0) return []
  const seeing = new Set((await whoSees(scope, about)).map(({ id }) => id))
  const blind = members.filter(({ id }) => !seeing.has(id) && id !== scope.userId)
  if (blind.length > 0)
    throw invalidField(
      'body',
      `${blind.map(({ full_name }) => full_name).join(', ')} cannot see this and would not be told. Take the @ away, or have it assigned to them first.`,
      'mention_not_visible',
    )
  return members
}

const tell = async (scope: Scope, about: About, named: string, body: string, to: number[]) =>
  notify(scope, {
    user_ids: to,
    kind: 'mention',
    subject: 'invoice_id' in about ? 'invoice' : 'customer',
    subject_id: 'invoice_id' in about ? about.invoice_id : about.customer_id,
    data: {
      excerpt: cut(body, 200),
      ...('invoice_id' in about ? { invoice_number: named.replace(/^invoice /, '') } : { customer: named }),
    },
  })

export async function addComment(scope: Scope, about: About, body: string) {
  const named = await requireAbout(scope, about)
  const mentions = (await mentionsOf(scope, about, body)).map(({ id }) => id)
  const { id } = await scope.db
    .insertInto('invoice_comments')
    .values({ ...about, user_id: scope.userId, body, mentions, created_at: scope.now })
    .returning('id')
    .executeTakeFirstOrThrow()
  await record(scope, about, 'commented', { comment_id: id })
  await tell(scope, about, named, body, mentions)
  return (await read(scope, sql`k.id = ${id}`))[0]!
}

/** A comment on what the caller sees. Locked, so that of two edits of one version the second is told. */
async function requireComment(scope: Scope, id: number, lock = true): Promise<Row> {
  if (lock)
    await scope.db.selectFrom('invoice_comments').select('id').where('id', '=', id).forUpdate().execute()
  const [comment] = await read(scope, sql`k.id = ${id}`)
  if (!comment) throw notFound('This comment')
  await requireAbout(scope, aboutOf(comment)).catch((error) => {
    throw error instanceof Refusal && error.status === 404 ? notFound('This comment') : error
  })
  return comment
}

/** One's own comment that still stands, in the version the caller has seen. */
async function ownComment(scope: Scope, http: Http, id: number): Promise<Row> {
  const comment = await requireComment(scope, id)
  if (!comment.is_own) throw forbidden('Only who wrote a comment can change or delete it.')
  if (comment.is_deleted) throw new Refusal(409, 'comment_deleted', 'This comment was deleted already.')
  expectVersion(http, comment)
  return comment
}

/** What it said before stays readable. Who is called by name only now is told now. */
export async function editComment(scope: Scope, http: Http, id: number, body: string) {
  const before = await ownComment(scope, http, id)
  if (before.body === body) return before
  const about = aboutOf(before)
  const mentions = (await mentionsOf(scope, about, body)).map((each) => each.id)
  await scope.db
    .updateTable('invoice_comments')
    .set({ body, mentions, version: before.version + 1, edited_at: scope.now })
    .where('id', '=', id)
    .execute()
  await record(scope, about, 'comment_edited', { comment_id: id, before: before.body, after: body })
  const known = new Set(before.mentions.map((each) => each.id))
  const fresh = mentions.filter((each) => !known.has(each))
  if (fresh.length > 0) await tell(scope, about, await requireAbout(scope, about), body, fresh)
  return (await read(scope, sql`k.id = ${id}`))[0]!
}

export async function deleteComment(scope: Scope, http: Http, id: number) {
  const before = await ownComment(scope, http, id)
  await scope.db
    .updateTable('invoice_comments')
    .set({ version: before.version + 1, deleted_at: scope.now })
    .where('id', '=', id)
    .execute()
  await record(scope, aboutOf(before), 'comment_deleted', { comment_id: id, before: before.body })
  return (await read(scope, sql`k.id = ${id}`))[0]!
}

/** What a comment said, version by version; of a deleted one nothing: its words are in the audit trail alone. */
export async function commentHistory(scope: Scope, id: number) {
  const comment = await requireComment(scope, id, false)
  if (comment.is_deleted) return { items: [] }
  const about = aboutOf(comment)
  const [subject, subjectId] =
    'invoice_id' in about ? ['invoice', about.invoice_id] : ['customer', about.customer_id]
  type Edit = { at: string; user: Person | null; before: string }
  const { rows } = await sql<Edit>`
    select e.at, e.data->>'before' as before,
           case when u.id is not null then json_build_object('id', u.id, 'full_name', coalesce(nullif(u.full_name, ''), u.username)) end as user
      from events e left join users u on u.id = e.user_id
     where e.tenant_id = ${scope.tenantId} and e.subject = ${subject} and e.subject_id = ${subjectId}
       and e.kind like '%.comment_edited' and e.data->'comment_id' = to_jsonb(${id}::bigint)
     order by e.id`.execute(scope.db)
  // Each edit knows what it replaced: its words stood from the edit before.
  const starts = [{ at: comment.created_at, user: comment.user }, ...rows]
  const items = starts.map(({ at, user }, index) => ({
    at,
    user,
    body: rows[index]?.before ?? comment.body,
  }))
  return { items: items.reverse() }
}
