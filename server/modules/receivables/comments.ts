import { sql } from 'kysely'
import { expectVersion, type Http } from '../../core/api.ts'
import { forbidden, notFound, Refusal } from '../../core/errors.ts'
import type { Scope } from '../../core/scope.ts'
import { requireInvoice } from './invoice.ts'

type Row = {
  id: number
  invoice_id: number
  user: { id: number; full_name: string } | null
  body: string
  version: number
  created_at: string
  edited_at: string | null
  is_deleted: boolean
  is_own: boolean
}

/** Comments in the order in which they were written; of a deleted one its place remains. */
async function read(scope: Scope, condition: ReturnType<typeof sql>): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select k.id, k.invoice_id, json_build_object('id', u.id, 'full_name', coalesce(nullif(u.full_name, ''), u.username)) as user,
           case when k.deleted_at is null then k.body else '' end as body, k.version, k.created_at, k.edited_at,
           k.deleted_at is not null as is_deleted, k.user_id = ${scope.userId} as is_own
      from invoice_comments k join users u on u.id = k.user_id
     where k.tenant_id = ${scope.tenantId} and ${condition} order by k.id`.execute(scope.db)
  return rows
}

export async function listComments(scope: Scope, invoiceId: number) {
  await requireInvoice(scope, invoiceId)
  return { items: await read(scope, sql`k.invoice_id = ${invoiceId}`) }
}

export async function addComment(scope: Scope, invoiceId: number, body: string) {
  await requireInvoice(scope, invoiceId)
  const { id } = await scope.db
    .insertInto('invoice_comments')
    .values({ invoice_id: invoiceId, user_id: scope.userId, body, created_at: scope.now })
    .returning('id')
    .executeTakeFirstOrThrow()
  await scope.record('invoice.commented', invoiceId, { comment_id: id })
  return (await read(scope, sql`k.id = ${id}`))[0]!
}

/** One's own comment that still stands, in the version the caller has seen. */
async function ownComment(scope: Scope, http: Http, id: number): Promise<Row> {
  // Locked, so that of two edits of one version the second is told.
  const locked = await scope.db
    .selectFrom('invoice_comments')
    .select('invoice_id')
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (!locked) throw notFound('This comment')
  await requireInvoice(scope, locked.invoice_id!).catch((error) => {
    throw error instanceof Refusal && error.status === 404 ? notFound('This comment') : error
  })
  const comment = (await read(scope, sql`k.id = ${id}`))[0]!
  if (!comment.is_own) throw forbidden('Only who wrote a comment can change or delete it.')
  if (comment.is_deleted) throw new Refusal(409, 'comment_deleted', 'This comment was deleted already.')
  expectVersion(http, comment)
  return comment
}

/** What it said before stays in the history of the invoice. */
export async function editComment(scope: Scope, http: Http, id: number, body: string) {
  const before = await ownComment(scope, http, id)
  if (before.body === body) return before
  await scope.db
    .updateTable('invoice_comments')
    .set({ body, version: before.version + 1, edited_at: scope.now })
    .where('id', '=', id)
    .execute()
  await scope.record('invoice.comment_edited', before.invoice_id, {
    comment_id: id,
    before: before.body,
    after: body,
  })
  return (await read(scope, sql`k.id = ${id}`))[0]!
}

export async function deleteComment(scope: Scope, http: Http, id: number) {
  const before = await ownComment(scope, http, id)
  await scope.db
    .updateTable('invoice_comments')
    .set({ version: before.version + 1, deleted_at: scope.now })
    .where('id', '=', id)
    .execute()
  await scope.record('invoice.comment_deleted', before.invoice_id, { comment_id: id, before: before.body })
  return (await read(scope, sql`k.id = ${id}`))[0]!
}
